"""Person records as columns of numbers, made once: everything that comparing two records reads.

Texts become 64-bit hashes, numbers become packed digits, dates become days. One record's values lie side by side
in memory, because candidate pairs jump from record to record.
"""

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from resolver.errors import LinkageError
from resolver.linkage.cells import Cells, RecordCells, Start, TableCells, run_now
from resolver.linkage.characters import folding
from resolver.linkage.compiled import kernel
from resolver.linkage.dates import birth_level, date_inside, day_inside, packed_date
from resolver.linkage.hashing import Hashes, buffers_of, hash_buffers
from resolver.linkage.levels import BirthDate
from resolver.linkage.lunar import NO_DAY, lunar_as_solar, lunar_of
from resolver.linkage.texts import NameForms, name_forms, pack_digits, schemes, sounds
from resolver.standardize.pinyin import SURNAMES

REGISTER_FEED = "W07"
"""The household register: the one feed in which a person should stand once."""


class Word(IntEnum):
    """Columns of `Columns.words`: hashes (0 = null), and packed digits."""

    NAME = 0
    FOLDED = 1
    SOUND = 2
    LETTERS = 3
    SURNAME = 4
    GIVEN = 5
    FORMER_NAME = 6
    CHILD_OF = 7
    ID_NUMBER = 8
    ID_DIGITS = 9  # the first 16, packed
    ID_REST = 10  # what follows, packed
    PHONE = 11
    PHONE_DIGITS = 12
    REGION = 13
    TOWN = 14
    VILLAGE = 15
    DOOR = 16
    EMPLOYER = 17
    EMPLOYER_CODE = 18
    SOURCE_KEY = 19
    HOUSEHOLD = 20
    AID_HOUSEHOLD = 21
    SPOUSE_NAME = 22
    SPOUSE_ID = 23
    MOTHER_NAME = 24
    MOTHER_ID = 25
    FATHER_NAME = 26
    FATHER_ID = 27
    KIN_NAME = 28
    OTHER_SOUND = 29  # as the name sounds in the second reading of its surname


class Fact(IntEnum):
    """Columns of `Columns.facts` (int32)."""

    NUMBER_STATE = 0  # a `NumberState`
    NUMBER_LENGTH = 1
    NUMBER_DATE = 2  # days; the date inside a valid number
    BIRTH = 3  # days; the record's own birth date, else the number's
    BIRTH_OWN = 4  # 1 if the record has a birth date of its own
    LUNAR = 5  # days; BIRTH's lunar date read as a solar one
    BIRTH_DIGITS = 6  # BIRTH as eight packed digits
    SEX = 7  # the record's own, else the number's; 0 = unknown
    SEX_OWN = 8
    SCHEME = 9
    REGISTER = 10
    KIN = 11  # 1 if any relative is named
    BIRTH_ORDER = 12  # of a newborn without a name (王芳之子大): 1 the first, 2 the second, …; 0 = unknown
    NAME_ALONE = 13  # 1 if nothing is known but a name, and perhaps sex, county and town


class NumberState(IntEnum):
    """How far an ID number can be believed."""

    NONE = 0
    VALID = 1
    DOUBTFUL = 2  # valid, but contradicts the record's own birth date or sex
    DAMAGED = 3
    ROUNDED = 4
    OTHER_DOCUMENT = 5  # a passport or travel permit: says nothing against another kind of number


NO_NUMBER, VALID, OTHER_DOCUMENT, DOUBTFUL = (
    np.int32(state)
    for state in (
        NumberState.NONE,
        NumberState.VALID,
        NumberState.OTHER_DOCUMENT,
        NumberState.DOUBTFUL,
    )
)
"""States as NumPy compares them: with a member of an `IntEnum` that takes ten times as long, and one record's columns
are compared many times for every question that the service answers."""


@dataclass(frozen=True)
class Columns:
    """Records as numbers.

    Attributes:
        record_key: int64 (n,).
        words: uint64 (n, len(Word)).
        facts: int32 (n, len(Fact)).
        chars: Folded characters of all names, uint32 (total,).
        starts: int32 (n + 1,): where each record's name begins in `chars`.
    """

    record_key: NDArray[np.int64]
    words: NDArray[np.uint64]
    facts: NDArray[np.int32]
    chars: NDArray[np.uint32]
    starts: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.record_key)

    def word(self, word: Word) -> Hashes:
        """One column of words (n,), contiguous."""
        return np.ascontiguousarray(self.words[:, word])

    def fact(self, fact: Fact) -> NDArray[np.int32]:
        """One column of facts (n,), contiguous."""
        return np.ascontiguousarray(self.facts[:, fact])


_PLAIN_WORDS: dict[int, str] = {
    Word.NAME: "name",
    Word.SURNAME: "surname",
    Word.GIVEN: "given",
    Word.FORMER_NAME: "former_name",
    Word.PHONE: "phone",
    Word.REGION: "region",
    Word.TOWN: "town",
    Word.VILLAGE: "village",
    Word.DOOR: "address",
    Word.EMPLOYER: "employer",
    Word.EMPLOYER_CODE: "employer_code",
    Word.SOURCE_KEY: "source_key",
    Word.HOUSEHOLD: "household_no",
    Word.AID_HOUSEHOLD: "aid_household_no",
    Word.SPOUSE_NAME: "spouse_name",
    Word.SPOUSE_ID: "spouse_id",
    Word.MOTHER_NAME: "mother_name",
    Word.MOTHER_ID: "mother_id",
    Word.FATHER_NAME: "father_name",
    Word.FATHER_ID: "father_id",
    Word.KIN_NAME: "kin_name",
}
_KIN = (
    Word.SPOUSE_NAME,
    Word.SPOUSE_ID,
    Word.MOTHER_NAME,
    Word.MOTHER_ID,
    Word.FATHER_NAME,
    Word.FATHER_ID,
    Word.KIN_NAME,
)
_TELLING = np.array(
    [
        Word.PHONE,
        Word.VILLAGE,
        Word.DOOR,
        Word.EMPLOYER,
        Word.EMPLOYER_CODE,
        Word.SOURCE_KEY,
        Word.HOUSEHOLD,
        Word.AID_HOUSEHOLD,
    ],
    np.int64,
)
"""What tells somebody from others of the same name, beside number, birth date and relatives."""
_STATES = {
    "valid": VALID,
    "legacy": VALID,
    "checksum": np.int32(NumberState.DAMAGED),
    "format": np.int32(NumberState.DAMAGED),
    "rounded": np.int32(NumberState.ROUNDED),
}
_OTHER_DOCUMENTS = ("passport", "travel_permit")
_HETERONYMS = {surname: readings for surname, readings in SURNAMES.items() if len(readings) > 1}
_NEAR = int(BirthDate.YEAR_OFF)
_BIRTH_ORDERS = {"一": 1, "大": 1, "长": 1, "甲": 1, "二": 2, "小": 2, "次": 2, "乙": 2, "丙": 3, "丁": 4}
"""What stands behind 之子, 之女 or 之婴 where a mother has several newborns."""
COLUMNS_READ = (*_PLAIN_WORDS.values(), "record_key", "feed", "pinyin", "sex", "birth_date")
COLUMNS_READ += ("id_type", "id_number", "id_status")


def in_order(records: pa.Table) -> pa.Table:
    """Records by record key; those that are in order already are not copied."""
    keys = records.column("record_key").to_numpy()
    return records if (keys[1:] > keys[:-1]).all() else records.sort_by("record_key")


def encode(records: pa.Table) -> Columns:
    """Turn person records into numbers.

    Args:
        records: Columns of `PERSON_RECORD_SCHEMA`, sorted by `record_key`.

    Raises:
        LinkageError: A column is missing.
    """
    if missing := sorted(set(COLUMNS_READ) - set(records.column_names)):
        raise LinkageError(
            f"records lack the columns {', '.join(missing)}",
            remedy="Give records as `resolver.standardize` makes them.",
        )
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return _encoded(TableCells(records), records.column("record_key").to_numpy(), pool.submit)


def encode_one(record: Mapping[str, Any]) -> Columns:
    """Turn one person record into numbers without a table: the same as `encode` of its row, at once.

    Args:
        record: Columns of `PERSON_RECORD_SCHEMA` with plain Python values; None or absent = not known.

    Returns:
        One record, with the key −1.
    """
    return _encoded(RecordCells(record), np.array([-1], np.int64), run_now)


def _encoded(cells: Cells, record_key: NDArray[np.int64], start: Start) -> Columns:
    words = np.zeros((len(record_key), len(Word)), np.uint64)
    facts = np.zeros((len(record_key), len(Fact)), np.int32)

    names = start(_names, cells, words)
    jobs = [start(_number, cells, words, facts)]
    jobs += cells.hash_into(words, _PLAIN_WORDS, start)
    jobs += [start(_others, cells, words, facts), start(_other_sounds, cells, words)]
    for job in jobs:
        job.result()
    forms: NameForms = names.result()
    _newborns(cells, words, facts)
    facts[:, Fact.KIN] = (words[:, _KIN] != 0).any(axis=1)
    _birth_and_sex(cells, words, facts)
    _names_alone(_TELLING, words, facts)
    return Columns(record_key, words, facts, forms.chars, forms.starts)


def _names(cells: Cells, words: NDArray[np.uint64]) -> NameForms:
    forms = name_forms(*cells.text("name"), folding())
    words[:, Word.FOLDED] = forms.folded
    words[:, Word.LETTERS] = forms.letters
    words[:, Word.CHILD_OF] = forms.child_of
    words[:, Word.SOUND] = sounds(*cells.text("pinyin"))
    return forms


def _other_sounds(cells: Cells, words: NDArray[np.uint64]) -> None:
    """How names sound in the second reading of their surnames."""
    rows = np.flatnonzero(cells.is_in("surname", tuple(_HETERONYMS)))
    if len(rows):
        both = zip(cells.values("surname", rows), cells.values("pinyin", rows), strict=True)
        other = buffers_of([_other_reading(surname, pinyin) for surname, pinyin in both])
        words[rows, Word.OTHER_SOUND] = sounds(*other)


def _other_reading(surname: str, pinyin: str | None) -> str | None:
    usual, other = _HETERONYMS[surname][:2]
    return other + pinyin[len(usual) :] if pinyin and pinyin.startswith(usual) else None


def _newborns(cells: Cells, words: NDArray[np.uint64], facts: NDArray[np.int32]) -> None:
    """What is known of newborns without a name (王芳之子): a parent's name and, as a rule, that parent's number.

    A number is the child's own only if it holds the child's birth date.
    """
    rows = np.flatnonzero(words[:, Word.CHILD_OF])
    if not len(rows):
        return
    born = cells.number("birth_date", int(NO_DAY))[rows]
    own = (born != NO_DAY) & (born == date_inside(words[rows, Word.ID_DIGITS]))
    male = (words[rows, Word.ID_REST] >> np.uint64(60)) & np.uint64(1) == 1
    father = male & ~own & (facts[rows, Fact.NUMBER_LENGTH] == 18)
    name = np.where(father, Word.FATHER_NAME, Word.MOTHER_NAME)
    number = np.where(father, Word.FATHER_ID, Word.MOTHER_ID)
    words[rows, name] = np.where(words[rows, name] != 0, words[rows, name], words[rows, Word.CHILD_OF])
    taken = np.where(words[rows, number] != 0, words[rows, number], words[rows, Word.ID_NUMBER])
    words[rows, number] = np.where(own, words[rows, number], taken)
    for word in (Word.ID_NUMBER, Word.ID_DIGITS, Word.ID_REST):
        words[rows[~own], word] = 0
    facts[rows[~own], Fact.NUMBER_STATE], facts[rows[~own], Fact.NUMBER_LENGTH] = NumberState.NONE, 0
    for word in (Word.FOLDED, Word.SOUND, Word.OTHER_SOUND, Word.LETTERS, Word.SURNAME, Word.GIVEN):
        words[rows, word] = 0
    facts[rows, Fact.BIRTH_ORDER] = [_BIRTH_ORDERS.get(name[-1], 0) for name in cells.values("name", rows)]


def _others(cells: Cells, words: NDArray[np.uint64], facts: NDArray[np.int32]) -> None:
    packed, lengths = pack_digits(*cells.text("phone"))
    words[:, Word.PHONE_DIGITS] = np.where(lengths <= 16, packed[:, 0], 0)
    facts[:, Fact.SCHEME] = schemes(*cells.text("source_key"))
    facts[:, Fact.REGISTER] = cells.is_in("feed", (REGISTER_FEED,))


def _number(cells: Cells, words: NDArray[np.uint64], facts: NDArray[np.int32]) -> None:
    state = np.zeros(len(words), np.int32)
    for name, value in _STATES.items():
        state[cells.is_in("id_status", (name,))] = value
    buffers = cells.text("id_number")
    packed, lengths = pack_digits(*buffers)
    other = cells.is_in("id_type", _OTHER_DOCUMENTS) | (lengths != 18)
    state[other & (state == VALID)] = OTHER_DOCUMENT
    hashes = hash_buffers(*buffers)
    hashes[state == NO_NUMBER] = 0
    state[hashes == 0] = NO_NUMBER
    words[:, Word.ID_NUMBER] = hashes
    words[:, Word.ID_DIGITS], words[:, Word.ID_REST] = packed[:, 0], packed[:, 1]
    facts[:, Fact.NUMBER_STATE], facts[:, Fact.NUMBER_LENGTH] = state, lengths


def _birth_and_sex(cells: Cells, words: NDArray[np.uint64], facts: NDArray[np.int32]) -> None:
    own = cells.number("birth_date", int(NO_DAY)), cells.number("sex", 0)
    _births_and_sexes(own, lunar_as_solar(), words, facts)


@kernel
def _births_and_sexes(
    own: tuple[NDArray[np.int32], NDArray[np.int32]],
    lunar: NDArray[np.int32],
    words: NDArray[np.uint64],
    facts: NDArray[np.int32],
) -> None:
    """Birth dates and sexes, a record's own or else its number's; a valid number that contradicts its own is doubtful.

    A number of the other sex may be another one's altogether, so that his birth date is not taken from it.

    One loop, for one record is read like a million, and NumPy takes as long for one as for hundreds.
    """
    for row in range(facts.shape[0]):
        born, sex = own[0][row], own[1][row]
        valid = facts[row, Fact.NUMBER_STATE] == VALID
        inside, number_sex = int(NO_DAY), 0
        if valid:
            inside = day_inside(words[row, Word.ID_DIGITS])
            number_sex = 1 if (words[row, Word.ID_REST] >> np.uint64(60)) & np.uint64(1) else 2
        other_sex = valid and sex > 0 and sex != number_sex
        birth = born if born != NO_DAY or other_sex else inside
        facts[row, Fact.NUMBER_DATE] = inside
        facts[row, Fact.BIRTH] = birth
        facts[row, Fact.BIRTH_OWN] = born != NO_DAY
        facts[row, Fact.LUNAR] = lunar_of(birth, lunar)
        facts[row, Fact.BIRTH_DIGITS] = packed_date(birth)
        facts[row, Fact.SEX] = sex if sex > 0 else number_sex
        facts[row, Fact.SEX_OWN] = sex > 0
        if other_sex or (valid and _far_dates(born, inside, lunar)):
            facts[row, Fact.NUMBER_STATE] = DOUBTFUL


@kernel
def _names_alone(telling: NDArray[np.int64], words: NDArray[np.uint64], facts: NDArray[np.int32]) -> None:
    """Which records say nothing of a person but the name: `Fact.NAME_ALONE`."""
    for row in range(facts.shape[0]):
        alone = words[row, Word.NAME] != 0 and facts[row, Fact.NUMBER_STATE] == NO_NUMBER
        alone = alone and facts[row, Fact.BIRTH] == NO_DAY and facts[row, Fact.KIN] == 0
        if alone:
            for word in telling:
                alone = alone and words[row, word] == 0
        facts[row, Fact.NAME_ALONE] = alone


@kernel
def _far_dates(one: int, other: int, lunar: NDArray[np.int32]) -> bool:
    """Whether two days, both known, are not one date in two ways: lunar, swapped, a digit wrong, a year off."""
    if one == NO_DAY or other == NO_DAY:  # noqa: PLR1714 - of two types, which numba puts in no tuple to search
        return False
    digits = packed_date(one), packed_date(other)
    level = birth_level((one, other), digits, (int(lunar_of(one, lunar)), int(lunar_of(other, lunar))))
    return bool(level > _NEAR)
