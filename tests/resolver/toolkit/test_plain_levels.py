"""Compiled comparison and blocking keys against the plain ones, on records drawn at random; distances by jellyfish."""

from datetime import date, timedelta
from typing import Any

import jellyfish
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.identifiers import resident_id
from resolver.identifiers.person_number import check_character
from resolver.linkage.atoms import ATOMS
from resolver.linkage.blocking import rule_keys
from resolver.linkage.characters import look_alikes
from resolver.linkage.columns import Fact, encode
from resolver.linkage.comparison import N_BANDS, comparable, compare
from resolver.linkage.levels import LEVELS, MISSING, BirthDate, Comparison, IdNumber, Mention, Phone
from resolver.linkage.settings import BlockingRule, person_settings
from resolver.standardize.schema import PERSON_RECORD_SCHEMA
from resolver.toolkit.plain.dates import birth_level, written_lunar
from resolver.toolkit.plain.keys import ATOMS as PLAIN_ATOMS
from resolver.toolkit.plain.keys import rule_key
from resolver.toolkit.plain.levels import Bands, Known, level_number
from resolver.toolkit.plain.numbers import phone_level
from resolver.toolkit.plain.person import person

Row = dict[str, Any]
ALIKE = frozenset((chr(pair >> 32), chr(pair & 0xFFFFFFFF)) for pair in look_alikes().tolist())


def valid_number(region: str, born: date, order: int) -> str:
    body = f"{region}{born:%Y%m%d}{order:03d}"
    return body + check_character(body)


# Few values, so that records drawn at random agree, nearly agree and conflict.
DAYS = st.sampled_from(
    [date(1987, 2, 10), date(1987, 10, 2), date(1987, 2, 11), date(1978, 2, 10), date(1988, 2, 10), date(1987, 1, 12),
     date(1987, 3, 9), date(1960, 7, 25), date(1988, 2, 29), date(1987, 2, 28), date(1978, 3, 1)]
) | st.dates(date(1885, 1, 1), date(2055, 12, 31))  # fmt: skip
NAMES = st.text("王李小明伟芳之?艳燕未末鍾钟·𠮷", min_size=1, max_size=5) | st.sampled_from(
    ["王芳", "王芳之子", "王芳之子大", "王芳之子小", "王芳之之子", "王𠮷芳之女", "王𠮷芳", "?王之子", "阿不都热依木江",
     "阿不都热", "阿依·古丽", "WANG FANG", "张李氏", "李氏", "李秀英", "张李秀英", "单伟"]
)  # fmt: skip
PINYIN = st.sampled_from(
    ["wang fang", "wan fan", "shan wei", "dan wei", "zhong wei", "zong wei", "sheng", "sen", "li na"]
)
PHONES = st.text("0123456789", min_size=1, max_size=17) | st.sampled_from(
    ["13812345678", "13812345679", "13812345687", "1381234567", "0631-5223344", "00000", "1381234567X"]
)


@st.composite
def numbers(draw: st.DrawFn) -> Row:
    """An ID number, whole or damaged in some way, with the status that standardisation gives it."""
    whole = valid_number(draw(st.sampled_from(["371002", "371003"])), draw(DAYS), draw(st.integers(0, 3)))
    kind = draw(st.sampled_from(["whole", "digit", "swap", "lost", "cut", "rounded", "passport", "none"]))
    place = draw(st.integers(0, 16))
    if kind == "digit":
        whole = whole[:place] + draw(st.sampled_from("0123456789")) + whole[place + 1 :]
    elif kind == "swap":
        whole = whole[:place] + whole[place + 1] + whole[place] + whole[place + 2 :]
    elif kind == "lost":
        whole = whole[:place] + whole[place + 1 :]
    elif kind == "cut":
        whole = whole[:place]
    elif kind == "rounded":
        return {"id_number": whole[:15] + "000", "id_status": "rounded", "id_type": "resident"}
    elif kind == "passport":
        return {
            "id_number": draw(st.sampled_from(["E1234", "E1235"])),
            "id_status": "valid",
            "id_type": "passport",
        }
    elif kind == "none":
        return {"id_number": draw(st.sampled_from([None, "无"])), "id_status": "missing", "id_type": None}
    status = "valid" if resident_id.is_valid(whole) else "checksum" if len(whole) == 18 else "format"
    return {"id_number": whole or None, "id_status": status if whole else "missing", "id_type": "resident"}


@st.composite
def rows(draw: st.DrawFn) -> Row:
    """A record of any content; half of its columns are empty."""

    def maybe(values: st.SearchStrategy[Any]) -> Any:
        return draw(st.none() | values)

    name = maybe(NAMES)
    return {
        "feed": draw(st.sampled_from(["W07", "W29"])),
        "role": "person",
        "source_key": maybe(st.sampled_from(["a:1", "a:2", "b:1", "1", "2", ":1"])),
        "name": name,
        "surname": name[:1] if name and len(name) > 1 else None,
        "given": name[1:] if name and len(name) > 1 else None,
        "pinyin": maybe(PINYIN),
        "former_name": maybe(NAMES),
        "sex": maybe(st.sampled_from([1, 2])),
        "birth_date": maybe(DAYS),
        **draw(numbers()),
        "phone": maybe(PHONES),
        **{column: maybe(st.sampled_from(["x", "y"])) for column in (
            "region", "town", "village", "address", "employer", "employer_code", "household_no", "aid_household_no",
        )},
        **{f"{kin}_name": maybe(NAMES) for kin in ("spouse", "mother", "father", "kin")},
        **{f"{kin}_id": maybe(numbers().map(lambda row: row["id_number"])) for kin in ("spouse", "mother", "father")},
    }  # fmt: skip


def table(*drawn: Row) -> pa.Table:
    listed = [{"record_key": place, **row} for place, row in enumerate(drawn)]
    return pa.Table.from_pylist(listed, schema=PERSON_RECORD_SCHEMA)


BANDS = st.tuples(
    st.integers(0, 3), st.integers(0, 2), st.integers(0, 1), st.integers(0, 1), st.sampled_from([0, 0, 0, 1])
)


@given(one=rows(), change=rows(), kept=st.sets(st.sampled_from(PERSON_RECORD_SCHEMA.names[3:])), bands=BANDS)
@settings(max_examples=120, deadline=None)
def test_every_comparison_is_what_it_says(
    one: Row, change: Row, kept: set[str], bands: tuple[int, ...]
) -> None:
    """The second record says the same as the first one in some columns, and anything in the others."""
    other = change | {column: one[column] for column in kept}
    columns = encode(table(one, other))
    rare = np.array([bands, bands], np.uint8)
    data = comparable(columns, rare, look_alikes())
    fast = compare(data, np.array([0, 1], np.int32), np.array([1, 0], np.int32))
    known = [Known(person(row), Bands(*bands), ALIKE) for row in (one, other)]
    for comparison in Comparison:
        expected = [level_number(comparison, *known), level_number(comparison, *known[::-1])]
        assert fast[:, comparison].tolist() == expected, comparison.name


@given(drawn=st.lists(rows(), min_size=2, max_size=6), same=st.sampled_from(PERSON_RECORD_SCHEMA.names[3:]))
@settings(max_examples=50, deadline=None)
def test_every_blocking_key_is_what_it_says(drawn: list[Row], same: str) -> None:
    """Two records have the same key where, and only where, they have the same values."""
    drawn[1] = drawn[1] | {same: drawn[0][same]}
    settings_ = person_settings()
    rules = settings_.blocking.rules + settings_.training.wide_rules
    rules += tuple(BlockingRule(name, (name,)) for name in ATOMS)
    fast = rule_keys(encode(table(*drawn)), rules)
    people = [person(row) for row in drawn]
    for place, rule in enumerate(rules):
        slow = [rule_key(each, rule) for each in people]
        assert [key == 0 for key in fast[:, place]] == [key is None for key in slow], rule.name
        for a in range(len(drawn)):
            for b in range(a):
                both = slow[a] is not None and slow[b] is not None
                assert (both and slow[a] == slow[b]) == (both and fast[a, place] == fast[b, place]), rule.name


@pytest.mark.parametrize("column", [name for name in PERSON_RECORD_SCHEMA.names[3:] if name != "name"])
def test_a_name_alone_is_one_beside_which_nothing_tells(column: str) -> None:
    said: Row = {"birth_date": date(1987, 2, 10), "sex": 1, "id_status": "missing", "id_type": "resident"}
    row = _nothing() | {"name": "王芳", column: said.get(column, "x")}
    if column == "id_number":
        row["id_status"] = "format"
    says_little = {
        "pinyin",
        "surname",
        "given",
        "former_name",
        "region",
        "town",
        "sex",
        "id_status",
        "id_type",
    }
    expected = column in says_little
    assert encode(table(row)).facts[0, Fact.NAME_ALONE] == person(row).name_alone == expected
    assert not encode(table(row | {"name": None})).facts[0, Fact.NAME_ALONE]


@given(row=rows(), told=st.sets(st.sampled_from(PERSON_RECORD_SCHEMA.names[3:]), max_size=4))
def test_who_is_known_by_a_name_alone(row: Row, told: set[str]) -> None:
    some = _nothing() | {column: row[column] for column in told | {"name"}}
    assert encode(table(some)).facts[0, Fact.NAME_ALONE] == person(some).name_alone


def test_both_know_the_same_atoms() -> None:
    assert set(PLAIN_ATOMS) == set(ATOMS)


def test_a_newborn_of_a_parent_with_a_rare_character() -> None:
    """𠮷 takes four bytes in UTF-8; the compiled search for 之 must not step over it."""
    one, other = (_nothing() | {"name": name} for name in ("王𠮷芳", "王𠮷芳之女"))
    data = comparable(encode(table(one, other)), np.zeros((2, N_BANDS), np.uint8), look_alikes())
    level = compare(data, np.array([0], np.int32), np.array([1], np.int32))[0, Comparison.MENTION]
    assert level == Mention.BY_NAME


DIGITS = st.text("0123456789", min_size=8, max_size=17)


@given(
    one=DIGITS, place=st.integers(0, 16), other=DIGITS, edit=st.sampled_from(["set", "swap", "drop", "none"])
)
@settings(max_examples=150, deadline=None)
def test_damaged_numbers_compare_by_edit_distance(one: str, place: int, other: str, edit: str) -> None:
    """One digit is 1 by Hamming, a swap of neighbours 1 by Damerau and Levenshtein, a lost digit 1 by Levenshtein."""
    place %= len(one) - 1
    edits = {
        "set": one[:place] + other[0] + one[place + 1 :],
        "swap": one[:place] + one[place + 1] + one[place] + one[place + 2 :],
        "drop": one[:place] + one[place + 1 :],
        "none": other,
    }
    two = edits[edit]
    records = table(*({**_nothing(), "id_number": text, "id_status": "checksum"} for text in (one, two)))
    data = comparable(encode(records), np.zeros((2, N_BANDS), np.uint8), look_alikes())
    level = compare(data, np.array([0], np.int32), np.array([1], np.int32))[0, Comparison.ID_NUMBER]
    assert level == _number_by_distance(one, two)


def _nothing() -> Row:
    return dict.fromkeys(PERSON_RECORD_SCHEMA.names[1:]) | {"feed": "W29", "role": "person"}


def _number_by_distance(one: str, other: str) -> IdNumber:
    if one == other:
        return IdNumber.SAME_DAMAGED
    if len(one) == len(other):
        if jellyfish.hamming_distance(one, other) == 1:
            return IdNumber.LENGTH if one[-1] != other[-1] else IdNumber.ONE_DIGIT
        if jellyfish.damerau_levenshtein_distance(one, other) == 1:
            return IdNumber.TRANSPOSED
    shorter, longer = sorted((one, other), key=len)
    if (
        len(longer) == len(shorter) + 1
        and len(shorter) >= 8
        and jellyfish.levenshtein_distance(one, other) == 1
    ):
        return IdNumber.LENGTH
    cut = len(shorter) >= 14 and len(shorter) < len(longer) and longer.startswith(shorter)
    return IdNumber.READABLE_PART if cut else IdNumber.DAMAGED_DIFFERENT


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (date(1987, 2, 10), date(1987, 2, 10), BirthDate.SAME),
        (date(2024, 2, 10), date(2024, 1, 1), BirthDate.LUNAR),  # the Spring Festival of 2024
        (date(1987, 2, 10), date(1987, 10, 2), BirthDate.SWAPPED),
        (date(1987, 2, 10), date(1987, 2, 19), BirthDate.ONE_DIGIT),
        (date(1987, 2, 10), date(1978, 2, 10), BirthDate.TRANSPOSED),
        (date(1989, 2, 10), date(1990, 2, 10), BirthDate.YEAR_OFF),
        (date(1987, 2, 10), date(1987, 11, 28), BirthDate.SAME_YEAR),
        (date(1987, 2, 10), date(1960, 7, 25), BirthDate.DIFFERENT),
        (date(2016, 2, 29), date(2006, 2, 28), BirthDate.ONE_DIGIT),
        (date(2016, 2, 29), date(2006, 3, 1), BirthDate.ONE_DIGIT),
        (date(2000, 2, 29), date(1999, 2, 28), BirthDate.YEAR_OFF),
        (date(2016, 2, 29), date(2012, 2, 28), BirthDate.DIFFERENT),  # 2012 has a 29th
    ],
)
def test_birth_dates_in_plain_values(one: date, other: date, expected: BirthDate) -> None:
    assert birth_level(one, other) == birth_level(other, one) == expected


def test_a_lunar_date_that_the_solar_calendar_lacks() -> None:
    written = [written_lunar(date(2000, 1, 1) + timedelta(days=day)) for day in range(366)]
    assert None in written
    assert written_lunar(date(2100, 1, 1)) is None


@pytest.mark.parametrize(
    ("one", "other", "band", "expected"),
    [
        ("13812345678", "13812345678", 0, Phone.SAME),
        ("13812345678", "13812345678", 1, Phone.SAME_SHARED),
        ("13812345678", "13812345678", 2, None),
        ("13812345678", "13812345687", 0, Phone.ONE_DIGIT),
        ("13812345678", None, 0, None),
        ("0631-5223344", "0631-5223345", 0, Phone.DIFFERENT),
    ],
)
def test_phones_in_plain_values(one: str, other: str | None, band: int, expected: Phone | None) -> None:
    assert phone_level(one, other, band) == expected


def test_levels_are_numbered_as_the_engine_numbers_them() -> None:
    known = Known(person(_nothing()), Bands(0, 0, 0, 0, 0), ALIKE)
    assert {level_number(comparison, known, known) for comparison in LEVELS} == {MISSING}
