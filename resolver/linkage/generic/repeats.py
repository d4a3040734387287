"""Records that say the same in every column: only the first of many is compared with others.

A record that is repeated thousands of times would make its blocks too large to look at, or pairs without end, and
would tell nothing that its first copy does not.
"""

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.compiled import kernel
from resolver.linkage.cores import on_all_cores
from resolver.linkage.generic.numbering import Codes
from resolver.linkage.generic.table import Table
from resolver.linkage.hashing import Hashes, finish

FEW = 10
"""So many equal records are ordinary."""
_ROWS_AT_ONCE = 1 << 17


@kernel
def _hash_in(hashes: Hashes, values: Hashes, codes: Codes) -> None:
    for row in range(codes.shape[0]):
        value = values[codes[row]] if codes[row] >= 0 else np.uint64(0)
        hashes[row] = finish(hashes[row] ^ value) + np.uint64(1)


def content_hashes(table: Table) -> Hashes:
    """Hash (n,) of what each record says, wherever it stands; those of the right table differ from the left one's."""
    hashes = np.zeros(len(table), np.uint64)
    hashes[table.n_left :] = 1

    def some(start: int) -> None:
        part = slice(start, start + _ROWS_AT_ONCE)
        for name in sorted(table.columns):
            column = table.columns[name]
            _hash_in(hashes[part], column.hashes, column.codes[part])

    on_all_cores(some, range(0, len(hashes), _ROWS_AT_ONCE))
    return hashes


def first_of_repeated(table: Table) -> NDArray[np.int32]:
    """Row (n,) of the first record that says the same, where more than `FEW` do; else the record's own row.

    Records of two tables are never the same one; their repeats are counted apart.
    """
    first = np.arange(len(table), dtype=np.int32)
    rows = _perhaps_repeated(table)
    hashes = (rows >= table.n_left).astype(np.uint64)
    for column in table.columns.values():
        _mix_in(hashes, column.codes[rows])
    order = np.argsort(hashes, kind="stable")
    rows, ordered = rows[order], hashes[order]
    starts = np.flatnonzero(np.concatenate([[len(rows) > 0], ordered[1:] != ordered[:-1]]))
    sizes = np.diff(np.append(starts, len(rows)))
    many = sizes > FEW
    first[rows[np.repeat(many, sizes)]] = np.repeat(rows[starts[many]], sizes[many])
    return first


def _perhaps_repeated(table: Table) -> NDArray[np.int32]:
    """Rows whose value, in every column, more than `FEW` of the others have: soon none, where values are many."""
    columns = sorted(table.columns.values(), key=lambda column: -len(column.values))
    if not columns:
        return np.arange(len(table), dtype=np.int32)
    codes, counts = columns[0].codes, columns[0].counts
    rows, unsaid = np.empty(len(table), np.int32), len(table) - int(counts.sum())
    rows = rows[: _list_common(codes, counts > FEW, unsaid > FEW, rows)].copy()
    for column in columns[1:]:
        codes = column.codes[rows]
        counts = np.bincount(codes + 1, minlength=1)
        rows = rows[counts[codes + 1] > FEW]
    return rows


@kernel
def _list_common(codes: Codes, common: NDArray[np.bool_], unsaid: bool, out: NDArray[np.int32]) -> int:
    """List the rows whose value is common, and if so is saying nothing those that do; returns how many."""
    found = 0
    for row in range(codes.shape[0]):
        out[found] = row
        found += common[codes[row]] if codes[row] >= 0 else unsaid
    return found


@kernel
def _mix_in(hashes: Hashes, codes: Codes) -> None:
    for row in range(codes.shape[0]):
        hashes[row] = finish(hashes[row] ^ np.uint64(codes[row] + 1)) + np.uint64(1)
