"""Groups in portions: nothing is lost, nothing is cut, and what is found does not depend on how they are portioned."""

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.linkage import portions as portions_module
from resolver.linkage.clustering import connected
from resolver.linkage.engine import Grouped, grouping
from resolver.linkage.grouping import Numbered
from resolver.linkage.judged import JudgedPairs
from resolver.linkage.levels import Comparison
from resolver.linkage.portions import Portion, Portions
from resolver.linkage.scoring import Against, Scored
from resolver.linkage.settings import ClusteringSettings

Pairs = list[tuple[int, int]]
SETTINGS = ClusteringSettings(keep=-3.0, absent=-3.0, clip=12.0, stop=-0.25, rival=1.0, doubt=-3.0)


def some_pairs(n: int, chance: Random, many: int) -> Pairs:
    found = {tuple(sorted(chance.sample(range(n), 2))) for _ in range(many if n > 1 else 0)}
    return sorted((a, b) for a, b in found)


def column(pairs: Pairs, end: int) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    return np.array([pair[end] for pair in pairs], np.int32)


@given(st.integers(0, 30), st.integers(0, 40), st.integers(1, 12), st.integers(0, 10**9))
def test_every_row_and_every_pair_is_in_one_portion(n: int, many: int, most: int, seed: int) -> None:
    chance = Random(seed)
    pairs = some_pairs(n, chance, many)
    groups = connected(n, column(pairs, 0), column(pairs, 1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(portions_module, "PAIRS", most)
        portions = Portions.of(groups, column(pairs, 0))
    shuffled = chance.sample(pairs, len(pairs))
    strangers = [(-1, row) for row in range(n)] + [(row, -1) for row in range(n)]
    given_ = shuffled + strangers
    spread = portions.spread(column(given_, 0), column(given_, 1))
    seen: Pairs = []
    rows: list[int] = []

    def look(portion: Portion) -> None:
        ends, mine = portion.of(spread), portion.rows.tolist()
        assert mine == sorted(mine)
        assert portion.place[portion.rows].tolist() == list(range(len(mine)))
        found = [(mine[a], mine[b]) for a, b in zip(ends.left.tolist(), ends.right.tolist(), strict=True)]
        assert found == [given_[number] for number in ends.number.tolist()]
        assert ends.number.tolist() == sorted(ends.number.tolist())
        few = np.array(pairs, np.int32).reshape(-1, 2)
        assert sorted(map(tuple, portion.rows[portion.among(few)].tolist())) == sorted(found)
        assert len(found) <= most or len(set(groups[portion.rows].tolist())) == 1
        seen.extend(found)
        rows.extend(mine)

    portions.each(look)
    assert sorted(seen) == pairs
    assert sorted(rows) == list(range(n))
    for group in set(groups.tolist()):
        assert len(set(portions.portion[groups == group].tolist())) == 1


def test_a_pair_between_two_portions_is_in_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portions_module, "PAIRS", 1)
    portions = Portions.of(np.arange(3, dtype=np.int32), np.zeros(0, np.int32))
    spread = portions.spread(np.array([0, 1], np.int32), np.array([1, 1], np.int32))
    assert spread.ends.number.tolist() == [1]


@given(st.integers(0, 24), st.integers(0, 60), st.integers(0, 10**9))
def test_persons_do_not_depend_on_portions(n: int, many: int, seed: int) -> None:
    """Nor is there a row less: with portions of one group each, and all in one."""
    chance = Random(seed)
    pairs = some_pairs(n, chance, many)
    kept = [pair for pair in pairs if chance.random() < 0.7]
    groups = connected(n, column(kept, 0), column(kept, 1))
    others = [pair for pair in pairs if pair not in kept and groups[pair[0]] == groups[pair[1]]]
    rng = np.random.default_rng(seed)
    scored = Scored(
        column(kept, 0),
        column(kept, 1),
        rng.uniform(-3, 12, len(kept)),
        np.zeros(len(kept), np.int16),
        rng.integers(0, 3, (len(kept), len(Comparison))).astype(np.uint8),
    )
    against = Against(
        column(others, 0), column(others, 1), rng.uniform(-12, -3, len(others)).astype(np.float32)
    )
    judged = [np.array(chance.sample(kept, min(len(kept), 2)), np.int32).reshape(-1, 2) for _ in range(2)]
    numbered = Numbered(
        rng.random(n) < 0.5,
        np.where(rng.random(n) < 0.3, rng.integers(1, 4, n), 0).astype(np.uint64),
        rng.integers(0, 3, n).astype(np.uint64),
        rng.random(n) < 0.2,
        rng.random(n) < 0.8,
        rng.random(n) < 0.8,
        rng.random(n) < 0.2,
    )

    def found(most: int) -> Grouped:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(portions_module, "PAIRS", most)
            first = np.arange(n, dtype=np.int32)
            return grouping((scored, against), JudgedPairs(*judged), first, numbered, SETTINGS)

    apart, together = found(1), found(10**9)
    for one, other in zip(
        (apart.groups, apart.persons.labels, apart.persons.ambiguous, *apart.persons.trees),
        (together.groups, together.persons.labels, together.persons.ambiguous, *together.persons.trees),
        strict=True,
    ):
        assert one.tolist() == other.tolist()
