"""Care: W28 (visits and admissions) and J05 (settlements, and medicines bought at pharmacies)."""

from typing import Any

import numpy as np
import pyarrow as pa

from resolver.synthetic import columns as c
from resolver.synthetic import numbers
from resolver.synthetic.economy import CLINIC, HOSPITAL, PHARMACY
from resolver.synthetic.hardship import on_any_list
from resolver.synthetic.insurance_facts import psn_numbers
from resolver.synthetic.lives import RESIDENT, Lives
from resolver.synthetic.timeline import DAY, NEVER, Bools, Floats, Ints

OUTPATIENT, INPATIENT, DRUGSTORE, EMERGENCY, MATERNITY = range(5)
KINDS = ("outpatient", "inpatient", "pharmacy", "emergency", "maternity_inpatient")
STAYS = (INPATIENT, MATERNITY)
E_VOUCHER, ID_CARD, SOCIAL_CARD, FACE = range(4)
_CREDENTIALS = ("e_voucher", "id_card", "social_card", "face")

# Code, name: illnesses, then injuries (S, T), then giving birth, what follows an injury, and what only storylines give.
DIAGNOSES = (
    ("J06.9", "急性上呼吸道感染"), ("I10.x", "高血压病"), ("E11.9", "2型糖尿病"), ("K29.5", "慢性胃炎"),
    ("M54.5", "腰痛"), ("J20.9", "急性支气管炎"), ("I25.1", "冠状动脉粥样硬化性心脏病"), ("I63.9", "脑梗死"),
    ("K80.2", "胆囊结石"), ("N20.0", "肾结石"), ("H25.9", "老年性白内障"), ("C34.9", "肺恶性肿瘤"),
    ("J18.9", "肺炎"), ("L30.9", "皮炎"), ("K02.9", "龋病"),
    ("S52.5", "桡骨下端骨折"), ("S82.2", "胫骨骨折"), ("S06.0", "脑震荡"), ("S22.3", "肋骨骨折"),
    ("T14.0", "软组织挫伤"), ("O80.0", "单胎顺产"), ("Z47.0", "取出骨折内固定装置"),
    ("O20.0", "先兆流产"), ("O32.1", "臀先露"), ("N80.0", "子宫内膜异位症"), ("N40.0", "前列腺增生"),
    ("C61.0", "前列腺恶性肿瘤"), ("P07.3", "早产儿"),
)  # fmt: skip
COLD = 0
FIRST_INJURY, BIRTH, FOLLOW_UP = 15, 20, 21
PREGNANCY, BREECH, ENDOMETRIOSIS, PROSTATE, PROSTATE_CANCER, PREMATURE = range(22, 28)
_LATE_ONLY = (1, 2, 6, 7, 10, 11)  # illnesses that nobody has before thirty
UNSAID = -2
_CAUSES = ("自行摔伤", "家中跌倒", "劳动时碰伤", "运动扭伤", "交通事故")
AT_WORK, TRAFFIC = 2, 4
"""Causes as the patient tells them; only what nobody else did is told unasked."""

VISIT_DEFAULTS = {
    "patient": -1, "begin": 0, "end": -1, "kind": OUTPATIENT, "diagnosis": COLD, "credential": -1, "facility": -1,
    "visited": 1, "settled": 1, "settle": -1, "psn": -1, "cause": -1, "told": -1, "third_party": 0, "advance": 0,
    "total": 0, "planned": 1, "taken_back": 0, "again": 0, "bill": -1,
}  # fmt: skip
"""A planned visit: seconds of begin, end (30 minutes later by default) and settlement; whether W28 and J05 carry it;
the number it is settled under; `told` overrides the period of delivery. An injury without a cause is given one, unless
it is `UNSAID`. Whether the facility declares a third party, and whether the fund paid in advance for one; `total` is
the fee in whole yuan, 0 = drawn. What is planned is taken back only if it says so (`taken_back`), and may be made
`again` so many days later; visits of one `bill` show the first one's."""


def visits(lives: Lives, rng: np.random.Generator) -> dict[str, Ints]:
    """All visits and purchases in columns of `VISIT_DEFAULTS`, in order of time; nobody is in two places at once."""
    planned = _filled(lives, rng)
    rows = c.stacked(_ordinary(lives, rng), _confinements(lives, rng))
    rows = c.stacked(c.selected(rows, _elsewhere_free(rows, planned)), planned)
    _leave_closed_stores(lives, rows)
    _buy_when_closed(lives, rows, rng)
    return c.selected(rows, np.lexsort((rows["patient"], rows["begin"])))


def visit_facts(lives: Lives, rows: dict[str, Ints]) -> pa.Table:
    """W28: what hospitals and clinics report."""
    keys = _visit_keys(lives, rows)
    seen = np.flatnonzero(rows["visited"] > 0)
    pick = c.selected(rows, seen)
    injury = (pick["diagnosis"] >= FIRST_INJURY) & (pick["diagnosis"] < BIRTH)
    cause = np.where(injury & (pick["cause"] == -1), pick["begin"] % TRAFFIC, pick["cause"])
    columns = {
        "patient": pick["patient"],
        "facility": pick["facility"],
        "mdtrt_id": keys.take(pa.array(seen)),
        "facility_code": c.taken(lives.organisations.facility_code, pick["facility"]),
        "med_type": c.words(pick["kind"], KINDS),
        "service_begin": c.moments(pick["begin"]),
        "service_end": c.moments(pick["end"]),
        "diagnosis_code": c.words(pick["diagnosis"], [code for code, _ in DIAGNOSES]),
        "diagnosis_name": c.words(pick["diagnosis"], [name for _, name in DIAGNOSES]),
        "trauma_flag": pa.array(injury),
        "third_party_flag": pa.array(pick["third_party"] > 0),
        "declared_cause": c.words(np.maximum(cause, -1), _CAUSES),
        "credential": c.words(pick["credential"], _CREDENTIALS),
        "discharge_mode": c.words(np.where(np.isin(pick["kind"], STAYS), 0, -1), ("home",)),
        # Whoever is hurt by nobody else says so in writing.
        "accident_declaration": c.taken(keys, np.where(injury & (pick["cause"] == UNSAID), seen, -1)),
        "maternity_type": c.words(np.where(pick["kind"] == MATERNITY, 0, -1), ("birth",)),
        "doctor_no": numbers.prefixed("D", pick["facility"] * 100 + pick["begin"] % 17, 8),
        "op": c.constant("add", len(seen)),
    }
    return c.assemble("W28", _told(lives, pick, pick["end"]), columns, lives.timeline)


def settlement_facts(lives: Lives, rows: dict[str, Ints], rng: np.random.Generator) -> pa.Table:
    """J05: what was paid for, of those who are insured; a few settlements are reversed and made again."""
    keys = _visit_keys(lives, rows)
    paid = np.flatnonzero(rows["settled"] > 0)
    pick = c.selected(rows, paid)
    count = len(paid)
    setl = numbers.prefixed("S", numbers.scattered(2 * count, 10**10, rng), 10)
    taken_back = ((rng.random(count) < 0.003) & (pick["planned"] == 0)) | (pick["taken_back"] > 0)
    reversed_rows, again = np.flatnonzero(taken_back), np.flatnonzero(pick["again"] > 0)
    row = np.concatenate([np.arange(count), reversed_rows, again])
    sign = np.repeat([1.0, -1.0, 1.0], [count, len(reversed_rows), len(again)])
    serial = np.arange(len(row))
    original = np.concatenate([np.full(count, -1), reversed_rows, np.full(len(again), -1)])
    pick = c.selected(pick, row)
    visit = np.where(pick["visited"] > 0, paid[row], -1)
    total, fund, account = _amounts(pick, rng, count, row)
    parts = _parts(lives, pick, total, fund)
    settle = pick["settle"] + np.where(original >= 0, 600, 0)
    settle[count + len(reversed_rows) :] += pick["again"][count + len(reversed_rows) :] * DAY
    bill = np.where(pick["kind"] == DRUGSTORE, -1, _bills_shown(pick["bill"]))
    columns = {
        "patient": pick["patient"],
        "facility": pick["facility"],
        "setl_id": setl.take(pa.array(serial)),
        "mdtrt_id": c.taken(keys, visit),
        "psn_no": psn_numbers(lives).take(pa.array(pick["psn"])),
        "insutype": c.words((lives.scheme[pick["patient"]] == RESIDENT).astype(np.int64), ("310", "390")),
        "insuplc_admdvs": numbers.padded(lives.places.zone[lives.people.place[pick["patient"]]], 6),
        "facility_code": c.taken(lives.organisations.facility_code, pick["facility"]),
        "med_type": c.words(pick["kind"], KINDS),
        "service_begin": c.moments(pick["begin"]),
        "service_end": c.moments(pick["end"]),
        "settle_time": c.moments(settle),
        "total_amount": c.yuan(total * sign),
        "fund_amount": c.yuan(fund * sign),
        "account_amount": c.yuan(account * sign),
        "self_amount": c.yuan((total - fund - account) * sign),
        **{name: c.yuan(amount * sign) for name, amount in parts.items()},
        "personal_amount": c.yuan((total - fund) * sign),
        "reverses": c.taken(setl, original),
        "diagnosis_code": c.words(pick["diagnosis"], [code for code, _ in DIAGNOSES]),
        "trauma_flag": pa.array((pick["diagnosis"] >= FIRST_INJURY) & (pick["diagnosis"] < BIRTH)),
        "advance_flag": pa.array(pick["advance"] > 0),
        # Pharmacies give no bills of the treasury; a settlement taken back has a bill of its own, in red.
        "bill_code": c.taken(
            pa.array(["37060125", "37060126"]), np.where(bill < 0, -1, settle[bill] // DAY // 365 % 2)
        ),
        "bill_no": c.taken(numbers.padded(_bill_serials(len(setl), rng), 10), bill),
        "credential": c.words(pick["credential"], _CREDENTIALS),
        "operator_no": numbers.prefixed("C", pick["facility"] * 10 + pick["begin"] % 5, 8),
        "terminal_no": numbers.prefixed("T", pick["facility"] * 10 + pick["begin"] % 3, 8),
        "op": c.constant("add", len(row)),
    }
    return c.assemble("J05", _told(lives, pick, settle), columns, lives.timeline)


def _bills_shown(shared: Ints) -> Ints:
    """The settlement whose bill each one shows: its own, or that of the first one of a planned bill."""
    _, first, bill = np.unique(shared, return_index=True, return_inverse=True)
    return np.where(shared >= 0, first[bill], np.arange(len(shared)))


def _bill_serials(count: int, rng: np.random.Generator) -> Ints:
    return numbers.scattered(count, 10**10, rng)


def _parts(lives: Lives, rows: dict[str, Ints], total: Floats, fund: Floats) -> dict[str, Floats]:
    """Who of the funds paid what, and which part of the fee lies within the policy; they add up to the fen."""
    helped = (on_any_list(lives) | lives.allowance)[rows["patient"]]
    aid = np.round(np.where(helped, fund * 0.12, 0.0), 2)
    serious = np.round(np.maximum(fund - aid - 15_000, 0.0) * 0.3, 2)
    within = np.round(np.maximum(fund, total * np.where(rows["begin"] % 4 == 0, 0.85, 0.95)), 2).astype(
        np.float64
    )
    return {
        "pooled_amount": (fund - aid - serious).astype(np.float64),
        "serious_illness_amount": serious.astype(np.float64),
        "aid_amount": aid.astype(np.float64),
        "in_scope_amount": within,
        "in_scope_self_amount": within - fund,
        "out_scope_amount": total - within,
    }


def _elsewhere_free(rows: dict[str, Ints], planned: dict[str, Ints]) -> Bools:
    """Which rows lie outside every other stay of the same person, the planned ones included."""
    count = len(rows["begin"])
    every = c.stacked(rows, planned)
    stays = np.isin(every["kind"], STAYS)
    is_planned = np.arange(len(every["begin"])) >= count
    # A planned stay counts from the day before to the day after; persons are set far apart on one line of time.
    span = np.int64(1) << 33
    line = every["patient"] * span
    begin = line + every["begin"]
    margin = np.where(is_planned, 2 * DAY, 0)
    order = np.lexsort((begin, every["patient"]))
    until = np.where(stays, line + every["end"] + margin, line)[order]
    before = np.r_[0, np.maximum.accumulate(until)[:-1]]
    inside = np.zeros(len(begin), bool)
    inside[order] = begin[order] <= before
    # What begins before a planned visit of the same person must end before it, too.
    ends = line + every["end"]
    for starts in (np.sort((begin - margin)[is_planned & stays]), np.sort(begin[is_planned])):
        if len(starts):
            nxt = starts[np.minimum(np.searchsorted(starts, begin), len(starts) - 1)]
            inside |= ~is_planned & (nxt >= begin) & (nxt <= ends)
    free: Bools = ~inside[:count]
    return free


def _confinements(lives: Lives, rng: np.random.Generator) -> dict[str, Ints]:
    """A stay in hospital for each birth of the last year whose mother is insured."""
    people, timeline = lives.people, lives.timeline
    born = (
        (people.mother >= 0)
        & (people.birth > timeline.end(0) - 300)
        & (people.birth <= timeline.reference - 5)
    )
    child = np.flatnonzero(born)
    _, first = np.unique(people.mother[child], return_index=True)  # twins are born in one stay
    child = child[first]
    mother = people.mother[child]
    alive = (people.death[mother] == NEVER) & lives.enrolled[mother] & lives.visits[mother]
    alive &= (lives.enrol_start[mother] < people.birth[child] - 5) & (lives.enrol_end[mother] == NEVER)
    mother, day = mother[alive], people.birth[child[alive]]
    rows = c.planned_columns([], VISIT_DEFAULTS)
    count = len(mother)
    rows = {name: np.full(count, VISIT_DEFAULTS[name], np.int64) for name in rows}
    rows |= {"planned": np.zeros(count, np.int64)}
    rows |= {"patient": mother, "psn": mother, "begin": day * DAY - rng.integers(3600, 18 * 3600, count)}
    rows |= {
        "end": (day + 3) * DAY + 36_000,
        "kind": np.full(count, MATERNITY),
        "diagnosis": np.full(count, BIRTH),
    }
    rows["settle"] = rows["end"] + 300
    rows["credential"] = rng.integers(0, FACE, count)
    rows["facility"] = _facilities(lives, rows["kind"], rng)
    return rows


def _told(lives: Lives, rows: dict[str, Ints], second: Ints) -> Ints:
    return np.where(rows["told"] >= 0, rows["told"], lives.timeline.period_of(second // DAY))


def _visit_keys(lives: Lives, rows: dict[str, Ints]) -> pa.Array:
    rng = np.random.default_rng([lives.people.count, 28])
    return numbers.prefixed("M", numbers.scattered(len(rows["begin"]), 10**10, rng), 10)


def _amounts(rows: dict[str, Ints], rng: np.random.Generator, count: int, row: Ints) -> tuple[Any, Any, Any]:
    base = np.array([180.0, 7800.0, 95.0, 420.0, 5200.0])[rows["kind"]]
    total = np.round(base * rng.lognormal(0, 0.6, count)[row], 2)
    total = np.where(rows["total"] > 0, rows["total"].astype(np.float64), total)
    share = np.array([0.45, 0.65, 0.0, 0.5, 0.7])[rows["kind"]]
    fund = np.round(total * share, 2)
    account = np.round((total - fund) * rng.choice([0.0, 0.5, 1.0], count)[row], 2)
    return total, fund, account


def _ordinary(lives: Lives, rng: np.random.Generator) -> dict[str, Ints]:
    timeline = lives.timeline
    opening = timeline.end(0) - 364
    days = timeline.reference - opening + 1
    years = days / 365.0
    age = lives.people.age(timeline.reference)
    rate = 1.36 * np.where(age < 6, 1.5, np.where(age > 60, 1.6, 0.75)) / 1.03
    visited = _draw(lives, rng.poisson(rate * years), (opening, days), rng)
    bought = _draw(lives, rng.poisson(0.92 * np.minimum(rate, 1.2) * years), (opening, days), rng)
    count, total = len(visited["begin"]), len(visited["begin"]) + len(bought["begin"])
    rows = {name: np.concatenate([visited[name], bought[name]]) for name in visited}
    is_visit = np.arange(total) < count
    kind = rng.choice(3, total, p=[0.76, 0.18, 0.06])
    rows["kind"] = np.where(is_visit, np.array([OUTPATIENT, INPATIENT, EMERGENCY])[kind], DRUGSTORE)
    stay = np.where(
        rows["kind"] == INPATIENT, rng.integers(2 * DAY, 13 * DAY, total), rng.integers(900, 9000, total)
    )
    rows["end"] = rows["begin"] + np.where(rows["kind"] == DRUGSTORE, 0, stay)
    overnight = (rows["kind"] == INPATIENT) & (rng.random(total) < 0.4)
    rows["settle"] = rows["end"] + np.where(overnight, rng.integers(DAY // 2, 2 * DAY, total), 300)
    weights = 1.0 / (np.arange(BIRTH) + 3.0)
    rows["diagnosis"] = rng.choice(BIRTH, total, p=weights / weights.sum())
    early = (age[rows["patient"]] < 30) & np.isin(rows["diagnosis"], _LATE_ONLY)
    rows["diagnosis"] = np.where(early, COLD, rows["diagnosis"])
    rows["diagnosis"] = np.where(rows["kind"] == DRUGSTORE, -1, rows["diagnosis"])
    rows["credential"] = rng.choice(4, total, p=[0.45, 0.1, 0.35, 0.1])
    rows["facility"] = _facilities(lives, rows["kind"], rng)
    insured = lives.enrolled & (lives.scheme > 0)
    patient, day = rows["patient"], rows["begin"] // DAY
    covered = (
        insured[patient]
        & (lives.enrol_start[patient] <= day)
        & (rows["end"] // DAY <= lives.enrol_end[patient])
    )
    rows["visited"] = is_visit.astype(np.int64)
    rows["settled"] = (covered & (~is_visit | (rng.random(total) < 0.97))).astype(np.int64)
    second = lives.second_number[patient] & (rng.random(total) < 0.4)
    rows["psn"] = np.where(second, lives.people.count + patient, patient)
    rows["cause"] = np.full(total, UNSAID, np.int64)
    rows["told"], rows["bill"] = np.full((2, total), -1, np.int64)
    rows |= {
        name: np.zeros(total, np.int64)
        for name in ("third_party", "advance", "total", "planned", "taken_back", "again")
    }
    closing = np.minimum(lives.recorded_death, lives.people.death)[patient]
    keep = (rows["end"] // DAY < closing) & (day > lives.people.birth[patient])
    keep &= (rows["visited"] > 0) | (rows["settled"] > 0)
    return c.selected(rows, keep)


def _draw(lives: Lives, counts: Ints, window: tuple[int, int], rng: np.random.Generator) -> dict[str, Ints]:
    """So many moments for each person, in office hours of the window's days."""
    patient = np.repeat(np.arange(lives.people.count), counts * lives.visits)
    day = window[0] + rng.integers(0, window[1], len(patient))
    second = rng.integers(7 * 3600, 20 * 3600, len(patient))
    return {"patient": patient, "begin": day * DAY + second}


def _facilities(lives: Lives, kind: Ints, rng: np.random.Generator) -> Ints:
    organisations = lives.organisations
    hospitals, clinics = organisations.of_kind(HOSPITAL), organisations.of_kind(CLINIC)
    stores = organisations.of_kind(PHARMACY)
    trade = organisations.trade[stores] / organisations.trade.sum()
    count = len(kind)
    at_clinic = (kind == OUTPATIENT) & (rng.random(count) < 0.35)
    ward = hospitals[rng.integers(len(hospitals), size=count)]
    clinic = clinics[rng.integers(len(clinics), size=count)]
    store = rng.choice(stores, count, p=trade)
    return np.where(kind == DRUGSTORE, store, np.where(at_clinic, clinic, ward))


def _leave_closed_stores(lives: Lives, rows: dict[str, Ints]) -> None:
    """Whoever bought at a pharmacy that has closed goes to another one."""
    closed = [row["pharmacy"] for row in lives.planned["closed_stores"]]
    others = np.setdiff1d(lives.organisations.of_kind(PHARMACY), closed)
    for number, row in enumerate(lives.planned["closed_stores"]):
        late = (rows["facility"] == row["pharmacy"]) & (rows["begin"] // DAY > row["day"])
        rows["facility"][late] = others[number % len(others)]


def _buy_when_closed(lives: Lives, rows: dict[str, Ints], rng: np.random.Generator) -> None:
    """Three ordinary purchases at each pharmacy that sells on after its licence ended, before its case shows."""
    sold = np.flatnonzero((rows["kind"] == DRUGSTORE) & (rows["settled"] > 0) & (rows["planned"] == 0))
    sold = sold[np.argsort(rows["begin"][sold], kind="stable")]
    days = rows["begin"][sold] // DAY
    for plan in lives.planned["sells_on"]:
        first, last = np.searchsorted(days, [plan["day"] + 1, plan["until"] + 1])
        chosen = sold[first:last]
        rows["facility"][rng.choice(chosen, min(3, len(chosen)), replace=False)] = plan["pharmacy"]


def _filled(lives: Lives, rng: np.random.Generator) -> dict[str, Ints]:
    """Planned visits with everything they left open."""
    rows = c.planned_columns(lives.planned["visits"], VISIT_DEFAULTS)
    count = len(rows["begin"])
    rows["end"] = np.where(rows["end"] >= 0, rows["end"], rows["begin"] + 1800)
    rows["settle"] = np.where(rows["settle"] >= 0, rows["settle"], rows["end"] + 300)
    rows["credential"] = np.where(rows["credential"] >= 0, rows["credential"], rng.integers(0, FACE, count))
    rows["facility"] = np.where(
        rows["facility"] >= 0, rows["facility"], _facilities(lives, rows["kind"], rng)
    )
    rows["psn"] = np.where(rows["psn"] >= 0, rows["psn"], rows["patient"])
    rows["diagnosis"] = np.where(rows["kind"] == DRUGSTORE, -1, rows["diagnosis"])
    return rows
