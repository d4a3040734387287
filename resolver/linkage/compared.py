"""Compare some of the records: what a run does not ask for is not read."""

from concurrent.futures import ThreadPoolExecutor
from os import cpu_count

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.blocking import rule_keys
from resolver.linkage.columns import Columns
from resolver.linkage.layers import Layers
from resolver.linkage.model import Model
from resolver.linkage.scoring import Scored, Scorer
from resolver.linkage.slots import Slots

PAIRS_AT_ONCE = 1 << 16


class Compared:
    """Records, by slot, of which some are compared.

    Attributes:
        layers: The records.
        model: The model version.
        n_pairs: How many pairs were compared so far.
    """

    def __init__(self, layers: Layers, model: Model) -> None:
        self.model = model
        self.n_pairs = 0
        self.layers = layers

    def columns(self, slots: Slots) -> Columns:
        """Some records as numbers."""
        return self.layers.take(slots)

    def keys(self, slots: Slots) -> NDArray[np.uint64]:
        """Blocking keys of some records: uint64 (k, rules)."""
        return rule_keys(self.columns(slots), self.model.settings.blocking.rules)

    def score(self, left: Slots, right: Slots, rule: NDArray[np.int16] | None = None) -> Scored:
        """Score pairs of slots (m,), (m,), those with the smaller record key left.

        Args:
            left: int32 (m,).
            right: int32 (m,).
            rule: int16 (m,): what yielded each, default -1.
        """
        self.n_pairs += len(left)
        involved = np.zeros(len(self.layers), np.bool_)
        involved[left] = involved[right] = True
        slots = np.flatnonzero(involved).astype(np.int32)
        place = np.cumsum(involved, dtype=np.int32) - np.int32(1)
        columns = self.columns(slots)
        scorer = Scorer(len(slots), self.model.comparison(columns), self.model.mixture)

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
