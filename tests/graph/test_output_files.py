"""What departments get of a made-up city's findings, read back with a reader of its own."""

from datetime import date
from pathlib import Path

import pyarrow.compute as pc
import pytest
from python_calamine import CalamineWorkbook

from api.month import MonthReport
from graph.output_files import _due, _Sources, write_outputs
from resolver.feeds.contract import contracts
from resolver.feeds.output import outputs
from resolver.snapshot import Snapshot
from resolver.workspace import Workspace

ISSUED = date(2026, 11, 3)


@pytest.fixture(scope="module")
def snapshot(month: tuple[Workspace, MonthReport]) -> Snapshot:
    found = Snapshot.latest_sealed(month[0])
    assert found is not None
    return found


@pytest.fixture(scope="module")
def files(
    snapshot: Snapshot, tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[str, str], list[dict[str, object]]]:
    """(feed, receiver) -> rows by header."""
    folder = tmp_path_factory.mktemp("outputs")
    read = {}
    for path in write_outputs(snapshot, {"E01": "重复参保"}, folder, ISSUED):
        assert path.parent.name == snapshot.manifest["period"][:7]
        feed, title, to = path.stem.split("_")
        assert title == outputs()[feed].title
        header, *rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
        assert header == [column.header for column in outputs()[feed].columns.values()]
        read[feed, to] = [dict(zip(header, row, strict=True)) for row in rows]
    return read


def test_every_owner_gets_its_rows_and_nobody_elses(snapshot: Snapshot, files: dict) -> None:
    findings = {str(f["finding_key"]): f for f in snapshot.read("findings").to_pylist()}
    told = set()
    for (feed, to), rows in files.items():
        for row in rows:
            if feed not in ("W30", "J08"):
                continue
            finding = findings[row["疑点编号" if feed == "W30" else "异常编号"]]
            assert to in finding["return_to"]
            assert finding["route"] == "department"
            assert finding["suppressed_by"] is None
            assert (feed == "J08") == (finding["due"] == "m10")
            if row["数据行号"]:
                item = row["数据项" if feed == "W30" else "名单"].split(" ")[0]
                assert contracts()[item].department == to
                assert int(row["数据行号"]) in finding["row_ids"]
            told.add((str(finding["finding_key"]), to))
    due = {
        (key, to)
        for key, f in findings.items()
        if f["route"] == "department" and f["suppressed_by"] is None and f["rule"] not in ("MW1", "MW2")
        for to in f["return_to"]
    }
    assert due
    assert told == due


def test_counties_get_what_concerns_their_people(snapshot: Snapshot, files: dict) -> None:
    def by(key: str, value: str, table: str) -> dict[object, object]:
        return dict(zip(*(snapshot.read(table)[c].to_pylist() for c in (key, value)), strict=True))

    region = by("person_id", "region", "golden")  # not by number: a newborn may stand under its mother's
    about = {str(key): person for key, person in by("finding_key", "person_id", "findings").items()}
    counties = {to: rows for (feed, to), rows in files.items() if feed == "W32"}
    assert len(counties) >= 2
    for to, rows in counties.items():
        assert [row["疑点序号"] for row in rows] == [str(n) for n in range(1, len(rows) + 1)]
        assert all(row["核查区县"] == to for row in rows)
        assert all(region[about[row["疑点编号"]]] == to for row in rows)


def test_what_goes_to_identity_review_is_told_nobody(snapshot: Snapshot, files: dict) -> None:
    findings = snapshot.read("findings")
    doubtful = findings.filter(pc.not_equal(findings["route"], "department"))["finding_key"].to_pylist()
    told = {str(value) for rows in files.values() for row in rows for value in row.values()}
    assert not told & {str(key) for key in doubtful}


def test_the_same_findings_make_the_same_bytes(snapshot: Snapshot, tmp_path: Path) -> None:
    first, again = (write_outputs(snapshot, {}, tmp_path / name, ISSUED) for name in "ab")
    assert [path.name for path in first] == [path.name for path in again]
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in again]
    assert not list(tmp_path.rglob("*.partial"))


@pytest.mark.parametrize(
    ("due", "issued", "day"),
    [
        ("10wd", date(2026, 9, 26), date(2026, 10, 15)),
        ("m10", date(2026, 11, 3), date(2026, 11, 10)),
        ("m10", date(2026, 11, 10), date(2026, 11, 10)),
        ("m10", date(2026, 11, 11), date(2026, 12, 10)),
        ("-", date(2026, 11, 3), None),
    ],
)
def test_deadlines(due: str, issued: date, day: date | None) -> None:
    assert _due(due, _Sources([], {}, {}, {}, date(2026, 10, 1), issued)) == day
