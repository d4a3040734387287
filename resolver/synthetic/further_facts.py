"""Smaller feeds: W03 (handbooks), W32 (suspicions), J11 (applications), X02-X04 (permits, payments, injuries)."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from resolver.synthetic import columns as c
from resolver.synthetic import numbers
from resolver.synthetic.accident_facts import accident_numbers
from resolver.synthetic.lives import Lives
from resolver.synthetic.register_facts import in_register
from resolver.synthetic.timeline import NEVER, Ints, month_of

HANDBOOK_DEFAULTS = {"wife": -1, "husband": -1, "order": 1, "day": NEVER, "expected": NEVER}
PAYMENT_DEFAULTS = {
    "person": -1,
    "accident": -1,
    "day": NEVER,
    "paid": NEVER,
    "amount": 0,
    "medical": 0,
    "kind": 0,
}
INJURY_DEFAULTS = {"person": -1, "employer": -1, "day": NEVER, "decided": NEVER, "cause": 0, "decision": 0}
PERMIT_DEFAULTS = {"person": -1, "start": NEVER, "end": NEVER}
_SUSPICIONS = ("疑似重复参保", "疑似死亡后享受待遇", "疑似外伤第三方责任")


def handbooks(lives: Lives, rng: np.random.Generator) -> pa.Table:
    """W03: one for every birth of the last five years whose mother is known, some months before it."""
    people, timeline = lives.people, lives.timeline
    child = np.flatnonzero((people.birth > timeline.start(0) - 5 * 365) & (people.mother >= 0))
    order = np.lexsort((people.birth[child], people.mother[child]))
    child = child[order]
    mother = people.mother[child]
    same = np.r_[False, np.diff(mother) == 0] if len(child) else np.zeros(0, bool)
    twin = same & np.r_[False, np.diff(people.birth[child]) < 200] if len(child) else same
    rank = np.where(same, 2, 1)
    child, mother, rank = child[~twin], mother[~twin], rank[~twin]
    rows = {
        "wife": mother,
        "husband": people.father[child],
        "order": rank,
        "day": people.birth[child] - rng.integers(60, 200, len(child)),
        "expected": people.birth[child] + rng.integers(-8, 9, len(child)),
    }
    rows = c.stacked(rows, _expecting(lives, rng))
    rows = c.stacked(rows, c.planned_columns(lives.planned["W03"], HANDBOOK_DEFAULTS))
    count = len(rows["day"])
    county = lives.places.county[people.place[np.maximum(rows["wife"], 0)]]
    offices = [f"{place.name}卫生健康局" for place in lives.places.city.counties]
    columns = {
        "wife": rows["wife"],
        "husband": rows["husband"],
        "handbook_no": numbers.prefixed(
            f"SY{lives.places.city.code}", numbers.scattered(count, 10**8, rng), 8
        ),
        "child_order": pa.array(rows["order"]),
        "registration_date": c.dates(rows["day"]),
        "expected_date": c.dates(rows["expected"]),
        "office": c.words(county, offices),
        "op": c.constant("add", count),
    }
    return c.assemble("W03", timeline.period_of(rows["day"]), columns, timeline)


def _expecting(lives: Lives, rng: np.random.Generator) -> dict[str, Ints]:
    """Couples who registered in the months delivered, for a child still to come."""
    people, timeline = lives.people, lives.timeline
    age = people.age(timeline.reference)
    wife = np.flatnonzero((people.sex == 2) & (people.spouse >= 0) & (age >= 23) & (age < 38))
    gone = (people.death[wife] < NEVER) | (people.death[people.spouse[wife]] < NEVER)
    wife = wife[~gone & (rng.random(len(wife)) < 0.012 * timeline.months)]
    mothers = people.mother[(people.birth > timeline.start(0) - 700) & (people.mother >= 0)]
    wife = wife[~np.isin(wife, mothers)]
    day = timeline.start(0) + rng.integers(0, timeline.reference - timeline.start(0) + 1, len(wife))
    # Registered in the third to sixth month, so that nobody is due before the reference date.
    expected = timeline.reference + rng.integers(10, 120, len(wife))
    first = np.where(np.isin(wife, people.mother), 2, 1)
    return {"wife": wife, "husband": people.spouse[wife], "order": first, "day": day, "expected": expected}


def residence_permits(lives: Lives) -> pa.Table:
    """X02: whoever lives here and stands in no household register, and planned permits."""
    people, timeline = lives.people, lives.timeline
    who = np.flatnonzero(~in_register(lives) & (people.death == NEVER))
    begin = np.maximum(people.birth[who] + 40, timeline.start(0) - 30 - who * 37 % 1500)
    rows = {"person": who, "start": begin, "end": begin + 5 * 365}
    rows = c.stacked(rows, c.planned_columns(lives.planned["X02"], PERMIT_DEFAULTS))
    who, begin = rows["person"], rows["start"]
    columns = {
        "holder": who,
        "permit_no": numbers.prefixed(f"JZ{lives.places.city.code}", who, 8),
        "start_date": c.dates(begin),
        "end_date": c.dates(rows["end"]),
        "home_address": c.constant(None, len(who)),
        "reason": c.words(who % 3, ("务工", "就学", "投靠亲属")),
        "op": c.constant("add", len(who)),
    }
    return c.assemble("X02", timeline.period_of(begin), columns, timeline)


def third_party_payments(lives: Lives, rng: np.random.Generator) -> pa.Table:
    """X03: payments for accidents so long ago that no treatment of the last year has to do with them."""
    timeline, people = lives.timeline, lives.people
    some = _some(lives, max(2, people.count // 700), rng)
    day = timeline.start(0) - rng.integers(900, 1400, len(some))
    amount = rng.integers(4000, 90_000, len(some))
    rows = {"person": some, "accident": np.full(len(some), -1), "day": day, "amount": amount}
    rows |= {"paid": day + rng.integers(60, 500, len(some)), "medical": amount // 3, "kind": some % 3}
    rows = c.stacked(rows, c.planned_columns(lives.planned["X03"], PAYMENT_DEFAULTS))
    count = len(rows["day"])
    columns = {
        "injured": rows["person"],
        "document_no": numbers.prefixed("鲁1002民初", numbers.scattered(count, 10**5, rng), 5),
        "document_kind": c.words(rows["kind"], ("judgment", "mediation", "claim")),
        "payer_name": c.words(rows["kind"], ("侵权人", "侵权人", "人保财险威海分公司")),
        "payer_kind": c.words(rows["kind"], ("party", "party", "insurer")),
        "accident_no": pc.if_else(
            pa.array(rows["accident"] >= 0),
            accident_numbers(lives, rows["accident"], rows["day"]),
            pa.scalar(None, pa.string()),
        ),
        "accident_date": c.dates(rows["day"]),
        "paid_date": c.dates(rows["paid"]),
        "amount": c.yuan(rows["amount"].astype(np.float64)),
        "medical_amount": c.yuan(rows["medical"].astype(np.float64)),
        "op": c.constant("add", count),
    }
    return c.assemble("X03", timeline.period_of(rows["paid"]), columns, timeline)


def work_injuries(lives: Lives, rng: np.random.Generator) -> pa.Table:
    """X04: decisions about injuries of long ago, so that no treatment of the last year has to do with them."""
    timeline, people = lives.timeline, lives.people
    workers = np.flatnonzero(lives.works & ~lives.taken & (people.death == NEVER))
    some = rng.permutation(workers)[: max(2, people.count // 400)]
    day = timeline.start(0) - rng.integers(800, 1100, len(some))
    rows = {
        "person": some,
        "employer": lives.employer[some],
        "day": day,
        "decision": np.where(some % 9 == 0, 1, 0),
    }
    rows |= {"decided": day + rng.integers(30, 150, len(some)), "cause": some % 2}
    rows = c.stacked(rows, c.planned_columns(lives.planned["X04"], INJURY_DEFAULTS))
    count = len(rows["day"])
    columns = {
        "injured": rows["person"],
        "employer": rows["employer"],
        "decision_no": numbers.prefixed("威人社工认", numbers.scattered(count, 10**6, rng), 6),
        "accident_date": c.dates(rows["day"]),
        "accident_cause": c.words(rows["cause"], ("work", "commute")),
        "injury": c.words(rows["person"] % 3, ("右手食指骨折", "腰椎压缩性骨折", "左踝扭伤")),
        "decision_date": c.dates(rows["decided"]),
        "decision": c.words(rows["decision"], ("recognised", "refused")),
        "op": c.constant("add", count),
    }
    return c.assemble("X04", timeline.period_of(rows["decided"]), columns, timeline)


def applications(lives: Lives) -> pa.Table:
    """J11: applications of those found to be impoverished by illness, a month before the finding."""
    timeline = lives.timeline
    listing = lives.lists["illness_poverty"]
    who = np.flatnonzero(listing.member)
    month = listing.start[who] - 1
    counties = [f"{county.name}民政局" for county in lives.places.city.counties]
    columns: dict[str, Any] = {
        "applicant": who,
        "application_no": numbers.prefixed("SQ", who, 9),
        "request_date": c.dates(month.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) + 8),
        "cost_from": c.months(month - 12),
        "cost_to": c.months(month - 1),
        "office": c.words(lives.places.county[lives.people.place[who]], counties),
        "op": c.constant("add", len(who)),
    }
    return c.assemble("J11", timeline.period_of_month(month), columns, timeline)


def suspicions(lives: Lives, rng: np.random.Generator) -> pa.Table:
    """W32: a few suspicions that the province sends down each month, of every kind."""
    timeline = lives.timeline
    each = max(2, lives.people.count // 4000)
    who = np.resize(_some(lives, each * timeline.months, rng), each * timeline.months)
    period = np.repeat(np.arange(timeline.months), each)
    day = timeline.ends(period) - 12
    month = month_of(day)
    label = numbers.padded((month // 12 + 1970) * 100 + month % 12 + 1, 6)
    columns = {
        "suspect": who,
        "issue_batch": pc.binary_join_element_wise(pa.scalar("SDYD"), label, ""),
        "issue_row": pc.cast(pa.array(np.tile(np.arange(each) + 1, timeline.months)), pa.string()),
        "level": c.constant("province", len(who)),
        "suspicion": c.words(who % 3, _SUSPICIONS),
        "description": c.words(who % 3, _SUSPICIONS),
        "amount": c.yuan(np.round(80.0 + rng.random(len(who)) * 4000, 2)),
        "issue_date": c.dates(day),
        "due_date": c.dates(day + 14),
        "op": c.constant("add", len(who)),
    }
    return c.assemble("W32", period, columns, timeline)


def _some(lives: Lives, count: int, rng: np.random.Generator) -> Ints:
    """Grown-ups whom no storyline is about."""
    free = ~lives.taken & (lives.people.death == NEVER) & (lives.people.age(lives.timeline.reference) >= 18)
    chosen: Ints = rng.permutation(np.flatnonzero(free))[:count]
    return chosen
