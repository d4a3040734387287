"""Patterns over a whole snapshot, and the rules that read them."""

from datetime import date, timedelta

import pyarrow as pa
import pytest

from api.month import MonthReport
from graph.analysis.patterns import patterns
from graph.rule_views import frozen_tables
from resolver.workspace import Workspace
from tests.graph.conftest import Town

SHELL, ELSEWHERE, CLINIC = 7, 8, 9
STRANGERS = range(100, 112)


def _with_places(town: Town) -> Town:
    """What patterns read of persons and organisations."""
    persons = sorted({row["entity"] for row in town._records["person"].values()})
    town.extra["golden"] = pa.table(
        {"person_id": persons, "region": ["371002"] * len(persons), "town": [f"镇{n}" for n in persons]}
    )
    town.extra["golden_organisations"] = pa.table(
        {
            "organisation_id": [SHELL, ELSEWHERE],
            "kind": ["employer", "employer"],
            "region": ["371002", "371002"],
            "address": ["某路1号", "某路1号"],
        }
    )
    return town


def _insured_by_a_shell(town: Town, *, pension_at: int) -> None:
    """Twelve strangers, under an employer whose owner none of them knows."""
    town.add("W08", enterprise=SHELL, representative=900, establishment_date=date(2019, 1, 1))
    for n in STRANGERS:
        town.add(
            "W29", insured=n, employer=SHELL, psn_no=f"p{n}", insutype="310", status="normal", psn_type="working",
            start_date=date(2020, 1, 1),
        )  # fmt: skip
        for month in (4, 5, 6):
            town.add("W11", insured=n, employer=pension_at, owed_period=date(2024, month, 1), base=5000)


def test_a_shell_is_found_and_its_insured_raise_e13(town: Town) -> None:
    _insured_by_a_shell(town, pension_at=ELSEWHERE)
    _with_places(town)
    off = {"unrelated_insured": 100}  # not the pattern of a tiny employer
    assert not town.raises("E13", **off)
    town.extra |= patterns(town.snapshot())
    [shell] = town.extra["shell_employers"].to_pylist()
    assert (shell["organisation_id"], shell["insured"], shell["signs"]) == (SHELL, 12, 4)
    found = town.find("E13", **off)
    assert {finding["person_id"] for finding in found} == set(STRANGERS)
    assert '"pattern":"shell employer"' in found[0]["facts"]
    assert '"shell_signs":4' in found[0]["facts"]


def test_an_employer_that_pays_the_pensions_of_its_insured_is_no_shell(town: Town) -> None:
    _insured_by_a_shell(town, pension_at=SHELL)
    _with_places(town)
    town.extra |= patterns(town.snapshot())
    assert not town.raises("E13")


def _treated(town: Town, person: int, day: int, med_type: str = "outpatient") -> None:
    when = date(2022, 11, 1) + timedelta(days=day)
    town.add(
        "J05", patient=person, facility=CLINIC, setl_id=f"s{person}-{day}", psn_no=f"p{person}", facility_code="H1",
        med_type=med_type, service_begin=when, service_end=when, settle_time=when, fund_amount=10,
    )  # fmt: skip


def _clinic(town: Town, med_type: str = "outpatient") -> None:
    """Open on six hundred days; on ten of them, a week apart, the cards of five persons come together."""
    for day in range(600):
        _treated(town, 1000 + day, day)
    for person in range(1, 6):
        for week in range(10):
            _treated(town, person, 7 * week, med_type)
    _with_places(town)


def test_cards_that_come_together_raise_fa07(town: Town) -> None:
    _clinic(town)
    assert not town.raises("FA07")
    town.extra |= patterns(town.snapshot())
    assert town.extra["attendance_groups"]["person_id"].to_pylist() == [1, 2, 3, 4, 5]
    [finding] = town.find("FA07")
    assert (finding["organisation_id"], finding["since"], len(finding["row_ids"])) == (
        CLINIC,
        date(2022, 11, 1),
        50,
    )
    assert '"pattern":"group","agent":null' in finding["facts"]
    assert '"person_ids":[1,2,3,4,5]' in finding["facts"]
    assert finding["amount"] == 500
    assert town.raises("FA07", group_days=10)
    assert not town.raises("FA07", group_days=11)
    assert not town.raises("FA07", group_persons=6)


def test_who_joins_the_group_later_does_not_make_it_another_finding(town: Town) -> None:
    _clinic(town)
    town.extra |= patterns(town.snapshot())
    [before] = town.find("FA07")
    for week in range(1, 10):
        _treated(town, 0, 7 * week)
    _with_places(town)
    town.extra |= patterns(town.snapshot())
    [after] = town.find("FA07")
    assert '"persons":6' in after["facts"]
    assert after["finding_key"] == before["finding_key"]


def test_a_family_that_goes_together_is_no_group(town: Town) -> None:
    _clinic(town)
    members = pa.array([1, 2, 3, 4, 5])
    town.extra["households"] = pa.table(
        {"household_id": pa.array([1] * 5), "person_id": members, "flagged": pa.array([False] * 5)}
    )
    assert patterns(town.snapshot())["attendance_groups"].num_rows == 0


@pytest.mark.parametrize("med_type", ["chronic", "inpatient", "maternity_outpatient"])
def test_who_is_told_to_come_on_those_days_is_no_group(town: Town, med_type: str) -> None:
    _clinic(town, med_type)
    assert patterns(town.snapshot())["attendance_groups"].num_rows == 0


def test_check_freezes_what_it_found_and_it_is_found_again(month: tuple[Workspace, MonthReport]) -> None:
    snapshot = month[1].snapshot
    assert snapshot is not None
    for name, table in patterns(snapshot).items():
        frozen = snapshot.read(name)
        assert frozen.equals(table)
        columns = [column.strip().split(" ")[0] for column in frozen_tables()[name].split(",")]
        assert frozen.schema.names == columns
