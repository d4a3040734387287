import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from recordlinkage import Compare, ECMClassifier, Index, option_context
from recordlinkage.compare import Exact, String

from resolver.errors import LinkageError
from resolver.linkage.columns import encode, in_order
from resolver.linkage.engine import link
from resolver.linkage.model import Model
from resolver.linkage.patterns import new_memory, weigh
from resolver.linkage.scoring import LN2, match_probability, match_weight
from resolver.linkage.training import Estimate
from resolver.toolkit import LevelFeature, MixtureClassifier, RuleIndex, level_features, to_frame
from resolver.toolkit.em import log_odds
from resolver.toolkit.kinds import kind_of

City = tuple[pa.Table, Model]


@pytest.fixture(scope="module")
def frame(two_thousand: City) -> pd.DataFrame:
    return to_frame(two_thousand[0])


@pytest.fixture(scope="module")
def candidates(frame: pd.DataFrame, city_model: Model) -> pd.MultiIndex:
    return Index([RuleIndex(city_model)]).index(frame)


@pytest.fixture(scope="module")
def vectors(frame: pd.DataFrame, candidates: pd.MultiIndex, city_model: Model) -> pd.DataFrame:
    return Compare(level_features(city_model)).compute(candidates, frame)


@pytest.fixture(scope="module")
def odds(vectors: pd.DataFrame, two_thousand: City) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Log-odds as the engine gives them."""
    return weigh(vectors.to_numpy(), two_thousand[1].mixture, new_memory())


def test_a_model_version_classifies_as_the_engine_does(
    vectors: pd.DataFrame, odds: np.ndarray[tuple[int], np.dtype[np.float64]], city_model: Model
) -> None:
    ours = MixtureClassifier(city_model)
    assert ours.log_odds(vectors).to_numpy() == pytest.approx(odds, abs=1e-9)
    assert ours.match_weight(vectors).to_numpy() == pytest.approx(match_weight(odds), abs=1e-9)
    assert ours.prob(vectors).to_numpy() == pytest.approx(match_probability(odds), abs=1e-9)
    assert ours.prob(vectors).index.equals(vectors.index)
    assert set(ours.predict(vectors)) == set(vectors.index[odds >= 0])


def test_columns_may_stand_in_any_order(vectors: pd.DataFrame, city_model: Model) -> None:
    ours = MixtureClassifier(city_model)
    turned = vectors[vectors.columns[::-1]].astype(float)
    pd.testing.assert_series_equal(ours.prob(turned), ours.prob(vectors))


def test_a_comparison_that_is_not_there_is_neutral(vectors: pd.DataFrame, city_model: Model) -> None:
    ours = MixtureClassifier(city_model)
    neutral = vectors.assign(phone=np.uint8(255), address=np.uint8(255))
    pd.testing.assert_series_equal(ours.prob(vectors.drop(columns=["phone", "address"])), ours.prob(neutral))


def test_stored_pairs_are_vectors(two_thousand: City) -> None:
    """`pairs.parquet` can be classified as it is."""
    records, model = two_thousand
    pairs = link(records, model).pairs.to_pandas().set_index(["record_key_l", "record_key_r"])
    levels = pairs.filter(like="level_").rename(columns=lambda name: name.removeprefix("level_"))
    found = MixtureClassifier(model).match_weight(levels)
    assert found.to_numpy() == pytest.approx(pairs["match_weight"].to_numpy(), abs=1e-9)


def test_it_learns_without_labels(vectors: pd.DataFrame, two_thousand: City) -> None:
    """Candidates alone, of which most are matches: the share of matches rises from that of the training sample."""
    ours = MixtureClassifier(two_thousand[1])
    before = ours.p
    ours.fit(vectors)
    assert ours.p > 2 * before
    assert sum(ours.m_probs["sex"].values()) == pytest.approx(1.0)
    assert ours.m_probs["name"][0] > ours.u_probs["name"][0]
    fresh = MixtureClassifier(two_thousand[1])
    assert set(fresh.fit_predict(vectors)) == set(ours.predict(vectors))


def truth(frame: pd.DataFrame, pairs: pd.MultiIndex) -> "pd.Series[bool]":
    """Pairs whose two records give one valid number (the only truth that stands in the records)."""
    number = frame["id_number"].where(frame["id_status"] == "valid")
    left, right = (number.loc[pairs.get_level_values(k)].to_numpy() for k in (0, 1))
    return pd.Series(left == right, index=pairs)


def test_it_mixes_with_their_features(
    frame: pd.DataFrame, candidates: pd.MultiIndex, city_model: Model
) -> None:
    """Names by their string distance, the rest by ours, the number unseen: their column is learnt to be evidence."""
    features = [
        *(LevelFeature(city_model, key) for key in ("birth_date", "sex", "phone", "address")),
        String("name", "name", method="jarowinkler", threshold=0.9, label="names alike"),
        Exact("household_no", "household_no", label="household"),
    ]
    mixed = Compare(features).compute(candidates, frame)
    ours = MixtureClassifier(city_model)
    found = set(ours.fit_predict(mixed))
    same_number = truth(frame, candidates)
    m, u = ours.m_probs["names alike"][1], ours.u_probs["names alike"][1]
    assert m > 0.9
    assert u < 0.5
    assert sum(same_number[pair] for pair in found) > 0.9 * same_number.sum()


def test_their_ecm_takes_our_agreements(
    frame: pd.DataFrame, candidates: pd.MultiIndex, vectors: pd.DataFrame, city_model: Model
) -> None:
    keys = ("name", "id_number", "address")
    agreements = Compare([LevelFeature(city_model, key, "agreement") for key in keys])
    theirs = set(ECMClassifier().fit_predict(agreements.compute(candidates, frame)))
    ours = set(MixtureClassifier(city_model).predict(vectors))
    assert len(theirs & ours) > 0.8 * len(ours)  # to them what is missing speaks against
    assert len(theirs - ours) < 0.02 * len(theirs)


def test_their_options_hold(vectors: pd.DataFrame, city_model: Model) -> None:
    ours = MixtureClassifier(city_model)
    with option_context("classification.return_type", "series"):
        found = ours.predict(vectors)
    assert found.index.equals(vectors.index)
    assert set(vectors.index[found == 1]) == set(ours.predict(vectors))


def test_nothing_to_classify(vectors: pd.DataFrame, city_model: Model) -> None:
    assert len(MixtureClassifier(city_model).predict(vectors.head(0))) == 0


def test_what_it_cannot_take_is_named(vectors: pd.DataFrame, city_model: Model) -> None:
    ours = MixtureClassifier(city_model)
    with pytest.raises(LinkageError, match="nothing is known of the columns jaro"):
        ours.predict(vectors.assign(jaro=1.0))
    with pytest.raises(LinkageError, match="column sex holds what is no level"):
        ours.predict(vectors.assign(sex=2))
    with pytest.raises(LinkageError, match="column jaro is not binary"):
        ours.fit(vectors.assign(jaro=0.7))
    with pytest.raises(LinkageError, match="learns without labels"):
        ours.fit(vectors, vectors.index[:10])  # type: ignore[arg-type]
    ours.fit(vectors.head(200).assign(jaro=1.0))
    with pytest.raises(LinkageError, match="lack the columns jaro"):
        ours.predict(vectors)


def test_what_is_missing_of_their_feature_is_neutral(vectors: pd.DataFrame, city_model: Model) -> None:
    """A pair of which it is not known weighs what all else that was learnt says, to the last digit.

    Nor is it the weight that a classifier would give which never saw the feature: what was learnt of all else goes by
    which pairs the feature took for matches.
    """
    ours = MixtureClassifier(city_model)
    some = vectors.head(2_000)
    chance = pd.Series(np.random.default_rng(1).integers(0, 2, len(some)), index=some.index)
    extra = chance.where(np.arange(len(some)) % 3 > 0)
    ours.fit(some.assign(extra=extra))
    unknown = ours.match_weight(some.assign(extra=np.nan))
    learnt = ours._estimate
    rest = Estimate(learnt.shares, learnt.levels[:-1], 0)
    assert unknown.to_numpy() == pytest.approx(log_odds(some.to_numpy(), rest) / LN2, abs=1e-9)
    given = ours.match_weight(some.assign(extra=extra))
    pd.testing.assert_series_equal(given[extra.isna()], unknown[extra.isna()])
    assert (given != unknown)[extra.notna()].all()
    either = pd.concat([ours.match_weight(some.assign(extra=value)) for value in (0.0, 1.0)], axis=1)
    assert unknown.between(either.min(axis=1), either.max(axis=1)).all()


def test_a_feature_that_is_missing_everywhere_teaches_nothing(
    vectors: pd.DataFrame, city_model: Model
) -> None:
    some = vectors.head(2_000)
    ours, without = MixtureClassifier(city_model), MixtureClassifier(city_model)
    ours.fit(some.assign(extra=np.nan))
    without.fit(some)
    assert ours.p == pytest.approx(without.p, abs=1e-12)
    found = ours.match_weight(some.assign(extra=np.nan))
    assert found.to_numpy() == pytest.approx(without.match_weight(some).to_numpy(), abs=1e-9)
    assert ours.m_probs["extra"] == pytest.approx({1: 0.9, 0: 0.1})  # as believed before


def test_vectors_are_those_of_the_engine(
    vectors: pd.DataFrame, frame: pd.DataFrame, two_thousand: City
) -> None:
    records, model = in_order(two_thousand[0]), two_thousand[1]
    left, right = kind_of(model).candidates([to_frame(records)])
    keys = encode(records).record_key
    expected = pd.MultiIndex.from_arrays([keys[right], keys[left]])
    assert set(vectors.index) == set(expected)
