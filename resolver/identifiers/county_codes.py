"""Six-digit codes of provinces, cities and counties (GB/T 2260) through time.

A number issued to a person keeps the county code of its day: 文登 alone has been 372132, 370632, 371022,
379011, 371081 and 371003. So a code is good if it existed at any time, and its county of today is found by
succession.

The codes and their years come from python-stdnum's table; what it lacks, and the successions that a name
alone does not tell, stand in `county_changes.toml`.
"""

import re
import tomllib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
import numpy.typing as npt

_LINE = re.compile(r'\s+(\d{4}) county="(.*)"')
_PROVINCE = re.compile(r'(\d\d) province="(.*)"')
_ERA = re.compile(r"(?:\[(\d*)-(\d*)\])?(.+)")
_KIND = re.compile(r"(?:自治县|自治旗|特区|林区|地区|区|县|市|旗)$")
_COLLECTIVE = frozenset(
    {"市辖区", "县", "市区", "省直辖县级行政单位", "省直辖县级行政区划", "自治区直辖县级行政区划"}
)
_SPLIT_OFF = {"46": "44", "50": "51"}  # 海南 was of 广东 until 1988, 重庆 of 四川 until 1997


@dataclass(frozen=True)
class Era:
    """A name that a code stood for; `until` is None while it still does. Years are inclusive."""

    name: str
    since: int
    until: int | None


@dataclass(frozen=True)
class Zone:
    """A functional zone: administered by itself, in a county by GB/T 2260.

    Attributes:
        name: Full name.
        code: Six digits of the statistics office; empty if it has none.
        city: Code of its city.
        county: Code of the county around it.
        aliases: Shorter names, used within the city.
    """

    name: str
    code: str
    city: str
    county: str
    aliases: tuple[str, ...]


@cache
def history() -> Mapping[str, tuple[Era, ...]]:
    """All codes since 1981: provinces (`370000`), cities (`371000`), counties; each with its names."""
    table: dict[str, tuple[Era, ...]] = {}
    province = ""
    for line in (resources.files("stdnum") / "cn" / "loc.dat").read_text("utf-8").splitlines():
        if head := _PROVINCE.match(line):
            province = head[1]
            table.setdefault(province + "0000", (Era(head[2], 1981, None),))
        elif entry := _LINE.match(line):
            table[province + entry[1]] = tuple(_era(text) for text in entry[2].split(","))
    for code, (name, since, until) in _changes().missing.items():
        table[code] = (Era(name, since, until or None),)
    return table


def exists(code: str) -> bool:
    """Whether `code` was a county's code (not a province's or a whole city's) at any time since 1981."""
    return code in history() and not code.endswith("00")


@cache
def known_counties() -> npt.NDArray[np.bool_]:
    """`exists` as a table: bool, shape (1 000 000,), indexed by the code as a number."""
    table = np.zeros(1_000_000, np.bool_)
    table[[int(code) for code in history() if not code.endswith("00")]] = True
    return table


def name(code: str) -> str | None:
    """The newest name that the code stood for."""
    eras = history().get(code)
    return eras[-1].name if eras else None


def full_name(code: str) -> str | None:
    """Province, city and county in one, e.g. `山东省威海市环翠区`; None for a code that never was."""
    if code not in history():
        return None
    parts = dict.fromkeys((code[:2] + "0000", code[:4] + "00", code))
    names = [name(part) for part in parts]
    return "".join(n for n in names if n and n not in _COLLECTIVE)


def is_current(code: str) -> bool:
    """Whether the code is in use today."""
    return any(era.until is None for era in history().get(code, ()))


@cache
def successors(code: str) -> tuple[str, ...]:
    """The counties of today that a county's code became, the one that took most of it first.

    A current code is its own successor, a zone's code leads to the county around it. Empty for cities,
    provinces, codes that never were, and for those whose succession is not recorded (outside Shandong a
    fifth of the abolished ones).
    """
    if code in _zones_by_code():
        return (_zones_by_code()[code].county,)
    if not exists(code):
        return ()
    if (written := _changes().successors.get(code)) is not None:
        return written
    if is_current(code):
        return (code,)
    return _by_name(code)


def today(code: str) -> str | None:
    """The county of today for a county's or zone's code of any time, or None."""
    found = successors(code)
    return found[0] if found else None


def zones() -> tuple[Zone, ...]:
    """The functional zones that are known."""
    return _changes().zones


def stem(county_name: str) -> str:
    """A county's name without its kind: 文登 for 文登县, 文登市, 文登区. Two characters stay whole."""
    short = _KIND.sub("", county_name)
    return short if len(short) > 1 else county_name


@dataclass(frozen=True)
class _Changes:
    missing: dict[str, tuple[str, int, int]]
    successors: dict[str, tuple[str, ...]]
    zones: tuple[Zone, ...]


@cache
def _changes() -> _Changes:
    raw = tomllib.loads((resources.files("resolver.identifiers") / "county_changes.toml").read_text("utf-8"))
    return _Changes(
        missing={code: (entry[0], entry[1], entry[2]) for code, entry in raw["missing"].items()},
        successors={code: tuple(codes) for code, codes in raw["successors"].items()},
        zones=tuple(
            Zone(zone["name"], zone["code"], zone["city"], zone["county"], tuple(zone["aliases"]))
            for zone in raw["zones"]
        ),
    )


@cache
def _zones_by_code() -> Mapping[str, Zone]:
    return {zone.code: zone for zone in _changes().zones if zone.code}


def _era(text: str) -> Era:
    match = _ERA.fullmatch(text)
    if match is None:
        raise ValueError(f"python-stdnum's table of county codes has an entry of a new form: {text!r}")
    return Era(match[3], int(match[1] or 1981), int(match[2]) if match[2] else None)


@cache
def _current_by_stem() -> Mapping[tuple[str, str], tuple[str, ...]]:
    """(Province, stem of the name) -> codes of today's counties so called."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for code in sorted(history()):
        if not exists(code) or not is_current(code):
            continue
        for county in {era.name for era in history()[code] if era.until is None} - _COLLECTIVE:
            found[code[:2], stem(county)].append(code)
            if code[:2] in _SPLIT_OFF:
                found[_SPLIT_OFF[code[:2]], stem(county)].append(code)
    return {key: tuple(codes) for key, codes in found.items()}


@cache
def _city_names(province: str) -> frozenset[str]:
    codes = (code for code in history() if code[:2] == province and code.endswith("00"))
    return frozenset(era.name for code in codes for era in history()[code])


def _by_name(code: str) -> tuple[str, ...]:
    """Today's counties of the same name in the province; a district's name counts within its city only."""
    found: dict[str, None] = {}
    for era in reversed(history()[code]):  # the newest name first
        if era.name in _COLLECTIVE or era.name in _city_names(
            code[:2]
        ):  # 聊城市, the county, is not 聊城市, the city
            continue
        same = _current_by_stem().get((code[:2], stem(era.name)), ())
        if len(same) > 1 or era.name.endswith("区"):
            same = tuple(c for c in same if c[:4] == code[:4])
        found |= dict.fromkeys(same)
    return tuple(found)
