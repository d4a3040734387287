"""Cursors of paged lists: opaque to callers, who send back what they got.

A cursor belongs to the snapshot it was made from: positions in another one would skip or repeat.
"""

import base64
import binascii
import re
from collections.abc import Sequence
from typing import TypeVar

from cryptography.fernet import Fernet, InvalidToken

from api.errors import ApiError

_SEAL = Fernet(Fernet.generate_key())
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
        raise _foreign()
    _require_snapshot(int(form[1]), snapshot)
    return int(form[2])


def seal_cursor(snapshot: int, after: str) -> str:
    """A cursor for what comes after a node of the graph.

    The store's id of a phone or a number is a plain hash of it, so the cursor is encrypted; the key lives as long
    as the process.
    """
    return _SEAL.encrypt(f"{snapshot}.{after}".encode()).decode("ascii")


def open_cursor(cursor: str | None, snapshot: int) -> str | None:
    """The id of the node in a cursor; None for no cursor.

    Raises:
        ApiError: 422, it is none that this process made; 409, it was made from another snapshot.
    """
    if not cursor:
        return None
    try:
        made, _, after = _SEAL.decrypt(cursor.encode("utf-8")).decode("utf-8").partition(".")
    except InvalidToken:
        raise _foreign() from None
    _require_snapshot(int(made), snapshot)
    return after


def _foreign() -> ApiError:
    return ApiError(
        422, "The request is not valid", "the cursor is not one of this service", remedy="Start without one."
    )


def _require_snapshot(made: int, snapshot: int) -> None:
    if made != snapshot:
        raise ApiError(
            409,
            "The cursor is out of date",
            "another snapshot has been published since it was given",
            remedy="Start without one.",
        )


def page_of(items: Sequence[_T], start: int, limit: int, snapshot: int) -> tuple[Sequence[_T], str | None]:
    """The page that begins at `start`, and the cursor of the next one; None at the end."""
    end = start + limit
    return items[start:end], encode_cursor(snapshot, end) if len(items) > end else None
