"""Characters as they should have come: width, compatibility forms, invisible ones, and the damage of old codecs.

Nothing here changes which character was meant; simplified and traditional forms stay apart (see `variants.py`).
"""

import re
import unicodedata

import pyarrow as pa

from resolver.identifiers.columns import Column, map_text

HAN = (
    "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"  # 〇, extension A, the main block, …
)
"""Han characters, for use inside a regular expression's brackets."""

UNREADABLE = "?"
"""Stands for one character that could not be read."""

# Python's gb18030 codec is the 2000 edition: what GB 18030-2005 moved out of the private use area still lands there.
_EDITION_2000 = {
    0xE78D: 0xFE10, 0xE78E: 0xFE12, 0xE78F: 0xFE11, 0xE790: 0xFE13, 0xE791: 0xFE14, 0xE792: 0xFE15, 0xE793: 0xFE16,
    0xE794: 0xFE17, 0xE795: 0xFE18, 0xE796: 0xFE19, 0xE7C7: 0x1E3F, 0xE816: 0x20087, 0xE817: 0x20089, 0xE818: 0x200CC,
    0xE81E: 0x9FB4, 0xE826: 0x9FB5, 0xE82B: 0x9FB6, 0xE82C: 0x9FB7, 0xE831: 0x215D7, 0xE832: 0x9FB8, 0xE83B: 0x2298F,
    0xE843: 0x9FB9, 0xE854: 0x9FBA, 0xE855: 0x241FE, 0xE864: 0x9FBB,
}  # fmt: skip
_INVISIBLE = dict.fromkeys(
    [0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F),
     *range(0x2060, 0x2070), *range(0xFE00, 0xFE10), 0xFEFF, *range(0xE0100, 0xE01F0),
     *range(0x09), *range(0x0E, 0x20), *range(0x7F, 0xA0)]
)  # fmt: skip
_TABLE = {**_EDITION_2000, **_INVISIBLE}
_PLAIN = re.compile(r"[!-~\u4e00-\u9fff]*")
_SPACE = re.compile(r"\s+")
_MISDECODED = re.compile(r"(?:锟斤拷|锟斤|斤拷|烫烫烫|屯屯屯|\ufffd)+")
_PRIVATE = re.compile(r"[\ue000-\uf8ff\U000f0000-\U0010ffff]")


def clean(text: str) -> str:
    """Half width, composed, without invisible characters; runs of white space become one space, none outside.

    Characters of the private use area that the 2000 edition of GB 18030 put there are put right; others stay.
    """
    if _PLAIN.fullmatch(text):
        return text
    previous = None
    while text != previous:  # taking an invisible character away may bring two together that compose
        previous = text
        text = unicodedata.normalize("NFKC", text.translate(_TABLE))
        text = _SPACE.sub(" ", text).strip()
    return text


def clean_column(column: Column) -> pa.Array:
    """`clean` over a column of text."""
    return map_text(column, clean, pa.string())


def is_misdecoded(text: str) -> bool:
    """Whether the text shows that a file was read in the wrong encoding (锟斤拷 and its like)."""
    return _MISDECODED.search(text) is not None


def has_private_use(text: str) -> bool:
    """Whether characters remain that mean nothing outside the department's own font."""
    return _PRIVATE.search(clean(text)) is not None


def mark_unreadable(text: str) -> str:
    """Cleaned text with every wreck of an encoding and every private character as `UNREADABLE`."""
    return _PRIVATE.sub(UNREADABLE, _MISDECODED.sub(UNREADABLE, text))
