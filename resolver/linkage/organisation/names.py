"""Parts of an organisation's name 单位名称: the place it names, the core of it, and the core without its numbers.

威海市海润(环翠)大药房第三药店 names 威海 and 环翠; its core is 海润大药房第3药店. Two names of one firm may
leave out the place or the legal form; two shops of one chain differ in nothing but the number.
"""

import re
from typing import NamedTuple

from resolver.standardize.organisations import COMPANY_FORMS
from resolver.standardize.variants import fold

_BRACKETS = re.compile(r"\(([^()]*)\)")
_KINDS_OF_PLACE = re.compile("[省市县区]|地区|自治州")
_NUMBER = re.compile("[零〇一二三四五六七八九十百]+|[0-9]+")
_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"〇": 0}
_UNITS = {"十": 10, "百": 100}


class Parts(NamedTuple):
    """Parts of a name; empty where it has none.

    Attributes:
        place: What stands before the core and in brackets, without 省, 市, 县 and 区; no legal form.
        core: The core with variant characters folded and numbers as digits.
        numberless: The core with every number left out, if it has one.
    """

    place: str
    core: str
    numberless: str


def parts(name: str, core: str) -> Parts:
    """Take a name apart.

    Args:
        name: Comparison form of the name.
        core: Its core, both as `resolver.standardize.organisations` gives them.
    """
    bare = _BRACKETS.sub("", name)
    before = bare[: max(bare.find(core), 0)]
    inside = "".join(text for text in _BRACKETS.findall(name) if text not in COMPANY_FORMS)
    folded = _NUMBER.sub(lambda found: number(found[0]), fold(core))
    numberless = re.sub("[0-9]+", "#", folded)
    place = _KINDS_OF_PLACE.sub("", fold(before + inside))
    return Parts(place, folded, numberless if numberless != folded else "")


def number(text: str) -> str:
    """A number of Chinese or Arabic digits as Arabic ones: 十五 and 一五 as 15, 一百零三 as 103."""
    if text.isascii():
        return text.lstrip("0") or "0"
    if not any(character in _UNITS for character in text):
        return "".join(str(_DIGITS[character]) for character in text).lstrip("0") or "0"
    total, digit = 0, 0
    for place, character in enumerate(text):
        if character in _UNITS:
            total += (digit if digit or place else 1) * _UNITS[character]
            digit = 0
        else:
            digit = _DIGITS[character]
    return str(total + digit)
