"""A snapshot of an older Guiyi, without a column that this one reads: what fails says so, and how to go on."""

import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from api.month import MonthReport
from graph.projection import project
from resolver.errors import SnapshotError
from resolver.ledger.ledger import Ledger
from resolver.publication import published_snapshot
from resolver.snapshot import Snapshot
from resolver.workspace import Workspace
from tests.api.commands.command_line import parsed, run

_WHAT = "golden_organisations.parquet"


@pytest.fixture(scope="module")
def older(month: tuple[Workspace, MonthReport], tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The months published, by a Guiyi that did not mark organisations as ambiguous."""
    root = tmp_path_factory.mktemp("older") / "workspace"
    shutil.copytree(month[0].root, root)
    workspace = Workspace.open(root)
    with Ledger.open(workspace.ledger_url) as ledger:
        snapshot = published_snapshot(workspace, ledger)
    assert snapshot is not None
    _age(snapshot)
    return workspace


def _age(snapshot: Snapshot) -> None:
    path = snapshot.path("golden_organisations")
    table = pq.read_table(path).drop_columns(["ambiguous"])
    path.unlink()
    pq.write_table(table, path)


def _refused(result: Any) -> None:
    """What a command that ended with one message, not a traceback, said."""
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    said = "".join(result.stderr.split())
    assert "guiyiresolve" in said
    assert _WHAT in said
    assert "ambiguous" in said


def test_evaluating_it_names_the_column_and_the_remedy(older: Workspace, city: Path) -> None:
    _refused(run("evaluate", "--truth", city, "-w", older.root))


def test_explaining_organisations_of_it_does(older: Workspace) -> None:
    snapshot = Snapshot.latest_sealed(older)
    assert snapshot is not None
    keys = snapshot.read("organisation_members")["record_key"].to_pylist()[:2]
    _refused(run("explain", *keys, "-w", older.root))


def test_it_is_resolved_again_although_nothing_new_came(older: Workspace) -> None:
    with Ledger.open(older.ledger_url) as ledger:
        before = published_snapshot(older, ledger)
    assert before is not None
    again = parsed(run("resolve", "--json", "-w", older.root))
    assert again["snapshot"] > before.number
    made = Snapshot.open(older, again["snapshot"])
    assert "ambiguous" in pq.read_schema(made.path("golden_organisations")).names
    assert parsed(run("resolve", "--json", "-w", older.root))["snapshot"] == made.number


def test_it_gets_no_graph(older: Workspace) -> None:
    snapshot = Snapshot.open(older, 2)
    with pytest.raises(SnapshotError, match=f"snapshot 2 .* older Guiyi .*{_WHAT}: ambiguous") as refused:
        project(snapshot)
    assert "guiyi resolve" in refused.value.remedy
