"""How good links are, held against the truth: pairs by probability, and clusters."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from resolver.linkage.evaluation import calibration, evaluate_clusters

_EDGES = (0.0, 0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95, 0.99, 1.0)


@dataclass(frozen=True)
class Truth:
    """The true person of each record; records are numbered from 1."""

    person: NDArray[np.int64]

    @classmethod
    def read(cls, file: Path) -> "Truth":
        table = pq.read_table(file)
        person = np.empty(table.num_rows, np.int64)
        person[table["record_id"].to_numpy() - 1] = table["person"].to_numpy()
        return cls(person)

    @property
    def pairs(self) -> int:
        """How many pairs of records are of one person."""
        sizes = np.bincount(self.person)
        return int((sizes * (sizes - 1) // 2).sum())

    def same(self, left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether the records of each pair are of one person."""
        same: NDArray[np.bool_] = self.person[left - 1] == self.person[right - 1]
        return same


def measure_pairs(file: Path, truth: Truth, thresholds: tuple[float, ...]) -> dict[str, Any]:
    """Pairs of a `pairs.parquet`: precision, recall, F1 at each threshold; the best F1 and where; the calibration.

    Pairs that the file leaves out (those of low probability) count as not linked.
    """
    columns = ("record_id_l", "record_id_r", "match_probability", "match_weight")
    table = pq.read_table(file, columns=list(columns))
    left, right, probability, weight = (table[c].to_numpy() for c in columns)
    same = truth.same(left, right)
    order = np.argsort(-weight, kind="stable")
    counts = np.arange(1, len(order) + 1)
    curve = 2 * np.cumsum(same[order]) / (counts + truth.pairs)
    last = np.append(np.diff(weight[order]) != 0, True) if len(order) else np.zeros(0, bool)
    best = int(np.argmax(np.where(last, curve, 0))) if len(order) else 0
    return {
        "at": {str(t): _at(same[probability >= t], truth.pairs) for t in thresholds},
        "best_f1": float(curve[best]) if len(order) else 0.0,
        "best_probability": float(probability[order][best]) if len(order) else 1.0,
        "calibration": calibration(probability.astype(np.float64), same, _EDGES),
    }


def _at(same: NDArray[np.bool_], true: int) -> dict[str, float]:
    both = int(same.sum())
    return {
        "precision": both / len(same) if len(same) else 1.0,
        "recall": both / true if true else 1.0,
        "f1": 2 * both / (len(same) + true) if len(same) + true else 1.0,
    }


def measure_clusters(file: Path, truth: Truth) -> dict[str, Any]:
    """Clusters of a `clusters.parquet`, by pairs: see `evaluate_clusters`."""
    table = pq.read_table(file, columns=["record_id", "entity_id"])
    record, entity = table["record_id"].to_numpy(), table["entity_id"].combine_chunks().dictionary_encode()
    found = np.full(len(truth.person), -1, np.int64)
    found[record - 1] = entity.indices.to_numpy()
    if (found < 0).any():
        raise ValueError(f"{file} leaves out {(found < 0).sum():,} records")
    return evaluate_clusters(found, truth.person)
