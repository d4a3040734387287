import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from resolver.linkage.runs import numbered, order_of_runs, places_among

KEYS = st.lists(st.one_of(st.integers(0, 9), st.integers(0, 2**64 - 1)), max_size=40)


def keys(values: list[int]) -> np.ndarray:
    return np.array(values, np.uint64)


@given(st.lists(KEYS, max_size=9))
def test_a_few_runs_are_merged_as_a_stable_sort_does(runs: list[list[int]]) -> None:
    given_ = keys([value for run in runs for value in sorted(run)])
    assert (order_of_runs(given_) == np.argsort(given_, kind="stable")).all()


@given(KEYS)
def test_what_is_no_few_runs_is_sorted_all_the_same(values: list[int]) -> None:
    given_ = keys(values)
    order = order_of_runs(given_)
    assert (order == np.argsort(given_, kind="stable")).all()
    each, places = numbered(given_)
    wanted, inverse = np.unique(given_, return_inverse=True)
    assert (each == wanted).all()
    assert (places == inverse).all()


@given(KEYS, KEYS)
def test_places_are_found_in_whatever_order_they_are_asked_for(known: list[int], wanted: list[int]) -> None:
    ordered = sorted(set(known))
    slow = [ordered.index(value) if value in ordered else -1 for value in wanted + ordered]
    assert places_among(keys(ordered), keys(wanted + ordered)).tolist() == slow
