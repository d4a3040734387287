import errno
import os
import resource
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from resolver.errors import DeliveryError
from resolver.feeds import archive
from resolver.feeds.archive import archived, archiving
from resolver.feeds.checks import QUARANTINE, accepted_schema
from resolver.feeds.contract import contracts
from resolver.workspace import Workspace

W01 = contracts()["W01"]
HASH = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # SHA-256 of "abc"


def rows(count: int) -> pa.Table:
    schema = accepted_schema(W01)
    columns = [
        pa.array(range(count), pa.int64()),
        *(pa.nulls(count, field.type) for field in list(schema)[1:]),
    ]
    return pa.Table.from_arrays(columns, schema=schema)


@pytest.fixture
def original(tmp_path: Path) -> Path:
    path = tmp_path / "死亡.CSV"
    path.write_bytes(b"abc")
    return path


def tree(workspace: Workspace) -> list[str]:
    return sorted(str(p.relative_to(workspace.root)) for p in workspace.root.rglob("*"))


def write(workspace: Workspace, original: Path) -> Any:
    files = archived(workspace, "W01", date(2026, 10, 1), "00000000ab")
    with archiving(workspace, files, W01) as writer:
        writer.write(rows(2), QUARANTINE.empty_table())
        writer.write(rows(0), QUARANTINE.empty_table())
        writer.keep_original(original, HASH)
    return files


def test_a_delivery_is_three_files(workspace: Workspace, original: Path) -> None:
    files = write(workspace, original)
    assert sorted(path.name for path in files.folder.iterdir()) == [
        "00000000ab.original.csv.zst", "00000000ab.parquet", "00000000ab.quarantine.parquet",
    ]  # fmt: skip
    assert files.folder == workspace.archive / "W01" / "2026-10"
    found = pq.read_schema(files.rows)
    assert found.names == accepted_schema(W01).names
    assert found.field("death_time").type == pa.timestamp("ms")  # Parquet knows no whole seconds
    assert found.field("birth_date").type == pa.date32()
    assert pq.read_table(files.rows).num_rows == 2
    assert pq.read_schema(files.quarantine) == QUARANTINE
    with pa.input_stream(files.original(".csv"), compression="zstd") as stream:
        assert stream.read() == b"abc"


def test_the_same_delivery_gives_the_same_bytes(workspace: Workspace, original: Path) -> None:
    files = write(workspace, original)
    before = {path.name: path.read_bytes() for path in files.folder.iterdir()}
    write(workspace, original)
    assert {path.name: path.read_bytes() for path in files.folder.iterdir()} == before


def test_zipped_originals_are_kept_as_they_are(workspace: Workspace, original: Path) -> None:
    spreadsheet = original.rename(original.with_name("x.xlsx"))
    files = write(workspace, spreadsheet)
    assert files.original(".xlsx").read_bytes() == b"abc"


@pytest.mark.parametrize("step", ["_sync", "fsync", "write"])
def test_a_full_disk_leaves_nothing(
    workspace: Workspace, original: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def full(*_arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    before = tree(workspace)
    if step == "_sync":
        monkeypatch.setattr(archive, "_sync", full)
    elif step == "fsync":
        monkeypatch.setattr(os, "fsync", full)
    else:
        monkeypatch.setattr(archive.ArchiveWriter, "write", full)
    with pytest.raises(DeliveryError, match="the disk is full"):
        write(workspace, original)
    assert tree(workspace) == before


def test_a_file_that_really_outgrows_its_limit_leaves_nothing(workspace: Workspace, original: Path) -> None:
    before = tree(workspace)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300, hard))
    try:
        with pytest.raises(DeliveryError, match="the disk is full"):
            write(workspace, original)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert tree(workspace) == before


def test_another_failure_leaves_nothing_either(workspace: Workspace, original: Path) -> None:
    write(workspace, original)
    before = tree(workspace)
    files = archived(workspace, "W01", date(2026, 10, 1), "00000000cd")
    with (
        pytest.raises(DeliveryError, match="changed while it was read"),
        archiving(workspace, files, W01) as writer,
    ):
        writer.keep_original(original, "0" * 64)
    assert tree(workspace) == before


def test_a_read_only_archive_is_named(workspace: Workspace, original: Path) -> None:
    workspace.archive.write_text("a file where the folder should be", "utf-8")
    with pytest.raises(DeliveryError, match="cannot write to"):
        write(workspace, original)
