"""The candidates of one record: found by its keys in an index, and put beside it for the compiled comparison."""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.atoms import as_numbers, atom_of
from resolver.linkage.blocking import Rows
from resolver.linkage.columns import Columns
from resolver.linkage.comparison import Comparable
from resolver.linkage.compiled import kernel
from resolver.linkage.hashing import Hashes, mix
from resolver.linkage.index_files import IndexFiles
from resolver.linkage.settings import BlockingRule


@cache
def _plan(rules: tuple[BlockingRule, ...]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """All atoms, as `as_numbers` gives them, and per rule the places of its own among them; -1 behind the last one."""
    names = sorted({name for rule in rules for name in rule.atoms})
    places = np.full((len(rules), max(len(rule.atoms) for rule in rules)), -1, np.int64)
    for number, rule in enumerate(rules):
        places[number, : len(rule.atoms)] = [names.index(name) for name in rule.atoms]
    return as_numbers(names), places


@kernel
def _keys_of_one(
    words: Hashes,
    facts: NDArray[np.int32],
    chars: NDArray[np.uint32],
    plan: tuple[NDArray[np.int64], NDArray[np.int64]],
    atoms: Hashes,
    out: Hashes,
) -> None:
    meant, places = plan
    for number in range(atoms.shape[0]):
        atoms[number] = atom_of(words, facts, chars, meant[number])
    for rule in range(out.shape[0]):
        out[rule] = atoms[places[rule, 0]]
        for number in range(1, places.shape[1]):
            if places[rule, number] >= 0:
                out[rule] = mix(out[rule], atoms[places[rule, number]])


def keys_of_one(example: Columns, rules: tuple[BlockingRule, ...]) -> Hashes:
    """Key of one record under every rule, uint64 (rules,): the same as `rule_keys`, without columns in between."""
    plan = _plan(rules)
    keys = np.empty(len(rules), np.uint64)
    atoms = np.empty(len(plan[0]), np.uint64)
    _keys_of_one(example.words[0], example.facts[0], example.chars, plan, atoms, keys)
    return keys


@kernel
def _find(wanted: Hashes, keys: Hashes, rows: Rows, begins: NDArray[np.int64], out: NDArray[np.int32]) -> int:
    found = 0
    for rule in range(wanted.shape[0]):
        if wanted[rule] == 0:
            continue
        stop = begins[rule + 1]
        place = begins[rule] + np.searchsorted(keys[begins[rule] : stop], wanted[rule])
        while place < stop and keys[place] == wanted[rule]:
            out[found] = rows[place]
            found += 1
            place += 1
    return found


def candidates(wanted: Hashes, files: IndexFiles, cap: int) -> Rows:
    """Rows (m,), ascending, that share a key with a record.

    Args:
        wanted: Its keys, uint64 (rules,).
        files: The index.
        cap: Most records in a block of the index.
    """
    out = np.empty(len(wanted) * cap, np.int32)
    return np.unique(out[: _find(wanted, files.keys, files.rows, files.begins, out)])


def left_out(wanted: Hashes, files: IndexFiles) -> NDArray[np.intp]:
    """Numbers of the rules under which the block of a record's key is too large to be looked at."""
    found = np.zeros(len(wanted), np.bool_)
    for rule, key in enumerate(wanted):
        known = files.left_out[files.left_out_begins[rule] : files.left_out_begins[rule + 1]]
        place = np.searchsorted(known, key)
        found[rule] = place < len(known) and known[place] == key
    return np.flatnonzero(found)


_Numbers = tuple[Hashes, NDArray[np.int32], NDArray[np.uint8]]
_Names = tuple[NDArray[np.uint32], NDArray[np.int32]]


@kernel
def _gather_rows(one: NDArray[Any], values: NDArray[Any], rows: Rows, out: NDArray[Any]) -> None:
    for place in range(out.shape[1]):
        out[0, place] = one[0, place]
    for number in range(rows.shape[0]):
        for place in range(out.shape[1]):
            out[number + 1, place] = values[rows[number], place]


@kernel
def _gather_numbers(one: _Numbers, files: _Numbers, rows: Rows, out: _Numbers) -> None:
    _gather_rows(one[0], files[0], rows, out[0])
    _gather_rows(one[1], files[1], rows, out[1])
    _gather_rows(one[2], files[2], rows, out[2])


@kernel
def _count_chars(starts: NDArray[np.int32], rows: Rows) -> int:
    total = 0
    for number in range(rows.shape[0]):
        total += starts[rows[number] + 1] - starts[rows[number]]
    return total


@kernel
def _gather_chars(one: NDArray[np.uint32], files: _Names, rows: Rows, out: _Names) -> None:
    for place in range(one.shape[0]):
        out[0][place] = one[place]
    used = one.shape[0]
    out[1][0], out[1][1] = 0, used
    for number in range(rows.shape[0]):
        for place in range(files[1][rows[number]], files[1][rows[number] + 1]):
            out[0][used] = files[0][place]
            used += 1
        out[1][number + 2] = used


def beside(one: Comparable, files: IndexFiles, rows: Rows) -> Comparable:
    """A record as row 0, and rows of an index behind it."""
    n = len(rows) + 1
    both = Comparable(
        words=np.empty((n, one.words.shape[1]), np.uint64),
        facts=np.empty((n, one.facts.shape[1]), np.int32),
        bands=np.empty((n, one.bands.shape[1]), np.uint8),
        chars=np.empty(len(one.chars) + _count_chars(files.starts, rows), np.uint32),
        starts=np.empty(n + 1, np.int32),
        look_alikes=one.look_alikes,
    )
    mine, theirs = (one.words, one.facts, one.bands), (files.words, files.facts, files.bands)
    _gather_numbers(mine, theirs, rows, (both.words, both.facts, both.bands))
    _gather_chars(one.chars, (files.chars, files.starts), rows, (both.chars, both.starts))
    return both
