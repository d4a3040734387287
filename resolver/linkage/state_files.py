"""A state on the disk: the base in one file, what is different since in another, and what lies where in a third.

The arrays lie one behind the other and are mapped into memory, so that a run reads of them what it needs. A run that
goes on from another one does not write the base again, but links its file into its own folder (where the disk cannot,
the arrays are written once more). When what is different has become large, everything is written as a new base.

The JSON file is written last, and says how large the others are. A state is derived from records, model and
judgements: it can be deleted at any time, and then the next run is a full one.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.columns import Columns
from resolver.linkage.descriptions import Repeats
from resolver.linkage.entries import Entries
from resolver.linkage.patches import Patch
from resolver.linkage.state import (
    Base,
    Known,
    PairChanges,
    Pairs,
    RecordChanges,
    Since,
    Sorted,
    State,
)
from resolver.linkage.whole_state import arrays_in_order, arrays_of_base
from resolver.parquet_file import bring_to_disk
from resolver.version import VERSION

FORMAT = 4
LARGE = 0.25
"""Share of the base's bytes from which on what is different is written into a new base."""
_BASE, _SINCE, _INDEX = "base.bin", "since.bin", "state.json"
_ALIGNED = 64

Named = tuple[str, NDArray[Any]]
Arrays = Mapping[str, NDArray[Any]]


def write_state(state: State, folder: Path) -> None:
    """Write a state into a folder, which is made; on disk when this returns.

    Raises:
        OSError: There is no space or right to write it.
    """
    folder.mkdir(exist_ok=True)
    changes = [*_arrays_of_since(state.since), *_named("repeats", state.known.repeats._asdict())]
    size = sum(array.nbytes for _, array in arrays_of_base(state.base))
    if sum(array.nbytes for _, array in changes) > LARGE * size:
        base, changes = _write(folder / _BASE, arrays_in_order(state)), []
    else:
        base = _linked(state, folder / _BASE)
    changes += [(name, getattr(state.known, name)) for name in ("ambiguous", "same", "different")]
    said = {
        "format": FORMAT,
        "software_version": VERSION,
        "model_version": state.model_version,
        "base": base,
        "since": _write(folder / _SINCE, changes),
        "report": state.known.report,
    }
    (folder / _INDEX).write_text(json.dumps(said, ensure_ascii=False), "utf-8")
    bring_to_disk(folder / _INDEX)


def open_state(folder: Path) -> State | None:
    """The state in a folder, mapped into memory; None where there is none that this software can go on from."""
    try:
        said = json.loads((folder / _INDEX).read_text("utf-8"))
        if (said["format"], said["software_version"]) != (FORMAT, VERSION):
            return None
        for file in (_BASE, _SINCE):
            if (folder / file).stat().st_size != said[_name(file)]["bytes"]:
                return None
    except (OSError, ValueError, LookupError, TypeError):
        return None
    base, since = (_mapped(folder / file, said[_name(file)]) for file in (_BASE, _SINCE))
    return _restored(base, since, said, folder / _BASE)


def _name(file: str) -> str:
    return file.removesuffix(".bin")


def _write(file: Path, arrays: Iterable[Named]) -> dict[str, Any]:
    """Write arrays one behind the other; on disk when this returns. Gives what a reader must know of the file."""
    places = {}
    with file.open("wb") as written:
        for name, array in arrays:
            written.write(bytes(-written.tell() % _ALIGNED))
            places[name] = [array.dtype.str, list(array.shape), written.tell()]
            np.ascontiguousarray(array).view(np.uint8).tofile(written) if array.size else None
        size = written.tell()
    bring_to_disk(file)
    return {"bytes": size, "arrays": places}


def _linked(state: State, file: Path) -> dict[str, Any]:
    """Let a name stand for the file that holds the base, or write it where there is none, or none can be linked."""
    if state.source is not None:
        try:
            places: dict[str, Any] = json.loads((state.source.parent / _INDEX).read_text("utf-8"))["base"]
            os.link(state.source, file)
        except (OSError, ValueError, LookupError):
            file.unlink(missing_ok=True)
        else:
            return places
    return _write(file, arrays_of_base(state.base))


def _named(prefix: str, arrays: Arrays) -> Iterator[Named]:
    yield from ((f"{prefix}.{name}", array) for name, array in arrays.items())


def _arrays_of_since(since: Since) -> Iterator[Named]:
    yield from _named("columns", vars(since.columns))
    yield "gone", since.gone
    records = since.records
    yield from _named("records.patch", records.patch._asdict())
    yield "records.slot", records.slot
    yield "records.group", records.group
    yield from _named("members", records.members)
    for name, changes in (("pairs", since.pairs), ("against", since.against)):
        yield from _named(f"{name}.patch", changes.patch._asdict())
        yield f"{name}.left", changes.added.left
        yield f"{name}.right", changes.added.right
        yield from _named(f"{name}.columns", changes.added.columns)
    for number, entries in enumerate((since.keys.descriptions, *since.keys.blocks)):
        yield from _named(f"keys.{number}", entries._asdict())


def _mapped(file: Path, said: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
    # copy on write: compiled code then sees ordinary arrays, and nothing reaches the file
    whole = np.memmap(file, np.uint8, "c") if said["bytes"] else np.zeros(0, np.uint8)
    return {name: _view(np.asarray(whole), *place) for name, place in said["arrays"].items()}


def _view(whole: NDArray[np.uint8], kind: str, shape: Sequence[int], start: int) -> NDArray[Any]:
    dtype = np.dtype(kind)
    size = int(np.prod(shape)) * dtype.itemsize
    return whole[start : start + size].view(dtype).reshape(shape)


def _part(arrays: Arrays, prefix: str) -> dict[str, NDArray[Any]]:
    start = f"{prefix}."
    return {name.removeprefix(start): array for name, array in arrays.items() if name.startswith(start)}


def _keys(arrays: Arrays) -> Sorted:
    keys = _part(arrays, "keys")
    entries = [Entries(keys[f"{number}.key"], keys[f"{number}.row"]) for number in range(len(keys) // 2)]
    return Sorted(entries[0], tuple(entries[1:]))


def _pairs(arrays: Arrays, name: str) -> Pairs:
    return Pairs(arrays[f"{name}.left"], arrays[f"{name}.right"], _part(arrays, f"{name}.columns"))


def _patch(arrays: Arrays, name: str) -> Patch:
    return Patch(**_part(arrays, f"{name}.patch"))


def _restored(base_arrays: Arrays, arrays: Arrays, said: Mapping[str, Any], source: Path) -> State:
    base = Base(
        columns=Columns(**_part(base_arrays, "columns")),
        group=base_arrays["group"],
        repeats=Repeats(**_part(base_arrays, "repeats")),
        keys=_keys(base_arrays),
        pairs=_pairs(base_arrays, "pairs"),
        against=_pairs(base_arrays, "against"),
        members=_part(base_arrays, "members"),
    )
    whole = {name: arrays[name] for name in ("ambiguous", "same", "different")}
    repeats = Repeats(**_part(arrays, "repeats")) if "gone" in arrays else base.repeats
    since = _since(arrays) if "gone" in arrays else Since.nothing(base)
    known = Known(repeats, report=said["report"], **whole)
    return State(said["model_version"], base, since, known, source)


def _since(arrays: Arrays) -> Since:
    records = RecordChanges(
        _patch(arrays, "records"), arrays["records.slot"], arrays["records.group"], _part(arrays, "members")
    )
    return Since(
        columns=Columns(**_part(arrays, "columns")),
        gone=arrays["gone"],
        records=records,
        keys=_keys(arrays),
        pairs=PairChanges(_patch(arrays, "pairs"), _pairs(arrays, "pairs")),
        against=PairChanges(_patch(arrays, "against"), _pairs(arrays, "against")),
    )
