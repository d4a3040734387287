"""Two names in plain strings."""

from collections.abc import Callable

from resolver.linkage.characters import WILDCARD
from resolver.linkage.levels import Name
from resolver.toolkit.plain.person import Person

LookAlikes = frozenset[tuple[str, str]]
"""Pairs of characters that look alike or are mistaken for one another, both ways."""

_UNREADABLE = chr(WILDCARD)


def name_level(one: Person, other: Person, band: int, look_alikes: LookAlikes) -> Name | None:
    """Level of two names; None if a record has none.

    Args:
        one: A record.
        other: Another.
        band: How common the name is (0 rare to 3 very common), if the names are the same.
        look_alikes: See `LookAlikes`.
    """
    if one["name"] is None or other["name"] is None:
        return None
    a, b = one.folded, other.folded
    rules: tuple[tuple[Name, Callable[[], bool]], ...] = (
        (Name(band), lambda: one["name"] == other["name"]),
        (Name.VARIANT, lambda: a == b != ""),
        (Name.FORMER, lambda: _is_former(one, other)),
        (Name.HOMOPHONE, lambda: one.sound == other.sound is not None),
        (Name.LOOK_ALIKE, lambda: _looks_alike(a, b, look_alikes)),
        (Name.ORDER, lambda: one.letters == other.letters is not None),
        (Name.SHORTENED, lambda: _is_shortened(*sorted((a, b), key=len))),
        (Name.ONE_CHARACTER, lambda: len(a) == len(b) > 2 and a[0] == b[0] and len(_unlike(a, b)) == 1),
        (Name.SURNAME_ONLY, lambda: one["surname"] == other["surname"] is not None),
        (Name.GIVEN_ONLY, lambda: one["given"] == other["given"] is not None),
    )
    return next((level for level, holds in rules if holds()), Name.DIFFERENT)


def _is_former(one: Person, other: Person) -> bool:
    crossed = one["former_name"] == other["name"] or other["former_name"] == one["name"]
    return crossed or one["former_name"] == other["former_name"] is not None


def _unlike(one: str, other: str) -> list[tuple[str, str]]:
    """The characters in which two names equally long differ."""
    return [pair for pair in zip(one, other, strict=True) if pair[0] != pair[1]]


def _looks_alike(one: str, other: str, look_alikes: LookAlikes) -> bool:
    """One character of similar shape or unreadable; two in a name of three whose surname can be read."""
    if len(one) != len(other):
        return False
    unlike = _unlike(one, other)
    if not all(_UNREADABLE in pair or pair in look_alikes for pair in unlike):
        return False
    surname_is_read = _UNREADABLE not in (one[:1], other[:1])
    return len(unlike) == 1 or (len(unlike) == 2 and len(one) == 3 and surname_is_read)


def _is_shortened(shorter: str, longer: str) -> bool:
    """A character of the given name dropped, or a long name cut short."""
    if len(longer) == len(shorter) + 1 and len(shorter) > 1 and longer[0] == shorter[0]:
        return shorter in {longer[:k] + longer[k + 1 :] for k in range(len(longer))}
    return len(longer) > len(shorter) >= 4 and longer.startswith(shorter)
