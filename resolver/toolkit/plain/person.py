"""One record in plain values: what it says of a person, and what follows from that, derived the obvious way.

Everything here is worked out anew from the record's texts with the standard library, without the engine's columns of
hashes and packed digits; the two agree because tests hold them against each other.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from resolver.linkage.characters import folding
from resolver.linkage.columns import REGISTER_FEED, NumberState
from resolver.standardize.pinyin import SURNAMES
from resolver.toolkit.plain.dates import is_one_date

_STATES = {
    "valid": NumberState.VALID,
    "legacy": NumberState.VALID,
    "checksum": NumberState.DAMAGED,
    "format": NumberState.DAMAGED,
    "rounded": NumberState.ROUNDED,
}
_OTHER_DOCUMENTS = ("passport", "travel_permit")
_DIGITS = re.compile(r"[0-9]{0,31}[0-9X]")
_NOT_HEARD = re.compile(r"(?<=[zcs])h|(?<=n)g| ")
"""What many speakers do not tell apart: zh and z, ch and c, sh and s, final ng and n."""

COMPARED_AS_THEY_STAND = (
    "name", "surname", "given", "former_name", "phone", "region", "town", "village", "address", "employer",
    "employer_code", "source_key", "household_no", "aid_household_no", "spouse_name", "spouse_id", "mother_name",
    "mother_id", "father_name", "father_id", "kin_name",
)  # fmt: skip
_NAME_ALONE = {"name", "surname", "given", "former_name", "region", "town"}
_CHILD_OF = ("之子", "之女", "之婴")
_BIRTH_ORDERS = {"一": 1, "大": 1, "长": 1, "甲": 1, "二": 2, "小": 2, "次": 2, "乙": 2, "丙": 3, "丁": 4}
Row = Mapping[str, object]


@dataclass(frozen=True)
class Number:
    """An ID number.

    Attributes:
        text: As compared for equality; None if the record has none that says anything.
        digits: The digits, if it is nothing but digits (the last may be X); else empty.
        state: How far it can be believed.
        day: The date inside a valid one.
    """

    text: str | None
    digits: str
    state: NumberState
    day: date | None


@dataclass(frozen=True)
class Birth:
    """A birth date, or the valid number's where the record has none.

    Attributes:
        day: The date.
        own: Whether it is the record's own.
    """

    day: date | None
    own: bool


@dataclass(frozen=True)
class Sex:
    """A sex (1 male, 2 female, 0 unknown), or the valid number's, and whether it is the record's own."""

    code: int
    own: bool


@dataclass(frozen=True, eq=False)
class Person:
    """What one record says.

    Attributes:
        texts: The columns that are compared as they stand; those that say nothing are left out.
        folded: The name with variant characters made one, and dots left out.
        sound: Pinyin without what is not told apart; None without pinyin.
        other_sound: The same in the second reading of the surname; None if it has one only.
        parent: The parent's name inside a newborn's (王芳之子 -> 王芳); None if there is none.
        birth_order: Of such a newborn (王芳之子大): 1 the first, 2 the second, …; 0 = not said.
        number: The ID number.
        birth: The birth date.
        sex: The sex.
        registered: Whether the record is an entry of the household register.
    """

    texts: dict[str, str]
    folded: str
    sound: str | None
    other_sound: str | None
    parent: str | None
    birth_order: int
    number: Number
    birth: Birth
    sex: Sex
    registered: bool

    def __getitem__(self, column: str) -> str | None:
        """Text of a column."""
        return self.texts.get(column)

    @property
    def letters(self) -> str | None:
        """Characters of the folded name, sorted; None without a name."""
        return "".join(sorted(self.folded)) or None

    @property
    def name_alone(self) -> bool:
        """Whether nothing is known but a name, and perhaps sex, county and town."""
        known = self.number.state != NumberState.NONE or self.birth.day is not None
        return "name" in self.texts and not known and self.texts.keys() <= _NAME_ALONE

    @property
    def description(self) -> tuple[object, ...]:
        """All that the record says but for the source's own key: equal for records that say the same."""
        texts = sorted((column, text) for column, text in self.texts.items() if column != "source_key")
        return (
            *texts,
            self.folded,
            self.sound,
            self.other_sound,
            self.number,
            self.birth,
            self.sex,
            self.registered,
        )


def person(row: Row) -> Person:
    """Read a record.

    Args:
        row: Column of `PERSON_RECORD_SCHEMA` -> value; texts as str or None, `birth_date` as a date or None, `sex` as
            int or None.
    """
    texts = {column: str(row[column]) for column in COMPARED_AS_THEY_STAND if row[column]}
    name = texts.get("name", "")
    parent = _parent(name)
    own = row["birth_date"]
    birth = own if isinstance(own, date) else None
    sex = row["sex"] if isinstance(row["sex"], int) else 0
    number, number_sex = _number(row, birth, sex)
    if parent is not None:
        texts, number = _newborn(texts, parent, number, birth)
        number_sex = number_sex if number.text else 0
    # without a date of its own only the sex can make a number doubtful
    inside = None if birth is None and number.state == NumberState.DOUBTFUL else number.day
    pinyin = str(row["pinyin"]) if row["pinyin"] and parent is None else None
    return Person(
        texts=texts,
        folded="" if parent else fold(name),
        sound=pinyin and _heard(pinyin),
        other_sound=pinyin and _other_sound(texts.get("surname", ""), pinyin),
        parent=parent,
        birth_order=_BIRTH_ORDERS.get(name[-1], 0) if parent else 0,
        number=number,
        birth=Birth(birth or inside, birth is not None),
        sex=Sex(sex or number_sex, sex > 0),
        registered=row["feed"] == REGISTER_FEED,
    )


def _newborn(
    texts: dict[str, str], parent: str, number: Number, birth: date | None
) -> tuple[dict[str, str], Number]:
    """What a newborn without a name says: a parent's name, and that parent's number unless it holds the child's day.

    The number of a man is the father's, any other one the mother's.
    """
    own = birth is not None and _date_inside(number.digits) == birth
    father = not own and len(number.digits) == 18 and number.digits[16] in "13579"
    whose = "father" if father else "mother"
    known = {f"{whose}_name": parent}
    if number.text and not own:
        known[f"{whose}_id"] = number.text
    kept = {column: text for column, text in texts.items() if column not in ("surname", "given")}
    return known | kept, number if own else Number(None, "", NumberState.NONE, None)


def _heard(pinyin: str) -> str:
    return _NOT_HEARD.sub("", pinyin)


def _other_sound(surname: str, pinyin: str) -> str | None:
    readings = SURNAMES.get(surname, ())
    if len(readings) < 2 or not pinyin.startswith(readings[0]):
        return None
    return _heard(readings[1] + pinyin.removeprefix(readings[0]))


def fold(name: str) -> str:
    """A name with variant characters made one; dots and spaces left out."""
    return "".join(chr(folding()[ord(c)]) if ord(c) < len(folding()) else c for c in name).replace("\0", "")


def _parent(name: str) -> str | None:
    """What stands before 之子, 之女 or 之婴: two Han characters or more (six bytes), and a mark may follow."""
    for place in range(len(name)):
        before, after = name[:place].encode(), name[place + 2 :].encode()
        if name[place : place + 2] in _CHILD_OF and len(before) >= 6 and len(after) <= 3:
            return name[:place]
    return None


def _number(row: Row, birth: date | None, sex: int) -> tuple[Number, int]:
    """The ID number, and the sex inside a valid one (else 0)."""
    text = str(row["id_number"] or "")
    digits = text if _DIGITS.fullmatch(text) else ""
    state = _STATES.get(str(row["id_status"]), NumberState.NONE) if text else NumberState.NONE
    if state == NumberState.VALID and (row["id_type"] in _OTHER_DOCUMENTS or len(digits) != 18):
        state = NumberState.OTHER_DOCUMENT
    known = None if state == NumberState.NONE else text
    if state != NumberState.VALID:
        return Number(known, digits, state, None), 0
    day, number_sex = _date_inside(digits), 1 if int(digits[16]) % 2 else 2
    far = birth is not None and day is not None and not is_one_date(birth, day)
    if far or (sex and sex != number_sex):
        state = NumberState.DOUBTFUL
    return Number(known, digits, state, day), number_sex


def _date_inside(digits: str) -> date | None:
    """The seventh to fourteenth digit as a date; digits that are not there count as 0."""
    whole = digits.ljust(14, "0")
    try:
        day = date(int(whole[6:10]), int(whole[10:12]), int(whole[12:14]))
    except ValueError:
        return None
    return day if 1880 <= day.year < 2100 else None
