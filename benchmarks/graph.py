"""Load, delta and query times of both graph stores on the same made-up graphs, in one run.

    python -m benchmarks.graph [--persons 500000 2000000] [--stores sqlite neo4j] [--clients 1 8] [--out DIR]

For each number of persons a graph of 3.6 nodes and 4.2 edges a person is made up (`benchmarks.graph_data.made_up`),
loaded into an empty store, changed twice in 5,000 persons by a delta, and asked. Neo4j is a server of its own that ends
with the run (`graph.neo4j_server`: Java is needed). Writes `graph.json`, `graph.md` and `graph.svg` into DIR and prints
the Markdown. The stores themselves lie in a temporary folder inside DIR.
"""

import argparse
import json
import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.graph_data.made_up import made_up, month_later, sizes
from benchmarks.graph_data.questions import ask, questions
from benchmarks.graph_data.report import Result, chart, markdown
from graph.delta import delta_between, record_of
from graph.neo4j_connection import Address
from graph.neo4j_server import Memory, start, stop
from graph.neo4j_store import Neo4jStore
from graph.sqlite_store import SqliteStore
from graph.store import GraphData, GraphStore

_GOALS = {
    "sqlite": {"first load": 30.0, "publishing the delta": 1.0, "publishing the next delta": 1.0},
    "neo4j": {"first load": 60.0, "publishing the delta": 10.0, "publishing the next delta": 10.0},
}
"""Seconds, for 500,000 persons."""
_DEPTH_TWO = {"sqlite": 20.0, "neo4j": 60.0}


@contextmanager
def opened(kind: str, folder: Path) -> Iterator[GraphStore]:
    """An empty store of a kind, in a folder."""
    if kind == "sqlite":
        store = SqliteStore(folder / "graph.db")
        yield store
        store.close()
        return
    server = start(folder / "server", Memory(heap="2g", page_cache="2g"), owner=os.getpid())
    try:
        on_server = Neo4jStore(
            Address(server.uri, password=server.password_file.read_text("ascii").strip()), server.folder
        )
        yield on_server
        on_server.close()
    finally:
        stop(folder / "server")


class Steps:
    """Seconds, wall and CPU of this process, of one step after the other."""

    def __init__(self, kind: str) -> None:
        self.seen: list[dict[str, Any]] = []
        self._goals = _GOALS[kind]

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        seconds, used = time.perf_counter() - wall, time.process_time() - cpu
        print(f"  {what}: {seconds:.2f} s", file=sys.stderr, flush=True)
        self.seen.append(
            {"what": what, "seconds": seconds, "cpu_seconds": used, "goal": self._goals.get(what)}
        )


def write(store: GraphStore, data: GraphData, later: Sequence[GraphData], folder: Path, steps: Steps) -> None:
    """Load a graph, then bring it to one later month after the other by a delta.

    Raises:
        RuntimeError: The store does not hold what was published.
    """
    with steps.step("first load"):
        store.publish(1, data)
    with steps.step("record of the graph"):
        record = record_of(data, folder / "record")
    for generation, month in enumerate(later, 2):
        which = "delta" if generation == 2 else "next delta"
        with steps.step(f"comparing for the {which}"):
            delta, record = delta_between(record, month, folder / str(generation))
        with steps.step(f"publishing the {which}"):
            done = store.publish_delta(generation, delta)
        print(f"  {done.opened} versions opened, {done.closed} closed", file=sys.stderr)
    if store.graph_hash() != done.graph_hash:
        raise RuntimeError("the store does not hold the graph that was published")


def measure(
    kind: str, data: GraphData, later: Sequence[GraphData], clients: Sequence[int], folder: Path
) -> Result:
    """All figures of one store."""
    last = later[-1]
    steps = Steps(kind)
    with opened(kind, folder) as store:
        write(store, data, later, folder, steps)
        queries = [
            {
                "what": question.name,
                "goal": question.goal,
                "clients": {str(n): ask(question, n) for n in clients},
            }
            for question in questions(store, last, _DEPTH_TWO[kind])
        ]
    return {
        "store": kind,
        "persons": last.nodes["Person"].num_rows,
        "nodes": sizes(last.nodes),
        "edges": sizes(last.edges),
        "steps": steps.seen,
        "queries": queries,
    }


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--persons", type=int, nargs="+", default=[500_000, 2_000_000])
    parser.add_argument("--stores", nargs="+", choices=sorted(_GOALS), default=["sqlite", "neo4j"])
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8])
    parser.add_argument("--out", type=Path, default=Path("benchmark-graph"))
    asked = parser.parse_args(arguments)
    asked.out.mkdir(parents=True, exist_ok=True)
    results: list[Result] = []
    for persons in asked.persons:
        data = made_up(persons)
        later = [month_later(data)]
        later.append(month_later(later[0], first=1))
        for kind in asked.stores:
            print(f"{persons:,} persons, {kind}", file=sys.stderr, flush=True)
            folder = Path(tempfile.mkdtemp(dir=asked.out))
            try:
                results.append(measure(kind, data, later, asked.clients, folder))
            finally:
                shutil.rmtree(folder)
            machine = {"cores": os.cpu_count(), "python": platform.python_version()}
            report = json.dumps({"machine": machine, "results": results}, indent=1)
            (asked.out / "graph.json").write_text(report, "utf-8")
            (asked.out / "graph.md").write_text(markdown(results), "utf-8")
            (asked.out / "graph.svg").write_text(chart(results), "utf-8")
    print(markdown(results))


if __name__ == "__main__":
    main()
