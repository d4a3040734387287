"""Person records as pandas tables, and back: what recordlinkage and an analyst's own code read."""

from collections.abc import Iterable
from typing import Any

import pandas as pd
import pyarrow as pa

from resolver.errors import LinkageError
from resolver.standardize.schema import PERSON_RECORD_SCHEMA

_KEY = "record_key"
COLUMNS = tuple(name for name in PERSON_RECORD_SCHEMA.names if name != _KEY)
"""Columns of a frame; its index is the record key."""


def to_frame(records: pa.Table) -> pd.DataFrame:
    """Records as a frame: one row a record, index `record_key`, in the order given.

    Texts are strings with None for null, `feed` and `role` too; `birth_date` is datetime64[ns], the one
    unit that `recordlinkage.compare.Date` takes; `sex` is a number with NaN for null.

    Args:
        records: Columns of `PERSON_RECORD_SCHEMA`, one row a record.

    Raises:
        LinkageError: A column is missing, or a birth date is out of the range of datetime64[ns].
    """
    _check(records.column_names, PERSON_RECORD_SCHEMA.names)
    plain = [
        field.with_type(pa.string()) if pa.types.is_dictionary(field.type) else field
        for field in PERSON_RECORD_SCHEMA
    ]
    table = records.select(PERSON_RECORD_SCHEMA.names).cast(pa.schema(plain))
    frame: pd.DataFrame = table.to_pandas(date_as_object=False)
    try:
        frame["birth_date"] = frame["birth_date"].astype("datetime64[ns]")
    except pd.errors.OutOfBoundsDatetime as error:
        raise LinkageError(
            f"a birth date is out of pandas' range: {error}",
            remedy="Set dates before 1678 or after 2261 to null.",
        ) from error
    return frame.set_index(_KEY)


def to_table(frame: pd.DataFrame) -> pa.Table:
    """A frame as records; the inverse of `to_frame`.

    Args:
        frame: Columns as `to_frame` gives them, in any order; the index is the record key. Dates may be
            datetime64, `datetime.date` or ISO texts; a missing value may be None, NaN or NaT.

    Raises:
        LinkageError: A column is missing, or a value is of another type than the schema's.
    """
    _check(frame.columns, COLUMNS)
    return _table(frame, frame.index)


def numbered(frame: pd.DataFrame) -> pa.Table:
    """A frame of some of the columns as records numbered from 0; what it has no column for is null.

    Raises:
        LinkageError: A value is of another type than the schema's.
    """
    unsaid = {name: "" for name in ("feed", "role") if name not in frame.columns}  # these are never null
    return _table(frame.assign(**unsaid).reindex(columns=pd.Index(COLUMNS)), pd.RangeIndex(len(frame)))


def _table(frame: pd.DataFrame, keys: pd.Index) -> pa.Table:
    columns = {_KEY: pa.array(keys.to_numpy(), pa.int64())}
    for field in PERSON_RECORD_SCHEMA:
        if field.name == _KEY:
            continue
        column = frame[field.name]
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        try:
            columns[field.name] = _array(column, kind)
            if columns[field.name].null_count and not field.nullable:
                raise ValueError("a value is missing")
        except (pa.ArrowInvalid, pa.ArrowTypeError, ValueError) as error:
            raise LinkageError(
                f"column {field.name} of the frame holds what is no {kind}: {error}",
                remedy="Give frames as `resolver.toolkit.to_frame` makes them.",
            ) from error
    return pa.table(columns).cast(PERSON_RECORD_SCHEMA)


def _array(column: "pd.Series[Any]", kind: pa.DataType) -> pa.Array:
    if column.isna().all():
        return pa.nulls(len(column), kind)
    if pa.types.is_date(kind) and not pd.api.types.is_datetime64_any_dtype(column):
        dates = column.map(pd.Timestamp, na_action="ignore").astype("datetime64[s]")
        return pa.array(dates, from_pandas=True).cast(kind)
    return pa.array(column, from_pandas=True).cast(kind)


def _check(found: Iterable[str], wanted: Iterable[str]) -> None:
    if missing := sorted(set(wanted) - set(found)):
        raise LinkageError(
            f"records lack the columns {', '.join(missing)}",
            remedy="Give records as `resolver.standardize` makes them.",
        )
