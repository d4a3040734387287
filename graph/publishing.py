"""Publishing a projected graph to whichever store: as a delta where that is possible, whole otherwise."""

import logging
import shutil
from pathlib import Path

from graph.delta import Record, delta_between, record_of
from graph.store import DeltaRefusedError, GraphData, GraphStore, Publication

_log = logging.getLogger(__name__)


def publish_graph(store: GraphStore, generation: int, data: GraphData, record: Path) -> Publication:
    """Make a projected graph a new generation of a store, and that the current one.

    Args:
        store: The store.
        generation: The new generation, or the current one again.
        data: The whole graph.
        record: Folder for the record of the graph published last, which the next is compared with. It may be
            missing, damaged or another graph's: then the whole is published.

    Raises:
        StoreError: See `GraphStore.publish`; nothing was changed.
    """
    made = record.with_name(f"{record.name}.new")
    shutil.rmtree(made, ignore_errors=True)  # what a crash left
    try:
        current = store.current_generation()
        old = None if current in (None, generation) else Record.read(record, store.recorded_hash())
        if old is not None:
            delta, new = delta_between(old, data, made)
            try:
                publication = store.publish_delta(generation, delta)
            except DeltaRefusedError as error:
                _log.warning("%s; the whole is published", error)
                shutil.rmtree(made)
            else:
                new.replace(record)
                return publication
        publication = store.publish(generation, data)
        if Record.read(record, publication.graph_hash) is None:
            record_of(data, made).replace(record)
        return publication
    finally:
        shutil.rmtree(made, ignore_errors=True)
