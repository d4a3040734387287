"""Which column of a file is which column of a contract, and in which row the headers stand."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from resolver.feeds.contract import Column, Contract

SEARCHED_ROWS = 20  # title rows above the header are fewer than this

# Marks that departments put around a header: required stars, colons, and remarks on how to fill the column in.
_MARKS = re.compile(r"[*★※:#]|\((?:必填|选填|必录|非必填)\)")
_REMARK = re.compile(r"\([^()]*\)$|\[[^\[\]]*\]$|【[^【】]*】$")


@dataclass(frozen=True)
class Layout:
    """Where the header of a sheet stands, and what its columns are.

    Attributes:
        row: Row of the header, from 0; of the lower one where the header has two rows. Data begin below it.
        headers: Header of each column as it came; empty where the sheet has none.
        positions: Canonical column -> number of the column in the sheet, from 0.
    """

    row: int
    headers: tuple[str, ...]
    positions: Mapping[str, int]

    @property
    def ignored(self) -> tuple[str, ...]:
        """Headers that no column of the contract answers to."""
        used = set(self.positions.values())
        return tuple(h for number, h in enumerate(self.headers) if h and number not in used)


def labels(headers: Sequence[str], width: int) -> list[str]:
    """Unique, non-empty names for `width` columns of a sheet with these headers."""
    names: list[str] = []
    seen: set[str] = set()
    for number in range(width):
        name = headers[number] if number < len(headers) else ""
        if not name or name in seen:
            name = f"{name}(第{number + 1}列 column {number + 1})"
        seen.add(name)
        names.append(name)
    return names


@cache
def comparable(header: str) -> str:
    """A header as it is compared: NFKC, lower case, without space, stars and colons. Idempotent."""
    text = re.sub(r"[\s\ufeff\u200b]+", "", unicodedata.normalize("NFKC", header)).lower()
    return _MARKS.sub("", text)


def match_headers(cells: Sequence[str], contract: Contract) -> dict[str, int]:
    """Match the cells of a row with the columns of a contract.

    A column takes the cell that reads like its header, else like its canonical name or an alias (in the order of
    the contract's list), else one that does so without a remark in brackets. Each cell serves one column.

    Returns:
        Canonical column -> position of its cell.
    """
    whole = _first_positions(comparable(cell) for cell in cells)
    bare = _first_positions(_REMARK.sub("", comparable(cell)) for cell in cells)
    found: dict[str, int] = {}
    taken: set[int] = set()
    for cells_by_text in (whole, bare):
        for rank in range(_most_names(contract)):
            for column in contract.columns.values():
                names = _names(column)
                position = cells_by_text.get(names[rank]) if rank < len(names) else None
                if position is not None and column.name not in found and position not in taken:
                    found[column.name] = position
                    taken.add(position)
    return found


def find_header(rows: Sequence[Sequence[str]], contract: Contract, two_rows: bool = False) -> Layout | None:
    """Find the header among the first rows of a sheet: the row that matches most columns, the upper one on a tie.

    Args:
        rows: The first rows of the sheet, cells as text.
        contract: The contract to match.
        two_rows: Also try two rows as one header (男方 above 姓名), as spreadsheets with merged cells have it.

    Returns:
        Its layout, or None when no row is like the header: at least two columns and half the mandatory ones.
    """
    best: Layout | None = None
    for number, cells in enumerate(rows[:SEARCHED_ROWS]):
        candidates = [Layout(number, _tidy(cells), match_headers(cells, contract))]
        if two_rows and number + 1 < len(rows):
            both = _joined(cells, rows[number + 1])
            candidates.append(Layout(number + 1, _tidy(both), match_headers(both, contract)))
        for layout in candidates:
            if best is None or len(layout.positions) > len(best.positions):
                best = layout
    return best if best is not None and _is_header(best, contract) else None


def missing_columns(layout: Layout, contract: Contract) -> list[Column]:
    """Mandatory columns that the sheet lacks."""
    return [c for c in contract.columns.values() if c.mandatory and c.name not in layout.positions]


def _is_header(layout: Layout, contract: Contract) -> bool:
    mandatory = [c.name for c in contract.columns.values() if c.mandatory]
    present = sum(name in layout.positions for name in mandatory)
    return len(layout.positions) >= 2 and 2 * present >= len(mandatory)


@cache
def _column_names(header: str, name: str, aliases: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(comparable(text) for text in (header, name, *aliases)))


def _names(column: Column) -> tuple[str, ...]:
    return _column_names(column.header, column.name, column.aliases)


def _most_names(contract: Contract) -> int:
    return max(len(_names(column)) for column in contract.columns.values())


def _first_positions(texts: Iterable[str]) -> dict[str, int]:
    positions: dict[str, int] = {}
    for number, text in enumerate(texts):
        if text:
            positions.setdefault(text, number)
    return positions


def _tidy(cells: Sequence[str]) -> tuple[str, ...]:
    return tuple(re.sub(r"\s+", " ", cell).strip() for cell in cells)


def _joined(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    width = max(len(upper), len(lower))
    pairs = [(upper[n] if n < len(upper) else "", lower[n] if n < len(lower) else "") for n in range(width)]
    return [a if a == b else a + b for a, b in pairs]
