"""Dates and months as people type them."""

from datetime import date

from resolver.errors import SettingsError


def as_month(text: str | None) -> date | None:
    """First day of a month given as `2026-10`.

    Raises:
        SettingsError: It is none.
    """
    return None if text is None else _read(f"{text}-01", text, "month", "2026-10")


def as_day(text: str | None) -> date | None:
    """A day given as `2026-10-31`.

    Raises:
        SettingsError: It is none.
    """
    return None if text is None else _read(text, text, "day", "2026-10-31")


def _read(iso: str, given: str, what: str, example: str) -> date:
    try:
        return date.fromisoformat(iso)
    except ValueError:
        raise SettingsError(f"{given!r} is not a {what}", remedy=f"Write it as {example}.") from None
