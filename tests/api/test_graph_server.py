"""A workspace that keeps its graph on a Neo4j server: filled again, served, and told when the server is gone."""

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.app import create_app
from api.cli import app
from api.month import MonthReport
from api.security.keys import create_key
from graph.neo4j_server import Server
from graph.sqlite_store import SqliteStore
from graph.stores import PASSWORD_VARIABLE
from resolver.entities.entity_id import to_text
from resolver.ledger.ledger import Ledger
from resolver.workspace import Workspace
from tests.api.conftest import TestClient
from tests.cut_off import Cable
from tests.shared_server import empty_graph


def guiyi(workspace: Workspace, *words: str) -> Result:
    return CliRunner().invoke(app, [*words, "--workspace", str(workspace.root)])


@pytest.fixture(scope="module")
def cable(neo4j_server: Server) -> Iterator[Cable]:
    """To the server, as the workspace knows it."""
    with Cable(neo4j_server.bolt) as plugged:
        yield plugged


@pytest.fixture(scope="module")
def workspace(
    month: tuple[Workspace, MonthReport],
    neo4j_server: Server,
    cable: Cable,
    tmp_path_factory: pytest.TempPathFactory,
) -> Workspace:
    """A copy of the published workspace, switched to the server, where nothing is yet."""
    root = tmp_path_factory.mktemp("switched") / "workspace"
    shutil.copytree(month[0].root, root, ignore=shutil.ignore_patterns("graph.db*"))
    with (root / "guiyi.toml").open("a", encoding="utf-8") as settings:
        settings.write(
            f'\n[graph]\nuri = "bolt://127.0.0.1:{cable.port}"\nname = "{empty_graph("served")}"\n'
            f'password_file = "{neo4j_server.password_file}"\n'
        )
    return Workspace.open(root)


def test_the_graph_is_made_again_on_the_server_served_and_missed(
    month: tuple[Workspace, MonthReport], workspace: Workspace, cable: Cable
) -> None:
    with Ledger.open(workspace.ledger_url) as ledger:
        key = create_key(ledger, "tester", "investigator", datetime(2026, 11, 3, tzinfo=UTC))
    snapshot = month[1].snapshot
    assert snapshot is not None
    person = to_text(snapshot.read("golden", ["person_id"])["person_id"][0].as_py(), "person")
    headers = {"Authorization": f"Bearer {key}", "X-Purpose": "verification"}
    address = f"/v1/persons/{person}/neighbourhood"
    with TestClient(create_app(workspace), raise_server_exceptions=False) as client:
        client.app.state.service.watch.refresh()
        before = client.get(address, headers=headers)
        assert (before.status_code, before.json()["title"]) == (503, "The graph store does not answer")

        rebuilt = guiyi(workspace, "publish", "--rebuild", "--json")
        assert rebuilt.exit_code == 0, rebuilt.stderr
        told = json.loads(rebuilt.stdout)
        embedded = SqliteStore(month[0].graph_db)
        assert told["graph_hash"] == embedded.graph_hash()
        embedded.close()

        served = client.get(address, headers=headers)
        assert served.status_code == 200, served.text
        assert len(served.json()["nodes"]) > 1
        assert guiyi(workspace, "publish").stdout.startswith("readers see snapshot")

        cable.refuse()
        missed = client.get(address, headers=headers)
        assert (missed.status_code, missed.headers["content-type"]) == (503, "application/problem+json")
        assert missed.json()["title"] == "The graph store does not answer"
        assert "bolt" not in missed.text
        failed = guiyi(workspace, "publish", "--rebuild")
        assert failed.exit_code == 1
        assert "does not answer" in failed.stderr
        assert guiyi(workspace, "snapshots").exit_code == 0

        cable.accept()
        assert client.get(address, headers=headers).json() == served.json()


def test_a_rebuild_of_the_embedded_graph_gives_the_same_hash(
    month: tuple[Workspace, MonthReport], tmp_path: Path
) -> None:
    root = tmp_path / "workspace"
    shutil.copytree(month[0].root, root)
    workspace = Workspace.open(root)
    embedded = SqliteStore(workspace.graph_db)
    before = {generation: embedded.graph_hash(generation) for generation in embedded.generations()}
    embedded.close()
    rebuilt = guiyi(workspace, "publish", "--rebuild", "--json")
    assert rebuilt.exit_code == 0, rebuilt.stderr
    again = SqliteStore(workspace.graph_db)
    assert {generation: again.graph_hash(generation) for generation in again.generations()} == before
    again.close()


def test_nothing_published_is_told(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "new")
    with Ledger.open(workspace.ledger_url):
        pass
    failed = guiyi(workspace, "publish", "--rebuild")
    assert failed.exit_code == 1
    assert "nothing is published" in failed.stderr


def test_a_missing_password_is_told_before_anything_is_done(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(PASSWORD_VARIABLE, raising=False)
    root = tmp_path / "workspace"
    root.mkdir()
    for name in ("guiyi.toml", "ledger.db"):
        shutil.copy(workspace.root / name, root / name)
    text = (root / "guiyi.toml").read_text("utf-8")
    (root / "guiyi.toml").write_text(
        "\n".join(line for line in text.splitlines() if "password_file" not in line or line.startswith("#")),
        "utf-8",
    )
    failed = guiyi(Workspace.open(root), "publish", "--rebuild")
    assert failed.exit_code == 1
    assert PASSWORD_VARIABLE in failed.stderr


def test_the_command_tells_of_the_server(neo4j_server: Server, tmp_path: Path) -> None:
    def neo4j(*words: str) -> Result:
        return CliRunner().invoke(app, ["neo4j", *words])

    folder = str(neo4j_server.folder)
    told = json.loads(neo4j("status", "--directory", folder, "--json").stdout)
    assert (told["running"], told["uri"], told["pid"]) == (True, neo4j_server.uri, neo4j_server.pid)
    started = neo4j("start", "--directory", folder)
    assert started.exit_code == 0, started.stderr
    assert neo4j_server.settings in started.stdout
    assert neo4j_server.password_file.read_text("ascii").strip() not in started.stdout
    none = neo4j("status", "--directory", str(tmp_path))
    assert (none.exit_code, none.stdout) == (1, f"no server is running in {tmp_path}\n")
    assert json.loads(neo4j("status", "--directory", str(tmp_path), "--json").stdout) == {"running": False}
    assert neo4j("stop", "--directory", str(tmp_path)).stdout == "no server was running\n"
