"""Keys of deliveries and rows: made from content, so that the order of arrival cannot change them."""

import hashlib
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

ORDINAL_BITS = 24
MAX_ROWS = 1 << ORDINAL_BITS
"""Rows that one delivery can have."""

_DELIVERY_DIGITS = 10  # hex digits: 40 bits, the top one cleared so that row ids are never negative


def delivery_hash(feed: str, period: date) -> Any:
    """A SHA-256 under way, to be fed the file's bytes and given to `delivery_id`.

    Args:
        feed: Id of the feed's contract.
        period: First day of the month.
    """
    return hashlib.sha256(f"{feed}\n{period:%Y-%m}\n".encode())


def delivery_id(digest: bytes) -> str:
    """Delivery id from the finished hash: its first 40 bits with the top one cleared, as 10 hex digits."""
    return bytes([digest[0] & 0x7F, *digest[1 : _DELIVERY_DIGITS // 2]]).hex()


def pack(delivery: str, ordinals: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Row ids of one delivery.

    Args:
        delivery: Delivery id.
        ordinals: int64 positions of the rows in the delivery, from 0, below `MAX_ROWS`.

    Returns:
        int64, the same shape.
    """
    return (int(delivery, 16) << ORDINAL_BITS) | ordinals


def unpack(row_id: int) -> tuple[str, int]:
    """Delivery id and ordinal of a row id."""
    return f"{row_id >> ORDINAL_BITS:0{_DELIVERY_DIGITS}x}", row_id & (MAX_ROWS - 1)
