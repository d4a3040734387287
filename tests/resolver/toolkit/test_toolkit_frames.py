from datetime import date

import pandas as pd
import pyarrow as pa
import pytest

from resolver.errors import LinkageError
from resolver.standardize.schema import PERSON_RECORD_SCHEMA
from resolver.toolkit import to_frame, to_table
from resolver.toolkit.frames import numbered


def test_records_come_back_as_they_went(two_thousand: tuple[pa.Table, object]) -> None:
    records = two_thousand[0]
    back = to_table(to_frame(records))
    assert back.schema == PERSON_RECORD_SCHEMA
    assert back.to_pylist() == records.to_pylist()


def test_a_frame_is_what_recordlinkage_expects(few: pd.DataFrame) -> None:
    assert few.index.name == "record_key"
    assert few.index.is_unique
    assert pd.api.types.is_datetime64_any_dtype(few["birth_date"])
    assert pd.api.types.is_string_dtype(few["feed"])


def test_no_records() -> None:
    frame = to_frame(PERSON_RECORD_SCHEMA.empty_table())
    assert to_table(frame).num_rows == 0


def test_dates_may_be_written_in_other_ways(few: pd.DataFrame) -> None:
    days = [date(1987, 2, 10), None, date(2001, 12, 31)]
    for written in (
        days,
        [day and day.isoformat() for day in days],
        [day and pd.Timestamp(day) for day in days],
    ):
        frame = few.head(3).assign(birth_date=written)
        assert to_table(frame)["birth_date"].to_pylist() == days


def test_what_a_frame_has_no_column_for_is_null() -> None:
    records = numbered(pd.DataFrame({"name": ["王伟", None]}, index=["a", "b"]))
    assert records["record_key"].to_pylist() == [0, 1]
    assert records["name"].to_pylist() == ["王伟", None]
    assert records["phone"].null_count == 2


def test_a_missing_column_is_named(few: pd.DataFrame) -> None:
    with pytest.raises(LinkageError, match="lack the columns phone"):
        to_table(few.drop(columns="phone"))
    with pytest.raises(LinkageError, match="lack the columns pinyin"):
        to_frame(PERSON_RECORD_SCHEMA.empty_table().drop_columns("pinyin"))


def test_a_birth_date_that_pandas_cannot_hold_is_refused(two_thousand: tuple[pa.Table, object]) -> None:
    record = two_thousand[0].slice(0, 1).to_pylist()[0] | {"birth_date": date(1066, 10, 14)}
    with pytest.raises(LinkageError, match="out of pandas' range"):
        to_frame(pa.Table.from_pylist([record], schema=PERSON_RECORD_SCHEMA))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("birth_date", "last year"),
        ("sex", "male"),
        ("sex", 1.5),
        ("sex", 999),
        ("name", object()),
        ("feed", "W07"),
    ],
)
def test_a_value_of_another_type_is_named(few: pd.DataFrame, column: str, value: object) -> None:
    with pytest.raises(LinkageError, match=f"column {column} of the frame"):
        to_table(few.head(2).assign(**{column: [value, None]}))
