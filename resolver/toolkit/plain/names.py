"""Two names in plain strings."""

from collections.abc import Callable

from resolver.linkage.characters import WILDCARD
from resolver.linkage.levels import Name
from resolver.toolkit.plain.person import Person

LookAlikes = frozenset[tuple[str, str]]
"""Pairs of characters that look alike or are mistaken for one another, both ways."""

_UNREADABLE = chr(WILDCARD)


def name_level(one: Person, other: Person, band: int, look_alikes: LookAlikes) -> Name | None:
    """Level of two names; None if they cannot be compared.

    Args:
        one: A record.
        other: Another.
        band: How common the name is (0 rare to 3 very common), if the names are the same.
        look_alikes: See `LookAlikes`.
    """
    if one.parent or other.parent:
        return _nameless(one, other)
    if one["name"] is None or other["name"] is None:
        return None
    a, b = one.folded, other.folded
    rules: tuple[tuple[Name | None, Callable[[], bool]], ...] = (
        (Name(band), lambda: one["name"] == other["name"]),
        (Name.VARIANT, lambda: a == b != ""),
        (Name.FORMER, lambda: _is_former(one, other)),
        (None, lambda: _is_surname_only(a, b) or _is_surname_only(b, a)),
        (Name.HOMOPHONE, lambda: _sounds_same(one, other) or _sounds_same(other, one)),
        (Name.LOOK_ALIKE, lambda: _looks_alike(a, b, look_alikes)),
        (Name.ORDER, lambda: one.letters == other.letters is not None),
        (Name.SHORTENED, lambda: _is_shortened(*sorted((a, b), key=len))),
        (Name.ONE_CHARACTER, lambda: len(a) == len(b) > 2 and a[0] == b[0] and len(_unlike(a, b)) == 1),
        (Name.SURNAME_ONLY, lambda: one["surname"] == other["surname"] is not None),
        (Name.GIVEN_ONLY, lambda: one["given"] == other["given"] is not None),
    )
    return next((level for level, holds in rules if holds()), Name.DIFFERENT)


def _nameless(one: Person, other: Person) -> Name | None:
    """Level of names of which one or both only say whose newborn it is: different if they are twins, else nothing."""
    orders = {one.birth_order, other.birth_order}
    return Name.DIFFERENT if one.parent == other.parent and len(orders) == 2 and 0 not in orders else None


def _sounds_same(one: Person, other: Person) -> bool:
    """Whether names sound the same, the one in any reading of its surname, the other in the usual one."""
    return other.sound is not None and other.sound in (one.sound, one.other_sound)


def _is_surname_only(wife: str, other: str) -> bool:
    """Whether a name is only that of a wife (张李氏, 李氏), and the other one begins with her own surname."""
    if not _is_wife(wife) or _is_wife(other):
        return False
    return wife[-2] == other[:1]


def _is_wife(name: str) -> bool:
    return 2 <= len(name) <= 4 and name.endswith("氏")


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
    """A character of the given name or the husband's surname dropped, or a long name cut short."""
    if len(longer) == len(shorter) + 1 and len(shorter) > 1 and longer[0] == shorter[0]:
        return shorter in {longer[:k] + longer[k + 1 :] for k in range(len(longer))}
    if (len(shorter), len(longer)) == (3, 4):
        return longer[1:] == shorter
    return len(longer) > len(shorter) >= 4 and longer.startswith(shorter)
