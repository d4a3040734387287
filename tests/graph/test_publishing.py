"""By delta where there is a record of what the store holds, whole otherwise; the same graph either way."""

import logging
from pathlib import Path
from typing import Any

import pytest

from graph.delta import Record
from graph.publishing import publish_graph
from graph.sqlite_store import SqliteStore
from graph.store import DeltaRefusedError, GraphData, GraphDelta, Publication
from resolver.errors import StoreError
from tests.graph.sketch import family, random_sketch


class Watched(SqliteStore):
    """Says which way was taken."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.ways: list[str] = []

    def publish(self, generation: int, data: GraphData) -> Publication:
        self.ways.append("whole")
        return super().publish(generation, data)

    def publish_delta(self, generation: int, delta: GraphDelta) -> Publication:
        self.ways.append("delta")
        return super().publish_delta(generation, delta)


@pytest.fixture
def store(tmp_path: Path) -> Any:
    watched = Watched(tmp_path / "graph.db")
    yield watched
    watched.close()


def whole_hash(tmp_path: Path, data: GraphData) -> str:
    other = SqliteStore(tmp_path / "other.db")
    try:
        return other.publish(other.current_generation() or 1, data).graph_hash
    finally:
        other.close()


def test_the_first_month_is_published_whole_and_the_next_as_a_delta(store: Watched, tmp_path: Path) -> None:
    record = tmp_path / "record"
    (tmp_path / "record.new").mkdir()
    (tmp_path / "record.new" / "nodes.parquet").write_text("left by a crash")
    for generation in (1, 2, 3):
        data = random_sketch(generation).data()
        done = publish_graph(store, generation, data, record)
        assert done.graph_hash == store.graph_hash() == whole_hash(tmp_path, data)
        assert Record.read(record, done.graph_hash) is not None
    assert store.ways == ["whole", "delta", "delta"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["graph.db", "graph.db-shm", "graph.db-wal",
                                                               "other.db", "record"]  # fmt: skip


def test_the_current_generation_again_is_published_whole(store: Watched, tmp_path: Path) -> None:
    publish_graph(store, 1, family().data(), tmp_path / "record")
    assert publish_graph(store, 1, family().data(), tmp_path / "record").opened == 0
    publish_graph(store, 1, random_sketch(1).data(), tmp_path / "record")
    publish_graph(store, 2, random_sketch(2).data(), tmp_path / "record")
    assert store.ways == ["whole", "whole", "whole", "delta"]


def test_after_a_rollback_the_record_is_of_another_graph(store: Watched, tmp_path: Path) -> None:
    for generation in (1, 2):
        publish_graph(store, generation, random_sketch(generation).data(), tmp_path / "record")
    store.set_current(1)
    done = publish_graph(store, 3, random_sketch(3).data(), tmp_path / "record")
    assert store.ways == ["whole", "delta", "whole"]
    assert store.graph_hash() == done.graph_hash
    publish_graph(store, 4, random_sketch(4).data(), tmp_path / "record")
    assert store.ways[-1] == "delta"


def test_a_delta_that_the_store_refuses_is_published_whole(
    store: Watched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    publish_graph(store, 1, random_sketch(1).data(), tmp_path / "record")

    def refuse(generation: int, delta: GraphDelta) -> Publication:
        raise DeltaRefusedError("not this one")

    monkeypatch.setattr(store, "publish_delta", refuse)
    with caplog.at_level(logging.WARNING):
        done = publish_graph(store, 2, random_sketch(2).data(), tmp_path / "record")
    assert "the whole is published" in caplog.text
    assert store.graph_hash() == done.graph_hash
    assert Record.read(tmp_path / "record", done.graph_hash) is not None


def test_a_graph_that_is_refused_leaves_everything_as_it_was(store: Watched, tmp_path: Path) -> None:
    first = publish_graph(store, 1, family().data(), tmp_path / "record")
    broken = family()
    broken.edge("USES_PHONE", "Person:1", "Phone:gone")
    with pytest.raises(StoreError, match="Phone:gone"):
        publish_graph(store, 2, broken.data(), tmp_path / "record")
    assert (store.current_generation(), store.graph_hash()) == (1, first.graph_hash)
    assert Record.read(tmp_path / "record", first.graph_hash) is not None
