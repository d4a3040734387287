"""Households and kinship out of hand-written rows; the register's heads, spouses and parents as people write them."""

from datetime import date
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from graph.households import HOUSEHOLD_SCHEMA, LARGEST, households
from graph.kinship import KINSHIP_SCHEMA, kinship
from resolver.snapshot import Snapshot

BORN = date(1980, 1, 1)


def finished(town: Any) -> Snapshot:
    """The town's snapshot with golden records made of all its records."""
    snapshot: Snapshot = town.snapshot()
    folder = snapshot.folder
    with duckdb.connect() as database:
        golden = database.sql(
            f"""SELECT entity_id AS person_id, min(name) AS name, min(birth_date) AS birth_date,
                coalesce(list(DISTINCT id_number) FILTER (id_number IS NOT NULL), []) AS id_numbers
            FROM '{folder}/members.parquet' JOIN '{folder}/records.parquet' USING (record_key) GROUP BY 1"""
        ).to_arrow_table()
        pq.write_table(golden, folder / "golden.parquet")
    return snapshot


def register(town: Any, person: int, number: str = "H1", relation: str = "户主", **values: Any) -> None:
    record = {
        "name": f"人{person}",
        "id_number": f"N{person}",
        "birth_date": BORN,
        **values.pop("record", {}),
    }
    town.add("W07", person=person, household_no=number, relation=relation, record=record, **values)


def marry(town: Any, a: int, b: int, on: date, kind: str = "marriage", **values: Any) -> None:
    town.add("W04", husband=a, wife=b, registration_date=on, registration_type=kind, **values)


def spouses(town: Any) -> list[tuple[int, int, date | None, date | None, str]]:
    rows = kinship(finished(town)).to_pylist()
    return [
        (r["person_id"], r["kin_person_id"], r["valid_from"], r["valid_to"], r["basis"])
        for r in rows
        if r["relation"] == "spouse" and r["person_id"] < r["kin_person_id"]
    ]


def parents(town: Any) -> dict[tuple[int, int], tuple[str, float]]:
    rows = kinship(finished(town)).to_pylist()
    return {
        (r["person_id"], r["kin_person_id"]): (r["basis"], round(r["probability"], 4))
        for r in rows
        if r["relation"] == "parent"
    }


def members(town: Any, kind: str) -> list[dict[str, Any]]:
    table = households(finished(town))[0]
    return [row for row in table.to_pylist() if row["kind"] == kind]


def grouped(rows: list[dict[str, Any]]) -> set[frozenset[int]]:
    groups: dict[int, set[int]] = {}
    for row in rows:
        groups.setdefault(row["household_id"], set()).add(row["person_id"])
    return {frozenset(group) for group in groups.values()}


def test_nothing_received_gives_empty_tables(town: Any) -> None:
    table, kin = households(finished(town))
    assert (table.num_rows, kin.num_rows) == (0, 0)
    assert (table.schema, kin.schema) == (HOUSEHOLD_SCHEMA, KINSHIP_SCHEMA)


def test_a_marriage_is_open_until_its_divorce_and_may_come_again(town: Any) -> None:
    marry(town, 2, 1, date(2010, 5, 1))
    marry(town, 2, 1, date(2015, 6, 1), "divorce")
    marry(town, 2, 1, date(2018, 1, 1))
    assert spouses(town) == [
        (1, 2, date(2010, 5, 1), date(2015, 6, 1), "W04"),
        (1, 2, date(2018, 1, 1), None, "W04"),
    ]


def test_spouses_come_in_both_directions_with_the_product_of_the_links(town: Any) -> None:
    marry(town, 1, 2, date(2010, 5, 1), link=0.9)
    rows = kinship(finished(town)).to_pylist()
    assert [(r["person_id"], r["kin_person_id"], r["row_id"]) for r in rows] == [(1, 2, 1), (2, 1, 1)]
    assert rows[0]["probability"] == pytest.approx(0.81)


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([("divorce", 2012)], [(None, 2012)]),
        ([("reissue_marriage", 2012)], [(None, None)]),
        ([("marriage", 2010), ("reissue_marriage", 2012)], [(2010, None)]),
        ([("marriage", 2010), ("annulment", 2011)], []),
        ([("marriage", 2010), ("divorce", 2012), ("reissue_divorce", 2016)], [(2010, 2012)]),
        ([("marriage", 2010), ("reissue_divorce", 2016)], [(2010, 2016)]),
    ],
)
def test_registrations_of_a_pair(
    town: Any, events: list[tuple[str, int]], expected: list[tuple[int | None, int | None]]
) -> None:
    for kind, year in events:
        marry(town, 1, 2, date(year, 3, 1), kind)
    assert [(f and f.year, t and t.year) for _, _, f, t, _ in spouses(town)] == expected


def test_death_ends_a_marriage_but_not_one_that_came_after_it(town: Any) -> None:
    marry(town, 1, 2, date(2010, 5, 1))
    marry(town, 3, 4, date(2021, 5, 1))
    town.add("W01", deceased=2, death_time=date(2020, 2, 3))
    town.add("W05", deceased=4, cremation_time=date(2020, 2, 3))
    assert spouses(town) == [
        (1, 2, date(2010, 5, 1), date(2020, 2, 3), "W04"),
        (3, 4, date(2021, 5, 1), None, "W04"),
    ]


def test_the_register_names_a_spouse_by_number_and_the_name_must_agree(town: Any) -> None:
    register(town, 1, record={"spouse_name": "人2", "spouse_id": "N2"})
    register(town, 2, "H2")
    register(town, 3, "H3", record={"spouse_name": "别人", "spouse_id": "N2"})
    assert spouses(town) == [(1, 2, None, None, "W07")]


def test_a_divorce_registered_elsewhere_outweighs_the_register(town: Any) -> None:
    register(town, 1, record={"spouse_name": "人2", "spouse_id": "N2"})
    register(town, 2, "H2")
    marry(town, 1, 2, date(2015, 6, 1), "divorce")
    assert spouses(town) == [(1, 2, None, date(2015, 6, 1), "W04")]


def test_parents_from_births_and_the_register(town: Any) -> None:
    town.add("W02", child=3, mother=2, father=1, birth_time=date(2020, 1, 1))
    register(town, 1)
    register(town, 2, relation="妻")
    register(town, 3, relation="子", record={"mother_id": "N2", "father_name": "人1", "father_id": "N1"})
    register(town, 4, relation="女", record={"mother_name": "人2", "father_id": "N1"})
    found = parents(town)
    assert set(found) == {(3, 2), (3, 1), (4, 2), (4, 1)}
    assert found[3, 2][0] == found[3, 1][0] == "W02"
    assert found[4, 2] == ("W07", round(0.99 * 0.99 * 0.8, 4))  # by name, under the same household number
    assert found[4, 1] == ("W07", round(0.99 * 0.9, 4))  # by number alone


def test_a_number_of_two_people_names_no_one_unless_the_name_decides(town: Any) -> None:
    register(town, 1, "H1", record={"id_number": "X"})
    register(town, 2, "H2", record={"id_number": "X"})
    register(town, 3, "H3", record={"father_id": "X"})
    register(town, 4, "H4", record={"father_id": "X", "father_name": "人2"})
    assert set(parents(town)) == {(4, 2)}


def test_a_registered_household(town: Any) -> None:
    register(town, 1, move_in_date=date(2000, 1, 1))
    register(town, 2, relation="妻", move_in_date=date(2010, 1, 1), cancel_date=date(2019, 1, 1))
    register(town, 3, "H2")
    rows = members(town, "registered")
    assert grouped(rows) == {frozenset({1, 2}), frozenset({3})}
    wife = next(r for r in rows if r["person_id"] == 2)
    assert (wife["relation"], wife["valid_from"], wife["valid_to"]) == (
        "妻",
        date(2010, 1, 1),
        date(2019, 1, 1),
    )
    assert (wife["basis"], wife["flagged"]) == ("W07", False)


HOME, OTHER = {"village": "甲村", "address": "1号"}, {"village": "乙村", "address": "9号"}


def test_a_number_used_again_by_strangers_is_split_and_flagged(town: Any) -> None:
    register(town, 1, record=HOME, move_in_date=date(1990, 1, 1), cancel_date=date(2005, 1, 1))
    register(town, 2, relation="妻", record=HOME, move_in_date=date(1990, 1, 1), cancel_date=date(2005, 1, 1))
    register(town, 3, record=OTHER, move_in_date=date(2010, 1, 1))
    register(town, 4, relation="子", record={"father_id": "N3"}, move_in_date=date(2012, 1, 1))
    register(town, 5, relation="其他", move_in_date=date(2013, 1, 1))
    rows = members(town, "registered")
    assert grouped(rows) == {frozenset({1, 2}), frozenset({3, 4, 5})}
    assert all(row["flagged"] for row in rows)


def test_a_changed_head_is_no_new_household(town: Any) -> None:
    register(town, 1, record=HOME, cancel_date=date(2015, 1, 1))
    register(town, 2, record=HOME)
    register(town, 3, "H2", record=HOME)
    register(town, 4, "H2", record={**OTHER, "father_id": "N3"})
    rows = members(town, "registered")
    assert grouped(rows) == {frozenset({1, 2}), frozenset({3, 4})}
    assert not any(row["flagged"] for row in rows)


def test_a_household_too_large_is_flagged(town: Any) -> None:
    for person in range(LARGEST):
        register(town, person + 1, relation="户主" if person == 0 else "非亲属")
        register(town, person + 101, "H2", relation="户主" if person == 0 else "非亲属")
    register(town, 99, relation="非亲属")
    sizes = {len(group) for group in grouped(members(town, "registered"))}
    assert sizes == {LARGEST, LARGEST + 1}
    assert {row["person_id"] > 100 for row in members(town, "registered") if row["flagged"]} == {False}


def test_kin_who_share_a_door_but_no_household_number_are_inferred(town: Any) -> None:
    register(town, 1, "H1", record=HOME)
    register(town, 2, "H2", record=HOME)
    register(town, 3, "H2", relation="女", record={**HOME, "mother_id": "N2"})
    register(town, 4, "H4", record=OTHER)
    register(town, 5, "H5", record=HOME)  # a neighbour at the same door, no kin
    marry(town, 1, 2, date(2010, 1, 1), link=0.9)
    marry(town, 3, 4, date(2012, 1, 1))
    rows = members(town, "inferred")
    assert grouped(rows) == {frozenset({1, 2, 3})}
    assert {r["basis"] for r in rows} == {"kinship+address"}


def test_a_registered_family_needs_no_inference(town: Any) -> None:
    register(town, 1, record=HOME)
    register(town, 2, relation="妻", record=HOME)
    marry(town, 1, 2, date(2010, 1, 1))
    assert members(town, "inferred") == []


def test_the_divorced_are_not_inferred_to_live_together(town: Any) -> None:
    register(town, 1, "H1", record=HOME)
    register(town, 2, "H2", record=HOME)
    marry(town, 1, 2, date(2010, 1, 1))
    marry(town, 1, 2, date(2012, 1, 1), "divorce")
    assert members(town, "inferred") == []


def test_aid_households(town: Any) -> None:
    town.add("W16", recipient=1, certificate_no="A1", relation="户主", approval_month=date(2020, 1, 1))
    town.add("W16", recipient=2, certificate_no="A1", relation="子", approval_month=date(2021, 1, 1))
    town.add("W16", recipient=3, certificate_no="A2", approval_month=date(2021, 1, 1))
    rows = members(town, "aid")
    assert grouped(rows) == {frozenset({1, 2}), frozenset({3})}
    assert rows[0]["basis"] == "W16"


def test_the_order_of_rows_does_not_matter(town: Any, another_town: Any) -> None:
    people = [(1, "户主", HOME), (2, "妻", HOME), (3, "户主", OTHER), (4, "子", {"father_id": "N3"})]
    for person, relation, record in people:
        register(town, person, relation=relation, record=record)
    other = another_town("other")
    for person, relation, record in reversed(people):
        register(other, person, relation=relation, record=record)
    assert grouped(members(town, "registered")) == grouped(members(other, "registered"))
