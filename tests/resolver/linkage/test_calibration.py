"""The map that corrects log-odds: monotone, bounded, the identity where nothing asks for more."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.linkage.calibration import EDGES, Calibration, Witnesses, learn_calibration

INTERVALS = len(EDGES) + 1
MIDDLES = np.concatenate([[-9.0], EDGES[:-1] + 0.25, [11.0]])
COUNTS = st.lists(st.integers(0, 3000), min_size=INTERVALS, max_size=INTERVALS).map(np.array)
KNOTS = st.lists(st.floats(0.01, 3.0), min_size=2, max_size=20)


def seen(truth: np.ndarray, pairs: float = 4000.0, error: float = 0.02) -> Witnesses:
    """Witnesses of pairs of which so many are matches (intervals,), nearly all of whom tell the truth."""
    agree = pairs * (truth * (1 - error) + (1 - truth) * error)
    none = np.zeros(INTERVALS)
    every = none + pairs
    return Witnesses(every, every * MIDDLES, every, agree, pairs - agree, none, none)


def probability(log_odds: np.ndarray) -> np.ndarray:
    return 1.0 / (1.0 + np.exp(-log_odds))


@given(COUNTS, COUNTS, COUNTS, st.integers(0, 5), st.booleans())
def test_whatever_is_seen_the_map_ascends_and_is_bounded(
    pairs: np.ndarray, agree: np.ndarray, oppose: np.ndarray, labels: int, much: bool
) -> None:
    asked = np.maximum(pairs, agree + oppose)
    found = Witnesses(
        *(column.astype(np.float64) for column in (asked, asked * MIDDLES, asked, agree, oppose)),
        np.full(INTERVALS, float(labels)),
        np.zeros(INTERVALS),
    )
    learnt = learn_calibration(found, much=much)
    values = np.linspace(-15, 15, 4001)
    to = learnt(values)
    assert np.isfinite(to).all()
    assert (np.diff(to) > 0).all()
    assert np.abs(to - values).max() < 8.0
    far = (values <= -8.0) | (values >= 12.0)
    assert (to[far] == values[far]).all()
    again = learn_calibration(found, much=much)
    assert (again.raw == learnt.raw).all()
    assert (again.corrected == learnt.corrected).all()


def test_a_calibrated_model_is_left_as_it_is() -> None:
    learnt = learn_calibration(seen(probability(MIDDLES)))
    values = np.linspace(-6, 10, 500)
    assert np.abs(probability(learnt(values)) - probability(values)).max() < 0.01


@pytest.mark.parametrize("shift", [-1.5, 1.5])
def test_a_model_that_is_off_is_corrected_most_of_the_way(shift: float) -> None:
    doubtful = np.abs(MIDDLES) < 4
    truth = probability(np.where(doubtful, MIDDLES + shift, MIDDLES))
    learnt = learn_calibration(seen(truth))
    values = np.array([-1.0, 0.0, 1.0, 2.0])
    moved = learnt(values) - values
    assert (np.sign(moved) == np.sign(shift)).all()
    assert (np.abs(moved) > 0.5 * abs(shift)).all()
    assert (np.abs(moved) < 1.3 * abs(shift)).all()


def test_few_witnesses_change_little() -> None:
    truth = np.where(np.abs(MIDDLES) < 4, 0.2, probability(MIDDLES))
    many, few = seen(truth), seen(truth, pairs=12.0)
    edge = np.abs(MIDDLES) >= 4
    few = Witnesses(*(np.where(edge, a, b) for a, b in zip(many, few, strict=True)))
    value = np.array([2.0])
    assert learn_calibration(many)(value) < learn_calibration(few)(value) < 2.0


def test_words_of_a_few_say_nothing_of_the_others() -> None:
    truth = np.where(np.abs(MIDDLES) < 4, 0.2, probability(MIDDLES))
    every = seen(truth, pairs=100.0)
    poor = every._replace(
        asked=np.where(np.abs(MIDDLES) < 4, 1000.0, every.asked)
    )  # nine in ten have no witness
    value = np.array([2.0])
    assert learn_calibration(every)(value)[0] < 0.5  # most of the way from .88 to .2
    expected = 0.9 * probability(value) + 0.1 * 0.2
    assert probability(learn_calibration(poor)(value)) == pytest.approx(expected, abs=0.03)


def test_without_witnesses_or_labels_nothing_is_corrected() -> None:
    for found in (Witnesses.none(), seen(probability(MIDDLES))._replace(agree=np.zeros(INTERVALS))):
        assert len(learn_calibration(found._replace(oppose=np.zeros(INTERVALS))).raw) == 0


def test_only_matches_or_only_others_correct_nothing() -> None:
    for truth in (np.ones(INTERVALS), np.zeros(INTERVALS)):
        learnt = learn_calibration(seen(truth, error=0.0))
        assert (np.diff(learnt(np.linspace(-15, 15, 2001))) > 0).all()


def test_intervals_that_are_pooled_keep_their_places() -> None:
    """Nearly all of the upper two lie at 3.02 and 3.76; little is known of what lies just below."""
    none = np.zeros(INTERVALS)
    pairs, at, share = none.copy(), MIDDLES.copy(), none.copy()
    for place, n, mean, matches in (
        (2.5, 20, 2.72, 0.86),
        (3.0, 12_000, 3.02, 0.978),
        (3.5, 6_000, 3.76, 0.970),
    ):
        here = int(np.searchsorted(EDGES, place, side="right"))
        pairs[here], at[here], share[here] = n, mean, matches
    found = Witnesses(pairs, pairs * at, none, none, none, pairs * share, pairs - pairs * share)
    learnt = learn_calibration(found, much=True)
    given = probability(learnt(np.array([3.02, 3.4, 3.76])))
    assert given == pytest.approx(0.9753, abs=0.001)
    assert (np.diff(given) > 0).all()
    assert probability(learn_calibration(found)(np.array([3.02]))) < 0.97


def test_labels_alone_correct_too() -> None:
    none = np.zeros(INTERVALS)
    pairs = none + 1000.0
    doubtful = np.abs(MIDDLES) < 3
    found = Witnesses(pairs, pairs * MIDDLES, none, none, none, doubtful * 100.0, doubtful * 100.0)
    assert np.abs(learn_calibration(found)(np.array([-1.5, 0.0, 1.5]))).max() < 0.5
    assert learn_calibration(found)(np.array([8.0]))[0] == pytest.approx(8.0, abs=0.1)


@given(KNOTS, KNOTS)
def test_a_map_goes_through_its_knots_and_comes_back_from_its_file(
    one: list[float], other: list[float]
) -> None:
    k = min(len(one), len(other))
    raw, corrected = np.cumsum(one[:k]), np.cumsum(other[:k])
    raw[-1] = corrected[-1] = max(raw[-1], corrected[-1]) + 1.0
    raw[0] = corrected[0] = min(raw[0], corrected[0])
    made = Calibration(raw, corrected)
    assert made(raw) == pytest.approx(corrected, abs=1e-12)
    again = Calibration.parse(made.to_json())
    values = np.linspace(raw[0] - 1, raw[-1] + 1, 300)
    assert (again(values) == made(values)).all()
    assert made(values) == pytest.approx(
        np.where((values <= raw[0]) | (values >= raw[-1]), values, np.interp(values, raw, corrected)),
        abs=1e-9,
    )


def test_knots_that_do_not_ascend_are_refused() -> None:
    with pytest.raises(ValueError, match="ascend"):
        Calibration.parse({"calibration": {"log_odds": [0.0, 1.0], "corrected": [1.0, 1.0]}})
    with pytest.raises(ValueError, match="ascend"):
        Calibration.parse({"calibration": {"log_odds": [0.0, 1.0, 2.0], "corrected": [1.0, 2.0]}})
