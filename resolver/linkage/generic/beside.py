"""Records of pairs put side by side, column by column, so that comparisons read what lies near."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.compiled import kernel
from resolver.linkage.generic.pieces import Rows
from resolver.linkage.generic.prepared import LINE, Prepared

_AHEAD = 64
"""Records that are fetched together, so that their waits for memory overlap."""


class Beside(NamedTuple):
    """What stands of some records in `Prepared.rows`; behind the last of them (k) the arrays go on with anything.

    Attributes:
        words: uint64 (words, k and more).
        codes: int32 (slots, k and more).
        bands: int32 (k and more,).
    """

    words: NDArray[np.uint64]
    codes: NDArray[np.int32]
    bands: NDArray[np.int32]


def side_by_side(data: Prepared, members: Rows) -> Beside:
    """Put records (k,) side by side."""
    layout = data.layout
    # One line of the cache more than they take: columns that begin a power of two apart would push each other out.
    padded = (len(members) // LINE + 2) * LINE
    words = np.empty((layout.words, padded), np.uint64)
    numbers = np.empty((layout.width - 2 * layout.words, padded), np.int32)
    _copy(data.rows.view(np.uint64), data.rows, members, words, numbers)
    return Beside(words, numbers[: layout.slots], numbers[layout.slots])


@kernel
def _copy(
    packed: NDArray[np.uint64],
    rows: NDArray[np.int32],
    members: Rows,
    words: NDArray[np.uint64],
    numbers: NDArray[np.int32],
) -> np.int32:
    """Fetch records; the number returned only keeps the loop that fetches ahead from being left out."""
    first, seen = 2 * words.shape[0], np.int32(0)
    for start in range(0, members.shape[0], _AHEAD):
        stop = min(start + _AHEAD, members.shape[0])
        for place in range(start, stop):
            for line in range(0, first + numbers.shape[0], LINE):
                seen ^= rows[members[place], line]
        for place in range(start, stop):
            row = members[place]
            for lane in range(words.shape[0]):
                words[lane, place] = packed[row, lane]
            for lane in range(numbers.shape[0]):
                numbers[lane, place] = rows[row, first + lane]
    return seen
