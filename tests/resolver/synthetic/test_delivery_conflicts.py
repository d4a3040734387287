"""What is at fault with whole deliveries, against the files that were written."""

import numpy as np
import pytest

from resolver.synthetic.build import build_world
from resolver.synthetic.delivery_conflicts import Deliveries, delivery_conflicts, plan_deliveries


@pytest.fixture(scope="module")
def made():
    return build_world(1000, 6, 3, "weihai")


def nothing_planted(world):
    return {feed: np.zeros(facts.num_rows, np.bool_) for feed, facts in world.facts.items()}


def test_what_is_not_sent_carries_nothing_planted(made):
    planned = plan_deliveries(made, nothing_planted(made))
    assert planned.silent == {("W24", 2)}
    named = {fact for conflict in made.conflicts for feed, fact in conflict.facts if feed == "W24"}
    assert not named
    accounts = made.facts["W26"].to_pylist()
    months = {accounts[f]["account_month"] for c in made.conflicts if c.rule == "FA05" for _, f in c.facts}
    assert months
    assert max(months) < made.periods[-1]


def test_with_two_months_a_feed_whose_rows_are_needed_is_not_put_off():
    world = build_world(1000, 6, 2, "weihai")
    marked = {feed: ~rows for feed, rows in nothing_planted(world).items()}
    for feed, period in plan_deliveries(world, marked).zero:
        assert period not in world.facts[feed]["period"].to_pylist()


def test_one_month_has_nothing_at_fault():
    world = build_world(300, 6, 1, "weihai")
    planned = plan_deliveries(world, nothing_planted(world))
    assert not planned.silent
    assert not planned.zero


@pytest.mark.parametrize(
    ("rows", "unusual"), [(1000, False), (900, False), (899, True), (1101, True), (0, True)]
)
def test_a_list_is_unusual_if_it_differs_by_a_tenth_and_fifty_rows(rows, unusual):
    sent = {("W29", 0): 1000, ("W29", 1): 1000, ("W29", 2): rows, ("W01", 0): 5, ("W01", 1): 0}
    planned = Deliveries(frozenset(), frozenset({("W21", 1)}), frozenset({("W03", 2)}))
    found = {(c.rule, c.feed, c.period, c.last_period): c.planted for c in delivery_conflicts(planned, sent)}
    expected = {("Q06", "W03", 2, 2): True, ("Q06", "W01", 1, 1): False}
    assert found == expected | ({("Q07", "W29", 2, 2): True} if unusual else {})


@pytest.mark.parametrize(("rows", "unusual"), [(400, False), (401, True), (25, False), (24, True)])
def test_changes_are_unusual_if_four_times_as_many_or_few(rows, unusual):
    sent = {("W28", 0): 90_000, ("W28", 1): 100, ("W28", 2): rows}
    planned = Deliveries(frozenset(), frozenset(), frozenset())
    assert [c.planted for c in delivery_conflicts(planned, sent) if c.period == 2] == [True] * unusual


def test_half_a_list_is_not_what_is_usual():
    sent = {("W21", 0): 300, ("W21", 1): 150, ("W21", 2): 310}
    planned = Deliveries(frozenset(), frozenset({("W21", 1)}), frozenset())
    assert [(c.period, c.planted) for c in delivery_conflicts(planned, sent)] == [(1, True)]


def test_a_short_list_is_not_unusual():
    sent = {("J06", 0): 80, ("J06", 1): 40}
    (found,) = delivery_conflicts(Deliveries(frozenset(), frozenset({("J06", 1)}), frozenset()), sent)
    assert not found.planted
