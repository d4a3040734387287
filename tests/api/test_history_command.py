"""`guiyi history`: one id through four months of a ledger, now, by reference date and by moment."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from shutil import copytree
from typing import Any

import pyarrow as pa
import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from api.month import MonthReport
from resolver.entities.crosswalk import EVENT_SCHEMA
from resolver.entities.entity_id import new_entity_id, to_text
from resolver.ledger.ledger import Ledger
from resolver.workspace import Workspace

A, B, C = (new_entity_id(key) for key in (1, 2, 3))
EVENTS: dict[int, list[tuple[str, int, int | None, int | None]]] = {
    1: [],
    2: [("created", C, None, None), ("split", A, C, None), ("record_moved", C, A, 7)],
    3: [("merged", B, A, None), ("record_moved", A, B, 2)],
    4: [("retired", C, None, None)],
}


def month_day(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger of four months, each published on the fifth of the month after."""
    workspace = Workspace.create(tmp_path_factory.mktemp("history"))
    with Ledger.open(workspace.ledger_url) as ledger:
        for month, rows in EVENTS.items():
            events = [dict(zip(EVENT_SCHEMA.names, row, strict=True)) for row in rows]
            table, at = pa.Table.from_pylist(events, EVENT_SCHEMA), month_day(month + 1, 5)
            ledger.append_crosswalk(table, "person", month, date(2026, month, 28), at)
            ledger.move_pointer(month, month, "month", at)
    return workspace.root


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["history", *arguments, "--workspace", str(folder)])


def facts(folder: Path, entity: int, *arguments: str) -> dict[str, Any]:
    result = run(folder, to_text(entity, "person"), *arguments, "--json")
    assert result.exit_code == 0, result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    assert found["entity_id"] == to_text(entity, "person")
    return found


@pytest.mark.parametrize(
    ("entity", "as_of", "state", "found_as", "events"),
    [
        (A, "", "in use", A, 4),
        (B, "", "merged", A, 2),
        (C, "", "retired", None, 4),
        (C, "2026-02-27", "not given out yet", None, 0),
        (C, "2026-02-28", "in use", C, 3),
        (C, "2026-04-27", "in use", C, 3),
        (C, "2026-04-28", "retired", None, 4),
        (B, "2026-03-27", "in use", B, 0),
        (B, "2026-03-28", "merged", A, 2),
        (B, "2026-04-05T08:59:59+00:00", "in use", B, 0),  # what readers saw a second before it was published
        (B, "2026-04-05T17:00:00+08:00", "merged", A, 2),
    ],
)
def test_an_id_as_of_a_day(
    folder: Path, entity: int, as_of: str, state: str, found_as: int | None, events: int
) -> None:
    found = facts(folder, entity, *(["--as-of", as_of] if as_of else []))
    assert found["state"] == state
    assert found["found_as"] == (None if found_as is None else to_text(found_as, "person"))
    assert len(found["events"]) == events


def test_events_name_both_sides(folder: Path) -> None:
    assert facts(folder, B)["events"] == [
        {
            "reference_date": "2026-03-28",
            "snapshot": 3,
            "event": "merged",
            "entity_id": to_text(B, "person"),
            "other_entity_id": to_text(A, "person"),
            "record_key": None,
        },
        {
            "reference_date": "2026-03-28",
            "snapshot": 3,
            "event": "record_moved",
            "entity_id": to_text(A, "person"),
            "other_entity_id": to_text(B, "person"),
            "record_key": "2",
        },
    ]


def test_for_people(folder: Path) -> None:
    shown = run(folder, to_text(B, "person")).stdout
    assert "merged" in shown
    assert to_text(A, "person") in shown


def test_each_look_is_in_the_audit_trail(folder: Path) -> None:
    with Ledger.open(Workspace.open(folder).ledger_url) as ledger:
        before = len(ledger.read_chained("audit"))
        facts(folder, A)
        event = ledger.read_chained("audit")[before].body
    assert (event["action"], event["entities"]) == ("cli.history", [to_text(A, "person")])


def test_an_id_of_the_first_snapshot_has_no_events(
    month: tuple[Workspace, MonthReport], tmp_path: Path
) -> None:
    _, report = month
    assert report.snapshot is not None
    moved = report.snapshot.read("crosswalk")["entity_id"].to_pylist()
    others = report.snapshot.read("crosswalk")["other_entity_id"].to_pylist()
    persons = report.snapshot.read("golden", ["person_id"])["person_id"].to_pylist()
    quiet = next(person for person in persons if person not in {*moved, *others})
    workspace = Workspace.open(month[0].root)
    with Ledger.open(workspace.ledger_url) as ledger:
        assert ledger.entity_history(quiet) == []
    copy = copytree(workspace.root, tmp_path / "copy")
    assert facts(copy, quiet)["state"] == "in use"
    unknown = run(copy, to_text(A, "person"))
    assert unknown.exit_code == 1
    assert "no snapshot that was published has" in unknown.stderr


@pytest.mark.parametrize("arguments", [["P-0000"], ["nobody"], ["", "--as-of", "2026-13-01"]])
def test_what_is_no_id_or_no_day_is_told(folder: Path, arguments: list[str]) -> None:
    result = run(folder, *[argument or to_text(A, "person") for argument in arguments])
    assert result.exit_code != 0
    assert "Traceback" not in result.stderr


def test_a_moment_needs_an_offset(folder: Path) -> None:
    result = run(folder, to_text(A, "person"), "--as-of", "2026-04-05T09:00:00")
    assert result.exit_code == 2
    assert "offset from UTC" in " ".join(result.stderr.split())
