"""The same model run whole through recordlinkage makes the same persons of the month's records."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from resolver.errors import SettingsError
from resolver.ledger.ledger import Ledger
from resolver.pipeline import ResolveOptions, resolve
from resolver.publication import published_snapshot
from resolver.workspace import Workspace


@pytest.fixture
def copy(month: tuple[Workspace, Any], tmp_path: Path) -> Workspace:
    folder = tmp_path / "workspace"
    shutil.copytree(month[0].root, folder)
    return Workspace.open(folder)


def test_both_engines_make_the_same_persons(copy: Workspace) -> None:
    with copy.writer(), Ledger.open(copy.ledger_url) as ledger:
        published = published_snapshot(copy, ledger)
        assert published is not None
        again = resolve(copy, ledger, ResolveOptions(engine="recordlinkage"))
    assert again.number != published.number
    assert again.manifest["engine"] == "recordlinkage"
    columns = ["record_key", "entity_id", "parent_record_key"]
    assert again.read("members", columns).equals(published.read("members", columns))


def test_an_unknown_engine_is_named(copy: Workspace) -> None:
    with copy.writer(), Ledger.open(copy.ledger_url) as ledger, pytest.raises(SettingsError, match="abacus"):
        resolve(copy, ledger, ResolveOptions(engine="abacus"))
