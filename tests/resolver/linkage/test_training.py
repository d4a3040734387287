from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.linkage.levels import MISSING
from resolver.linkage.patterns import pack, unpack
from resolver.linkage.settings import LinkageSettings, person_settings
from resolver.linkage.training import Estimate, Known, fit, level_shares, limited, starting_mixture

Table = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


def weak_prior() -> LinkageSettings:
    settings = person_settings()
    return replace(settings, training=replace(settings.training, prior_pairs=1.0, iterations=100))


def drawn(truth: Estimate, n: int, seed: int) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    """Levels of n pairs drawn from a mixture, a tenth of them missing."""
    rng = np.random.default_rng(seed)
    classes = rng.choice(len(truth.shares), n, p=truth.shares)
    levels = np.empty((n, len(truth.levels)), np.uint8)
    for place, table in enumerate(truth.levels):
        edges = table.cumsum(axis=1)[classes]
        levels[:, place] = (rng.random(n)[:, None] > edges).sum(axis=1).clip(0, table.shape[1] - 1)
    levels[rng.random(levels.shape) < 0.1] = MISSING
    return levels


def known_mixture(settings: LinkageSettings) -> Estimate:
    """A mixture with matches, namesakes, families and strangers, not equal to the settings' starting values."""
    m = [np.array([level.m for level in c.levels]) ** 0.9 for c in settings.comparisons]
    u = [np.array([level.u for level in c.levels]) ** 0.8 for c in settings.comparisons]
    m, u = [a / a.sum() for a in m], [a / a.sum() for a in u]
    levels = []
    for place, (a, b) in enumerate(zip(m, u, strict=True)):
        table = np.tile(b, (len(m) + 2, 1))
        table[0] = a
        if place in (0, 6):  # namesakes agree on the name, families on the address
            table[1 + place] = a
        levels.append(table)
    shares = np.zeros(len(m) + 2)
    shares[[0, 1, 7, -1]] = [0.2, 0.2, 0.2, 0.4]
    return Estimate(shares, tuple(levels), 0)


def test_em_recovers_a_known_mixture() -> None:
    settings = weak_prior()
    truth = known_mixture(settings)
    patterns, counts = np.unique(pack(drawn(truth, 60_000, seed=4)), return_counts=True)
    weights = counts.astype(np.float64)
    random = tuple(table[-1] for table in truth.levels)
    start = starting_mixture(patterns, weights, random, settings)
    found = fit(patterns, weights, start, settings.training, settings.comparisons)
    assert found.shares.sum() == pytest.approx(1.0)
    assert found.shares[0] == pytest.approx(0.2, abs=0.015)
    for place, table in enumerate(truth.levels):
        assert found.levels[place][0] == pytest.approx(table[0], abs=0.03)


def test_em_never_loses_likelihood() -> None:
    settings = weak_prior()
    truth = known_mixture(settings)
    patterns, counts = np.unique(pack(drawn(truth, 20_000, seed=9)), return_counts=True)
    weights = counts.astype(np.float64)
    start = starting_mixture(patterns, weights, tuple(t[-1] for t in truth.levels), settings)

    def likelihood(estimate: Estimate) -> float:
        """Log of the posterior density, up to a constant: what EM with a Dirichlet prior raises."""
        codes = unpack(patterns, len(estimate.levels))
        each = np.tile(np.log(estimate.shares), (len(patterns), 1))
        for place, table in enumerate(estimate.levels):
            known = codes[:, place] != MISSING
            each[known] += np.log(table[:, codes[known, place]]).T
        prior = sum(float((s * np.log(t)).sum()) for s, t in zip(start.levels, estimate.levels, strict=True))
        prior += float((start.shares * np.log(estimate.shares)).sum())
        return float((weights * np.logaddexp.reduce(each, axis=1)).sum()) + prior

    found = [
        fit(patterns, weights, start, replace(settings.training, iterations=n), settings.comparisons)
        for n in (1, 2, 5, 20)
    ]
    values = [likelihood(estimate) for estimate in found]
    assert values == sorted(values)


def test_without_data_the_settings_stand() -> None:
    settings = person_settings()
    random = tuple(np.array([level.u for level in c.levels]) for c in settings.comparisons)
    nothing = np.zeros(0, np.uint64), np.zeros(0)
    start = starting_mixture(*nothing, random, settings)
    found = fit(*nothing, start, settings.training, settings.comparisons)
    assert found.shares == pytest.approx(start.shares)
    for a, b in zip(found.levels, start.levels, strict=True):
        assert a == pytest.approx(b)


def test_level_shares_leave_missing_out_and_lean_on_the_prior() -> None:
    levels = np.array([[0], [0], [1], [MISSING]], np.uint8)
    (found,) = level_shares(levels, np.array([1.0, 1.0, 2.0, 9.0]), (np.array([0.5, 0.25, 0.25]),), 4.0)
    assert found.tolist() == [0.5, 0.375, 0.125]


@given(st.lists(st.tuples(st.floats(0.01, 1.0), st.floats(0.0, 1.0)), min_size=2, max_size=6))
def test_shares_are_held_to_their_limits(levels: list[tuple[float, float]]) -> None:
    shares = np.array([share for share, _ in levels])
    shares /= shares.sum()
    most = np.array([1.0] + [limit / len(levels) for _, limit in levels[1:]])
    found = limited(shares, most)
    assert found.sum() == pytest.approx(1.0)
    assert (found <= most + 1e-12).all()
    free = found < most
    assert found[free] / shares[free] == pytest.approx((found / shares)[0])


def test_known_pairs_teach_levels_but_not_shares() -> None:
    settings = weak_prior()
    truth = known_mixture(settings)
    patterns, counts = np.unique(pack(drawn(truth, 5_000, seed=6)), return_counts=True)
    weights = counts.astype(np.float64)
    start = starting_mixture(patterns, weights, tuple(t[-1] for t in truth.levels), settings)
    look_alike = np.full((3_000, len(truth.levels)), MISSING, np.uint8)
    look_alike[:, 0] = 7
    plain, same, other = (
        fit(patterns, weights, start, settings.training, settings.comparisons, known)
        for known in (None, *(Known(look_alike, np.full(3_000, answer)) for answer in (True, False)))
    )
    assert same.levels[0][0, 7] > 0.5 > 5 * plain.levels[0][0, 7]
    assert (other.levels[0][1:, 7] * other.shares[1:]).sum() > (
        plain.levels[0][1:, 7] * plain.shares[1:]
    ).sum()
    assert same.shares[0] == pytest.approx(plain.shares[0], abs=0.02)


def test_candidates_that_are_known_count_for_levels_and_shares_once() -> None:
    settings = weak_prior()
    truth = known_mixture(settings)
    patterns, counts = np.unique(pack(drawn(truth, 5_000, seed=7)), return_counts=True)
    weights = counts.astype(np.float64)
    start = starting_mixture(patterns, weights, tuple(t[-1] for t in truth.levels), settings)
    half = weights / 2
    levels = unpack(patterns, len(truth.levels))
    every = np.ones(len(patterns), np.bool_)
    plain, same, listed = (
        fit(patterns, left, start, settings.training, settings.comparisons, known)
        for left, known in (
            (weights, None),
            (half, Known(levels, every, half, half)),
            (
                half,
                Known(
                    np.repeat(levels, counts, axis=0),
                    np.repeat(every, counts),
                    np.full(5_000, 0.5),
                    np.full(5_000, 0.5),
                ),
            ),
        )
    )
    assert same.shares[0] > 0.5 > plain.shares[0]
    assert listed.shares == pytest.approx(same.shares)
    for one, other in zip(listed.levels, same.levels, strict=True):
        assert one == pytest.approx(other)
