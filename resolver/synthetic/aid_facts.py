"""Hardship: W16 (subsistence allowance, by household) and W21 (disability certificates)."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from resolver.synthetic import columns as c
from resolver.synthetic import numbers
from resolver.synthetic.lives import Lives
from resolver.synthetic.register_facts import relations
from resolver.synthetic.timeline import NO_MONTH, Ints

_DISABILITIES = ("视力", "听力", "言语", "肢体", "智力", "精神", "多重")


def heads(lives: Lives) -> Ints:
    """The person each person's household is registered under: its first one."""
    people = lives.people
    first = np.zeros(int(people.household.max()) + 1, np.int64)
    first[people.household[::-1]] = np.arange(people.count)[::-1]
    return first[people.household]


def subsistence_allowances(lives: Lives, rng: np.random.Generator) -> pa.Table:
    """W16: one row per member of a household on allowance, every month."""
    people, timeline = lives.people, lives.timeline
    who = np.flatnonzero(lives.allowance & (lives.allowed_from < lives.allowed_until))
    told = timeline.period_of_month(lives.allowed_from[who])
    row, period, last, closed = c.unfold(told, timeline.period_of_month(lives.allowed_until[who]), timeline)
    person = who[row]
    serial = numbers.scattered(int(people.household.max()) + 1, 10**8, rng)
    columns = {
        "recipient": person,
        "certificate_no": numbers.prefixed(f"{str(lives.places.city.code)[:4]}DB", serial, 8).take(
            pa.array(people.household[person])
        ),
        "head_name": c.taken(people.name, heads(lives)[person]),
        "relation": relations(lives).take(pa.array(person)),
        "category": c.words((~lives.places.urban[people.place[person]]).astype(np.int64), ("urban", "rural")),
        "approval_month": c.months(lives.allowed_from[person]),
        "stop_month": c.months(np.where(closed, lives.allowed_until[person], NO_MONTH)),
        "amount": c.yuan(320.0 + people.household[person] % 12 * 35),
        "op": c.constant(None, len(row)),
    }
    return c.assemble("W16", period, columns, timeline, last)


def disability_certificates(lives: Lives) -> pa.Table:
    """W21: one row per certificate; its number is the holder's identity number, the kind and the grade."""
    people, timeline = lives.people, lives.timeline
    resident = pc.equal(people.id_type, "居民身份证").to_numpy(zero_copy_only=False)
    who = np.flatnonzero(lives.disabled & resident)
    told = timeline.period_of(lives.disabled_from[who])
    row, period, last, closed = c.unfold(told, timeline.period_of(lives.disabled_until[who]), timeline)
    person = who[row]
    kind = (person * 7919 // 13) % 7 + 1
    # The severe grades belong to those who carry the flag of J06.
    grade = np.where(person % 5 < 2, person % 2 + 1, person % 2 + 3)
    guardian = np.where(people.mother[person] >= 0, people.mother[person], people.spouse[person])
    columns = {
        "holder": person,
        "certificate_no": pc.binary_join_element_wise(
            people.id_number.take(pa.array(person)), pc.cast(pa.array(kind * 10 + grade), pa.string()), ""
        ),
        "disability_type": c.words(kind - 1, _DISABILITIES),
        "grade": pc.cast(pa.array(grade), pa.string()),
        "issue_date": c.dates(lives.disabled_from[person]),
        "end_date": c.dates(np.where(closed, lives.disabled_until[person], np.int64(1_000_000))),
        "guardian_name": c.taken(people.name, guardian),
        "op": c.constant(None, len(row)),
    }
    return c.assemble("W21", period, columns, timeline, last)
