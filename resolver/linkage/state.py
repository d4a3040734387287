"""What a run leaves for the next one, so that only what changed is compared and clustered again.

The arrays lie one behind the other in one file, which is mapped into memory and read where it is needed; a small
JSON file beside it, written last, says what lies where. A state is derived from records, model and judgements: it can
be deleted at any time, and then the next run is a full one. Runs that find the same leave the same state, whether
full or not.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.blocking import key_columns
from resolver.linkage.clustering import components, smallest
from resolver.linkage.descriptions import Repeats
from resolver.linkage.engine import Linkage, WholeRun
from resolver.linkage.entries import Entries, sorted_entries
from resolver.linkage.grouping import Numbered
from resolver.linkage.model import Model
from resolver.linkage.scoring import Against
from resolver.linkage.sorting import pair_order
from resolver.parquet_file import bring_to_disk
from resolver.version import VERSION

FORMAT = 1
_ARRAYS, _INDEX = "state.bin", "state.json"
_ALIGNED = 64
Rows = NDArray[np.int32]
Columns = dict[str, NDArray[Any]]


@dataclass(frozen=True, eq=False)
class Sorted:
    """Keys in sorted order: of descriptions, and of blocks per rule."""

    descriptions: Entries
    blocks: tuple[Entries, ...]


@dataclass(frozen=True, eq=False)
class State:
    """What a run found, for n records.

    Attributes:
        model_version: Of the model it used.
        record_key: int64 (n,), ascending.
        numbered: What valid numbers say of each record.
        group: int32 (n,): smallest row of the records that kept pairs connect with each one.
        repeats: Records with descriptions that are repeated often.
        keys: Sorted keys.
        left: int32 (m,): row of the left record of every pair kept.
        right: int32 (m,).
        pairs: Columns of the pairs table.
        against: Pairs within groups that were not kept, sorted by left and right row.
        members: Columns of the members table; -1 for no parent.
        ambiguous: int64 (a,): record keys.
        same: int64 (s, 2): record keys judged the same.
        different: int64 (d, 2): record keys judged different.
        report: Counts.
    """

    model_version: str
    record_key: NDArray[np.int64]
    numbered: Numbered
    group: Rows
    repeats: Repeats
    keys: Sorted
    left: Rows
    right: Rows
    pairs: Columns
    against: Against
    members: Columns
    ambiguous: NDArray[np.int64]
    same: NDArray[np.int64]
    different: NDArray[np.int64]
    report: dict[str, Any]

    @classmethod
    def of(cls, run: WholeRun, linkage: Linkage, model: Model) -> "State":
        """The state that a full run leaves."""
        record_key, scored = run.columns.record_key, run.grouped.scored
        return cls(
            model_version=model.version,
            record_key=record_key,
            numbered=run.numbered,
            group=smallest(components(len(record_key), scored.left, scored.right)),
            repeats=run.repeats,
            keys=_sorted_keys(run, model),
            left=scored.left,
            right=scored.right,
            pairs=columns_of(linkage.pairs),
            against=sorted_against(run.against),
            members=columns_of(linkage.members),
            ambiguous=linkage.ambiguous.to_numpy(),
            same=record_key[run.judged.same],
            different=record_key[run.judged.different],
            report=linkage.report,
        )

    def write(self, folder: Path) -> None:
        """Write the state into a folder, which is made; on disk when this returns.

        Raises:
            OSError: There is no space or right to write it.
        """
        folder.mkdir(exist_ok=True)
        index = {}
        with (folder / _ARRAYS).open("wb") as file:
            for name, array in self.arrays():
                file.write(bytes(-file.tell() % _ALIGNED))
                index[name] = [array.dtype.str, list(array.shape), file.tell()]
                np.ascontiguousarray(array).view(np.uint8).tofile(file) if array.size else None
            size = file.tell()
        bring_to_disk(folder / _ARRAYS)
        said = {
            "format": FORMAT,
            "software_version": VERSION,
            "model_version": self.model_version,
            "bytes": size,
            "arrays": index,
            "report": self.report,
        }
        (folder / _INDEX).write_text(json.dumps(said, ensure_ascii=False), "utf-8")
        bring_to_disk(folder / _INDEX)

    def arrays(self) -> Iterator[tuple[str, NDArray[Any]]]:
        """Every array by name, in the order in which they are written."""
        for name in ("record_key", "group", "left", "right", "ambiguous", "same", "different"):
            yield name, getattr(self, name)
        for field in fields(Numbered):
            yield f"numbered.{field.name}", getattr(self.numbered, field.name)
        for name, array in self.repeats._asdict().items():
            yield f"repeats.{name}", array
        for name, columns in (
            ("pairs", self.pairs),
            ("against", vars(self.against)),
            ("members", self.members),
        ):
            for column, array in columns.items():
                yield f"{name}.{column}", array
        for number, entries in enumerate((self.keys.descriptions, *self.keys.blocks)):
            yield f"keys.{number}.key", entries.key
            yield f"keys.{number}.row", entries.row


def open_state(folder: Path) -> State | None:
    """The state in a folder, mapped into memory; None where there is none that this software can go on from."""
    try:
        said = json.loads((folder / _INDEX).read_text("utf-8"))
        if (said["format"], said["software_version"]) != (FORMAT, VERSION):
            return None
        if (folder / _ARRAYS).stat().st_size != said["bytes"]:
            return None
    except (OSError, ValueError, LookupError, TypeError):
        return None
    # copy on write: compiled code then sees ordinary arrays, and nothing reaches the file
    whole = np.memmap(folder / _ARRAYS, np.uint8, "c") if said["bytes"] else np.zeros(0, np.uint8)
    arrays = {name: _view(np.asarray(whole), *place) for name, place in said["arrays"].items()}
    return _restored(arrays, said)


def _sorted_keys(run: WholeRun, model: Model) -> Sorted:
    """The keys are made again, now that the run has given back the memory of its own."""
    rows = np.arange(len(run.columns))
    repeated = run.repeats.firsts(len(rows)) != rows
    keys = key_columns(run.columns, model.settings.blocking.rules)
    return Sorted(run.descriptions, tuple(sorted_entries(np.where(repeated, 0, column)) for column in keys))


def sorted_against(against: Against) -> Against:
    """The pairs by left and right row."""
    order = pair_order(against.left, against.right)
    return Against(against.left[order], against.right[order], against.log_odds[order])


def columns_of(table: Any) -> Columns:
    """Columns of a table as arrays, -1 for null."""
    return {
        name: (column.fill_null(-1) if column.null_count else column).combine_chunks().to_numpy()
        for name, column in zip(table.column_names, table.columns, strict=True)
    }


def _view(whole: NDArray[np.uint8], kind: str, shape: Sequence[int], start: int) -> NDArray[Any]:
    dtype = np.dtype(kind)
    size = int(np.prod(shape)) * dtype.itemsize
    return whole[start : start + size].view(dtype).reshape(shape)


def _restored(arrays: Mapping[str, NDArray[Any]], said: dict[str, Any]) -> State:
    def part(prefix: str) -> Columns:
        return {n.split(".", 1)[1]: a for n, a in arrays.items() if n.startswith(f"{prefix}.")}

    keys = part("keys")
    entries = [Entries(keys[f"{number}.key"], keys[f"{number}.row"]) for number in range(len(keys) // 2)]
    plain = ("record_key", "group", "left", "right", "ambiguous", "same", "different")
    return State(
        model_version=said["model_version"],
        numbered=Numbered(**part("numbered")),
        repeats=Repeats(**part("repeats")),
        keys=Sorted(entries[0], tuple(entries[1:])),
        pairs=part("pairs"),
        against=Against(**part("against")),
        members=part("members"),
        report=said["report"],
        **{name: arrays[name] for name in plain},
    )
