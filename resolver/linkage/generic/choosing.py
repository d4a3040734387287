"""List the pairs of pieces of the candidates that show what is wanted.

A loop over many pieces of one rule lists them in one go: between short loops cores would wait for the interpreter.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.compiled import kernel
from resolver.linkage.generic.pieces import DROPPED, BlockPiece, ListPiece, Numbers, Piece, Rows

Chosen = tuple[Rows, Rows, NDArray[np.int32]]
Places = NDArray[np.int64]


def choose(
    pieces: Sequence[Piece], numbers: Numbers, begins: Places, wanted: NDArray[np.bool_], n: int
) -> Chosen:
    """List pairs.

    Args:
        pieces: Pieces of one rule, or one piece of listed pairs.
        numbers: uint16: per pair of these pieces the number of its pattern among those of its piece, or `DROPPED`.
        begins: int64 (pieces,): which of all patterns a piece's begin with.
        wanted: bool (k,): of all patterns those wanted.
        n: How many pairs show one of these.

    Returns:
        Rows of the pairs, int32 (n,), int32 (n,), left < right; int32 (n,): place of each one's pattern.
    """
    first = pieces[0]
    if isinstance(first, ListPiece):
        places = np.flatnonzero(wanted[numbers])
        return first.left[places], first.right[places], numbers[places].astype(np.int32)
    out = np.empty(n, np.int32), np.empty(n, np.int32), np.empty(n, np.int32)
    parts = [piece for piece in pieces if isinstance(piece, BlockPiece)]
    if n:
        blocks = parts[0].blocking.blocks[parts[0].rule]
        ends = np.cumsum([part.most for part in parts])
        table = np.empty((len(parts), 4), np.int64)
        table[:, 0] = [part.part.start for part in parts]
        table[:, 1] = [part.pairs.start for part in parts]
        table[:, 2], table[:, 3] = ends, begins
        _choose(
            (blocks.order, blocks.starts, blocks.sizes),
            table,
            (numbers, wanted),
            np.empty(n + 1, np.int32),
            out,
        )
    return out


@kernel
def _choose(
    blocks: tuple[Rows, Places, Places],
    parts: Places,
    shown: tuple[Numbers, NDArray[np.bool_]],
    places: Rows,
    out: Chosen,
) -> None:
    """List pairs of pieces; `places` (n + 1,) is room to note pairs in.

    A row of `parts` has a piece's first block, which of its pairs the piece begins with, where its numbers end, and
    where its patterns begin.
    """
    numbers, wanted = shown
    done, start = 0, 0
    for part in range(parts.shape[0]):
        stop, begins = parts[part, 2], parts[part, 3]
        found = 0
        for pair in range(start, stop):
            number = np.int64(numbers[pair])
            listed = number != DROPPED
            places[found] = pair - start
            found += listed & wanted[begins + number * listed]
        _list(blocks, (parts[part, 0], parts[part, 1]), (places, found), (out[0], out[1], done))
        for at in range(found):
            out[2][done + at] = begins + numbers[start + places[at]]
        done += found
        start = stop


@kernel
def _list(
    blocks: tuple[Rows, Places, Places],
    begun: tuple[int, int],
    chosen: tuple[Rows, int],
    out: tuple[Rows, Rows, int],
) -> None:
    """List the pairs at places (found,) of a piece that begins with a block and a pair of it."""
    order, starts, sizes = blocks
    places, found = chosen
    left, right, done = out
    number, first, begin = begun[0], 0, -begun[1]  # the pairs of the record `first` of a block begin there
    for at in range(found):
        pair = places[at]
        while True:
            size = sizes[number]
            if first == 0 and pair >= begin + size * (size - 1) // 2:
                begin += size * (size - 1) // 2
                number += 1
            elif pair >= begin + size - 1 - first:
                begin += size - 1 - first
                first += 1
                if first == size - 1:
                    number, first = number + 1, 0
            else:
                break
        place = starts[number] + first
        left[done + at], right[done + at] = order[place], order[place + 1 + pair - begin]
