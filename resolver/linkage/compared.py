"""Encode and compare some of the records: what a run does not ask for is not read."""

from concurrent.futures import ThreadPoolExecutor
from os import cpu_count

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from resolver.linkage.blocking import rule_keys
from resolver.linkage.columns import COLUMNS_READ, Columns, encode, in_order
from resolver.linkage.model import Model
from resolver.linkage.scoring import Scored, Scorer

Rows = NDArray[np.int32]
PAIRS_AT_ONCE = 1 << 16


class Compared:
    """Records of which some are compared.

    Attributes:
        record_key: int64 (n,), ascending.
        model: The model version.
        n_pairs: How many pairs were compared so far.
    """

    def __init__(self, records: pa.Table, model: Model) -> None:
        """Take records in any order; rows are numbered by record key."""
        records = in_order(records)
        self.record_key: NDArray[np.int64] = records.column("record_key").to_numpy()
        self.model = model
        self.n_pairs = 0
        self._records = records

    def __len__(self) -> int:
        return len(self.record_key)

    def columns(self, rows: Rows) -> Columns:
        """Some rows as numbers.

        Raises:
            LinkageError: A column is missing.
        """
        read = [name for name in self._records.column_names if name in COLUMNS_READ]
        return encode(self._records.select(read).take(pa.array(rows)))

    def keys(self, rows: Rows) -> NDArray[np.uint64]:
        """Blocking keys of some rows: uint64 (k, rules)."""
        return rule_keys(self.columns(rows), self.model.settings.blocking.rules)

    def score(self, left: Rows, right: Rows, rule: NDArray[np.int16] | None = None) -> Scored:
        """Score pairs of rows (m,), (m,), left < right; `rule` (m,) is what yielded each, default -1."""
        self.n_pairs += len(left)
        involved = np.zeros(len(self), np.bool_)
        involved[left] = involved[right] = True
        rows = np.flatnonzero(involved).astype(np.int32)
        place = np.cumsum(involved, dtype=np.int32) - np.int32(1)
        columns = self.columns(rows)
        scorer = Scorer(len(rows), self.model.comparison(columns), self.model.mixture)

        def part(start: int) -> Scored:
            some = slice(start, start + PAIRS_AT_ONCE)
            return scorer.score(place[left[some]], place[right[some]])

        with ThreadPoolExecutor(cpu_count()) as pool:
            parts = list(pool.map(part, range(0, max(len(left), 1), PAIRS_AT_ONCE)))
        return Scored(
            left,
            right,
            np.concatenate([scored.log_odds for scored in parts]),
            np.full(len(left), -1, np.int16) if rule is None else rule,
            np.concatenate([scored.levels for scored in parts]),
        )
