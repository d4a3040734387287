"""Link organisations: by credit code, else facility code, else registration number, else name within a county.

Codes of organisations are checked and rarely mistyped, so equality decides: records with a code in common are one;
a record without any code goes to the one organisation of its name (in its county, if it has one).
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from resolver.errors import LinkageError
from resolver.linkage.clustering import components, smallest
from resolver.linkage.hashing import Hashes, hash_texts, mix_columns
from resolver.linkage.spanning import spanning_trees
from resolver.linkage.tables import members_table

_CODES = ("credit_code", "organisation_code", "registration_no", "source_key")
_BY_CODE, _BY_NAME = 12.0, 4.0
"""Natural log-odds of a link by an equal code, and by an equal name within a county that is unique there."""


def link_organisations(records: pa.Table) -> pa.Table:
    """Find which records are of one organisation.

    Args:
        records: Columns of `ORGANISATION_RECORD_SCHEMA`, in any order.

    Returns:
        `tables.MEMBERS_SCHEMA`, sorted by `record_key`.

    Raises:
        LinkageError: A column is missing.
    """
    needed = {"record_key", "core", "name", "region", *_CODES}
    if missing := sorted(needed - set(records.column_names)):
        raise LinkageError(
            f"organisation records lack the columns {', '.join(missing)}",
            remedy="Give records as `resolver.standardize` makes them.",
        )
    records = records.sort_by("record_key")
    n = records.num_rows
    record_key = records.column("record_key").to_numpy()
    codes = [hash_texts(records.column(name)) for name in _CODES]
    codes[1] = np.where(codes[1] != 0, codes[1], _embedded_codes(records))
    by_code = np.concatenate([_chain(code) for code in codes])
    coded = smallest(components(n, by_code[:, 0], by_code[:, 1]))
    by_name = _same_name(records, coded)
    pairs = np.sort(np.concatenate([by_code, by_name]), axis=1).astype(np.int32)
    weight = np.repeat([_BY_CODE, _BY_NAME], [len(by_code), len(by_name)])
    labels = smallest(components(n, pairs[:, 0], pairs[:, 1]))
    trees = spanning_trees(pairs[:, 0].copy(), pairs[:, 1].copy(), weight, labels)
    return members_table(trees, weight, labels, record_key)


def _embedded_codes(records: pa.Table) -> Hashes:
    """The organisation code inside a credit code: its characters 9 to 17."""
    return hash_texts(pc.utf8_slice_codeunits(records.column("credit_code"), 8, 17))


def _chain(values: Hashes) -> NDArray[np.int32]:
    """Pairs (k, 2) of rows with an equal value, each row with the one before it."""
    rows = np.flatnonzero(values)
    rows = rows[np.argsort(values[rows], kind="stable")]
    same = values[rows[1:]] == values[rows[:-1]]
    return np.stack([rows[:-1][same], rows[1:][same]], axis=1).astype(np.int32)


def _same_name(records: pa.Table, coded: NDArray[np.int32]) -> NDArray[np.int32]:
    """Pairs of rows with one name, where the codes know of no more than one organisation that it may be.

    A row without a county is compared by its whole name; in a county the core of the name is enough, but not where
    two organisations bear the whole name: a county is often read from the name itself.
    """
    core, name = hash_texts(records.column("core")), hash_texts(records.column("name"))
    region = hash_texts(records.column("region"))
    with_code = np.zeros(len(name), np.bool_)
    for column in _CODES:
        with_code |= hash_texts(records.column(column)) != 0
    shared = np.isin(name, _of_several(name, with_code, coded))
    anywhere = np.where((with_code | (region == 0)) & ~shared, name, np.uint64(0))
    in_county = mix_columns(np.where(core != 0, core, name), region)
    in_county[(region == 0) | (shared & ~with_code)] = 0
    in_county[np.isin(in_county, _of_several(in_county, with_code, coded))] = 0
    return np.concatenate([_chain(anywhere), _chain(in_county)])


def _of_several(key: Hashes, with_code: NDArray[np.bool_], coded: NDArray[np.int32]) -> Hashes:
    """Keys under which the codes know more than one organisation."""
    present = with_code & (key != 0)
    known = np.unique(np.stack([key[present], coded[present].astype(np.uint64)], axis=1), axis=0)[:, 0]
    several, counts = np.unique(known, return_counts=True)
    return several[counts > 1]
