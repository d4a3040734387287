"""Hide the ID numbers of records that have valid ones: what is left of a pair is a question whose answer is known.

Most pairs that are in doubt are so because one of the records has no number. Among records that have numbers there
are pairs that say the very same otherwise, and of these the numbers tell whether they are one person. So a pair whose
numbers are hidden is weighed by what is left of it, and held against what it says as a whole. It must be a candidate
without the numbers too: pairs that only the number brings together are true far more often than what is left of them.

This takes for granted that having a number has nothing to do with how often namesakes are born on one day.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.blocking import Blocking, Blocks
from resolver.linkage.calibration import EDGES, Floats, interval_of
from resolver.linkage.columns import Fact, NumberState
from resolver.linkage.comparison import NUMBER_BAND, Comparable, compare, without_numbers
from resolver.linkage.compiled import kernel
from resolver.linkage.cores import on_all_cores
from resolver.linkage.patterns import Mixture, Patterns, log_odds_of_all, pack
from resolver.linkage.settings import BlockingRule

Rows = NDArray[np.int32]

OF_NUMBERS = frozenset({"id_number", "number_head", "number_tail", "number_date"})
"""Atoms that a record without its number does not have; of these the last becomes the birth date, which has its own."""
OF_BIRTHS = frozenset({"birth", "birth_year", "birth_month", "birth_day"})
OF_SEXES = frozenset({"sex"})
"""Atoms for which a valid number stands in where the record has no birth date or sex of its own."""

_VALID, _OWN_BIRTH, _OWN_SEX = 1, 2, 4
_MOST_PAIRS = 6_000_000
"""Pairs of blocks to look at, about; of more, some blocks are left out: the same share of each rule's."""


class Hidden(NamedTuple):
    """Candidate pairs whose numbers are hidden, counted by what they say.

    Attributes:
        patterns: uint64 (k,): without the numbers.
        whole: uint64 (k,): with them.
        pairs: int64 (k,): how many pairs show both.
    """

    patterns: Patterns
    whole: Patterns
    pairs: NDArray[np.int64]

    def decided(self, mixture: Mixture, judged: Floats) -> tuple[Floats, Floats]:
        """Pairs that are one person, and pairs that are two, by interval of the log-odds without the numbers.

        Args:
            mixture: The classes, as yet without a calibration.
            judged: Log-odds (k,) of each with its numbers. A pair counts as much for either as these say, for a number
                may be a relative's, and one person may have two.
        """
        place, intervals = interval_of(log_odds_of_all(self.patterns, mixture)), len(EDGES) + 1
        one = 1.0 / (1.0 + np.exp(-judged))
        sides = [np.bincount(place, self.pairs * share, intervals) for share in (one, 1.0 - one)]
        return sides[0].astype(np.float64), sides[1].astype(np.float64)


def hide_numbers(blocking: Blocking, rules: tuple[BlockingRule, ...], data: Comparable) -> Hidden:
    """Compare the pairs of records with valid numbers that are candidates without these too.

    Blocks lie in the order of their keys' hashes, so that those looked at are a random share, and the same whatever
    the order of the records.

    Args:
        blocking: Blocks of the rules, and perhaps of more.
        rules: The rules; those that name parts of a number are left aside.
        data: The records.
    """
    chosen = [n for n, rule in enumerate(rules) if not OF_NUMBERS.intersection(rule.atoms)]
    needs = np.array([_needs(rules[n].atoms) for n in chosen], np.int64)
    numbers, known = np.array(chosen, np.int64), _known(data)
    totals = [np.cumsum(b.sizes * (b.sizes - 1) // 2) for b in (blocking.blocks[n] for n in chosen)]
    share = min(1.0, _MOST_PAIRS / max(sum(int(t[-1]) for t in totals if len(t)), 1))

    def one(place: int) -> tuple[Patterns, Patterns]:
        total = totals[place]
        blocks = int(np.searchsorted(total, share * total[-1])) + 1 if len(total) else 0
        left, right = _pairs(blocking, blocks, (numbers[: place + 1], needs), known)
        levels = compare(data, left, right)
        return pack(without_numbers(data, left, right, levels)), pack(levels)

    return _counted(on_all_cores(one, range(len(chosen))))


def _needs(atoms: tuple[str, ...]) -> int:
    """What a record must have of its own to stand in a block of a rule without its number."""
    birth = _OWN_BIRTH if OF_BIRTHS.intersection(atoms) else 0
    return _VALID | birth | (_OWN_SEX if OF_SEXES.intersection(atoms) else 0)


def _known(data: Comparable) -> NDArray[np.int64]:
    """What each record (n,) has: a valid number of its own, a birth date and a sex beside it."""
    valid = (data.facts[:, Fact.NUMBER_STATE] == NumberState.VALID) & (data.bands[:, NUMBER_BAND] == 0)
    birth, sex = data.facts[:, Fact.BIRTH_OWN] != 0, data.facts[:, Fact.SEX_OWN] != 0
    return np.where(valid, _VALID | birth * _OWN_BIRTH | sex * _OWN_SEX, 0)


def _pairs(
    blocking: Blocking,
    most: int,
    chosen: tuple[NDArray[np.int64], NDArray[np.int64]],
    known: NDArray[np.int64],
) -> tuple[Rows, Rows]:
    """Pairs of rows of the first blocks of the last of some rules, that no earlier one of these yields."""
    blocks = blocking.blocks[chosen[0][-1]]
    some = Blocks(blocks.order, blocks.starts[:most], blocks.sizes[:most])
    room = int((some.sizes * (some.sizes - 1) // 2).sum())
    left, right = np.empty(room, np.int32), np.empty(room, np.int32)
    found = _list_pairs((some.order, some.starts, some.sizes), blocking.keys, chosen, known, (left, right))
    return left[:found], right[:found]


@kernel
def _list_pairs(
    blocks: tuple[Rows, NDArray[np.int64], NDArray[np.int64]],
    keys: NDArray[np.uint32],
    chosen: tuple[NDArray[np.int64], NDArray[np.int64]],
    known: NDArray[np.int64],
    out: tuple[Rows, Rows],
) -> int:
    order, starts, sizes = blocks
    rules, needs = chosen
    last = rules.shape[0] - 1
    found = 0
    for number in range(starts.shape[0]):
        stop = starts[number] + sizes[number]
        for first in range(starts[number], stop - 1):
            for second in range(first + 1, stop):
                one, other = order[first], order[second]
                both = known[one] & known[other]
                if both & needs[last] == needs[last] and not _earlier(keys, rules, needs, (one, other, both)):
                    out[0][found], out[1][found] = one, other
                    found += 1
    return found


@kernel
def _earlier(
    keys: NDArray[np.uint32],
    rules: NDArray[np.int64],
    needs: NDArray[np.int64],
    pair: tuple[np.int32, np.int32, np.int64],
) -> bool:
    """Whether a rule before the last yields the pair."""
    one, other, both = pair
    for place in range(rules.shape[0] - 1):
        key = keys[one, rules[place]]
        if key != 0 and key == keys[other, rules[place]] and both & needs[place] == needs[place]:
            return True
    return False


def _counted(parts: list[tuple[Patterns, Patterns]]) -> Hidden:
    """How many pairs show the same without their numbers and with them, in the order of these."""
    if not parts:
        nothing = np.zeros(0, np.uint64)
        return Hidden(nothing, nothing, np.zeros(0, np.int64))
    hidden, of_hidden = np.unique(np.concatenate([a for a, _ in parts]), return_inverse=True)
    whole, of_whole = np.unique(np.concatenate([b for _, b in parts]), return_inverse=True)
    both, pairs = np.unique(of_hidden * len(whole) + of_whole, return_counts=True)
    return Hidden(hidden[both // max(len(whole), 1)], whole[both % max(len(whole), 1)], pairs)
