import errno
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from resolver import snapshot as snapshot_module
from resolver.errors import SnapshotError
from resolver.snapshot import (
    Snapshot,
    SnapshotBuilder,
    find_sealed,
    fingerprint,
    remove,
    remove_leftovers,
    sealed_numbers,
)
from resolver.workspace import Workspace

RECORDS = pa.table({"record_key": [1, 2, 3], "name": ["王伟", "王芳", None]})
ROWS = pa.table({"row_id": [7]})


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path)


def build(workspace: Workspace, number: int, **manifest: Any) -> Snapshot:
    with SnapshotBuilder(workspace, number) as builder:
        builder.write("records", RECORDS)
        builder.write("rows/W01", ROWS)
        return builder.seal(manifest)


def test_what_was_written_can_be_read(workspace: Workspace) -> None:
    build(workspace, 1, reference_date="2025-03-31")
    snapshot = Snapshot.open(workspace, 1)
    assert snapshot.names == ["records", "rows/W01"]
    assert snapshot.read("records").equals(RECORDS)
    assert snapshot.read("rows/W01").equals(ROWS)
    assert snapshot.read("records", ["name"]).column_names == ["name"]
    assert snapshot.read("records", filters=pc.field("record_key") > 2)["record_key"].to_pylist() == [3]
    assert snapshot.path("rows/W01") == workspace.snapshots / "1" / "rows" / "W01.parquet"
    assert snapshot.manifest["reference_date"] == "2025-03-31"
    assert snapshot.manifest["snapshot"] == 1
    assert snapshot.manifest["files"]["records"]["rows"] == 3
    snapshot.verify()


def test_the_same_content_gives_the_same_bytes(workspace: Workspace) -> None:
    first, second = build(workspace, 1), build(workspace, 2)
    assert first.manifest["files"] == second.manifest["files"]


def test_nothing_is_there_until_it_is_sealed(workspace: Workspace) -> None:
    with SnapshotBuilder(workspace, 1) as builder:
        builder.write("records", RECORDS)
        assert sealed_numbers(workspace) == []
        assert Snapshot.latest_sealed(workspace) is None
    assert list(workspace.snapshots.iterdir()) == []


def test_a_failed_run_leaves_nothing(workspace: Workspace) -> None:
    with pytest.raises(AttributeError), SnapshotBuilder(workspace, 1) as builder:
        builder.write("records", None)
    assert list(workspace.snapshots.iterdir()) == []


def test_a_killed_run_leaves_nothing_that_counts(workspace: Workspace) -> None:
    """Kill the process at each step of building and sealing; then there is a whole snapshot or none."""
    script = """
import os, sys
import pyarrow as pa
from pathlib import Path
from resolver import parquet_file, snapshot
from resolver.workspace import Workspace
left = int(sys.argv[2])
def dying(call):
    def counted(*args, **kwargs):
        global left
        left -= 1
        if left < 0:
            os._exit(9)
        return call(*args, **kwargs)
    return counted
os.fsync = dying(os.fsync)
Path.rename = dying(Path.rename)
with snapshot.SnapshotBuilder(Workspace.open(Path(sys.argv[1])), 1) as builder:
    builder.write("records", pa.table({"a": [1]}))
    builder.seal({})
"""
    outcomes = []
    for steps in range(20):
        done = subprocess.run([sys.executable, "-c", script, str(workspace.root), str(steps)], check=False)
        outcomes.append(sealed_numbers(workspace))
        if outcomes[-1]:
            Snapshot.open(workspace, 1).verify()
        if done.returncode == 0:
            break
        if outcomes[-1]:
            remove(workspace, 1)
    assert outcomes[0] == []
    assert outcomes[-1] == [1]
    assert len(outcomes) > 4
    with SnapshotBuilder(workspace, 2) as builder:
        builder.seal({})
    assert [path.name for path in sorted(workspace.snapshots.iterdir())] == ["1", "2"]


def test_an_unchanged_file_is_shared(workspace: Workspace) -> None:
    first = build(workspace, 1)
    with SnapshotBuilder(workspace, 2) as builder:
        builder.link("rows/W01", first)
        second = builder.seal({})
    assert second.path("rows/W01").stat().st_ino == first.path("rows/W01").stat().st_ino
    assert second.manifest["files"]["rows/W01"] == first.manifest["files"]["rows/W01"]
    assert remove(workspace, 1)
    second.verify()


def test_a_number_is_used_once_and_a_name_too(workspace: Workspace) -> None:
    build(workspace, 1)
    with pytest.raises(SnapshotError, match="snapshot 1 exists"), SnapshotBuilder(workspace, 1):
        pass
    with SnapshotBuilder(workspace, 2) as builder:
        builder.write("records", RECORDS)
        with pytest.raises(SnapshotError, match="records is already in snapshot 2"):
            builder.write("records", RECORDS)


def test_what_is_not_there(workspace: Workspace) -> None:
    with pytest.raises(SnapshotError, match=r"no snapshot 5 .*there: none"):
        Snapshot.open(workspace, 5)
    snapshot = build(workspace, 1)
    with pytest.raises(SnapshotError, match=r"no snapshot 5 .*there: 1"):
        Snapshot.open(workspace, 5)
    with pytest.raises(SnapshotError, match=r"no pairs \(it has records, rows/W01\)"):
        snapshot.read("pairs")
    with pytest.raises(SnapshotError, match="no column sex"):
        snapshot.read("records", ["sex", "name"])


def test_damage_is_named(workspace: Workspace) -> None:
    snapshot = build(workspace, 1)
    snapshot.path("rows/W01").unlink()
    with snapshot.path("records").open("r+b") as file:
        file.seek(10)
        file.write(b"x")
    with pytest.raises(SnapshotError, match="records was changed; rows/W01 is missing"):
        snapshot.verify()
    with pytest.raises(SnapshotError, match="cannot be read"):
        snapshot.read("rows/W01")


def test_a_damaged_or_newer_manifest(workspace: Workspace) -> None:
    path = build(workspace, 1).folder / "manifest.json"
    path.write_text(json.dumps({"format": 99}))
    with pytest.raises(SnapshotError, match="newer Guiyi"):
        Snapshot.open(workspace, 1)
    path.write_text("{")
    with pytest.raises(SnapshotError, match="manifest of snapshot 1 cannot be read"):
        Snapshot.open(workspace, 1)


def test_a_full_disk_is_told(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(snapshot_module, "write_parquet", full)
    with (
        pytest.raises(SnapshotError, match="No space left") as caught,
        SnapshotBuilder(workspace, 1) as builder,
    ):
        builder.write("records", RECORDS)
    assert "Free some space" in caught.value.remedy
    assert list(workspace.snapshots.iterdir()) == []


def test_a_resumed_run_finds_what_it_sealed(workspace: Workspace) -> None:
    inputs = {"deliveries": ["a", "b"], "model": "1", "based_on": None}
    wanted = fingerprint(inputs)
    assert find_sealed(workspace, wanted) is None
    build(workspace, 1, fingerprint=wanted)
    build(workspace, 2, fingerprint=fingerprint({**inputs, "model": "2"}))
    build(workspace, 3)
    found = find_sealed(workspace, wanted)
    assert found is not None
    assert found.number == 1
    assert fingerprint(dict(reversed(inputs.items()))) == wanted
    latest = Snapshot.latest_sealed(workspace)
    assert latest is not None
    assert latest.number == 3


def test_a_reader_keeps_a_snapshot(workspace: Workspace) -> None:
    snapshot = build(workspace, 1)
    with snapshot.hold(), snapshot.hold():
        assert not remove(workspace, 1)
        assert snapshot.read("records").equals(RECORDS)
    assert remove(workspace, 1)
    with pytest.raises(SnapshotError, match="snapshot 1 was removed"), snapshot.hold():
        pass


def test_a_removal_that_was_killed_is_finished(workspace: Workspace) -> None:
    build(workspace, 1).folder.rename(workspace.snapshots / ".removing-1")
    remove_leftovers(workspace)
    assert list(workspace.snapshots.iterdir()) == []
