"""The contract of the graph store: a publish killed in the middle, and readers during publishing."""

import os
import signal
import subprocess
import sys
import threading

from graph.store import GraphData, GraphStore
from tests.graph.sketch import Sketch, random_sketch
from tests.graph.store_kinds import Place

_CRASHING = """
import importlib, time
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
kind.open({address!r}).publish(2, random_sketch(2).data())
"""


def test_a_publish_killed_in_the_middle_leaves_the_old_generation(stores: Place) -> None:
    store = stores.empty()
    first = store.publish(1, random_sketch(1).data())
    script = _CRASHING.format(name=stores.name, address=stores.address)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, env=environment
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "in the middle\n"
        assert store.view().generation == 1
        os.kill(child.pid, signal.SIGKILL)
    assert store.generations() == (1,)
    assert store.graph_hash() == first.graph_hash
    assert store.view().neighbourhood("Person:1", 3) is not None
    done = store.publish(2, random_sketch(2).data())
    assert store.graph_hash() == done.graph_hash
    assert store.publish(2, random_sketch(2).data()).opened == 0


def test_readers_during_publishing_see_whole_generations_only(store: GraphStore) -> None:
    def month(generation: int) -> GraphData:
        sketch = Sketch()
        hub = sketch.node("Phone:hub", number=str(generation))
        for i in range(generation * 10):
            sketch.edge("USES_PHONE", sketch.node(f"Person:{i}", name=f"人{generation}"), hub)
        return sketch.data()

    store.publish(1, month(1))
    stop, torn, reads = threading.Event(), list[str](), list[int]()

    def read() -> None:
        while not stop.is_set():
            view = store.view()
            generation, expected = view.generation, view.generation * 10
            around = view.neighbourhood("Phone:hub", limit=1000)
            assert around is not None
            names = {n.properties["name"] for n in around.nodes if n.label == "Person"}
            hub = view.get("Phone:hub")
            reads.append(generation)
            if (len(around.edges), view.neighbour_counts("Phone:hub"), names) != (
                expected,
                {"USES_PHONE": expected},
                {f"人{generation}"},
            ) or hub is None or hub.properties["number"] != str(generation):  # fmt: skip
                torn.append(f"generation {generation}: {len(around.edges)} edges, {names}")

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for generation in range(2, 8):
        store.publish(generation, month(generation))
    stop.set()
    for thread in threads:
        thread.join()
    assert torn == []
    assert len(set(reads)) > 1
    assert len(reads) > 20
