from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from resolver.linkage import person_calibration
from resolver.linkage.calibration import Calibration, Floats, learn_calibration
from resolver.linkage.hidden_numbers import Hidden
from resolver.linkage.model import Model
from resolver.linkage.patterns import Mixture, log_odds_of_all, mixture_of
from resolver.linkage.person_calibration import FEWEST_HIDDEN, learn_calibrations
from resolver.linkage.third_records import Heard
from resolver.linkage.trainer import train
from resolver.linkage.training import Known

Town = tuple[pa.Table, Any]
NOTHING_ELSE = np.uint64(0xFFFFFFFFFFFF00)
# Levels of name and number in the two lowest digits: an uncommon name, no number (15), the same one (0), another one.
UNNUMBERED, SAME, SECOND = (NOTHING_ELSE | np.uint64(number << 4 | 1) for number in (15, 0, 8))


def heard(of: dict[np.uint64, tuple[float, float]]) -> Heard:
    """Pairs of some patterns, all asked about, and how many third records spoke for and against each."""
    patterns = np.array(sorted(of), np.uint64)
    agree, oppose = np.array([of[pattern] for pattern in patterns], np.float64).T
    return Heard(patterns, agree + oppose, agree + oppose, agree, oppose)


@pytest.fixture
def mixture(model: Model) -> Mixture:
    """The town's classes, in which a pair of an uncommon name and no number is in doubt."""
    return mixture_of(model.shares, model.levels)


def hidden(pairs: int, share: float) -> Hidden:
    """So many pairs that say an uncommon name without their numbers; of a share of them the numbers are the same."""
    same = round(share * pairs)
    whole = np.array([SAME, NOTHING_ELSE | np.uint64(0xB1)], np.uint64)
    return Hidden(np.full(2, UNNUMBERED), whole, np.array([same, pairs - same]))


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.97])
def test_pairs_without_numbers_come_to_what_is_true_of_pairs_whose_numbers_are_hidden(
    mixture: Mixture, share: float
) -> None:
    seen = heard(
        {UNNUMBERED: (20.0, 20.0), SAME: (3000.0, 3.0), NOTHING_ELSE | np.uint64(0xB1): (2.0, 900.0)}
    )
    known = Known.none(14)
    _, unnumbered = learn_calibrations(seen, hidden(FEWEST_HIDDEN, share), known, mixture)
    assert unnumbered is not None
    raw = log_odds_of_all(np.array([UNNUMBERED]), mixture)
    assert 1.0 / (1.0 + np.exp(-unnumbered(raw)[0])) == pytest.approx(share, abs=0.03)


def test_of_few_hidden_pairs_there_is_one_map_as_there_was(mixture: Mixture) -> None:
    seen = heard(
        {UNNUMBERED: (20.0, 20.0), SAME: (3000.0, 3.0), NOTHING_ELSE | np.uint64(0xB1): (2.0, 900.0)}
    )
    known = Known.none(14)
    found, apart = learn_calibrations(seen, hidden(FEWEST_HIDDEN - 1, 0.9), known, mixture)
    assert apart is None
    expected = learn_calibration(seen.witnesses(mixture, known))
    assert (found.raw == expected.raw).all()
    assert (found.corrected == expected.corrected).all()


def test_a_second_number_is_judged_as_third_records_say(mixture: Mixture) -> None:
    """The classes hold that two numbers of one place and day are two persons; third records may know better."""

    def given(words: tuple[float, float]) -> float:
        pairs = Hidden(
            np.full(2, UNNUMBERED), np.array([SAME, SECOND], np.uint64), np.array([FEWEST_HIDDEN // 2] * 2)
        )
        seen = heard({UNNUMBERED: (20.0, 20.0), SAME: (3000.0, 3.0), SECOND: words})
        seen = Heard(*(np.append(a, b) for a, b in zip(seen, never(), strict=True)))
        _, unnumbered = learn_calibrations(seen, pairs, Known.none(14), mixture)
        assert unnumbered is not None
        return float(unnumbered(log_odds_of_all(np.array([UNNUMBERED]), mixture))[0])

    assert given((150.0, 50.0)) > given((5.0, 195.0)) + 0.1


def never() -> tuple[Floats, ...]:
    """Another pair of two numbers that is surely none, and of which third records say so."""
    pattern = np.array([NOTHING_ELSE | np.uint64(0xB1)], np.uint64)
    return (pattern, *(np.array([count]) for count in (902.0, 902.0, 2.0, 900.0)))


def test_a_town_of_few_has_one_map(model: Model) -> None:
    assert model.calibration_unnumbered is None


def test_a_model_of_many_holds_both_maps_whatever_the_order_of_records(
    small_town: Town, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setattr(person_calibration, "FEWEST_HIDDEN", 1)
    records = small_town[0]
    found = train(records)
    assert isinstance(found.calibration_unnumbered, Calibration)
    again = Model.read(found.write(tmp_path))
    assert again.version == found.version
    assert (again.mixture.corrected_apart == found.calibration_unnumbered.corrected).all()
    turned = records.take(np.random.default_rng(1).permutation(len(records)))
    assert train(turned).version == found.version
