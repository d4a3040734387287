"""Which store a workspace has, and where the password of a server comes from."""

from pathlib import Path
from typing import Any

import pytest

from graph.neo4j_store import Neo4jStore
from graph.sqlite_store import SqliteStore
from graph.stores import PASSWORD_VARIABLE, open_store
from resolver.errors import SettingsError
from resolver.workspace import Workspace

_SECRET = "open sesame"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv(PASSWORD_VARIABLE, raising=False)
    return Workspace.create(tmp_path).root


def configured(root: Path, graph: str) -> Workspace:
    (root / "guiyi.toml").write_text(f"format = 1\n[graph]\n{graph}\n", "utf-8")
    return Workspace.open(root)


def test_the_embedded_store_is_the_default(root: Path) -> None:
    assert isinstance(open_store(Workspace.open(root)), SqliteStore)
    assert isinstance(open_store(configured(root, 'uri = "sqlite"')), SqliteStore)


def test_a_server_is_not_asked_when_it_is_named(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PASSWORD_VARIABLE, _SECRET)
    graph = 'uri = "bolt://127.0.0.1:1"\nuser = "guiyi"\ndatabase = "d"\nname = "city"\nserver = "s"'
    store: Any = open_store(configured(root, graph))
    assert isinstance(store, Neo4jStore)
    address = store._address
    assert (address.uri, address.user, address.database, address.graph) == (
        "bolt://127.0.0.1:1",
        "guiyi",
        "d",
        "city",
    )
    assert address.password == _SECRET
    assert _SECRET not in repr(address)
    assert store._server == root / "s"


def test_a_password_from_a_file_that_only_its_owner_reads(root: Path) -> None:
    workspace = configured(root, 'uri = "bolt://x"\npassword_file = "graph.password"')
    with pytest.raises(SettingsError, match=r"cannot be read from .*graph\.password: No such file"):
        open_store(workspace)
    file = root / "graph.password"
    file.write_text(_SECRET + "\n", "utf-8")
    file.chmod(0o644)
    with pytest.raises(SettingsError, match="can be read by others") as error:
        open_store(workspace)
    assert "chmod 600" in error.value.remedy
    assert _SECRET not in str(error.value)
    file.chmod(0o600)
    store: Any = open_store(workspace)
    assert store._address.password == _SECRET


@pytest.mark.parametrize(
    ("graph", "told"),
    [
        ('uri = "bolt://x"', "no password"),
        ('url = "bolt://x"', r"graph\.url is not a setting"),
        ("uri = 7687", r"graph\.uri is not a setting, or not a text"),
    ],
)
def test_settings_that_cannot_be(root: Path, graph: str, told: str) -> None:
    with pytest.raises(SettingsError, match=told) as error:
        open_store(configured(root, graph))
    assert error.value.remedy


def test_an_address_with_a_password_in_it_is_refused_and_not_repeated(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PASSWORD_VARIABLE, "x")
    with pytest.raises(SettingsError) as error:
        open_store(configured(root, f'uri = "bolt://neo4j:{_SECRET}@x"'))
    assert _SECRET not in str(error.value)


def test_a_table_that_is_none(root: Path) -> None:
    (root / "guiyi.toml").write_text('graph = "bolt://x"\n', "utf-8")
    with pytest.raises(SettingsError):
        open_store(Workspace.open(root))
