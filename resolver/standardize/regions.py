"""Province, city and county at the head of an address or a firm's name, by their names of any time.

`山东省威海市文登市`, `文登县`, `威海文登` and `威海市文登区` all lead to 371003. A name that several counties bear
(市中区) counts only where the city is named too.
"""

import tomllib
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from resolver.identifiers import county_codes

_ROAD = ("路", "街", "大道", "大街", "巷", "道")
_NOT_A_COUNTY = ("街道", "办事处", "镇", "乡", "楼", *_ROAD)
_COUNTRY = ("中华人民共和国", "中国")
# Short names of places that firms use as a word of their own.
_WORDS = frozenset(
    {
        "朝阳", "大同", "长春", "安康", "吉安", "黄山", "白银", "金昌", "安顺", "安庆", "六安", "永安", "吉林", "东方",
        "嘉祥",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Region:
    """What the head of a text names.

    Attributes:
        county: Six-digit code of today's county (a zone's is the county around it), or None.
        city: Four digits of today's or a former city, or "".
        end: Where the rest of the text begins.
    """

    county: str | None
    city: str
    end: int


def find(text: str, *, short: bool = False) -> Region:
    """Read province, city and county or functional zone off the head of `text`, as far as they go.

    Args:
        text: Without spaces.
        short: Also take a short name that nothing confirms (威海海润渔具, 乳山新凯酒店), as firms write it; in an
            address a city's must be followed by one of its counties or zones.
    """
    at = 0 if short else next((len(name) for name in _COUNTRY if text.startswith(name)), 0)
    province, at = _province(text, at, short)
    at = _past_second_kind(text, at, lambda place: _city(text, place, province, short)[1])
    city, at = _city(text, at, province, short)
    at = _past_second_kind(text, at, lambda place: _county(text, place, province, city)[1])
    if text.startswith("市辖区", at):
        at += len("市辖区")
    county, end = _county(text, at, province, city)
    if short and end == at and not (province or city):
        county, end = _own_county(text, at)
    at = end
    city = city or (county or "")[:4]
    zone, at = _zone(text, at, city)
    return Region(county or zone, city, at)


def county_of_town(city: str, town: str) -> str | None:
    """The county in a city that has the town, if exactly one is known to.

    Args:
        city: Four digits.
        town: Name with its kind (镇, 街道, 乡).
    """
    stem = town.removesuffix("街道").removesuffix("镇").removesuffix("乡")
    counties = [
        code for code, towns in _towns().items() if code[:4] == city and (stem in towns or town in towns)
    ]
    return counties[0] if len(counties) == 1 else None


def today(code: str) -> str | None:
    """Today's county for the code in a region column: of six or more digits, of any time, of a zone too.

    None for a whole city or province, and for what never was a code.
    """
    digits = code[:6]
    return county_codes.today(digits) if len(digits) == 6 and digits.isdigit() else None


class _Names:
    """Names to look for at a place of a text, found by their first two characters, the longest first."""

    def __init__(self, codes: Mapping[str, tuple[str, ...]]) -> None:
        self.codes = codes
        self._by_start: dict[str, list[str]] = defaultdict(list)
        for name in sorted(codes, key=len, reverse=True):
            self._by_start[name[:2]].append(name)

    def at(self, text: str, place: int) -> list[str]:
        """The names that `text` has at `place`."""
        start = self._by_start.get(text[place : place + 2], ())
        return [name for name in start if text.startswith(name, place)]


@cache
def _towns() -> Mapping[str, frozenset[str]]:
    raw = tomllib.loads((resources.files("resolver.standardize") / "towns.toml").read_text("utf-8"))
    return {county: frozenset(towns) for county, towns in raw.items()}


@cache
def _provinces() -> tuple[_Names, _Names]:
    """Full and short names of provinces -> two digits."""
    provinces = [code for code in county_codes.history() if code.endswith("0000")]
    full = {era.name: (code[:2],) for code in provinces for era in county_codes.history()[code]}
    return _Names(full), _Names({_province_stem(name): code for name, code in full.items()})


def _names(codes: Mapping[str, list[str]]) -> _Names:
    return _Names({name: tuple(found) for name, found in codes.items()})


def _province_stem(name: str) -> str:
    return name[:3] if name.startswith(("内蒙古", "黑龙江")) else name[:2]


@cache
def _cities() -> tuple[_Names, _Names]:
    """Full and short names of cities, of any time -> four digits, those of today first."""
    full: dict[str, list[str]] = defaultdict(list)
    codes = [c for c in county_codes.history() if c.endswith("00") and not c.endswith("0000")]
    for code in sorted(codes, key=lambda c: (not county_codes.is_current(c), c)):
        for era in county_codes.history()[code]:
            if era.name.endswith(("市", "地区", "盟", "州")) and code[:4] not in full[era.name]:
                full[era.name].append(code[:4])
    short: dict[str, list[str]] = defaultdict(list)
    for name, found in full.items():
        stem = name.removesuffix("市").removesuffix("地区")
        if stem != name and len(stem) > 1:
            short[stem] += [code for code in found if code not in short[stem]]
    return _names(full), _names(short)


@cache
def _counties() -> tuple[_Names, _Names]:
    """Full names and stems of counties, of any time -> their codes."""
    full: dict[str, list[str]] = defaultdict(list)
    stems: dict[str, list[str]] = defaultdict(list)
    for code, eras in county_codes.history().items():
        for era in eras if county_codes.exists(code) else ():
            if era.name not in ("市辖区", "县", "市区") and "直辖" not in era.name:
                full[era.name].append(code)
                if (stem := county_codes.stem(era.name)) != era.name:
                    stems[stem].append(code)
    return _names(full), _names(stems)


def _province(text: str, at: int, short: bool) -> tuple[str, int]:
    full, stems = _provinces()
    for name in full.at(text, at):
        return full.codes[name][0], at + len(name)
    for name in stems.at(text, at):
        province, end = stems.codes[name][0], at + len(name)
        if _city(text, end, province, short=False)[0] or _county(text, end, province, "")[1] > end:
            return province, end
        if short and name not in _WORDS and not text.startswith(_ROAD, end):
            return province, end
    return "", at


def _city(text: str, at: int, province: str, short: bool) -> tuple[str, int]:
    full, stems = _cities()
    for name in full.at(text, at):
        if codes := [code for code in full.codes[name] if code.startswith(province)]:
            return codes[0], at + len(name)
    for name in stems.at(text, at):
        end = at + len(name)
        for code in (code for code in stems.codes[name] if code.startswith(province)):
            if _county(text, end, "", code)[1] > end or _zone(text, end, code)[1] > end:
                return code, end
            if short and name not in _WORDS and not text.startswith(_ROAD, end):
                return code, end
    return "", at


def _county(text: str, at: int, province: str, city: str) -> tuple[str | None, int]:
    full, stems = _counties()
    within = city or province
    for name in full.at(text, at):
        if codes := _codes_within(full.codes[name], within):
            return _one_of_today(codes, name), at + len(name)
    for name in stems.at(text, at) if within else ():
        codes = _codes_within(stems.codes[name], within)
        end = at + len(name)
        # 梁山街道 and 环翠楼街道 are towns, 荣成路 is a road; neither names the county
        if codes and not any(text.startswith(_NOT_A_COUNTY, end + skip) for skip in (0, 1)):
            return _one_of_today(codes, name), end
    return None, at


def _past_second_kind(text: str, at: int, read: Callable[[int], int]) -> int:
    """Where to go on if 省 or 市 was written twice (威海市市环翠区): behind the second if only there more is read."""
    twice = at > 0 and text[at : at + 1] == text[at - 1] and text[at] in "省市"
    return at + 1 if twice and read(at) == at and read(at + 1) > at + 1 else at


def _own_county(text: str, at: int) -> tuple[str | None, int]:
    """A county of our own cities by its short name alone: 乳山新凯酒店."""
    stems = _counties()[1]
    for name in stems.at(text, at):
        county = _one_of_today(stems.codes[name], name)
        end = at + len(name)
        if county in _towns() and name not in _WORDS and not text.startswith(_NOT_A_COUNTY, end):
            return county, end
    return None, at


@cache
def _codes_within(codes: tuple[str, ...], within: str) -> tuple[str, ...]:
    """The codes that lay in the city or province (four or two digits), or whose county of today does."""
    return tuple(c for c in codes if c.startswith(within) or (county_codes.today(c) or "").startswith(within))


@cache
def _one_of_today(codes: tuple[str, ...], name: str) -> str | None:
    """The only county of today that the codes lead to; else the only one that bears the name today."""
    found = {today for code in codes if (today := county_codes.today(code))}
    if len(found) > 1:
        found = {code for code in found if code in codes and county_codes.name(code) == name}
    return found.pop() if len(found) == 1 else None


@cache
def _zone_names(city: str) -> _Names:
    """Names of the zones in a city (four digits; "" = full names of all) -> the county around each."""
    names: dict[str, tuple[str, ...]] = {}
    for zone in county_codes.zones():
        if city in ("", zone.city[:4]):
            names |= dict.fromkeys((zone.name, *(zone.aliases if city else ())), (zone.county,))
    return _Names(names)


def _zone(text: str, at: int, city: str) -> tuple[str | None, int]:
    names = _zone_names(city)
    for name in names.at(text, at):
        return names.codes[name][0], at + len(name)
    return None, at
