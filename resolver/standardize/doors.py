"""The last part of an address: road, house number, building, unit, room, in one way of writing.

3号楼2单元501室, 三号楼二单元五〇一, 3#楼2单元501, 3栋2单元501户 and 3-2-501 are one door. A word that
follows itself counts once (3组组).
"""

import re

_NUMERAL = re.compile(r"[〇○零一二三四五六七八九十百]+(?=(?:号|楼|栋|幢|座|单元|室|层|户|组|队|巷|弄|排|#))")
_LAST_NUMERAL = re.compile(r"(?<=[元号楼栋幢座0-9-])[〇○零一二三四五六七八九十百]+$")
_DIGIT = {c: str(i) for i, c in enumerate("零一二三四五六七八九")} | {"〇": "0", "○": "0"}
_DASHES = re.compile(r"[-‐‑‒–—―－ー]+")
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】")
_NOISE = re.compile(r"[\s,，。;；:：、.·'\"“”‘’|/\\_~?*!()\[\]【】]+")
_ZEROS = re.compile(r"(?<![0-9])0+(?=[0-9])")
_TWICE = re.compile(r"(?<=[0-9A-Z号])(号楼|单元|[号楼栋幢座室户组队])\1+")
_HASH = re.compile(r"(?<=[0-9A-Z])#楼?")
_FLAT = re.compile(
    r"([0-9]+|[A-Z])(?:号楼|号住宅楼|楼|栋|幢|座|号(?=[0-9]+单元))-?(?:([0-9]+|[A-Z])(?:单元|门)-?)?([0-9]+)(?:室|户|号|房)?$"
)
_DASHED = re.compile(r"([0-9]+|[A-Z])-([0-9]+|[A-Z])-([0-9]+)(?:室|户|号|房)?$")
_BARE = re.compile(r"[0-9]+")


def normalize(text: str) -> str | None:
    """One way of writing for the rest of an address; None if nothing is left.

    Args:
        text: Cleaned text (half width), Latin letters in upper case.
    """
    door = text
    while (written := _once(door)) != door:  # one change may make room for another
        door = written
    return door or None


def _once(text: str) -> str:
    if text == "":
        return ""
    door = _NOISE.sub("", _BRACKETS.sub("", text))
    door = _DASHES.sub("-", door).strip("-")
    door = _NUMERAL.sub(_arabic, door)
    door = _LAST_NUMERAL.sub(_arabic, door)
    door = _TWICE.sub(r"\1", door)
    door = _HASH.sub(lambda found: "号楼" if found[0] == "#楼" else "号", door)
    door = _ZEROS.sub("", door)
    door = _FLAT.sub(lambda found: "-".join(part for part in found.groups() if part), door)
    door = _DASHED.sub(r"\1-\2-\3", door)
    return door + "号" if _BARE.fullmatch(door) else door


def _arabic(found: re.Match[str]) -> str:
    """Digits for a numeral: by place value where it has tens or hundreds, else digit by digit."""
    text = found[0]
    if "十" not in text and "百" not in text:
        return "".join(_DIGIT[c] for c in text)
    hundreds, _, rest = text.rpartition("百")
    tens, ten, ones = rest.rpartition("十")
    total = 0
    if "百" in text:
        total += _value(hundreds, 1) * 100
    if ten:
        total += _value(tens, 1) * 10
    return str(total + _value(ones, 0))


def _value(numeral: str, empty: int) -> int:
    digits = "".join(_DIGIT.get(c, "") for c in numeral)
    return int(digits) if digits else empty
