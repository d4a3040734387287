"""The same model run whole through recordlinkage: the slow reference that the fast engine is held against.

Independent of the engine are: what follows from a record's texts, blocking keys and blocks (plain values, pandas,
`recordlinkage.Index`), the levels of every pair (`resolver.toolkit.plain`, through `recordlinkage.Compare`), the
weights (`resolver.toolkit.em`), repeated descriptions, and the pairs within connected groups (networkx). Shared with
it are: the hashes by which a model looks up common values and the keys it leaves out (they are part of its file), its
tables of characters, judgements, clustering, and the tables of results.
"""

from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from recordlinkage import Compare

from resolver.errors import LinkageError
from resolver.linkage.blocking import Rows, rule_keys
from resolver.linkage.characters import look_alikes
from resolver.linkage.columns import NumberState, encode, in_order
from resolver.linkage.completion import LARGEST
from resolver.linkage.descriptions import FEW
from resolver.linkage.engine import Grouped, Linkage, grouping
from resolver.linkage.grouping import Numbered
from resolver.linkage.judged import Judged, JudgedPairs, judged_pairs
from resolver.linkage.levels import Comparison
from resolver.linkage.model import Model
from resolver.linkage.scoring import Against, Scored, split
from resolver.linkage.tables import members_table, pairs_table
from resolver.linkage.two_numbers import kept_of_persons
from resolver.progress import Progress, silent
from resolver.sliced_table import SlicedTable
from resolver.toolkit.classifier import MixtureClassifier
from resolver.toolkit.plain.candidates import Candidates, candidates, key_frame, without_oversized
from resolver.toolkit.plain.feature import RECORD, PlainFeature
from resolver.toolkit.plain.levels import Bands, Known
from resolver.toolkit.plain.person import Person, person

MOST_RECORDS = 50_000


class Reference:
    """Records and a model, as the reference sees them.

    Attributes:
        record_key: int64 (n,), ascending: rows are counted in this order.
        persons: The records in plain values.
    """

    def __init__(self, records: pa.Table, model: Model) -> None:
        """Read the records.

        Args:
            records: Columns of `PERSON_RECORD_SCHEMA`, in any order, one row a record.
            model: A model version.

        Raises:
            LinkageError: A column is missing, or there are more than `MOST_RECORDS`.
        """
        if records.num_rows > MOST_RECORDS:
            raise LinkageError(
                f"{records.num_rows:,} records; recordlinkage can take {MOST_RECORDS:,}",
                remedy="Use the engine guiyi, or fewer records.",
            )
        columns = encode(in_order(records))
        rules = model.settings.blocking.rules
        hashes = rule_keys(columns, rules)
        self.model = model
        self.record_key = columns.record_key
        self.persons: list[Person] = [person(row) for row in in_order(records).to_pylist()]
        self._left_out = np.stack([np.isin(hashes[:, k], model.oversized[k]) for k in range(len(rules))], 1)
        alike = np.union1d(look_alikes(), model.confusions)
        both_ways = frozenset((chr(pair >> 32), chr(pair & 0xFFFFFFFF)) for pair in alike.tolist())
        bands = model.rarity.bands(columns).tolist()
        known = [Known(p, Bands(*b), both_ways) for p, b in zip(self.persons, bands, strict=True)]
        self._frame = pd.DataFrame({RECORD: pd.Series(known, dtype=object)})
        self._classifier = MixtureClassifier(model)

    def candidates(self, first: Rows) -> Candidates:
        """Candidate pairs; rows that repeat the description of a `first` row have no keys.

        Raises:
            LinkageError: There are too many for this toolkit.
        """
        settings = self.model.settings.blocking
        keys = key_frame(self.persons, settings.rules)
        keys[first != np.arange(len(first))] = pd.NA
        return candidates(without_oversized(keys, settings.hard_cap, self._left_out))

    def score(self, left: Rows, right: Rows, rule: NDArray[np.int16] | None = None) -> Scored:
        """Compare and weigh pairs of rows (m,), (m,); `rule` (m,) is -1 if none is given."""
        pairs = pd.MultiIndex.from_arrays([right, left])
        vectors = Compare([PlainFeature(comparison) for comparison in Comparison]).compute(pairs, self._frame)
        log_odds = np.asarray(self._classifier.log_odds(vectors), np.float64)
        rules = np.full(len(left), -1, np.int16) if rule is None else rule
        return Scored(left, right, log_odds, rules, vectors.to_numpy(np.uint8))

    def first_rows(self, judged: JudgedPairs) -> Rows:
        """First row (n,) of each row's description where it is often repeated and surely one person's; else the row."""
        rows_of: dict[tuple[object, ...], list[int]] = defaultdict(list)
        for row, person_ in enumerate(self.persons):
            rows_of[person_.description].append(row)
        first = np.arange(len(self.persons), dtype=np.int32)
        for rows in rows_of.values():
            if len(rows) > FEW:
                first[rows] = rows[0]
        apart = np.unique(judged.different)
        first[apart] = apart
        repeats = np.flatnonzero(first != np.arange(len(first))).astype(np.int32)
        log_odds = self.score(first[repeats], repeats).log_odds
        doubtful = repeats[log_odds <= self.model.settings.clustering.clip / 2]
        first[doubtful] = doubtful
        return first

    def numbered(self) -> Numbered:
        """What valid numbers say of who is not who."""
        numbers = [p.number for p in self.persons]
        valid = [n.state in (NumberState.VALID, NumberState.DOUBTFUL) for n in numbers]
        entries = [
            n.text if ok and p.registered else None
            for n, ok, p in zip(numbers, valid, self.persons, strict=True)
        ]
        homes = [
            f"{p['household_no']} {p['name']}" if p.registered and p["household_no"] and p["name"] else None
            for p in self.persons
        ]
        codes, households = (
            (pd.factorize(pd.Series(values, dtype=object))[0] + 1).astype(np.uint64)
            for values in (entries, homes)
        )
        rows = np.array([n.state == NumberState.VALID for n in numbers], np.bool_)
        nameless = np.array([p.parent is not None for p in self.persons], np.bool_)
        told = [p["name"] is not None and p.birth.day is not None for p in self.persons]
        identified = np.array(told, np.bool_) & ~nameless
        placed = [
            p.registered or ok or n.state == NumberState.OTHER_DOCUMENT
            for n, ok, p in zip(numbers, valid, self.persons, strict=True)
        ]
        bare = [p.name_alone for p in self.persons]
        return Numbered(
            rows,
            codes,
            households,
            nameless,
            identified,
            np.array(placed, np.bool_),
            np.array(bare, np.bool_),
        )


def link_with_toolkit(
    records: pa.Table, model: Model, judgements: Sequence[Judged] = (), progress: Progress = silent
) -> Linkage:
    """Find which records are of one person, as `resolver.linkage.engine.link` does, with recordlinkage.

    Args:
        records: Columns of `PERSON_RECORD_SCHEMA`, in any order, one row a record; at most `MOST_RECORDS`.
        model: A model version.
        judgements: Human decisions that hold, none undone; those about other records are left aside.
        progress: Told how far it is.

    Raises:
        LinkageError: A column is missing, judgements contradict one another, or there is too much for this toolkit.
    """
    progress("preparing records", 0, 0)
    reference = Reference(records, model)
    judged = judged_pairs(judgements, reference.record_key)
    first = reference.first_rows(judged)
    progress("finding candidates", 0, 0)
    found = reference.candidates(first)
    progress("comparing pairs", 0, len(found.left))
    clustering = model.settings.clustering
    scored, against = split(
        reference.score(found.left, found.right, found.rule), kept_of_persons(clustering.keep)
    )
    scored, against = _completed(scored, against, reference)
    scored = _with_others(scored, reference, judged, first)
    progress("clustering", 0, 0)
    grouped = grouping((scored, against), judged, first, reference.numbered(), clustering)
    return Linkage(
        kept=SlicedTable.of(pairs_table(scored, reference.record_key, model.settings)),
        members=members_table(grouped.persons.trees, grouped.persons.labels, reference.record_key),
        ambiguous=pa.array(reference.record_key[grouped.persons.ambiguous]),
        report=_report(grouped, len(found.left), model),
    )


def _completed(scored: Scored, against: Against, reference: Reference) -> tuple[Scored, Against]:
    """Compare the pairs within small groups of connected records that no rule yielded; leave out what is not within."""
    graph = nx.Graph(_pairs(scored.left, scored.right))
    component = {row: number for number, rows in enumerate(nx.connected_components(graph)) for row in rows}
    ends = _pairs(against.left, against.right)
    within = [component.get(left, -1) == component.get(right, -2) for left, right in ends]
    against = against.take(np.array(within, np.bool_))
    known = {*_pairs(scored.left, scored.right), *_pairs(against.left, against.right)}
    absent = [
        pair
        for rows in nx.connected_components(graph)
        if len(rows) <= LARGEST
        for pair in combinations(sorted(rows), 2)
        if pair not in known
    ]
    more, less = split(
        reference.score(*_ends(absent)), kept_of_persons(reference.model.settings.clustering.keep)
    )
    return _together(scored, more), against + less


def _with_others(scored: Scored, reference: Reference, judged: JudgedPairs, first: Rows) -> Scored:
    """Candidates, and with them the pairs that no blocking rule yields: judged ones, repeated descriptions."""
    known = {*_pairs(scored.left, scored.right)}
    judged_rows = [tuple(pair) for pair in [*judged.same.tolist(), *judged.different.tolist()]]
    repeats = [(row, place) for place, row in enumerate(first.tolist()) if row != place]
    others = [pair for pair in [*judged_rows, *repeats] if pair not in known]
    return _together(scored, reference.score(*_ends(others)))


def _pairs(left: Rows, right: Rows) -> list[tuple[int, int]]:
    return list(zip(left.tolist(), right.tolist(), strict=True))


def _ends(pairs: Sequence[tuple[int, int]]) -> tuple[Rows, Rows]:
    rows = np.array(pairs, np.int32).reshape(-1, 2)
    return rows[:, 0].copy(), rows[:, 1].copy()


def _together(one: Scored, other: Scored) -> Scored:
    """Pairs of both, sorted by left and right row."""
    parts = {name: np.concatenate([getattr(one, name), getattr(other, name)]) for name in vars(one)}
    together = Scored(**parts)
    return together.take(np.lexsort((together.right, together.left)))


def _report(grouped: Grouped, n_candidates: int, model: Model) -> dict[str, Any]:
    rules = model.settings.blocking.rules
    return {
        "engine": "recordlinkage",
        "candidate_pairs": n_candidates,
        "model_version": model.version,
        "records": len(grouped.persons.labels),
        "pairs_kept": len(grouped.scored),
        "clusters": len(np.unique(grouped.persons.labels)),
        "ambiguous_records": int(grouped.persons.ambiguous.sum()),
        "pairs_kept_by_rule": {
            rule.name: int((grouped.scored.rule == number).sum()) for number, rule in enumerate(rules)
        },
    }
