"""Settings and files with something wrong: every message says what, where, and what to do."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from resolver.errors import GuiyiError, LinkageError, SettingsError
from resolver.linkage.generic.settings import parse_table_settings, read_table_settings
from resolver.linkage.generic.table import read_tables

NAME: dict[str, Any] = {"key": "name", "kind": "string", "columns": ["name"]}
RULES = {"rules": [["name"]]}


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ({"blocking": RULES}, "there is no comparison"),
        ({"comparisons": [NAME]}, "no rules"),
        ({"comparisons": [NAME, NAME], "blocking": RULES}, "'name' is there twice"),
        ({"comparisons": [{**NAME, "kind": "fuzzy"}], "blocking": RULES}, "unknown kind 'fuzzy'"),
        ({"comparisons": [{**NAME, "threshold": 1}], "blocking": RULES}, "unknown option threshold"),
        ({"comparisons": [{**NAME, "thresholds": "0.9"}], "blocking": RULES}, "must be a list of numbers"),
        ({"comparisons": [{**NAME, "similarity": "soft"}], "blocking": RULES}, "similarity must be one of"),
        ({"comparisons": [{**NAME, "bits": [3, 2]}], "blocking": RULES}, "bits must be 3 numbers"),
        ({"comparisons": [{**NAME, "columns": ["a", "b"]}], "blocking": RULES}, "reads one column"),
        ({"comparisons": [{**NAME, "thresholds": [0.1] * 20}], "blocking": RULES}, "25 levels; 15 at most"),
        ({"comparisons": [{**NAME, "implied_by": "other"}], "blocking": RULES}, "implied_by must name one"),
        ({"comparisons": [NAME], "blocking": {"rules": ["name"]}}, "is a list of atoms"),
        ({"comparisons": [NAME], "blocking": {**RULES, "cap": 1}}, "cap must be at least 2"),
        ({"comparisons": [NAME], "blocking": {**RULES, "caps": 9}}, "unknown setting caps"),
        ({"comparisons": [NAME], "blocking": RULES, "table": {"id": "x"}}, "unknown setting id"),
        (
            {"comparisons": [NAME], "blocking": RULES, "training": {"prior_match": 2.0}},
            "prior_match must lie",
        ),
        ({"comparisons": [NAME], "blocking": RULES, "model": {}}, "unknown part model"),
    ],
)
def test_settings(raw: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError, match=said) as caught:
        parse_table_settings(raw, "my.toml")
    assert "my.toml" in caught.value.message
    assert caught.value.remedy


def test_settings_round_trip() -> None:
    for path in sorted((Path(__file__).parents[4] / "docs/models").glob("*.toml")):
        settings = read_table_settings(path)
        assert parse_table_settings(settings.to_json(), "again") == settings


def test_a_settings_file_that_is_no_toml(tmp_path: Path) -> None:
    path = tmp_path / "broken.toml"
    path.write_text("[[comparisons]\n", "utf-8")
    with pytest.raises(SettingsError, match="not valid TOML"):
        read_table_settings(path)
    with pytest.raises(SettingsError, match="cannot read"):
        read_table_settings(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"name\nanna\n", "lacks the columns that the model names: year; it has name"),
        (b"name,year\nanna,1,2\n", "Expected 2 columns"),
        ("name,year\n王,1\n".encode("gbk"), "cannot read"),
        (b"name,year\n,1\nb,2\n", "line 2: name is empty"),
        (b"name,year\na,1\na,2\n", "name a names more than one record"),
    ],
)
def test_csv_files(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    with pytest.raises(LinkageError, match=said) as caught:
        read_tables([path], ["name", "year"], "name")
    assert "table.csv" in caught.value.message


@pytest.mark.parametrize("ids", [[1, 2, 3], [3, 1, 2], [3, 1, 3], [1, 2, 2], ["b", "a"], ["a", "b", "a"]])
def test_names_of_records_are_distinct_in_whatever_order(tmp_path: Path, ids: list[int | str]) -> None:
    path = tmp_path / "table.parquet"
    pq.write_table(pa.table({"id": ids, "name": ["x"] * len(ids)}), path)
    if len(set(ids)) == len(ids):
        assert read_tables([path], ["name"], "id").record_id.to_pylist() == ids
    else:
        with pytest.raises(LinkageError, match="names more than one record"):
            read_tables([path], ["name"], "id")


def test_half_a_parquet_file(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    pq.write_table(pa.table({"name": ["a"] * 1000}), path)
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(GuiyiError, match=r"table\.parquet"):
        read_tables([path], ["name"], "")


def test_values_are_cleaned(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("name\nＡnna  Berg\n anna berg \n''\n\n", "utf-8")
    column = read_tables([path], ["name"], "").columns["name"]
    assert column.values.to_pylist() == ["anna berg", "''"]
    assert column.codes.tolist()[:3] == [0, 0, 1]
