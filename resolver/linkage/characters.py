"""Characters of names: which are written variants of one another, which look alike, which stand for an unreadable one.

Folding (traditional to simplified, 囯 to 国) serves to find and to compare, never to call two names equal: 昇 and 升
are names of different people, so *same but for variant characters* is a level of its own.
"""

from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.compiled import kernel
from resolver.standardize.variants import fold

HIGHEST = 0x323B0
"""One past the last Han character of Unicode 16 (extension H ends at U+323AF)."""

WILDCARD = 0x3F
"""`?`, to which every mark for an unreadable character is folded."""

_WILDCARDS = "?？□■○●*＊×〓�_"
_DOTS = "·•・‧●."
_HAN_BLOCKS = ((0x3400, 0x4DC0), (0x4E00, 0xA000))
"""The characters that names are written in, but for a few rare ones, which fold to themselves."""


@cache
def folding() -> NDArray[np.uint32]:
    """Folded character of every code point below `HIGHEST` (uint32); 0 = leave it out (dots, spaces, hyphens)."""
    table = np.arange(HIGHEST, dtype=np.uint32)
    for start, stop in _HAN_BLOCKS:
        table[start:stop] = [ord(c) for c in fold("".join(map(chr, range(start, stop))))]
    table[[ord(c) for c in _WILDCARDS]] = WILDCARD
    table[[ord(c) for c in _DOTS + " -'’"]] = 0
    return table


@cache
def look_alikes() -> NDArray[np.uint64]:
    """Sorted pairs of characters that look alike, both ways, as `first << 32 | second`."""
    text = (resources.files("resolver.models") / "look_alikes.txt").read_text("utf-8")
    pairs = {
        ord(one) << 32 | ord(other)
        for line in text.splitlines()
        if not line.startswith("#")
        for group in line.split()
        for one in group
        for other in group
        if one != other
    }
    return np.array(sorted(pairs), np.uint64)


@kernel
def are_look_alikes(one: np.uint32, other: np.uint32, pairs: NDArray[np.uint64]) -> bool:
    """Whether two folded characters look alike, or one of them is unreadable."""
    if WILDCARD in (one, other):
        return True
    wanted = np.uint64(one) << np.uint64(32) | np.uint64(other)
    place = np.searchsorted(pairs, wanted)
    return bool(place < pairs.shape[0] and pairs[place] == wanted)
