"""Witnesses for pairs of records: a third record that is surely of one entity with one of the two.

What the third record and the other one say of each other is said by other values than those of the pair, so it
tells of the pair without its own weight. Where they show the very same pattern they say nothing new (the third
record repeats the first), and are no witness.

Which pairs are looked at, and which third records are asked, follows from hashes of what the records say, not from
their order.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.calibration import EDGES, Floats, Witnesses, interval_of
from resolver.linkage.compiled import kernel
from resolver.linkage.cores import on_all_cores
from resolver.linkage.hashing import Hashes, finish
from resolver.linkage.patterns import Mixture, Patterns, log_odds_of_all, pack, unpack
from resolver.linkage.tally import add_up, look_up, table_of, tally
from resolver.linkage.training import Known

Rows = NDArray[np.int32]
Compare = Callable[[Rows, Rows], Patterns]
"""Patterns (m,) of pairs of rows (m,), (m,)."""

SURELY = 5.0
"""Natural log-odds above which two records are taken to be of one entity."""
DECIDED = 2.0
"""Natural log-odds that a third record and the other one must have, either way, for a word to be taken for one."""
_PAIRS = 5000.0
"""Pairs of an interval whose witnesses are asked; more say no more."""
_UNIT = 2.0**-53


class Compared(Protocol):
    """Compared candidate pairs, in whatever form."""

    @property
    def patterns(self) -> Patterns:
        """Patterns (k,) that the pairs show."""

    def chosen(self, wanted: NDArray[np.bool_]) -> tuple[Rows, Rows, NDArray[Any]]:
        """Rows, left < right, of the pairs whose pattern is wanted (k,), and where in `patterns` it stands."""


class Pairs(NamedTuple):
    """Pairs, each with its pattern.

    Attributes:
        left: int32 (m,).
        right: int32 (m,).
        patterns: uint64 (m,).
    """

    left: Rows
    right: Rows
    patterns: Patterns

    def chosen(self, wanted: NDArray[np.bool_]) -> tuple[Rows, Rows, NDArray[Any]]:
        """Rows of the pairs wanted (m,), and where in `patterns` theirs stands."""
        places = np.flatnonzero(wanted)
        return self.left[places], self.right[places], places


class Heard(NamedTuple):
    """What third records said about pairs of each pattern.

    Attributes:
        patterns: uint64 (k,).
        pairs: float64 (k,): candidate pairs with the pattern.
        asked: float64 (k,): pairs about which third records were asked.
        agree: float64 (k,): those of which they said that the two are one; half a pair if they said both.
        oppose: float64 (k,): those of which they said that the two are two.
    """

    patterns: Patterns
    pairs: Floats
    asked: Floats
    agree: Floats
    oppose: Floats

    def known(self, comparisons: int) -> Known:
        """The pairs that third records decided, as pairs of known truth that are taken out of the candidates."""
        levels = unpack(self.patterns, comparisons)
        told = [(said > 0, said, match) for said, match in ((self.agree, True), (self.oppose, False))]
        weights = np.concatenate([said[some] for some, said, _ in told])
        return Known(
            np.concatenate([levels[some] for some, _, _ in told]),
            np.concatenate([np.full(some.sum(), match) for some, _, match in told]),
            weights,
            weights,
        )

    def taken_out_of(self, patterns: Patterns, counts: Floats) -> tuple[Patterns, Floats]:
        """Counts of candidates without the pairs that third records decided; these patterns are among them."""
        left = counts.copy()
        left[np.searchsorted(patterns, self.patterns)] -= self.agree + self.oppose
        return patterns, np.maximum(left, 0.0)

    def some(self, wanted: NDArray[np.bool_]) -> "Heard":
        """What was said of the pairs whose pattern is wanted (k,)."""
        parts = self.pairs, self.asked, self.agree, self.oppose
        return Heard(self.patterns[wanted], *(part[wanted] for part in parts))

    def witnesses(self, mixture: Mixture, known: Known | None = None) -> Witnesses:
        """The same by interval of log-odds of a mixture without a calibration; and pairs of known truth."""
        log_odds = log_odds_of_all(self.patterns, mixture)
        place, intervals = interval_of(log_odds), len(EDGES) + 1

        def added(values: Floats) -> Floats:
            return np.bincount(place, values, intervals).astype(np.float64)

        return Witnesses.none()._replace(
            pairs=added(self.pairs),
            log_odds=added(self.pairs * log_odds),
            asked=added(self.asked),
            agree=added(self.agree),
            oppose=added(self.oppose),
            **_decided(known, mixture),
        )


def _decided(known: Known | None, mixture: Mixture) -> dict[str, Floats]:
    """Pairs of known truth by interval."""
    if known is None or not len(known.is_match):
        return {}
    place = interval_of(log_odds_of_all(pack(known.levels), mixture))
    sides = {"matches": known.is_match, "others": ~known.is_match}
    counts = {name: np.bincount(place[side], minlength=len(EDGES) + 1) for name, side in sides.items()}
    return {name: found.astype(np.float64) for name, found in counts.items()}


class Questions(NamedTuple):
    """Pairs that third records are asked about, and the patterns that answer; a mixture says what these mean.

    Attributes:
        patterns: uint64 (k,): of all candidate pairs, ascending.
        pairs: float64 (k,): how many pairs show each.
        asked: int64 (m,): place of the pattern of each pair asked about.
        answers: For each of the two sides, which of these pairs (a,) have a third record there that says something
            new, and the pattern (a,) that it shows with the other record.
        answering: uint64 (d,): the patterns of all answers, each once.
    """

    patterns: Patterns
    pairs: Floats
    asked: NDArray[np.int64]
    answers: tuple[tuple[NDArray[np.int64], Patterns], ...]
    answering: Patterns

    def heard(self, mixture: Mixture) -> Heard:
        """What third records said, by the classes of a mixture as yet without a calibration."""
        meant = table_of(self.answering, log_odds_of_all(self.answering, mixture))
        said = np.zeros((2, len(self.asked)))
        for known, pattern in self.answers:
            weight = look_up(meant, pattern)
            said[0, known] += weight > DECIDED
            said[1, known] += weight < -DECIDED
        said /= np.maximum(said.sum(axis=0), 1.0)
        words = (np.ones(len(self.asked)), *said)
        told = [np.bincount(self.asked, word, len(self.patterns)).astype(np.float64) for word in words]
        return Heard(self.patterns, self.pairs, *told)


def ask_third_records(
    parts: Sequence[Compared],
    counted: tuple[Patterns, Floats],
    mixture: Mixture,
    marks: Hashes,
    compare: Compare,
) -> Questions:
    """Ask third records about pairs in doubt, and about some that are not.

    Args:
        parts: The candidate pairs, no pair twice.
        counted: Their patterns (k,), ascending, and how many pairs show each (k,).
        mixture: The classes, as yet without a calibration: they say which pairs are in doubt, and whom to ask.
        marks: Hash (n,) of what each record says.
        compare: Compares pairs of rows.
    """
    patterns, counts = counted
    log_odds = log_odds_of_all(patterns, mixture)
    interval = interval_of(log_odds)
    of_interval = np.bincount(interval, counts, len(EDGES) + 1)
    share = np.minimum(1.0, _PAIRS / np.maximum(of_interval, 1.0))
    share[0] = 0.0
    asked, sure = _chosen(parts, patterns, share[interval] + 2.0 * (log_odds > SURELY), marks)
    partners = _partners(len(marks), sure, marks)
    answers = []
    for here, there in ((asked.left, asked.right), (asked.right, asked.left)):
        third = np.where(partners[0][here] == there, partners[1][here], partners[0][here])
        known = np.flatnonzero(third >= 0)
        shown = compare(*_ordered(third[known], there[known]))
        new = shown != asked.patterns[known]
        answers.append((known[new], shown[new]))
    answering, _ = add_up([tally(shown) for _, shown in answers])
    places = look_up(table_of(patterns, np.arange(len(patterns), dtype=np.float64)), asked.patterns)
    return Questions(patterns, counts, places.astype(np.int64), tuple(answers), answering)


def _ordered(one: Rows, other: Rows) -> tuple[Rows, Rows]:
    return np.minimum(one, other), np.maximum(one, other)


def _chosen(
    parts: Sequence[Compared], patterns: Patterns, value: Floats, marks: Hashes
) -> tuple[Pairs, tuple[Rows, Rows]]:
    """Pairs to ask about, and pairs that are surely of one entity.

    Args:
        parts: All pairs.
        patterns: All patterns (k,).
        value: Share (k,) of each pattern's pairs to ask about; and 2 more where they are surely of one entity.
        marks: Hash (n,) of each record.
    """
    table = table_of(patterns, value)

    def choose(part: Compared) -> tuple[Pairs, NDArray[np.int32]]:
        wanted = look_up(table, part.patterns)
        return _sort_out(part.patterns, part.chosen(wanted > 0.0), wanted, marks)

    nothing = Pairs(np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, np.uint64))
    found = [(nothing, np.zeros((2, 0), np.int32)), *on_all_cores(choose, parts)]
    sure = np.concatenate([certain for _, certain in found], axis=1)
    asked = [pairs for pairs, _ in found]
    return Pairs(*(np.concatenate(column) for column in zip(*asked, strict=True))), (sure[0], sure[1])


def _sort_out(
    patterns: Patterns, pairs: tuple[Rows, Rows, NDArray[Any]], value: Floats, marks: Hashes
) -> tuple[Pairs, NDArray[np.int32]]:
    """Pairs (rows, and place of their pattern) of a part to ask about, and rows (2, s) of those that are sure."""
    rows, shown = np.empty((4, len(pairs[0])), np.int32), np.empty(len(pairs[0]), np.uint64)
    counts = np.zeros(2, np.int64)
    _draw(pairs, (patterns, value, marks), (rows, shown), counts)
    asked, sure = counts
    return Pairs(rows[0, :asked], rows[1, :asked], shown[:asked]), rows[2:, :sure]


@kernel
def _draw(
    pairs: tuple[Rows, Rows, NDArray[Any]],
    known: tuple[Patterns, Floats, Hashes],
    out: tuple[Rows, Patterns],
    counts: NDArray[np.int64],
) -> None:
    """List the pairs whose number from 0 to 1, by what their records say, is below their value, and the sure ones."""
    left, right, places = pairs
    patterns, value, marks = known
    rows, shown = out
    asked, sure = 0, 0
    for pair in range(left.shape[0]):
        one, other, wanted = left[pair], right[pair], value[places[pair]]
        certain = wanted >= 2.0
        drawn = (finish(marks[one] + marks[other]) >> np.uint64(11)) * _UNIT
        rows[0, asked], rows[1, asked], shown[asked] = one, other, patterns[places[pair]]
        rows[2, sure], rows[3, sure] = one, other
        asked += drawn < wanted - 2.0 * certain
        sure += certain
    counts[0], counts[1] = asked, sure


def _partners(n: int, sure: tuple[Rows, Rows], marks: Hashes) -> tuple[Rows, Rows]:
    """Two records (n,), (n,) that are surely of one entity with each record; -1 for none."""
    first, second = np.full(n, -1, np.int32), np.full(n, -1, np.int32)
    _find_partners(*sure, marks, first, second)
    return first, second


@kernel
def _find_partners(left: Rows, right: Rows, marks: Hashes, first: Rows, second: Rows) -> None:
    """Of all partners those with the smallest marks."""
    for pair in range(left.shape[0]):
        for side in range(2):
            row, partner = (left[pair], right[pair]) if side == 0 else (right[pair], left[pair])
            if first[row] < 0 or marks[partner] < marks[first[row]]:
                second[row] = first[row]
                first[row] = partner
            elif second[row] < 0 or marks[partner] < marks[second[row]]:
                second[row] = partner
