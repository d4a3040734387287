"""Blocking keys in sorted order, kept from one run to the next: which records have which key.

A run that goes on from another one looks its own keys up in them (see `touched_blocks`), and only now and then are
they merged with those that came since.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.compiled import kernel
from resolver.linkage.cores import on_all_cores
from resolver.linkage.hashing import Hashes
from resolver.linkage.sorting import order_of

Rows = NDArray[np.int32]
Flags = NDArray[np.bool_]
NO_LIMIT = 1 << 62


class Entries(NamedTuple):
    """Keys of records under one rule, sorted by key, then row.

    Attributes:
        key: uint64 (m,), none 0.
        row: int32 (m,).
    """

    key: Hashes
    row: Rows

    def of_rows(self, chosen: Flags) -> "Entries":
        """The entries of some rows (n,)."""
        there = chosen[self.row]
        return Entries(self.key[there], self.row[there])


class Limit(NamedTuple):
    """Which blocks of a rule are left out.

    Attributes:
        cap: Most records that a block may have.
        known: uint64 (k,): keys that the model leaves out, sorted.
    """

    cap: int
    known: Hashes


class LeftOut(NamedTuple):
    """Blocks of a rule that are left out: how many, their records, and how many the model does not know of."""

    keys: int
    records: int
    outgrown: int


class Candidates(NamedTuple):
    """Candidate pairs, each once and with the first rule that yields it, sorted by left and right row.

    Attributes:
        left: int32 (m,).
        right: int32 (m,), above left.
        rule: int16 (m,).
    """

    left: Rows
    right: Rows
    rule: NDArray[np.int16]


def sorted_entries(keys: Hashes, rows: Rows | None = None) -> Entries:
    """Entries of keys (n,), 0 meaning none; rows (n,) ascending, default 0 … n - 1."""
    present = np.flatnonzero(keys)
    known = keys[present]
    order = order_of(known)
    row = present.astype(np.int32) if rows is None else rows[present]
    return Entries(known[order], row[order])


def entries_of(keys: NDArray[np.uint64], rows: Rows | None = None) -> tuple[Entries, ...]:
    """Entries per rule of keys (rules, n)."""
    return tuple(on_all_cores(lambda column: sorted_entries(column, rows), keys))


def each_key(keys: Hashes) -> Hashes:
    """Every key (m,) once, ascending, but for 0."""
    keys = np.sort(keys)
    present: Hashes = keys[np.append(keys[:1] != 0, keys[1:] != keys[:-1])]
    return present


def no_entries() -> Entries:
    """No entries."""
    return Entries(np.zeros(0, np.uint64), np.zeros(0, np.int32))


@kernel
def _merge(one: Entries, other: Entries, out: Entries) -> None:
    mine, its = 0, 0
    for place in range(out.key.shape[0]):
        first = its == other.key.shape[0]
        if not first and mine < one.key.shape[0]:
            first = one.key[mine] < other.key[its]
            first |= one.key[mine] == other.key[its] and one.row[mine] < other.row[its]
        if first:
            out.key[place], out.row[place] = one.key[mine], one.row[mine]
            mine += 1
        else:
            out.key[place], out.row[place] = other.key[its], other.row[its]
            its += 1


def merge(one: Entries, other: Entries) -> Entries:
    """The entries of both, which are of different rows."""
    n = len(one.key) + len(other.key)
    out = Entries(np.empty(n, np.uint64), np.empty(n, np.int32))
    _merge(one, other, out)
    return out


@kernel
def _pairs_within(
    row: Rows, starts: NDArray[np.int64], sizes: NDArray[np.int64], pairs: NDArray[np.int32]
) -> None:
    found = 0
    for block in range(starts.shape[0]):
        stop = starts[block] + sizes[block]
        for one in range(starts[block], stop):
            for other in range(one + 1, stop):
                pairs[0, found], pairs[1, found] = row[one], row[other]
                found += 1


def all_pairs(rules: Sequence[Entries], n: int, left_out: Sequence[Hashes]) -> Candidates:
    """Candidate pairs of n rows.

    Args:
        rules: Entries per rule, in the order in which rules claim pairs.
        n: How many rows there are.
        left_out: uint64 (k,): keys of blocks that are left out, per rule.
    """

    def one(rule: int) -> NDArray[np.int32]:
        starts = np.flatnonzero(
            np.append(True, rules[rule].key[1:] != rules[rule].key[:-1])[: len(rules[rule].key)]
        )
        sizes = np.diff(np.append(starts, len(rules[rule].key)))
        sizes[np.isin(rules[rule].key[starts], left_out[rule])] = 0
        pairs = np.empty((2, int((sizes * (sizes - 1) // 2).sum())), np.int32)
        _pairs_within(rules[rule].row, starts, sizes, pairs)
        return pairs

    return each_once(on_all_cores(one, range(len(rules))), n)


@kernel
def _pack(
    pairs: NDArray[np.int32], place: NDArray[np.int32], bits: int, rule: int, out: NDArray[np.int64]
) -> None:
    for number in range(pairs.shape[1]):
        left, right = np.int64(place[pairs[0, number]]), np.int64(place[pairs[1, number]])
        out[number] = left << (bits + 8) | right << 8 | rule


@kernel
def _unpack(packed: NDArray[np.int64], rows: Rows, bits: int, out: Candidates) -> int:
    """Each pair's first entry, which is that of its first rule; returns how many pairs there are."""
    found, last = 0, np.int64(-1)
    for number in range(packed.shape[0]):
        pair = packed[number] >> 8
        if pair != last:
            out.left[found] = rows[pair >> bits]
            out.right[found] = rows[pair & ((1 << bits) - 1)]
            out.rule[found] = packed[number] & 0xFF
            found, last = found + 1, pair
    return found


def each_once(found: list[NDArray[np.int32]], n: int) -> Candidates:
    """Pairs (2, m) of rows, left < right, of several rules, the first rule's first; each pair once.

    Args:
        found: Pairs per rule.
        n: How many rows there are.
    """
    involved = np.zeros(n, np.bool_)
    for pairs in found:
        involved[pairs[0]] = involved[pairs[1]] = True
    rows = np.flatnonzero(involved).astype(np.int32)
    place = np.cumsum(involved, dtype=np.int32) - np.int32(1)
    bits = max(len(rows), 1).bit_length()
    ends = np.cumsum([pairs.shape[1] for pairs in found])
    packed = np.empty(int(ends[-1]), np.int64)
    for rule, pairs in enumerate(found):
        _pack(pairs, place, bits, rule, packed[ends[rule] - pairs.shape[1] : ends[rule]])
    packed = packed[order_of(packed.view(np.uint64))]
    n_pairs = len(packed)
    out = Candidates(np.empty(n_pairs, np.int32), np.empty(n_pairs, np.int32), np.empty(n_pairs, np.int16))
    once = _unpack(packed, rows, bits, out)
    return Candidates(out.left[:once], out.right[:once], out.rule[:once])
