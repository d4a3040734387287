from datetime import date

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from resolver.errors import LinkageError
from resolver.feeds.contract import contracts
from resolver.identifiers import person_number
from resolver.standardize.example import by_columns, person_example
from resolver.standardize.person_columns import ATTRIBUTES
from resolver.standardize.records import extract_records
from resolver.standardize.schema import PERSON_RECORD_SCHEMA

GOOD = "37100219800101123" + person_number.check_character("37100219800101123")
_BITS = (
    "张三", "欧阳修文", "王 芳", "王芳之子", "买买提·艾力", "张YING", "Li Lei", "无名氏", "昇", "□",
    "锟斤拷", "鏉庝笢楣?", GOOD, GOOD[:17] + "x", GOOD[:17], "371002800101123", "3.71002E+17", "E12345678",
    "H0123456700", "111111111111111111", "９", "37", "男", "女", "1", "2", "1.0", "9", "未知", "male",
    "1980年1月1日", "1980-01-01", "19800101", "1980-2-30", "1980.1.1", "1980年1月1日 3:04", "29221",
    "1900-01-01", "1799-01-01", "198001", "2023/1/2", "13812345678", "+86 138-1234-5678", "0631-5201234",
    "5201234转12", "13800138000", "环翠区张村镇王家疃村12号", "文登市天福街道3号楼2单元501", "山东省威海市",
    "371081", "371002", "某某有限公司", "海润渔具", "无", "NULL", "null", "#N/A", "-", "91371000MA3C0X1X1A",
    "护照", "居民身份证", "通行证", "户号00123", "　", " ", "\t", "?", "*", "·", "'", '="1980-01-01"',
    "\u200b", "x",
)  # fmt: skip
_TEXTS = st.one_of(
    st.sampled_from(_BITS),
    st.lists(st.sampled_from(_BITS), max_size=3).map("".join),
    st.text(max_size=12),
    st.dates(date(1860, 1, 1), date(2030, 1, 1)).map(lambda day: f"{day.year}-{day.month}-{day.day:02d}"),
    st.from_regex(r"[0-9]{17}[0-9Xx]|[0-9]{13,16}|1[3-9][0-9]{9}", fullmatch=True),
)
_TYPED = st.dictionaries(st.sampled_from(sorted(ATTRIBUTES)), _TEXTS, max_size=6)


@settings(max_examples=150, deadline=None)
@given(_TYPED)
@example({})
@example(dict.fromkeys(ATTRIBUTES, ""))
@example({"name": f"张三{GOOD}", "id_number": "张三"})
@example({"name": GOOD, "id_number": "张三"})
@example({"id_number": "E12345678", "id_type": "通行证"})
@example({"id_number": "12345678", "id_type": "护照"})
@example({"address": "张村镇王家疃村", "region": "371081"})
def test_value_by_value_and_by_columns_give_the_same(typed: dict[str, str]) -> None:
    assert person_example(typed) == by_columns(typed)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["birth_date", "sex", "phone", "id_number", "name"]), _TEXTS)
def test_each_attribute_alone_is_read_as_in_a_column(attribute: str, text: str) -> None:
    assert person_example({attribute: text}) == by_columns({attribute: text})


def test_an_example_is_standardised_as_a_row_is() -> None:
    typed = {"name": "王 芳", "id_number": GOOD, "sex": "女", "birth_date": "1980年1月1日", "phone": "138 1234 1233",
             "address": "文登市天福街道3号", "employer": "海润渔具"}  # fmt: skip
    row = {"row_id": 1, "name": "王 芳", "id_number": GOOD, "sex": 2, "birth_date": date(1980, 1, 1),
           "phone": "138 1234 1233", "address": "文登市天福街道3号", "employer_name": "海润渔具"}  # fmt: skip
    types = {"row_id": pa.int64(), "sex": pa.int8(), "birth_date": pa.date32()}
    rows = pa.table({name: pa.array([value], types.get(name)) for name, value in row.items()})
    (record,) = extract_records(rows, contracts()["W28"], as_of=date(2024, 6, 30)).persons.to_pylist()
    typed_record = person_example(typed)
    assert set(typed_record) == set(PERSON_RECORD_SCHEMA.names) - {"record_key"}
    assert {name for name in typed_record if record[name] != typed_record[name]} == {"feed", "role"}


def test_an_example_may_hold_nothing_but_may_not_hold_the_unknown() -> None:
    assert person_example({"name": ""})["name"] is None
    with pytest.raises(LinkageError, match="shoe_size"):
        person_example({"name": "王芳", "shoe_size": "43"})


def test_half_a_surrogate_pair_is_an_unreadable_character() -> None:
    assert person_example({"name": "张\ud800三"}) == person_example({"name": "张?三"})
