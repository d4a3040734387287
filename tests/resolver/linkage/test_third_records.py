"""Third records as witnesses: who is asked, what counts as a word, and that the order of records does not matter."""

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.patterns import Mixture, Patterns, count, log_odds_of_all, pack
from resolver.linkage.third_records import Heard, Pairs, ask_third_records

# One comparison of four levels, with log-odds of 12, 4, 0.5 and -4.
WEIGHTS = (12.0, 4.0, 0.5, -4.0)
SURE, LIKELY, EVEN, AGAINST = range(4)


def mixture() -> Mixture:
    log_level = np.zeros((2, 1, 16))
    log_level[0, 0, :4] = WEIGHTS
    return Mixture(np.zeros(2), log_level)


def levels_of(
    table: dict[tuple[int, int], int], left: NDArray[np.int32], right: NDArray[np.int32]
) -> Patterns:
    found = [
        [table.get((min(a, b), max(a, b)), AGAINST)]
        for a, b in zip(left.tolist(), right.tolist(), strict=True)
    ]
    return pack(np.array(found, np.uint8).reshape(-1, 1))


def ask(table: dict[tuple[int, int], int], marks: NDArray[np.uint64], *pairs: tuple[int, int]) -> Heard:
    ends = np.array(pairs, np.int32)
    left, right = ends[:, 0].copy(), ends[:, 1].copy()
    found = Pairs(left, right, levels_of(table, left, right))
    counted = count([(found.patterns, np.ones(len(left)))])
    asked = ask_third_records([found], counted, mixture(), marks, lambda a, b: levels_of(table, a, b))
    return asked.heard(mixture())


def of_level(heard: Heard, level: int) -> tuple[float, float]:
    place = int(np.flatnonzero(heard.patterns == level)[0])
    return float(heard.agree[place]), float(heard.oppose[place])


def test_the_weights_are_as_the_tests_think() -> None:
    assert log_odds_of_all(np.arange(4, dtype=np.uint64), mixture()).tolist() == list(WEIGHTS)


def test_a_third_record_speaks_for_or_against_a_pair() -> None:
    marks = np.arange(1, 8, dtype=np.uint64)
    table = {(0, 1): EVEN, (0, 2): SURE, (1, 2): LIKELY, (3, 4): EVEN, (3, 5): SURE, (4, 5): AGAINST}
    heard = ask(table, marks, (0, 1), (0, 2), (3, 4), (3, 5))
    assert of_level(heard, EVEN) == (1.0, 1.0)


def test_a_word_that_repeats_the_pair_or_says_little_is_none() -> None:
    marks = np.arange(1, 8, dtype=np.uint64)
    same = {(0, 1): LIKELY, (0, 2): SURE, (1, 2): LIKELY}
    assert of_level(ask(same, marks, (0, 1), (0, 2)), LIKELY) == (0.0, 0.0)
    little = {(0, 1): LIKELY, (0, 2): SURE, (1, 2): EVEN}
    assert of_level(ask(little, marks, (0, 1), (0, 2)), LIKELY) == (0.0, 0.0)


def test_a_pair_of_which_both_are_said_counts_half_each() -> None:
    marks = np.arange(1, 8, dtype=np.uint64)
    table = {(0, 1): EVEN, (0, 2): SURE, (1, 2): LIKELY, (1, 3): SURE, (0, 3): AGAINST}
    assert of_level(ask(table, marks, (0, 1), (0, 2), (1, 3)), EVEN) == (0.5, 0.5)


def test_the_partner_itself_is_no_third_record() -> None:
    marks = np.arange(1, 8, dtype=np.uint64)
    assert of_level(ask({(0, 1): SURE}, marks, (0, 1)), SURE) == (0.0, 0.0)


def test_the_order_of_records_does_not_matter() -> None:
    rng = np.random.default_rng(5)
    n, most = 400, 30_000
    ends = np.unique(np.sort(rng.integers(0, n, (most, 2)), axis=1), axis=0)
    ends = ends[ends[:, 0] < ends[:, 1]]
    said = rng.choice(4, len(ends), p=(0.02, 0.08, 0.8, 0.1))
    marks = rng.integers(1, 2**63, n).astype(np.uint64)
    table = dict(zip(map(tuple, ends.tolist()), said.tolist(), strict=True))
    one = ask(table, marks, *table)
    moved = rng.permutation(n)
    renamed = {tuple(sorted((int(moved[a]), int(moved[b])))): level for (a, b), level in table.items()}
    order = list(renamed)
    rng.shuffle(order)
    other_marks = np.empty_like(marks)
    other_marks[moved] = marks
    other = ask(renamed, other_marks, *order)
    assert one.asked.sum() < len(ends)  # only some pairs of the fullest interval were asked about
    assert one.agree.sum() > 0 < one.oppose.sum()
    for a, b in zip(one, other, strict=True):
        assert a.tolist() == b.tolist()
