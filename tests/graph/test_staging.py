"""Numbers and hashes are the same everywhere, and broken graphs are refused."""

from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.projection import edge_schema, node_schema
from graph.staging import Staging, number_sql, open_database, staging_errors
from graph.store import GraphData, opaque_key, stable_number
from resolver.errors import StoreError


@settings(deadline=None, max_examples=30)
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_numbers_are_the_same_in_sql_and_python(text: str) -> None:
    with duckdb.connect() as database:
        found = database.execute(f"SELECT {number_sql('$1')}, left(md5($1), 16)", [text]).fetchall()
    assert found == [(stable_number(text), opaque_key(text))]
    assert 0 <= stable_number(text) < 2**60


def people(*keys: str) -> pa.Table:
    return pa.Table.from_pylist([{"key": key} for key in keys], node_schema("Person"))


def refused(data: GraphData, folder: Path) -> str:
    with pytest.raises(StoreError) as error:
        Staging(data, folder)
    return str(error.value)


def test_unknown_labels_types_and_columns_are_refused(tmp_path: Path) -> None:
    assert "Ghost" in refused(GraphData({"Ghost": people("1")}), tmp_path)
    assert "HAUNTS" in refused(GraphData({}, {"HAUNTS": people("1")}), tmp_path)
    assert "name" in refused(GraphData({"Person": people("1").drop_columns(["name"])}), tmp_path)


def test_what_differs_only_by_null_and_empty_differs(tmp_path: Path) -> None:
    def content(**values: object) -> int:
        edge = {"source": "Person:1", "target": "Person:2", "key": "", **values}
        table = pa.Table.from_pylist([edge], edge_schema("SPOUSE_OF"))
        with Staging(GraphData({"Person": people("1", "2")}, {"SPOUSE_OF": table}), tmp_path) as staging:
            return staging.count("SELECT c FROM edges")

    contents = [
        content(),
        content(basis=""),
        content(key="x"),
        content(row_ids=[1]),
        content(probability=0.5),
    ]
    assert len(set(contents)) == len(contents)


def test_parts_of_a_query_that_differ_only_in_a_column_are_not_taken_for_one(tmp_path: Path) -> None:
    """What DuckDB 2.0.0 does unless told not to."""
    with open_database(tmp_path) as database:
        database.execute(
            "CREATE TABLE access AS SELECT * FROM (VALUES (1, 'x'), (2, 'y'), (3, 'z')) t(a, who)"
        )
        database.execute("CREATE TABLE edges AS SELECT 1 AS a, 3 AS source_a, 2 AS target_a")
        database.execute(
            "CREATE VIEW seen AS SELECT own.who AS own, s.who AS source, t.who AS target FROM edges "
            "JOIN access own USING (a) JOIN access s ON s.a = source_a JOIN access t ON t.a = target_a"
        )
        found = database.sql(
            "SELECT own FROM seen UNION SELECT source FROM seen UNION SELECT target FROM seen ORDER BY 1"
        ).fetchall()
    assert found == [("x",), ("y",), ("z",)]


def test_too_little_memory_is_told_as_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graph.staging.MEMORY", "100KB")
    with pytest.raises(StoreError, match="cannot be prepared"), staging_errors():
        Staging(GraphData({"Person": people("1", "2")}, {}), tmp_path)
