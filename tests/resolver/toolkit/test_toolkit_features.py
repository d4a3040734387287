import math
import pickle

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import recordlinkage
from recordlinkage import Compare, Index
from recordlinkage.compare import Date, Exact, String
from recordlinkage.index import Full

from resolver.errors import SettingsError
from resolver.linkage.columns import encode
from resolver.linkage.levels import LEVELS, MISSING, Comparison, Name
from resolver.linkage.model import Model
from resolver.linkage.patterns import LEAST_PROBABILITY
from resolver.toolkit import LevelFeature, RuleIndex, level_features, to_frame
from resolver.toolkit.features import values_of_levels

City = tuple[pa.Table, Model]


@pytest.fixture(scope="module")
def pairs(few: pd.DataFrame, city_model: Model) -> pd.MultiIndex:
    """Candidates, and as many pairs of strangers."""
    candidates = Index([RuleIndex(city_model)]).index(few)
    strangers = Full().index(few)
    return candidates.union(strangers[:: len(strangers) // len(candidates)])


def expected_levels(
    frame: pd.DataFrame, pairs: pd.MultiIndex, city: City
) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    """Levels as the engine gives them of all columns together."""
    records = city[0].filter(pa.compute.is_in(city[0]["record_key"], pa.array(frame.index)))
    columns = encode(records)
    left, right = (
        np.searchsorted(columns.record_key, pairs.get_level_values(k)).astype(np.int32) for k in (0, 1)
    )
    return city[1].comparison(columns)(left, right)


def test_every_feature_gives_the_levels_of_the_engine(
    few: pd.DataFrame, pairs: pd.MultiIndex, two_thousand: City
) -> None:
    """A feature reads only its own columns, and they are enough."""
    vectors = Compare(level_features(two_thousand[1])).compute(pairs, few)
    assert list(vectors.columns) == [c.name.lower() for c in Comparison]
    assert vectors.index.equals(pairs)
    assert (vectors.dtypes == np.uint8).all()
    assert np.array_equal(vectors.to_numpy(), expected_levels(few, pairs, two_thousand))


def test_levels_are_those_of_the_labels(few: pd.DataFrame, city_model: Model) -> None:
    rows = few.head(3).assign(
        name=["王伟", "王伟", "李娜"],
        surname=["王", "王", "李"],
        given=["伟", "伟", "娜"],
        former_name=None,
        pinyin=None,
    )
    pairs = Full().index(rows)
    levels = Compare([LevelFeature(city_model, "name")]).compute(pairs, rows)["name"].tolist()
    assert [LEVELS[Comparison.NAME](level) for level in levels][1:] == [Name.DIFFERENT] * 2
    assert levels[0] <= Name.SAME_VERY_COMMON


@pytest.mark.filterwarnings("ignore:Setting an item of incompatible dtype:FutureWarning")  # their Date does
def test_it_mixes_with_theirs_both_ways(few: pd.DataFrame, pairs: pd.MultiIndex, city_model: Model) -> None:
    others = [
        Exact("sex", "sex", label="exact sex"),
        String("name", "name", method="jarowinkler", threshold=0.85, label="jaro"),
        Date("birth_date", "birth_date", label="date"),
    ]
    alone = Compare(level_features(city_model)).compute(pairs, few)
    theirs = Compare(others).compute(pairs, few)
    for features in ([*level_features(city_model), *others], [*others, *level_features(city_model)]):
        vectors = Compare(features).compute(pairs, few)
        pd.testing.assert_frame_equal(vectors[alone.columns], alone)
        pd.testing.assert_frame_equal(vectors[theirs.columns], theirs)


def test_linking_two_frames(few: pd.DataFrame, two_thousand: City) -> None:
    left, right = few.iloc[::2], few.iloc[1::2]
    across = RuleIndex(two_thousand[1]).index(left, right)
    vectors = Compare(level_features(two_thousand[1])).compute(across, left, right)
    assert len(vectors) > 50
    assert np.array_equal(vectors.to_numpy(), expected_levels(few, across, two_thousand))


def test_two_frames_may_use_the_same_keys(few: pd.DataFrame, city_model: Model) -> None:
    left, right = few.iloc[:300], few.iloc[300:]
    across = RuleIndex(city_model).index(left, right)
    expected = Compare(level_features(city_model)).compute(across, left, right)
    left, right = left.reset_index(drop=True), right.reset_index(drop=True)
    found = Compare(level_features(city_model)).compute(RuleIndex(city_model).index(left, right), left, right)
    assert np.array_equal(found.to_numpy(), expected.to_numpy())


def test_their_workers_take_it(few: pd.DataFrame, pairs: pd.MultiIndex, city_model: Model) -> None:
    """Features are sent to other processes whole."""
    sent = pickle.loads(pickle.dumps(level_features(city_model)))
    expected = Compare(level_features(city_model)).compute(pairs, few)
    pd.testing.assert_frame_equal(Compare(sent).compute(pairs, few), expected)


def test_no_pairs(few: pd.DataFrame, city_model: Model) -> None:
    nothing = Full().index(few.head(1))
    assert Compare(level_features(city_model)).compute(nothing, few).shape == (0, len(Comparison))


def test_agreement_and_match_weight_say_what_the_model_believes(
    few: pd.DataFrame, pairs: pd.MultiIndex, city_model: Model
) -> None:
    levels = Compare(level_features(city_model)).compute(pairs, few)
    weights = Compare(level_features(city_model, "match_weight")).compute(pairs, few)
    agreements = Compare(level_features(city_model, "agreement")).compute(pairs, few)
    others = city_model.shares[1:] / city_model.shares[1:].sum()
    for place, comparison in enumerate(city_model.settings.comparisons):
        m, *rest = np.maximum(city_model.levels[place], LEAST_PROBABILITY)
        for level, weight, agreement in zip(
            levels[comparison.key], weights[comparison.key], agreements[comparison.key], strict=True
        ):
            if level == MISSING:
                assert (weight, agreement) == (0.0, 0.0)
                continue
            u = sum(share * other[level] for share, other in zip(others, rest, strict=True))
            assert weight == pytest.approx(math.log2(m[level] / u), abs=1e-9)
            assert agreement == (weight > 0)


def test_their_classifiers_take_our_vectors(two_thousand: City) -> None:
    records, model = two_thousand
    frame = to_frame(records)
    candidates = Index([RuleIndex(model)]).index(frame)
    keys = ("name", "birth_date", "phone", "address", "employer", "spouse")
    features = [LevelFeature(model, key, "agreement") for key in keys]
    vectors = Compare(features).compute(candidates, frame)
    found = recordlinkage.ECMClassifier().fit_predict(vectors)
    assert 0 < len(found) < len(candidates)
    weights = Compare(level_features(model, "match_weight")).compute(candidates, frame)
    clusters = recordlinkage.KMeansClassifier().fit_predict(weights)
    assert 0 < len(clusters) < len(candidates)


def test_what_there_is_not_is_named(city_model: Model) -> None:
    with pytest.raises(SettingsError, match="no comparison 'surname'"):
        LevelFeature(city_model, "surname")
    with pytest.raises(SettingsError, match="'score'"):
        LevelFeature(city_model, "name", "score")  # type: ignore[arg-type]


def test_a_missing_level_has_no_value(city_model: Model) -> None:
    assert values_of_levels(city_model, 0, "match_weight")[MISSING] == 0.0
