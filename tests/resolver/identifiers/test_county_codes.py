import csv
import os
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from resolver.identifiers import county_codes

SHARED = Path(os.environ.get("GUIYI_SHARED", Path(__file__).parents[3].parent / "shared"))
ORACLE = SHARED / "data" / "areacodes_result.csv"

History = dict[str, list[dict[str, str]]]


@pytest.fixture(scope="module")
def oracle() -> History:
    if not ORACLE.exists():
        pytest.skip(f"the reference table is absent: {ORACLE}; set GUIYI_SHARED to its folder")
    found: History = defaultdict(list)
    with ORACLE.open(encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            found[row["代码"]].append(row)
    return found


def current_successors(oracle: History, code: str, seen: tuple[str, ...] = ()) -> set[str]:
    if any(row["状态"] == "在用" for row in oracle[code]):
        return {code}
    if code in seen:
        return set()
    steps = {step.split("[")[0] for row in oracle[code] for step in row["新代码"].split(";")} - {"", code}
    return {end for step in steps for end in current_successors(oracle, step, (*seen, code))}


def test_every_county_code_ever_used_exists(oracle: History) -> None:
    assert [c for c in oracle if not c.endswith("00") and not county_codes.exists(c)] == []


def test_todays_county_agrees_in_shandong(oracle: History) -> None:
    wrong = {}
    for code in [c for c in oracle if c.startswith("37") and not c.endswith("00")]:
        ends = current_successors(oracle, code) - {"371100"}  # 日照市 itself, for which we name its counties
        today = county_codes.today(code)
        if today is None or (ends and today not in ends):
            wrong[code] = (today, ends)
    assert wrong == {}


def test_todays_county_is_seldom_wrong_elsewhere(oracle: History) -> None:
    verdicts: Counter[str] = Counter()
    for code in [c for c in oracle if not c.endswith("00")]:
        today = county_codes.today(code)
        right = today in current_successors(oracle, code)
        verdicts["unknown" if today is None else "right" if right else "wrong"] += 1
    assert verdicts["wrong"] < 0.01 * verdicts.total()
    assert verdicts["right"] > 0.87 * verdicts.total()


@pytest.mark.parametrize("code", ["372132", "370632", "371022", "379011", "371081", "371003"])
def test_trap_9_every_code_of_wendeng_is_wendeng_district(code: str) -> None:
    assert county_codes.today(code) == "371003"


@pytest.mark.parametrize(
    ("code", "today"),
    [
        ("370802", "370811"),
        ("370825", "370883"),
        ("379003", "370881"),
        ("370819", "370881"),
        ("370620", "371002"),
        ("372102", "371002"),
        ("370882", "370812"),
        ("371002", "371002"),
        ("999999", None),
        ("371000", None),
        ("370000", None),
    ],
)
def test_today(code: str, today: str | None) -> None:
    assert county_codes.today(code) == today


def test_a_split_county_names_all_its_successors() -> None:
    assert county_codes.successors("371081") == ("371003", "371002")


@pytest.mark.parametrize(
    ("code", "county"), [("371071", "371002"), ("371073", "371002"), ("370871", "370811")]
)
def test_trap_32_a_zones_code_leads_to_the_county_around_it(code: str, county: str) -> None:
    assert county_codes.today(code) == county


def test_cities_and_provinces_are_not_counties() -> None:
    assert not county_codes.exists("371000")
    assert not county_codes.exists("370000")
    assert not county_codes.known_counties()[371000]
    assert county_codes.known_counties()[379011]


def test_full_name() -> None:
    assert county_codes.full_name("371002") == "山东省威海市环翠区"
    assert county_codes.full_name("110101") == "北京市东城区"
    assert county_codes.full_name("429004") == "湖北省仙桃市"
    assert county_codes.full_name("000000") is None


def test_every_succession_ends_in_a_county_of_today() -> None:
    for code in county_codes.history():
        assert all(county_codes.is_current(end) for end in county_codes.successors(code)), code


def test_zones_lie_in_a_county_of_their_city() -> None:
    for zone in county_codes.zones():
        assert zone.county[:4] == zone.city[:4]
        assert county_codes.is_current(zone.county)
