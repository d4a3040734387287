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
