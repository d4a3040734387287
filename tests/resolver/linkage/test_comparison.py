"""The compiled comparison against a slow one that says the same in plain words."""

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resolver.linkage.characters import folding, look_alikes
from resolver.linkage.columns import encode
from resolver.linkage.comparison import N_BANDS, comparable, compare
from resolver.linkage.levels import LEVELS, MISSING, Comparison

Build = Callable[[list[dict[str, Any]]], pa.Table]
Number = Callable[[str, date, int], str]
BORN = date(1987, 2, 10)


def levels(table: pa.Table) -> dict[str, str]:
    """Levels of the first two records, by name; those that are missing are left out."""
    columns = encode(table)
    data = comparable(columns, np.zeros((len(columns), N_BANDS), np.uint8), look_alikes())
    there = compare(data, np.array([0], np.int32), np.array([1], np.int32))[0]
    back = compare(data, np.array([1], np.int32), np.array([0], np.int32))[0]
    assert (there == back).all(), "a comparison depends on the order of its records"
    return {c.name: LEVELS[c](there[c]).name for c in Comparison if there[c] != MISSING}


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("王伟", "王伟", "SAME_RARE"),
        ("鍾伟", "钟伟", "VARIANT"),
        ("阿依·古丽", "阿依古丽", "VARIANT"),
        ("王艳", "王燕", "HOMOPHONE"),
        ("张颖", "章颖", "HOMOPHONE"),
        ("王未", "王末", "LOOK_ALIKE"),
        ("王小□", "王小伟", "LOOK_ALIKE"),
        ("王?", "王伟", "LOOK_ALIKE"),
        ("王小明", "王明小", "ORDER"),
        ("王小明", "王明", "SHORTENED"),
        ("阿不都热依木江", "阿不都热", "SHORTENED"),
        ("王建军", "王建国", "ONE_CHARACTER"),
        ("王小明", "李小明", "GIVEN_ONLY"),
        ("王伟", "王芳", "SURNAME_ONLY"),
        ("王伟", "李娜", "DIFFERENT"),
        ("欧阳娜娜", "王伟", "DIFFERENT"),
    ],
)
def test_names(records: Build, one: str, other: str, expected: str) -> None:
    assert levels(records([{"name": one}, {"name": other}])) == {"NAME": expected}


def test_a_former_name(records: Build) -> None:
    assert levels(records([{"name": "王伟", "former_name": "王狗剩"}, {"name": "王狗剩"}])) == {
        "NAME": "FORMER"
    }


def damaged(text: str, status: str = "checksum") -> dict[str, Any]:
    return {"id_number": text, "id_status": status}


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (damaged("371002198702100017", "valid"), None),  # replaced below by the same number
        (damaged("371002198702100018"), "LENGTH"),
        (damaged("371002198702110010"), "DAMAGED_DIFFERENT"),
        (damaged("37100219870210001", "format"), "LENGTH"),
        (damaged("3710021987021000", "format"), "READABLE_PART"),
        (damaged("371002198702100000", "rounded"), "READABLE_PART"),
        (damaged("371003199912310000", "rounded"), "DAMAGED_DIFFERENT"),
    ],
)
def test_damaged_numbers(
    records: Build, resident_number: Number, other: dict[str, Any], expected: str | None
) -> None:
    valid = resident_number("371002", BORN, 1)
    if expected is None:
        other, expected = {"id_number": valid}, "SAME"
    assert levels(records([{"id_number": valid}, other]))["ID_NUMBER"] == expected


def test_one_digit_and_swapped_digits(records: Build, resident_number: Number) -> None:
    valid = resident_number("371002", BORN, 123)
    wrong = valid[:9] + str((int(valid[9]) + 5) % 10) + valid[10:]
    swapped = valid[:14] + valid[15] + valid[14] + valid[16:]
    assert levels(records([{"id_number": valid}, damaged(wrong)]))["ID_NUMBER"] == "ONE_DIGIT"
    assert levels(records([{"id_number": valid}, damaged(swapped)]))["ID_NUMBER"] == "TRANSPOSED"


def test_two_valid_numbers(records: Build, resident_number: Number) -> None:
    one = resident_number("371002", BORN, 1)
    others = {
        "SAME_DAY_AND_PLACE": resident_number("371002", BORN, 3),
        "SAME_DAY": resident_number("371003", BORN, 1),
        "NEAR_DAY": resident_number("371002", date(1987, 2, 11), 1),
        "DIFFERENT": resident_number("371002", date(1960, 7, 25), 1),
    }
    for expected, other in others.items():
        assert levels(records([{"id_number": one}, {"id_number": other}])) == {"ID_NUMBER": expected}


def test_a_number_that_contradicts_its_own_record_is_doubted(records: Build, resident_number: Number) -> None:
    own = resident_number("371002", BORN, 1)
    mothers = resident_number("371002", date(1960, 7, 25), 2)
    child = {"id_number": mothers, "birth_date": BORN, "sex": 1}
    found = levels(records([child, {"id_number": own, "birth_date": BORN, "sex": 1}]))
    assert found == {"ID_NUMBER": "DOUBTFUL_DIFFERENT", "BIRTH_DATE": "SAME", "SEX": "SAME"}
    found = levels(records([child, {"id_number": mothers, "birth_date": date(1960, 7, 25), "sex": 2}]))
    assert found == {"ID_NUMBER": "SAME", "BESIDE_NUMBER": "CONFLICTS"}


def test_what_the_number_says_is_not_counted_twice(records: Build, resident_number: Number) -> None:
    number = resident_number("371002", BORN, 1)
    whole = {"id_number": number, "birth_date": BORN, "sex": 1}
    assert levels(records([whole, whole])) == {"ID_NUMBER": "SAME", "BESIDE_NUMBER": "AGREES"}
    assert levels(records([whole, {**whole, "sex": 2}]))["BESIDE_NUMBER"] == "SEX"
    bare = {"birth_date": BORN, "sex": 1}
    assert levels(records([{"id_number": number}, bare])) == {"BIRTH_DATE": "SAME", "SEX": "SAME"}


def test_papers_of_another_kind_say_nothing(records: Build, resident_number: Number) -> None:
    passport = {"id_number": "E12345678", "id_type": "passport", "id_status": "valid"}
    assert "ID_NUMBER" not in levels(records([{"id_number": resident_number("371002", BORN, 1)}, passport]))
    assert levels(records([passport, passport]))["ID_NUMBER"] == "SAME"


PLACE = {"region": "371002", "town": "张村镇", "village": "王家疃村", "address": "12号"}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, "SAME_DOOR"),
        ({"address": None}, "SAME_VILLAGE"),
        ({"address": "13号"}, "OTHER_DOOR"),
        ({"village": None, "address": None}, "SAME_TOWN"),
        ({"village": "李家村"}, "SAME_TOWN"),
        ({"town": None, "village": None, "address": None}, "SAME_COUNTY"),
        ({"town": "草庙子镇"}, "SAME_COUNTY"),
        ({"region": "371003"}, "DIFFERENT"),
    ],
)
def test_addresses(records: Build, change: dict[str, Any], expected: str) -> None:
    assert levels(records([PLACE, {**PLACE, **change}])) == {"ADDRESS": expected}


def test_phones(records: Build) -> None:
    for other, expected in [
        ("13812345678", "SAME"),
        ("13812345679", "ONE_DIGIT"),
        ("13812345687", "ONE_DIGIT"),
        ("13912345778", "DIFFERENT"),
    ]:
        assert levels(records([{"phone": "13812345678"}, {"phone": other}])) == {"PHONE": expected}


def test_source_keys_are_compared_within_a_scheme(records: Build) -> None:
    keys = ["psn_no:1", "psn_no:1", "psn_no:2", "pension_no:1"]
    rows = [{"source_key": key} for key in keys]
    assert levels(records([rows[0], rows[1]])) == {"SOURCE_KEY": "SAME"}
    assert levels(records([rows[0], rows[2]])) == {"SOURCE_KEY": "DIFFERENT"}
    assert levels(records([rows[0], rows[3]])) == {}


def test_relatives(records: Build, resident_number: Number) -> None:
    mother = {"name": "刘芳", "id_number": resident_number("371002", BORN, 2)}
    child = {"name": "王小明", "mother_name": "刘芳", "mother_id": mother["id_number"]}
    assert levels(records([mother, child]))["MENTION"] == "BY_NUMBER"
    assert levels(records([{"name": "刘芳"}, child]))["MENTION"] == "BY_NAME"
    assert levels(records([{"name": "刘芳"}, {"name": "刘芳之子"}]))["MENTION"] == "BY_NAME"
    assert levels(records([{"name": "王小明"}, child]))["MENTION"] == "NOT_MENTIONED"
    head = {"name": "刘芳", "kin_name": "刘芳"}
    assert levels(records([head, {"name": "刘芳"}]))["MENTION"] == "NOT_MENTIONED"


def test_parents_and_spouses(records: Build) -> None:
    one = {"mother_name": "刘芳", "father_name": "王伟", "spouse_name": "李娜"}
    cases: list[tuple[dict[str, Any], str, str]] = [
        ({}, "PARENTS", "SAME"),
        ({"father_name": "李强"}, "PARENTS", "PARTLY"),
        ({"father_name": None}, "PARENTS", "SAME"),
        ({"father_name": "李强", "mother_name": "赵敏"}, "PARENTS", "DIFFERENT"),
        ({}, "SPOUSE", "SAME_NAME"),
        ({"spouse_name": "赵敏"}, "SPOUSE", "DIFFERENT"),
    ]
    for change, key, expected in cases:
        assert levels(records([one, {**one, **change}]))[key] == expected


def test_two_entries_of_the_register(records: Build, resident_number: Number) -> None:
    one = {"feed": "W07", "id_number": resident_number("371002", BORN, 1)}
    other = {"feed": "W07", "id_number": resident_number("371002", date(1960, 7, 25), 1)}
    assert levels(records([one, other]))["REGISTER"] == "TWO_ENTRIES"
    assert levels(records([one, one]))["REGISTER"] == "COMPATIBLE"
    assert "REGISTER" not in levels(records([one, {**other, "feed": "W29"}]))
    home = {"household_no": "H7"}
    assert levels(records([{**one, **home}, {**other, **home}]))["REGISTER"] == "TWO_IN_HOUSEHOLD"
    damaged = {**other, "id_number": "371002196007250019", "id_status": "checksum"}
    assert "REGISTER" not in levels(records([one, damaged]))


def test_records_that_say_nothing_are_neutral(records: Build) -> None:
    assert levels(records([{}, {"name": "王伟", "phone": "13812345678"}])) == {}


NAMES = st.text("王李小明伟芳之?艳燕未末", min_size=1, max_size=4)


def is_shortened(one: str, other: str) -> bool:
    longer, shorter = (one, other) if len(one) > len(other) else (other, one)
    if len(longer) == len(shorter) + 1 and len(shorter) > 1 and longer[0] == shorter[0]:
        return shorter in {longer[:k] + longer[k + 1 :] for k in range(len(longer))}
    return len(longer) > len(shorter) >= 4 and longer.startswith(shorter)


def looks_alike(one: str, other: str) -> bool:
    pairs = set(look_alikes().tolist())
    unlike = [(x, y) for x, y in zip(one, other, strict=True) if x != y]
    if not all("?" in pair or ord(pair[0]) << 32 | ord(pair[1]) in pairs for pair in unlike):
        return False
    return len(unlike) == 1 or (len(unlike) == 2 and len(one) == 3 and "?" not in (one[0], other[0]))


def slow_name_level(one: str, other: str) -> str:
    """The name's level by plain string work, former names and homophones left aside."""
    a, b = ("".join(chr(folding()[ord(c)]) for c in name) for name in (one, other))
    rules = {
        "SAME_RARE": one == other,
        "VARIANT": a == b,
        "LOOK_ALIKE": len(a) == len(b) and looks_alike(a, b),
        "ORDER": sorted(a) == sorted(b),
        "SHORTENED": is_shortened(a, b),
        "ONE_CHARACTER": len(a) == len(b) > 2
        and a[0] == b[0]
        and sum(x != y for x, y in zip(a, b, strict=True)) == 1,
        "SURNAME_ONLY": one[0] == other[0] and min(len(one), len(other)) > 1,
        "GIVEN_ONLY": len(one) > 1 and one[1:] == other[1:],
    }
    return next((level for level, holds in rules.items() if holds), "DIFFERENT")


@given(NAMES, NAMES)
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_names_compare_as_the_slow_way_does(records: Build, one: str, other: str) -> None:
    parts = [{"surname": n[0], "given": n[1:]} if len(n) > 1 else {} for n in (one, other)]
    rows = [
        {"surname": None, "given": None, **p, "name": n, "pinyin": None}
        for n, p in zip((one, other), parts, strict=True)
    ]
    assert levels(records(rows))["NAME"] == slow_name_level(one, other)
