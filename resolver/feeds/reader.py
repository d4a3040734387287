"""Files as people make them -> rows.

What a file is, its content says and not its name: a spreadsheet (.xlsx, .xls) or delimited text. Reading goes in
two steps: `Source.open` finds the sheets, their headers and so the feed; `Source.batches` gives the rows.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from resolver.errors import DeliveryError
from resolver.feeds.contract import Contract
from resolver.feeds.headers import SEARCHED_ROWS, Layout, find_header, missing_columns
from resolver.feeds.rows import Batch
from resolver.feeds.text_file import DELIMITERS, TextFile
from resolver.feeds.workbook import Workbook

_SPREADSHEETS = (b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")


@dataclass(frozen=True)
class Page:
    """A sheet (or the one page of a text file): its first rows, for each way to read them.

    Attributes:
        name: Name of the sheet; empty for text files.
        readings: Delimiter (empty for spreadsheets) -> first rows.
    """

    name: str
    readings: dict[str, list[list[str]]]


@dataclass(frozen=True)
class Sheet:
    """A sheet with a header.

    Attributes:
        name: Its name; empty for text files.
        layout: Where its header stands, and what its columns are.
        delimiter: Of text files.
    """

    name: str
    layout: Layout
    delimiter: str


@dataclass(frozen=True)
class Source:
    """An open file whose feed is not yet known; `match` says what it would be under a contract."""

    path: Path
    content: Workbook | TextFile
    pages: tuple[Page, ...]
    notes: tuple[str, ...]

    @property
    def called(self) -> str:
        """Its name for messages, which say when its ending is misleading."""
        misleading = isinstance(self.content, TextFile) and self.path.suffix.lower().startswith(".xls")
        return f"{self.path.name} (not a spreadsheet: text under that name)" if misleading else self.path.name

    @classmethod
    def open(cls, path: Path) -> "Source":
        """Open a file and read its first rows.

        Raises:
            DeliveryError: The file cannot be read: missing, empty, binary, damaged, locked, wrongly encoded.
        """
        try:
            with path.open("rb") as file:
                start = file.read(8)
            if start.startswith(_SPREADSHEETS):
                book = Workbook(path)
                notes = tuple(f"隐藏的工作表未读取 hidden sheet not read: {name}" for name in book.hidden)
                # One row more than is searched, for headers of two rows.
                pages = [Page(name, {"": book.first_rows(name, SEARCHED_ROWS + 1)}) for name in book.sheets]
                return cls(path, book, tuple(pages), notes)
            text = TextFile.open(path)
        except OSError as error:
            raise DeliveryError(
                f"{path} cannot be read: {error.strerror}", remedy="Check the path and its rights."
            ) from error
        return cls(path, text, (Page("", {mark: text.first_rows(mark) for mark in DELIMITERS}),), ())

    def match(self, contract: Contract) -> list[Sheet]:
        """The sheets that have this contract's header; those without are left out."""
        found = []
        for page in self.pages:
            layouts = [
                (find_header(rows, contract, two_rows=not mark), mark) for mark, rows in page.readings.items()
            ]
            known = [(layout, mark) for layout, mark in layouts if layout is not None]
            if known:
                layout, mark = max(known, key=lambda pair: len(pair[0].positions))
                found.append(Sheet(page.name, layout, mark))
        return found

    def batches(self, sheets: Sequence[Sheet]) -> Iterator[Batch]:
        """All rows of these sheets, in order.

        Raises:
            DeliveryError: Something in the middle of the file cannot be read.
        """
        for sheet in sheets:
            headers, row = sheet.layout.headers, sheet.layout.row
            if isinstance(self.content, Workbook):
                yield from self.content.batches(sheet.name, headers, row)
            else:
                yield from self.content.batches(sheet.delimiter, headers, row)


def sheets_of(source: Source, contract: Contract) -> tuple[list[Sheet], list[str]]:
    """The sheets of a file under its feed's contract, and notes on those that are skipped.

    Raises:
        DeliveryError: No sheet has the contract's header, or one lacks a mandatory column.
    """
    sheets = source.match(contract)
    name = source.called
    if not sheets:
        wanted = "、".join(c.header for c in contract.columns.values() if c.mandatory)
        raise DeliveryError(
            f"{name}: no row of the first {SEARCHED_ROWS} is a header of {contract.feed} {contract.title}",
            remedy=f"The file must have at least the columns {wanted}. Is it of another feed? Then name it.",
        )
    for sheet in sheets:
        missing = missing_columns(sheet.layout, contract)
        if missing:
            where = f", sheet {sheet.name}" if sheet.name else ""
            raise DeliveryError(
                f"{name}{where}, row {sheet.layout.row + 1}: the header lacks "
                + "、".join(column.header for column in missing),
                remedy=f"Ask {contract.department} for the file with these columns; nothing was received.",
            )
    known = {sheet.name for sheet in sheets}
    notes = [
        f"工作表没有表头，已跳过 sheet without a header skipped: {page.name}"
        for page in source.pages
        if page.name not in known
    ]
    return sheets, [*source.notes, *notes]
