from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from resolver.feeds.contract import contracts
from resolver.ledger.ledger import Ledger
from resolver.lookup import Lookup
from resolver.publication import published_snapshot
from resolver.snapshot import Snapshot
from resolver.workspace import Workspace


@pytest.fixture(scope="module")
def snapshot(month: tuple[Workspace, Any]) -> Snapshot:
    workspace, _ = month
    with Ledger.open(workspace.ledger_url) as ledger:
        found = published_snapshot(workspace, ledger)
    assert found is not None
    return found


def test_what_is_looked_up_is_what_the_snapshot_says(snapshot: Snapshot) -> None:
    lookup = Lookup(snapshot)
    members = snapshot.read("members").to_pylist()
    records = {record["record_key"]: record for record in snapshot.read("records").to_pylist()}
    golden = {person["person_id"]: person for person in snapshot.read("golden").to_pylist()}
    for member in members[::97]:
        person, key = member["entity_id"], member["record_key"]
        assert lookup.entity_of(key) == person
        assert lookup.golden(person) == golden[person]
        assert lookup.members(person) == [m for m in members if m["entity_id"] == person]
        assert lookup.records([key]).to_pylist() == [records[key]]


def test_rows_come_back_by_record_and_by_id(snapshot: Snapshot) -> None:
    lookup = Lookup(snapshot)
    links = snapshot.read("row_records").to_pylist()
    for link in links[::501]:
        assert lookup.rows([link["record_key"]]) == [
            x for x in links if x["record_key"] == link["record_key"]
        ]
    for feed, contract in contracts().items():
        columns = ["row_id", "valid_from", "valid_to", *contract.facts]
        rows = snapshot.read(f"rows/{feed}", columns)
        wanted = rows["row_id"].to_pylist()[::13]
        expected = rows.filter(pc.is_in(rows["row_id"], pa.array(wanted, pa.int64()))).sort_by("row_id")
        assert lookup.current_rows(feed, [*sorted(wanted), 1]).to_pylist() == expected.to_pylist()


def test_what_is_not_there_is_left_out(snapshot: Snapshot) -> None:
    lookup = Lookup(snapshot)
    assert lookup.golden(1) is None
    assert lookup.organisation(1) is None
    assert lookup.entity_of(1) is None
    assert lookup.members(1) == []
    assert lookup.records([1, 2]).num_rows == 0


def test_files_half_written_by_a_killed_process_are_made_again(snapshot: Snapshot) -> None:
    folder = snapshot.folder / "lookup"
    (folder / "golden.arrow").rename(folder / "golden.partial")
    assert Lookup(snapshot).golden(snapshot.read("golden")["person_id"][0].as_py()) is not None
