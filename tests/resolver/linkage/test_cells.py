"""One record is encoded and keyed as its row of a table is: the batch and a look-up see the same numbers."""

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.linkage.blocking import rule_keys
from resolver.linkage.candidates import keys_of_one
from resolver.linkage.columns import Columns, encode, encode_one
from resolver.linkage.model import Model
from resolver.standardize.example import person_example
from resolver.standardize.schema import PERSON_RECORD_SCHEMA

Build = Callable[[list[dict[str, Any]]], pa.Table]

NUMBERS = st.sampled_from(
    ["371002198001010017", "37100219800101001X", "371002198013450017", "E12345678", "1234567890123456789", ""]
)
_OF_ITS_OWN = {
    "record_key": st.just(1),
    "feed": st.sampled_from(["W07", "W29", "example"]),
    "role": st.just("person"),
    "sex": st.sampled_from([None, 0, 1, 2, 9]),
    "birth_date": st.none() | st.dates(date(1860, 1, 1), date(2060, 1, 1)) | st.just(date(1980, 1, 1)),
    "id_type": st.sampled_from([None, "resident", "passport", "travel_permit", "foreign_permanent"]),
    "id_number": st.none() | NUMBERS,
    "id_status": st.sampled_from([None, "valid", "legacy", "checksum", "format", "rounded", "missing"]),
    "phone": st.sampled_from([None, "13912345678", "12345678901234567", "0631-1"]),
    "source_key": st.sampled_from([None, "a:1", "b:1", "no colon", ":"]),
    "pinyin": st.sampled_from([None, "zhang san", "shan yi", "dan yi", "?"]),
    "surname": st.sampled_from([None, "张", "单", "曾"]),
    "name": st.none()
    | st.sampled_from(["张三", "王芳之子", "王芳之女大", "李丽之婴", "买买提·艾力", "張?", "LI LEI", "𠮷田"]),
}
_ROWS = st.fixed_dictionaries(
    {
        name: _OF_ITS_OWN.get(name, st.none() | st.text(max_size=4) | st.sampled_from(["371002", "张三"]))
        for name in PERSON_RECORD_SCHEMA.names
    }
)


def assert_same(one: Columns, row: Columns) -> None:
    assert np.array_equal(one.words, row.words)
    assert np.array_equal(one.facts, row.facts)
    assert np.array_equal(one.chars, row.chars)
    assert np.array_equal(one.starts, row.starts)
    for name in ("words", "facts", "chars", "starts"):
        assert getattr(one, name).dtype == getattr(row, name).dtype


@settings(max_examples=200)
@given(_ROWS)
def test_one_record_is_encoded_as_its_row_is(model: Model, row: dict[str, Any]) -> None:
    table = pa.Table.from_pylist([row], schema=PERSON_RECORD_SCHEMA)
    columns = encode(table)
    assert_same(encode_one(row), columns)
    rules = model.settings.blocking.rules
    assert keys_of_one(encode_one(row), rules).tolist() == rule_keys(columns, rules)[0].tolist()


@pytest.mark.parametrize(
    "typed",
    [
        {},
        {"name": "张三"},
        {"name": "张三", "id_number": "371002198001010017", "sex": "男", "birth_date": "1980年1月1日"},
        {"address": "环翠区张村镇王家疃村12号", "phone": "13912345678", "employer": "海润渔具"},
    ],
)
def test_what_is_typed_is_encoded_as_a_row(typed: dict[str, str]) -> None:
    record = person_example(typed)
    row = pa.Table.from_pylist([{"record_key": -1, **record}], schema=PERSON_RECORD_SCHEMA)
    assert_same(encode_one(record), encode(row))


def test_the_town_is_encoded_alike(small_town: tuple[pa.Table, Any]) -> None:
    whole = encode(small_town[0])
    for place, row in enumerate(small_town[0].slice(0, 200).to_pylist()):
        one = encode_one(row)
        assert np.array_equal(one.words[0], whole.words[place])
        assert np.array_equal(one.facts[0], whole.facts[place])
        assert np.array_equal(one.chars, whole.chars[whole.starts[place] : whole.starts[place + 1]])
