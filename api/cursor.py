"""Cursors of paged lists: opaque to callers, who send back what they got."""

import base64
import binascii

from api.errors import ApiError

_LAST = 1_000_000  # no list is that long; keeps a made-up cursor from asking for everything


def encode_cursor(position: int) -> str:
    """A cursor for what comes from `position` on."""
    return base64.urlsafe_b64encode(f"{position}".encode("ascii")).decode("ascii").rstrip("=")


def decode_cursor(cursor: str | None) -> int:
    """What `encode_cursor` was given; 0 for no cursor.

    Raises:
        ApiError: 422, it is none that this service made.
    """
    if not cursor:
        return 0
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        return min(max(int(raw.decode("ascii")), 0), _LAST)
    except (binascii.Error, ValueError) as error:
        raise ApiError(
            422,
            "The request is not valid",
            "the cursor is not one of this service",
            remedy="Start without one.",
        ) from error
