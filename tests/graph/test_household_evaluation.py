from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graph.household_evaluation import evaluate_households
from graph.households import HOUSEHOLD_SCHEMA
from resolver.snapshot import Snapshot


def _evaluate(
    folder: Path, found: list[tuple[int, int]], true: list[tuple[int, int]], kind: str = "registered"
) -> dict[str, Any]:
    """Households (household, person) found and true; person n has the records 10 n and 10 n + 1, both about n."""
    persons = sorted({person for _, person in found})
    records = [(10 * person + number, person) for person in persons for number in (0, 1)]
    members = pa.table({"record_key": [r for r, _ in records], "entity_id": [p for _, p in records]})
    rows = [
        {
            "household_id": h,
            "person_id": p,
            "kind": kind,
            "flagged": h == 99,
            "basis": "W07",
            "probability": 1.0,
        }
        for h, p in found
    ]
    files = {"members": members, "households": pa.Table.from_pylist(rows, HOUSEHOLD_SCHEMA)}
    for name, table in files.items():
        pq.write_table(table, folder / f"{name}.parquet")
    snapshot = Snapshot(folder, 1, {"files": {name: {"rows": t.num_rows} for name, t in files.items()}})
    subjects = pa.table({"record_key": members["record_key"], "subject": members["entity_id"]})
    truth = pa.table({"household": [h for h, _ in true], "person": [p for _, p in true]})
    return evaluate_households(snapshot, subjects, truth)


def test_pairs_in_one_household_are_counted_both_ways(tmp_path: Path) -> None:
    found = _evaluate(tmp_path, [(1, 1), (1, 2), (1, 3), (2, 4)], [(7, 1), (7, 2), (8, 3), (8, 4), (8, 5)])
    # found 12, 13, 23; true 12, 34 (nobody has a record of person 5)
    assert (found["pairs_found"], found["pairs_true"], found["pairs_both"]) == (3, 2, 1)
    assert found["precision"] == pytest.approx(1 / 3)
    assert found["recall"] == pytest.approx(1 / 2)
    assert found["f1"] == pytest.approx(0.4)


def test_the_same_pair_in_two_households_counts_once_and_aid_households_do_not(tmp_path: Path) -> None:
    assert _evaluate(tmp_path, [(1, 1), (1, 2), (2, 1), (2, 2)], [(7, 1), (7, 2)])["pairs_found"] == 1
    assert _evaluate(tmp_path, [(1, 1), (1, 2)], [(7, 1), (7, 2)], kind="aid")["pairs_found"] == 0


@pytest.mark.parametrize(("number", "members", "without"), [(1, 30, 0), (1, 31, 1), (99, 31, 0)])
def test_large_households_without_a_flag_are_counted(
    tmp_path: Path, number: int, members: int, without: int
) -> None:
    found = _evaluate(tmp_path, [(number, person) for person in range(1, members + 1)], [])
    assert found["largest"] == members
    assert found["large_without_flag"] == without


def test_nobody_lives_anywhere(tmp_path: Path) -> None:
    found = _evaluate(tmp_path, [], [])
    assert (found["precision"], found["recall"], found["largest"]) == (1.0, 1.0, 0)
