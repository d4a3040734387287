"""Look-ups in a snapshot for one person: tables sorted by what is asked for, memory-mapped, searched by bisection.

Parquet is made for reading columns whole; one person's record would cost decoding thousands of others. So a
snapshot gets a second, derived copy of a few tables as uncompressed Arrow files under `lookup/`. Only the pages
that a question touches are read. The files are made once, when the snapshot is published or first opened.
"""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from resolver.derived import made_once
from resolver.feeds.contract import contracts
from resolver.parquet_file import bring_to_disk
from resolver.snapshot import Snapshot

FOLDER = "lookup"
"""Folder of a snapshot for what is derived from its other files."""

_TABLES = {  # look-up -> file of the snapshot, and the column by which it is looked up
    "records": ("records", "record_key"),
    "entities": ("members", "record_key"),
    "members": ("members", "entity_id"),
    "golden": ("golden", "person_id"),
    "golden_organisations": ("golden_organisations", "organisation_id"),
    "row_records": ("row_records", "record_key"),
}
_OF_ORGANISATIONS = {  # likewise, and the columns wanted
    "organisation_places": ("organisation_records", "record_key", ["record_key", "feed", "region"]),
    "organisation_entities": ("organisation_members", "record_key", ["record_key", "entity_id"]),
    "organisation_members": ("organisation_members", "entity_id", ["entity_id", "record_key"]),
}


class Lookup:
    """Answers what a snapshot knows of one person, organisation or record. Safe to use from several threads."""

    def __init__(self, snapshot: Snapshot) -> None:
        """Open the look-up files of a snapshot, made first if they are not there.

        Raises:
            SnapshotError: There is no space or right to make them.
        """
        folder = snapshot.folder / FOLDER
        self._tables: dict[str, pa.Table] = {}
        self._keys: dict[str, npt.NDArray[np.int64]] = {}
        for name, (file, key, columns) in _lookups().items():
            wanted = partial(_sorted, snapshot, file, columns, key)
            path = made_once(folder / f"{name}.arrow", partial(_write, wanted))
            table = pa.ipc.open_file(pa.memory_map(str(path))).read_all()
            self._tables[name] = table
            self._keys[name] = table[key].to_numpy()

    @property
    def person_records(self) -> pa.Table:
        """All person records, sorted by `record_key`; mapped into memory."""
        return self._tables["records"]

    def golden(self, person_id: int) -> dict[str, Any] | None:
        """The golden record of a person; None when there is no such person."""
        found = self._find("golden", person_id).to_pylist()
        return found[0] if found else None

    def organisation(self, organisation_id: int) -> dict[str, Any] | None:
        """The golden record of an organisation; None when there is none."""
        found = self._find("golden_organisations", organisation_id).to_pylist()
        return found[0] if found else None

    def members(self, person_id: int) -> list[dict[str, Any]]:
        """A person's records as members of the entity (see `members.parquet`), by record key."""
        return sorted(
            self._find("members", person_id).to_pylist(), key=lambda member: int(member["record_key"])
        )

    def entity_of(self, record_key: int) -> int | None:
        """The person a record belongs to; None when there is no such record."""
        found = self._find("entities", record_key)
        return int(found["entity_id"][0].as_py()) if found.num_rows else None

    def organisation_of(self, record_key: int) -> int | None:
        """The organisation a record belongs to; None when there is no such record of an organisation."""
        found = self._find("organisation_entities", record_key)
        return int(found["entity_id"][0].as_py()) if found.num_rows else None

    def organisation_records(self, organisation_id: int) -> list[int]:
        """Keys of an organisation's records, ascending."""
        return sorted(self._find("organisation_members", organisation_id)["record_key"].to_pylist())

    def organisation_places(self, record_keys: Sequence[int]) -> dict[int, tuple[str, str | None]]:
        """Feed of every record of an organisation, and its county, the organisation's where the record gives none.

        Keys there are none of are left out.
        """
        found = {}
        for row in self._take("organisation_places", record_keys, None).to_pylist():
            region = row["region"]
            if region is None:
                owner = self.organisation_of(row["record_key"])
                region = ((owner is not None and self.organisation(owner)) or {}).get("region")
            found[int(row["record_key"])] = str(row["feed"]), region
        return found

    def feeds(self, record_keys: Sequence[int]) -> dict[int, str]:
        """Feed of every record, of a person or an organisation; keys there are none of are left out."""
        found: dict[int, str] = {}
        for name in ("records", "organisation_places"):
            table = self._take(name, record_keys, ["record_key", "feed"])
            found |= dict(zip(table["record_key"].to_pylist(), table["feed"].to_pylist(), strict=True))
        return found

    def records(self, record_keys: Sequence[int], columns: Sequence[str] | None = None) -> pa.Table:
        """Person records with these keys, in that order; keys there are none of are left out.

        Args:
            record_keys: Which.
            columns: Columns of `records.parquet`; None = all.
        """
        return self._take("records", record_keys, columns)

    def rows(self, record_keys: Sequence[int]) -> list[dict[str, Any]]:
        """`row_id`, `role`, `record_key` of every row that these records were made from."""
        tables = [self._find("row_records", key) for key in record_keys]
        return [row for table in tables for row in table.to_pylist()]

    def current_rows(self, feed: str, row_ids: Sequence[int]) -> pa.Table:
        """Current rows of a feed, in that order: `row_id`, `valid_from`, `valid_to` and the contract's `facts`.

        Rows that are no longer current are left out.
        """
        return self._take(f"rows-{feed}", row_ids, None)

    def _take(self, name: str, wanted: Sequence[int], columns: Sequence[str] | None) -> pa.Table:
        keys = self._keys[name]
        table = self._tables[name] if columns is None else self._tables[name].select(columns)
        if len(keys) == 0:
            return table
        at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        return table.take(at[keys[at] == np.asarray(wanted, np.int64)])

    def _find(self, name: str, key: int) -> pa.Table:
        first, last = np.searchsorted(self._keys[name], [key, key + 1])
        return self._tables[name].slice(first, last - first)


def _lookups() -> dict[str, tuple[str, str, list[str] | None]]:
    """Look-up -> file of the snapshot, the column by which it is looked up, the columns wanted (None = all)."""
    rows = {
        f"rows-{feed}": (f"rows/{feed}", "row_id", ["row_id", "valid_from", "valid_to", *contract.facts])
        for feed, contract in contracts().items()
    }
    return {**{name: (file, key, None) for name, (file, key) in _TABLES.items()}, **_OF_ORGANISATIONS, **rows}


def _sorted(snapshot: Snapshot, file: str, columns: list[str] | None, key: str) -> pa.Table:
    return snapshot.read(file, columns).sort_by(key)


def _write(wanted: Callable[[], pa.Table], path: Path) -> None:
    """Write an Arrow file in one batch, so that columns can be searched without copying."""
    table = wanted()
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        for batch in table.combine_chunks().to_batches():
            writer.write_batch(batch)
    bring_to_disk(path)
