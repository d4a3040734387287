"""What a delivery touches: which records are new, gone, or to be compared afresh, and the candidate pairs of these.

A pair of which neither record changed keeps what was found of it, with two exceptions. A block that crosses the limit
on its size takes its pairs with it or brings them, so its records are compared afresh; and a record whose description
comes to be repeated often leaves its blocks, or comes back to them.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from os import cpu_count

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.blocking import rule_keys
from resolver.linkage.changes import Renumbering, Splice, renumbering, spliced
from resolver.linkage.columns import Columns
from resolver.linkage.compared import Compared
from resolver.linkage.descriptions import Repeats, description_hashes
from resolver.linkage.engine import repeated_rows
from resolver.linkage.entries import (
    NO_LIMIT,
    Entries,
    Flags,
    LeftOut,
    Limit,
    entries_of,
    merge,
    sorted_entries,
    touched_pairs,
)
from resolver.linkage.grouping import Numbered
from resolver.linkage.judged import JudgedPairs
from resolver.linkage.model import Model
from resolver.linkage.scoring import Scored
from resolver.linkage.state import Sorted, State

Rows = NDArray[np.int32]


@dataclass(frozen=True)
class Delta:
    """What is different from the run before. Rows are numbered as now unless said otherwise.

    Attributes:
        moved: Where each row went.
        numbered: What valid numbers say of all rows.
        repeats: Records with descriptions that are repeated often, now.
        keys: Sorted keys, now.
        dirty_before: bool (n before,): rows whose candidate pairs no longer hold, as numbered before.
        n_dropped: How many candidate pairs these had.
        candidates: Candidate pairs that take their place, scored.
        left_out: Blocks left out, per rule.
    """

    moved: Renumbering
    numbered: Numbered
    repeats: Repeats
    keys: Sorted
    dirty_before: Flags
    n_dropped: int
    candidates: Scored
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True)
class _InBlocks:
    """Rows that stand in blocks: before and now.

    Attributes:
        had: bool (n before,).
        stays: bool (n before,): had, is still there, and has now.
        enters: bool (n,): has now, but is new or had not.
    """

    had: Flags
    stays: Flags
    enters: Flags

    @classmethod
    def of(cls, before: Repeats, now: Repeats, moved: Renumbering, n: int) -> "_InBlocks":
        n_before = len(moved.renumbered)
        had = before.firsts(n_before) == np.arange(n_before)
        has = now.firsts(n) == np.arange(n)
        stays = had & (moved.renumbered >= 0)
        stays[stays] = has[moved.renumbered[stays]]
        has[moved.renumbered[stays]] = False
        return cls(had, stays, has)


def find_delta(compared: Compared, state: State, judged: JudgedPairs) -> Delta:
    """Find what a run must look at.

    Args:
        compared: The records, and the model version that the run before used too.
        state: What the run before left.
        judged: Judged pairs, as rows are numbered now.
    """
    moved = renumbering(state.record_key, compared.record_key)
    new = compared.columns(moved.new)
    descriptions = _descriptions(state, moved, new, len(compared))
    repeats = _repeats(repeated_rows(descriptions, len(compared), judged), compared, state, moved)
    rows = _InBlocks.of(state.repeats, repeats, moved, len(compared))
    crossed = np.zeros(len(compared), np.bool_)
    limits = limits_of(compared.model)
    blocks, left_out = _blocks(
        state.keys.blocks,
        np.where(rows.stays, moved.renumbered, np.int32(-1)),
        _entering(compared, moved, new, rows.enters),
        limits,
        crossed,
    )
    dirty_before = rows.had & ~rows.stays
    staying = np.flatnonzero(moved.renumbered >= 0)
    dirty_before[staying] |= crossed[moved.renumbered[staying]]
    return Delta(
        moved,
        _numbered(state, moved, new),
        repeats,
        Sorted(descriptions, blocks),
        dirty_before,
        len(touched_pairs(state.keys.blocks, dirty_before, limits).left),
        compared.score(*touched_pairs(blocks, rows.enters | crossed, limits)),
        left_out,
    )


def limits_of(model: Model) -> tuple[Limit, ...]:
    """Which blocks a model leaves out, per rule."""
    return tuple(Limit(model.settings.blocking.hard_cap, known) for known in model.oversized)


def _numbered(state: State, moved: Renumbering, new: Columns) -> Numbered:
    splice, added = Splice(moved.gone, moved.new.astype(np.int64)), Numbered.of(new)
    return Numbered(
        **{
            field.name: spliced(getattr(state.numbered, field.name), splice, getattr(added, field.name))
            for field in fields(Numbered)
        }
    )


def _descriptions(state: State, moved: Renumbering, new: Columns, n: int) -> Entries:
    no_limit = Limit(NO_LIMIT, np.zeros(0, np.uint64))
    entering = sorted_entries(description_hashes(new), moved.new)
    return merge(state.keys.descriptions, moved.renumbered, entering, no_limit, np.zeros(n, np.bool_))[0]


def _repeats(found: tuple[Rows, Rows], compared: Compared, state: State, moved: Renumbering) -> Repeats:
    """Whether each repeated description holds: as it was found before, else by comparing."""
    row, first = found
    before = Repeats(
        moved.renumbered[state.repeats.row], moved.renumbered[state.repeats.first], state.repeats.held
    )
    known = np.full(len(compared), -1, np.int32)
    held = np.zeros(len(compared), np.bool_)
    there = before.row >= 0
    known[before.row[there]], held[before.row[there]] = before.first[there], before.held[there]
    unknown = np.flatnonzero(known[row] != first)
    scored = compared.score(first[unknown], row[unknown])
    held[row[unknown]] = scored.log_odds > compared.model.settings.clustering.clip / 2
    return Repeats(row, first, held[row])


def _entering(compared: Compared, moved: Renumbering, new: Columns, enters: Flags) -> tuple[Entries, ...]:
    """Entries of the rows that enter blocks: new ones, and those whose description is no longer repeated often."""
    keys = rule_keys(new, compared.model.settings.blocking.rules)
    keys[~enters[moved.new]] = 0
    again = enters.copy()
    again[moved.new] = False
    others = np.flatnonzero(again).astype(np.int32)
    rows = np.concatenate([moved.new, others])
    order = np.argsort(rows)
    return entries_of(np.concatenate([keys, compared.keys(others)])[order], rows[order])


def _blocks(
    before: tuple[Entries, ...],
    renumbered: Rows,
    entering: tuple[Entries, ...],
    limits: tuple[Limit, ...],
    crossed: Flags,
) -> tuple[tuple[Entries, ...], tuple[LeftOut, ...]]:
    """Entries of all rules now, and what is left out; sets `crossed` for rows of blocks that crossed the limit."""

    def one(rule: int) -> tuple[Entries, LeftOut]:
        return merge(before[rule], renumbered, entering[rule], limits[rule], crossed)

    with ThreadPoolExecutor(cpu_count()) as pool:
        merged = list(pool.map(one, range(len(entering))))
    return tuple(entries for entries, _ in merged), tuple(left_out for _, left_out in merged)
