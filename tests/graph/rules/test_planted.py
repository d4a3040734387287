"""What is planted in the made-up city is what the rules find, where links are true and nothing is lost on the way."""

import pytest

from resolver.synthetic.build import build_world
from tests.graph.rules.true_links import TrueLinks

# Planted in the writing of the files (numbers under which somebody else is entered, or none, cells of another wording)
# or about whole deliveries, not in the facts.
IN_WRITING = {"E06", "T06", "Q05", "Q11"}


@pytest.fixture(scope="module")
def compared():
    world = build_world(4_000, seed=5, months=3, profile="typical")
    planted = sorted({c.rule for c in world.conflicts if c.planted} - IN_WRITING)
    with TrueLinks(world) as links:
        yield links.compare(planted)


def test_every_planted_case_is_found(compared) -> None:
    missed = [(row["rule"], row["persons"], row["organisation"], row["why"]) for row in compared["missed"]]

    assert [row for row in missed if row[0] not in IN_WRITING] == []


def test_nothing_else_is_found(compared) -> None:
    false = [(row["rule"], row["persons"], row["organisations"], row["reason"]) for row in compared["false"]]

    assert false == []


def test_shells_and_groups_of_cards() -> None:
    """Patterns over all persons: of these a small city has none, for lack of people and of busy hospitals."""
    world = build_world(18_000, seed=3, months=3, profile="typical")
    with TrueLinks(world) as links:
        compared = links.compare(["C03", "E13", "FA07"])
    whys = {conflict.why for conflict in world.conflicts if conflict.planted}
    assert whys >= {
        "insured by a shell, as many strangers are",
        "strangers treated together on the same days",
    }
    assert [row for row in compared["missed"] if row["rule"] in ("C03", "E13", "FA07")] == []
    assert compared["false"] == []
    assert compared["rules"]["all"]["innocent_raised"] == 0
