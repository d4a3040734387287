"""Work for all cores."""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
S = TypeVar("S")


def as_they_come(job: Callable[[S], T], work: Iterable[S]) -> Iterator[T]:
    """Results of a job that does not hold the interpreter's lock, in the order of the work, one by one."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from pool.map(job, work)


def on_all_cores(job: Callable[[S], T], work: Iterable[S]) -> list[T]:
    """Results of a job, as `as_they_come` gives them."""
    return list(as_they_come(job, work))
