"""What is at fault with whole deliveries, against the files that were written."""

import numpy as np
import pytest

from resolver.synthetic.build import build_world
from resolver.synthetic.delivery_conflicts import Deliveries, delivery_conflicts, plan_deliveries
from resolver.synthetic.departments import departments


@pytest.fixture(scope="module")
def made():
    return build_world(1000, 6, 3, "weihai")


def nothing_planted(world):
    return {feed: np.zeros(facts.num_rows, np.bool_) for feed, facts in world.facts.items()}


def test_what_is_not_sent_carries_nothing_planted(made):
    planned = plan_deliveries(made, nothing_planted(made))
    assert len(planned.silent) == 1
    ((feed, period),) = planned.silent
    assert period == 2
    persons = {p for c in made.conflicts for p in c.persons}
    organisations = {c.organisation for c in made.conflicts if c.organisation >= 0}
    for row in made.facts[feed].to_pylist():
        if row["period"] == period or row.get("last_period") == period - 1:
            for role in departments()[feed].roles:
                assert row[role.role] not in (persons if role.kind == "person" else organisations)


def test_a_feed_whose_rows_are_marked_is_sent(made):
    free = plan_deliveries(made, nothing_planted(made)).silent
    marked = nothing_planted(made)
    for feed, period in free:
        rows = made.facts[feed]["period"].to_numpy() == period
        if "last_period" in made.facts[feed].column_names:
            rows |= made.facts[feed]["last_period"].to_numpy() == period - 1
        marked[feed][rows] = True
        if rows.any():
            assert (feed, period) not in plan_deliveries(made, marked).silent


def test_one_month_has_nothing_at_fault():
    world = build_world(300, 6, 1, "weihai")
    planned = plan_deliveries(world, nothing_planted(world))
    assert not planned.silent
    assert not planned.zero


@pytest.mark.parametrize(("rows", "unusual"), [(1000, False), (900, False), (899, True), (0, True)])
def test_half_a_list_is_unusual_if_it_lacks_a_tenth_and_fifty_rows(rows, unusual):
    sent = {("J06", 0): 1000, ("J06", 1): 1000, ("J06", 2): rows, ("W01", 0): 5, ("W01", 1): 0}
    deliveries = Deliveries(frozenset(), frozenset({("J06", 2), ("W21", 1)}), frozenset({("W03", 2)}))
    found = {
        (c.rule, c.feed, c.period, c.last_period): c.planted for c in delivery_conflicts(deliveries, sent)
    }
    assert found == {("Q06", "W03", 2, 2): True, ("Q06", "W01", 1, 1): False, ("Q07", "J06", 2, 2): unusual}


def test_a_short_list_is_not_unusual():
    sent = {("J06", 0): 80, ("J06", 1): 40}
    (found,) = delivery_conflicts(Deliveries(frozenset(), frozenset({("J06", 1)}), frozenset()), sent)
    assert not found.planted
