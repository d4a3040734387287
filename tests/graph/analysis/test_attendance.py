from datetime import date, timedelta

import duckdb
import pytest
from scipy.stats import poisson

from graph.analysis.attendance import attendance

_FIRST = date(2024, 1, 1)


@pytest.fixture
def database():  # type: ignore[no-untyped-def]
    with duckdb.connect() as db:
        db.execute(
            "CREATE TABLE treatments (person_id BIGINT, facility_code VARCHAR, facility_name VARCHAR, begin_day DATE)"
        )
        db.execute("CREATE TABLE kinship (person_id BIGINT, kin_person_id BIGINT)")
        db.execute("CREATE TABLE households (household_id BIGINT, person_id BIGINT, flagged BOOLEAN)")
        # A village clinic that is open 200 days; every day somebody else comes.
        _treat(db, [(1000 + day, "H1", day) for day in range(200)])
        yield db


def _treat(db: duckdb.DuckDBPyConnection, visits: list[tuple[int, str | None, int]]) -> None:
    db.executemany(
        "INSERT INTO treatments VALUES (?, ?, '某诊所', ?)",
        [(person, facility, _FIRST + timedelta(days=day)) for person, facility, day in visits],
    )


def test_three_whose_cards_are_used_together_are_a_group(database) -> None:  # type: ignore[no-untyped-def]
    days = (3, 17, 31, 45, 59)
    _treat(database, [(person, "H1", day) for person in (1, 2, 3) for day in days])
    found = attendance(database)
    pairs = found.pairs.to_pylist()
    assert [(p["person_id"], p["other_person_id"], p["days"]) for p in pairs] == [
        (1, 2, 5), (1, 3, 5), (2, 3, 5)
    ]  # fmt: skip
    # 195 days with one patient, five with four.
    expected = 5 * 5 * (195 * 1**2 + 5 * 4**2) / 215**2
    assert pairs[0]["expected_days"] == pytest.approx(expected)
    assert pairs[0]["chance"] == pytest.approx(poisson.sf(4, expected))
    assert (pairs[0]["first_day"], pairs[0]["last_day"]) == (date(2024, 1, 4), date(2024, 2, 29))
    assert found.groups.to_pylist() == [
        {"group_id": 1, "person_id": person, "partners": 2, "days": 5} for person in (1, 2, 3)
    ]


def test_two_who_come_nearly_every_day_meet_by_chance(database) -> None:  # type: ignore[no-untyped-def]
    _treat(database, [(person, "H1", day) for person in (1, 2) for day in range(180)])
    assert attendance(database).pairs.num_rows == 0


def test_where_everybody_comes_on_the_same_days_to_meet_is_no_sign(database) -> None:
    paydays = range(0, 200, 30)
    _treat(database, [(person, "H1", day) for person in range(1, 41) for day in paydays])
    assert attendance(database).pairs.num_rows == 0


def test_a_day_less_than_asked_for_is_too_few(database) -> None:  # type: ignore[no-untyped-def]
    _treat(database, [(person, "H1", day) for person in (1, 2) for day in (3, 17)])
    assert attendance(database, chance=1.0).pairs.num_rows == 0
    assert attendance(database, days=2, chance=1.0).pairs.num_rows == 1


def test_days_at_several_facilities_count_together_and_unknown_ones_do_not(database) -> None:  # type: ignore[no-untyped-def]
    _treat(database, [(1000 + day, "H2", day) for day in range(200)])
    _treat(database, [(p, f, d) for p in (1, 2) for f, d in (("H1", 3), ("H2", 9), ("H1", 40))])
    [pair] = attendance(database, chance=1e-3).pairs.to_pylist()
    assert (pair["days"], pair["facilities"]) == (3, 2)
    assert attendance(database, days=4, chance=1.0).pairs.num_rows == 0


def test_kin_are_marked_and_no_group(database) -> None:  # type: ignore[no-untyped-def]
    days = (3, 17, 31, 45, 59)
    _treat(database, [(person, "H1", day) for person in (1, 2, 3, 4) for day in days])
    database.execute("INSERT INTO kinship VALUES (2, 1)")
    database.execute("INSERT INTO households VALUES (7, 3, false), (7, 4, false), (8, 1, true), (8, 3, true)")
    pairs = {(p["person_id"], p["other_person_id"]): p["kin"] for p in attendance(database).pairs.to_pylist()}
    assert {pair for pair, kin in pairs.items() if kin} == {(1, 2), (3, 4)}
    assert len(attendance(database).groups) == 4  # strangers still join them
    database.execute("DELETE FROM treatments WHERE person_id IN (3, 4)")
    assert attendance(database).groups.num_rows == 0


def test_a_crowded_day_is_left_out_and_counted(database) -> None:  # type: ignore[no-untyped-def]
    _treat(database, [(person, "H9", day) for person in range(20) for day in range(5)])
    found = attendance(database, most=10, chance=1.0)
    assert found.pairs.num_rows == 0
    assert found.left_out == 5


def test_several_visits_on_a_day_are_one(database) -> None:  # type: ignore[no-untyped-def]
    _treat(database, [(person, "H1", 3) for person in (1, 1, 1, 2, 2, 2)])
    assert attendance(database, days=2, chance=1.0).pairs.num_rows == 0


def test_no_treatments_at_all(database) -> None:  # type: ignore[no-untyped-def]
    database.execute("DELETE FROM treatments")
    found = attendance(database)
    assert (found.pairs.num_rows, found.groups.num_rows, found.left_out) == (0, 0, 0)
