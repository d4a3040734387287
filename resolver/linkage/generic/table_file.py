"""What kind of file a table is in, and what to say of one that is none."""

from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.csv

from resolver.errors import LinkageError

FileKind = Literal["csv", "parquet"]
_BY_NAME: dict[str, FileKind] = {".csv": "csv", ".txt": "csv", ".parquet": "parquet", ".pq": "parquet"}
_PARQUET = b"PAR1"
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
"""How an .xlsx and an .xls begin."""


def file_kind(path: Path) -> FileKind:
    """Whether a file is csv or Parquet, by its name; its first bytes must not say otherwise.

    Raises:
        LinkageError: There is no such file, it is a folder, empty, may not be read, or is neither.
    """
    start = _first_bytes(path)
    if start.startswith(_WORKBOOKS):
        raise LinkageError(
            f"{path} is a workbook (Excel) or an archive",
            remedy="Save the sheet as “CSV UTF-8”, and give that file.",
        )
    kind = _BY_NAME.get(path.suffix.lower())
    if kind is None:
        raise LinkageError(
            f"{path} is neither csv nor Parquet by its name: it ends with {path.suffix or 'nothing'!r}",
            remedy="Name a csv file .csv (or .txt), a Parquet file .parquet (or .pq).",
        )
    if (kind == "parquet") != start.startswith(_PARQUET):
        raise LinkageError(
            f"{path} is {'not Parquet' if kind == 'parquet' else 'Parquet'} inside, though its name ends with "
            f"{path.suffix!r}",
            remedy="Name a csv file .csv (or .txt), a Parquet file .parquet (or .pq).",
        )
    return kind


def _first_bytes(path: Path) -> bytes:
    """The first eight bytes of a file that has some."""
    try:
        with path.open("rb") as file:
            start = file.read(8)
    except FileNotFoundError as error:
        raise LinkageError(
            f"there is no file {path}", remedy=f"Check the path; it is looked for from {Path.cwd()}."
        ) from error
    except IsADirectoryError as error:
        raise LinkageError(f"{path} is a folder", remedy="Name one file in it: csv or Parquet.") from error
    except OSError as error:
        raise LinkageError(
            f"{path} cannot be read: {error.strerror}", remedy="Check the path and its rights."
        ) from error
    if not start:
        raise LinkageError(
            f"{path} is empty", remedy="Give a csv file with a header and records, or Parquet."
        )
    return start


def unreadable(path: Path, error: Exception) -> LinkageError:
    """What to say of a table that cannot be read: in which line, and what to do about it."""
    if _BY_NAME.get(path.suffix.lower(), "csv") == "csv":
        if line := _not_utf8(path):
            return LinkageError(
                f"cannot read {path}: line {line} is not UTF-8",
                remedy="Save it as “CSV UTF-8”; from GB18030 (GBK): iconv -f GB18030 -t UTF-8 OLD.csv > NEW.csv",
            )
        if wrong := _wrong_row(path):
            return LinkageError(
                f"cannot read {path}: {wrong}",
                remedy='Close every quotation mark; what contains a comma or a line break stands in "quotation marks".',
            )
    return LinkageError(
        f"cannot read {path}: {error}", remedy="Give a csv file in UTF-8 with a header, or a Parquet file."
    )


def _not_utf8(path: Path) -> int:
    """Number of the first line that is not UTF-8; 0 if there is none, or the file is gone."""
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                try:
                    line.decode("utf-8")
                except UnicodeDecodeError:
                    return number
    except OSError:
        pass
    return 0


def _wrong_row(path: Path) -> str:
    """Which row of a csv file has more or fewer columns than its header, or does not end; "" if that is not it."""
    found: list[str] = []

    def note(row: pyarrow.csv.InvalidRow) -> str:
        found.append(
            f"row {row.number} has {row.actual_columns} columns, the header {row.expected_columns}"
            if row.number
            else f"a row has {row.actual_columns} columns, the header {row.expected_columns}"
        )
        return "error"

    try:
        pyarrow.csv.read_csv(
            path,
            read_options=pyarrow.csv.ReadOptions(use_threads=False),
            parse_options=pyarrow.csv.ParseOptions(invalid_row_handler=note),
        )
    except (OSError, pa.ArrowInvalid) as error:
        if not found and "straddl" in str(error):
            return "a row is longer than 1 MB"
    return found[0] if found else ""
