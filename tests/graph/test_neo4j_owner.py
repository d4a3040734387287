"""A graph in Neo4j belongs to one workspace."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from graph.neo4j_store import Neo4jStore
from graph.store import EVERYTHING, GraphData
from graph.stores import PASSWORD_VARIABLE, open_store
from resolver.errors import StoreError, WorkspaceError
from resolver.workspace import Workspace
from tests.graph.sketch import family
from tests.shared_server import empty_graph, graph_address

Open = Callable[[str], Neo4jStore]


@pytest.fixture
def open_as() -> Iterator[Open]:
    """Opens the one graph on behalf of a workspace."""
    graph = empty_graph("owned")
    opened: list[Neo4jStore] = []

    def open_graph(owner: str) -> Neo4jStore:
        opened.append(Neo4jStore(graph_address(graph), owner=owner))
        return opened[-1]

    yield open_graph
    for store in opened:
        store.close()


def test_another_workspace_neither_reads_nor_writes_nor_removes_it(open_as: Open) -> None:
    ours, theirs = open_as("a" * 16), open_as("b" * 16)
    ours.publish(1, family().data())
    before = ours.graph_hash()
    attempts: list[Callable[[], Any]] = [
        theirs.current_generation,
        theirs.generations,
        theirs.view,
        theirs.recorded_hash,
        theirs.clear,
        lambda: theirs.publish(2, GraphData()),
        lambda: theirs.set_current(1),
        lambda: theirs.abort(2),
        lambda: theirs.collect_garbage(1),
    ]
    for attempt in attempts:
        with pytest.raises(StoreError, match="is that of another workspace") as refused:
            attempt()
        assert "graph.name" in refused.value.remedy
        assert f"write {'a' * 16} into the file workspace.id" in refused.value.remedy
    assert (ours.generations(), ours.graph_hash()) == ((1,), before)
    assert ours.view().get("Person:1") is not None
    ours.publish(2, family().data())
    ours.clear()
    theirs.publish(1, family().data())
    with pytest.raises(StoreError, match="is that of another workspace"):
        ours.view()


def test_a_view_that_was_open_sees_nothing_of_the_next_owner(open_as: Open) -> None:
    ours, theirs = open_as("a" * 16), open_as("b" * 16)
    ours.publish(1, family().data())
    view = ours.view(1, EVERYTHING)
    ours.clear()
    theirs.publish(1, family().data())
    with pytest.raises(StoreError, match="is that of another workspace"):
        view.get("Person:1")


def test_of_two_that_begin_at_once_one_is_refused(open_as: Open) -> None:
    writers = [open_as(name * 16)._writer() for name in "ab"]
    first, second = writers
    first._set(first._state)
    with pytest.raises(StoreError, match="is that of another workspace"):
        second._set(second._state)


def test_a_graph_of_nobody_becomes_that_of_the_first_to_write(open_as: Open) -> None:
    open_as("").publish(1, family().data())
    ours, theirs = open_as("a" * 16), open_as("b" * 16)
    assert ours.current_generation() == theirs.current_generation() == 1
    changed = family()
    changed.node("Person:8", name="新")
    ours.publish(2, changed.data())
    with pytest.raises(StoreError, match="is that of another workspace"):
        theirs.view()


def test_a_workspace_has_one_name_for_ever_and_opens_its_graph_by_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspaces = [Workspace.create(tmp_path / name) for name in ("one", "two")]
    names = [workspace.identity() for workspace in workspaces]
    assert names == [Workspace.open(workspace.root).identity() for workspace in workspaces]
    assert len(set(names)) == 2
    assert sorted(file.name for file in workspaces[0].root.iterdir()) == ["guiyi.toml", "workspace.id"]
    monkeypatch.setenv(PASSWORD_VARIABLE, "x")
    (workspaces[0].root / "guiyi.toml").write_text(
        'format = 1\n[graph]\nuri = "bolt://127.0.0.1:1"\n', "utf-8"
    )
    store: Any = open_store(Workspace.open(workspaces[0].root))
    assert store._owner == names[0]


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path)
    (tmp_path / "workspace.id").mkdir()
    with pytest.raises(WorkspaceError, match=r"workspace\.id cannot be made or read"):
        workspace.identity()
