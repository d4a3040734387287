"""The archive: what was received, on disk for good before it is acknowledged."""

import contextlib
import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from resolver.errors import DeliveryError
from resolver.feeds.checks import QUARANTINE, accepted_schema
from resolver.feeds.contract import Contract
from resolver.ledger.delivery import Delivery
from resolver.workspace import Workspace

_COPY_BLOCK = 8 << 20
_DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_ZIPPED = frozenset({".xlsx", ".xlsm"})


@dataclass(frozen=True)
class ArchivedDelivery:
    """Where the three files of a delivery lie.

    Attributes:
        folder: `archive/<feed>/<period>`.
        delivery_id: The files' common stem.
    """

    folder: Path
    delivery_id: str

    @property
    def rows(self) -> Path:
        """Accepted rows."""
        return self.folder / f"{self.delivery_id}.parquet"

    @property
    def quarantine(self) -> Path:
        """Quarantined rows."""
        return self.folder / f"{self.delivery_id}.quarantine.parquet"

    def original(self, suffix: str) -> Path:
        """The department's file; what is not zipped already is compressed."""
        packed = "" if suffix.lower() in _ZIPPED else ".zst"
        return self.folder / f"{self.delivery_id}.original{suffix.lower()}{packed}"


def archived(workspace: Workspace, feed: str, period: date, delivery_id: str) -> ArchivedDelivery:
    """Where the files of a delivery lie, or will."""
    return ArchivedDelivery(workspace.archive / feed / f"{period:%Y-%m}", delivery_id)


def archived_files(workspace: Workspace, delivery: Delivery) -> ArchivedDelivery:
    """Where the files of a recorded delivery lie."""
    return archived(workspace, delivery.feed, delivery.period, delivery.delivery_id)


class ArchiveWriter:
    """Writes the files of one delivery under partial names; `archiving` makes it and cleans up after it."""

    def __init__(self, files: ArchivedDelivery, contract: Contract) -> None:
        self._files = files
        self._targets = [files.quarantine, files.rows]
        self._rows = pq.ParquetWriter(_partial(files.rows), accepted_schema(contract), compression="zstd")
        self._quarantine = pq.ParquetWriter(_partial(files.quarantine), QUARANTINE, compression="zstd")

    def write(self, accepted: pa.Table, quarantined: pa.Table) -> None:
        """Add rows to both tables."""
        if len(accepted):
            self._rows.write_table(accepted)
        if len(quarantined):
            self._quarantine.write_table(quarantined)

    def keep_original(self, path: Path, sha256: str) -> None:
        """Copy the department's file.

        Raises:
            DeliveryError: It is no longer the file whose hash this is.
        """
        target = self._files.original(path.suffix)
        self._targets.insert(0, target)
        digest = hashlib.sha256()
        packing = "zstd" if target.suffix == ".zst" else None
        with path.open("rb") as file, pa.output_stream(_partial(target), compression=packing) as out:
            while block := file.read(_COPY_BLOCK):
                digest.update(block)
                out.write(block)
        if digest.hexdigest() != sha256:
            raise DeliveryError(
                f"{path.name} changed while it was read",
                remedy="Wait until it has been copied whole, then receive it again.",
            )

    def close(self) -> None:
        """End both tables."""
        self._rows.close()
        self._quarantine.close()

    def commit(self) -> None:
        """Put everything on disk under its final name; the accepted rows come last."""
        self.close()
        for target in self._targets:
            _sync(_partial(target))
        for target in self._targets:
            _partial(target).replace(target)
        _sync(self._files.folder)

    def discard(self) -> None:
        """Remove what was written so far."""
        with contextlib.suppress(OSError):  # a full disk, once more
            self.close()
        for target in self._targets:
            _partial(target).unlink(missing_ok=True)


@contextmanager
def archiving(workspace: Workspace, files: ArchivedDelivery, contract: Contract) -> Iterator[ArchiveWriter]:
    """Write the files of a delivery: whole and on disk at the end of the block, or not at all.

    Files that a killed process left half written are overwritten by the next one, which gives them the same names.

    Raises:
        DeliveryError: The disk is full or cannot be written.
    """
    made = [
        folder for folder in (files.folder, files.folder.parent, workspace.archive) if not folder.exists()
    ]
    writer = None
    try:
        files.folder.mkdir(parents=True, exist_ok=True)
        for folder in reversed(made):
            _sync(folder.parent)  # which holds the new folder's name
        writer = ArchiveWriter(files, contract)
        yield writer
        writer.commit()
    except BaseException as error:
        if writer is not None:
            writer.discard()
        for folder in made:
            with contextlib.suppress(OSError):  # not empty: another delivery lies there
                folder.rmdir()
        if isinstance(error, OSError):
            raise disk_error(error, files.folder) from error
        raise


def disk_error(error: OSError, folder: Path) -> DeliveryError:
    """What a failure to write into a folder means to the user."""
    if error.errno in _DISK_FULL:
        return DeliveryError(
            f"the disk is full: cannot write to {folder}; nothing was changed",
            remedy="Free some space, then try again.",
        )
    return DeliveryError(
        f"cannot write to {folder}: {error.strerror or error}", remedy="Check its rights and the disk."
    )


def _partial(target: Path) -> Path:
    return target.with_name(f".{target.name}.partial")


def _sync(path: Path) -> None:
    """Wait until a file or folder is on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
