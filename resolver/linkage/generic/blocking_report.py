"""What blocking rules yield, before anything is compared: the way to choose them."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from resolver.linkage.generic.candidates import Candidates, find_candidates
from resolver.linkage.generic.pieces import pairs_of
from resolver.linkage.generic.repeats import first_of_repeated
from resolver.linkage.generic.settings import BlockingChoice, TableSettings
from resolver.linkage.generic.table import Table, read_tables

_Pairs = NDArray[np.int64]


def count_blocking(table: Table, settings: TableSettings, truth: Path | None = None) -> dict[str, Any]:
    """Count candidate pairs, rule by rule and in all.

    Args:
        table: The records.
        settings: Their blocking rules and cap are used.
        truth: File with `record_id` and `entity_id`; for two tables record ids must be unique over both.

    Returns:
        `records`, `candidate_pairs`, `pairs_per_record`, and with truth `true_pairs` and `recall`; `rules`, one for
        each: the fields of `candidates.RuleCount`, `new_pairs` (that no earlier rule yields), and with truth `recall`
        (of this rule alone) and `only` (share of true pairs that only this rule yields).

    Raises:
        LinkageError: A file cannot be read or lacks a column.
    """
    first = first_of_repeated(table)
    candidates = find_candidates(table, settings.blocking, first)
    every = _sorted_pairs(candidates)
    rules = [{**asdict(count), "new_pairs": 0} for count in candidates.counts]
    for piece in candidates.pieces():
        place = piece.rule if piece.rule is not None else len(candidates.plain.blocks)
        if place < len(rules):
            rules[place]["new_pairs"] += len(pairs_of(piece)[0])
    out: dict[str, Any] = {
        "records": len(table),
        "candidate_pairs": len(every),
        "pairs_per_record": len(every) / max(len(table), 1),
        "rules": rules,
    }
    if truth is not None:
        true = true_pairs(table, entities_of(table, truth))
        out |= {"true_pairs": len(true), "recall": _share(true, every)}
        _add_recall(rules, table, settings, true)
    return out


def entities_of(table: Table, truth: Path) -> NDArray[np.int64]:
    """True entity (n,) of every record; records that the truth does not know are each alone (negative numbers).

    Raises:
        LinkageError: The file cannot be read or lacks a column.
    """
    found = read_tables([truth], ["entity_id"], "record_id")
    ids = pc.cast(table.record_id.combine_chunks(), pa.string())
    place = pc.index_in(ids, value_set=pc.cast(found.record_id.combine_chunks(), pa.string()))
    rows = pc.fill_null(place, -1).to_numpy(zero_copy_only=False)
    codes = found.columns["entity_id"].codes.astype(np.int64)
    alone = -1 - np.arange(len(table))
    return np.where(rows >= 0, codes[rows], alone) if len(codes) else alone


def true_pairs(table: Table, entity: NDArray[np.int64]) -> _Pairs:
    """Pairs of records of one entity as left << 32 | right, sorted; of two tables only those across."""
    order = np.argsort(entity, kind="stable")
    ordered = entity[order]
    starts = np.flatnonzero(np.concatenate([[len(order) > 0], ordered[1:] != ordered[:-1]]))
    sizes = np.diff(np.append(starts, len(order)))
    parts = []
    for size in np.unique(sizes[sizes > 1]):
        members = np.sort(order[starts[sizes == size][:, None] + np.arange(size)], axis=1)
        a, b = np.triu_indices(size, 1)
        parts.append((members[:, a].astype(np.int64) << 32 | members[:, b]).ravel())
    pairs = np.sort(np.concatenate([np.zeros(0, np.int64), *parts]))
    if not table.of_two:
        return pairs
    left, right = pairs >> 32, pairs & 0xFFFFFFFF
    return pairs[(left < table.n_left) & (right >= table.n_left)]


def _sorted_pairs(candidates: Candidates) -> _Pairs:
    parts = candidates.pairs()
    return np.sort(np.concatenate([np.zeros(0, np.int64), *(a.astype(np.int64) << 32 | b for a, b in parts)]))


def _share(true: _Pairs, found: _Pairs) -> float:
    return float(_among(true, found).mean()) if len(true) else 1.0


def _among(wanted: _Pairs, found: _Pairs) -> NDArray[np.bool_]:
    if len(found) == 0:
        return np.zeros(len(wanted), np.bool_)
    place = np.minimum(np.searchsorted(found, wanted), len(found) - 1)
    return np.asarray(found[place] == wanted)


def _add_recall(rules: list[dict[str, Any]], table: Table, settings: TableSettings, true: _Pairs) -> None:
    """Recall of each rule alone, and what only it yields."""
    by_name = {rule.name: rule for rule in settings.blocking.rules}
    hits = []
    for counted in rules:
        choice = BlockingChoice((by_name[counted["name"]],), settings.blocking.cap)
        alone = find_candidates(table, choice, np.arange(len(table), dtype=np.int32))
        hits.append(_among(true, _sorted_pairs(alone)))
    several = np.sum(hits, axis=0) if hits else np.zeros(len(true), np.int64)
    for counted, hit in zip(rules, hits, strict=True):
        counted["recall"] = float(hit.mean()) if len(true) else 1.0
        counted["only"] = float((hit & (several == 1)).mean()) if len(true) else 0.0
