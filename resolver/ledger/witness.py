"""Judged records found again: by their key, else by a row that once gave them.

A record key is a hash of standardised values, so the same files give the same keys as long as standardisation stays as
it is. When a later software version writes a name in another way the record has another key, but the row that gave it
is still the same row of the same file.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from resolver.ledger.judgement import Judgement, Witness


def renewed(
    judgements: Sequence[Judgement], record_key: NDArray[np.int64], row_records: pa.Table
) -> list[Judgement]:
    """Judgements with the keys that their records have now; what is not found again stays as it is.

    Args:
        judgements: Those that hold.
        record_key: int64 (n,): keys of all person records there are.
        row_records: `row_id`, `role`, `record_key` of every row, as in `docs/data.md`.
    """
    sides = [(j.record_key_l, j.witness_l) for j in judgements]
    sides += [(j.record_key_r, j.witness_r) for j in judgements]
    keys = np.array([key for key, _ in sides], np.int64)
    gone = np.flatnonzero(~np.isin(keys, record_key))
    wanted = {witness for place in gone if (witness := sides[place][1]) is not None}
    if not wanted:
        return list(judgements)
    now = _records_of(wanted, row_records)
    found = [now.get(sides[place][1], int(keys[place])) for place in gone]
    keys[gone] = found
    half = len(judgements)
    return [
        replace(judgement, record_key_l=int(keys[place]), record_key_r=int(keys[half + place]))
        for place, judgement in enumerate(judgements)
    ]


def _records_of(wanted: set[Witness], row_records: pa.Table) -> dict[Witness | None, int]:
    """Witness -> key of the record that its row gives now."""
    rows = pa.array(sorted({witness.row_id for witness in wanted}), pa.int64())
    near = row_records.filter(pc.is_in(row_records["row_id"], value_set=rows)).to_pylist()
    at = {(row["row_id"], str(row["role"])): int(row["record_key"]) for row in near}
    return {w: at[w.row_id, w.role] for w in wanted if (w.row_id, w.role) in at}
