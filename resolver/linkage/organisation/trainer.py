"""A model version for organisations from their own records, without labels.

There are four classes of pairs (`settings.CLASSES`): matches, namesakes, neighbours under one roof or one agent's
phone, and strangers. EM starts from what the settings believe of each, and they hold the estimates where organisations
are few: a county of thirty firms has too few pairs to learn from.
"""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa

from resolver.linkage.blocking import block, expand, parts
from resolver.linkage.organisation.atoms import rule_keys
from resolver.linkage.organisation.columns import encode
from resolver.linkage.organisation.comparison import Comparable, comparable, compare
from resolver.linkage.organisation.model import OrganisationModel
from resolver.linkage.organisation.settings import (
    OrganisationSettings,
    TrainingSettings,
    organisation_settings,
)
from resolver.linkage.organisation.sharing import count_sharing
from resolver.linkage.patterns import Patterns, count, pack
from resolver.linkage.training import Estimate, Table, fit

_SEED = 20260101
Counted = tuple[Patterns, Table]
"""Patterns (k,) of pairs, and how many pairs show each (k,)."""


def train_organisations(records: pa.Table, settings: OrganisationSettings | None = None) -> OrganisationModel:
    """Make a model version.

    Args:
        records: Columns of `ORGANISATION_RECORD_SCHEMA`, in any order, one row a record.
        settings: What is compared and how; default `organisation.toml`.

    Raises:
        LinkageError: A column is missing.
    """
    settings = settings or organisation_settings()
    columns = encode(records)
    sharing = count_sharing(columns, settings.values)
    data = comparable(columns, sharing)
    rules = settings.blocking.rules
    blocking = block(rule_keys(columns, rules), [settings.blocking.cap] * len(rules))

    def one(piece: tuple[int, slice]) -> Counted:
        return _counted(data, *expand(blocking, *piece))

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        candidates = count(list(pool.map(one, parts(blocking))))
    patterns, counts = _with_strangers(candidates, data, settings.training)
    start = Estimate(np.array(settings.training.shares), settings.believed, 0)
    estimate = fit(patterns, counts, start, settings.training, settings.comparisons)
    return OrganisationModel(
        settings=settings,
        shares=estimate.shares,
        levels=estimate.levels,
        sharing=sharing,
        oversized=blocking.oversized,
        trained_on={
            "records": len(columns),
            "pairs": round(float(counts.sum())),
            "patterns": len(patterns),
            "matches": float(estimate.shares[0]),
            "iterations": estimate.iterations,
        },
    )


def _counted(
    data: Comparable,
    left: np.ndarray[tuple[int], np.dtype[np.int32]],
    right: np.ndarray[tuple[int], np.dtype[np.int32]],
) -> Counted:
    patterns, counts = np.unique(pack(compare(data, left, right)), return_counts=True)
    return patterns, counts.astype(np.float64)


def _with_strangers(candidates: Counted, data: Comparable, training: TrainingSettings) -> Counted:
    """Candidates, and random pairs beside them: blocks alone hardly show what has nothing in common.

    There are always enough pairs per record, however many candidates: the share of matches is one of all pairs.
    """
    n = len(data.words)
    wanted = min(training.per_record * n, n * (n - 1) // 2) - candidates[1].sum()
    most = int(min(max(wanted, 0), training.random_pairs))
    drawn = np.random.default_rng(_SEED).integers(0, max(n, 1), (2, most), dtype=np.int32)
    drawn = drawn[:, drawn[0] != drawn[1]]
    if not drawn.shape[1]:
        return candidates
    patterns, counts = _counted(data, drawn[0].copy(), drawn[1].copy())
    return count([candidates, (patterns, counts * (wanted / counts.sum()))])
