"""What is asked of a graph store, and how long the answers take with one or several clients at a time."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from threading import Barrier
from typing import Any

import numpy as np

from benchmarks.graph_data.made_up import REGIONS, SUPERNODES
from graph.store import GraphData, GraphStore, GraphView, Scope

_PERSONS, _NEAR, _SUPER = 300, 100, 20


@dataclass(frozen=True)
class Question:
    """One kind of query.

    Attributes:
        name: What it is.
        ask: Answers it.
        given: Its arguments, call by call.
        goal: Milliseconds that one client should not wait longer for, p99; None = nothing was asked for.
    """

    name: str
    ask: Callable[..., object]
    given: list[tuple[Any, ...]]
    goal: float | None = None


def questions(store: GraphStore, data: GraphData, depth_two: float) -> list[Question]:
    """All kinds, about persons drawn at random, and about the two supernodes of `made_up`.

    Args:
        store: Holds the graph.
        data: The graph.
        depth_two: The goal of a neighbourhood of depth 2.
    """
    view, within = store.view(), store.view(scope=Scope(regions=frozenset({REGIONS[0]})))
    people = data.nodes["Person"]
    drawn = np.random.default_rng(2).integers(0, people.num_rows, _PERSONS)
    chosen = people.select(["key", "name", "id_number"]).take(drawn)
    keys, names, numbers = (chosen[name].to_pylist() for name in chosen.column_names)
    ids = [(f"Person:{key}",) for key in keys]
    pairs = [(*a, *b) for a, b in pairwise(ids)]
    then = view.as_of(date(2021, 1, 1))
    return [
        Question("get", view.get, ids),
        Question("find by ID number", view.find, [("Person", "id_numbers", number) for number in numbers]),
        Question("search, full name", view.search, [(name,) for name in names]),
        Question("search, surname", view.search, [(name[0],) for name in names[:_NEAR]]),
        Question("search, end of ID number", view.search, [(number[-6:],) for number in numbers[:_NEAR]]),
        Question("neighbourhood, depth 1", view.neighbourhood, [(*one, 1) for one in ids]),
        Question("neighbourhood, depth 2", view.neighbourhood, [(*one, 2) for one in ids], depth_two),
        Question("depth 2, within one region", within.neighbourhood, [(*one, 2) for one in ids], depth_two),
        Question("depth 2, as of a day", then.neighbourhood, [(*one, 2) for one in ids], depth_two),
        Question("sharing a phone", view.sharing, [(*one, "USES_PHONE") for one in ids]),
        Question("common neighbours", view.common_neighbours, pairs),
        Question("shortest path, random pair", view.shortest_path, pairs, 100.0),
        Question("3 best paths, random pair", view.k_best_paths, pairs, 100.0),
        Question("3 best paths, near pair", view.k_best_paths, _near(view, ids), 100.0),
        *_of_supernodes(view, ids),
    ]


def _near(view: GraphView, ids: list[tuple[str]]) -> list[tuple[str, str]]:
    """Pairs within three steps of each other."""
    around = [(one, view.neighbourhood(one, 3, max_nodes=60)) for (one,) in ids[:_NEAR]]
    return [(one, found.nodes[-1].id) for one, found in around if found is not None]


def _of_supernodes(view: GraphView, ids: list[tuple[str]]) -> Iterator[Question]:
    for name, (node, edge_type) in SUPERNODES.items():
        others = [one for (one,) in ids[:_SUPER]]
        yield Question(f"neighbourhood of the {name}", view.neighbourhood, [(node, 1)] * _SUPER, 200.0)
        yield Question(f"depth 2 from the {name}", view.neighbourhood, [(node, 2)] * _SUPER, 200.0)
        yield Question(f"100 neighbours of the {name}", view.neighbours, [(node, edge_type)] * _SUPER, 200.0)
        yield Question(f"path from the {name}", view.shortest_path, [(node, one) for one in others], 200.0)
        yield Question(
            f"3 best paths from the {name}", view.k_best_paths, [(node, one) for one in others], 200.0
        )


def ask(question: Question, clients: int) -> dict[str, float]:
    """Ask a question with all its arguments, spread over so many threads that begin together.

    Returns:
        p50, p99 and the longest time in milliseconds, and answers a second.
    """
    barrier = Barrier(clients)

    def client(place: int) -> list[float]:
        took = []
        barrier.wait()
        for given in question.given[place::clients]:
            start = time.perf_counter()
            question.ask(*given)
            took.append((time.perf_counter() - start) * 1000)
        return took

    question.ask(*question.given[0])  # plans and caches are there in a service that runs
    begun = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        took = [one for found in pool.map(client, range(clients)) for one in found]
    seconds = time.perf_counter() - begun
    p50, p99, longest = np.percentile(took, [50, 99, 100]).round(3).tolist()
    return {"p50": p50, "p99": p99, "max": longest, "per_second": round(len(took) / seconds, 1)}
