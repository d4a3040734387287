"""A second month goes on from the first, and makes the snapshot that a full run makes."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from api.month import run_month
from resolver.feeds.intake import ReceiveOptions, receive
from resolver.ledger.ledger import Ledger
from resolver.linkage.engine import link
from resolver.linkage.model import Model
from resolver.linkage.model_versions import read_organisation_version
from resolver.linkage.organisation.engine import link_organisations
from resolver.linkage.state_files import open_state
from resolver.linkage.whole_state import arrays_in_order
from resolver.pipeline import LINKAGE_STATE, ResolveOptions, resolve
from resolver.progress import silent
from resolver.snapshot import Snapshot
from resolver.workspace import Workspace

ABOUT_THE_RUN = ("mode", "reason", "records_new", "records_gone", "pairs_compared", "groups_clustered")


@pytest.fixture(scope="module")
def second_month(city: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the first month published and the second one received."""
    workspace = Workspace.create(tmp_path_factory.mktemp("months") / "workspace")
    first, second = sorted(folder for folder in (city / "feeds").iterdir() if folder.is_dir())
    with workspace.writer(), Ledger.open(workspace.ledger_url) as ledger:
        run_month(workspace, ledger, [first])
        receive(workspace, ledger, [second], ReceiveOptions(now=datetime(2026, 3, 1, tzinfo=UTC)), silent)
    return workspace.root


def resolved(root: Path, options: ResolveOptions | None = None) -> Snapshot:
    workspace = Workspace.open(root)
    with workspace.writer(), Ledger.open(workspace.ledger_url) as ledger:
        return resolve(workspace, ledger, options)


@pytest.fixture(scope="module")
def incremental(second_month: Path) -> Snapshot:
    return resolved(second_month)


def test_the_second_month_is_incremental(incremental: Snapshot) -> None:
    facts = incremental.manifest["linkage"]
    assert facts["mode"] == "incremental"
    assert 0 < facts["records_new"] < 0.25 * facts["records"]
    assert 0 < facts["pairs_compared"] < facts["candidate_pairs"]
    assert 0 < facts["groups_clustered"] < facts["clusters"]


def test_it_is_what_a_full_run_finds(incremental: Snapshot, second_month: Path) -> None:
    model = Model.read(second_month / "models" / f"{incremental.manifest['model_version']}.json")
    whole = link(incremental.read("records"), model)
    assert incremental.read("pairs").equals(whole.pairs)
    assert {key: incremental.manifest["linkage"][key] for key in whole.report} == whole.report


def test_a_full_run_makes_the_same_snapshot(
    incremental: Snapshot, second_month: Path, tmp_path: Path
) -> None:
    """Without what the first month left, and then with it again, from the same ledger."""
    shutil.copytree(second_month, tmp_path / "copy")
    shutil.rmtree(tmp_path / "copy" / "snapshots" / str(incremental.number))
    for state in (tmp_path / "copy" / "snapshots").glob(f"*/{LINKAGE_STATE}"):
        shutil.rmtree(state)
    full = resolved(tmp_path / "copy")
    assert full.manifest["linkage"]["mode"] == "full"
    assert full.number == incremental.number
    assert full.manifest["files"] == incremental.manifest["files"]
    assert _but_for_the_run(full) == _but_for_the_run(incremental)
    states = (open_state(s.folder / LINKAGE_STATE) for s in (full, incremental))
    one, other = (list(arrays_in_order(state)) for state in states if state is not None)
    assert [name for name, _ in one] == [name for name, _ in other]
    assert all(np.array_equal(a, b) for (_, a), (_, b) in zip(one, other, strict=True))


def test_a_second_month_does_not_write_the_first_one_again(incremental: Snapshot, second_month: Path) -> None:
    """The base of its state is the same file, so that both months' snapshots hold it once on the disk."""
    first = second_month / "snapshots" / str(incremental.manifest["based_on"])
    one, other = (folder / LINKAGE_STATE / "base.bin" for folder in (first, incremental.folder))
    assert one.samefile(other)


def _but_for_the_run(snapshot: Snapshot) -> dict[str, object]:
    linkage = {k: v for k, v in snapshot.manifest["linkage"].items() if k not in ABOUT_THE_RUN}
    return {**snapshot.manifest, "linkage": linkage}


def test_organisations_keep_their_model_version_and_come_out_as_of_a_full_run(
    incremental: Snapshot, second_month: Path
) -> None:
    version = incremental.manifest["organisation_model_version"]
    models = second_month / "models"
    assert [file.stem for file in (models / "organisation").iterdir()] == [version]
    whole = link_organisations(
        incremental.read("organisation_records"), read_organisation_version(models, version)
    )
    assert incremental.manifest["organisation_linkage"] == whole.report
    linked = whole.members.select(["record_key", "parent_record_key", "link_probability"])
    assert incremental.read("organisation_members", linked.column_names).equals(linked)


def test_a_new_model_is_a_full_run(incremental: Snapshot, second_month: Path) -> None:
    facts = resolved(second_month, ResolveOptions(new_model=True)).manifest["linkage"]
    assert facts["mode"] == "full"
    assert facts["reason"] == f"the run before used model version {incremental.manifest['model_version']}"
