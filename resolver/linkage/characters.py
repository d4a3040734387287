"""Characters of names: which are written variants of one another, which look alike, which stand for an unreadable one.

Folding (traditional to simplified, 囯 to 国) serves to find and to compare, never to call two names equal: 昇 and 升
are names of different people, so *same but for variant characters* is a level of its own.
"""

from functools import cache
from importlib import resources

import numpy as np
import opencc
from numpy.typing import NDArray

from resolver.linkage.compiled import compiled

HIGHEST = 0x323B0
"""One past the last Han character of Unicode 16 (extension H ends at U+323AF)."""

WILDCARD = 0x3F
"""`?`, to which every mark for an unreadable character is folded."""

_WILDCARDS = "?？□■○●*＊×〓�_"
_DOTS = "·•・‧●."
_HAN_BLOCKS = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0xF900, 0xFB00), (0x20000, HIGHEST))
_VARIANTS_BESIDES = {
    "囯": "国", "锺": "钟", "濬": "浚", "於": "于", "珎": "珍", "秊": "年", "峯": "峰", "羣": "群", "冨": "富", "徳": "德",
    "郞": "郎", "甯": "宁", "邨": "村", "堦": "阶", "昻": "昂", "愼": "慎", "眞": "真", "枬": "楠", "祿": "禄", "靑": "青",
    "淸": "清", "敎": "教", "溫": "温", "氷": "冰", "呂": "吕", "吳": "吴", "強": "强", "産": "产", "晧": "皓", "鉄": "铁",
    "咊": "和", "龢": "和", "仝": "同", "煕": "熙", "熈": "熙", "曺": "曹", "恆": "恒", "祕": "秘", "畧": "略", "竒": "奇",
    "艶": "艳", "豔": "艳", "弌": "一", "弍": "二", "弎": "三", "壹": "一", "貳": "二", "叁": "三", "欝": "郁", "鬱": "郁",
    "逹": "达", "荘": "庄", "髙": "高", "啓": "启", "卋": "世", "囘": "回", "囬": "回", "夣": "梦", "夛": "多", "亙": "亘",
}  # fmt: skip


@cache
def folding() -> NDArray[np.uint32]:
    """Folded character of every code point below `HIGHEST` (uint32); 0 = leave it out (dots, spaces, hyphens)."""
    table = np.arange(HIGHEST, dtype=np.uint32)
    text = "".join(chr(c) for start, stop in _HAN_BLOCKS for c in range(start, stop))
    folded = opencc.OpenCC("t2s").convert(text)
    if len(folded) == len(text):
        table[[ord(c) for c in text]] = np.fromiter(map(ord, folded), np.uint32, len(folded))
    for variant, plain in _VARIANTS_BESIDES.items():
        table[ord(variant)] = ord(plain)
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


@compiled
def are_look_alikes(one: np.uint32, other: np.uint32, pairs: NDArray[np.uint64]) -> bool:
    """Whether two folded characters look alike, or one of them is unreadable."""
    if one == WILDCARD or other == WILDCARD:
        return True
    wanted = np.uint64(one) << np.uint64(32) | np.uint64(other)
    place = np.searchsorted(pairs, wanted)
    return bool(place < pairs.shape[0] and pairs[place] == wanted)
