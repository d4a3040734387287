from datetime import date

import duckdb
import pytest

from graph.analysis.shell_employers import shell_employers

_TABLES = (
    "reference (reference_date DATE)",
    "enrolments (person_id BIGINT, employer_organisation_id BIGINT, valid_from DATE, valid_to DATE)",
    "pension_contributions (person_id BIGINT, employer_organisation_id BIGINT, owed_period DATE)",
    "enterprises (organisation_id BIGINT, representative_person_id BIGINT, shareholder_person_id BIGINT)",
    "organisations (organisation_id BIGINT, kind VARCHAR, region VARCHAR, address VARCHAR)",
    "persons (person_id BIGINT, region VARCHAR, town VARCHAR)",
    "kinship (person_id BIGINT, kin_person_id BIGINT)",
    "households (household_id BIGINT, person_id BIGINT, flagged BOOLEAN)",
)
_DAY = date(2024, 6, 30)
_PAID = "INSERT INTO pension_contributions SELECT person_id, 1, '{}' FROM persons WHERE person_id < {}"
_SHELL, _SHOP, _NEXT_DOOR = 1, 2, 3


@pytest.fixture
def database():  # type: ignore[no-untyped-def]
    """A shell with 12 strangers in 12 towns; a family's shop with 12 insured; somebody next door to the shell."""
    with duckdb.connect() as db:
        for table in _TABLES:
            db.execute(f"CREATE TABLE {table}")
        db.execute("INSERT INTO reference VALUES (?)", [_DAY])
        for n in range(12):
            db.execute(
                "INSERT INTO persons VALUES (?, '371002', ?), (?, '371002', '某镇')",
                [100 + n, f"镇{n}", 200 + n],
            )
            db.execute(
                "INSERT INTO enrolments VALUES (?, 1, '2020-01-01', NULL), (?, 2, '2020-01-01', NULL)",
                [100 + n, 200 + n],
            )
            db.execute("INSERT INTO pension_contributions VALUES (?, 2, '2024-05-01')", [200 + n])
        db.execute("INSERT INTO enterprises VALUES (1, 900, NULL), (2, 200, NULL)")
        db.execute("INSERT INTO kinship VALUES (200, 201)")
        db.execute(
            "INSERT INTO organisations VALUES (1, 'employer', '371002', '某路1号'), "
            "(2, 'employer', '371002', '某路9号'), (3, 'employer', '371002', '某路1号'), "
            "(4, 'facility', '371002', '某路9号')"
        )
        yield db


def test_the_shell_shows_all_signs_and_the_family_shop_none(database) -> None:  # type: ignore[no-untyped-def]
    shell, shop = shell_employers(database, least_signs=0).to_pylist()
    assert shell == {
        "organisation_id": _SHELL, "insured": 12, "in_pension": 0, "kin_pairs": 0, "owners": 1,
        "kin_of_owners": 0, "towns": 12, "neighbours": 1, "signs": 4,
    }  # fmt: skip
    assert shop == {
        "organisation_id": _SHOP, "insured": 12, "in_pension": 12, "kin_pairs": 1, "owners": 1,
        "kin_of_owners": 2, "towns": 1, "neighbours": 0, "signs": 0,
    }  # fmt: skip
    assert [row["organisation_id"] for row in shell_employers(database).to_pylist()] == [_SHELL]


@pytest.mark.parametrize(
    ("change", "signs"),
    [
        (_PAID.format("2024-05-01", 102), 4),
        (_PAID.format("2024-05-01", 103), 3),
        (_PAID.format("2023-06-01", 200), 4),
        (_PAID.format("2023-07-01", 200), 3),
        ("INSERT INTO kinship VALUES (111, 100)", 3),
        ("INSERT INTO households VALUES (5, 100, true), (5, 101, true)", 4),
        ("INSERT INTO households VALUES (5, 100, false), (5, 101, false)", 3),
        ("INSERT INTO kinship VALUES (900, 100)", 3),
        ("DELETE FROM enterprises", 3),
        ("UPDATE organisations SET address = '某路2号' WHERE organisation_id = 3", 3),
    ],
)  # fmt: skip
def test_each_sign(database, change: str, signs: int) -> None:  # type: ignore[no-untyped-def]
    database.execute(change)
    [shell] = [
        r for r in shell_employers(database, least_signs=0).to_pylist() if r["organisation_id"] == _SHELL
    ]
    assert shell["signs"] == signs


@pytest.mark.parametrize(
    ("change", "there"),
    [
        ("UPDATE enrolments SET valid_to = '2024-06-30' WHERE person_id < 103", True),
        ("UPDATE enrolments SET valid_to = '2024-06-29' WHERE person_id < 102", True),
        ("UPDATE enrolments SET valid_to = '2024-06-29' WHERE person_id < 103", False),
        ("UPDATE enrolments SET valid_from = '2024-07-01' WHERE person_id < 103", False),
    ],
)
def test_only_who_is_insured_at_the_reference_date_counts(database, change: str, there: bool) -> None:  # type: ignore[no-untyped-def]
    database.execute(change)
    found = shell_employers(database).to_pylist()
    assert [row["organisation_id"] for row in found] == ([_SHELL] if there else [])
