from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.errors import LinkageError
from resolver.linkage.engine import Linkage, link
from resolver.linkage.explanation import explain_pair
from resolver.linkage.index import MatchIndex
from resolver.linkage.index_files import index_name, make_index, write_index
from resolver.linkage.model import Model

Town = tuple[pa.Table, Any]


def as_members(linked: Linkage) -> pa.Table:
    names = [name if name != "cluster" else "entity_id" for name in linked.members.column_names]
    return linked.members.rename_columns(names)


@pytest.fixture(scope="module")
def linked(small_town: Town, model: Model) -> Linkage:
    return link(small_town[0], model)


@pytest.fixture(scope="module")
def index(
    small_town: Town, model: Model, linked: Linkage, tmp_path_factory: pytest.TempPathFactory
) -> MatchIndex:
    """The index as it is served: written to files and mapped into memory."""
    folder = tmp_path_factory.mktemp("index") / index_name(model)
    write_index(make_index(small_town[0], as_members(linked), model), folder, model)
    return MatchIndex.open(folder, small_town[0], model)


@pytest.fixture(scope="module")
def rows(small_town: Town) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = small_town[0].to_pylist()
    return listed


def test_a_record_of_the_snapshot_finds_its_person(
    rows: list[dict[str, Any]], index: MatchIndex, linked: Linkage
) -> None:
    cluster = dict(zip(*(linked.members[c].to_pylist() for c in ("record_key", "cluster")), strict=True))
    for row in rows[:200:20]:
        assert index.match(row, 3)[0].entity_id == cluster[row["record_key"]]


def test_reading_all_of_it_once_changes_nothing(rows: list[dict[str, Any]], index: MatchIndex) -> None:
    before = index.match(rows[0], 3)
    index.read()
    assert [match.entity_id for match in index.match(rows[0], 3)] == [match.entity_id for match in before]


def test_weights_are_exactly_those_of_the_run(
    rows: list[dict[str, Any]], small_town: Town, index: MatchIndex, linked: Linkage, model: Model
) -> None:
    """One model: a look-up, the run and the explanation give the same weight to the same two descriptions."""
    names = ("record_key_l", "record_key_r", "match_weight")
    left, right, weights = (linked.pairs[name].to_pylist() for name in names)
    pairs = dict(zip(zip(left, right, strict=True), weights, strict=True))
    checked = 0
    for row in rows[::9]:
        key = row["record_key"]
        others = lambda keys, key=key: keys != key  # noqa: E731
        for match in index.match(row, 5, others):
            weight = pairs.get((min(key, match.record_key), max(key, match.record_key)))
            if weight is not None:
                assert match.match_weight == weight
                checked += 1
            explained = explain_pair(model, small_town[0], key, match.record_key)
            assert match.explanation == explained
    assert checked > 200


def test_every_pair_of_the_run_is_found_from_either_side(
    rows: list[dict[str, Any]], index: MatchIndex, linked: Linkage
) -> None:
    """What a blocking rule yields in the run, the index yields too, with the same weight."""
    by_key = {row["record_key"]: row for row in rows}
    by_rule = linked.pairs.filter(pa.compute.greater_equal(linked.pairs["blocking_rule"], 0))
    for pair in by_rule.slice(0, 400).to_pylist():
        ends = pair["record_key_l"], pair["record_key_r"]
        for one, other in (ends, ends[::-1]):
            (match,) = index.match(by_key[one], 1, lambda keys, other=other: keys == other)
            assert match.match_weight == pair["match_weight"]


def test_matches_are_distinct_ordered_and_few(rows: list[dict[str, Any]], index: MatchIndex) -> None:
    found = index.match(rows[7], 2)
    assert len(found) <= 2
    assert len({m.entity_id for m in found}) == len(found)
    assert [m.match_weight for m in found] == sorted((m.match_weight for m in found), reverse=True)


def test_the_best_of_all_candidates_are_found(
    rows: list[dict[str, Any]], index: MatchIndex, linked: Linkage
) -> None:
    """Against the slow way: one candidate at a time, the best record of each entity, the best entities first."""
    cluster = dict(zip(*(linked.members[c].to_pylist() for c in ("record_key", "cluster")), strict=True))
    for row in rows[5:200:99]:
        one_by_one = [m for key in cluster for m in index.match(row, 1, lambda keys, key=key: keys == key)]
        best: dict[int, tuple[float, int]] = {}
        for match in one_by_one:
            rank = (-match.match_weight, match.record_key)
            best[match.entity_id] = min(best.get(match.entity_id, rank), rank)
        expected = sorted(best.values())[:3]
        assert [(-m.match_weight, m.record_key) for m in index.match(row, 3)] == expected


@settings(max_examples=40)
@given(st.data())
def test_what_may_not_be_looked_at_takes_no_place(
    rows: list[dict[str, Any]], index: MatchIndex, data: st.DataObject
) -> None:
    row = rows[data.draw(st.integers(0, len(rows) - 1))]
    everything = index.match(row, 50)
    hidden = data.draw(st.sets(st.sampled_from([m.record_key for m in everything])))
    found = index.match(row, 50, lambda keys: ~np.isin(keys, list(hidden)))
    assert not hidden & {m.record_key for m in found}
    untouched = [m for m in everything if m.record_key not in hidden]
    assert [m for m in found if m in untouched] == untouched


def test_nobody_is_meant_by_nothing(records, index: MatchIndex, model: Model) -> None:  # type: ignore[no-untyped-def]
    assert index.match({}, 5) == []
    assert index.match({"name": "完颜阿骨打", "phone": "17000000000"}, 5) == []
    nothing = records([])
    no_members = pa.table({"record_key": pa.array([], pa.int64()), "entity_id": pa.array([], pa.int64())})
    empty = MatchIndex.build(nothing, no_members, model)
    assert empty.match({"name": "王伟", "surname": "王", "given": "伟"}, 5) == []


def test_an_index_without_records_can_be_written_and_opened(  # type: ignore[no-untyped-def]
    records, model: Model, tmp_path: Path
) -> None:
    no_members = pa.table({"record_key": pa.array([], pa.int64()), "entity_id": pa.array([], pa.int64())})
    write_index(make_index(records([]), no_members, model), tmp_path / "index", model)
    assert MatchIndex.open(tmp_path / "index", records([]), model).match({"name": "王伟"}, 5) == []


def described(records: Any, n: int, entities: int, **values: Any) -> tuple[pa.Table, pa.Table]:
    """Records of one description, and members in so many entities by turns."""
    table = records([values] * n)
    entity_id = pa.array([1 + place % entities for place in range(n)], pa.int64())
    return table, pa.table({"record_key": table["record_key"], "entity_id": entity_id})


def test_ten_thousand_records_of_one_description_are_one_candidate(records: Any, model: Model) -> None:
    values = {"name": "欧阳修文", "birth_date": None, "phone": "13912345678", "source_key": None}
    index = MatchIndex.build(*described(records, 10_000, 1, **values), model)
    (row,) = records([values]).to_pylist()
    (match,) = index.match(row, 5)
    assert match.record_key == 1
    asked: list[int] = []

    def within(keys: Any) -> Any:
        asked.append(len(keys))
        return keys > 4_000

    (match,) = index.match(row, 5, within)
    assert match.record_key == 4_001
    assert asked == [1, 9_999]


def test_a_block_that_is_too_large_is_left_out_and_named(records: Any, model: Model) -> None:
    cap = model.settings.blocking.hard_cap
    values = {"name": "欧阳修文"}
    (row,) = records([values]).to_pylist()
    fits = MatchIndex.build(*described(records, cap, cap, **values), model)
    assert len(fits.match(row, cap)) in (0, cap)  # all alike: all are above the threshold, or none
    assert fits.left_out(row) == []
    too_many = MatchIndex.build(*described(records, cap + 1, cap + 1, **values), model)
    assert too_many.match(row, 5) == []
    assert too_many.left_out(row) == ["name"]


def test_an_index_of_other_records_is_refused(small_town: Town, linked: Linkage, model: Model) -> None:
    records, members = small_town[0], as_members(linked)
    files = make_index(records, members, model)
    with pytest.raises(LinkageError, match="not made from these"):
        MatchIndex(files, records.slice(1), model)
    with pytest.raises(LinkageError, match="not of the same snapshot"):
        make_index(records.slice(1), members, model)


@pytest.mark.parametrize("damage", ["missing", "cut", "other"])
def test_a_damaged_index_is_refused(
    damage: str, small_town: Town, linked: Linkage, model: Model, tmp_path: Path
) -> None:
    folder = tmp_path / "index"
    write_index(make_index(small_town[0], as_members(linked), model), folder, model)
    path = folder / "record_key.npy"
    match damage:
        case "missing":
            path.unlink()
        case "cut":
            path.write_bytes(path.read_bytes()[:200])
        case _:
            np.save(path, np.zeros(3, np.int64))
    with pytest.raises(LinkageError, match="cannot be read") as refused:
        MatchIndex.open(folder, small_town[0], model)
    assert "Remove" in refused.value.remedy
