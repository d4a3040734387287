from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from resolver.errors import SnapshotError
from resolver.ledger.ledger import Ledger, Pointer
from resolver.publication import add_file, collect, list_snapshots, next_number, published_snapshot, rollback
from resolver.snapshot import Snapshot, SnapshotBuilder, sealed_numbers
from resolver.workspace import Workspace

AT = datetime(2025, 3, 31, 13, 5, tzinfo=UTC)
FINDINGS = pa.table({"finding_key": [1]})


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path)


@pytest.fixture
def ledger(workspace: Workspace) -> Iterator[Ledger]:
    with Ledger.open(workspace.ledger_url) as opened:
        yield opened


def seal(workspace: Workspace, number: int) -> Snapshot:
    with SnapshotBuilder(workspace, number) as builder:
        builder.write("records", pa.table({"a": [number]}))
        return builder.seal({})


def publish(workspace: Workspace, ledger: Ledger, number: int) -> Snapshot:
    snapshot = seal(workspace, number)
    ledger.move_pointer(number, number + 100, "month", AT)
    return snapshot


def test_files_are_added_before_publication(workspace: Workspace, ledger: Ledger) -> None:
    snapshot = seal(workspace, 1)
    added = add_file(ledger, snapshot, "findings", FINDINGS)
    assert added.names == ["findings", "records"]
    assert Snapshot.open(workspace, 1) == added
    assert added.read("findings").equals(FINDINGS)
    added.verify()
    again = add_file(ledger, added, "findings", FINDINGS.slice(0, 0))
    assert again.read("findings").num_rows == 0
    again.verify()
    assert sorted(path.name for path in again.folder.iterdir()) == [
        ".hold", "findings.parquet", "manifest.json", "records.parquet",
    ]  # fmt: skip


def test_adding_to_a_shared_file_leaves_the_other_snapshot_alone(
    workspace: Workspace, ledger: Ledger
) -> None:
    first = seal(workspace, 1)
    with SnapshotBuilder(workspace, 2) as builder:
        builder.link("records", first)
        second = builder.seal({})
    add_file(ledger, second, "records", FINDINGS)
    first.verify()
    assert first.read("records")["a"].to_pylist() == [1]


def test_nothing_is_added_after_publication(workspace: Workspace, ledger: Ledger) -> None:
    first = publish(workspace, ledger, 1)
    publish(workspace, ledger, 2)
    with pytest.raises(SnapshotError, match="snapshot 1 was published"):
        add_file(ledger, first, "findings", FINDINGS)


def test_what_readers_see(workspace: Workspace, ledger: Ledger) -> None:
    assert published_snapshot(workspace, ledger) is None
    publish(workspace, ledger, 1)
    seal(workspace, 2)
    found = published_snapshot(workspace, ledger)
    assert found is not None
    assert found.number == 1


def test_numbers_are_never_used_again(workspace: Workspace, ledger: Ledger) -> None:
    assert next_number(workspace, ledger) == 1
    seal(workspace, 1)
    assert next_number(workspace, ledger) == 2
    ledger.move_pointer(6, 1, "its folder was lost", AT)
    assert next_number(workspace, ledger) == 7
    ledger.finish_run(ledger.start_run("resolve", {}, AT), 8, {}, AT)
    assert next_number(workspace, ledger) == 9


def test_listing(workspace: Workspace, ledger: Ledger) -> None:
    publish(workspace, ledger, 1)
    publish(workspace, ledger, 2)
    seal(workspace, 3)
    found = [
        (s.number, s.published, s.current, s.graph_generation) for s in list_snapshots(workspace, ledger)
    ]
    assert found == [(1, True, False, 101), (2, True, True, 102), (3, False, False, None)]


def test_rollback(workspace: Workspace, ledger: Ledger) -> None:
    publish(workspace, ledger, 1)
    publish(workspace, ledger, 2)
    rollback(workspace, ledger, 1, AT, "wrong file")
    assert ledger.pointer() == Pointer(1, 101)
    assert ledger.pointer_moves()[-1].reason == "wrong file"
    rollback(workspace, ledger, 2, AT, "it was right after all")
    assert ledger.pointer() == Pointer(2, 102)


def test_rollback_needs_a_published_snapshot_that_is_there(workspace: Workspace, ledger: Ledger) -> None:
    publish(workspace, ledger, 1)
    seal(workspace, 2)
    ledger.move_pointer(3, 3, "its folder was lost", AT)
    with pytest.raises(SnapshotError, match="snapshot 2 was never published") as caught:
        rollback(workspace, ledger, 2, AT, "")
    assert caught.value.remedy == "Choose a published one: 1."
    with pytest.raises(SnapshotError, match="no snapshot 3"):
        rollback(workspace, ledger, 3, AT, "")
    assert ledger.pointer() == Pointer(3, 3)


def test_the_last_three_are_kept(workspace: Workspace, ledger: Ledger) -> None:
    for number in range(1, 6):
        publish(workspace, ledger, number)
    assert collect(workspace, ledger) == [1, 2]
    assert sealed_numbers(workspace) == [3, 4, 5]
    assert collect(workspace, ledger, keep=1) == [3, 4]


def test_what_a_reader_holds_is_kept(workspace: Workspace, ledger: Ledger) -> None:
    snapshots = [publish(workspace, ledger, number) for number in range(1, 6)]
    with snapshots[0].hold():
        assert collect(workspace, ledger) == [2]
    assert collect(workspace, ledger) == [1]


def test_the_published_lineage_is_kept_after_a_rollback(workspace: Workspace, ledger: Ledger) -> None:
    for number in range(1, 8):
        publish(workspace, ledger, number)
    rollback(workspace, ledger, 3, AT, "months of wrong files")
    assert collect(workspace, ledger) == [4]
    assert sealed_numbers(workspace) == [1, 2, 3, 5, 6, 7]


def test_unpublished_ones_above_the_pointer_are_kept(workspace: Workspace, ledger: Ledger) -> None:
    publish(workspace, ledger, 1)
    for number in range(2, 7):
        seal(workspace, number)
    assert collect(workspace, ledger) == []


def test_before_the_first_publication_nothing_is_removed(workspace: Workspace, ledger: Ledger) -> None:
    for number in range(1, 6):
        seal(workspace, number)
    assert collect(workspace, ledger) == []
