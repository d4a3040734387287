"""Judgements as linkage applies them: pairs of rows that must, and must not, be one person."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from resolver.errors import LinkageError
from resolver.linkage.clustering import components


class Judged(Protocol):
    """What linkage reads of a judgement; `resolver.ledger.judgement.Judgement` is one."""

    @property
    def decision(self) -> Literal["same", "different", "undo"]:
        """`same` or `different`; others are left aside."""

    @property
    def record_key_l(self) -> int:
        """The one record."""

    @property
    def record_key_r(self) -> int:
        """The other."""


@dataclass(frozen=True)
class JudgedPairs:
    """Judged pairs of rows, left < right, each once.

    Attributes:
        same: int32 (s, 2).
        different: int32 (d, 2).
    """

    same: NDArray[np.int32]
    different: NDArray[np.int32]


def judged_pairs(judgements: Sequence[Judged], record_key: NDArray[np.int64]) -> JudgedPairs:
    """Find the rows of judged records; judgements about records that are not here are left aside.

    Args:
        judgements: Those that hold, none undone.
        record_key: int64 (n,), sorted.

    Raises:
        LinkageError: Judgements contradict one another; all that do are named.
    """
    same = _rows([j for j in judgements if j.decision == "same"], record_key)
    different = _rows([j for j in judgements if j.decision == "different"], record_key)
    if len(different):
        held = components(len(record_key), same[:, 0], same[:, 1])
        wrong = different[held[different[:, 0]] == held[different[:, 1]]]
        if len(wrong):
            named = "; ".join(f"{record_key[a]} and {record_key[b]}" for a, b in wrong)
            raise LinkageError(
                f"judged different, but held to be the same by other judgements: {named}",
                remedy="Undo the judgements that are wrong, then run again.",
            )
    return JudgedPairs(same, different)


def _rows(judgements: Sequence[Judged], record_key: NDArray[np.int64]) -> NDArray[np.int32]:
    keys = np.array([(j.record_key_l, j.record_key_r) for j in judgements], np.int64).reshape(-1, 2)
    if not len(keys) or not len(record_key):
        return np.zeros((0, 2), np.int32)
    rows = np.minimum(np.searchsorted(record_key, keys), len(record_key) - 1)
    here = (record_key[rows] == keys).all(axis=1) & (rows[:, 0] != rows[:, 1])
    return np.unique(np.sort(rows[here], axis=1), axis=0).astype(np.int32)
