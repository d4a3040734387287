from typing import Any

import pyarrow as pa
import pytest

from resolver.linkage.engine import Linkage, link
from resolver.linkage.index import MatchIndex
from resolver.linkage.model import Model

Town = tuple[pa.Table, Any]


@pytest.fixture(scope="module")
def linked(small_town: Town, model: Model) -> Linkage:
    return link(small_town[0], model)


@pytest.fixture(scope="module")
def index(small_town: Town, model: Model, linked: Linkage) -> MatchIndex:
    members = linked.members.rename_columns(
        [c if c != "cluster" else "entity_id" for c in linked.members.column_names]
    )
    return MatchIndex.build(small_town[0], members, model)


def test_a_record_of_the_snapshot_finds_its_person(
    small_town: Town, index: MatchIndex, linked: Linkage
) -> None:
    cluster = dict(zip(*(linked.members[c].to_pylist() for c in ("record_key", "cluster")), strict=True))
    for place in range(0, 200, 20):
        example = small_town[0].slice(place, 1)
        best = index.match(example, 3)[0]
        assert best.entity_id == cluster[example["record_key"][0].as_py()]


def test_weights_are_those_of_the_run(small_town: Town, index: MatchIndex, linked: Linkage) -> None:
    """One model: a look-up and the run give the same weight to the same two descriptions."""
    pairs = {(p["record_key_l"], p["record_key_r"]): p["match_weight"] for p in linked.pairs.to_pylist()}
    checked = 0
    for place in range(0, 300, 15):
        example = small_town[0].slice(place, 1)
        key = example["record_key"][0].as_py()
        for match in index.match(example, 5):
            weight = pairs.get((min(key, match.record_key), max(key, match.record_key)))
            if weight is not None:
                assert match.match_weight == pytest.approx(weight, abs=1e-9)
                assert match.explanation.match_weight == match.match_weight
                checked += 1
    assert checked > 5


def test_matches_are_distinct_ordered_and_few(small_town: Town, index: MatchIndex) -> None:
    found = index.match(small_town[0].slice(7, 1), 2)
    assert len(found) <= 2
    assert len({m.entity_id for m in found}) == len(found)
    assert [m.match_weight for m in found] == sorted((m.match_weight for m in found), reverse=True)


def test_nobody_is_meant_by_nothing(records, index: MatchIndex) -> None:  # type: ignore[no-untyped-def]
    assert index.match(records([{}]), 5) == []
    assert index.match(records([{"name": "完颜阿骨打", "phone": "17000000000"}]), 5) == []
    nothing = records([])
    empty = MatchIndex.build(
        nothing,
        pa.table({"record_key": pa.array([], pa.int64()), "entity_id": pa.array([], pa.int64())}),
        index.model,
    )
    assert empty.match(records([{"name": "王伟"}]), 5) == []
