"""Candidate pairs in pieces that fit a core's cache.

Which pairs a piece has follows from its blocks, so they are not kept while they are compared: a number of 16 bits for
each, in a fixed order, says what was found, and the rows of the few that matter are listed afterwards.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.blocking import Blocking, Blocks
from resolver.linkage.compiled import kernel
from resolver.linkage.hashing import Hashes

Rows = NDArray[np.int32]
Pairs = tuple[Rows, Rows]
Numbers = NDArray[np.uint16]
PIECE = (1 << 16) - 1
"""Pairs of a piece at most, so that 16 bits number what they show, and one number is left for `DROPPED`."""
DROPPED = PIECE
_MEMBERS = 1 << 14
"""Records of a piece, about."""
_MARKED = 8
_BYTES = np.uint64(0x0101010101010101)
_TOPS = np.uint64(0x8080808080808080)


class Near(NamedTuple):
    """The pairs of a piece that are to be compared, as places among their records.

    Attributes:
        members: int32 (k,): rows of these records, which may be there several times.
        left: int32 (m,): places of the left records of the pairs.
        right: int32 (m,).
    """

    members: Rows
    left: Rows
    right: Rows


class Piece(Protocol):
    """A part of the candidate pairs."""

    @property
    def rule(self) -> int | None:
        """Number of the rule that yields them; None where they are listed."""

    @property
    def most(self) -> int:
        """Pairs there are at most, those that an earlier rule yields among them."""

    def near(self, numbers: Numbers) -> Near:
        """Its pairs but those that an earlier rule yields.

        Args:
            numbers: uint16 (most,): is set to `DROPPED` for a pair that is not to be compared, to 0 for the others.
        """


def pairs_of(piece: Piece) -> Pairs:
    """Rows of all pairs of a piece, left < right."""
    near = piece.near(np.empty(piece.most, np.uint16))
    return near.members[near.left], near.members[near.right]


@dataclass(frozen=True)
class BlockPiece:
    """Some blocks of a rule, or some pairs of a large one.

    Attributes:
        blocking: The blocks of all rules.
        rule: Number of the rule; a pair that an earlier rule yields is dropped.
        part: Which of its blocks.
        pairs: Which of their pairs, counted through.
        n_left: Left of the pairs are only rows below, right only those from here on; None = pairs of any two rows.
    """

    blocking: Blocking
    rule: int
    part: slice
    pairs: slice
    n_left: int | None

    @property
    def most(self) -> int:
        return int(self.pairs.stop - self.pairs.start)

    def near(self, numbers: Numbers) -> Near:
        blocks = self.blocking.blocks[self.rule]
        sizes = blocks.sizes[self.part]
        members = np.empty(int(sizes.sum()), np.int32)
        _list_members(blocks.order, blocks.starts[self.part], sizes, members)
        keys, marks = np.empty((self.rule, len(members)), np.uint32), np.zeros(len(members), np.uint64)
        _fetch_keys(self.blocking.keys.T[: self.rule], members, keys, marks)
        left, right = np.empty(self.most, np.int32), np.empty(self.most, np.int32)
        found = _expand(sizes, (keys, marks), (self.pairs.start, self.pairs.stop), (left, right, numbers))
        if self.n_left is not None:
            found = _across(members, self.n_left, (left, right, numbers))
        left, right = left[:found], right[:found]
        if found < len(
            members
        ):  # most pairs were there before, and records without a pair need not be fetched
            given, members = members, np.empty(2 * found, np.int32)
            members = members[: _keep_used(given, (left, right), np.full(len(given), -1, np.int32), members)]
        return Near(members, left, right)


@dataclass(frozen=True)
class ListPiece:
    """Pairs that are listed.

    Attributes:
        left: int32 (m,): rows.
        right: int32 (m,).
    """

    left: Rows
    right: Rows

    @property
    def rule(self) -> None:
        return None

    @property
    def most(self) -> int:
        return len(self.left)

    def near(self, numbers: Numbers) -> Near:
        places = np.arange(2 * self.most, dtype=np.int32)
        numbers[:] = 0
        return Near(np.concatenate([self.left, self.right]), places[: self.most], places[self.most :])


def list_pieces(left: Rows, right: Rows) -> list[ListPiece]:
    """Pieces of listed pairs (m,), (m,)."""
    most = _MEMBERS // 2
    return [ListPiece(left[at : at + most], right[at : at + most]) for at in range(0, len(left), most)]


def block_pieces(blocking: Blocking, n_left: int | None) -> Iterator[BlockPiece]:
    """All blocks in pieces, in the order of the rules; `n_left` as in `BlockPiece`."""
    for rule, blocks in enumerate(blocking.blocks):
        for part, pairs in _cut(blocks):
            yield BlockPiece(blocking, rule, part, pairs, n_left)


def _cut(blocks: Blocks) -> Iterator[tuple[slice, slice]]:
    pairs = np.cumsum(blocks.sizes * (blocks.sizes - 1) // 2)
    records = np.cumsum(blocks.sizes)
    start = 0
    while start < len(pairs):
        done, gone = (int(pairs[start - 1]), int(records[start - 1])) if start else (0, 0)
        stop = int(np.searchsorted(pairs, done + PIECE, side="right"))
        stop = min(stop, int(np.searchsorted(records, gone + _MEMBERS, side="right")))
        stop = max(stop, start + 1)
        most = int(pairs[stop - 1]) - done
        for at in range(0, most, PIECE):
            yield slice(start, stop), slice(at, min(at + PIECE, most))
        start = stop


@kernel
def _list_members(order: Rows, starts: NDArray[np.int64], sizes: NDArray[np.int64], members: Rows) -> None:
    used = 0
    for number in range(starts.shape[0]):
        for place in range(starts[number], starts[number] + sizes[number]):
            members[used] = order[place]
            used += 1


@kernel
def _fetch_keys(keys: NDArray[np.uint32], members: Rows, out: NDArray[np.uint32], marks: Hashes) -> None:
    """Keys (rules, k) of records under the rules before, and marks (k,), which begin with zeros.

    A mark has a byte of each of a record's first eight keys; one of its place where there is no key, as others hardly
    have.
    """
    for before in range(out.shape[0]):
        for place in range(marks.shape[0]):
            out[before, place] = keys[before, members[place]]
    for before in range(min(out.shape[0], _MARKED)):
        for place in range(marks.shape[0]):
            key = np.uint64(out[before, place])
            byte = key if key != 0 else np.uint64(place)
            marks[place] |= (byte & np.uint64(255)) << np.uint64(8 * before)


@kernel
def _keep_used(members: Rows, pairs: tuple[Rows, Rows], places: Rows, out: Rows) -> int:
    """List the records (k,) that stand in pairs, as these come to them, and number the pairs' records by that list.

    `places` (k,) begins with -1; returns how many there are.
    """
    left, right = pairs
    used = 0
    for pair in range(left.shape[0]):
        for side in range(2):
            place = left[pair] if side == 0 else right[pair]
            if places[place] < 0:
                places[place] = used
                out[used] = members[place]
                used += 1
        left[pair], right[pair] = places[left[pair]], places[right[pair]]
    return used


@kernel
def _is_earlier(keys: NDArray[np.uint32], first: int, one: int, other: int) -> bool:
    """Whether a rule before this one, from the `first` on, has both records in one block."""
    earlier = False
    for before in range(first, keys.shape[0]):
        earlier |= (keys[before, one] != 0) & (keys[before, one] == keys[before, other])
    return earlier


@kernel
def _expand(
    sizes: NDArray[np.int64],
    before: tuple[NDArray[np.uint32], Hashes],
    wanted: tuple[int, int],
    out: tuple[Rows, Rows, Numbers],
) -> int:
    """List the wanted pairs (from, to) that no earlier rule yields, and mark the others; returns how many.

    Whether two records have a key in common is seen of their marks first: few have a byte in common by chance.
    """
    first_pair, last_pair = wanted
    left, right, numbers = out
    keys, marks = before
    rules = keys.shape[0]
    unmarked = ~np.uint64(0) << np.uint64(8 * rules) if rules < _MARKED else np.uint64(0)
    found, stop, pair = 0, 0, 0
    for number in range(sizes.shape[0]):
        begin = stop
        stop += sizes[number]
        for first in range(begin, stop - 1):
            if pair >= last_pair:
                return found
            begins = first + 1 + max(first_pair - pair, 0)
            ends = min(stop, first + 1 + last_pair - pair)
            at = pair - first - 1 - first_pair
            for second in range(begins, ends):
                apart = (marks[first] ^ marks[second]) | unmarked
                dropped = rules > _MARKED and _is_earlier(keys, _MARKED, first, second)
                if (apart - _BYTES) & ~apart & _TOPS != 0:  # a byte is zero
                    dropped = _is_earlier(keys, 0, first, second)
                left[found], right[found] = first, second
                found += not dropped
                numbers[at + second] = DROPPED if dropped else 0
            pair += stop - 1 - first
    return found


@kernel
def _across(members: Rows, n_left: int, pairs: tuple[Rows, Rows, Numbers]) -> int:
    """Of the pairs listed keep those whose left record is below `n_left` and the right one not; returns how many."""
    left, right, numbers = pairs
    seen, found = 0, 0
    for pair in range(numbers.shape[0]):
        if numbers[pair] != DROPPED:
            one, other = left[seen], right[seen]
            seen += 1
            if members[one] < n_left <= members[other]:
                left[found], right[found] = one, other
                found += 1
            else:
                numbers[pair] = DROPPED
    return found
