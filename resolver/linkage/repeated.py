"""Which descriptions are repeated often after a delivery: only those that it touches are counted again."""

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.columns import Columns
from resolver.linkage.compared import Compared
from resolver.linkage.descriptions import FEW, Repeats, description_hashes
from resolver.linkage.entries import NO_LIMIT, Entries, Limit, merge, sorted_entries
from resolver.linkage.judged import JudgedPairs
from resolver.linkage.slots import Flags, Moved, Slots
from resolver.linkage.state import State
from resolver.linkage.touched_blocks import BEFORE, NOW, Blocks, Looking, Standing, look_up


def find_repeats(
    moved: Moved, new: Columns, state: State, judged: JudgedPairs, compared: Compared
) -> tuple[Repeats, Entries]:
    """Records with descriptions that are repeated often, and the descriptions' entries that the base does not have.

    Args:
        moved: Who came and who went.
        new: Who came.
        state: What the run before left.
        judged: Judged pairs, as slots.
        compared: The records.
    """
    there = moved.now.there
    standing = moved.was_there * np.uint8(BEFORE) | there * np.uint8(NOW)
    entering = sorted_entries(description_hashes(new), moved.new)
    blocks = _touched(moved, state, judged, compared, standing, entering)
    again = np.zeros(len(standing), np.bool_)
    again[blocks.slot] = True
    before = state.known.repeats
    same = np.flatnonzero(~again[before.row])
    row, first = _counted(blocks, standing, moved.now.row, moved.now.slot)
    stands = ~np.isin(row, judged.different)
    row, first = row[stands], first[stands]
    repeats = Repeats(
        np.concatenate([before.row[same], row]),
        np.concatenate([before.first[same], first]),
        np.concatenate([before.held[same], _held(row, first, before, compared)]),
    )
    return repeats, merge(state.since.keys.descriptions.of_rows(there), entering)


def _touched(
    moved: Moved,
    state: State,
    judged: JudgedPairs,
    compared: Compared,
    standing: Standing,
    entering: Entries,
) -> Blocks:
    """The records of each description that came, that went, or whose records are judged different or no longer are."""
    was = moved.before.slots_of(state.known.different.ravel())
    others = np.setxor1d(was, judged.different.ravel()).astype(np.int32)
    hashes = description_hashes(compared.columns(np.concatenate([moved.gone, others])))
    wanted = np.unique(np.concatenate([entering.key, hashes]))
    layers = state.base.keys.descriptions, state.since.keys.descriptions, entering
    looking = Looking(standing, np.zeros(len(standing), np.bool_))
    return look_up(layers, wanted, Limit(NO_LIMIT, np.zeros(0, np.uint64)), looking)[0]


def _counted(blocks: Blocks, standing: Standing, row: NDArray[np.int32], slot: Slots) -> tuple[Slots, Slots]:
    """Slots whose description is repeated often, and the first with it; but for the first ones."""
    many = np.flatnonzero(blocks.sizes(standing, NOW) > FEW)
    if not len(many):
        return np.zeros(0, np.int32), np.zeros(0, np.int32)
    members = [_there(blocks, block, standing) for block in many.tolist()]
    rows = [np.sort(row[slots]) for slots in members]
    found = slot[np.concatenate([each[1:] for each in rows])]
    first = slot[np.repeat([each[0] for each in rows], [len(each) - 1 for each in rows])]
    return found, first


def _there(blocks: Blocks, block: int, standing: Standing) -> Slots:
    slots = blocks.slot[blocks.begins[block] : blocks.begins[block + 1]]
    here: Flags = standing[slots] & NOW != 0
    return slots[here]


def _held(row: Slots, first: Slots, before: Repeats, compared: Compared) -> Flags:
    """Whether each repeated description holds: as it was found before, else by comparing."""
    known = _pair(before.row, before.first)
    order = np.argsort(known)
    wanted = _pair(row, first)
    places = np.searchsorted(known, wanted, sorter=order)
    places = order[np.minimum(places, max(len(known) - 1, 0))] if len(known) else np.zeros(len(row), np.intp)
    there = known[places] == wanted if len(known) else np.zeros(len(row), np.bool_)
    held = np.zeros(len(row), np.bool_)
    held[there] = before.held[places[there]]
    fresh = np.flatnonzero(~there)
    scored = compared.score(first[fresh], row[fresh])
    held[fresh] = scored.log_odds > compared.model.settings.clustering.clip / 2
    return held


def _pair(one: Slots, other: Slots) -> NDArray[np.int64]:
    return one.astype(np.int64) << 32 | other
