import subprocess
import sys
from functools import partial
from typing import Any
from unittest.mock import patch

import numpy as np
import pyarrow as pa
import pytest

from resolver.linkage.blocking import block, block_records, parts, rule_keys
from resolver.linkage.columns import encode
from resolver.linkage.model import Model
from resolver.linkage.scoring import (
    Against,
    Scored,
    Scorer,
    at_least,
    contains,
    is_among,
    match_probability,
    match_weight,
    merge,
    score_candidates,
    split,
)


@pytest.fixture(scope="module")
def scorer(small_town: tuple[pa.Table, Any], model: Model) -> Scorer:
    columns = encode(small_town[0])
    return Scorer(len(columns), model.comparison(columns), model.mixture)


def test_weights_and_probabilities_are_two_forms_of_the_odds() -> None:
    log_odds = np.array([-800.0, -1.0, 0.0, 1.0, 800.0])
    assert match_probability(log_odds).tolist() == pytest.approx([0, 0.2689414, 0.5, 0.7310586, 1])
    assert match_weight(np.log(np.array([0.5, 1.0, 8.0]))).tolist() == pytest.approx([-1, 0, 3])


def test_kept_and_dropped_are_all_candidates(
    small_town: tuple[pa.Table, Any], model: Model, scorer: Scorer
) -> None:
    columns = encode(small_town[0])
    settings = model.settings.blocking
    blocking = block(
        rule_keys(columns, settings.rules), [settings.hard_cap] * len(settings.rules), model.oversized
    )
    told: list[tuple[int, int]] = []
    found, against = score_candidates(
        blocking, scorer, at_least(0.0), lambda done, of: told.append((done, of))
    )
    assert (found.log_odds >= 0.0).all()
    assert (against.log_odds < 0.0).all()
    pairs = [*zip(found.left, found.right, strict=True), *zip(against.left, against.right, strict=True)]
    assert len(set(pairs)) == len(pairs)
    assert told[-1][0] == told[-1][1] == len(told)
    order = np.lexsort((found.right, found.left))
    assert (order == np.arange(len(found))).all()


def test_split_and_merge_lose_nothing(scorer: Scorer) -> None:
    left = np.repeat(np.arange(20, dtype=np.int32), 2)
    right = left + np.tile(np.array([1, 2], np.int32), 20)
    scored = scorer.score(left, right, 3)
    kept, dropped = split(scored, at_least(-2.0))
    assert len(kept) + len(dropped) == 40
    assert set(kept.rule.tolist()) <= {3}
    again = merge([scored.take(np.arange(20, 40)), scored.take(np.arange(20))], scorer)
    assert (again.log_odds == scored.log_odds).all()
    assert (again.levels == scored.levels).all()
    assert len(merge([], scorer)) == 0


def test_pairs_are_found_among_the_scored(scorer: Scorer) -> None:
    rng = np.random.default_rng(4)
    drawn = np.unique(np.sort(rng.integers(0, 60, (400, 2), dtype=np.int32), axis=1), axis=0)
    drawn = drawn[drawn[:, 0] != drawn[:, 1]]
    known, others = drawn[::2], drawn[1::2]
    scored = merge([scorer.score(known[:, 0].copy(), known[:, 1].copy())], scorer)
    asked = rng.permutation(drawn)
    among = {(int(a), int(b)) for a, b in known}
    assert contains(scored, asked).tolist() == [(int(a), int(b)) in among for a, b in asked]
    assert not contains(scored, others).any()
    wanted = {(int(a), int(b)) for a, b in asked[:90]}
    pairs = zip(scored.left.tolist(), scored.right.tolist(), strict=True)
    assert is_among(scored, asked[:90]).tolist() == [pair in wanted for pair in pairs]
    nothing = merge([], scorer)
    assert not contains(nothing, asked).any()
    assert len(is_among(scored, asked[:0])) == len(scored)


def silent_count(done: int, of: int) -> None:
    pass


def test_pairs_that_go_to_disk_are_the_same(
    small_town: tuple[pa.Table, Any], model: Model, scorer: Scorer
) -> None:
    columns = encode(small_town[0])
    rules = model.settings.blocking.rules

    def scored(room: int) -> tuple[Scored, Against]:
        blocking = block_records(columns, rules, [60] * len(rules), model.oversized)
        with patch("resolver.linkage.scoring.parts", partial(parts, most=1000)):
            return score_candidates(blocking, scorer, at_least(0.0), silent_count, room)

    for whole, spilled in zip(scored(1 << 40), scored(10_000), strict=True):
        assert vars(whole).keys() == vars(spilled).keys()
        for one, other in zip(vars(whole).values(), vars(spilled).values(), strict=True):
            assert one.dtype == other.dtype
            assert (one == other).all()


_BEYOND_MEMORY = """
import os, resource, sys
import numpy as np
from resolver.linkage.blocking import block
from resolver.linkage.patterns import Mixture
from resolver.linkage.scoring import Scorer, at_least, score_candidates

def pairs(n, room):
    compare = lambda left, right: np.zeros((len(left), 15), np.uint8)
    scorer = Scorer(n, compare, Mixture(np.log(np.array([0.5, 0.5])), np.zeros((2, 15, 16))))
    blocking = block((np.arange(n, dtype=np.uint64) // 200 + 1)[:, None], [200])
    return score_candidates(blocking, scorer, at_least(-1.0), lambda done, of: None, room)[0]

os.cpu_count = lambda: 2  # every worker has pairs in hand
pairs(2_000, 1 << 20)  # compiles
used = 1024 * int(next(line for line in open("/proc/self/status") if line.startswith("VmData")).split()[1])
resource.setrlimit(resource.RLIMIT_DATA, (used + (200 << 20), used + (200 << 20)))
try:
    found = pairs(80_000, int(sys.argv[1]))
except MemoryError:
    sys.exit("no memory")
inside = (found.left[1:] == found.left[:-1]) & (found.right[1:] == found.right[:-1] + 1)
print(len(found), int((~inside).sum()))
"""


def test_a_rule_that_yields_everything_does_not_need_memory_for_it() -> None:
    """Eight million pairs, 230 MB, where 200 MB may be taken: in memory they would be there twice."""
    run = [sys.executable, "-c", _BEYOND_MEMORY]
    spilled = subprocess.run([*run, str(16 << 20)], capture_output=True, text=True, check=False)
    assert spilled.stdout.split() == ["7960000", "79599"], spilled.stderr
    whole = subprocess.run([*run, str(1 << 40)], capture_output=True, text=True, check=False)
    assert whole.stderr.strip().endswith("no memory")
