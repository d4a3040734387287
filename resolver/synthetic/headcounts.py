"""Headcounts that differ (C03): what employers tell of their staff, counted over all that departments were told.

Storylines that lend people to other employers (C05, E13) or pay a pension to whoever works (E14) are about persons;
where several of them meet at one employer, its headcounts differ as well.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from resolver.synthetic.lives import Lives
from resolver.synthetic.timeline import Bools, Ints, first_day
from resolver.synthetic.world import Conflict

_PERSONS, _SHARE = 3, 0.1  # what C03 tolerates
_NEVER = 2**40


def note_headcounts(lives: Lives, facts: Mapping[str, pa.Table]) -> None:
    """Record C03 for employers whose headcounts differ though nobody planted it; a look-alike then is a case."""
    noted = {c.organisation for c in lives.conflicts if c.rule == "C03" and c.planted}
    apart = np.stack([_apart(lives, facts, period) for period in range(lives.timeline.months)])
    found: list[Conflict] = []
    for employer in np.flatnonzero(apart.any(axis=0)).tolist():
        if employer not in noted:
            found += _runs(employer, apart[:, employer])
    cases = {conflict.organisation for conflict in found}
    lives.conflicts[:] = [
        c for c in lives.conflicts if c.rule != "C03" or c.planted or c.organisation not in cases
    ] + found


def _runs(employer: int, apart: Bools) -> Iterator[Conflict]:
    """One conflict for each unbroken run of months."""
    why = "several of its staff are reported by others, or to others"
    one = Conflict("C03", True, (), employer, why=why)
    edges = np.flatnonzero(np.diff(np.r_[False, apart, False]))
    for start, end in edges.reshape(-1, 2).tolist():
        yield replace(one, period=start, last_period=-1 if end == len(apart) else end - 1)


def _apart(lives: Lives, facts: Mapping[str, pa.Table], period: int) -> Bools:
    """Whose headcounts differ by what was told up to a delivery, for the month of that delivery."""
    count = lives.organisations.count
    month = lives.timeline.first + period
    days = first_day(np.array([month, month + 1]))
    sides = (_insured(facts["W29"], period, days), _paid_for(facts["W11"], period, days[0]))
    medical, pension, fund = (
        np.bincount(_distinct(employer, person), minlength=count)
        for employer, person in (*sides, _depositors(facts["W13"], period, days))
    )
    found = np.zeros(count, bool)
    for other in (pension, fund):
        gap = np.abs(medical - other)
        found |= (other > 0) & (gap > _PERSONS) & (gap > _SHARE * np.maximum(medical, other))
    apart: Bools = found & (medical > 0)
    return apart


def _distinct(employer: Ints, person: Ints) -> Ints:
    """The employer of each of its persons, each person once."""
    return np.unique(employer[employer >= 0] << 32 | person[employer >= 0]) >> 32


def _insured(table: pa.Table, period: int, days: Ints) -> tuple[Ints, Ints]:
    """Working persons with a spell that touches the month, in the list of that delivery."""
    last = _whole(table["last_period"])
    there = (_whole(table["period"]) <= period) & ((last < 0) | (last >= period))
    there &= _is(table, "insutype", "310") & _is(table, "psn_type", "working")
    end = _day(table["end_date"])
    there &= _is(table, "status", "normal") | (end < _NEVER)
    there &= (_day(table["start_date"]) < days[1]) & (end >= days[0])
    return _whole(table["employer"])[there], _whole(table["insured"])[there]


def _paid_for(table: pa.Table, period: int, month: int) -> tuple[Ints, Ints]:
    there = (_whole(table["period"]) <= period) & (_day(table["owed_period"]) == month)
    return _whole(table["employer"])[there], _whole(table["insured"])[there]


def _depositors(table: pa.Table, period: int, days: Ints) -> tuple[Ints, Ints]:
    """Holders of active accounts; of an account told twice the later row counts."""
    told, employer, person = (_whole(table[name]) for name in ("period", "employer", "depositor"))
    year = _whole(table["year"])
    known = np.flatnonzero(told <= period)
    order = known[np.lexsort((told[known], year[known], person[known], employer[known]))]
    same = (np.diff(employer[order]) == 0) & (np.diff(person[order]) == 0) & (np.diff(year[order]) == 0)
    superseded = same & (np.diff(told[order]) > 0)
    order = order[~np.append(superseded, False)[: len(order)]]
    july = first_day((year[order] + 1 - 1970) * 12 + 6)
    there = _is(table, "status", "active")[order] & (_day(table["start_month"])[order] < days[1])
    there &= np.minimum(_day(table["end_month"])[order], july - 1) >= days[0]
    return employer[order][there], person[order][there]


def _is(table: pa.Table, column: str, word: str) -> Bools:
    found = pc.fill_null(pc.equal(table[column], word), False)
    return np.asarray(found.to_numpy(), bool)


def _day(column: pa.ChunkedArray) -> Ints:
    """Days since 1970-01-01; `_NEVER` for null."""
    days = pc.fill_null(column.cast(pa.int32()).cast(pa.int64()), _NEVER)
    return np.asarray(days.to_numpy(), np.int64)


def _whole(column: pa.ChunkedArray) -> Ints:
    """Whole numbers; -1 for null."""
    return np.asarray(pc.fill_null(column.cast(pa.int64()), -1).to_numpy(), np.int64)
