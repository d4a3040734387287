"""Work for all cores."""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
S = TypeVar("S")


def on_all_cores(job: Callable[[S], T], work: Iterable[S]) -> list[T]:
    """Results of a job that does not hold the interpreter's lock, in the order of the work."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(job, work))
