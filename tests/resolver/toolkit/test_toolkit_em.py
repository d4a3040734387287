"""EM three times: compiled on packed patterns, plainly on arrays, and recordlinkage's ECM on binary vectors."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recordlinkage import ECMClassifier

from resolver.linkage.columns import encode, in_order
from resolver.linkage.levels import MISSING
from resolver.linkage.model import Model
from resolver.linkage.patterns import Mixture, new_memory, pack, weigh
from resolver.linkage.settings import ComparisonSettings, Level, TrainingSettings, person_settings
from resolver.linkage.training import Estimate, fit
from resolver.toolkit import to_frame
from resolver.toolkit.em import expectation_maximisation, log_odds
from resolver.toolkit.kinds import kind_of

Table = np.ndarray[tuple[int, ...], np.dtype[np.float64]]
Levels = np.ndarray[tuple[int, int], np.dtype[np.uint8]]


def training(**changes: float) -> TrainingSettings:
    return replace(person_settings().training, **changes)  # type: ignore[arg-type]


def binary(n: int) -> tuple[ComparisonSettings, ...]:
    """Comparisons of two levels, of which nothing is known beforehand."""
    levels = (Level("agree", "", "", 0.9, 0.1), Level("disagree", "", "", 0.1, 0.9))
    return tuple(ComparisonSettings(f"c{k}", "", "", (), levels) for k in range(n))


def drawn(share: float, m: list[float], u: list[float], n: int = 20_000, seed: int = 5) -> Levels:
    """Levels of n pairs (0 agree, 1 disagree): matches agree with the probabilities m, others with u."""
    rng = np.random.default_rng(seed)
    is_match = rng.random(n) < share
    agree = rng.random((n, len(m))) < np.where(is_match[:, None], m, u)
    return np.where(agree, 0, 1).astype(np.uint8)


def two_classes(n: int) -> Estimate:
    """Where ECM begins (Jaro, 1989): a tenth are matches, which agree nine times in ten, others once in ten."""
    table = np.array([[0.9, 0.1], [0.1, 0.9]])
    return Estimate(np.array([0.1, 0.9]), (table,) * n, 0)


def ours(levels: Levels, n: int) -> Estimate:
    patterns, counts = np.unique(pack(levels), return_counts=True)
    weak = training(prior_pairs=1e-9, iterations=500)
    return fit(patterns, counts.astype(np.float64), two_classes(n), weak, binary(n))


@pytest.mark.parametrize(
    ("share", "m", "u"),
    [
        (0.2, [0.95, 0.9, 0.85, 0.7], [0.05, 0.2, 0.1, 0.3]),
        (0.5, [0.99, 0.8, 0.9, 0.6, 0.95], [0.01, 0.3, 0.2, 0.1, 0.02]),
        (0.05, [0.97, 0.97, 0.9, 0.9, 0.8, 0.99], [0.02, 0.05, 0.1, 0.01, 0.3, 0.001]),
    ],
)
def test_our_em_finds_what_their_ecm_finds(share: float, m: list[float], u: list[float]) -> None:
    levels = drawn(share, m, u)
    names = [f"c{k}" for k in range(len(m))]
    theirs = ECMClassifier(max_iter=500, atol=1e-9)
    vectors = pd.DataFrame(1 - levels, columns=names)
    theirs.fit(vectors)
    found = ours(levels, len(m))
    assert found.shares[0] == pytest.approx(theirs.p, abs=1e-4)
    for place, name in enumerate(names):
        assert found.levels[place][0][0] == pytest.approx(theirs.m_probs[name][1], abs=1e-4)
        assert found.levels[place][1][0] == pytest.approx(theirs.u_probs[name][1], abs=1e-4)
    assert found.shares[0] == pytest.approx(share, abs=0.02)
    odds = log_odds(levels, found)
    probability = 1 / (1 + np.exp(-odds))
    assert probability == pytest.approx(theirs.prob(vectors).to_numpy(), abs=1e-3)


def small_estimate(sizes: list[int], classes: int, seed: int) -> Estimate:
    rng = np.random.default_rng(seed)
    tables = tuple(rng.dirichlet(np.full(size, 2.0), classes) for size in sizes)
    return Estimate(rng.dirichlet(np.full(classes, 5.0)), tables, 0)


@given(
    sizes=st.lists(st.integers(2, 6), min_size=1, max_size=5),
    classes=st.integers(2, 5),
    seed=st.integers(0, 10_000),
    prior=st.sampled_from([0.5, 20.0, 400.0]),
)
@settings(max_examples=40, deadline=None)
def test_compiled_and_plain_em_are_the_same(sizes: list[int], classes: int, seed: int, prior: float) -> None:
    rng = np.random.default_rng(seed)
    levels = np.stack([rng.integers(0, size, 300) for size in sizes], axis=1).astype(np.uint8)
    levels[rng.random(levels.shape) < 0.15] = MISSING
    start = replace(small_estimate(sizes, classes, seed), held=(classes - 1,) if seed % 2 else ())
    most = [np.where(rng.random(size) < 0.3, 0.4, 1.0) for size in sizes]
    for limits in most:
        limits[0] = 1.0
    how = training(prior_pairs=prior, iterations=30)
    comparisons = tuple(
        ComparisonSettings(str(k), "", "", (), tuple(Level("", "", "", 0.5, 0.5, float(x)) for x in limits))
        for k, limits in enumerate(most)
    )
    patterns, counts = np.unique(pack(levels), return_counts=True)
    fast = fit(patterns, counts.astype(np.float64), start, how, comparisons)
    vectors, times = np.unique(levels, axis=0, return_counts=True)
    slow = expectation_maximisation(vectors, times.astype(np.float64), start, how, tuple(most))
    assert slow.iterations == fast.iterations
    assert slow.shares == pytest.approx(fast.shares, abs=1e-9)
    for a, b in zip(slow.levels, fast.levels, strict=True):
        assert a == pytest.approx(b, abs=1e-9)


@given(
    sizes=st.lists(st.integers(2, 14), min_size=1, max_size=14),
    classes=st.integers(2, 6),
    seed=st.integers(0, 10_000),
)
@settings(max_examples=60, deadline=None)
def test_compiled_and_plain_weights_are_the_same(sizes: list[int], classes: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    levels = np.stack([rng.integers(0, size, 50) for size in sizes], axis=1).astype(np.uint8)
    levels[rng.random(levels.shape) < 0.3] = MISSING
    estimate = small_estimate(sizes, classes, seed)
    log_level = np.zeros((classes, len(sizes), 16))
    for place, table in enumerate(estimate.levels):
        log_level[:, place, : table.shape[1]] = np.log(table)
    fast = weigh(levels, Mixture(np.log(estimate.shares), log_level), new_memory())
    assert log_odds(levels, estimate) == pytest.approx(fast, abs=1e-9)


def test_both_learn_the_same_from_a_city(two_thousand: tuple[pa.Table, Model]) -> None:
    """The candidate pairs of a city, fourteen comparisons, sixteen classes, limits of m."""
    records, model = two_thousand
    columns = encode(in_order(records))
    levels = model.comparison(columns)(*kind_of(model).candidates([to_frame(in_order(records))]))
    start = Estimate(model.shares, model.levels, 0, held=(len(model.levels) + 1,))
    how = replace(model.settings.training, iterations=20)
    patterns, counts = np.unique(pack(levels), return_counts=True)
    fast = fit(patterns, counts.astype(np.float64), start, how, model.settings.comparisons)
    vectors, times = np.unique(levels, axis=0, return_counts=True)
    most = tuple(np.array([level.most for level in c.levels]) for c in model.settings.comparisons)
    slow = expectation_maximisation(vectors, times.astype(np.float64), start, how, most)
    assert np.abs(fast.shares - model.shares).max() > 0.01
    assert slow.shares == pytest.approx(fast.shares, abs=1e-7)
    for a, b in zip(slow.levels, fast.levels, strict=True):
        assert a == pytest.approx(b, abs=1e-7)
