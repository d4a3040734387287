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
# What the first two bytes of a Han character in UTF-8 look like to a reader of GBK: 李 begins as 鏉.
_HALF_OF_UTF8 = frozenset(
    character
    for lead in range(0xE4, 0xEA)
    for follower in range(0x80, 0xC0)
    if len(character := bytes([lead, follower]).decode("gbk", "ignore")) == 1
)
_PRIVATE = re.compile(r"[\ue000-\uf8ff\U000f0000-\U0010ffff]")


def clean(text: str) -> str:
    """Half width, composed, without invisible characters; runs of white space become one space, none outside.

    Text in UTF-8 that was read as GBK is put right, see `repair`; so are characters that the 2000 edition of
    GB 18030 put into the private use area; others there stay.
    """
    text = repair(text)
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


def repair(text: str) -> str:
    """Text in UTF-8 that was read as GBK (鏉庝笢楣? for 李东鹏), as it was; `UNREADABLE` where a byte is lost.

    Other text comes back as it is. By chance three Han characters that were meant can look so, once in some millions.
    """
    if text[:1] not in _HALF_OF_UTF8:
        return text
    try:
        known = [character.encode("gbk") if character != UNREADABLE else b"" for character in text]
    except UnicodeEncodeError:
        return text
    octets = [octet for piece in known for octet in (piece or (None,))]
    found: list[str] = []
    while octets:
        ascii_only = octets[0] is not None and octets[0] < 0x80
        group, octets = (octets[:1], octets[1:]) if ascii_only else (octets[:3], octets[3:])
        character = chr(group[0] or 0) if ascii_only else _from_utf8(group)
        if character is None:
            return text
        found.append(character)
    return "".join(found)


def _from_utf8(group: list[int | None]) -> str | None:
    """The Han character of three bytes, `UNREADABLE` if one is unknown, None if they cannot be one."""
    lead, *followers = group
    if lead is not None and not 0xE4 <= lead <= 0xE9:
        return None
    if any(octet is not None and not 0x80 <= octet <= 0xBF for octet in followers):
        return None
    octets = [octet for octet in group if octet is not None]
    if len(octets) == 3:
        return bytes(octets).decode("utf-8")
    return UNREADABLE if len(octets) < len(group) else None  # the end is missing without a trace: no UTF-8


def is_misdecoded(text: str) -> bool:
    """Whether the text shows that a file was read in the wrong encoding (锟斤拷 and its like)."""
    return _MISDECODED.search(text) is not None


def has_private_use(text: str) -> bool:
    """Whether characters remain that mean nothing outside the department's own font."""
    return _PRIVATE.search(clean(text)) is not None


def mark_unreadable(text: str) -> str:
    """Cleaned text with every wreck of an encoding and every private character as `UNREADABLE`."""
    return _PRIVATE.sub(UNREADABLE, _MISDECODED.sub(UNREADABLE, text))
