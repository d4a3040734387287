"""Files that are no table: every message says which file, what is wrong with it, and what to do."""

import errno
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from resolver.errors import LinkageError
from resolver.linkage.generic.table import read_tables
from resolver.linkage.generic.table_file import file_kind


def refused(path: Path) -> LinkageError:
    with pytest.raises(LinkageError) as caught:
        read_tables([path], ["name"], "")
    assert str(path) in caught.value.message
    assert "Errno" not in caught.value.message
    return caught.value


def test_a_missing_file_names_the_folder_it_is_looked_for_from() -> None:
    error = refused(Path("nothere.csv"))
    assert error.message == "there is no file nothere.csv"
    assert str(Path.cwd()) in error.remedy


def test_a_missing_parquet_file_and_one_in_a_missing_folder(tmp_path: Path) -> None:
    assert "there is no file" in refused(tmp_path / "nothere.parquet").message
    assert "there is no file" in refused(tmp_path / "none" / "a.csv").message


@pytest.mark.parametrize("name", ["tables", "tables.csv", "tables.parquet"])
def test_a_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    error = refused(tmp_path / name)
    assert "is a folder" in error.message
    assert "one file" in error.remedy


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_an_empty_file(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    assert "is empty" in refused(tmp_path / name).message


@pytest.mark.parametrize("name", ["a.tsv", "a.json", "a"])
def test_a_name_that_says_nothing_of_csv_or_parquet(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("name\nanna\n", "utf-8")
    error = refused(tmp_path / name)
    assert "neither csv nor Parquet by its name" in error.message
    assert ".csv" in error.remedy


@pytest.mark.parametrize("name", ["a.xlsx", "a.csv", "a.parquet"])
def test_a_workbook_under_whatever_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"PK\x03\x04" + bytes(100))
    error = refused(tmp_path / name)
    assert "workbook" in error.message
    assert "CSV UTF-8" in error.remedy


def test_a_name_that_contradicts_the_content(tmp_path: Path) -> None:
    pq.write_table(pa.table({"name": ["anna"]}), tmp_path / "a.csv")
    assert "is Parquet inside" in refused(tmp_path / "a.csv").message
    (tmp_path / "b.parquet").write_text("name\nanna\n", "utf-8")
    assert "is not Parquet inside" in refused(tmp_path / "b.parquet").message


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, *_: object) -> None:  # root, who may run the tests, may read everything
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", refuse)
    assert "cannot be read: Permission denied" in refused(tmp_path / "a.csv").message


def test_files_that_are_tables(tmp_path: Path) -> None:
    for name in ("a.csv", "b.CSV", "c.txt"):
        (tmp_path / name).write_text("name\nanna\n", "utf-8")
        assert file_kind(tmp_path / name) == "csv"
    for name in ("a.parquet", "b.pq"):
        pq.write_table(pa.table({"name": ["anna"]}), tmp_path / name)
        assert file_kind(tmp_path / name) == "parquet"
        assert len(read_tables([tmp_path / name], ["name"], "")) == 1
