"""High-cost monitoring: the list, the province's beside it, cost statements."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from graph.monitoring import FORMULAS, Monitoring, monitored, reconciled, statement
from graph.rule_settings import RuleSettings, default_settings
from graph.rules.catalogue import load_catalogue
from resolver.errors import SettingsError, SnapshotError
from resolver.snapshot import Snapshot
from tests.graph.conftest import PERIOD, Town

CATALOGUE = load_catalogue()
SETTINGS = default_settings(CATALOGUE)
MONITORING = Monitoring.of(CATALOGUE, SETTINGS)
# Half, and one and a half, of the income that the settings give for 2023.
INCOME = Decimal(39890)
LOW, HIGH = INCOME / 2, INCOME * 3 / 2


def settle(town: Town, person: int, number: str, total: Decimal | int, **values: Any) -> None:
    when = values.pop("when", date(2024, 3, 1))
    usual = {
        "psn_no": f"p{person}", "facility": 9, "service_begin": when, "service_end": when, "settle_time": when,
        "total_amount": total, "pooled_amount": 0, "facility_name": "市立医院",
    }  # fmt: skip
    town.add("J05", patient=person, setl_id=number, **{**usual, **values})


def low_income(town: Town, person: int) -> None:
    town.add("J01", member=person, file_no=f"f{person}", approval_month=date(2023, 1, 1))


def warned(town: Town, person: int, burden: Decimal | int, **values: Any) -> None:
    usual = {"warning_month": PERIOD, "population": "ordinary", "id_number": f"id{person}"}
    town.add("J10", warned=person, burden=burden, **{**usual, **values})


def seen(town: Town) -> Snapshot:
    """The snapshot, with all that a list says of a person."""
    numbers = sorted({row["entity"] for row in town._records["person"].values()})
    names = ("name", "id_number", "region", "address", "phone")
    town.extra["golden"] = pa.table(
        {"person_id": numbers, **{name: [f"{name} {n}" for n in numbers] for name in names}}
    )
    return town.snapshot()


def persons(table: pa.Table) -> list[int]:
    found: list[int] = table["person_id"].to_pylist()
    return found


def over(town: Town, **parameters: float) -> list[dict[str, Any]]:
    rules = {name: {**given, **parameters} for name, given in MONITORING.rules.items()}
    found: list[dict[str, Any]] = monitored(seen(town), Monitoring(rules, SETTINGS)).to_pylist()
    return found


def test_each_population_has_its_line(town: Town) -> None:
    cent = Decimal("0.01")
    for person, total in ((1, LOW), (2, LOW + cent), (3, HIGH), (4, HIGH + cent)):
        settle(town, person, f"s{person}", total)
    for person in (1, 2):
        low_income(town, person)
    found = monitored(seen(town), MONITORING)
    assert persons(found) == [2, 4]
    vulnerable, ordinary = found.to_pylist()
    assert (vulnerable["population"], vulnerable["line"], vulnerable["share_of_income"]) == (
        "vulnerable",
        LOW,
        0.5,
    )
    assert (ordinary["population"], ordinary["line"], ordinary["burden"]) == ("ordinary", HIGH, HIGH + cent)
    assert (ordinary["income"], ordinary["income_year"], ordinary["provisional"]) == (INCOME, 2023, False)
    assert ordinary["formula"] == FORMULAS[1]


def test_all_numbers_and_places_count_together_and_what_insurance_paid_does_not(town: Town) -> None:
    settle(town, 1, "a", 40000, psn_no="old", settle_region="371002", pooled_amount=5000)
    settle(
        town,
        1,
        "b",
        35000,
        psn_no="new",
        settle_region="110101",
        serious_illness_amount=1000,
        aid_amount=9000,
    )
    [line] = over(town)
    assert (line["burden"], line["total_amount"], line["fund_amount"]) == (69000, 75000, 6000)
    assert (line["n_settlements"], line["n_psn_nos"], line["n_places"]) == (2, 2, 2)


def test_reversals_are_netted_wherever_they_were_booked(town: Town) -> None:
    settle(town, 1, "a", 70000)
    assert over(town)
    settle(town, 1, "r", -70000, reverses="a", when=date(2024, 6, 1))
    assert not over(town)
    settle(town, 1, "again", 65000)
    assert [line["burden"] for line in over(town)] == [65000]


@pytest.mark.parametrize(("basis", "expected"), [(1, []), (2, [1])])
def test_the_year_goes_by_the_service_or_the_settlement(town: Town, basis: int, expected: list[int]) -> None:
    settle(town, 1, "a", 70000, when=date(2023, 12, 30), settle_time=date(2024, 1, 5))
    assert [line["person_id"] for line in over(town, year_basis=basis)] == expected


def test_the_formula_is_named(town: Town) -> None:
    settle(town, 1, "a", 70000, in_scope_self_amount=20000)
    assert over(town)
    assert over(town, formula=2) == []
    settle(town, 2, "b", 80000, in_scope_self_amount=60000)
    [line] = over(town, formula=2)
    assert (line["person_id"], line["burden"], line["formula"]) == (2, 60000, FORMULAS[2])


def test_while_last_year_is_not_published_the_year_before_serves_provisionally(town: Town) -> None:
    settle(town, 1, "a", 55000)
    tables = {**SETTINGS.tables, "given_incomes": ((2022, Decimal(30000), False),)}
    monitoring = Monitoring(MONITORING.rules, RuleSettings(tables=tables))
    [line] = monitored(seen(town), monitoring).to_pylist()
    assert (line["income_year"], line["line"], line["provisional"]) == (2022, 45000, True)
    town.add("J12", area="山东省", year=2023, income=40000, published_date=date(2024, 6, 30))
    assert monitored(seen(town), monitoring).num_rows == 0
    nothing = Monitoring(MONITORING.rules, RuleSettings(tables={}))
    assert monitored(seen(town), nothing).num_rows == 0


def test_without_any_income_there_is_no_line(town: Town) -> None:
    settle(town, 1, "a", 55000)
    with pytest.raises(SettingsError, match="no per-capita disposable income of a year before 2024") as error:
        monitored(seen(town), Monitoring(MONITORING.rules, RuleSettings()))
    assert "J12" in error.value.remedy


def test_the_list_is_what_the_warnings_say(town: Town) -> None:
    for person in range(1, 40):
        settle(town, person, f"s{person}", 2000 * person)
        if person % 3 == 0:
            low_income(town, person)
    found = monitored(seen(town), MONITORING)
    raised = {f["person_id"]: f["amount"] for rule in ("MW1", "MW2") for f in town.find(rule)}
    assert dict(zip(persons(found), found["burden"].to_pylist(), strict=True)) == raised
    assert {line["population"] for line in found.to_pylist()} == {"vulnerable", "ordinary"}


def reasons(town: Town) -> dict[int, tuple[str, str]]:
    found = reconciled(seen(town), MONITORING).to_pylist()
    return {line["person_id"]: (line["found_in"], line["reason"]) for line in found}


def test_every_difference_has_its_reason(town: Town) -> None:
    for person, total in {1: 70000, 2: 70000, 4: 40000, 5: 50000, 6: 30000, 8: 90000, 9: 30000}.items():
        settle(town, person, f"s{person}", total)
    settle(town, 7, "x", 40000, psn_no="old")
    settle(town, 7, "y", 30000, psn_no="new")
    low_income(town, 9)
    warned(town, 1, 70001)  # within a yuan
    warned(town, 2, 75000)
    warned(town, 3, 66000)  # nothing of this person here
    warned(town, 4, 40000, population="vulnerable")
    warned(town, 5, 50000, line=45000)
    warned(town, 6, 66000)
    warned(town, 10, 66000, warning_month=date(2024, 5, 1))
    assert reasons(town) == {
        1: ("both", "same"),
        2: ("both", "other_burden"),
        3: ("province", "no_costs"),
        4: ("province", "other_population"),
        5: ("province", "other_line"),
        6: ("province", "other_burden"),
        7: ("here", "several_numbers"),
        8: ("here", "not_listed"),
        9: ("here", "other_population"),
    }


def test_the_reconciliation_is_what_rule_mw3_says(town: Town) -> None:
    for person in range(1, 30):
        settle(town, person, f"s{person}", 4000 * person)
        if person % 3 == 0:
            low_income(town, person)
        if person % 2 == 0:
            warned(town, person, 4000 * person)
    raised = {f["person_id"]: json.loads(f["facts"])["only_in"] for f in town.find("MW3")}
    differing = {person: where for person, (where, _) in reasons(town).items() if where != "both"}
    assert differing == raised
    assert set(differing.values()) == {"here", "province"}


def test_a_list_that_has_not_come_is_told(town: Town) -> None:
    settle(town, 1, "a", 70000)
    warned(town, 1, 70000, warning_month=date(2024, 5, 1))
    with pytest.raises(SnapshotError, match="list \\(J10\\) of 2024-06 was not received"):
        reconciled(seen(town), MONITORING)


def test_a_statement_has_every_standing_settlement_of_its_months(town: Town) -> None:
    town.add(
        "J11", applicant=1, application_no="A1", name="张三", id_number="x", request_date=date(2024, 6, 10),
        cost_from=date(2024, 2, 1), cost_to=date(2024, 4, 1),
    )  # fmt: skip
    days = {"before": (1, 31), "first": (2, 1), "other number": (3, 15), "last": (4, 30), "after": (5, 1)}
    for number, (month, day) in days.items():
        own = {"psn_no": "other"} if number == "other number" else {}
        settle(town, 1, number, 100, when=date(2024, month, day), aid_amount=7, **own)
    settle(town, 1, "wrong", 500, when=date(2024, 3, 1))
    settle(town, 1, "reversal", -500, reverses="wrong", when=date(2024, 3, 2))
    settle(town, 2, "somebody else's", 100)
    lines = statement(seen(town), "A1").to_pylist()
    assert [line["setl_id"] for line in lines] == ["first", "other number", "last"]
    assert {
        (line["application_no"], line["name"], line["total_amount"], line["aid_amount"]) for line in lines
    } == {("A1", "张三", 100, 7)}
    assert lines[1]["psn_no"] == "other"


def test_without_months_a_statement_goes_a_year_back(town: Town) -> None:
    town.add("J11", applicant=1, application_no="A1", request_date=date(2024, 6, 10))
    for number, when in {"too old": (2023, 6, 30), "old": (2023, 7, 1), "new": (2024, 6, 30)}.items():
        settle(town, 1, number, 100, when=date(*when))
    assert statement(seen(town), "A1")["setl_id"].to_pylist() == ["old", "new"]


def test_an_unknown_application_is_told(town: Town) -> None:
    with pytest.raises(SnapshotError, match="application A9 was not received"):
        statement(seen(town), "A9")
