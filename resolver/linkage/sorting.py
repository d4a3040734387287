"""Sort millions of keys: stable, by radix, in compiled loops that leave the other core free.

Keys are 64-bit numbers without a sign. Hashes are sorted by as many leading bits as tell most of them apart, and
what is then still out of place moves up by insertion; where that would take long (many keys alike in front, and
different behind), by all their bits.
"""

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.compiled import kernel

Keys = NDArray[np.uint64]
Order = NDArray[np.int32]

_DIGIT = 11  # bits a pass: two thousand targets stay in the nearest cache
_FEW = 512  # below this the library is as fast
_MOVES = 8  # insertions a key, before insertion is given up


def order_of(keys: Keys) -> Order:
    """Places that bring keys (m,) into ascending order, equal ones as they came: int32 (m,), m below 2^31."""
    if len(keys) <= _FEW:
        return np.argsort(keys, kind="stable").astype(np.int32)
    return sort_with(keys.copy(), np.arange(len(keys), dtype=np.int32))[1]


def sort_with(keys: Keys, values: Order) -> tuple[Keys, Order]:
    """Keys (m,) in ascending order, and what goes with each (m,); equal ones as they came. Both given are used up."""
    if len(keys) <= _FEW:
        order = np.argsort(keys, kind="stable")
        return keys[order], values[order]
    low, high = _varying(keys)
    enough = low + _DIGIT * -(-(len(keys).bit_length() - 1) // _DIGIT)
    if high > enough + _DIGIT:
        keys, values = _passes(keys, values, high - enough + low, high)
        if _insert(keys, values, _MOVES * len(keys)):
            return keys, values
    return _passes(keys, values, low, high)


def pair_order(left: NDArray[np.int32], right: NDArray[np.int32]) -> Order:
    """Places that bring pairs of rows (m,), (m,) into the order of left, then right; equal ones as they came."""
    return order_of(pair_keys(left, right))


def pair_keys(left: NDArray[np.int32], right: NDArray[np.int32]) -> Keys:
    """One number for a pair of rows, in the order of left, then right: uint64 (m,)."""
    keys = np.empty(len(left), np.uint64)
    _pair(left, right, int(right.max()).bit_length() if len(right) else 0, keys)
    return keys


def wide_pair_keys(left: NDArray[np.int32], right: NDArray[np.int32]) -> Keys:
    """As `pair_keys`, but the same number for the same pair wherever it stands: uint64 (m,); -1, -1 is the largest."""
    keys = np.empty(len(left), np.uint64)
    _pair(left, right, 32, keys)
    return keys


def descending(values: NDArray[np.float64]) -> Keys:
    """Keys (m,) whose order is that of numbers (m,), the largest first; none may be NaN."""
    bits = (values + 0.0).view(np.uint64)  # one zero only
    negative = bits >> np.uint64(63) == 1
    return np.where(negative, bits, ~(bits | np.uint64(1 << 63)))


def _varying(keys: Keys) -> tuple[int, int]:
    """The bits in which keys differ: the lowest, and one above the highest."""
    bits = int(_differences(keys))
    return (bits & -bits).bit_length() - 1 if bits else 0, bits.bit_length()


def _passes(keys: Keys, order: Order, low: int, high: int) -> tuple[Keys, Order]:
    """Sort by the bits from `low` to below `high`, a digit after the other; the arrays given are used up."""
    other_keys, other = np.empty_like(keys), np.empty_like(order)
    for shift in range(low, high, _DIGIT):
        bits = min(_DIGIT, high - shift)
        _distribute((keys, order), (other_keys, other), np.zeros(1 << bits, np.int64), shift)
        keys, other_keys = other_keys, keys
        order, other = other, order
    return keys, order


@kernel
def _pair(left: NDArray[np.int32], right: NDArray[np.int32], bits: int, out: Keys) -> None:
    for pair in range(out.shape[0]):
        out[pair] = np.uint64(left[pair]) << np.uint64(bits) | np.uint64(right[pair])


@kernel
def _differences(keys: Keys) -> np.uint64:
    bits = np.uint64(0)
    for place in range(keys.shape[0]):
        bits |= keys[place] ^ keys[0]
    return bits


@kernel
def _distribute(
    given: tuple[Keys, Order], sorted_: tuple[Keys, Order], starts: NDArray[np.int64], shift: int
) -> None:
    """Sort by one digit: count how often each occurs, then give every key the next place of its digit."""
    keys, order = given
    mask, low = np.uint64(starts.shape[0] - 1), np.uint64(shift)
    for place in range(keys.shape[0]):
        starts[keys[place] >> low & mask] += 1
    before = 0
    for digit in range(starts.shape[0]):
        count = starts[digit]
        starts[digit] = before
        before += count
    for place in range(keys.shape[0]):
        key = keys[place]
        target = starts[key >> low & mask]
        starts[key >> low & mask] = target + 1
        sorted_[0][target], sorted_[1][target] = key, order[place]


@kernel
def _insert(keys: Keys, order: Order, moves: int) -> bool:
    """Sort what is nearly sorted; False if it would take more moves than that, and it is not sorted."""
    for place in range(1, keys.shape[0]):
        key, at, hole = keys[place], order[place], place
        while hole > 0 and keys[hole - 1] > key:
            keys[hole], order[hole] = keys[hole - 1], order[hole - 1]
            hole -= 1
            moves -= 1
        keys[hole], order[hole] = key, at
        if moves < 0:
            return False
    return True
