"""Records that say the same in every column: only the first of many is compared with others.

A record that is repeated thousands of times would make its blocks too large to look at, or pairs without end, and
would tell nothing that its first copy does not.
"""

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.compiled import kernel
from resolver.linkage.generic.table import Codes, Table
from resolver.linkage.hashing import Hashes, finish

FEW = 10
"""So many equal records are ordinary."""


@kernel
def _mix_in(hashes: Hashes, codes: Codes) -> None:
    for row in range(codes.shape[0]):
        hashes[row] = finish(hashes[row] ^ np.uint64(codes[row] + 1)) + np.uint64(1)


@kernel
def _hash_in(hashes: Hashes, values: Hashes, codes: Codes) -> None:
    for row in range(codes.shape[0]):
        value = values[codes[row]] if codes[row] >= 0 else np.uint64(0)
        hashes[row] = finish(hashes[row] ^ value) + np.uint64(1)


def content_hashes(table: Table) -> Hashes:
    """Hash (n,) of what each record says, wherever it stands; those of the right table differ from the left one's."""
    hashes = np.zeros(len(table), np.uint64)
    hashes[table.n_left :] = 1
    for name in sorted(table.columns):
        _hash_in(hashes, table.columns[name].hashes, table.columns[name].codes)
    return hashes


def first_of_repeated(table: Table) -> NDArray[np.int32]:
    """Row (n,) of the first record that says the same, where more than `FEW` do; else the record's own row.

    Records of two tables are never the same one; their repeats are counted apart.
    """
    n = len(table)
    hashes = np.zeros(n, np.uint64)
    hashes[table.n_left :] = 1
    for column in table.columns.values():
        _mix_in(hashes, column.codes)
    order = np.argsort(hashes, kind="stable").astype(np.int32)
    ordered = hashes[order]
    starts = np.flatnonzero(np.concatenate([[n > 0], ordered[1:] != ordered[:-1]]))
    sizes = np.diff(np.append(starts, n))
    many = sizes > FEW
    first = np.arange(n, dtype=np.int32)
    first[order[np.repeat(many, sizes)]] = np.repeat(order[starts[many]], sizes[many])
    return first
