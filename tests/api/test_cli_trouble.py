"""What an operator runs into: a full disk, a second writer, other versions, no rights, Ctrl+C, a killed server."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from api.cli import app
from api.month import MonthReport
from graph.sqlite_store import SqliteStore
from resolver.ledger.ledger import Ledger
from resolver.ledger.tables import REVISION
from resolver.publication import published_snapshot, rollback
from resolver.workspace import FORMAT, SETTINGS_FILE, Workspace

_RESULTS = ("members", "golden", "findings", "households", "superseded")
_COMMAND = [sys.executable, "-c", "from api.cli import main; main()"]


def _run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def _start(*arguments: str | Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*_COMMAND, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def _refused(result: Result, *said: str) -> None:
    assert result.exit_code == 1, result.stderr
    assert not result.exception or isinstance(result.exception, SystemExit)
    for part in said:
        assert part in result.stderr


def _state(folder: Path) -> tuple[object, ...]:
    """What must not change when a command fails: deliveries, archived files and the pointer."""
    workspace = Workspace.open(folder)
    with Ledger.open(workspace.ledger_url) as ledger:
        deliveries = [delivery.delivery_id for delivery in ledger.deliveries()]
        moves = ledger.pointer_moves()
    return deliveries, sorted(str(p) for p in workspace.archive.rglob("*")), moves


def _results(workspace: Workspace) -> dict[str, object]:
    with Ledger.open(workspace.ledger_url) as ledger:
        snapshot, pointer = published_snapshot(workspace, ledger), ledger.pointer()
    assert snapshot is not None
    assert pointer is not None
    snapshot.verify()
    store = SqliteStore(workspace.graph_db)
    try:
        graph = store.graph_hash(pointer.graph_generation)
    finally:
        store.close()
    return {"graph": graph, **{name: snapshot.read(name) for name in _RESULTS}}


@pytest.fixture
def copy(month: tuple[Workspace, MonthReport], tmp_path: Path) -> Path:
    return Path(shutil.copytree(month[0].root, tmp_path / "workspace"))


@contextlib.contextmanager
def _mounted(folder: Path, options: str) -> Iterator[Path]:
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("no file system can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@contextlib.contextmanager
def _full(folder: Path, left: int) -> Iterator[None]:
    """The file system with `left` bytes free."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"\0" * 65536)
    os.truncate(filler, max(0, filler.stat().st_size - left))
    try:
        yield
    finally:
        filler.unlink()


def _room(workspace: Workspace) -> int:
    """Bytes that a workspace needs to be published: itself, and what is written anew before the old is given up.

    That is a log as large as the graph at most, the record of the graph, and the log of the ledger (4 MB at most).
    """
    anew = (workspace.graph_db, workspace.graph_record, workspace.root)
    return sum(map(_blocks, anew)) + 4_000_000


def _blocks(place: Path) -> int:
    files = [place] if place.is_file() else [file for file in place.rglob("*") if file.is_file()]
    return sum(-(-file.stat().st_size // 4096) * 4096 for file in files)


def test_a_full_disk_loses_nothing_at_any_step(
    city: Path, month: tuple[Workspace, MonthReport], tmp_path: Path
) -> None:
    files = city / "feeds" / "2026-10"
    with _mounted(tmp_path / "disk", f"size={_room(month[0])}") as disk:
        folder = Path(shutil.copytree(month[0].root, disk / "workspace"))
        _back_to_september(folder)
        for command, room in (
            (["receive", files], (0, 40_000, 100_000)),
            (["resolve"], (0, 300_000, 1_000_000)),
            (["check"], (65_536,)),
            (["publish"], (65_536, 1_000_000, 4_000_000)),
        ):
            for left in room:
                before = _state(folder)
                with _full(disk, left):
                    _refused(_run(*command, "-w", folder), "error: ", "pace")
                after = _state(folder)
                assert after[2] == before[2]
                assert set(before[0]) <= set(after[0])  # type: ignore[call-overload]
                assert not list(folder.rglob("*.original*.partial"))
            result = _run(*command, "-w", folder)
            assert result.exit_code == 0, result.stderr
        assert _results(Workspace.open(folder)) == _results(month[0])


def test_a_full_disk_loses_nothing_without_one(
    city: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same where no file system can be mounted: every flush to the disk fails."""
    file = next((city / "feeds" / "2026-09").glob("W05*"))
    assert _run("init", tmp_path / "w").exit_code == 0
    before = _state(tmp_path / "w")

    def full(handle: int) -> None:
        raise OSError(28, os.strerror(28))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        _refused(_run("receive", file, "-w", tmp_path / "w"), "the disk is full", "Free some space")
    assert _state(tmp_path / "w") == before
    assert _run("receive", file, "-w", tmp_path / "w").exit_code == 0
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        _refused(_run("resolve", "-w", tmp_path / "w"), "No space left", "space")
    assert not list((tmp_path / "w" / "snapshots").glob("*"))
    assert _run("resolve", "-w", tmp_path / "w").exit_code == 0


def _back_to_september(folder: Path) -> None:
    """Make of a copy of the published months the workspace as it was after the first one."""
    workspace = Workspace.open(folder)
    with Ledger.open(workspace.ledger_url) as ledger:
        rollback(workspace, ledger, 1, datetime.now(UTC), "October comes again")
    engine = sa.create_engine(workspace.ledger_url)
    with engine.begin() as connection:
        for kind, name in connection.execute(
            sa.text("SELECT type, name FROM sqlite_master WHERE type = 'trigger'")
        ).all():
            connection.execute(sa.text(f"DROP {kind} {name}"))
        connection.execute(sa.text("DELETE FROM deliveries WHERE period >= '2026-10'"))
        connection.execute(sa.text("DELETE FROM crosswalk_events WHERE snapshot > 1"))
        connection.execute(sa.text("DELETE FROM pointer_moves WHERE snapshot > 1"))
    engine.dispose()
    shutil.rmtree(workspace.snapshots / "2")
    for october in workspace.archive.glob("*/2026-10"):
        shutil.rmtree(october)


def test_a_second_writer_is_told_who_writes(copy: Path, city: Path) -> None:
    code = "import sys\nfrom pathlib import Path\nfrom resolver.workspace import Workspace\n"
    code += "with Workspace.open(Path(sys.argv[1])).writer():\n    print('held', flush=True)\n    sys.stdin.read()\n"
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(copy)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdin is not None
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    before = _state(copy)
    for command in (
        ["receive", city],
        ["month", city],
        ["resolve"],
        ["publish"],
        ["rollback", "1", "--reason", "x"],
    ):
        _refused(
            _run(*command, "-w", copy), f"(pid {holder.pid}) is writing to {copy}", "Wait until it has ended"
        )
    assert _run("snapshots", "-w", copy).exit_code == 0
    holder.communicate("")
    assert _state(copy) == before
    assert _run("resolve", "-w", copy).exit_code == 0


def test_a_workspace_of_a_newer_version(copy: Path, city: Path) -> None:
    before = _state(copy)
    settings = (copy / SETTINGS_FILE).read_text("utf-8")
    (copy / SETTINGS_FILE).write_text(
        settings.replace(f"format = {FORMAT}", f"format = {FORMAT + 1}"), "utf-8"
    )
    for command in (["month", city], ["snapshots"], ["serve"], ["init"]):
        where = [copy] if command == ["init"] else ["-w", copy]
        _refused(_run(*command, *where), "newer Guiyi", "Update Guiyi")
    (copy / SETTINGS_FILE).write_text(settings, "utf-8")
    assert _state(copy) == before


def test_a_ledger_of_a_newer_version(copy: Path, city: Path) -> None:
    before = _state(copy)
    revision = _set_revision(copy, "9999")
    for command in (["month", city], ["snapshots"], ["serve"]):
        _refused(_run(*command, "-w", copy), "newer Guiyi", "revision 9999", "Update Guiyi")
    _set_revision(copy, revision)
    assert _state(copy) == before


def _set_revision(workspace: Path, revision: str) -> str:
    engine = sa.create_engine(f"sqlite:///{workspace / 'ledger.db'}")
    with engine.begin() as connection:
        before = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one()
        connection.execute(sa.text("UPDATE alembic_version SET version_num = :new"), {"new": revision})
    engine.dispose()
    return str(before)


def test_a_workspace_that_may_only_be_read(
    month: tuple[Workspace, MonthReport], city: Path, tmp_path: Path
) -> None:
    with _mounted(tmp_path / "disk", f"size={_room(month[0])}") as disk:
        folder = Path(shutil.copytree(month[0].root, disk / "workspace"))
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        for command in (["receive", city], ["month", city], ["resolve"]):
            _refused(
                _run(*command, "-w", folder), f"cannot write to {folder}: Read-only file system", "rights"
            )
        _refused(_run("init", disk / "new"), "cannot make a workspace", "rights")


def test_ctrl_c_ends_a_month_cleanly(city: Path, copy: Path, month: tuple[Workspace, MonthReport]) -> None:
    _back_to_september(copy)
    process = _start("month", city, "-w", copy)
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("standardising"):
            break
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out == ""
    assert err.splitlines()[-1].startswith("stopped;")
    assert "Traceback" not in err
    assert _run("month", city, "-w", copy).exit_code == 0
    assert _results(Workspace.open(copy)) == _results(month[0])


def _free_port() -> int:
    with socket.socket() as any_port:
        any_port.bind(("127.0.0.1", 0))
        return int(any_port.getsockname()[1])


def _answers(process: subprocess.Popen[str], port: int) -> int:
    """Status of a request without a key, once the server answers."""
    for _ in range(300):
        assert process.poll() is None, process.communicate()
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/duplicates", timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    pytest.fail("the server does not answer")


def test_a_killed_server_leaves_nothing_behind_and_ctrl_c_ends_one(copy: Path, city: Path) -> None:
    port = _free_port()
    before = sorted(p.name for p in copy.iterdir() if not p.name.endswith(("-wal", "-shm")))
    killed = _start("serve", "-w", copy, "--port", str(port))
    assert _answers(killed, port) == 401
    killed.kill()
    killed.communicate()
    assert _run("month", city, "-w", copy).exit_code == 0
    after = sorted(p.name for p in copy.iterdir() if not p.name.endswith(("-wal", "-shm")))
    assert set(after) - set(before) == {"returns"}  # which the month writes
    server = _start("serve", "-w", copy, "--port", str(port))
    assert _answers(server, port) == 401
    _refused(_run("serve", "-w", copy, "--port", str(port)), f"127.0.0.1:{port}", "--port")
    server.send_signal(signal.SIGINT)
    out, err = server.communicate(timeout=30)
    assert server.returncode == 0
    assert out == ""
    assert "Traceback" not in err


def test_output_that_nobody_reads_on_is_no_trouble(copy: Path) -> None:
    process = _start("snapshots", "--json", "-w", copy)
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert "Traceback" not in process.stderr.read()
    process.stderr.close()
    process.wait()


def test_a_terminal_without_chinese_still_gets_its_answer(copy: Path) -> None:
    plain = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = subprocess.run(
        [*_COMMAND, "feeds", "list", "--json"], env=plain, capture_output=True, text=True, check=True
    )
    assert any(feed["title"] == "死亡证明" for feed in json.loads(done.stdout))


def test_an_older_ledger_is_migrated_and_the_month_goes_on(
    copy: Path, city: Path, month: tuple[Workspace, MonthReport]
) -> None:
    _back_to_september(copy)
    engine = sa.create_engine(f"sqlite:///{copy / 'ledger.db'}")
    with engine.begin() as connection:
        for index in ("entity_id", "other_entity_id", "snapshot"):
            connection.execute(sa.text(f"DROP INDEX crosswalk_events_{index}"))
        connection.execute(sa.text("DROP INDEX judgements_request_key"))
        for column in ("statement_id", "witness_l", "witness_r", "request_key", "request_hash"):
            connection.execute(sa.text(f"ALTER TABLE judgements DROP COLUMN {column}"))
    engine.dispose()
    _set_revision(copy, "0001")
    assert _run("month", city, "-w", copy).exit_code == 0
    assert _results(Workspace.open(copy)) == _results(month[0])
    assert _set_revision(copy, REVISION) == REVISION
