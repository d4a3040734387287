from datetime import date
from typing import Any

import pytest

from resolver.errors import SettingsError
from resolver.feeds.contract import contracts
from resolver.feeds.output import outputs
from resolver.parameters.departments import departments, parse_departments
from resolver.parameters.units import unit_of, units_of_county, zone_units

ONE: dict[str, Any] = {"title": "t", "names": [{"name": "甲局", "from": "2000-01-01"}]}


def test_every_role_of_a_feed_is_registered() -> None:
    roles = {contract.department for contract in contracts().values()}
    roles |= {role for output in outputs().values() for role in output.to} - {"owner"}
    assert roles <= set(departments())
    # The fourteen that signed in Weihai: of two that share a role, one stands under `also`.
    signed = [d for d in departments().values() if "S1" in d.seed and d.role != "FACILITY"]
    assert sum(1 + len(d.also) for d in signed) == 14


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2020, 10, 15), "扶贫开发领导小组办公室"),
        (date(2021, 5, 31), "扶贫开发领导小组办公室"),
        (date(2021, 6, 1), "乡村振兴局"),
        (date(2023, 12, 31), "乡村振兴局"),
        (date(2024, 1, 1), "农业农村局"),
    ],
)
def test_a_role_goes_from_department_to_successor(day: date, name: str) -> None:
    assert departments()["RURAL"].name_on(day) == name
    assert departments()["RURAL"].name_on(day, "371002") == f"环翠区{name}"


def test_zones_have_bodies_of_their_own() -> None:
    keys = {unit.name: unit.key for unit in zone_units().values()}
    assert departments()["CIVIL"].name_on(date(2026, 1, 1), keys["济宁太白湖新区"]) == "社会事业发展局"
    assert departments()["MSB"].name_on(date(2026, 1, 1), keys["济宁高新技术产业开发区"]) == "人力资源部"
    # One for which nothing else is known goes by the common name.
    assert departments()["CIVIL"].name_on(date(2026, 1, 1), "371072") == "威海经济技术开发区民政局"


def test_zones_map_to_the_county_around_them() -> None:
    assert {"371071", "371072", "371073", "370871"} <= set(zone_units())
    without_code = [unit for unit in zone_units().values() if "-" in unit.key]
    assert {unit.name for unit in without_code} == {"济宁太白湖新区", "济宁经济技术开发区"}
    for unit in zone_units().values():
        assert unit_of(unit.key) == unit
        assert unit in units_of_county(unit.county)
        assert not unit_of(unit.county).is_zone  # type: ignore[union-attr]
    assert [unit.key for unit in units_of_county("371083")] == ["371083"]
    assert unit_of("371003") is not None
    assert unit_of("370728") is None  # 诸城县, a city since 1987
    assert unit_of("999999") is None


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ({"roles": {"A": {"title": "t", "names": []}}}, "nobody has the role today"),
        ({"roles": {"A": {"names": ONE["names"]}}}, "title"),
        ({"roles": {"A": {"title": "t", "names": [{"name": "甲", "from": "2000-13-01"}]}}}, "role A"),
        (
            {"roles": {"A": {"title": "t", "names": [{"name": "甲", "from": "2000-01-01", "until": "2001-01-01"},
                                                     {"name": "乙", "from": "2001-01-03"}]}}},
            "乙 does not follow 甲",
        ),
        ({"roles": {"A": ONE}, "zones": {"某新区": {"A": "乙局"}}}, "no zone 某新区"),
        ({"roles": {"A": ONE}, "zones": {"济宁太白湖新区": {"B": "乙局"}}}, "role B"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_named(raw: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError, match=words) as error:
        parse_departments(raw, "x.toml")
    assert "x.toml" in str(error.value)


def test_nobody_has_a_role_before_its_first_department() -> None:
    with pytest.raises(ValueError, match="RURAL"):
        departments()["RURAL"].name_on(date(1980, 1, 1))
