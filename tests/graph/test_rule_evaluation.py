"""Findings against planted conflicts: what counts as true, found, missed, innocent."""

from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graph.findings import run_rules
from graph.intake_tables import DELIVERY_SCHEMA
from graph.rule_evaluation import evaluate_rules
from graph.rules.catalogue import load_catalogue
from resolver.errors import SnapshotError
from resolver.snapshot import Snapshot
from resolver.truth import Truth

DEATH = date(2024, 3, 10)


class Book:
    """The truth of a town: truth row = row id + 1000; who is who, and what was planted."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self.conflicts: list[dict[str, Any]] = []

    def about(self, row: Any, subject: int, role: str, kind: str = "person") -> int:
        truth_row: int = row.row_id + 1000
        self.rows.append(
            {
                "row_id": row.row_id,
                "truth_row": truth_row,
                "feed": "",
                "role": role,
                "kind": kind,
                "subject": subject,
            }
        )
        return truth_row

    def conflict(self, rule: str, persons: list[int], planted: bool = True, **values: Any) -> None:
        usual = {"organisation": -1, "truth_rows": [], "period": "2024-06", "why": "because", "trap": 0}
        number = len(self.conflicts)
        self.conflicts.append(
            {"conflict": number, "rule": rule, "planted": planted, "persons": persons, **usual, **values}
        )

    def truth(self) -> Truth:
        numbers = pa.list_(pa.int64())
        conflicts = pa.schema(
            [
                ("conflict", pa.int64()), ("rule", pa.string()), ("planted", pa.bool_()), ("persons", numbers),
                ("organisation", pa.int64()), ("truth_rows", numbers), ("period", pa.string()),
                ("why", pa.string()), ("trap", pa.int16()), ("feed", pa.string()), ("last_period", pa.string()),
            ]
        )  # fmt: skip
        rows = pa.schema(
            [
                ("row_id", pa.int64()), ("truth_row", pa.int64()), ("feed", pa.string()),
                ("role", pa.string()), ("kind", pa.string()), ("subject", pa.int64()),
            ]
        )  # fmt: skip
        return Truth(
            rows=pa.Table.from_pylist(self.rows, rows),
            households=pa.table({}),
            conflicts=pa.Table.from_pylist(self.conflicts, conflicts),
            traps=pa.table({}),
            casework=pa.table({}),
            rows_in_truth=len(self.rows),
            rows_quarantined=0,
        )


def checked(town: Any, *rules: str) -> Snapshot:
    """The town's snapshot with the findings of these rules."""
    snapshot: Snapshot = town.snapshot()
    catalogue = load_catalogue().rules
    pq.write_table(
        run_rules(snapshot, [catalogue[rule] for rule in rules]), snapshot.folder / "findings.parquet"
    )
    files = {**snapshot.manifest["files"], "findings": {}}
    return Snapshot(snapshot.folder, 1, {**snapshot.manifest, "files": files})


def dead(town: Any, book: Book, person: int, truly: int | None = None, link: float = 0.99) -> list[int]:
    """A dead person who is still enrolled and, truly perhaps somebody else, paid a pension."""
    truly = person if truly is None else truly
    death = town.add("W01", deceased=person, certificate_no="c", death_time=DEATH)
    spell = town.add(
        "W29", insured=person, link=link, psn_no="p", insutype="310", status="normal", start_date=date(2020, 1, 1)
    )  # fmt: skip
    return [book.about(death, truly, "deceased"), book.about(spell, truly, "insured")]


def test_found_missed_false_and_innocent(town: Any) -> None:
    book = Book()
    for person in (1, 2, 3):
        dead(town, book, person)
    book.conflict("L01", [1])
    book.conflict("L01", [9], why="nobody saw it")
    book.conflict("L01", [2], planted=False, why="moved away")
    result = evaluate_rules(checked(town, "L01"), book.truth())
    measures = result["rules"]["L01"]
    assert {key: value for key, value in measures.items() if not isinstance(value, dict)} == {
        "planted": 2, "found": 3, "true": 1, "missed": 1, "innocent_raised": 1,
        "precision": pytest.approx(1 / 3), "recall": 0.5,
    }  # fmt: skip
    assert result["rules"]["all"] == measures
    assert [(row["why"], row["reason"]) for row in result["missed"]] == [("nobody saw it", "not raised")]
    false = {tuple(row["persons"]): row["reason"] for row in result["false"]}
    assert false == {(2,): "innocent: moved away", (3,): "nothing planted"}


def test_by_route(town: Any) -> None:
    book = Book()
    dead(town, book, 1, link=0.99)
    dead(town, book, 2, link=0.5)
    dead(town, book, 3, link=0.5)
    book.conflict("L01", [1])
    book.conflict("L01", [2])
    measures = evaluate_rules(checked(town, "L01"), book.truth())["rules"]["L01"]
    assert measures["department"] == {"found": 1, "true": 1, "precision": 1.0, "recall": 0.5}
    assert measures["identity_review"] == {"found": 2, "true": 1, "precision": 0.5, "recall": 0.5}
    assert measures["recall"] == 1.0


@pytest.mark.parametrize(("period", "planted"), [("2024-05", 1), ("2024-06", 1), ("2024-07", 0)])
def test_conflicts_of_later_months_are_not_asked_for(town: Any, period: str, planted: int) -> None:
    book = Book()
    dead(town, book, 1)
    book.conflict("L01", [1], period=period)
    measures = evaluate_rules(checked(town, "L01"), book.truth())["rules"]["L01"]
    assert (measures["planted"], measures["true"]) == (planted, planted)


def test_a_conflict_that_names_rows_wants_one_of_them(town: Any) -> None:
    book = Book()
    rows = dead(town, book, 1)
    book.conflict("L01", [1], truth_rows=[rows[1], 77])
    book.conflict("L01", [1], truth_rows=[78], why="other rows")
    result = evaluate_rules(checked(town, "L01"), book.truth())
    assert (result["rules"]["L01"]["true"], result["rules"]["L01"]["missed"]) == (1, 1)
    assert [row["why"] for row in result["missed"]] == ["other rows"]


@pytest.mark.parametrize(("persons", "found"), [([1, 2], 1), ([1], 1), ([1, 3], 0), ([1, 1], 1)])
def test_all_persons_of_a_conflict_must_be_there(town: Any, persons: list[int], found: int) -> None:
    book = Book()
    for person, name in ((1, "王伟"), (2, "李娜")):
        number = {"id_number": "371002198001011234", "id_status": "valid", "name": name}
        row = town.add("W29", insured=person, record={**number, "birth_date": date(1980 + person, 1, 1)})
        book.about(row, person, "insured")
    book.conflict("E06", persons)
    assert evaluate_rules(checked(town, "E06"), book.truth())["rules"]["E06"]["true"] == found


def test_a_conflict_of_an_organisation(town: Any) -> None:
    book = Book()
    row = town.add("W09", enterprise=7, cancel_date=DEATH)
    book.about(row, 70, "enterprise", "organisation")
    town.add("W11", insured=1, employer=7, owed_period=date(2024, 5, 1))
    book.conflict("E07", [], organisation=70)
    book.conflict("E07", [], organisation=71)
    measures = evaluate_rules(checked(town, "E07"), book.truth())["rules"]["E07"]
    assert (measures["true"], measures["missed"]) == (1, 1)


def test_silenced_findings_do_not_count(town: Any) -> None:
    book = Book()
    dead(town, book, 1)
    visit = town.add(
        "W28", patient=1, service_begin=DEATH + timedelta(days=40), credential="face", mdtrt_id="m"
    )
    book.about(visit, 1, "patient")
    book.conflict("L01", [1])
    book.conflict("L12", [1])
    result = evaluate_rules(checked(town, "L01", "L12"), book.truth())
    assert (result["rules"]["L01"]["found"], result["rules"]["L01"]["missed"]) == (0, 1)
    assert result["rules"]["L01"]["precision"] is None
    assert result["rules"]["L12"]["true"] == 1
    assert [row["reason"] for row in result["missed"]] == ["suppressed by L12"]


def test_a_person_torn_apart_is_named_as_the_reason(town: Any) -> None:
    book = Book()
    death = town.add("W01", deceased=1, certificate_no="c", death_time=DEATH)
    spell = town.add("W29", insured=2, psn_no="p", status="normal", start_date=date(2020, 1, 1))
    book.about(death, 5, "deceased")
    book.about(spell, 5, "insured")
    book.conflict("L01", [5])
    result = evaluate_rules(checked(town, "L01"), book.truth())
    assert [row["reason"] for row in result["missed"]] == ["the rows of a person lie in 2 persons"]


def test_nothing_at_all(town: Any) -> None:
    result = evaluate_rules(checked(town, "L01"), Book().truth())
    assert result["rules"] == {"all": result["rules"]["all"]}
    assert result["rules"]["all"]["precision"] is None


def test_without_findings(town: Any) -> None:
    with pytest.raises(SnapshotError, match="no findings"):
        evaluate_rules(town.snapshot(), Book().truth())


def test_rules_of_which_the_truth_says_nothing_are_not_measured(town: Any) -> None:
    death = town.add("W01", deceased=1, certificate_no="c", death_time=DEATH)
    spell = town.add(
        "W29", insured=1, psn_no="p", insutype="310", status="normal", start_date=date(2020, 1, 1)
    )
    town.add("W07", person=1)
    book = Book()
    for row, role in ((death, "deceased"), (spell, "insured")):
        book.about(row, 1, role)
    book.conflict("L01", [1])
    rules = [load_catalogue().rules[name] for name in ("L01", "L07")]
    snapshot = town.snapshot()
    town.extra["findings"] = run_rules(snapshot, rules)
    measured = evaluate_rules(town.snapshot(), book.truth())
    assert set(measured["rules"]) == {"L01", "all"}
    assert measured["rules"]["all"]["precision"] == 1.0
    assert measured["not_in_truth"] == {"L07": 1}
    assert {row["rule"] for row in measured["false"]} <= {"L01"}


def delivered(town: Any, feed: str, period: str) -> None:
    row = {"feed": feed, "department": "CIVIL", "period": date.fromisoformat(f"{period}-01"), "n_rows": 5}
    town.extra["deliveries"] = pa.Table.from_pylist([row], DELIVERY_SCHEMA)


@pytest.mark.parametrize(
    ("values", "planted", "true"),
    [
        ({"feed": "W16"}, 1, 1),
        ({"feed": "W17"}, 1, 0),
        ({"feed": "W16", "period": "2024-05"}, 1, 0),
        ({"feed": "W16", "last_period": "2024-06"}, 1, 1),
        ({"feed": "W16", "last_period": "2024-05"}, 0, 0),
    ],
)
def test_a_conflict_about_a_delivery(town: Any, values: dict[str, Any], planted: int, true: int) -> None:
    book = Book()
    delivered(town, "W16", "2024-05")
    book.conflict("Q06", [], **values)
    measures = evaluate_rules(checked(town, "Q06"), book.truth())["rules"].get("Q06")
    assert measures is not None
    assert (measures["planted"], measures["true"]) == (planted, true)
