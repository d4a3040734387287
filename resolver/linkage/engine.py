"""The engine: records and a model version in, scored pairs and clusters out. The order of records does not matter."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from resolver.linkage.blocking import Blocking, Rows, block_records
from resolver.linkage.clustering import components, connected
from resolver.linkage.columns import Columns, encode, in_order
from resolver.linkage.completion import absent_pairs
from resolver.linkage.cores import on_all_cores
from resolver.linkage.descriptions import Repeats, description_hashes, first_rows
from resolver.linkage.entries import Entries, sorted_entries
from resolver.linkage.grouping import Numbered, Persons, persons
from resolver.linkage.judged import Judged, JudgedPairs, judged_pairs
from resolver.linkage.model import Model
from resolver.linkage.portions import Portion, Portions
from resolver.linkage.scoring import (
    Against,
    Kept,
    Rowed,
    Scored,
    Scorer,
    Weighed,
    contains,
    merge,
    score_candidates,
    split,
)
from resolver.linkage.settings import ClusteringSettings
from resolver.linkage.tables import members_table, pairs_table
from resolver.linkage.two_numbers import kept_of_persons, seen_as
from resolver.memory import give_back
from resolver.progress import Progress, silent
from resolver.sliced_table import SlicedTable


@dataclass(frozen=True)
class Linkage:
    """What linkage found.

    Attributes:
        kept: Scored candidate pairs that were kept, as in `docs/data.md`.
        members: `tables.MEMBERS_SCHEMA`, sorted by `record_key`; `cluster` is the smallest record key in it.
        ambiguous: Record keys, ascending, of records that fit two clusters almost equally and were kept apart.
        report: Counts for people and for the manifest.
    """

    kept: SlicedTable
    members: pa.Table
    ambiguous: pa.Array
    report: dict[str, Any]

    @property
    def pairs(self) -> pa.Table:
        """The pairs that were kept, as a whole."""
        return self.kept.whole()


@dataclass(frozen=True)
class Grouped:
    """Persons among some rows.

    Attributes:
        scored: The pairs kept, judged ones and repeated descriptions among them.
        groups: int32 (n,): smallest row of the group of rows that these pairs connect with each row.
        persons: Whose the records are.
    """

    scored: Scored
    groups: Rows
    persons: Persons


@dataclass(frozen=True)
class WholeRun:
    """What a run over all records found, in numbers.

    Attributes:
        columns: The records.
        judged: Judged pairs.
        repeats: Records with descriptions that are repeated often.
        numbered: What valid numbers say.
        against: Pairs within groups that were not kept.
        grouped: Pairs kept, and persons.
        report: Counts.
        descriptions: Hashes of the descriptions.
    """

    columns: Columns
    judged: JudgedPairs
    repeats: Repeats
    numbered: Numbered
    against: Against
    grouped: Grouped
    report: dict[str, Any]
    descriptions: Entries


def link(
    records: pa.Table, model: Model, judgements: Sequence[Judged] = (), progress: Progress = silent
) -> Linkage:
    """Find which records are of one person.

    Args:
        records: Columns of `PERSON_RECORD_SCHEMA`, in any order, one row a record.
        model: A model version.
        judgements: Human decisions that hold, none undone; those about other records are left aside.
        progress: Told how far it is.

    Raises:
        LinkageError: A column is missing, or judgements contradict one another.
    """
    return in_tables(link_whole(records, model, judgements, progress), model)


def link_whole(
    records: pa.Table, model: Model, judgements: Sequence[Judged] = (), progress: Progress = silent
) -> WholeRun:
    """As `link`, but gives what was found in numbers."""
    progress("preparing records", 0, 0)
    columns = encode(in_order(records))
    give_back()
    scorer = Scorer(len(columns), model.comparison(columns), model.mixture)
    judged = judged_pairs(judgements, columns.record_key)
    descriptions = sorted_entries(description_hashes(columns))
    repeats = _repeats(descriptions, scorer, judged, model)
    first = repeats.firsts(len(columns))
    found, against, report = _score(columns, scorer, first, model, progress)
    found, against = _completed(found, against, scorer, kept_of_persons(model.settings.clustering.keep))
    found = _with_others(found, scorer, judged, first)
    give_back()
    progress("clustering", 0, 0)
    numbered = Numbered.of(columns)
    grouped = grouping((found, against), judged, first, numbered, model.settings.clustering)
    return WholeRun(columns, judged, repeats, numbered, against, grouped, report, descriptions)


def grouping(
    pairs: tuple[Scored, Against],
    judged: JudgedPairs,
    first: Rows,
    numbered: Numbered,
    settings: ClusteringSettings,
) -> Grouped:
    """Cluster rows, and find what holds each cluster together.

    Args:
        pairs: Those that were kept, sorted, judged ones and repeated descriptions among them; and others within
            groups that these connect.
        judged: Judged pairs.
        first: int32 (n,): the first row of those with the same description, if it is repeated often.
        numbered: What the numbers of each row say.
        settings: Thresholds.
    """
    scored, n = pairs[0], len(first)
    groups, seen = connected(n, scored.left, scored.right), seen_as(scored, n)
    portions, found = Portions.of(groups, scored.left), Persons.room(n)
    weighed = [Weighed(some.left, some.right, some.log_odds) for some in pairs]
    spread = on_all_cores(lambda some: portions.spread(some.left, some.right), weighed)

    def one(portion: Portion) -> None:
        rows, place = portion.rows, portion.place
        kept, not_kept = (
            Weighed(ends.left, ends.right, some.log_odds[ends.number])
            for ends, some in zip(map(portion.of, spread), weighed, strict=True)
        )
        mine = JudgedPairs(portion.among(judged.same), portion.among(judged.different))
        said = numbered.take(rows), seen[rows]
        found.put(rows, persons((kept, not_kept), mine, place[first[rows]], said, settings))

    portions.each(one)
    return Grouped(scored, groups, found)


def in_tables(run: WholeRun, model: Model) -> Linkage:
    """What was found, as tables."""
    found, record_key = run.grouped, run.columns.record_key
    return Linkage(
        kept=SlicedTable.of(pairs_table(found.scored, record_key, model.settings)),
        members=members_table(found.persons.trees, found.persons.labels, record_key),
        ambiguous=pa.array(record_key[found.persons.ambiguous]),
        report={**run.report, **_outcome(found, model)},
    )


def _score(
    columns: Columns, scorer: Scorer, first: Rows, model: Model, progress: Progress
) -> tuple[Scored, Against, dict[str, Any]]:
    """Score the candidates: pairs kept, pairs not kept, and what to report of the blocks."""
    progress("finding candidates", 0, 0)
    settings = model.settings.blocking
    caps = [settings.hard_cap] * len(settings.rules)
    repeats = first != np.arange(len(first))
    blocking = block_records(columns, settings.rules, caps, model.oversized, repeats)
    give_back()
    found, against = score_candidates(
        blocking,
        scorer,
        kept_of_persons(model.settings.clustering.keep),
        lambda done, of: progress("comparing pairs", done, of),
    )
    report = {"candidate_pairs": len(found) + len(against), "oversized_blocks": _oversized(blocking, model)}
    return found, against, report


def _repeats(descriptions: Entries, scorer: Scorer, judged: JudgedPairs, model: Model) -> Repeats:
    """Rows whose description is repeated often, and whether it surely speaks of one person."""
    row, first = repeated_rows(descriptions, scorer.n_records, judged)
    held = scorer.score(first, row).log_odds > model.settings.clustering.clip / 2
    return Repeats(row, first, held)


def repeated_rows(descriptions: Entries, n: int, judged: JudgedPairs) -> tuple[Rows, Rows]:
    """Rows whose description is repeated often, ascending, and the first row with it; none that is judged different."""
    first = first_rows(descriptions, n)
    apart = judged.different.ravel()
    first[apart] = apart
    row = np.flatnonzero(first != np.arange(n)).astype(np.int32)
    return row, first[row]


def _completed(found: Scored, against: Against, scorer: Scorer, kept: Kept) -> tuple[Scored, Against]:
    """Compare the pairs within small groups of connected records that no rule yielded; leave out what is not within."""
    component = components(scorer.n_records, found.left, found.right)
    against = against.take(component[against.left] == component[against.right])
    known = np.concatenate([found.left, against.left]), np.concatenate([found.right, against.right])
    more, less = split(scorer.score(*absent_pairs(component, *known)), kept)
    return merge([found, more], scorer), against + less


def _with_others(found: Scored, scorer: Scorer, judged: JudgedPairs, first: Rows) -> Scored:
    """Candidates, and with them the pairs that no blocking rule yields: judged ones, repeated descriptions."""
    missing = other_pairs(found, judged, first)
    return merge([found, scorer.score(missing[:, 0].copy(), missing[:, 1].copy())], scorer)


def other_pairs(found: Rowed, judged: JudgedPairs, first: Rows) -> np.ndarray[Any, np.dtype[np.int32]]:
    """Pairs (k, 2) that matter though they are not among those found (sorted): judged ones, repeated descriptions."""
    repeats = np.flatnonzero(first != np.arange(len(first))).astype(np.int32)
    added = np.concatenate([judged.same, judged.different, np.stack([first[repeats], repeats], axis=1)])
    keys = np.unique(added[:, 0].astype(np.int64) << 32 | added[:, 1])  # judged the same, and repeated
    added = np.stack([keys >> 32, keys & 0xFFFFFFFF], axis=1).astype(np.int32)
    return added[~contains(found, added)] if len(added) else added


def _outcome(found: Grouped, model: Model) -> dict[str, Any]:
    rules, labels = model.settings.blocking.rules, found.persons.labels
    kept = np.bincount(found.scored.rule[found.scored.rule >= 0], minlength=len(rules))
    return {
        "model_version": model.version,
        "records": len(labels),
        "pairs_kept": len(found.scored),
        "clusters": int((labels == np.arange(len(labels))).sum()),
        "ambiguous_records": int(found.persons.ambiguous.sum()),
        "pairs_kept_by_rule": {rule.name: int(kept[number]) for number, rule in enumerate(rules)},
    }


def _oversized(blocking: Blocking, model: Model) -> dict[str, dict[str, int]]:
    """Per rule with blocks left out: how many keys and records, and how many keys outgrew the limit since training."""
    return {
        rule.name: {
            "keys": len(blocking.oversized[number]),
            "records": blocking.left_out[number],
            "outgrown": int((~np.isin(blocking.oversized[number], model.oversized[number])).sum()),
        }
        for number, rule in enumerate(model.settings.blocking.rules)
        if len(blocking.oversized[number])
    }
