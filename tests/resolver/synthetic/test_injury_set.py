"""The set of injuries: one in twenty is another's doing, and each is treated as its story says."""

from collections import Counter

import pytest

from resolver.synthetic.build import build_world
from resolver.synthetic.world import LIABILITY, World


@pytest.fixture(scope="module")
def made() -> World:
    return build_world(3_000, 4, 1, "typical", injuries=1_000)


def test_one_in_twenty(made: World) -> None:
    about = [c for c in made.conflicts if c.rule == LIABILITY]
    assert Counter(c.planted for c in about) == {True: 50, False: 950}
    assert len({c.persons for c in about}) == 1_000


def test_every_injury_but_the_colds_is_coded_as_one(made: World) -> None:
    visits = made.facts["W28"].select(["patient", "trauma_flag"]).to_pylist()
    hurt = {row["patient"] for row in visits if row["trauma_flag"]}
    for conflict in made.conflicts:
        if conflict.rule == LIABILITY:
            assert (conflict.persons[0] in hurt) == (conflict.why != "cold"), conflict


def test_of_nobodys_doing_no_other_party_is_to_blame(made: World) -> None:
    parties = made.facts["W22"].select(["accident_no", "party", "liability", "injury"]).to_pylist()
    why = {c.persons[0]: c.why for c in made.conflicts if c.rule == LIABILITY}
    hurt = {row["party"] for row in parties if row["injury"] != "none"}
    assert {why[p] for p in hurt if p in why} == {
        "hit", "seen_later", "nameless", "born_known", "numbered_wrong",
        "own_fault", "nobodys_fault", "cold", "fell_later", "hurt_before",
    }  # fmt: skip


def test_it_takes_the_place_of_the_accidents_of_the_rules(made: World) -> None:
    assert not {c.rule for c in made.conflicts if c.rule.startswith("T")}


def test_namesakes_share_the_name_of_a_party_without_a_number(made: World) -> None:
    names = made.persons["name"].to_pylist()
    of_parties = {
        names[c.persons[0]] for c in made.conflicts if c.why in ("nameless", "born_known", "numbered_wrong")
    }
    alike = [c for c in made.conflicts if c.why == "namesake"]
    assert any(names[c.persons[0]] in of_parties for c in alike)
