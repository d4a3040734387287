"""Do independent work on all cores; what does the work leaves the interpreter's lock alone."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from os import cpu_count
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def on_all_cores(job: Callable[[T], R], items: Iterable[T]) -> list[R]:
    """Results of a job for each item, in their order."""
    with ThreadPoolExecutor(cpu_count()) as pool:
        return list(pool.map(job, items))
