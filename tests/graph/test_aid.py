"""The month's review of aid identities."""

import random
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pytest

from graph.aid import aid_review
from graph.rule_settings import RuleSettings, default_settings
from graph.rules.catalogue import load_catalogue
from resolver.errors import SettingsError
from tests.graph.conftest import PERIOD, Town

SETTINGS = default_settings(load_catalogue())
OLD = date(2023, 1, 1)


def subsistence(town: Town, person: int, since: date = OLD, until: date | None = None) -> None:
    town.add("W16", recipient=person, certificate_no=f"c{person}", approval_month=since, valid_to=until)


def destitute(town: Town, person: int, since: date = OLD, until: date | None = None) -> None:
    town.add("W17", recipient=person, approval_month=since, valid_to=until)


def flagged(town: Town, person: int, category: str, since: date) -> None:
    town.add("J06", recipient=person, category=category, begin_date=since)


def reported(town: Town, person: int, kind: str, after: str | None = None, before: str | None = None) -> None:
    town.add(
        "J07", recipient=person, change_month=PERIOD, change_type=kind, category_after=after, category_before=before
    )  # fmt: skip


def insured(town: Town, *persons: int) -> None:
    for person in persons:
        town.add("W29", insured=person, insutype="390", status="normal", start_date=date(2020, 1, 1))


def review(town: Town) -> dict[int, dict[str, Any]]:
    numbers = sorted({row["entity"] for row in town._records["person"].values()})
    names = ("name", "id_number", "region")
    town.extra["golden"] = pa.table(
        {"person_id": numbers, **{name: [f"{name} {n}" for n in numbers] for name in names}}
    )
    return {line["person_id"]: line for line in aid_review(town.snapshot(), SETTINGS).to_pylist()}


def test_entered_left_changed_by_the_lists_as_they_stand(town: Town) -> None:
    subsistence(town, 1, since=date(2024, 6, 1))
    subsistence(town, 2, until=date(2024, 6, 29))
    subsistence(town, 3, until=date(2024, 5, 31))
    destitute(town, 3, since=date(2024, 6, 1))
    subsistence(town, 4)
    subsistence(town, 5, since=date(2024, 5, 31))
    subsistence(town, 6, until=date(2024, 5, 30))
    found = review(town)
    assert {person: line["change"] for person, line in found.items()} == {
        1: "entered", 2: "left", 3: "changed", 4: "none", 5: "none"
    }  # fmt: skip
    assert (found[3]["best_before"], found[3]["best"]) == ("subsistence", "destitute")
    assert (found[2]["best_before"], found[2]["best"]) == ("subsistence", None)


def test_of_several_categories_the_best_counts_with_its_owners_period(town: Town) -> None:
    destitute(town, 1, since=date(2024, 2, 1), until=date(2024, 12, 31))
    subsistence(town, 1)
    subsistence(town, 1)  # in two files
    town.add("J04", member=1, identified_date=OLD)
    line = review(town)[1]
    assert (line["best"], line["categories"]) == ("destitute", ["destitute", "subsistence", "monitored"])
    assert (line["benefit_from"], line["benefit_to"]) == (date(2024, 2, 1), date(2024, 12, 31))
    assert (line["n_rows"], line["department"]) == (4, "CIVIL")


def test_rows_that_follow_one_another_are_one_period(town: Town) -> None:
    subsistence(town, 1, since=OLD, until=date(2024, 5, 31))
    subsistence(town, 1, since=date(2024, 6, 1))
    subsistence(town, 2, since=OLD, until=date(2024, 3, 31))
    subsistence(town, 2, since=date(2024, 6, 1))
    found = review(town)
    assert (found[1]["change"], found[1]["benefit_from"]) == ("none", OLD)
    assert (found[2]["change"], found[2]["benefit_from"]) == ("entered", date(2024, 6, 1))


def test_the_best_of_every_day_of_the_year_is_told(town: Town) -> None:
    subsistence(town, 1, until=date(2024, 5, 31))
    destitute(town, 1, since=date(2024, 3, 1), until=date(2024, 4, 30))
    destitute(town, 1, since=date(2024, 6, 10))
    assert [(step["day"], step["category"]) for step in review(town)[1]["year"]] == [
        (date(2024, 1, 1), "subsistence"), (date(2024, 3, 1), "destitute"), (date(2024, 5, 1), "subsistence"),
        (date(2024, 6, 1), None), (date(2024, 6, 10), "destitute"),
    ]  # fmt: skip


def test_what_the_monthly_changes_say_is_held_against_the_lists(town: Town) -> None:
    for person in (1, 2, 3):
        subsistence(town, person, since=date(2024, 6, 1))
    reported(town, 1, "enter", "subsistence")
    reported(town, 2, "enter", "subsistence")
    reported(town, 2, "enter", "subsistence")
    reported(town, 4, "enter", "orphan")
    found = review(town)
    seen = {
        person: set(line["notes"]) & {"reported_twice", "not_reported", "not_in_list"}
        for person, line in found.items()
    }
    assert seen == {1: set(), 2: {"reported_twice"}, 3: {"not_reported"}, 4: {"not_in_list"}}
    assert {person: line["n_reported"] for person, line in found.items()} == {1: 1, 2: 2, 3: 0, 4: 1}


def test_where_no_changes_of_the_month_came_nobody_is_unreported(town: Town) -> None:
    subsistence(town, 1, since=date(2024, 6, 1))
    assert "not_reported" not in review(town)[1]["notes"]


def test_flags_are_held_against_the_best_category_and_its_beginning(town: Town) -> None:
    january = date(2024, 1, 1)
    for person in (1, 2, 3, 4):
        destitute(town, person)
        subsistence(town, person)
    insured(town, 1, 2, 3, 5)
    flagged(town, 1, "destitute", january)
    flagged(town, 2, "subsistence", january)
    flagged(town, 3, "destitute", date(2024, 3, 1))
    subsistence(town, 5, until=date(2024, 6, 10))
    flagged(town, 5, "subsistence", january)
    assert {person: line["notes"] for person, line in review(town).items()} == {
        1: [], 2: ["lower_flag"], 3: ["other_begin"], 4: ["no_flag", "not_insured"], 5: ["flag_left"]
    }  # fmt: skip


def test_without_ranks_nothing_is_the_best(town: Town) -> None:
    with pytest.raises(SettingsError, match="no aid category has a rank"):
        aid_review(town.snapshot(), RuleSettings())


def test_the_best_of_every_day_is_that_of_looking_at_every_day(town: Town) -> None:
    """The slow, obvious reference, over lists that overlap, touch and leave gaps."""
    rng = random.Random(3)
    ranks = {"destitute": 1, "subsistence": 2}
    first, last = date(2024, 1, 1), date(2024, 6, 30)
    stays: dict[int, list[tuple[str, date, date | None]]] = {}
    for person in range(60):
        for _ in range(rng.randrange(1, 6)):
            begins = date(2023, 10, 1) + timedelta(days=rng.randrange(280))
            ends = rng.choice([None, begins + timedelta(days=rng.randrange(60))])
            category = rng.choice([*ranks])
            {"destitute": destitute, "subsistence": subsistence}[category](town, person, begins, ends)
            stays.setdefault(person, []).append((category, begins, ends))

    def best(person: int, day: date) -> str | None:
        held = {c for c, begins, ends in stays[person] if begins <= day <= (ends or date.max)}
        return min(held, key=lambda c: ranks[c], default=None)

    found = review(town)
    compared = 0
    for person, lines in found.items():
        expected: list[tuple[date, str | None]] = []
        for n in range((last - first).days + 1):
            day = first + timedelta(days=n)
            now = best(person, day)
            if now != (expected[-1][1] if expected else None):
                expected.append((day, now))
        assert [(step["day"], step["category"]) for step in lines["year"]] == expected
        assert (lines["best"], lines["best_before"]) == (best(person, last), best(person, date(2024, 5, 31)))
        compared += len(expected)
    assert compared > 60
