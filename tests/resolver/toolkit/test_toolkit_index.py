import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from recordlinkage import Index, reduction_ratio
from recordlinkage.index import Block, Full, SortedNeighbourhood

from resolver.linkage.model import Model
from resolver.toolkit import RuleIndex

Pair = tuple[object, object]


def ours(model: Model, *frames: pd.DataFrame) -> pd.MultiIndex:
    return Index([RuleIndex(model)]).index(*frames)


def test_pairs_are_written_as_theirs_are(few: pd.DataFrame, city_model: Model) -> None:
    """Each once, the later record first; and few: not twice as many as two records have one number."""
    pairs = ours(city_model, few)
    assert len(pairs) > 100
    assert pairs.is_unique
    assert pairs.names == ["record_key_1", "record_key_2"]
    place = {key: number for number, key in enumerate(few.index)}
    assert all(place[one] > place[other] for one, other in pairs)
    assert set(pairs) <= set(Full().index(few))
    numbers = few["id_number"].where(few["id_status"] == "valid").value_counts()
    of_one_person = (numbers * (numbers - 1) // 2).sum()
    assert of_one_person > 100
    assert reduction_ratio(pairs, few) > 1 - 2 * of_one_person / (len(few) * (len(few) - 1) // 2)


def test_it_mixes_with_theirs_both_ways(few: pd.DataFrame, city_model: Model) -> None:
    others = [Block("phone"), SortedNeighbourhood("name", window=5)]
    alone = set(ours(city_model, few))
    theirs = set(Index(others).index(few))
    assert theirs - alone
    assert alone - theirs
    for algorithms in ([RuleIndex(city_model), *others], [*others, RuleIndex(city_model)]):
        assert set(Index(algorithms).index(few)) == alone | theirs


def test_linking_two_frames_gives_the_pairs_across_them(few: pd.DataFrame, city_model: Model) -> None:
    left, right = few.iloc[::2], few.iloc[1::2]
    pairs = ours(city_model, left, right)
    whole = {frozenset(pair) for pair in ours(city_model, few)}
    here = set(left.index)
    across = {pair for pair in whole if len(pair & here) == 1}
    assert across
    assert {frozenset(pair) for pair in pairs} == across
    assert all(one in here for one, _ in pairs)


def test_two_frames_may_use_the_same_keys(few: pd.DataFrame, city_model: Model) -> None:
    left, right = few.iloc[:300], few.iloc[300:]
    expected = set(ours(city_model, left, right))
    renamed = ours(city_model, left.reset_index(drop=True), right.reset_index(drop=True))
    assert {(left.index[a], right.index[b]) for a, b in renamed} == expected


@given(order=st.permutations(range(60)), cut=st.integers(0, 60))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_neither_order_nor_cut_matters(
    few: pd.DataFrame, city_model: Model, order: list[int], cut: int
) -> None:
    """Pairs within two parts and across them are the pairs of the whole."""
    closest = few.sort_values(["id_number", "name"]).head(60)
    whole = {frozenset(pair) for pair in ours(city_model, closest)}
    shuffled = closest.iloc[order]
    parts = shuffled.iloc[:cut], shuffled.iloc[cut:]
    algorithm = RuleIndex(city_model)  # alone, for their Index fails on frames without any possible pair
    found = [algorithm.index(parts[0]), algorithm.index(parts[1]), algorithm.index(*parts)]
    assert {frozenset(pair) for index in found for pair in index} == whole
    assert sum(map(len, found)) == len(whole)


def test_any_index_will_do(few: pd.DataFrame, city_model: Model) -> None:
    named = few.set_axis([f"r{number}" for number in range(len(few))])
    expected = {(few.index.get_loc(one), few.index.get_loc(other)) for one, other in ours(city_model, few)}
    assert {(int(one[1:]), int(other[1:])) for one, other in ours(city_model, named)} == expected


def test_keys_that_are_not_unique_are_refused(few: pd.DataFrame, city_model: Model) -> None:
    with pytest.raises(ValueError, match="not unique"):
        ours(city_model, few.set_axis(np.zeros(len(few), np.int64)))
