import json
from datetime import date
from types import SimpleNamespace
from typing import Any

import networkx as nx
import numpy as np
import pyarrow as pa
import pytest

from resolver.errors import LinkageError
from resolver.linkage import entity_explanation
from resolver.linkage.engine import link
from resolver.linkage.entity_explanation import explain_entity, pair_weights
from resolver.linkage.explanation import explain_pair, pick
from resolver.linkage.model import Model

Town = tuple[pa.Table, Any]


@pytest.fixture(scope="module")
def entities(small_town: Town, model: Model) -> list[list[dict[str, Any]]]:
    """Rows of `members` of the largest entities."""
    found: dict[int, list[dict[str, Any]]] = {}
    for row in link(small_town[0], model).members.to_pylist():
        found.setdefault(row["cluster"], []).append(row)
    return sorted(found.values(), key=lambda rows: -len(rows))[:12]


def test_an_entity_is_held_by_its_tree(small_town: Town, model: Model, entities) -> None:  # type: ignore[no-untyped-def]
    for rows in entities:
        found = explain_entity(model, small_town[0], rows)
        assert found.n_links == len(found.links) == len(rows) - 1 > 0
        probabilities = [held.link_probability for held in found.links]
        assert probabilities == sorted(probabilities)
        assert found.weakest is found.links[0]
        assert json.loads(json.dumps(found.to_json()))["n_links"] == found.n_links


def test_without_a_link_its_part_hangs_on_the_next_best_pair(
    small_town: Town, model: Model, entities
) -> None:  # type: ignore[no-untyped-def]
    for rows in entities:
        found = explain_entity(model, small_town[0], rows)
        own = pick(small_town[0], found.records)
        weights = pair_weights(model, own)
        tree = nx.Graph((held.parent_record_key, held.record_key) for held in found.links)
        for held in found.links:
            ends = held.parent_record_key, held.record_key
            assert held.explanation.match_weight == pytest.approx(
                weights[found.records.index(ends[0]), found.records.index(ends[1])], abs=1e-9
            )
            cut = tree.copy()
            cut.remove_edge(*ends)
            parts = list(nx.connected_components(cut))
            assert set(held.beyond) in parts
            assert 2 * len(held.beyond) <= len(found.records)
            across = [
                explain_pair(model, own, a, b).match_weight
                for a in parts[0]
                for b in parts[1]
                if {a, b} != set(ends)
            ]
            assert held.next_best == (pytest.approx(max(across), abs=1e-9) if across else None)
            # of a maximum spanning tree no other pair across the cut is stronger
            assert held.next_best is None or held.next_best <= held.explanation.match_weight + 1e-9


def test_pairs_that_speak_against_are_named(records, resident_number, model: Model) -> None:  # type: ignore[no-untyped-def]
    numbers = [resident_number("371002", born, 141) for born in (date(1985, 6, 7), date(1950, 11, 30))]
    table = records([{"name": "马强", "id_number": number, "sex": 1} for number in (*numbers, numbers[0])])
    rows = [
        {"record_key": 1, "parent_record_key": None, "link_probability": 1.0},
        {"record_key": 2, "parent_record_key": 1, "link_probability": 1.0},
        {"record_key": 3, "parent_record_key": 1, "link_probability": 0.99},
    ]
    judged = [SimpleNamespace(decision="same", record_key_l=2, record_key_r=1)]
    found = explain_entity(model, table, rows, judged)
    assert {(p.record_key_l, p.record_key_r) for p in found.opposed} == {(1, 2), (2, 3)}
    assert [(held.record_key, held.judged) for held in found.links] == [(3, False), (2, True)]
    assert "Judged the same by a human" in found.links[1].text.en
    assert "2 pairs taken alone would look like two people" in found.summary.en


def test_one_record_and_none_need_no_link(small_town: Town, model: Model) -> None:
    key = small_town[0]["record_key"][0].as_py()
    alone = [{"record_key": key, "parent_record_key": None, "link_probability": 1.0}]
    for rows in (alone, []):
        found = explain_entity(model, small_town[0], rows)
        assert (found.weakest, found.links, found.opposed) == (None, (), ())
        assert "no link" in found.summary.en
    with pytest.raises(LinkageError, match="no record 99999999"):
        explain_entity(model, small_town[0], [{**alone[0], "record_key": 99999999}])


def test_of_a_large_entity_the_weakest_links_are_explained(
    small_town: Town, model: Model, entities, monkeypatch: pytest.MonkeyPatch
) -> None:  # type: ignore[no-untyped-def]
    whole = explain_entity(model, small_town[0], entities[0])
    monkeypatch.setattr(entity_explanation, "MOST_LINKS", 2)
    monkeypatch.setattr(entity_explanation, "MOST_COMPARED", 2)
    found = explain_entity(model, small_town[0], entities[0])
    assert found.n_links == whole.n_links > 2
    assert [held.record_key for held in found.links] == [held.record_key for held in whole.links[:2]]
    assert [held.next_best for held in found.links] == [None, None]
    assert found.opposed == ()


def test_weights_of_all_pairs_are_symmetric(small_town: Town, model: Model) -> None:
    weights = pair_weights(model, small_town[0].slice(0, 40))
    assert (weights == weights.T).all()
    assert (np.diagonal(weights) == 0).all()
