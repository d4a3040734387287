"""The month as a whole: killed anywhere, given twice, given in another order, it ends the same."""

import os
import random
import shutil
import signal
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from api.month import MonthReport, check, publish, run_month
from graph.sqlite_store import SqliteStore
from resolver.errors import SnapshotError
from resolver.feeds.intake import ReceiveOptions, receive
from resolver.ledger.ledger import Ledger
from resolver.pipeline import ResolveOptions, resolve
from resolver.publication import published_snapshot, rollback
from resolver.workspace import Workspace

_RESULTS = ("members", "pairs", "golden", "households", "kinship", "findings", "records", "superseded")

_KILLED_AT = """
import os, signal, sys
from pathlib import Path
from api.month import run_month
from resolver.ledger.ledger import Ledger
from resolver.workspace import Workspace

left = int(sys.argv[3])

def progress(step, done, total):
    global left
    left -= 1
    if left < 0:
        print(f"killed at: {step} {done}/{total}", flush=True)
        os.kill(os.getpid(), signal.SIGKILL)

workspace = Workspace.create(Path(sys.argv[1]))
with workspace.writer(), Ledger.open(workspace.ledger_url) as ledger:
    run_month(workspace, ledger, [Path(sys.argv[2])], progress=progress)
"""


def _run_month(workspace: Workspace, city: Path) -> MonthReport:
    with workspace.writer(), Ledger.open(workspace.ledger_url) as ledger:
        return run_month(workspace, ledger, [city])


def _results(workspace: Workspace) -> dict[str, pa.Table | str | None]:
    """Everything that readers see, and the hash of the graph."""
    with Ledger.open(workspace.ledger_url) as ledger:
        snapshot = published_snapshot(workspace, ledger)
        pointer = ledger.pointer()
    assert snapshot is not None
    assert pointer is not None
    snapshot.verify()
    store = SqliteStore(workspace.graph_db)
    try:
        graph_hash = store.graph_hash(pointer.graph_generation)
    finally:
        store.close()
    return {**{name: snapshot.read(name) for name in _RESULTS}, "graph": graph_hash}


def _same(left: dict[str, pa.Table | str | None], right: dict[str, pa.Table | str | None]) -> None:
    for name, value in left.items():
        assert value == right[name], f"{name} differs"


def _number_of_reports(city: Path, folder: Path) -> int:
    calls = []
    workspace = Workspace.create(folder)
    with workspace.writer(), Ledger.open(workspace.ledger_url) as ledger:
        run_month(workspace, ledger, [city], progress=lambda step, _done, _total: calls.append(step))
    return len(calls)


def test_a_month_reports_persons_findings_and_costs(month: tuple[Workspace, MonthReport]) -> None:
    _, report = month
    assert report.snapshot is not None
    assert report.snapshot.manifest["counts"]["persons"] > 500
    assert report.problems == []
    assert list(report.measurements.steps) == ["receive", "resolve", "check", "publish"]
    assert all(step.rows > 0 and step.seconds > 0 for step in report.measurements.steps.values())


def test_the_same_files_twice_change_nothing(
    city: Path, month: tuple[Workspace, MonthReport], tmp_path: Path
) -> None:
    workspace = Workspace.create(tmp_path / "again")
    shutil.rmtree(workspace.root)
    shutil.copytree(month[0].root, workspace.root)
    before = _results(workspace)
    report = _run_month(workspace, city)
    assert {receipt.status for receipt in report.receipts} == {"already_received"}
    _same(before, _results(workspace))
    with Ledger.open(workspace.ledger_url) as ledger:
        assert len(ledger.pointer_moves()) == 2


def test_the_order_of_files_changes_nothing(
    city: Path, month: tuple[Workspace, MonthReport], tmp_path: Path
) -> None:
    workspace = Workspace.create(tmp_path)
    with workspace.writer(), Ledger.open(workspace.ledger_url) as ledger:
        for folder in sorted((city / "feeds").iterdir()):
            files = sorted(folder.iterdir())
            random.Random(5).shuffle(files)
            for file in files:
                receive(workspace, ledger, [file], ReceiveOptions(now=datetime.now(UTC)))
            snapshot = resolve(workspace, ledger)
            snapshot, problems = check(workspace, ledger, snapshot)
            assert problems == []
            publish(workspace, ledger, snapshot)
    _same(_results(month[0]), _results(workspace))


@pytest.mark.parametrize("part", [0.02, 0.3, 0.55, 0.75, 0.9, 0.97])
def test_killed_and_run_again_ends_the_same(
    part: float, city: Path, month: tuple[Workspace, MonthReport], tmp_path: Path, reports_in_a_month: int
) -> None:
    _killed_then_whole(int(part * reports_in_a_month), city, month[0], tmp_path)


@pytest.mark.soak
def test_killed_at_every_report_ends_the_same(
    city: Path, month: tuple[Workspace, MonthReport], tmp_path: Path, reports_in_a_month: int
) -> None:
    for at in range(reports_in_a_month):
        _killed_then_whole(at, city, month[0], tmp_path / str(at))
        shutil.rmtree(tmp_path / str(at))


@pytest.mark.soak
def test_killed_again_and_again_at_any_moment_ends_the_same(
    city: Path, month: tuple[Workspace, MonthReport], tmp_path: Path
) -> None:
    chance = random.Random(11)
    workspace = Workspace.create(tmp_path)
    command = [sys.executable, "-c", _KILLED_AT, str(workspace.root), str(city), "1000000"]
    for _ in range(150):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            process.wait(timeout=chance.uniform(0.5, 12))
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
    _run_month(workspace, city)
    _same(_results(month[0]), _results(workspace))


def _killed_then_whole(at: int, city: Path, undisturbed: Workspace, folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _KILLED_AT, str(folder), str(city), str(at)],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stdout
    workspace = Workspace.open(folder)
    _run_month(workspace, city)
    _same(_results(undisturbed), _results(workspace))


@pytest.fixture(scope="module")
def reports_in_a_month(city: Path, tmp_path_factory: pytest.TempPathFactory) -> int:
    return _number_of_reports(city, tmp_path_factory.mktemp("counted"))


def test_publishing_what_was_not_checked_is_refused(city: Path, tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path)
    with workspace.writer(), Ledger.open(workspace.ledger_url) as ledger:
        receive(
            workspace,
            ledger,
            [city / "feeds"],
            ReceiveOptions(now=datetime.now(UTC), period=date(2026, 9, 1)),
        )
        snapshot = resolve(workspace, ledger, ResolveOptions())
        with pytest.raises(SnapshotError, match="not checked"):
            publish(workspace, ledger, snapshot)
        assert ledger.pointer() is None


def test_rolled_back_and_run_again(city: Path, month: tuple[Workspace, MonthReport], tmp_path: Path) -> None:
    shutil.copytree(month[0].root, tmp_path / "workspace")
    workspace = Workspace.open(tmp_path / "workspace")
    with workspace.writer(), Ledger.open(workspace.ledger_url) as ledger:
        rollback(workspace, ledger, 1, datetime.now(UTC), "a bad month")
        first = published_snapshot(workspace, ledger)
        assert first is not None
        assert first.number == 1
    _run_month(workspace, city)
    _same(_results(month[0]), _results(workspace))
