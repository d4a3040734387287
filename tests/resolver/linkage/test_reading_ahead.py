"""What is mapped is read before it is asked for."""

import time
from pathlib import Path

import numpy as np

from resolver.linkage.reading_ahead import read_ahead, read_pages

_BYTES = 8 << 20


def mapped(folder: Path) -> np.memmap[tuple[int], np.dtype[np.uint8]]:
    file = folder / "mapped.bin"
    file.write_bytes(bytes(_BYTES))
    return np.memmap(file, np.uint8, "r")


def resident(folder: Path) -> int:
    """Bytes of the file that this process has in memory."""
    here, found = False, 0
    for line in Path("/proc/self/smaps").read_text("utf-8").splitlines():
        if "-" in line.split(maxsplit=1)[0]:
            here = line.endswith(str(folder / "mapped.bin"))
        elif here and line.startswith("Rss:"):
            found += int(line.split()[1]) << 10
    return found


def test_all_pages_are_read(tmp_path: Path) -> None:
    values = mapped(tmp_path)
    assert resident(tmp_path) < _BYTES
    read_pages([np.zeros(0, np.int64), values[: _BYTES // 2].view(np.uint64), values[_BYTES // 2 :]])
    assert resident(tmp_path) == _BYTES


def test_reading_goes_on_meanwhile(tmp_path: Path) -> None:
    values = mapped(tmp_path)
    read_ahead([values])
    until = time.monotonic() + 60.0
    while resident(tmp_path) < _BYTES and time.monotonic() < until:
        time.sleep(0.01)
    assert resident(tmp_path) == _BYTES
