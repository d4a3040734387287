"""Where recoveries stand, and how true the first leads were."""

from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.casework import CASE_EVENT_SCHEMA
from graph.recovery import FALSE, STATES, TRUE, PrecisionAtK, precision_at, recovery_states


def steps(*taken: tuple[int, str]) -> pa.Table:
    rows = [{"finding_key": key, "event": event, "day": date(2024, 1, 1)} for key, event in taken]
    return pa.Table.from_pylist(rows, CASE_EVENT_SCHEMA)


@pytest.mark.parametrize(
    ("keys", "is_paid", "state"),
    [
        ([1], False, "recovering"),  # the last step of its own case
        ([2], True, "open"),  # a denial taken back
        ([1, 2], False, "open"),  # the last step of either case
        ([3], True, "third_party_paid"),  # no step
        ([4], False, "open"),  # a step that says nothing of recovery
        ([], False, "open"),
    ],
)
def test_states(keys: list[int], is_paid: bool, state: str) -> None:
    taken = steps((1, "urged"), (2, "denied"), (1, "recovering"), (2, "undenied"), (4, "returned"))
    assert recovery_states([keys], [is_paid], taken) == [state]


def test_precision() -> None:
    leads = [{"state": s} for s in ("recovered", "open", "no_third_party", "recovered", "urged", "denied")]
    found = precision_at(leads, [1, 3, 50, 100, 0])
    assert found == [PrecisionAtK(1, 1, 1), PrecisionAtK(3, 2, 1), PrecisionAtK(6, 4, 2)]
    assert [line.precision for line in found] == [1.0, 0.5, 0.5]
    assert precision_at([{"state": "open"}], [1])[0].precision is None
    assert precision_at([], [5]) == []


@given(st.lists(st.sampled_from(sorted(set(STATES.values()))), min_size=1), st.integers(1, 60))
def test_precision_counts_what_is_closed(states: list[str], k: int) -> None:
    (line,) = precision_at([{"state": state} for state in states], [k])
    closed = [state for state in states[:k] if state in TRUE | FALSE]
    assert (line.closed, line.true) == (len(closed), sum(state in TRUE for state in closed))
