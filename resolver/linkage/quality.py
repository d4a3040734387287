"""Which pairs of records to label by hand, so that precision and recall can be estimated where there is no truth.

The pairs that a sample is drawn from are of three kinds:

linked     every pair of records of one entity: what precision is about
apart      pairs that linkage compared and kept, but did not join
nearest    every record's most similar partner among the pairs that much looser blocking yields and that are neither

Matches in the first are those found, in the other two those missed. A missed match that shares nothing with which the
loose rules begin, or that is neither record's nearest, is not covered: recall is over what is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from resolver.linkage.blocking import Rows, block, expand, parts, rule_keys
from resolver.linkage.columns import encode, in_order
from resolver.linkage.model import Model
from resolver.linkage.scoring import Scorer, match_probability

Kind = Literal["linked", "apart", "nearest"]

BANDS = (0.0, 0.05, 0.5, 0.85, 0.95, 0.99, 0.999, 1.0)
"""Edges of match probability between strata of linked and of kept pairs."""
NEAREST_BANDS = (0.0, 0.001, 0.05, 0.5, 1.0)
"""The same for the nearest partners, most of which are plainly other people."""

_LOOSE_CAP = 100  # records in a block of loose blocking
_LEAST = 10  # labels in a stratum, while there are so many pairs and labels
_LEAST_VARIANCE = 0.005  # a stratum that the model is sure of is still looked at


@dataclass(frozen=True)
class Stratum:
    """Some of the pairs: of one kind, with a match probability in one band.

    Attributes:
        kind: See the module.
        low: Least match probability.
        high: Most.
        size: How many pairs.
        expected: Their mean match probability.
    """

    kind: Kind
    low: float
    high: float
    size: int
    expected: float


@dataclass(frozen=True)
class Frame:
    """The pairs that a sample is drawn from.

    Attributes:
        record_key: int64 (n,): keys of the records, ascending.
        left: int32 (m,): rows of records.
        right: int32 (m,), greater.
        probability: float64 (m,): match probability by the model.
        stratum: int16 (m,): place in `strata`; ascending.
        strata: Those that have pairs.
    """

    record_key: NDArray[np.int64]
    left: Rows
    right: Rows
    probability: NDArray[np.float64]
    stratum: NDArray[np.int16]
    strata: tuple[Stratum, ...]


@dataclass(frozen=True)
class Drawn:
    """A sample, in an order that says nothing of the strata.

    Attributes:
        pairs: `record_key_l`, `record_key_r` int64, `stratum` int16, `inclusion_probability` float64.
        strata: Those of the frame.
    """

    pairs: pa.Table
    strata: tuple[Stratum, ...]


def quality_frame(records: pa.Table, members: pa.Table, pairs: pa.Table, model: Model) -> Frame:
    """The pairs to draw from.

    Args:
        records: Person records, columns of `PERSON_RECORD_SCHEMA`.
        members: `record_key`, `entity_id` of every record.
        pairs: `record_key_l`, `record_key_r`, `match_probability` of the pairs that linkage kept.
        model: The model version that linked them.
    """
    columns = encode(in_order(records))
    entity = members.sort_by("record_key")["entity_id"].to_numpy()
    scorer = Scorer(len(columns), model.comparison(columns), model.mixture)
    kept = _key(*(_rows(pairs, side, columns.record_key) for side in ("record_key_l", "record_key_r")))
    order = np.argsort(kept)
    kept, kept_probability = kept[order], pairs["match_probability"].to_numpy()[order]
    linked = _linked(entity)
    apart = ~np.isin(kept, linked, assume_unique=True)
    loose = rule_keys(columns, model.settings.blocking.rules + model.settings.training.wide_rules)
    nearest = _nearest(loose, entity, kept, scorer)
    found = [
        ("linked", linked, _probability(linked, kept, kept_probability, scorer), BANDS),
        ("apart", kept[apart], kept_probability[apart], BANDS),
        ("nearest", nearest, _probability(nearest, kept, kept_probability, scorer), NEAREST_BANDS),
    ]
    return _stratified(columns.record_key, found)  # type: ignore[arg-type]


def draw(frame: Frame, pairs: int, seed: int) -> Drawn:
    """Draw a sample, in every stratum at random without replacement.

    Labels go to the strata by Neyman's optimal allocation with the variance that the model expects, at least
    `_LEAST` to each (J. Neyman, Journal of the Royal Statistical Society 97 (1934) 558-625).

    Args:
        frame: What to draw from.
        pairs: How many pairs to draw; all when there are fewer.
        seed: The same seed draws the same pairs of the same frame.
    """
    rng = np.random.default_rng(seed)
    first = np.searchsorted(frame.stratum, np.arange(len(frame.strata)))
    wanted = allocated(frame.strata, pairs)
    chosen = [
        start + rng.choice(stratum.size, n, replace=False)
        for start, stratum, n in zip(first, frame.strata, wanted, strict=True)
    ]
    places = rng.permutation(np.concatenate([np.zeros(0, np.int64), *chosen]))
    share = np.array([n / s.size for n, s in zip(wanted, frame.strata, strict=True)])
    stratum = frame.stratum[places]
    table = {
        "record_key_l": frame.record_key[frame.left[places]],
        "record_key_r": frame.record_key[frame.right[places]],
        "stratum": stratum,
        "inclusion_probability": share[stratum] if len(share) else np.zeros(0),
    }
    return Drawn(pa.table(table), frame.strata)


def allocated(strata: Sequence[Stratum], pairs: int) -> list[int]:
    """How many pairs to label of each stratum; together `pairs`, or all there are."""
    sizes = np.array([s.size for s in strata], np.int64)
    if sizes.sum() <= pairs:
        return [int(size) for size in sizes]
    spread = np.array([np.sqrt(max(s.expected * (1 - s.expected), _LEAST_VARIANCE)) for s in strata])
    given = np.minimum(sizes, min(_LEAST, pairs // len(strata)))
    while (left := pairs - int(given.sum())) > 0:
        want = np.where(given < sizes, sizes * spread, 0.0)
        share = left * want / want.sum()
        more = np.minimum(np.floor(share).astype(np.int64), sizes - given)
        if not more.any():
            more[np.argsort(-(share - np.floor(share)), kind="stable")[:left]] = 1
            more = np.minimum(more, sizes - given)
        given += more
    return [int(n) for n in given]


def _rows(pairs: pa.Table, side: str, record_key: NDArray[np.int64]) -> Rows:
    rows: Rows = np.searchsorted(record_key, pairs[side].to_numpy()).astype(np.int32)
    return rows


def _key(left: Rows, right: Rows) -> NDArray[np.int64]:
    return np.minimum(left, right).astype(np.int64) << 32 | np.maximum(left, right)


def _ends(key: NDArray[np.int64]) -> tuple[Rows, Rows]:
    return (key >> 32).astype(np.int32), (key & 0xFFFFFFFF).astype(np.int32)


def _linked(entity: NDArray[np.int64]) -> NDArray[np.int64]:
    """Every pair of rows of one entity, ascending."""
    order = np.argsort(entity, kind="stable").astype(np.int32)
    starts = np.flatnonzero(np.diff(entity[order], prepend=-1) != 0)
    sizes = np.diff(np.append(starts, len(order)))
    keys = [np.zeros(0, np.int64)]
    for size in np.unique(sizes[sizes > 1]):
        one, other = np.triu_indices(size, 1)
        begin = starts[sizes == size][:, None]
        keys.append(_key(order[begin + one].ravel(), order[begin + other].ravel()))
    return np.sort(np.concatenate(keys))


def _nearest(
    keys: NDArray[np.uint64], entity: NDArray[np.int64], kept: NDArray[np.int64], scorer: Scorer
) -> NDArray[np.int64]:
    """Every row's most similar partner that loose blocking yields, of those neither linked to it nor kept."""
    best = np.full(len(entity), -np.inf)
    partner = np.full(len(entity), -1, np.int64)
    blocking = block(keys, [_LOOSE_CAP] * keys.shape[1])
    for rule, part in parts(blocking):
        left, right = expand(blocking, rule, part)
        other = entity[left] != entity[right]
        left, right = left[other], right[other]
        log_odds = scorer.score(left, right).log_odds
        better = np.flatnonzero((log_odds > best[left]) | (log_odds > best[right]))
        better = better[~np.isin(_key(left[better], right[better]), kept)]
        for mine, theirs in ((left[better], right[better]), (right[better], left[better])):
            _take_better(best, partner, mine, theirs, log_odds[better])
    has = np.flatnonzero(partner >= 0)
    return np.unique(_key(has.astype(np.int32), partner[has].astype(np.int32)))


def _take_better(
    best: NDArray[np.float64],
    partner: NDArray[np.int64],
    mine: Rows,
    theirs: Rows,
    log_odds: NDArray[np.float64],
) -> None:
    """Note for each row the better partner, in place; the first row wins a tie."""
    order = np.lexsort((theirs, -log_odds, mine))
    mine, theirs, log_odds = mine[order], theirs[order], log_odds[order]
    first = np.ones(len(mine), np.bool_)
    first[1:] = mine[1:] != mine[:-1]
    mine, theirs, log_odds = mine[first], theirs[first], log_odds[first]
    better = (log_odds > best[mine]) | ((log_odds == best[mine]) & (theirs < partner[mine]))
    best[mine[better]], partner[mine[better]] = log_odds[better], theirs[better]


def _probability(
    key: NDArray[np.int64], kept: NDArray[np.int64], of_kept: NDArray[np.float64], scorer: Scorer
) -> NDArray[np.float64]:
    """Match probability of pairs: as linkage kept it, else by the model."""
    place = np.searchsorted(kept, key)
    known = place < len(kept)
    known[known] = kept[place[known]] == key[known]
    probability = np.empty(len(key))
    probability[known] = of_kept[place[known]]
    probability[~known] = match_probability(scorer.score(*_ends(key[~known])).log_odds)
    return probability


def _stratified(
    record_key: NDArray[np.int64],
    found: Sequence[tuple[Kind, NDArray[np.int64], NDArray[np.float64], tuple[float, ...]]],
) -> Frame:
    strata: list[Stratum] = []
    keys, probabilities, numbers = [np.zeros(0, np.int64)], [np.zeros(0)], [np.zeros(0, np.int16)]
    for kind, key, probability, edges in found:
        band = np.clip(np.searchsorted(edges, probability, side="right") - 1, 0, len(edges) - 2)
        for number in np.unique(band):
            inside = band == number
            mean = float(probability[inside].mean())
            stratum = Stratum(kind, edges[number], edges[number + 1], int(inside.sum()), mean)
            keys.append(key[inside])
            probabilities.append(probability[inside])
            numbers.append(np.full(stratum.size, len(strata), np.int16))
            strata.append(stratum)
    left, right = _ends(np.concatenate(keys))
    return Frame(
        record_key, left, right, np.concatenate(probabilities), np.concatenate(numbers), tuple(strata)
    )
