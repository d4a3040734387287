"""Memory: how much of it a run may take, and giving it back to the machine between the steps."""

import ctypes
import gc
import os
import re
from collections.abc import Callable

import psutil
import pyarrow as pa

from resolver.control_group import free_memory
from resolver.errors import SettingsError

SETTING = "GUIYI_MEMORY"
_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
_SHARE = 0.8  # of what is free; the rest is for the system and its file cache

_KEPT = {-4: 0, -1: (1 << 31) - 1, -8: 1}
"""M_MMAP_MAX none at all, M_TRIM_THRESHOLD as high as it goes, one M_ARENA (see mallopt(3))."""

try:
    _TRIM: Callable[[int], int] | None = ctypes.CDLL("libc.so.6").malloc_trim
    _SET: Callable[[int, int], int] | None = ctypes.CDLL("libc.so.6").mallopt
except (OSError, AttributeError):  # not glibc: its allocator decides for itself
    _TRIM = _SET = None


def give_back() -> None:
    """Return what is free to the operating system.

    A step's peak stays with the process otherwise: Arrow and the C library keep freed memory for the next request,
    and the next step asks for pieces of another size.
    """
    gc.collect()
    pa.default_memory_pool().release_unused()
    if _TRIM is not None:
        _TRIM(0)


def for_a_short_run() -> None:
    """Spend memory as suits a process that lasts seconds: what is given back is handed on to the next who asks.

    A page costs most when it is touched for the first time. So Arrow takes memory from the C library, as NumPy does;
    there it stays when it is given back, for all threads alike. What is loaded by now is not looked through for
    cycles again and again.
    """
    pa.set_memory_pool(pa.system_memory_pool())
    gc.freeze()
    if _SET is not None:
        for name, value in _KEPT.items():
            _SET(name, value)


def allowed() -> int:
    """Bytes of memory that this run may take: `GUIYI_MEMORY` (such as 900M or 16G), else most of what is free.

    Raises:
        SettingsError: `GUIYI_MEMORY` is no size.
    """
    stated = os.environ.get(SETTING, "").strip()
    if not stated:
        return int(_SHARE * min(psutil.virtual_memory().available, free_memory()))
    size = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMGT]?)i?B?", stated, re.IGNORECASE)
    if size is None:
        raise SettingsError(f"{SETTING} is {stated!r}, no size", remedy="Give it as 900M or 16G.")
    return int(float(size[1]) * _UNITS[size[2].upper()])
