"""Blocks found by their keys, against going through all records."""

from itertools import combinations
from random import Random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from resolver.linkage.entries import Entries, Limit, each_once, merge
from resolver.linkage.touched_blocks import BEFORE, NOW, Blocks, Looking, look_up
from resolver.linkage.touched_pairs import At, Meetings, Together

CAP = 3


class Case:
    """Records with a key under each of two rules, in three layers, of which some stand in blocks.

    Attributes:
        keys: Key of each slot under each rule, 0 for none.
        standing: Bits of each slot.
        layers: Entries per rule.
        limits: Which blocks are left out.
    """

    def __init__(self, seed: int) -> None:
        chance = Random(seed)
        n = chance.randint(0, 24)
        self.keys = [[chance.randint(0, 5) for _ in range(n)] for _ in range(2)]
        self.standing = np.array([chance.choice([0, BEFORE, NOW, 3, 3, 3]) for _ in range(n)], np.uint8)
        layer = [
            2 if bits == NOW and chance.random() < 0.8 else chance.randint(0, 1) for bits in self.standing
        ]
        self.layers = [
            tuple(
                entries([(keys[slot], slot) for slot in range(n) if layer[slot] == number])
                for number in range(3)
            )
            for keys in self.keys
        ]
        known = np.array(sorted(chance.sample(range(1, 6), chance.randint(0, 2))), np.uint64)
        self.limits = (Limit(CAP, known), Limit(CAP, np.zeros(0, np.uint64)))
        self.row = np.array(chance.sample(range(n), n), np.int32)

    def block(self, rule: int, key: int, when: int) -> list[int]:
        return [
            slot for slot, mine in enumerate(self.keys[rule]) if mine == key and self.standing[slot] & when
        ]

    def is_left_out(self, rule: int, key: int, when: int) -> bool:
        return (
            key in self.limits[rule].known.tolist()
            or len(self.block(rule, key, when)) > self.limits[rule].cap
        )


def entries(listed: list[tuple[int, int]]) -> Entries:
    listed = sorted((key, slot) for key, slot in listed if key)
    return Entries(np.array([k for k, _ in listed], np.uint64), np.array([s for _, s in listed], np.int32))


@given(st.integers(0, 10**9))
def test_blocks_pairs_and_what_is_left_out(seed: int) -> None:
    case = Case(seed)
    crossed = np.zeros(len(case.standing), np.bool_)
    looking = Looking(case.standing, crossed)
    wanted = np.arange(1, 6, dtype=np.uint64)
    blocks: list[Blocks] = []
    expected_crossed = set()
    for rule in range(2):
        found, more = look_up(case.layers[rule], wanted, case.limits[rule], looking)  # type: ignore[arg-type]
        blocks.append(found)
        for when in (BEFORE, NOW):
            sizes = [len(case.block(rule, key, when)) for key in range(1, 6)]
            assert found.sizes(case.standing, when).tolist() == sizes
            assert [not bits & when for bits in found.is_open] == [
                case.is_left_out(rule, key, when) for key in range(1, 6)
            ]
        for key in range(1, 6):
            if case.is_left_out(rule, key, BEFORE) != case.is_left_out(rule, key, NOW):
                expected_crossed.update(case.block(rule, key, NOW))
        before, now = (left_out(case, rule, when) for when in (BEFORE, NOW))
        assert tuple(more) == tuple(b - a for a, b in zip(before, now, strict=True))
    assert {*np.flatnonzero(crossed).tolist()} == expected_crossed
    numbers = [[5 * rule + key - 1 if key else -1 for key in keys] for rule, keys in enumerate(case.keys)]
    known = np.flatnonzero(crossed | (case.standing == BEFORE) | (case.standing == NOW)).astype(np.int32)
    together = Together.of(blocks, known, np.array(numbers, np.int32).T[known])
    for when in (BEFORE, NOW):
        dirty = ((case.standing == when) | crossed) & (case.standing & when != 0)
        at = At(when, case.standing, dirty, case.row)
        meetings = Meetings.of(together, at)
        found_pairs = meetings.pairs()
        assert meetings.n_pairs() == len(found_pairs.left)
        rows = case.row[found_pairs.left], case.row[found_pairs.right], found_pairs.rule
        found_rows = sorted(zip(*(column.tolist() for column in rows), strict=True))
        assert found_rows == pairs(case, dirty, when)


def left_out(case: Case, rule: int, when: int) -> tuple[int, int, int]:
    blocks = [(key, len(case.block(rule, key, when))) for key in range(1, 6)]
    gone = [(key, size) for key, size in blocks if size and case.is_left_out(rule, key, when)]
    known = case.limits[rule].known.tolist()
    return len(gone), sum(size for _, size in gone), sum(key not in known for key, _ in gone)


def pairs(
    case: Case, dirty: np.ndarray[tuple[int], np.dtype[np.bool_]], when: int
) -> list[tuple[int, int, int]]:
    first: dict[tuple[int, int], int] = {}
    for rule in range(2):
        for key in range(1, 6):
            if not case.is_left_out(rule, key, when):
                for one, other in combinations(case.block(rule, key, when), 2):
                    if dirty[one] or dirty[other]:
                        rows = sorted((int(case.row[one]), int(case.row[other])))
                        first.setdefault((rows[0], rows[1]), rule)
    return [(*pair, rule) for pair, rule in sorted(first.items())]


@given(st.integers(0, 10**9))
def test_entries_are_merged(seed: int) -> None:
    chance = Random(seed)
    n = chance.randint(0, 15)
    keys = [chance.randint(0, 4) for _ in range(n)]
    rows = chance.sample(range(30), n)
    there = np.array([chance.random() < 0.7 for _ in range(30)])
    others = [row for row in range(30) if row not in rows and chance.random() < 0.3]
    entering = [(chance.randint(1, 4), row) for row in others]
    before = list(zip(keys, rows, strict=True))
    stay = [(key, row) for key, row in before if there[row]]
    merged = merge(entries(before).of_rows(there), entries(entering))
    expected = entries(stay + entering)
    assert (merged.key.tolist(), merged.row.tolist()) == (expected.key.tolist(), expected.row.tolist())


def test_a_pair_of_several_rules_is_that_of_the_first() -> None:
    rules = [[(3, 7)], [(0, 9), (3, 7)], [(0, 9)]]
    found = each_once([np.array(rule, np.int32).T.copy() for rule in rules], 10)
    assert list(zip(*(column.tolist() for column in found), strict=True)) == [(0, 9, 1), (3, 7, 0)]
