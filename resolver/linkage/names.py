"""Compare Chinese names by what differs: surname, one given character, its sound, its shape, the order.

A ratio of edit distance says little of two or three characters; every level here is a reason that a clerk would give.
"""

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.characters import WILDCARD, are_look_alikes
from resolver.linkage.columns import Word
from resolver.linkage.compiled import kernel
from resolver.linkage.levels import MISSING, Name

Row = NDArray[np.uint64]
Chars = NDArray[np.uint32]
_WIFE = 0x6C0F
"""氏, which follows a woman's own surname where her given name was not written."""


@kernel
def _same(one: Row, other: Row, word: int) -> bool:
    return bool(one[word] != 0 and one[word] == other[word])


@kernel
def _former(one: Row, other: Row) -> bool:
    """Whether one record's name is the other's former name, or their former names are the same."""
    crossed = one[Word.FORMER_NAME] == other[Word.NAME] or other[Word.FORMER_NAME] == one[Word.NAME]
    return bool(crossed) or _same(one, other, Word.FORMER_NAME)


@kernel
def _sounds_same(one: Row, other: Row) -> bool:
    """Whether names sound the same in any reading of their surnames (单 is shan, but often typed as dan)."""
    if _same(one, other, Word.SOUND):
        return True
    crossed = one[Word.OTHER_SOUND] != 0 and one[Word.OTHER_SOUND] == other[Word.SOUND]
    return bool(crossed or (other[Word.OTHER_SOUND] != 0 and other[Word.OTHER_SOUND] == one[Word.SOUND]))


@kernel
def _is_surname_only(one: Chars, other: Chars) -> bool:
    """Whether a name is only that of a wife (张李氏, 李氏), and the other one begins with her own surname.

    Such a name tells no more than a surname, so it neither speaks for nor against.
    """
    if not _is_wife(one):
        one, other = other, one
    if not _is_wife(one) or _is_wife(other):
        return False
    return bool(one[one.shape[0] - 2] == other[0])


@kernel
def _is_wife(name: Chars) -> bool:
    return bool(2 <= name.shape[0] <= 4 and name[name.shape[0] - 1] == _WIFE)


@kernel
def _one_left_out(longer: Chars, shorter: Chars) -> bool:
    """Whether leaving one character out of `longer` gives `shorter`."""
    skipped = 0
    for place in range(shorter.shape[0]):
        if longer[place + skipped] != shorter[place]:
            if skipped or longer[place + 1] != shorter[place]:
                return False
            skipped = 1
    return True


@kernel
def _is_shortened(one: Chars, other: Chars) -> bool:
    """Whether one name is the other with a character dropped, or cut short, at two characters or more."""
    longer, shorter = (one, other) if one.shape[0] > other.shape[0] else (other, one)
    if shorter.shape[0] < 2:
        return False
    if longer.shape[0] == shorter.shape[0] + 1 and longer[0] == shorter[0]:
        return _one_left_out(longer, shorter)
    if longer.shape[0] == shorter.shape[0] + 1 and longer.shape[0] == 4:
        return _agree(longer[1:], shorter)  # the husband's surname before the whole name: 张李秀英
    return shorter.shape[0] >= 4 and _agree(longer, shorter)


@kernel
def _agree(longer: Chars, shorter: Chars) -> bool:
    """Whether `longer` begins with `shorter`."""
    place = 0
    while place < shorter.shape[0] and longer[place] == shorter[place]:
        place += 1
    return bool(place == shorter.shape[0])


@kernel
def _differences(one: Chars, other: Chars, look_alikes: Row) -> tuple[int, int, int]:
    """Of two names equally long: how many characters differ, how many of these look alike, where the last is."""
    different, alike, last = 0, 0, -1
    for place in range(one.shape[0]):
        if one[place] != other[place]:
            different += 1
            last = place
            alike += are_look_alikes(one[place], other[place], look_alikes)
    return different, alike, last


@kernel
def _by_characters(one: Chars, other: Chars, look_alikes: Row) -> int:
    """Level of two names by their characters alone; `DIFFERENT` if these say nothing."""
    if one.shape[0] != other.shape[0]:
        return Name.SHORTENED.value if _is_shortened(one, other) else Name.DIFFERENT.value
    different, alike, last = _differences(one, other, look_alikes)
    readable = one[0] != WILDCARD and other[0] != WILDCARD
    if different == alike and (different == 1 or (readable and different == 2 and one.shape[0] == 3)):
        return Name.LOOK_ALIKE.value
    if different == 1 and one.shape[0] > 2 and last > 0:
        return Name.ONE_CHARACTER.value
    return Name.DIFFERENT.value


@kernel
def name_level(one: Row, other: Row, chars: tuple[Chars, Chars], band: int, look_alikes: Row) -> int:
    """Level of two known names; `MISSING` where they cannot be compared.

    Args:
        one: Words of a record (len(Word),).
        other: Words of the other record.
        chars: Folded characters of both names.
        band: How common the name is, 0 = rare to 3 = very common; used if the names are the same.
        look_alikes: See `characters.look_alikes`.
    """
    if one[Word.NAME] == other[Word.NAME]:
        return band
    if _same(one, other, Word.FOLDED):
        return Name.VARIANT.value
    if _former(one, other):
        return Name.FORMER.value
    if _is_surname_only(chars[0], chars[1]):
        return MISSING
    if _sounds_same(one, other):
        return Name.HOMOPHONE.value
    level = _by_characters(chars[0], chars[1], look_alikes)
    if level == Name.LOOK_ALIKE:
        return level
    if _same(one, other, Word.LETTERS):
        return Name.ORDER.value
    if level != Name.DIFFERENT:
        return level
    if _same(one, other, Word.SURNAME):
        return Name.SURNAME_ONLY.value
    return Name.GIVEN_ONLY.value if _same(one, other, Word.GIVEN) else Name.DIFFERENT.value
