"""Who is meant by one record: the same keys, comparison and weights as the monthly run, for one question at a time."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from resolver.linkage.blocking import block, rule_keys
from resolver.linkage.columns import encode
from resolver.linkage.explanation import Explanation, explain_levels
from resolver.linkage.hashing import Hashes
from resolver.linkage.model import Model
from resolver.linkage.scoring import Scored, Scorer

Within = Callable[[NDArray[np.int64]], NDArray[np.bool_]]


@dataclass(frozen=True)
class Match:
    """An entity that may be meant, by the best of its records.

    Attributes:
        entity_id: The entity.
        record_key: Its record that fits best.
        match_weight: log2 of the posterior odds.
        match_probability: The same as a probability.
        explanation: Why; the example is on the left.
    """

    entity_id: int
    record_key: int
    match_weight: float
    match_probability: float
    explanation: Explanation


@dataclass(frozen=True)
class _Keys:
    """One rule's keys (k,), sorted, and the row that each belongs to (k,)."""

    keys: Hashes
    rows: NDArray[np.int32]

    def find(self, key: np.uint64) -> NDArray[np.int32]:
        """Rows with this key."""
        if key == 0:
            return self.rows[:0]
        first, last = np.searchsorted(self.keys, [key, key + np.uint64(1)])
        return self.rows[first:last]


@dataclass(frozen=True, eq=False)
class MatchIndex:
    """Finds the records of a snapshot that one description may belong to. Never changes; safe for several threads."""

    model: Model
    records: pa.Table
    entity_id: NDArray[np.int64]
    rules: tuple[_Keys, ...]

    @classmethod
    def build(cls, records: pa.Table, members: pa.Table, model: Model) -> "MatchIndex":
        """Index a snapshot.

        Args:
            records: `records.parquet`.
            members: `members.parquet`: `record_key` and `entity_id` of the same records.
            model: The model version that made the snapshot.
        """
        records = records.sort_by("record_key").combine_chunks()
        entity_id = members.select(["record_key", "entity_id"]).sort_by("record_key")["entity_id"].to_numpy()
        blocking = model.settings.blocking
        keys = rule_keys(encode(records), blocking.rules)
        keys = block(keys, [blocking.hard_cap] * len(blocking.rules), model.oversized).keys
        return cls(model, records, entity_id, tuple(_sorted(keys[:, rule]) for rule in range(keys.shape[1])))

    def match(self, example: pa.Table, k: int, within: Within | None = None) -> list[Match]:
        """The entities that a description may belong to, the most probable first.

        Args:
            example: One record with the columns of `PERSON_RECORD_SCHEMA`; its key does not matter.
            k: At most so many.
            within: Says which of given record keys (n,) may be looked at; None = all.

        Returns:
            Only entities above the model's `keep` threshold; ties by record key.
        """
        place = example.schema.get_field_index("record_key")
        example = example.set_column(
            place, self.records.schema.field("record_key"), pa.array([-1], pa.int64())
        )
        rows = self._candidates(example)
        if within is not None:
            rows = rows[within(self.records["record_key"].take(rows).to_numpy())]
        both = pa.concat_tables([example.cast(self.records.schema), self.records.take(rows)])
        scored = self._score(both)
        order = np.lexsort((scored.right, -scored.log_odds))
        order = order[scored.log_odds[order] >= self.model.settings.clustering.keep]
        found: dict[int, Match] = {}
        for number in order:
            entity = int(self.entity_id[rows[scored.right[number] - 1]])
            if entity not in found and len(found) < k:
                found[entity] = self._match(entity, scored, int(number), both)
        return list(found.values())

    def _candidates(self, example: pa.Table) -> NDArray[np.int32]:
        keys = rule_keys(encode(example), self.model.settings.blocking.rules)[0]
        return np.unique(np.concatenate([rule.find(key) for rule, key in zip(self.rules, keys, strict=True)]))

    def _score(self, both: pa.Table) -> Scored:
        """Score the first record against all others."""
        columns = encode(both)
        scorer = Scorer(len(columns), self.model.comparison(columns), self.model.mixture)
        right = np.arange(1, both.num_rows, dtype=np.int32)
        return scorer.score(np.zeros_like(right), right)

    def _match(self, entity: int, scored: Scored, number: int, both: pa.Table) -> Match:
        pair = both.take([0, int(scored.right[number])])
        explanation = explain_levels(self.model, scored.levels[number], pair)
        key = pair["record_key"][1].as_py()
        return Match(entity, key, explanation.match_weight, explanation.match_probability, explanation)


def _sorted(keys: Hashes) -> _Keys:
    rows = np.flatnonzero(keys).astype(np.int32)
    order = np.argsort(keys[rows])
    return _Keys(keys[rows][order], rows[order])
