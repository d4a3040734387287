"""Do independent work on all cores; what does the work leaves the interpreter's lock alone."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from os import cpu_count
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def on_all_cores(job: Callable[[T], R], items: Iterable[T]) -> list[R]:
    """Results of a job for each item, in their order."""
    return list(as_they_come(job, items))


def as_they_come(job: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
    """Results of a job for each item, in their order, one by one."""
    with ThreadPoolExecutor(cpu_count()) as pool:
        yield from pool.map(job, items)
