"""Derived views are made when they are read, each after those it is made from, and once."""

import duckdb
import pytest

from graph.derived_views import DerivedViews, derived_views, views_read
from graph.rule import RuleFileError


def test_what_a_select_reads() -> None:
    assert views_read("SELECT * FROM aid_now") == ("aid_lists", "aid_now")
    assert views_read("SELECT * FROM enrolments -- not deaths") == ()
    assert views_read("SELECT * FROM first_deaths") == ("deaths", "first_deaths")


@pytest.mark.parametrize("name", derived_views())
def test_every_view_says_what_it_is(name: str) -> None:
    assert derived_views()[name].startswith("-- ")


def test_one_that_fails_is_named() -> None:
    with (
        duckdb.connect() as connection,
        pytest.raises(RuleFileError, match=r"views/wage_bounds\.sql, line 4"),
    ):
        DerivedViews(connection).make("SELECT * FROM wage_bounds")


def test_made_once_and_dropped() -> None:
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE given_wages (year INTEGER, wage DECIMAL(16, 2), provisional BOOLEAN)"
        )
        views = DerivedViews(connection)
        views.make("SELECT * FROM wage_bounds")
        connection.execute("INSERT INTO given_wages VALUES (2024, 1000, false)")
        views.make("SELECT floor FROM wage_bounds")
        assert connection.sql("SELECT * FROM wage_bounds").fetchall() == []
        views.drop()
        views.make("SELECT floor FROM wage_bounds")
        assert connection.sql("SELECT floor, ceiling FROM wage_bounds").fetchall() == [(600, 3000)]


@pytest.mark.parametrize(
    ("code", "core", "business", "may_be"),
    [
        ("C", "东方餐饮", 4, [4]),  # a code of its own, whatever the others are called
        ("A", "别的", 1, [1]),  # the code of another description
        (None, "东方餐饮", 1, [1]),  # the only one of that name that has a code
        (None, "华联", None, [2, 3]),  # two have it
        (None, "永盛", 4, [4]),  # nobody with a code
        (None, "老街", 4, [4]),  # somebody else without a code: one of the two
        (None, None, 4, [4]),
    ],
)
def test_which_organisations_are_one_business(
    code: str | None, core: str | None, business: int | None, may_be: list[int]
) -> None:
    known = [(1, "A", "东方餐饮"), (2, "B", "华联"), (3, "D", "华联"), (4, code, core), (5, None, "老街")]
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE organisation_records (record_key BIGINT, core VARCHAR, credit_code VARCHAR)"
        )
        connection.execute("CREATE TABLE organisation_members (record_key BIGINT, entity_id BIGINT)")
        for number, its_code, its_core in known:
            connection.execute(
                "INSERT INTO organisation_records VALUES (?, ?, ?)", [100 + number, its_core, its_code]
            )
            connection.execute("INSERT INTO organisation_members VALUES (?, ?)", [100 + number, number])
        DerivedViews(connection).make("SELECT * FROM businesses")
        rows = connection.sql("SELECT organisation_id, business, may_be FROM businesses").fetchall()
    found = {number: (one, several) for number, one, several in rows}
    assert found[4] == (business, may_be)
    assert found[5] == ((4, [4]) if core == "老街" else (5, [5]))
    assert [found[number][0] for number in (1, 2, 3)] == [1, 2, 3]
