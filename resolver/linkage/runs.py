"""Sort keys that come as a few sorted runs, one behind the other, by merging them; others by radix."""

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.compiled import kernel
from resolver.linkage.sorting import Keys, Order, order_of

_RUNS = 6


def order_of_runs(keys: Keys) -> Order:
    """Places that bring keys (m,) into ascending order, equal ones as they came; quick for a few sorted runs."""
    starts, end = [0], _run_end(keys, 0)
    while end < len(keys) and len(starts) < _RUNS:
        starts.append(end)
        end = _run_end(keys, end)
    if end < len(keys):
        return order_of(keys)
    order, merged = np.arange(len(keys), dtype=np.int32), np.empty(len(keys), np.int32)
    while len(starts) > 1:  # the last two first: most often they are the shortest
        middle = starts.pop()
        _merge(keys, order, (starts[-1], middle), merged)
        order[starts[-1] :] = merged[starts[-1] :]
    return order


def numbered(keys: Keys) -> tuple[Keys, NDArray[np.int32]]:
    """Every key once, ascending, and the place (m,) of each key among these; as `numpy.unique`, but by radix."""
    order = order_of_runs(keys)
    each, places = np.empty(len(keys), np.uint64), np.empty(len(keys), np.int32)
    return each[: _number(keys, order, each, places)], places


@kernel
def _run_end(keys: Keys, start: int) -> int:
    """Where the ascending run that begins at `start` ends."""
    place = start + 1
    while place < keys.shape[0] and keys[place - 1] <= keys[place]:
        place += 1
    return int(min(place, keys.shape[0]))


@kernel
def _merge(keys: Keys, order: Order, runs: tuple[int, int], out: Order) -> None:
    """Merge two runs, which begin at these places; the second is the last of all."""
    start, middle = runs
    one, other, end = start, middle, keys.shape[0]
    for place in range(start, end):
        if other == end or (one < middle and keys[order[one]] <= keys[order[other]]):
            out[place] = order[one]
            one += 1
        else:
            out[place] = order[other]
            other += 1


@kernel
def _number(keys: Keys, order: Order, each: Keys, places: NDArray[np.int32]) -> int:
    found = 0
    for number in range(order.shape[0]):
        key = keys[order[number]]
        if found == 0 or each[found - 1] != key:
            each[found] = key
            found += 1
        places[order[number]] = found - 1
    return found


def places_among(keys: Keys, wanted: Keys) -> NDArray[np.int32]:
    """Where each of some keys (m,) stands among others (k,), which ascend; -1 = nowhere. Quick if the former do too."""
    out = np.empty(len(wanted), np.int32)
    _find(keys, wanted, out)
    return out


@kernel
def _find(keys: Keys, wanted: Keys, out: NDArray[np.int32]) -> None:
    n, start = keys.shape[0], 0
    for number in range(wanted.shape[0]):
        key = wanted[number]
        low, step = start, 1
        if start > 0 and keys[start - 1] >= key:
            low = 0
        high = low
        while high < n and keys[high] < key:
            low, high, step = high + 1, high + step, 2 * step
        high = min(high, n)
        while low < high:
            middle = (low + high) // 2
            if keys[middle] < key:
                low = middle + 1
            else:
                high = middle
        start = low
        out[number] = low if low < n and keys[low] == key else -1
