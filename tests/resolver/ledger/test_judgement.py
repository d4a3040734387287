from datetime import UTC, datetime

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.ledger.judgement import (
    ContradictionError,
    Decision,
    Judgement,
    Standing,
    contradiction,
    effective,
    judged_labels,
    statement_pairs,
)

AT = datetime(2025, 3, 31, 13, 5, tzinfo=UTC)


def judged(number: int, decision: Decision, left: int, right: int, undoes: int | None = None) -> Judgement:
    return Judgement(decision, left, right, "li", "seen", AT, undoes, number)


def test_undone_judgements_do_not_hold() -> None:
    every = [judged(1, "same", 1, 2), judged(2, "different", 1, 3), judged(3, "undo", 1, 2, undoes=1)]
    assert effective(every) == [every[1]]


def test_a_chain_of_same_contradicts_different() -> None:
    chain = [
        judged(1, "same", 1, 2),
        judged(2, "same", 3, 2),
        judged(3, "same", 3, 4),
        judged(4, "same", 7, 8),
    ]
    assert contradiction(judged(0, "different", 1, 4), chain) == tuple(chain[:3])
    assert contradiction(judged(0, "different", 1, 7), chain) == ()


def test_same_across_a_different_contradicts() -> None:
    holding = [judged(1, "same", 1, 2), judged(2, "different", 5, 2), judged(3, "same", 5, 6)]
    assert set(contradiction(judged(0, "same", 6, 1), holding)) == set(holding)
    assert contradiction(judged(0, "same", 6, 9), holding) == ()


def test_the_error_names_all_involved() -> None:
    holding = [judged(1, "same", 1, 2), judged(2, "same", 2, 3)]
    error = ContradictionError(judged(0, "different", 1, 3), tuple(holding))
    assert "judgement 1: 1 and 2 same (by li, 2025-03-31T13:05:00+00:00)" in error.message
    assert "judgement 2" in error.message
    assert error.judgements == tuple(holding)
    with pytest.raises(ContradictionError, match="Undo the one"):
        raise error


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["same", "different"]), st.integers(0, 6), st.integers(0, 6)), max_size=20
    )
)
def test_refused_exactly_when_no_partition_satisfies_all(drawn: list[tuple[Decision, int, int]]) -> None:
    holding: list[Judgement] = []
    standing = Standing([])
    for number, (decision, left, right) in enumerate(drawn, 1):
        if left == right:
            continue
        new = judged(number, decision, left, right)
        involved = contradiction(new, holding)
        assert bool(involved) == (not satisfiable([*holding, new]))
        if involved:
            assert not satisfiable([*involved, new])
            with pytest.raises(ContradictionError) as refused:
                standing.add(new)
            assert refused.value.judgements == involved
        else:
            holding.append(new)
            standing.add(new)


def test_a_statement_about_persons_is_about_all_their_records() -> None:
    assert statement_pairs("same", [7, 2], [5]) == [(2, 7), (7, 5)]
    assert statement_pairs("different", [7, 2], [5, 4]) == [(2, 4), (2, 5), (7, 4), (7, 5)]
    assert statement_pairs("same", [1], [2]) == statement_pairs("different", [1], [2]) == [(1, 2)]


def test_what_holds_gives_labels() -> None:
    every = [
        judged(1, "same", 9, 2), judged(2, "different", 1, 3), judged(3, "same", 2, 9),
        judged(4, "same", 5, 6), judged(5, "undo", 5, 6, undoes=4),
    ]  # fmt: skip
    assert judged_labels(effective(every)).to_pydict() == {
        "record_key_l": [1, 2],
        "record_key_r": [3, 9],
        "is_match": [False, True],
    }
    assert judged_labels([]).num_rows == 0


def satisfiable(judgements: list[Judgement]) -> bool:
    same = nx.Graph()
    same.add_nodes_from(range(7))
    same.add_edges_from((j.record_key_l, j.record_key_r) for j in judgements if j.decision == "same")
    return not any(
        nx.has_path(same, j.record_key_l, j.record_key_r) for j in judgements if j.decision == "different"
    )
