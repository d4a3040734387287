"""Sort keys that come as a few sorted runs, one behind the other, by merging them; others by radix."""

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.compiled import kernel
from resolver.linkage.sorting import Keys, Order, order_of


def order_of_runs(keys: Keys) -> Order:
    """Places that bring keys (m,) into ascending order, equal ones as they came; quick for two sorted runs."""
    first = _run_end(keys, 0)
    if first == len(keys):
        return np.arange(len(keys), dtype=np.int32)
    if _run_end(keys, first) < len(keys):
        return order_of(keys)
    order = np.empty(len(keys), np.int32)
    _merge(keys, first, order)
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
def _merge(keys: Keys, middle: int, order: Order) -> None:
    one, other = 0, middle
    for place in range(keys.shape[0]):
        if other == keys.shape[0] or (one < middle and keys[one] <= keys[other]):
            order[place] = one
            one += 1
        else:
            order[place] = other
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
