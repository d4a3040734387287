import math

import numpy as np
import pytest
from scipy import optimize, stats

from resolver.linkage.intervals import (
    Estimate,
    Stratum,
    jeffreys,
    share_found,
    share_of_matches,
    total_matches,
)


@pytest.mark.parametrize(("n", "matches"), [(1, 0), (10, 0), (10, 3), (40, 39), (300, 300)])
def test_without_a_finite_population_it_is_jeffreys_interval(n: int, matches: int) -> None:
    posterior = stats.beta(matches + 0.5, n - matches + 0.5)
    low, high = jeffreys(Stratum(10**15, n, matches))
    assert low == pytest.approx(posterior.ppf(0.025) if matches else 0.0, abs=1e-9)
    assert high == pytest.approx(posterior.ppf(0.975) if matches < n else 1.0, abs=1e-9)


def test_what_is_labelled_wholly_is_known_and_what_is_not_at_all_is_open() -> None:
    assert jeffreys(Stratum(20, 20, 3)) == (0.15, 0.15)
    assert jeffreys(Stratum(20, 0, 0)) == (0.0, 1.0)
    low, high = jeffreys(Stratum(20, 19, 3))
    _, wide = jeffreys(Stratum(10**9, 19, 3))
    assert low < 3 / 20 < 3 / 19 < high < wide - 0.1
    assert total_matches([Stratum(20, 0, 0, expected=0.1)]) == Estimate(2.0, 0.0, 20.0)


def test_a_sum_adds_the_squares_of_the_distances() -> None:
    strata = [Stratum(1000, 40, 38), Stratum(50, 10, 2)]
    estimate = total_matches(strata)
    (low_a, high_a), (low_b, high_b) = (jeffreys(s) for s in strata)
    assert estimate.value == pytest.approx(1000 * 0.95 + 50 * 0.2)
    assert estimate.low == pytest.approx(
        estimate.value - math.hypot(1000 * (0.95 - low_a), 50 * (0.2 - low_b))
    )
    assert estimate.high == pytest.approx(
        estimate.value + math.hypot(1000 * (high_a - 0.95), 50 * (high_b - 0.2))
    )
    share = share_of_matches(strata)
    assert share is not None
    assert share.value == pytest.approx(estimate.value / 1050)
    assert share_of_matches([]) is None


@pytest.mark.parametrize(
    ("found", "missed"),
    [
        ([Stratum(1000, 40, 38)], [Stratum(500, 30, 2)]),
        ([Stratum(1000, 40, 40)], [Stratum(90_000, 30, 0)]),
        ([Stratum(100, 40, 1)], [Stratum(100, 30, 29)]),
        ([Stratum(100, 40, 0)], [Stratum(100, 30, 29)]),
    ],
)
def test_a_share_of_found_solves_its_equations(found: list[Stratum], missed: list[Stratum]) -> None:
    share = share_found(found, missed)
    assert share is not None
    a, u = total_matches(found), total_matches(missed)

    def below(r: float) -> float:
        return (
            (1 - r) * a.value - r * u.value - math.hypot((1 - r) * (a.value - a.low), r * (u.high - u.value))
        )

    def above(r: float) -> float:
        return (
            r * u.value - (1 - r) * a.value - math.hypot((1 - r) * (a.high - a.value), r * (u.value - u.low))
        )

    low = optimize.brentq(below, 0, 1) if below(0) > 0 else 0.0
    high = optimize.brentq(above, 0, 1) if above(1) > 0 else 1.0
    assert share.value == pytest.approx(a.value / (a.value + u.value))
    assert share.low == pytest.approx(low, abs=1e-9)
    assert share.high == pytest.approx(high, abs=1e-9)


def test_ends() -> None:
    assert share_found([Stratum(10, 10, 10)], []) == Estimate(1.0, 1.0, 1.0)
    whole = share_found([Stratum(10, 10, 8)], [Stratum(4, 4, 2)])
    assert whole is not None
    assert (whole.low, whole.high) == pytest.approx((0.8, 0.8))
    assert share_found([Stratum(10, 10, 0)], [Stratum(4, 4, 0)]) is None
    assert share_found([], []) is None


@pytest.mark.parametrize("seed", range(3))
def test_intervals_hold_the_truth_about_95_times_in_100(seed: int) -> None:
    """Populations of many kinds, from plain to nearly certain: over all of them the intervals are honest."""
    rng = np.random.default_rng(seed)
    held = {"precision": 0, "recall": 0}
    repetitions = 3000
    for _ in range(repetitions):
        sizes = rng.integers(30, 20_000, 7)
        shares = np.concatenate([rng.beta(8, 1, 4), rng.beta(1, 12, 3)])
        labelled = np.minimum(rng.integers(15, 60, 7), sizes)
        true = rng.binomial(sizes, shares)
        drawn = rng.hypergeometric(true, sizes - true, labelled)
        strata = [Stratum(int(s), int(n), int(k)) for s, n, k in zip(sizes, labelled, drawn, strict=True)]
        precision, recall = share_of_matches(strata[:4]), share_found(strata[:4], strata[4:])
        assert precision is not None
        assert recall is not None
        held["precision"] += precision.low <= true[:4].sum() / sizes[:4].sum() <= precision.high
        held["recall"] += recall.low <= true[:4].sum() / true.sum() <= recall.high
    for name, times in held.items():
        assert 0.94 <= times / repetitions <= 0.98, name
