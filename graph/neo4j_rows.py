"""Rows for Neo4j: what a stage opens, in batches, and how batches are written in several sessions at once."""

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any

from graph.neo4j_connection import Connection
from graph.neo4j_schema import OPEN, edge_properties, node_properties
from graph.staging import Stage
from resolver.errors import StoreError

BATCH = 10_000
"""Rows a transaction: fewer are slower, more need more heap."""

_SESSIONS = 4

Edges = list[tuple[int, int, dict[str, Any]]]
"""Source, target, properties."""


def node_rows(epoch: int, stage: Stage, label: str) -> Iterator[list[dict[str, Any]]]:
    """Properties of the nodes of a label that a stage opens; `numbered_access` gives `w`."""
    for columns in stage.batches(
        "SELECT n, c, w, key, properties FROM opened_nodes JOIN numbered_access ON who = access "
        f"WHERE label = '{label}' ORDER BY n",
        BATCH,
    ):
        batch: Iterable[Any] = zip(*columns, strict=True)
        yield [
            {"n": n, "f": epoch, "t": OPEN, "c": c, "w": w, **node_properties(label, key, text)}
            for n, c, w, key, text in batch
        ]


def edge_rows(epoch: int, stage: Stage, edge_type: str) -> Iterator[Edges]:
    """The edges of a type that a stage opens, by target, so that sessions seldom wait for one another."""
    for columns in stage.batches(
        "SELECT source, target, c, w, nullif(key, ''), probability, DATE '1970-01-01' + valid_from, "
        "DATE '1970-01-01' + valid_to, string_split(row_ids, ',')::BIGINT[], properties FROM opened_edges "
        "JOIN numbered_access ON who = access || '|' || source_access || '|' || target_access "
        f"WHERE type = '{edge_type}' ORDER BY target, source",
        BATCH,
    ):
        batch: Edges = []
        row: Any
        for row in zip(*columns, strict=True):
            source, target, c, w, key, probability, valid_from, valid_to, row_ids, text = row
            values = {
                "f": epoch, "t": OPEN, "c": c, "w": w, "key": key, "probability": probability,
                "valid_from": valid_from, "valid_to": valid_to, "row_ids": row_ids, **edge_properties(edge_type, text),
            }  # fmt: skip
            batch.append((source, target, values))
        yield batch


def run_in_parallel(
    connection: Connection,
    query: str,
    batches: Iterable[list[Any]],
    parameters: Mapping[str, Any],
    creates: str = "",
) -> int:
    """Run a query for batches of rows, a transaction each, in several sessions; returns the number of rows.

    Args:
        connection: To the server.
        query: With the parameter `rows`.
        batches: The rows.
        parameters: Further parameters.
        creates: Name of the counter that must say that as many were created as there are rows.

    Raises:
        StoreError: The server cannot do it, or created fewer.
    """

    def run(batch: list[Any]) -> int:
        given = {**parameters, "rows": batch}
        done = connection.write(lambda transaction: transaction.run(query, given).consume())
        if creates and getattr(done.counters, creates) != len(batch):
            raise StoreError(
                f"the graph store lacks ends of {len(batch) - getattr(done.counters, creates)} edges",
                remedy="Make the graph again: guiyi publish --rebuild.",
            )
        return len(batch)

    done = 0
    with ThreadPoolExecutor(_SESSIONS) as pool:
        pending: set[Future[int]] = set()
        for batch in batches:
            pending.add(pool.submit(run, batch))
            if len(pending) > _SESSIONS:
                finished, pending = wait(pending, return_when=FIRST_COMPLETED)
                done += sum(future.result() for future in finished)
        done += sum(future.result() for future in pending)
    return done


def batched(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """Items in lists of a size; the last may be shorter."""
    batch: list[Any] = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
