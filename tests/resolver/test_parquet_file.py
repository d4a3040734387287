from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resolver import parquet_file
from resolver.parquet_file import write_parquet

UNUSED = st.lists(st.sampled_from("xyab"), unique=True)
VALUES = st.lists(st.sampled_from([None, "a", "b", "王", "c"]), max_size=30)
WORD = pa.dictionary(pa.int8(), pa.string())


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    values=VALUES,
    cuts=st.lists(st.integers(0, 30), max_size=4),
    unused=st.lists(st.sampled_from("xyab"), unique=True),
)
def test_chunks_and_dictionaries_do_not_change_the_bytes(
    tmp_path: Path, values: list[str | None], cuts: list[int], unused: list[str]
) -> None:
    plain = pa.array(values, pa.string())
    cast = plain.dictionary_encode().cast(WORD)
    words = pa.array(
        [*unused, *(v for v in dict.fromkeys(values) if v is not None and v not in unused)], pa.string()
    )
    indices = [None if v is None else words.to_pylist().index(v) for v in values]
    other = pa.DictionaryArray.from_arrays(pa.array(indices, pa.int8()), words)
    bounds = sorted({0, *(min(cut, len(values)) for cut in cuts), len(values)})
    pieces = [other.slice(a, b - a) for a, b in pairwise(bounds)]
    one, many = tmp_path / "one.parquet", tmp_path / "many.parquet"
    write_parquet(pa.table({"plain": plain, "word": cast}), one)
    chunked = pa.chunked_array(pieces, WORD)
    write_parquet(pa.table({"plain": chunked.cast(pa.string()), "word": chunked}), many)
    assert one.read_bytes() == many.read_bytes()
    back = pq.read_table(many)
    assert back["plain"].to_pylist() == back["word"].to_pylist() == values
    assert back.schema.field("word").type == WORD


def test_metadata_of_other_tools_is_dropped(tmp_path: Path) -> None:
    table = pa.table({"a": [1]})
    write_parquet(table, tmp_path / "a.parquet")
    write_parquet(table.replace_schema_metadata({"pandas": "{}"}), tmp_path / "b.parquet")
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


def test_many_rows_come_in_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_file, "ROWS_PER_GROUP", 4)
    table = pa.table({"n": list(range(10)), "l": [[n] for n in range(10)]})
    write_parquet(table, tmp_path / "a.parquet")
    file = pq.ParquetFile(tmp_path / "a.parquet")
    assert file.num_row_groups == 3
    assert file.read().equals(table)
    file.close()
