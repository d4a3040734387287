"""Compare pairs of records: for every pair one level per comparison, in a compiled loop over columns of numbers.

Fields that depend on one another are counted once: an ID number holds the birth date and the sex, so these two are
compared on their own only where the numbers say nothing of them; beside numbers taken for one they have a
comparison of their own (`beside_number`).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.columns import Columns, Fact, Word
from resolver.linkage.compiled import kernel
from resolver.linkage.dates import birth_level
from resolver.linkage.levels import (
    MISSING,
    Address,
    BesideNumber,
    BirthDate,
    Comparison,
    Employer,
    Household,
    IdNumber,
    Mention,
    Name,
    Parents,
    Phone,
    Register,
    Sex,
    SourceKey,
    Spouse,
)
from resolver.linkage.lunar import NO_DAY
from resolver.linkage.names import name_level
from resolver.linkage.numbers import number_level
from resolver.linkage.texts import count_different_digits

Words = NDArray[np.uint64]
Facts = NDArray[np.int32]
Bands = NDArray[np.uint8]
Levels = NDArray[np.uint8]
Pairs = NDArray[np.int32]

N_COMPARISONS = len(Comparison)
NAME_BAND, PHONE_BAND, EMPLOYER_BAND, DOOR_BAND, NUMBER_BAND = 0, 1, 2, 3, 4
"""Columns of bands: how common name, phone, employer, door and ID number are, as the model counts them."""
N_BANDS = 5

SHARED, GENERIC = 1, 2
"""Bands of a phone; an employer of band 1 is large, a door or a number of band 1 generic."""


class Comparable(NamedTuple):
    """What the compiled comparison reads, for n records.

    Attributes:
        words: uint64 (n, len(Word)).
        facts: int32 (n, len(Fact)).
        bands: uint8 (n, N_BANDS).
        chars: uint32 (total,).
        starts: int32 (n + 1,).
        look_alikes: uint64 (pairs,).
    """

    words: Words
    facts: Facts
    bands: Bands
    chars: NDArray[np.uint32]
    starts: NDArray[np.int32]
    look_alikes: NDArray[np.uint64]


def comparable(columns: Columns, bands: Bands, look_alikes: NDArray[np.uint64]) -> Comparable:
    """Put together what `compare` reads."""
    return Comparable(columns.words, columns.facts, bands, columns.chars, columns.starts, look_alikes)


@kernel
def _known(one: Words, other: Words, word: int) -> bool:
    return bool(one[word] != 0 and other[word] != 0)


@kernel
def _same(one: Words, other: Words, word: int) -> bool:
    return bool(one[word] != 0 and one[word] == other[word])


@kernel
def _conflict(one: Words, other: Words, word: int) -> bool:
    return bool(one[word] != other[word] and one[word] != 0 and other[word] != 0)


@kernel
def _birth(facts: tuple[Facts, Facts]) -> int:
    """Level of the birth dates, the number's standing in for a missing one."""
    one, other = facts
    if one[Fact.BIRTH] == NO_DAY or other[Fact.BIRTH] == NO_DAY:
        return MISSING
    return birth_level(
        (one[Fact.BIRTH], other[Fact.BIRTH]),
        (one[Fact.BIRTH_DIGITS], other[Fact.BIRTH_DIGITS]),
        (one[Fact.LUNAR], other[Fact.LUNAR]),
    )


@kernel
def _sex(one: int, other: int) -> int:
    """Level of two sexes, 0 = unknown."""
    if one == 0 or other == 0:
        return MISSING
    return Sex.SAME.value if one == other else Sex.DIFFERENT.value


@kernel
def _birth_and_sex(number: int, facts: tuple[Facts, Facts], out: Levels) -> None:
    """Levels of birth date and sex, or of both beside the same number, or neither where two valid numbers hold them."""
    one, other = facts
    if number != MISSING and number <= IdNumber.READABLE_PART:
        out[Comparison.BESIDE_NUMBER] = _beside_number(one, other)
        return
    if number != MISSING and number >= IdNumber.SAME_DAY_AND_PLACE:
        return
    out[Comparison.BIRTH_DATE], out[Comparison.SEX] = _birth(facts), _sex(one[Fact.SEX], other[Fact.SEX])


@kernel
def _beside_number(one: Facts, other: Facts) -> int:
    """What the records' own birth dates and sexes say once their numbers are taken for one."""
    birth = MISSING
    if one[Fact.BIRTH_OWN] != 0 or other[Fact.BIRTH_OWN] != 0:
        birth = _birth((one, other))
    if birth != MISSING and birth > BirthDate.YEAR_OFF:
        return BesideNumber.CONFLICTS.value
    own = one[Fact.SEX_OWN] != 0 or other[Fact.SEX_OWN] != 0
    if own and one[Fact.SEX] * other[Fact.SEX] == 2:  # 1 and 2: one male, one female
        return BesideNumber.SEX.value
    if birth == MISSING:
        return MISSING
    return BesideNumber.AGREES.value if birth == BirthDate.SAME else BesideNumber.NEAR.value


@kernel
def _phone(one: Words, other: Words, band: int) -> int:
    if not _known(one, other, Word.PHONE):
        return MISSING
    if one[Word.PHONE] == other[Word.PHONE]:
        if band == GENERIC:
            return MISSING
        return Phone.SAME_SHARED.value if band == SHARED else Phone.SAME.value
    a, b = one[Word.PHONE_DIGITS], other[Word.PHONE_DIGITS]
    if a == 0 or b == 0:
        return Phone.DIFFERENT.value
    different = count_different_digits(a, b)
    if different == 1 or (different == 2 and _neighbours_swapped(a, b)):
        return Phone.ONE_DIGIT.value
    return Phone.DIFFERENT.value


@kernel
def _neighbours_swapped(one: np.uint64, other: np.uint64) -> bool:
    """Whether two packed numbers that differ in two digits differ by swapping neighbours."""
    for place in range(15):
        low = np.uint64(4 * place)
        a, b = (one >> low) & np.uint64(0xFF), (other >> low) & np.uint64(0xFF)
        if (a ^ b) & np.uint64(0xF) != 0:
            return bool(a == (b >> np.uint64(4) | (b & np.uint64(0xF)) << np.uint64(4)))
    return False


@kernel
def _address(one: Words, other: Words, generic_door: bool) -> int:
    if _conflict(one, other, Word.REGION):
        return Address.DIFFERENT.value
    region = _same(one, other, Word.REGION)
    if _conflict(one, other, Word.TOWN):
        return Address.SAME_COUNTY.value if region else Address.DIFFERENT.value
    town = _same(one, other, Word.TOWN)
    same_door = _same(one, other, Word.DOOR) and not generic_door and (town or region)
    if _same(one, other, Word.VILLAGE) and (town or region):
        if same_door:
            return Address.SAME_DOOR.value
        other_door = _conflict(one, other, Word.DOOR)
        return Address.OTHER_DOOR.value if other_door else Address.SAME_VILLAGE.value
    if same_door and town and not _conflict(one, other, Word.VILLAGE):
        return Address.SAME_DOOR.value
    if town:
        return Address.SAME_TOWN.value
    return Address.SAME_COUNTY.value if region else MISSING


@kernel
def _employer(one: Words, other: Words, large: bool) -> int:
    if _same(one, other, Word.EMPLOYER_CODE) or _same(one, other, Word.EMPLOYER):
        return Employer.SAME_LARGE.value if large else Employer.SAME.value
    known = _known(one, other, Word.EMPLOYER_CODE) or _known(one, other, Word.EMPLOYER)
    return Employer.DIFFERENT.value if known else MISSING


@kernel
def _source_key(one: Words, other: Words, facts: tuple[Facts, Facts]) -> int:
    if not _known(one, other, Word.SOURCE_KEY) or facts[0][Fact.SCHEME] != facts[1][Fact.SCHEME]:
        return MISSING
    same = one[Word.SOURCE_KEY] == other[Word.SOURCE_KEY]
    return SourceKey.SAME.value if same else SourceKey.DIFFERENT.value


@kernel
def _household(one: Words, other: Words) -> int:
    if _same(one, other, Word.HOUSEHOLD) or _same(one, other, Word.AID_HOUSEHOLD):
        return Household.SAME.value
    known = _known(one, other, Word.HOUSEHOLD) or _known(one, other, Word.AID_HOUSEHOLD)
    return Household.DIFFERENT.value if known else MISSING


@kernel
def _spouse(one: Words, other: Words) -> int:
    if _same(one, other, Word.SPOUSE_ID):
        return Spouse.SAME_NUMBER.value
    if _same(one, other, Word.SPOUSE_NAME):
        return Spouse.SAME_NAME.value
    known = _known(one, other, Word.SPOUSE_ID) or _known(one, other, Word.SPOUSE_NAME)
    return Spouse.DIFFERENT.value if known else MISSING


@kernel
def _parent(one: Words, other: Words, name: int, number: int) -> int:
    """1 if the records name the same parent, -1 if another one, 0 if they cannot be compared."""
    if _same(one, other, number) or _same(one, other, name):
        return 1
    return -1 if _known(one, other, number) or _known(one, other, name) else 0


@kernel
def _parents(one: Words, other: Words) -> int:
    mother = _parent(one, other, Word.MOTHER_NAME, Word.MOTHER_ID)
    father = _parent(one, other, Word.FATHER_NAME, Word.FATHER_ID)
    if mother == 0 and father == 0:
        return MISSING
    if mother + father > 0:
        return Parents.SAME.value
    return Parents.PARTLY.value if mother + father == 0 else Parents.DIFFERENT.value


@kernel
def _names_other(one: Words, other: Words, number: np.uint64) -> int:
    """Whether `other` names the person of `one`, who has this number (0 = none), as a relative."""
    if number != 0 and (
        number == other[Word.SPOUSE_ID] or number == other[Word.MOTHER_ID] or number == other[Word.FATHER_ID]
    ):
        return Mention.BY_NUMBER.value
    name = one[Word.NAME]
    if name != 0 and (
        name == other[Word.SPOUSE_NAME]
        or name == other[Word.MOTHER_NAME]
        or name == other[Word.FATHER_NAME]
        or name == other[Word.KIN_NAME]
    ):
        return Mention.BY_NAME.value
    return Mention.NOT_MENTIONED.value


@kernel
def _mention(
    one: Words, other: Words, facts: tuple[Facts, Facts], numbers: tuple[np.uint64, np.uint64]
) -> int:
    if facts[0][Fact.KIN] == 0 and facts[1][Fact.KIN] == 0:
        return MISSING
    if _same(one, other, Word.NAME):
        return Mention.NOT_MENTIONED.value
    return max(_names_other(one, other, numbers[0]), _names_other(other, one, numbers[1]))


@kernel
def _nameless(one: Words, other: Words, facts: tuple[Facts, Facts]) -> int:
    """Level of names of which one or both only say whose newborn it is: the mother is compared as such.

    What stands behind 之子 tells twins apart where both have it (之子大, 之子小).
    """
    orders = facts[0][Fact.BIRTH_ORDER], facts[1][Fact.BIRTH_ORDER]
    twins = _same(one, other, Word.CHILD_OF) and orders[0] != orders[1] and orders[0] * orders[1] != 0
    return Name.DIFFERENT.value if twins else MISSING


@kernel
def _register(number: int, one: Words, other: Words, facts: tuple[Facts, Facts]) -> int:
    if facts[0][Fact.REGISTER] == 0 or facts[1][Fact.REGISTER] == 0:
        return MISSING
    if number in (MISSING, IdNumber.DAMAGED_DIFFERENT.value):
        return MISSING
    if number <= IdNumber.READABLE_PART:
        return Register.COMPATIBLE.value
    household = _same(one, other, Word.HOUSEHOLD)
    return Register.TWO_IN_HOUSEHOLD.value if household else Register.TWO_ENTRIES.value


@kernel
def compare_pair(data: Comparable, left: int, right: int, out: Levels) -> None:
    """Write the levels of one pair of records into `out` (N_COMPARISONS,)."""
    one, other = data.words[left], data.words[right]
    facts = data.facts[left], data.facts[right]
    bands, other_bands = data.bands[left], data.bands[right]
    out[:] = MISSING
    if one[Word.CHILD_OF] != 0 or other[Word.CHILD_OF] != 0:
        out[Comparison.NAME] = _nameless(one, other, facts)
    elif _known(one, other, Word.NAME):
        chars = (
            data.chars[data.starts[left] : data.starts[left + 1]],
            data.chars[data.starts[right] : data.starts[right + 1]],
        )
        out[Comparison.NAME] = name_level(one, other, chars, bands[NAME_BAND], data.look_alikes)
    number = MISSING
    if bands[NUMBER_BAND] == 0 and other_bands[NUMBER_BAND] == 0:
        number = number_level(one, other, facts)
    out[Comparison.ID_NUMBER] = number
    _birth_and_sex(number, facts, out)
    out[Comparison.PHONE] = _phone(one, other, bands[PHONE_BAND])
    out[Comparison.ADDRESS] = _address(one, other, bands[DOOR_BAND] != 0)
    large = bands[EMPLOYER_BAND] != 0 or other_bands[EMPLOYER_BAND] != 0
    out[Comparison.EMPLOYER] = _employer(one, other, large)
    out[Comparison.SOURCE_KEY] = _source_key(one, other, facts)
    out[Comparison.HOUSEHOLD] = _household(one, other)
    out[Comparison.SPOUSE] = _spouse(one, other)
    out[Comparison.PARENTS] = _parents(one, other)
    out[Comparison.MENTION] = _mention(one, other, facts, (one[Word.ID_NUMBER], other[Word.ID_NUMBER]))
    out[Comparison.REGISTER] = _register(number, one, other, facts)


@kernel
def compare_into(data: Comparable, left: Pairs, right: Pairs, out: Levels) -> None:
    """Write the levels of pairs of rows (m,), (m,) into `out`, uint8 (m, N_COMPARISONS)."""
    for pair in range(left.shape[0]):
        compare_pair(data, left[pair], right[pair], out[pair])


def compare(data: Comparable, left: Pairs, right: Pairs) -> Levels:
    """Levels of pairs of rows (m,), (m,) -> uint8 (m, N_COMPARISONS); `MISSING` where nothing can be said."""
    out = np.empty((len(left), N_COMPARISONS), np.uint8)
    compare_into(data, left, right, out)
    return out


@kernel
def _hide_numbers(data: Comparable, left: Pairs, right: Pairs, out: Levels) -> None:
    nothing = np.uint64(0)
    for pair in range(left.shape[0]):
        one, other = data.words[left[pair]], data.words[right[pair]]
        facts = data.facts[left[pair]], data.facts[right[pair]]
        for comparison in (Comparison.ID_NUMBER, Comparison.BESIDE_NUMBER, Comparison.REGISTER):
            out[pair, comparison] = MISSING
        out[pair, Comparison.BIRTH_DATE] = out[pair, Comparison.SEX] = MISSING
        if facts[0][Fact.BIRTH_OWN] != 0 and facts[1][Fact.BIRTH_OWN] != 0:
            out[pair, Comparison.BIRTH_DATE] = _birth(facts)
        if facts[0][Fact.SEX_OWN] != 0 and facts[1][Fact.SEX_OWN] != 0:
            out[pair, Comparison.SEX] = _sex(facts[0][Fact.SEX], facts[1][Fact.SEX])
        out[pair, Comparison.MENTION] = _mention(one, other, facts, (nothing, nothing))


def without_numbers(data: Comparable, left: Pairs, right: Pairs, levels: Levels) -> Levels:
    """Levels (m, comparisons) of pairs as they would be if neither record gave its ID number.

    Args:
        data: The records.
        left: Rows (m,).
        right: Rows (m,).
        levels: Result of `compare` for these pairs; left as it is.
    """
    out = levels.copy()
    _hide_numbers(data, left, right, out)
    return out
