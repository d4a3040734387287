"""Enrolment and contributions: W29 (insured spells), W11 (contribution bases), W12 (pensions paid)."""

import numpy as np
import pyarrow as pa

from resolver.synthetic import columns as c
from resolver.synthetic import numbers
from resolver.synthetic.lives import (
    EMPLOYEE,
    ORDINARY,
    PERSON_TYPES,
    RESIDENT,
    RETIRED,
    STUDENT,
    WORKING,
    Lives,
)
from resolver.synthetic.timeline import NEVER, NO_MONTH, Floats, Ints, month_of, year_of

NORMAL, PAUSED, ENDED = range(3)
_STATUSES = ("normal", "paused", "ended")
SPELL_DEFAULTS = {
    "person": -1, "psn": -1, "scheme": RESIDENT, "type": ORDINARY, "start": NEVER, "end": NEVER, "closing": ENDED,
    "region": 0, "employer": -1, "paid_through": NO_MONTH, "told": -1,
}  # fmt: skip
"""A planned row of W29. `psn` is a number below twice the persons, its own person's by default; `told` overrides the
period in which the spell is first told of."""

CREDIT_SHARE = 0.02
"""What the pensioner's personal account is credited each month, as a share of the pension."""

_CONTRIBUTION_DEFAULTS = {"person": -1, "employer": -1, "month": NO_MONTH, "told": -1}
_PAYMENT_DEFAULTS = {"person": -1, "pension": -1, "pay_month": NO_MONTH, "owed": NO_MONTH}


def psn_numbers(lives: Lives) -> pa.Array:
    """The insurance authority's own numbers: one per person, then as many again for second numbers."""
    rng = np.random.default_rng([lives.people.count, 29])
    serial = numbers.scattered(2 * lives.people.count, 10**10, rng)
    return numbers.prefixed(str(lives.places.city.code)[:4] + "00", serial, 10)


def pension_numbers(lives: Lives) -> pa.Array:
    """The pension authority's own numbers, one per person."""
    rng = np.random.default_rng([lives.people.count, 11])
    return numbers.prefixed("3", numbers.scattered(lives.people.count, 10**9, rng), 9)


def wages(lives: Lives) -> Floats:
    """Everyone's monthly wage in yuan, the base of pension, medical insurance and housing fund alike."""
    rng = np.random.default_rng([lives.people.count, 12])
    return np.round(4600 + 9000 * rng.random(lives.people.count) ** 2.5)


def pensions(lives: Lives) -> Floats:
    """Everyone's monthly pension in yuan, as it is or would be."""
    rng = np.random.default_rng([lives.people.count, 13])
    before = 3800 + 9000 * rng.random(lives.people.count) ** 2.5
    high = lives.scheme == EMPLOYEE
    return np.round(np.where(high, 1800 + before * 0.35, 190 + before * 0.01), 2).astype(np.float64)


def spells(lives: Lives, rng: np.random.Generator) -> dict[str, Ints]:
    """All insured spells as columns of `SPELL_DEFAULTS`: present, earlier and planned ones."""
    present = _present(lives)
    rows = c.stacked(present, _earlier(lives, present, rng))
    rows = c.stacked(rows, c.planned_columns(lives.planned["W29"], SPELL_DEFAULTS))
    rows["psn"] = np.where(rows["psn"] >= 0, rows["psn"], rows["person"])
    own = lives.places.zone[lives.people.place[rows["person"]]]
    rows["region"] = np.where(rows["region"] > 0, rows["region"], own)
    resident = np.where(rows["scheme"] == RESIDENT, _year_end(lives, rows["end"]), rows["paid_through"])
    rows["paid_through"] = np.where(rows["paid_through"] < NO_MONTH, rows["paid_through"], resident)
    return rows


def enrolments(lives: Lives, rows: dict[str, Ints]) -> pa.Table:
    """W29: each spell in every month from its start; closed spells stay with their end."""
    timeline = lives.timeline
    start = np.where(rows["told"] >= 0, rows["told"], timeline.period_of(rows["start"]))
    spell, period, last, closed = c.unfold(start, timeline.period_of(rows["end"]), timeline)
    pick = {name: column[spell] for name, column in rows.items()}
    pick["end"] = np.where(closed, pick["end"], NEVER)
    columns = {
        "insured": pick["person"],
        "employer": pick["employer"],
        "psn_no": psn_numbers(lives).take(pa.array(pick["psn"])),
        "insutype": c.words((pick["scheme"] == RESIDENT).astype(np.int64), ("310", "390")),
        "psn_type": c.words(pick["type"], PERSON_TYPES),
        "status": c.words(np.where(closed, pick["closing"], NORMAL), _STATUSES),
        "start_date": c.dates(pick["start"]),
        "end_date": c.dates(pick["end"]),
        "insuplc_admdvs": numbers.padded(pick["region"], 6),
        "paid_through": c.months(pick["paid_through"]),
        "contribution_base": c.yuan(np.where(pick["type"] == WORKING, wages(lives)[pick["person"]], np.nan)),
        "account_credit": c.yuan(
            np.where(
                pick["type"] == RETIRED, np.round(pensions(lives)[pick["person"]] * CREDIT_SHARE, 2), np.nan
            )
        ),
        "employer_no": c.taken(lives.organisations.employer_no, pick["employer"]),
        "mother_id_number": _mothers_numbers(lives, pick["person"]),
        "op": c.constant(None, len(spell)),
    }
    return c.assemble("W29", period, columns, timeline, last)


def _mothers_numbers(lives: Lives, who: Ints) -> pa.Array:
    """Small children are enrolled with their mother's number."""
    people = lives.people
    small = people.birth[who] > lives.timeline.start(0) - 3 * 365
    return c.taken(people.id_number, np.where(small, people.mother[who], -1))


def pension_contributions(lives: Lives) -> pa.Table:
    """W11: the last three months of the first delivery, then each month."""
    timeline = lives.timeline
    months = np.arange(timeline.first - 2, timeline.last + 1)
    workers = np.flatnonzero(lives.works)
    person, month = np.repeat(workers, len(months)), np.tile(months, len(workers))
    paid = (month >= lives.works_from[person]) & (month <= lives.works_until[person])
    rows = {"person": person[paid], "employer": lives.employer[person[paid]], "month": month[paid]}
    rows["told"] = np.full(len(rows["person"]), -1, np.int64)
    rows = c.stacked(rows, c.planned_columns(lives.planned["W11"], _CONTRIBUTION_DEFAULTS))
    base = wages(lives)[rows["person"]]
    columns = {
        "insured": rows["person"],
        "employer": rows["employer"],
        "pension_no": pension_numbers(lives).take(pa.array(rows["person"])),
        "employer_no": c.taken(lives.organisations.employer_no, rows["employer"]),
        "owed_period": c.months(rows["month"]),
        "base": c.yuan(base),
        "paid": c.yuan(base * 0.24),
        "op": c.constant("add", len(base)),
    }
    period = np.where(rows["told"] >= 0, rows["told"], timeline.period_of_month(rows["month"]))
    return c.assemble("W11", period, columns, timeline)


def pension_payments(lives: Lives) -> pa.Table:
    """W12: the last three months of the first delivery, then each month. Shares W11's personal numbers."""
    timeline = lives.timeline
    months = np.arange(timeline.first - 2, timeline.last + 1)
    retired = np.flatnonzero(lives.pensioner)
    person, month = np.repeat(retired, len(months)), np.tile(months, len(retired))
    paid = month <= lives.pension_until[person]
    rows = {"person": person[paid], "pension": person[paid], "pay_month": month[paid], "owed": month[paid]}
    rows = c.stacked(rows, c.planned_columns(lives.planned["W12"], _PAYMENT_DEFAULTS))
    rows["pension"] = np.where(rows["pension"] >= 0, rows["pension"], rows["person"])
    amount = pensions(lives)[rows["pension"]]
    columns = {
        "pensioner": rows["person"],
        "pension_no": pension_numbers(lives).take(pa.array(rows["pension"])),
        "pay_month": c.months(rows["pay_month"]),
        "owed_period": c.months(rows["owed"]),
        "amount": c.yuan(amount),
        "op": c.constant("add", len(amount)),
    }
    return c.assemble("W12", timeline.period_of_month(rows["pay_month"]), columns, timeline)


def _present(lives: Lives) -> dict[str, Ints]:
    who = np.flatnonzero(lives.enrolled)
    scheme, kind = lives.scheme[who], lives.person_type[who]
    works = kind == WORKING
    until = np.minimum(np.maximum(lives.timeline.first, lives.works_from[who]), lives.works_until[who])
    end_month = month_of(np.minimum(lives.enrol_end[who], lives.timeline.reference + 400))
    return {
        "person": who,
        "psn": who,
        "scheme": scheme,
        "type": kind,
        "start": lives.enrol_start[who],
        "end": lives.enrol_end[who],
        "closing": np.full(len(who), ENDED, np.int64),
        "region": np.zeros(len(who), np.int64),
        "employer": np.where(works, lives.employer[who], -1),
        "paid_through": np.where(works, np.minimum(until, end_month), NO_MONTH),
        "told": np.full(len(who), -1, np.int64),
    }


def _earlier(lives: Lives, present: dict[str, Ints], rng: np.random.Generator) -> dict[str, Ints]:
    """Spells before the present one: residents who found work, and people who came from another county."""
    start = present["start"]
    age = (start - lives.people.birth[present["person"]]) // 365
    rows = (rng.random(len(start)) < 0.07) & (age >= 1) & ~lives.taken[present["person"]]
    earlier = c.selected(present, rows)
    count = len(earlier["start"])
    moved = (rng.random(count) < 0.4) | (earlier["scheme"] == RESIDENT)
    counties = np.array([county.code for county in lives.places.city.counties])
    own = lives.places.county[lives.people.place[earlier["person"]]]
    other = counties[(own + 1 + rng.integers(len(counties) - 1, size=count)) % len(counties)]
    earlier["end"] = earlier["start"] - rng.integers(1, 40, count)
    earlier["start"] = earlier["end"] - rng.integers(60, 300, count)
    earlier["region"] = np.where(moved, other, 0)
    earlier["scheme"] = np.where(moved, earlier["scheme"], RESIDENT)
    earlier["type"] = np.where(moved & (earlier["type"] != WORKING), earlier["type"], ORDINARY)
    earlier["type"] = np.where(earlier["type"] == STUDENT, ORDINARY, earlier["type"])
    earlier["employer"] = np.full(count, -1, np.int64)
    earlier["closing"] = np.where(rng.random(count) < 0.5, PAUSED, ENDED)
    earlier["paid_through"] = np.where(earlier["scheme"] == EMPLOYEE, month_of(earlier["end"]), NO_MONTH)
    return earlier


def _year_end(lives: Lives, end: Ints) -> Ints:
    """Residents pay for calendar years: December of the year in which the spell ends, at most this one."""
    year = year_of(np.minimum(end, lives.timeline.reference))
    return (year - 1970) * 12 + 11
