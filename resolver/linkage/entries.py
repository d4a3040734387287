"""Blocking keys in sorted order, kept from one run to the next: which records have which key.

A run that goes on from another one takes out the entries of records that left, renumbers the others and puts those
of new records between them, in one pass, and learns on the way which blocks crossed the limit on their size.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from os import cpu_count
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.compiled import kernel
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
    """Entries per rule of keys (n, rules)."""
    with ThreadPoolExecutor(cpu_count()) as pool:
        rules = range(keys.shape[1])
        return tuple(pool.map(lambda rule: sorted_entries(np.ascontiguousarray(keys[:, rule]), rows), rules))


def sizes_of(entries: Entries, keys: Hashes) -> NDArray[np.int64]:
    """How many entries each of some keys (k,) has: int64 (k,)."""
    ends = np.searchsorted(entries.key, keys, side="right")
    return np.asarray(ends - np.searchsorted(entries.key, keys, side="left"), np.int64)


@kernel
def _next_key(before: Entries, old: int, entering: Entries, new: int) -> np.uint64:
    if new == entering.key.shape[0]:
        key: np.uint64 = before.key[old]
    elif old == before.key.shape[0]:
        key = entering.key[new]
    else:
        key = min(before.key[old], entering.key[new])
    return key


@kernel
def _merge_block(
    key: np.uint64,
    places: tuple[int, int, int],
    entries: tuple[Entries, Entries],
    renumbered: Rows,
    out: Entries,
) -> tuple[int, int, int]:
    """Write the entries of one key; places are those in the entries before, in those that enter, and in `out`."""
    old, new, written = places
    before, entering = entries
    while True:
        row = np.int32(-1)
        while old < before.key.shape[0] and before.key[old] == key:
            row = renumbered[before.row[old]]
            if row >= 0:
                break
            old += 1
        more = new < entering.key.shape[0] and entering.key[new] == key
        if row >= 0 and (not more or row < entering.row[new]):
            old += 1
        elif more:
            row = entering.row[new]
            new += 1
        else:
            return old, new, written
        out.key[written], out.row[written] = key, row
        written += 1


@kernel
def _merge(
    before: Entries, renumbered: Rows, entering: Entries, limit: Limit, crossed: Flags, out: Entries
) -> tuple[int, LeftOut]:
    old, new, written, known = 0, 0, 0, 0
    keys, records, outgrown = 0, 0, 0
    while old < before.key.shape[0] or new < entering.key.shape[0]:
        key = _next_key(before, old, entering, new)
        first_old, first = old, written
        old, new, written = _merge_block(key, (old, new, written), (before, entering), renumbered, out)
        while known < limit.known.shape[0] and limit.known[known] < key:
            known += 1
        in_model = known < limit.known.shape[0] and limit.known[known] == key
        size = written - first
        if not in_model and (old - first_old > limit.cap) != (size > limit.cap):
            for place in range(first, written):
                crossed[out.row[place]] = True
        if size > 0 and (in_model or size > limit.cap):
            keys, records, outgrown = keys + 1, records + size, outgrown + (0 if in_model else 1)
    return written, LeftOut(keys, records, outgrown)


def merge(
    before: Entries, renumbered: Rows, entering: Entries, limit: Limit, crossed: Flags
) -> tuple[Entries, LeftOut]:
    """Entries after a change.

    Args:
        before: Entries before.
        renumbered: int32 (n before,): each row's number now, in the same order; -1 = its entry is taken out.
        entering: Entries to put in, with rows as numbered now.
        limit: Which blocks are left out.
        crossed: bool (n,): set for the rows, as numbered now, of blocks that are left out now and were not, or the
            other way round.
    """
    most = len(before.key) + len(entering.key)
    out = Entries(np.empty(most, np.uint64), np.empty(most, np.int32))
    written, left_out = _merge(before, renumbered, entering, limit, crossed, out)
    return Entries(out.key[:written], out.row[:written]), left_out


@kernel
def _touched(entries: Entries, dirty: Flags, limit: Limit, pairs: NDArray[np.int32]) -> int:
    """Write the pairs with a dirty row into `pairs` (2, m) as far as there is room; returns how many there are."""
    total = entries.key.shape[0]
    room = pairs.shape[1]
    start, found, known = 0, 0, 0
    while start < total:
        key, stop, marked = entries.key[start], start, 0
        while stop < total and entries.key[stop] == key:
            marked += dirty[entries.row[stop]]
            stop += 1
        size = stop - start
        if marked > 0 and 1 < size <= limit.cap:
            while known < limit.known.shape[0] and limit.known[known] < key:
                known += 1
            if known == limit.known.shape[0] or limit.known[known] != key:
                if room == 0:
                    found += marked * (size - marked) + marked * (marked - 1) // 2
                else:
                    for one in range(start, stop):
                        row = entries.row[one]
                        for other in range(one + 1, stop):
                            if dirty[row] or dirty[entries.row[other]]:
                                pairs[0, found], pairs[1, found] = row, entries.row[other]
                                found += 1
        start = stop
    return found


def touched_pairs(rules: Sequence[Entries], dirty: Flags, limits: Sequence[Limit]) -> Candidates:
    """Candidate pairs of which at least one row is dirty.

    Args:
        rules: Entries per rule, in the order in which rules claim pairs.
        dirty: bool (n,).
        limits: Which blocks are left out, per rule.
    """

    def one(rule: int) -> NDArray[np.int32]:
        count = _touched(rules[rule], dirty, limits[rule], np.empty((2, 0), np.int32))
        pairs = np.empty((2, count), np.int32)
        if count:
            _touched(rules[rule], dirty, limits[rule], pairs)
        return pairs

    with ThreadPoolExecutor(cpu_count()) as pool:
        found = list(pool.map(one, range(len(rules))))
    return _each_once(found, len(dirty))


def _each_once(found: list[NDArray[np.int32]], n: int) -> Candidates:
    """Pairs of several rules, the first rule's first, packed into one number each and sorted."""
    involved = np.zeros(n, np.bool_)
    for pairs in found:
        involved[pairs[0]] = involved[pairs[1]] = True
    rows = np.flatnonzero(involved).astype(np.int32)
    place = np.cumsum(involved, dtype=np.int64) - 1
    bits = max(len(rows), 1).bit_length()
    packed = np.concatenate(
        [(place[pairs[0]] << (bits + 8)) | (place[pairs[1]] << 8) | rule for rule, pairs in enumerate(found)]
    )
    packed.sort()
    pair = packed >> 8
    first = np.ones(len(pair), np.bool_)
    first[1:] = pair[1:] != pair[:-1]
    packed, pair = packed[first], pair[first]
    return Candidates(rows[pair >> bits], rows[pair & ((1 << bits) - 1)], (packed & 0xFF).astype(np.int16))
