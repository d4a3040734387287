"""Pieces of candidates, also of blocks larger than a piece, against all pairs of the blocks."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.linkage.blocking import Blocking, block_keys
from resolver.linkage.generic import pieces
from resolver.linkage.generic.choosing import choose
from resolver.linkage.generic.pieces import DROPPED, Numbers, Piece, block_pieces, list_pieces

Table = list[tuple[int, int]]
tables = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), max_size=14)


def blocking_of(table: Table) -> Blocking:
    keys = [np.array([row[rule] for row in table], np.uint64) for rule in range(2)]
    return block_keys([keys[0].copy, keys[1].copy], len(table), [100, 100])


def slow(table: Table, n_left: int | None) -> set[tuple[int, int]]:
    return {
        (a, b)
        for a, b in combinations(range(len(table)), 2)
        if any(x == y != 0 for x, y in zip(table[a], table[b], strict=True))
        and (n_left is None or a < n_left <= b)
    }


@pytest.fixture(params=[(1, 1), (3, 4), (65535, 16384)], ids=["tiny", "small", "whole"])
def size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Pieces of a few pairs, so that blocks are cut."""
    monkeypatch.setattr(pieces, "PIECE", request.param[0])
    monkeypatch.setattr(pieces, "_MEMBERS", request.param[1])
    return int(request.param[0])


def even_ones(parts: tuple[Piece, ...], numbers: tuple[Numbers, ...]) -> list[tuple[int, int]]:
    """Pairs of pieces that are numbered 0, all at once."""
    begins = np.arange(0, 2 * len(parts), 2)
    wanted, several = np.tile([True, False], len(parts)), np.concatenate(numbers)
    *rows, places = choose(parts, several, begins, wanted, int((several == 0).sum()))
    assert wanted[places].all()
    assert (np.diff(places) >= 0).all()
    return list(zip(*(column.tolist() for column in rows), strict=True))


@pytest.mark.parametrize("n_left", [None, 0, 3])
def test_every_pair_once_and_the_wanted_ones_listed(size: int, n_left: int | None) -> None:
    @given(tables)
    def check(table: Table) -> None:
        blocking = blocking_of(table)
        seen, of_rules = [], {0: [], 1: []}
        for piece in block_pieces(blocking, n_left):
            assert piece.most <= size
            numbers = np.empty(piece.most, np.uint16)
            near = piece.near(numbers)
            assert (numbers != DROPPED).sum() == len(near.left)
            left, right = near.members[near.left], near.members[near.right]
            seen += list(zip(left.tolist(), right.tolist(), strict=True))
            numbers[numbers != DROPPED] = (left + right) % 2
            of_rules[piece.rule].append((piece, numbers))
        assert len(seen) == len(set(seen))
        assert set(seen) == slow(table, n_left)
        chosen = []
        for together in of_rules.values():
            if together:
                chosen += even_ones(*zip(*together, strict=True))
        assert chosen == [(a, b) for a, b in seen if (a + b) % 2 == 0]

    check()


def test_listed_pairs() -> None:
    left, right = np.arange(5, dtype=np.int32), np.arange(5, 10, dtype=np.int32)
    (piece,) = list_pieces(left, right)
    numbers = np.full(5, 9, np.uint16)
    near = piece.near(numbers)
    assert near.members[near.left].tolist() == left.tolist()
    assert near.members[near.right].tolist() == right.tolist()
    assert numbers.tolist() == [0] * 5
    numbers[:] = [0, 1, 0, 1, 2]
    found = choose([piece], numbers, np.zeros(1, np.int64), np.array([False, True, True]), 3)
    assert [column.tolist() for column in found] == [[1, 3, 4], [6, 8, 9], [1, 1, 2]]
