"""Memory given back to the machine between the steps of a run."""

import ctypes
import gc
from collections.abc import Callable

import pyarrow as pa

try:
    _TRIM: Callable[[int], int] | None = ctypes.CDLL("libc.so.6").malloc_trim
except (OSError, AttributeError):  # not glibc: its allocator decides for itself
    _TRIM = None


def give_back() -> None:
    """Return what is free to the operating system.

    A step's peak stays with the process otherwise: Arrow and the C library keep freed memory for the next request,
    and the next step asks for pieces of another size.
    """
    gc.collect()
    pa.default_memory_pool().release_unused()
    if _TRIM is not None:
        _TRIM(0)
