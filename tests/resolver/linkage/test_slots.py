"""Slots stay while rows move."""

from random import Random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from resolver.linkage.slots import Moved, Numbering

Keys = st.sets(st.integers(-(2**62), 2**62), max_size=30)


def as_keys(keys: set[int]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array(sorted(keys), np.int64)


@given(st.lists(Keys, min_size=1, max_size=5), st.integers(0, 10**6))
def test_a_record_keeps_its_slot_until_it_goes(runs: list[set[int]], seed: int) -> None:
    chance = Random(seed)
    every = set().union(*runs)
    now = Numbering.plain(as_keys(runs[0]))
    slots = dict(zip(now.record_key.tolist(), range(len(now.slot)), strict=True))
    for run in runs[1:]:
        there = run | {key for key in every if chance.random() < 0.5}
        before, last = now, len(now.row)
        now = before.followed_by(as_keys(there))
        slots = {key: slot for key, slot in slots.items() if key in there}
        for key in sorted(there - set(slots)):
            slots[key] = last
            last += 1
        assert dict(zip(now.record_key.tolist(), now.slot.tolist(), strict=True)) == slots
        rows = np.full(last, -1)
        rows[now.slot] = np.arange(len(there))
        assert now.row.tolist() == rows.tolist()
        moved = Moved(before, now)
        assert {*moved.before.record_key[moved.before.row[moved.gone]]} == {*before.record_key} - there
        assert {*moved.now.record_key[moved.now.row[moved.new]]} == there - {*before.record_key.tolist()}


@given(Keys, Keys, st.integers(0, 10**6))
def test_a_numbering_is_rebuilt_from_its_parts(base: set[int], added: set[int], seed: int) -> None:
    """Added keys may be those of records of the base that went and came back."""
    chance = Random(seed)
    gone = {key for key in base if key in added or chance.random() < 0.3}
    first = as_keys(base)
    once = Numbering.plain(first).followed_by(as_keys(base - gone))
    now = once.followed_by(as_keys((base - gone) | added))
    left = np.flatnonzero(np.isin(first, list(gone))).astype(np.int32)
    rebuilt = Numbering.rebuilt(first, as_keys(added), left)
    for name in ("record_key", "slot", "row"):
        assert np.array_equal(getattr(rebuilt, name), getattr(now, name)), name


@given(Keys, st.lists(st.integers(-(2**62), 2**62), max_size=10))
def test_slots_of_keys(keys: set[int], others: list[int]) -> None:
    now = Numbering.plain(as_keys(keys)).followed_by(as_keys(keys | {5}))
    wanted = np.array([*keys, *others], np.int64)
    found = now.slots_of(wanted)
    there = [key for key in wanted.tolist() if key in {*keys, 5}]
    assert now.record_key[now.row[found]].tolist() == there
    assert now.record_key[now.row[now.in_order(found)]].tolist() == sorted(set(there))
