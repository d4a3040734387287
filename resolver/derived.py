"""Files that are made from a snapshot's others, once, by whoever needs them first: whole or not at all."""

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from resolver.parquet_file import bring_to_disk
from resolver.snapshot import disk_trouble

_LOCK = ".making"


def made_once(path: Path, make: Callable[[Path], None]) -> Path:
    """A derived file or folder, made first if it is not there.

    Several processes may ask at once: one makes it, the others wait. What a killed process left is made anew.

    Args:
        path: Where it belongs; the folder above it is made if need be.
        make: Writes it to the path it is given, and brings its content to disk.

    Raises:
        SnapshotError: There is no space or right to write it.
    """
    if path.exists():
        return path
    with disk_trouble(path):
        path.parent.mkdir(exist_ok=True)
        handle = os.open(path.parent / _LOCK, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            if not path.exists():  # nobody made it while this waited
                _make(path, make)
        finally:
            os.close(handle)
    return path


def _make(path: Path, make: Callable[[Path], None]) -> None:
    partial = path.with_name(f"{path.name}.partial")
    if partial.is_dir():
        shutil.rmtree(partial)
    make(partial)
    partial.rename(path)
    bring_to_disk(path.parent)
