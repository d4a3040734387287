"""Cursors of paged lists: opaque to callers, who send back what they got.

A cursor belongs to the snapshot it was made from: positions in another one would skip or repeat.
"""

import base64
import binascii
import re
from collections.abc import Sequence
from typing import TypeVar

from api.errors import ApiError

_FORM = re.compile(r"([0-9]{1,9})\.([0-9]{1,9})")
_T = TypeVar("_T")


def encode_cursor(snapshot: int, position: int) -> str:
    """A cursor for what comes from `position` on in a list over `snapshot`."""
    return base64.urlsafe_b64encode(f"{snapshot}.{position}".encode("ascii")).decode("ascii").rstrip("=")


def decode_cursor(cursor: str | None, snapshot: int) -> int:
    """The position in a cursor; 0 for no cursor.

    Raises:
        ApiError: 422, it is none that this service made; 409, it was made from another snapshot.
    """
    if not cursor:
        return 0
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        form = _FORM.fullmatch(raw.decode("ascii"))
    except (binascii.Error, ValueError):
        form = None
    if form is None:
        raise ApiError(
            422,
            "The request is not valid",
            "the cursor is not one of this service",
            remedy="Start without one.",
        )
    if int(form[1]) != snapshot:
        raise ApiError(
            409,
            "The cursor is out of date",
            "another snapshot has been published since it was given",
            remedy="Start without one.",
        )
    return int(form[2])


def page_of(items: Sequence[_T], start: int, limit: int, snapshot: int) -> tuple[Sequence[_T], str | None]:
    """The page that begins at `start`, and the cursor of the next one; None at the end."""
    end = start + limit
    return items[start:end], encode_cursor(snapshot, end) if len(items) > end else None
