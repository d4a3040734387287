"""Snapshots: what a run made, as Parquet files under one number; whole or absent, immutable once published.

A snapshot is built under `snapshots/.building-<n>`, then sealed: a manifest with the hash of every file is
written, everything is brought to disk, and the folder gets its number in one rename. A process killed before
that leaves only a folder that the next builder removes. Readers hold a snapshot by a shared lock on its `.hold`
file.
"""

import errno
import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from resolver.errors import SnapshotError
from resolver.parquet_file import bring_to_disk, write_parquet
from resolver.sliced_table import SlicedTable
from resolver.workspace import Workspace

FORMAT = 1  # raised when a snapshot of this version can no longer be read by the version before
OUTDATED_REMEDY = "Run `guiyi resolve`, then `guiyi check` and `guiyi publish`: they make it anew."
"""What to do about a snapshot that an older Guiyi made, without a column that this one reads."""

_MANIFEST = "manifest.json"
_HOLD = ".hold"
_BUILDING = ".building-"
_REMOVING = ".removing-"


@dataclass(frozen=True)
class Snapshot:
    """A sealed snapshot.

    Attributes:
        folder: `snapshots/<n>`.
        number: Its number.
        manifest: What `manifest.json` says; under `files`, name -> `sha256`, `rows`, `bytes`.
    """

    folder: Path
    number: int
    manifest: dict[str, Any]

    @classmethod
    def open(cls, workspace: Workspace, number: int) -> "Snapshot":
        """Open snapshot `number`.

        Raises:
            SnapshotError: There is none, its manifest is damaged, or a newer Guiyi made it.
        """
        folder = workspace.snapshots / str(number)
        try:
            manifest = json.loads((folder / _MANIFEST).read_text("utf-8"))
        except FileNotFoundError:
            known = ", ".join(str(n) for n in sealed_numbers(workspace)) or "none"
            raise SnapshotError(
                f"there is no snapshot {number} in {workspace.snapshots} (there: {known})",
                remedy="Old snapshots are removed; choose one that is there, or run the month again.",
            ) from None
        except (OSError, ValueError) as error:
            raise SnapshotError(
                f"the manifest of snapshot {number} cannot be read: {error}",
                remedy="Roll back to an earlier snapshot, then run the month again.",
            ) from error
        if manifest["format"] > FORMAT:
            raise SnapshotError(
                f"snapshot {number} was made by a newer Guiyi "
                f"(format {manifest['format']}; this one reads up to {FORMAT})",
                remedy="Update Guiyi, then try again.",
            )
        return cls(folder, number, manifest)

    @classmethod
    def latest_sealed(cls, workspace: Workspace) -> "Snapshot | None":
        """The sealed snapshot with the highest number, published or not; None when there is none."""
        numbers = sealed_numbers(workspace)
        return cls.open(workspace, numbers[-1]) if numbers else None

    @property
    def names(self) -> list[str]:
        """Names of its files without `.parquet`, such as `records` or `rows/W01`."""
        return sorted(self.manifest["files"])

    def path(self, name: str) -> Path:
        """The Parquet file called `name`, e.g. `records` or `rows/W01`.

        Raises:
            SnapshotError: The snapshot has no such file.
        """
        if name not in self.manifest["files"]:
            raise SnapshotError(f"snapshot {self.number} has no {name} (it has {', '.join(self.names)})")
        return self.folder / f"{name}.parquet"

    def read(self, name: str, columns: Sequence[str] | None = None, filters: Any = None) -> pa.Table:
        """Read a file, or some columns and rows of it.

        Args:
            name: As in `path`.
            columns: Which; None = all.
            filters: A pyarrow expression, or a list of `(column, operator, value)`.

        Raises:
            SnapshotError: There is no such file, or it is damaged.
        """
        path = self.path(name)
        try:
            return pq.read_table(path, columns=columns, filters=filters, partitioning=None)
        except (OSError, pa.ArrowInvalid) as error:
            if columns is not None and (missing := set(columns) - set(pq.read_schema(path).names)):
                raise SnapshotError(
                    f"{name}.parquet of snapshot {self.number} has no column {', '.join(sorted(missing))}: "
                    "an older Guiyi made it",
                    remedy=OUTDATED_REMEDY,
                ) from error
            raise SnapshotError(
                f"{path} cannot be read: {error}", remedy="Verify the snapshot; roll back if it is damaged."
            ) from error

    def verify(self) -> None:
        """Compare every file with its hash in the manifest.

        Raises:
            SnapshotError: Files are missing or changed; all are named.
        """
        wrong = []
        for name in self.names:
            path = self.path(name)
            if not path.is_file():
                wrong.append(f"{name} is missing")
            elif _sha256(path) != self.manifest["files"][name]["sha256"]:
                wrong.append(f"{name} was changed")
        if wrong:
            raise SnapshotError(
                f"snapshot {self.number} is damaged: {'; '.join(wrong)}",
                remedy="Roll back to an earlier snapshot, then run the month again.",
            )

    @contextmanager
    def hold(self) -> Iterator["Snapshot"]:
        """Keep the snapshot from being removed while the block runs. Never waits long.

        Raises:
            SnapshotError: It was removed meanwhile.
        """
        gone = SnapshotError(f"snapshot {self.number} was removed", remedy="Open the published one again.")
        try:
            handle = os.open(self.folder / _HOLD, os.O_RDONLY)
        except FileNotFoundError:
            raise gone from None
        try:
            fcntl.flock(handle, fcntl.LOCK_SH)
            if not (self.folder / _HOLD).exists():  # `collect` moved the folder away while this waited
                raise gone
            yield self
        finally:
            os.close(handle)


class SnapshotBuilder:
    """Writes a new snapshot; use as a context manager. The caller holds `Workspace.writer()`.

    What was not sealed when the block ends is removed, and so is what killed builders left behind.
    """

    def __init__(self, workspace: Workspace, number: int) -> None:
        self._folder = workspace.snapshots / f"{_BUILDING}{number}"
        self._target = workspace.snapshots / str(number)
        self._number = number
        self._files: dict[str, dict[str, Any]] = {}

    def __enter__(self) -> "SnapshotBuilder":
        if self._target.exists():
            raise SnapshotError(f"snapshot {self._number} exists already in {self._target.parent}")
        with disk_trouble(self._folder):
            self._target.parent.mkdir(exist_ok=True)
            for leftover in self._target.parent.glob(f"{_BUILDING}*"):
                shutil.rmtree(leftover)
            self._folder.mkdir()
        return self

    def __exit__(self, *_error: object) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def write(self, name: str, table: pa.Table | SlicedTable) -> None:
        """Write a file; equal tables give equal bytes, however they are chunked.

        Args:
            name: Without `.parquet`; may have a folder, such as `rows/W01`.
            table: Its content.

        Raises:
            SnapshotError: There is no space or right to write it.
        """
        self._new(name)
        path = self._folder / f"{name}.parquet"
        with disk_trouble(path):
            path.parent.mkdir(exist_ok=True)
            write_parquet(table, path)
        self._files[name] = _described(path, table.num_rows)

    def link(self, name: str, other: Snapshot) -> None:
        """Take over an unchanged file of another snapshot without copying it.

        Raises:
            SnapshotError: The other has no such file.
        """
        self._new(name)
        source = other.path(name)
        path = self._folder / f"{name}.parquet"
        with disk_trouble(path):
            path.parent.mkdir(exist_ok=True)
            os.link(source, path)
        self._files[name] = dict(other.manifest["files"][name])

    @contextmanager
    def derived(self, name: str) -> Iterator[Path]:
        """A folder for files made from the others, which can be made again; the manifest says nothing of them.

        Args:
            name: Of the folder, which the block makes.

        Raises:
            SnapshotError: There is no space or right to write it.
        """
        with disk_trouble(self._folder / name):
            yield self._folder / name

    def link_derived(self, name: str, other: Snapshot) -> None:
        """Take over a folder of derived files of another snapshot, if it has one, without copying them.

        Raises:
            SnapshotError: There is no space or right to write it.
        """
        if (other.folder / name).is_dir():
            with disk_trouble(self._folder / name):
                shutil.copytree(other.folder / name, self._folder / name, copy_function=os.link)

    def seal(self, manifest: Mapping[str, Any]) -> Snapshot:
        """Write the manifest, bring everything to disk and give the snapshot its number.

        Args:
            manifest: JSON document; `fingerprint` in it lets `find_sealed` find the snapshot again.
                `snapshot`, `format` and `files` are added.

        Raises:
            SnapshotError: There is no space or right to write it.
        """
        whole = {**manifest, "snapshot": self._number, "format": FORMAT, "files": self._files}
        with disk_trouble(self._folder):
            (self._folder / _HOLD).touch()
            _write_manifest(self._folder, whole)
            for folder in (*self._folder.iterdir(), self._folder):
                if folder.is_dir():
                    bring_to_disk(folder)
            self._folder.rename(self._target)
            bring_to_disk(self._target.parent)
        return Snapshot(self._target, self._number, whole)

    def _new(self, name: str) -> None:
        if name in self._files:
            raise SnapshotError(f"{name} is already in snapshot {self._number}")


def sealed_numbers(workspace: Workspace) -> list[int]:
    """Numbers of all sealed snapshots, ascending."""
    if not workspace.snapshots.is_dir():
        return []
    return sorted(int(folder.name) for folder in workspace.snapshots.iterdir() if folder.name.isdecimal())


def fingerprint(inputs: Mapping[str, Any]) -> str:
    """Hash of everything that decides what a run makes: runs with equal inputs make equal snapshots.

    Args:
        inputs: JSON document: delivery ids, model version, judgements, software version, reference date, and
            the number of the snapshot it is based on, because the crosswalk continues from there.
    """
    text = json.dumps(inputs, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def find_sealed(workspace: Workspace, wanted: str) -> Snapshot | None:
    """The newest sealed snapshot with this fingerprint, so that an interrupted run need not make it again."""
    for number in reversed(sealed_numbers(workspace)):
        snapshot = Snapshot.open(workspace, number)
        if snapshot.manifest.get("fingerprint") == wanted:
            return snapshot
    return None


def replace_file(
    snapshot: Snapshot, name: str, table: pa.Table, facts: Mapping[str, Any] | None = None
) -> Snapshot:
    """Add or replace a file of a snapshot that nobody reads yet; see `resolver.publication.add_file`.

    Raises:
        SnapshotError: There is no space or right to write it.
    """
    path = snapshot.folder / f"{name}.parquet"
    partial = path.with_name(f".{path.name}.partial")
    with disk_trouble(path):
        path.parent.mkdir(exist_ok=True)
        write_parquet(table, partial)
        entry = _described(partial, table.num_rows)
        partial.rename(path)
        bring_to_disk(path.parent)
        files = {**snapshot.manifest["files"], name: entry}
        manifest = {**snapshot.manifest, **(facts or {}), "files": files}
        _write_manifest(snapshot.folder, manifest)
        bring_to_disk(snapshot.folder)
    return Snapshot(snapshot.folder, snapshot.number, manifest)


def remove(workspace: Workspace, number: int) -> bool:
    """Remove a snapshot unless a reader holds it; False when one does."""
    folder = workspace.snapshots / str(number)
    away = workspace.snapshots / f"{_REMOVING}{number}"
    handle = os.open(folder / _HOLD, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        folder.rename(away)
    finally:
        os.close(handle)
    shutil.rmtree(away)
    return True


def remove_leftovers(workspace: Workspace) -> None:
    """Finish removals that a killed process began."""
    for leftover in workspace.snapshots.glob(f"{_REMOVING}*"):
        shutil.rmtree(leftover)


def _write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    partial = folder / f".{_MANIFEST}.partial"
    text = json.dumps(manifest, ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False)
    partial.write_text(f"{text}\n", "utf-8")
    bring_to_disk(partial)
    partial.rename(folder / _MANIFEST)


def _described(path: Path, rows: int) -> dict[str, Any]:
    return {"sha256": _sha256(path), "rows": rows, "bytes": path.stat().st_size}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def disk_trouble(path: Path) -> Iterator[None]:
    """Turn what the disk refuses into an error that says where and what to do.

    Raises:
        SnapshotError: There is no space or right to write `path`.
    """
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise SnapshotError(
            f"cannot write {path}: {error.strerror or error}",
            remedy="Free some space, then try again." if full else "Check the path and its rights.",
        ) from error
