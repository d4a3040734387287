"""Settings and files with something wrong: every message says what, where, and what to do."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from resolver.errors import GuiyiError, LinkageError, SettingsError
from resolver.linkage.generic.engine import link_table
from resolver.linkage.generic.model import TableModel
from resolver.linkage.generic.output import make_folder, write_linkage
from resolver.linkage.generic.settings import parse_table_settings, read_table_settings
from resolver.linkage.generic.table import read_tables, table_of

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
        ({"comparisons": 3, "blocking": RULES}, r"comparisons must be \[\[comparisons\]\] tables, not 3"),
        ({"comparisons": ["name"], "blocking": RULES}, "tables, not 'name'"),
        ({"comparisons": [{**NAME, "columns": "name"}], "blocking": RULES}, "a list of texts, not 'name'"),
        ({"comparisons": [{**NAME, "key": 3}], "blocking": RULES}, "key must be a text, not 3"),
        (
            {"comparisons": [{**NAME, "bits": [1, 5, 9]}], "blocking": RULES},
            "bits must go from the highest down",
        ),
        (
            {"comparisons": [{**NAME, "similarity": "edits", "thresholds": [2, 1]}], "blocking": RULES},
            "thresholds must go from the lowest up",
        ),
        ({"comparisons": [NAME], "blocking": 4}, r"blocking must be a \[blocking\] table"),
        ({"comparisons": [NAME], "blocking": {"rules": [[3]]}}, "atoms must be a list of texts, not 3"),
        ({"comparisons": [NAME], "blocking": {**RULES, "cap": "many"}}, "cap must be a whole number"),
        ({"comparisons": [NAME], "blocking": {"pairs_of": "name"}}, "pairs_of must be a list of texts"),
        (
            {"comparisons": [NAME], "blocking": RULES, "table": {"record_id": 3}},
            "the name of a column, not 3",
        ),
        ({"comparisons": [NAME], "blocking": RULES, "clustering": {"keep": "x"}}, "keep must be a number"),
        (
            {"comparisons": [NAME], "blocking": RULES, "clustering": {"stop": float("nan")}},
            "stop must be a number",
        ),
        (
            {"comparisons": [NAME], "blocking": RULES, "training": {"iterations": 1.5}},
            "a whole number, not 1.5",
        ),
        (
            {"comparisons": [NAME], "blocking": RULES, "training": {"aliases": 1}},
            "aliases must be true or false",
        ),
        (
            {"comparisons": [NAME], "blocking": RULES, "training": {"iterations": 0}},
            "iterations must be at least 1",
        ),
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
    path.write_bytes("# 姓名\n".encode("gb18030"))
    with pytest.raises(SettingsError, match="is not in UTF-8"):
        read_table_settings(path)


@pytest.mark.parametrize("content", ["{", "{}", "[]"])
def test_a_model_version_that_is_none(tmp_path: Path, content: str) -> None:
    path = tmp_path / "model.json"
    path.write_text(content, "utf-8")
    with pytest.raises(LinkageError, match=r"model\.json cannot be read") as caught:
        TableModel.read(path)
    assert "settings file" in caught.value.remedy


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"name\nanna\n", "lacks the columns that the model names: year; it has name"),
        (b"name,year\nanna,1,2\n", "row 2 has 3 columns, the header 2"),
        (b'name,year\na,1\n"anna,1\nb,2\n', "row 3 has 1 columns, the header 2"),
        ("name,year\n王,1\n".encode("gb18030"), "cannot read .* line 2 is not UTF-8"),
        (b"name,year\n" + b"a,1\n" * 50_000 + b"\xcd\xf5,1\n", "line 50002 is not UTF-8"),
        (b"name,year\n" + b"a" * 3_000_000 + b",1\n", "a row is longer than 1 MB"),
        (b"name;year\nanna;1\n", "lacks the columns .* it has name;year"),
        (b"name,year,year\nanna,1,2\n", "more than one column of the name year"),
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


def test_parquet_with_columns_that_are_no_texts(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    for values in ([{"a": 1}], [b"\xff\xfe"]):
        pq.write_table(pa.table({"name": values}), path)
        with pytest.raises(LinkageError, match="column name holds what is no text"):
            read_tables([path], ["name"], "")
    twice = pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"])], ["name", "name"])
    pq.write_table(twice, path)
    with pytest.raises(LinkageError, match="more than one column of the name name"):
        read_tables([path], ["name"], "")


def test_parquet_without_records(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    pq.write_table(pa.table({name: pa.array([], pa.string()) for name in ("id", "name")}), path)
    assert len(read_tables([path], ["name"], "id")) == 0
    assert len(read_tables([path, path], ["name"], "id")) == 0


def test_the_folder_of_the_result(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", "utf-8")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name, said in (
        ("file", "is a file"),
        ("link", "is a file, or a link"),
        ("file/below", "cannot write to"),
    ):
        with pytest.raises(LinkageError, match=said) as caught:
            make_folder(tmp_path / name)
        assert caught.value.remedy
    make_folder(tmp_path / "new" / "folder")
    assert [*(tmp_path / "new" / "folder").iterdir()] == []


def test_a_run_that_breaks_off_leaves_the_earlier_result_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["anna berg", "anna berg", "carl stein"] * 20
    table = table_of([pa.table({"name": names})], ["name"])
    settings = parse_table_settings({"comparisons": [NAME], "blocking": RULES}, "my.toml")
    linkage = link_table(table, settings)
    write_linkage(tmp_path, table, linkage)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}

    def broken(_: pa.Table, where: Path, **__: Any) -> None:
        where.write_bytes(b"PAR1 and no more")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pq, "write_table", broken)
    with pytest.raises(LinkageError, match="No space left"):
        write_linkage(tmp_path, table, linkage)
    assert {f.name: f.read_bytes() for f in tmp_path.iterdir() if f.suffix != ".partial"} == before


def test_values_are_cleaned(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("name\nＡnna  Berg\n anna berg \n''\n\n", "utf-8")
    column = read_tables([path], ["name"], "").columns["name"]
    assert column.values.to_pylist() == ["anna berg", "''"]
    assert column.codes.tolist()[:3] == [0, 0, 1]
