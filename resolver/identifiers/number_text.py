"""What people type where a number belongs, reduced to the characters of the number."""

import re
import unicodedata
from itertools import pairwise

MISSING_WORDS = frozenset(
    {
        "", "无", "無", "没有", "暂无", "不详", "不明", "未知", "未填", "未提供", "空", "缺", "待补", "待查",
        "无证件", "无身份证", "/", "\\", "-", "--", "---", "—", "——", "0", "00", "000", "N/A", "NA", "NULL", "NONE",
        "NAN", "NIL", "?", "??", "*", "**", "***", ".", "X", "XX", "XXX", "#N/A", "#REF!", "#VALUE!",
    }
)  # fmt: skip
"""Ways of writing "there is none", upper case."""

# Cyrillic and Greek letters, the multiplication sign and its like, that stand for the check character X.
_LOOKALIKES = str.maketrans(dict.fromkeys("Хх×Χχ✕✖╳乂⨯", "X"))
_NOISE = re.compile(r"[\s'\"`´‘’“”\-‐‑‒–—―_\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]+")
_FLOAT_TAIL = re.compile(r"(?<=[0-9])\.0+$")


def clean(text: str) -> str:
    """Half width, upper case, X for its look-alikes; no spaces, quotes, hyphens or invisible characters.

    A spreadsheet's `.0` behind a number goes too. Everything else stays, so that damage stays visible.
    """
    if text.isascii() and text.isalnum():
        return text.upper()
    previous = None
    while text != previous:  # taking noise away may bring together what composes
        previous = text
        text = unicodedata.normalize("NFKC", text).translate(_LOOKALIKES).upper()
        text = _FLOAT_TAIL.sub("", _NOISE.sub("", text))
    return text


def is_missing(cleaned: str) -> bool:
    """Whether a cleaned text only says that there is no value."""
    return cleaned in MISSING_WORDS


def is_filler(cleaned: str) -> bool:
    """Whether a cleaned number was typed to get past a form: one character repeated, or counting up."""
    if len(set(cleaned)) == 1:
        return True
    digits = cleaned.removesuffix("X")
    return (
        len(digits) >= 6
        and digits.isdecimal()
        and all((int(b) - int(a)) % 10 == 1 for a, b in pairwise(digits))
    )
