"""The candidates of one record: found by its keys in an index, and put beside it for the compiled comparison."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.atoms import atom
from resolver.linkage.blocking import Rows
from resolver.linkage.columns import Columns
from resolver.linkage.comparison import Comparable
from resolver.linkage.compiled import kernel
from resolver.linkage.hashing import Hashes, mix
from resolver.linkage.index_files import IndexFiles
from resolver.linkage.settings import BlockingRule


@cache
def _plan(rules: tuple[BlockingRule, ...]) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Names of all atoms, and per rule the places of its own among them; -1 behind the last one."""
    names = tuple(sorted({name for rule in rules for name in rule.atoms}))
    places = np.full((len(rules), max(len(rule.atoms) for rule in rules)), -1, np.int64)
    for number, rule in enumerate(rules):
        places[number, : len(rule.atoms)] = [names.index(name) for name in rule.atoms]
    return names, places


@kernel
def _mix(atoms: Hashes, places: NDArray[np.int64], out: Hashes) -> None:
    for rule in range(out.shape[0]):
        out[rule] = atoms[places[rule, 0]]
        for number in range(1, places.shape[1]):
            if places[rule, number] >= 0:
                out[rule] = mix(out[rule], atoms[places[rule, number]])


def keys_of_one(example: Columns, rules: tuple[BlockingRule, ...]) -> Hashes:
    """Key of one record under every rule, uint64 (rules,): the same as `rule_keys`, without columns in between."""
    names, places = _plan(rules)
    atoms = np.array([atom(example, name)[0] for name in names], np.uint64)
    keys = np.empty(len(rules), np.uint64)
    _mix(atoms, places, keys)
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


@kernel
def _gather_chars(
    chars: NDArray[np.uint32],
    starts: NDArray[np.int32],
    rows: Rows,
    out: tuple[NDArray[np.uint32], NDArray[np.int32]],
) -> None:
    used = out[1][1]
    for number in range(rows.shape[0]):
        for place in range(starts[rows[number]], starts[rows[number] + 1]):
            out[0][used] = chars[place]
            used += 1
        out[1][number + 2] = used


def beside(one: Comparable, files: IndexFiles, rows: Rows) -> Comparable:
    """A record as row 0, and rows of an index behind it."""
    lengths = files.starts[rows + 1] - files.starts[rows]
    chars = np.empty(len(one.chars) + int(lengths.sum()), np.uint32)
    chars[: len(one.chars)] = one.chars
    starts = np.empty(len(rows) + 2, np.int32)
    starts[:2] = 0, len(one.chars)
    _gather_chars(files.chars, files.starts, rows, (chars, starts))
    return Comparable(
        words=np.concatenate([one.words, files.words[rows]]),
        facts=np.concatenate([one.facts, files.facts[rows]]),
        bands=np.concatenate([one.bands, files.bands[rows]]),
        chars=chars,
        starts=starts,
        look_alikes=one.look_alikes,
    )
