"""Tables of which some rows are made at a time."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from resolver import parquet_file
from resolver.parquet_file import write_parquet
from resolver.sliced_table import SlicedTable

TABLE = pa.table({"a": list(range(10)), "b": [str(n) for n in range(10)]})


@pytest.mark.parametrize("most", [1, 3, 5, 10, 100])
def test_slices_are_all_rows_in_their_order(most: int) -> None:
    slices = list(SlicedTable.of(TABLE).slices(most))
    assert pa.concat_tables(slices).equals(TABLE)
    assert all(part.num_rows <= most for part in slices)


def test_no_rows_are_one_slice() -> None:
    (only,) = SlicedTable.of(TABLE.slice(0, 0)).slices(3)
    assert (only.num_rows, only.schema) == (0, TABLE.schema)


def test_made_anew_whenever_asked_for_and_no_more_than_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def rows(start: int, stop: int) -> pa.Table:
        asked.append((start, stop))
        return TABLE.slice(start, stop - start)

    sliced = SlicedTable(TABLE.schema, TABLE.num_rows, rows)
    assert sliced.whole().equals(TABLE)
    monkeypatch.setattr(parquet_file, "ROWS_PER_GROUP", 4)
    asked.clear()
    write_parquet(sliced, tmp_path / "sliced.parquet")
    write_parquet(TABLE, tmp_path / "whole.parquet")
    assert asked == [(0, 4), (4, 8), (8, 10)]
    assert (tmp_path / "sliced.parquet").read_bytes() == (tmp_path / "whole.parquet").read_bytes()
    assert pq.read_table(tmp_path / "sliced.parquet").equals(TABLE)
