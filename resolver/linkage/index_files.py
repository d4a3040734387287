"""The index of one snapshot for one-record look-ups: flat arrays in files, mapped into memory, never changed.

Opening it reads nothing but headers; a look-up touches only the pages it needs, and all processes that serve a
snapshot share them. It is derived from the snapshot's records, members and model, and can be made again.
"""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from resolver.errors import LinkageError
from resolver.linkage.blocking import Blocking, Rows, block, rule_keys
from resolver.linkage.columns import Columns, Fact, Word, encode, in_order
from resolver.linkage.comparison import N_BANDS
from resolver.linkage.descriptions import repeated
from resolver.linkage.hashing import Hashes
from resolver.linkage.model import Model
from resolver.linkage.sorting import order_of
from resolver.parquet_file import bring_to_disk
from resolver.version import VERSION

_ABOUT = "about.json"


class IndexFiles(NamedTuple):
    """The arrays of an index, for n records in the order of their keys.

    Attributes:
        record_key: int64 (n,), ascending.
        entity_id: int64 (n,).
        words: As in `Columns`; likewise `facts`, `chars` and `starts`.
        bands: uint8 (n, N_BANDS): how common the values are, by the model.
        keys: uint64 (k,): blocking keys, sorted within each rule; those of blocks left out are not among them.
        rows: int32 (k,): the row that each key belongs to.
        begins: int64 (rules + 1,): where each rule begins in `keys`.
        left_out: uint64 (o,): keys of the blocks left out, sorted within each rule.
        left_out_begins: int64 (rules + 1,): where each rule begins in `left_out`.
        stands_for: int32 (r,), ascending: rows that stand for others of the same entity with the same description.
        repeats: int32 (r,): the row that each stands for; it has no keys of its own.
    """

    record_key: NDArray[np.int64]
    entity_id: NDArray[np.int64]
    words: NDArray[np.uint64]
    facts: NDArray[np.int32]
    bands: NDArray[np.uint8]
    chars: NDArray[np.uint32]
    starts: NDArray[np.int32]
    keys: Hashes
    rows: Rows
    begins: NDArray[np.int64]
    left_out: Hashes
    left_out_begins: NDArray[np.int64]
    stands_for: Rows
    repeats: Rows

    def __len__(self) -> int:
        return len(self.record_key)


def make_index(records: pa.Table, members: pa.Table, model: Model) -> IndexFiles:
    """The arrays of an index.

    Args:
        records: `records.parquet`.
        members: `members.parquet`: `record_key` and `entity_id` of the same records.
        model: The model version that made the snapshot.

    Raises:
        LinkageError: A column is missing, or records and members are not of the same keys.
    """
    columns = encode(in_order(records))
    members = members.select(["record_key", "entity_id"]).sort_by("record_key")
    if not np.array_equal(members["record_key"].to_numpy(), columns.record_key):
        raise LinkageError("records and members are not of the same snapshot")
    entity_id = members["entity_id"].to_numpy()
    first = _first_of_entity(columns, entity_id)
    settings = model.settings.blocking
    keys = rule_keys(columns, settings.rules)
    others = np.flatnonzero(first != np.arange(len(first))).astype(np.int32)
    keys[others] = 0
    blocking = block(keys, [settings.hard_cap] * len(settings.rules), model.oversized)
    order = np.argsort(first[others], kind="stable")
    return IndexFiles(
        *(columns.record_key, entity_id, columns.words, columns.facts),
        *(model.rarity.bands(columns), columns.chars, columns.starts),
        *_sorted_keys(blocking),
        *_joined(blocking.oversized),
        *(first[others][order], others[order]),
    )


def write_index(arrays: IndexFiles, folder: Path, model: Model) -> None:
    """Write an index into a folder that does not exist yet, and bring it to disk.

    Raises:
        OSError: There is no space or right to write it.
    """
    folder.mkdir()
    for name, array in arrays._asdict().items():
        path = folder / f"{name}.npy"
        np.save(path, np.ascontiguousarray(array))
        bring_to_disk(path)
    about = folder / _ABOUT
    about.write_text(json.dumps({"model_version": model.version, "records": len(arrays)}), "utf-8")
    bring_to_disk(about)
    bring_to_disk(folder)


def open_index(folder: Path) -> IndexFiles:
    """Map an index into memory.

    Raises:
        LinkageError: A file is missing or damaged.
    """
    try:
        arrays = IndexFiles(*(_mapped(folder / f"{name}.npy") for name in IndexFiles._fields))
        records = json.loads((folder / _ABOUT).read_text("utf-8"))["records"]
    except (OSError, ValueError, KeyError) as error:
        raise _damaged(folder, str(error)) from error
    if records != len(arrays):
        raise _damaged(folder, f"{len(arrays)} records instead of {records}")
    return arrays


def index_name(model: Model) -> str:
    """Name of the folder of an index: another model or layout has another one, so none is taken for another."""
    layout = f"{len(Word)}-{len(Fact)}-{N_BANDS}-{len(IndexFiles._fields)}"
    return f"match-{model.version}-{VERSION}-{layout}"


def _first_of_entity(columns: Columns, entity_id: NDArray[np.int64]) -> Rows:
    """Row of the first record with each record's description, if that is of the same entity; else the row itself."""
    first = repeated(columns)
    rows = np.arange(len(first), dtype=np.int32)
    return np.where(entity_id[first] == entity_id, first, rows).astype(np.int32)


def _sorted_keys(blocking: Blocking) -> tuple[Hashes, Rows, NDArray[np.int64]]:
    def one(rule: int) -> tuple[Hashes, Rows]:
        rows = np.flatnonzero(blocking.keys[:, rule]).astype(np.int32)
        keys = blocking.keys[rows, rule]
        order = order_of(keys)
        return keys[order], rows[order]

    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(one, range(blocking.keys.shape[1])))
    keys, begins = _joined(tuple(keys for keys, _ in found))
    return keys, np.concatenate([np.zeros(0, np.int32), *(rows for _, rows in found)]), begins


def _joined(parts: tuple[Hashes, ...]) -> tuple[Hashes, NDArray[np.int64]]:
    """The parts behind one another, and where each begins."""
    begins = np.cumsum([0, *(len(part) for part in parts)]).astype(np.int64)
    return np.concatenate([np.zeros(0, np.uint64), *parts]), begins


def _mapped(path: Path) -> NDArray[Any]:
    """An array in a file, mapped into memory; one without elements cannot be mapped and is read."""
    try:
        return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
    except ValueError:
        return np.asarray(np.load(path, allow_pickle=False))


def _damaged(folder: Path, why: str) -> LinkageError:
    return LinkageError(
        f"the index {folder} cannot be read: {why}",
        remedy="Remove this folder; it is made again when needed.",
    )
