"""Two texts character by character, compiled: is one a part of the other, are they one edit apart."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from resolver.linkage.compiled import kernel

Chars = NDArray[np.uint32]
Starts = NDArray[np.int64]


def characters(values: pa.StringArray) -> tuple[Chars, Starts]:
    """Code points of all texts (d,), one after the other, and where each begins (d + 1,)."""
    texts = values.to_pylist()
    chars = np.frombuffer("".join(texts).encode("utf-32-le"), np.uint32)
    lengths = np.fromiter((len(text) for text in texts), np.int64, len(texts))
    return chars, np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])


@kernel
def one_edit(chars: Chars, starts: Starts, one: int, other: int) -> bool:
    """Whether one character differs, is added or dropped, or two neighbours are swapped; not for equal texts."""
    a, b = starts[one], starts[other]
    n, m = starts[one + 1] - a, starts[other + 1] - b
    same = 0
    while same < n and same < m and chars[a + same] == chars[b + same]:
        same += 1
    end = 0
    while end < n - same and end < m - same and chars[a + n - 1 - end] == chars[b + m - 1 - end]:
        end += 1
    rest, other_rest = n - same - end, m - same - end
    if rest == 2 and other_rest == 2:
        return bool(chars[a + same] == chars[b + same + 1] and chars[a + same + 1] == chars[b + same])
    return bool(max(rest, other_rest) == 1)


@kernel
def different(chars: Chars, starts: Starts, one: int, other: int) -> int:
    """In how many places two texts of one length differ; -1 if they are not equally long."""
    a, b = starts[one], starts[other]
    n = starts[one + 1] - a
    if n != starts[other + 1] - b:
        return -1
    found = 0
    for place in range(n):
        found += chars[a + place] != chars[b + place]
    return found


@kernel
def contains(chars: Chars, starts: Starts, one: int, other: int) -> bool:
    """Whether the shorter text stands somewhere in the longer one; an empty one always does."""
    if starts[one + 1] - starts[one] < starts[other + 1] - starts[other]:
        one, other = other, one
    a, b = starts[one], starts[other]
    n, m = starts[one + 1] - a, starts[other + 1] - b
    for at in range(n - m + 1):
        length = 0
        while length < m and chars[a + at + length] == chars[b + length]:
            length += 1
        if length == m:
            return True
    return False
