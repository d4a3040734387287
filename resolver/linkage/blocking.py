"""Candidate pairs by sort and expand: records with an equal key stand in one block, and a block gives its pairs.

A rule is a conjunction of atoms of different fields, so its blocks are many and small. A block above the cap is left
out, counted and reported; which keys these are is part of the model, so that a full run and one record looked up
agree. A pair belongs to the first rule that yields it: it is dropped where an earlier rule's keys are equal, so no
pass over all pairs is needed to remove duplicates.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.atoms import atom
from resolver.linkage.columns import Columns
from resolver.linkage.compiled import kernel
from resolver.linkage.hashing import Hashes, mix_columns
from resolver.linkage.settings import BlockingRule
from resolver.linkage.sorting import sort_with

Rows = NDArray[np.int32]
PAIRS_PER_CHUNK = 1 << 18


@dataclass(frozen=True)
class Blocks:
    """Blocks of one rule, those of two records or more one behind the other in the order of their keys.

    Records of block k are `order[starts[k]:starts[k] + sizes[k]]`, ascending.
    """

    order: Rows
    starts: NDArray[np.int64]
    sizes: NDArray[np.int64]


@dataclass(frozen=True)
class Blocking:
    """Keys and blocks of all rules.

    Attributes:
        keys: (n, rules): what the records of one block have in common under each rule, 0 where a record has nothing
            or its block is left out; uint64 hashes from `block`, uint32 numbers of blocks from `block_records`.
        blocks: Blocks of two records or more, per rule.
        oversized: Keys of blocks that were left out, sorted, per rule.
        left_out: How many records stood in these, per rule.
    """

    keys: NDArray[Any]
    blocks: tuple[Blocks, ...]
    oversized: tuple[Hashes, ...]
    left_out: tuple[int, ...]


def rule_keys(columns: Columns, rules: tuple[BlockingRule, ...]) -> NDArray[np.uint64]:
    """Key of every record under every rule: uint64 (n, rules), 0 where an atom is missing."""
    keys = np.zeros((len(columns), len(rules)), np.uint64)
    for number, column in enumerate(key_columns(columns, rules)):
        keys[:, number] = column
    return keys


def block(
    keys: NDArray[np.uint64], caps: Sequence[int], oversized: tuple[Hashes, ...] | None = None
) -> Blocking:
    """Form the blocks.

    Args:
        keys: Result of `rule_keys`; the keys of left-out blocks are set to 0 in place.
        caps: Most records that a block may have, per rule.
        oversized: Keys known to be left out, per rule (sorted); None while they are being learnt.
    """

    def one(rule: int) -> _RuleBlocks:
        column = np.ascontiguousarray(keys[:, rule])
        found = _rule_blocks(column, caps[rule], _known(oversized, rule))
        keys[:, rule] = column
        return found

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return _blocking(keys, list(pool.map(one, range(keys.shape[1]))))


def block_records(
    columns: Columns,
    rules: tuple[BlockingRule, ...],
    caps: Sequence[int],
    oversized: tuple[Hashes, ...] | None = None,
    left_aside: NDArray[np.bool_] | None = None,
) -> Blocking:
    """Form the blocks of records: `block(rule_keys(…))` in half the time and memory.

    Args:
        columns: The records.
        rules: What the records of a block have in common.
        caps: Most records that a block may have, per rule.
        oversized: Keys known to be left out, per rule (sorted); None while they are being learnt.
        left_aside: bool (n,): records that stand in no block.

    Returns:
        Blocks whose `keys` are numbers of blocks.
    """
    numbers = np.zeros((len(columns), len(rules)), np.uint32)

    def one(rule: int, column: Hashes) -> _RuleBlocks:
        found = _rule_blocks(column, caps[rule], _known(oversized, rule))
        _number_blocks(found.blocks.order, found.blocks.starts, found.blocks.sizes, rule, numbers)
        return found

    jobs: list[Future[_RuleBlocks]] = []
    workers = os.cpu_count() or 1
    with ThreadPoolExecutor(workers) as pool:
        for rule, column in enumerate(key_columns(columns, rules)):
            if left_aside is not None:
                column[left_aside] = 0
            jobs.append(pool.submit(one, rule, column))
            del column
            if rule > workers:  # keys wait in memory: not too many of them
                jobs[rule - workers].result()
    return _blocking(numbers, [job.result() for job in jobs])


def block_keys(
    rules: Sequence[Callable[[], Hashes]],
    n: int,
    caps: Sequence[int],
    oversized: tuple[Hashes, ...] | None = None,
    left_aside: NDArray[np.bool_] | None = None,
) -> Blocking:
    """Form the blocks of any n records.

    Args:
        rules: Per rule, what gives the keys (n,), which it will not need again; called on any core.
        n: Number of records.
        caps: As in `block_records`.
        oversized: As in `block_records`.
        left_aside: As in `block_records`.

    Returns:
        Blocks whose `keys` are numbers of blocks.
    """
    numbers = np.zeros((len(rules), n), np.uint32)

    def one(rule: int) -> _RuleBlocks:
        column = rules[rule]()
        if left_aside is not None:
            column[left_aside] = 0
        found = _rule_blocks(column, caps[rule], _known(oversized, rule))
        blocks = found.blocks
        _number_blocks(blocks.order, blocks.starts, blocks.sizes, 0, numbers[rule].reshape(n, 1))
        return found

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return _blocking(numbers.T, list(pool.map(one, range(len(rules)))))


def key_columns(columns: Columns, rules: tuple[BlockingRule, ...]) -> Iterator[Hashes]:
    """Key of every record (n,), rule by rule; an atom is kept until the last rule that uses it."""
    last_use = {name: number for number, rule in enumerate(rules) for name in rule.atoms}
    atoms: dict[str, Hashes] = {}
    for number, rule in enumerate(rules):
        for name in rule.atoms:
            if name not in atoms:
                atoms[name] = atom(columns, name)
        mixed = mix_columns(*(atoms[name] for name in rule.atoms))
        yield mixed.copy() if len(rule.atoms) == 1 else mixed
        atoms = {name: values for name, values in atoms.items() if last_use[name] > number}


class _RuleBlocks(NamedTuple):
    blocks: Blocks
    oversized: Hashes
    left_out: int


def _blocking(keys: NDArray[Any], found: list[_RuleBlocks]) -> Blocking:
    return Blocking(
        keys,
        tuple(f.blocks for f in found),
        tuple(f.oversized for f in found),
        tuple(f.left_out for f in found),
    )


def _known(oversized: tuple[Hashes, ...] | None, rule: int) -> Hashes:
    return oversized[rule] if oversized is not None else np.zeros(0, np.uint64)


def _rule_blocks(keys: Hashes, cap: int, known: Hashes) -> _RuleBlocks:
    """Blocks of one rule; the keys (n,) of those left out are set to 0."""
    present, order = np.empty(len(keys), np.uint64), np.empty(len(keys), np.int32)
    n = int(_list_present(keys, present, order))
    present, order = sort_with(present[:n], order[:n])
    starts, sizes = np.empty(n // 2 + 1, np.int64), np.empty(n // 2 + 1, np.int64)
    members, left_out = np.empty(n, np.int32), np.empty(n // max(cap, 1) + len(known) + 1, np.uint64)
    counts = np.zeros(4, np.int64)
    _find_blocks((present, order), (cap, known), (starts, sizes, members, left_out), keys, counts)
    blocks = Blocks(members[: counts[1]].copy(), starts[: counts[0]].copy(), sizes[: counts[0]].copy())
    return _RuleBlocks(blocks, left_out[: counts[2]].copy(), int(counts[3]))


@kernel
def _list_present(keys: Hashes, present: Hashes, rows: Rows) -> int:
    found = 0
    for row in range(keys.shape[0]):
        present[found], rows[found] = keys[row], row
        found += keys[row] != 0
    return found


@kernel
def _find_blocks(
    sorted_: tuple[Hashes, Rows],
    limits: tuple[int, Hashes],
    out: tuple[NDArray[np.int64], NDArray[np.int64], Rows, Hashes],
    keys: Hashes,
    counts: NDArray[np.int64],
) -> None:
    """Find runs of equal keys; `counts` gets how many blocks, their records, keys left out, and records of these."""
    present, order = sorted_
    cap, known = limits
    starts, sizes, members, left_out = out
    start = 0
    while start < present.shape[0]:
        key, stop = present[start], start + 1
        while stop < present.shape[0] and present[stop] == key:
            stop += 1
        too_large = stop - start > cap
        if not too_large and known.shape[0] > 0:
            place = np.searchsorted(known, key)
            too_large = place < known.shape[0] and known[place] == key
        if too_large:
            left_out[counts[2]] = key
            counts[2] += 1
            counts[3] += stop - start
            for place in range(start, stop):
                keys[order[place]] = 0
        elif stop - start > 1:
            starts[counts[0]], sizes[counts[0]] = counts[1], stop - start
            counts[0] += 1
            for place in range(start, stop):
                members[counts[1]] = order[place]
                counts[1] += 1
        start = stop


@kernel
def _number_blocks(
    order: Rows, starts: NDArray[np.int64], sizes: NDArray[np.int64], rule: int, out: NDArray[np.uint32]
) -> None:
    for number in range(starts.shape[0]):
        for place in range(starts[number], starts[number] + sizes[number]):
            out[order[place], rule] = number + 1


@kernel
def _expand(
    blocks: tuple[Rows, NDArray[np.int64], NDArray[np.int64]],
    keys: NDArray[Any],
    rule: int,
    left: Rows,
    right: Rows,
) -> int:
    order, starts, sizes = blocks
    found = 0
    for number in range(starts.shape[0]):
        start, stop = starts[number], starts[number] + sizes[number]
        for first in range(start, stop - 1):
            one = order[first]
            for second in range(first + 1, stop):
                other = order[second]
                earlier = False
                for before in range(rule):
                    if keys[one, before] != 0 and keys[one, before] == keys[other, before]:
                        earlier = True
                        break
                if not earlier:
                    left[found] = one
                    right[found] = other
                    found += 1
    return found


def expand(blocking: Blocking, rule: int, part: slice) -> tuple[Rows, Rows]:
    """Pairs of rows (left < right) that some blocks of a rule yield and no earlier rule does."""
    blocks = blocking.blocks[rule]
    starts, sizes = blocks.starts[part], blocks.sizes[part]
    most = int((sizes * (sizes - 1) // 2).sum())
    left, right = np.empty(most, np.int32), np.empty(most, np.int32)
    found = _expand((blocks.order, starts, sizes), blocking.keys, rule, left, right)
    return left[:found], right[:found]


def parts(blocking: Blocking, most: int = PAIRS_PER_CHUNK) -> Iterator[tuple[int, slice]]:
    """Cut the work into pieces of about `most` pairs: (rule, slice of its blocks), in the order of the rules."""
    for rule, blocks in enumerate(blocking.blocks):
        total = np.cumsum(blocks.sizes * (blocks.sizes - 1) // 2)
        start = 0
        while start < len(total):
            done = total[start - 1] if start else 0
            stop = max(int(np.searchsorted(total, done + most, side="right")), start + 1)
            yield rule, slice(start, stop)
            start = stop
