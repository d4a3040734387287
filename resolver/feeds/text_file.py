"""Delimited text files: which encoding, which delimiter, and their rows, block by block."""

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv

from resolver.errors import DeliveryError
from resolver.feeds.csv_scanner import MAX_RECORD, scan_block
from resolver.feeds.headers import SEARCHED_ROWS
from resolver.feeds.rows import Batch, BrokenRow

DELIMITERS = ",\t;|"

_BLOCK = 32 << 20  # bytes
_HEAD = 1 << 20  # bytes in which the title rows and the header stand
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_SAVE_AS = "Ask for it again as .xlsx, or as .csv in UTF-8 or GB18030."


@dataclass(frozen=True)
class TextFile:
    """A delimited text file of known encoding.

    Attributes:
        path: The file.
        encoding: Python's name of the encoding.
        head: The text of its first rows.
    """

    path: Path
    encoding: str
    head: str

    @classmethod
    def open(cls, path: Path) -> "TextFile":
        """Find out the encoding: that of the byte order mark, else UTF-8, else GB18030 (which includes GBK).

        Raises:
            DeliveryError: The file is empty, binary, or in neither encoding.
        """
        encoding = _encoding(path)
        return cls(path, encoding, next(_decoded(path, encoding, _HEAD), ""))

    def first_rows(self, delimiter: str) -> list[list[str]]:
        """The first rows of the file, if this is its delimiter; those after a quote left open may be missing."""
        rows: list[list[str]] = []
        try:
            for row in csv.reader(io.StringIO(self.head, newline=""), delimiter=delimiter):
                rows.append(row)
                if len(rows) > SEARCHED_ROWS:
                    break
        except csv.Error:  # a field longer than the module allows: no header beyond this point
            return rows
        return rows

    def batches(self, delimiter: str, headers: Sequence[str], header_row: int) -> Iterator[Batch]:
        """The rows below the header, in blocks.

        Args:
            delimiter: One of `DELIMITERS`.
            headers: The header's cells.
            header_row: Its row, from 0.

        Raises:
            DeliveryError: A byte is not text of the file's encoding.
        """
        width = len(headers)
        carry, next_no = b"", 1
        blocks = _utf8_blocks(self.path, self.encoding)
        block = next(blocks, b"")
        while block or carry:
            following = next(blocks, b"")
            data = carry + block
            scan = scan_block(data, delimiter, width, header_row + 1, next_no, last=not following)
            carry, next_no = data[scan.consumed :], scan.next_no
            if len(scan.row_no) or len(scan.broken):
                broken = [
                    _broken_row(data[start:end], int(no), int(found), delimiter, width)
                    for no, start, end, found in scan.broken.tolist()
                ]
                columns = _parse(scan.text.tobytes(), delimiter, width)
                yield Batch("", tuple(headers), scan.row_no.astype(np.int32), columns, tuple(broken))
            block = following


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(1 << 16)
        if not start.strip(b"\xef\xbb\xbf\x00 \t\r\n"):
            raise DeliveryError(f"{path.name} is empty", remedy="Ask for the file again; it has no content.")
        for bom, encoding in _BOMS:
            if start.startswith(bom):
                return encoding
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while start:
                decoder.decode(start)
                start = file.read(_BLOCK)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "gb18030"
    return "utf-8"


def _decoded(path: Path, encoding: str, size: int) -> Iterator[str]:
    """The file's text in blocks, without byte order mark; binary files are refused."""
    decoder = codecs.getincrementaldecoder(encoding)()
    done = 0
    with path.open("rb") as file:
        for bom, _ in _BOMS:
            if file.read(len(bom)) == bom:
                break
            file.seek(0)
        try:
            while chunk := file.read(size):
                text = decoder.decode(chunk)
                if "\0" in text:
                    raise DeliveryError(f"{path.name} is a binary file, not text", remedy=_SAVE_AS)
                yield text
                done += len(chunk)
            if rest := decoder.decode(b"", final=True):
                yield rest
        except UnicodeDecodeError as error:
            raise DeliveryError(
                f"{path.name} is neither UTF-8 nor GB18030 text: byte {done + error.start} "
                f"({error.object[error.start : error.start + 2].hex(' ')}) is no character",
                remedy=_SAVE_AS,
            ) from error


def _utf8_blocks(path: Path, encoding: str) -> Iterator[bytes]:
    for text in _decoded(path, encoding, _BLOCK):
        if text:
            yield text.encode()


def _parse(text: bytes, delimiter: str, width: int) -> tuple[pa.Array, ...]:
    """Columns of records that all have `width` fields."""
    names = [str(number) for number in range(width)]
    if not text:
        return tuple(pa.array([], pa.string()) for _ in names)
    table = pyarrow.csv.read_csv(
        pa.py_buffer(text),
        pyarrow.csv.ReadOptions(column_names=names, block_size=len(text) + 1),
        pyarrow.csv.ParseOptions(delimiter=delimiter, newlines_in_values=True, ignore_empty_lines=False),
        pyarrow.csv.ConvertOptions(
            column_types={name: pa.string() for name in names}, strings_can_be_null=False, check_utf8=False
        ),
    )
    return tuple(column.combine_chunks() for column in table.columns)


def _broken_row(record: bytes, row_no: int, found: int, delimiter: str, width: int) -> BrokenRow:
    text = record[:MAX_RECORD].decode("utf-8", "replace")
    if not found:
        return BrokenRow(
            row_no, "引号没有成对 a quote mark is opened and never closed", tuple(text.split(delimiter))
        )
    cells = next(csv.reader([text], delimiter=delimiter), [])
    counted = len(cells)
    return BrokenRow(
        row_no,
        f"本行有{counted}个单元格，表头有{width}个 the row has {counted} cells, the header {width}",
        tuple(cells),
    )
