"""The contract of the graph store: a publish killed in the middle, and readers during publishing."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from graph.delta import delta_between, record_of
from graph.store import GraphData, GraphStore, GraphView
from tests.graph.sketch import Sketch, random_sketch
from tests.graph.store_kinds import Place

_CRASHING = """
import importlib, time
from pathlib import Path
from graph.delta import delta_between, record_of
from tests.graph.sketch import random_sketch
from tests.graph.store_kinds import KINDS
kind = KINDS[{name!r}]
where, name = kind.middle.rsplit(".", 1)
module = importlib.import_module(where)
original = getattr(module, name)
def pausing(*args, **kwargs):
    done = original(*args, **kwargs)
    print("in the middle", flush=True)
    time.sleep(60)
    return done
setattr(module, name, pausing)
store = kind.open({address!r})
{what}
"""
_WHOLE = "store.publish(2, random_sketch(2).data())"
_DELTA = """
(Path({folder!r}) / "new").mkdir()
record = record_of(random_sketch(1).data(), Path({folder!r}) / "old")
store.publish_delta(2, delta_between(record, random_sketch(2).data(), Path({folder!r}) / "new")[0])
"""


@contextmanager
def killed_in_the_middle(stores: Place, what: str) -> Iterator[None]:
    """Another process publishes, and is killed when it is half through; what is done meanwhile stands in the block."""
    script = _CRASHING.format(name=stores.name, address=stores.address, what=what)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, env=environment
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "in the middle\n"
        yield
        os.kill(child.pid, signal.SIGKILL)


def test_a_publish_killed_in_the_middle_leaves_the_old_generation(stores: Place) -> None:
    store = stores.empty()
    first = store.publish(1, random_sketch(1).data())
    with killed_in_the_middle(stores, _WHOLE):
        assert store.view().generation == 1
    assert store.generations() == (1,)
    assert store.graph_hash() == first.graph_hash
    assert store.view().neighbourhood("Person:1", 3) is not None
    done = store.publish(2, random_sketch(2).data())
    assert store.graph_hash() == done.graph_hash
    assert store.publish(2, random_sketch(2).data()).opened == 0


def test_a_delta_killed_in_the_middle_leaves_the_old_generation(stores: Place, tmp_path: Path) -> None:
    store = stores.empty()
    first = store.publish(1, random_sketch(1).data())
    with killed_in_the_middle(stores, _DELTA.format(folder=str(tmp_path))):
        assert store.view().generation == 1
    assert (store.generations(), store.graph_hash()) == ((1,), first.graph_hash)
    assert store.recorded_hash() == first.graph_hash
    done = store.publish(2, random_sketch(2).data())
    assert store.graph_hash() == done.graph_hash


def month(generation: int) -> GraphData:
    """A phone and ten times as many persons as the generation; all say which one it is."""
    sketch = Sketch()
    hub = sketch.node("Phone:hub", number=str(generation))
    for i in range(generation * 10):
        sketch.edge("USES_PHONE", sketch.node(f"Person:{i}", name=f"人{generation}"), hub)
    return sketch.data()


def torn(view: GraphView) -> str | None:
    """What is wrong in a generation of `month`."""
    generation, expected = view.generation, view.generation * 10
    around = view.neighbourhood("Phone:hub", limit=1000)
    hub, page = view.get("Phone:hub"), view.neighbours("Phone:hub", "USES_PHONE", limit=1000)
    if around is None or hub is None or page is None:
        return f"generation {generation}: no hub"
    names = {n.properties["name"] for n in around.nodes if n.label == "Person"}
    found = (
        len(around.edges),
        view.neighbour_counts("Phone:hub"),
        names,
        hub.properties["number"],
        page.count,
    )
    wanted = (expected, {"USES_PHONE": expected}, {f"人{generation}"}, str(generation), expected)
    return None if found == wanted else f"generation {generation}: {found}"


def read_while_publishing(
    store: GraphStore, where: Path, generations: int, clients: int, least: int
) -> list[int]:
    """Publish months, whole and as deltas in turn, under reading clients; gives the generation of every read."""
    store.publish(1, month(1))
    record = record_of(month(1), where)
    stop, wrong, reads = threading.Event(), list[str](), list[int]()

    def read() -> None:
        while not stop.is_set():
            view = store.view()
            if (what := torn(view)) is not None:
                wrong.append(what)
            reads.append(view.generation)

    threads = [threading.Thread(target=read) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for generation in range(2, generations + 1):
        made = where / str(generation)
        made.mkdir()
        delta, record = delta_between(record, month(generation), made)
        if generation % 2:
            store.publish(generation, month(generation))
        else:
            store.publish_delta(generation, delta)
        while len(reads) < least * generation // generations and not wrong:
            time.sleep(0.01)
    stop.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    return reads


def test_readers_during_publishing_see_whole_generations_only(store: GraphStore, tmp_path: Path) -> None:
    reads = read_while_publishing(store, tmp_path / "records", generations=6, clients=3, least=60)
    assert len(set(reads)) > 2


@pytest.mark.soak
def test_ten_publishes_under_eight_readers_tear_nothing(store: GraphStore, tmp_path: Path) -> None:
    reads = read_while_publishing(store, tmp_path / "records", generations=11, clients=8, least=5000)
    assert len(reads) >= 5000
    assert len(set(reads)) == 11
