"""Addresses 地址: today's county, town, village, and what is left, normalised.

Own parser: administrative names of any time (`regions.py`), then the longest-established order of a Chinese address,
镇/乡/街道, then 村/社区, then road, house, building, unit and room (`doors.py`). Most addresses of a file share their
heads, so the head (up to the first digit) is parsed once for all.

A kind of place that is written twice counts once (张村镇镇, 鲸园街道街道, 市市). So it does in a village: 石哥村 and
石哥村村 are one, because its committee, 石哥村村委会, reads as that of both. A town of one character and its kind has
it twice by right: 古镇镇, 新镇镇.
"""

import re
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from resolver.identifiers.columns import Column, as_text, distinct
from resolver.standardize import doors, regions
from resolver.standardize.characters import clean, mark_unreadable, repair

COLUMN_TYPE = pa.struct(
    [("region", pa.string()), ("town", pa.string()), ("village", pa.string()), ("address", pa.string())]
)
"""What `parse_column` gives per row."""

_NOTHING = frozenset(
    {"", "无", "不详", "未知", "暂无", "同上", "空", "NULL", "NONE", "N/A", "NA", "-", "--", "/", "0"}
)
_ODD = re.compile(r"[^0-9A-Za-z\u4e00-\u9fff]")
_PUNCTUATION = re.compile(r"[\s,，。;；:：、.·'\"“”‘’|/\\_~?*!]+")
# The head ends before the first digit that does not belong to a village's name (87区社区 does not occur, 3村 does).
_HEAD = re.compile(r"(?:[^0-9A-Za-z#]|[0-9]+(?=[村居]))*")
_TOWN = re.compile(
    r"(.{1,8}?)((?:街道办事处|街道办|办事处|街道)+|(?:镇|乡)(?:人民政府|政府)"
    r"|(?:镇|乡(?!乡))(?!路|街|大道|道|村|中心|中学|小学|医院|企业|社区|镇)|苏木)"
)
_VILLAGE = re.compile(
    r"((?:(?!大道|大街|小区).)(?:(?!路|大道|大街|小区|号).){0,9}?)"
    r"((?:社区居民委员会|社区居委会|社区居委|社区(?!路|街)|村民委员会|村委会|村委|居民委员会|居委会|居委|行政村|自然村|嘎查)+"
    r"|村(?!村|社区|委|民委|居|路|街|巷|大道|小区|镇|通路)|居(?=$|[0-9]))"
)
# A kind of county written twice is none where the second one begins a name or a word: 市中街道, 县城, 区委.
_SECOND_KIND = re.compile("[市县区](?![中南北城郊内直委政机人])")
_HAMLET = re.compile(r"[\u4e00-\u9fff]{1,4}[庄疃夼屯寨堡营泊埠集铺沟庙崖岭河洼台坡滩湾]")


@dataclass(frozen=True)
class Address:
    """An address as understood; None where it names no such part.

    Attributes:
        region: Six-digit code of today's county.
        town: With its kind, 街道 for every form of subdistrict: 张村镇, 鲸园街道.
        village: With its kind, 村 or 社区; a village 张村村 goes by 张村.
        address: What is left: road, house, building-unit-room.
    """

    region: str | None
    town: str | None
    village: str | None
    address: str | None


_NO_ADDRESS = Address(None, None, None, None)


@dataclass(frozen=True)
class _Head:
    region: str | None
    town: str | None
    village: str | None
    rest: str


def parse(text: str) -> Address:
    """Take an address apart."""
    head, tail = _cut(text)
    parts = _parse_head(head, tail[:1])
    return Address(parts.region, parts.town, parts.village, doors.normalize(parts.rest + tail))


def parse_column(column: Column) -> pa.StructArray:
    """`parse` over a column of text.

    Returns:
        `COLUMN_TYPE` per row, never null itself; its parts are null where the address does not name them.
    """
    found = distinct(as_text(column))
    heads: dict[tuple[str, str], int] = {}
    parsed: list[_Head] = []
    doors_seen: dict[str, int] = {}
    which = np.empty((2, len(found.values)), np.int32)
    for place, text in enumerate(found.values.to_pylist()):
        head, tail = _cut(text)
        key = (head, tail[:1])
        number = heads.get(key)
        if number is None:
            number = heads[key] = len(parsed)
            parsed.append(_parse_head(head, tail[:1]))
        rest = parsed[number].rest + tail
        which[0, place] = number
        which[1, place] = doors_seen.setdefault(rest, len(doors_seen))
    head_rows, door_rows = pa.array(which[0]), pa.array(which[1])
    columns = [
        pa.array([part.region for part in parsed], pa.string()).take(head_rows),
        pa.array([part.town for part in parsed], pa.string()).take(head_rows),
        pa.array([part.village for part in parsed], pa.string()).take(head_rows),
        pa.array([doors.normalize(rest) for rest in doors_seen], pa.string()).take(door_rows),
    ]
    result = found.spread(pa.StructArray.from_arrays(columns, fields=list(COLUMN_TYPE)))
    return pa.StructArray.from_arrays(result.flatten(), fields=list(COLUMN_TYPE))


def _cut(text: str) -> tuple[str, str]:
    """Cleaned text as its head, up to the first digit or letter, and the rest."""
    text = repair(text)
    if _ODD.search(text):
        text = _PUNCTUATION.sub("", mark_unreadable(clean(text)))
    text = text.upper()
    if text in _NOTHING:
        return "", ""
    match = _HEAD.match(text)
    end = match.end() if match else 0
    return text[:end], text[end:]


def _parse_head(head: str, following: str) -> _Head:
    """Region, town and village of a head; `following` is the character behind it, or nothing."""
    found = regions.find(head)
    at = found.end
    town = village = None
    region = found.county
    if region and head[at - 1] == head[at : at + 1] and _SECOND_KIND.match(head, at):
        at += 1
    if match := _TOWN.match(head, at):
        town, at = _town_name(match[1], match[2]), match.end()
        region = region or (regions.county_of_town(found.city, town) if found.city else None)
    if match := _VILLAGE.match(head, at):
        village, at = _village_name(match[1], match[2]), match.end()
    elif town and _HAMLET.fullmatch(head, at) and (not following or following.isdigit()):
        village, at = head[at:] + "村", len(head)
    return _Head(region, town, village, head[at:])


def _town_name(stem: str, kind: str) -> str:
    if kind[0] in "镇乡":
        return stem if len(stem) > 2 and stem[-1] == kind[0] else stem + kind[0]
    return stem + ("苏木" if kind == "苏木" else "街道")


def _village_name(stem: str, kind: str) -> str:
    if kind.startswith("嘎查"):
        return stem + "嘎查"
    if kind[0] in "社居":
        return stem + "社区"
    return (stem.rstrip("村") or stem) + "村"
