from collections import Counter, defaultdict
from random import Random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.entities.crosswalk import EVENT_SCHEMA, assign
from resolver.entities.entity_id import new_entity_id
from resolver.errors import LinkageError

Partition = dict[int, int]  # record key -> label of its cluster
Event = tuple[str, int, int | None, int | None]

KEYS = st.integers(0, 30)
PARTITIONS = st.dictionaries(KEYS, st.integers(0, 8), max_size=25)


def clusters(partition: Partition) -> pa.Table:
    smallest = {label: min(k for k, v in partition.items() if v == label) for label in partition.values()}
    return keyed("cluster", {key: smallest[label] for key, label in partition.items()})


def groups(*members: list[int]) -> pa.Table:
    return clusters({key: label for label, keys in enumerate(members) for key in keys})


def keyed(name: str, values: dict[int, int]) -> pa.Table:
    return pa.table(
        {"record_key": pa.array(values.keys(), pa.int64()), name: pa.array(values.values(), pa.int64())}
    )


def as_dict(table: pa.Table) -> dict[int, int]:
    return dict(zip(table["record_key"].to_pylist(), table["entity_id"].to_pylist(), strict=True))


def as_events(table: pa.Table) -> list[Event]:
    return [tuple(row.values()) for row in table.to_pylist()]


def reference(
    table: pa.Table, previous: dict[int, int], age: dict[int, int]
) -> tuple[dict[int, int], set[Event]]:
    """Slow and obvious: take the strongest claim that is still free, again and again."""
    cluster_of = dict(zip(table["record_key"].to_pylist(), table["cluster"].to_pylist(), strict=True))
    shared = Counter((previous[k], c) for k, c in cluster_of.items() if k in previous)
    claims = sorted(shared, key=lambda p: (-shared[p], age.get(p[0], 0), p[0], p[1]))
    ids: dict[int, int] = {}
    for entity, cluster in claims:
        if cluster not in ids and entity not in ids.values():
            ids[cluster] = entity
    kept = dict(ids)
    for cluster in sorted(set(cluster_of.values()) - set(ids)):
        seed = cluster
        while (new := new_entity_id(seed)) in {*previous.values(), *ids.values()}:
            seed = next_seed(seed)
        ids[cluster] = new
    now = {key: ids[cluster] for key, cluster in cluster_of.items()}
    return now, reference_events(now, previous, claims, kept, ids)


def next_seed(seed: int) -> int:
    return (seed + 0x1E3779B97F4A7C15) % 2**63


def reference_events(
    now: dict[int, int],
    previous: dict[int, int],
    claims: list[tuple[int, int]],
    kept: dict[int, int],
    ids: dict[int, int],
) -> set[Event]:
    new = {entity for cluster, entity in ids.items() if cluster not in kept}
    events: set[Event] = {("created", entity, None, None) for entity in new}
    for entity in set(previous.values()) - set(kept.values()):
        heirs = [ids[cluster] for claimant, cluster in claims if claimant == entity]
        events.add(("merged", entity, heirs[0], None) if heirs else ("retired", entity, None, None))
    for entity, cluster in claims:
        if ids[cluster] in new:
            events.add(("split", entity, ids[cluster], None))
    for key, entity in now.items():
        if key in previous and previous[key] != entity:
            events.add(("record_moved", entity, previous[key], key))
    return events


@settings(deadline=None)
@given(PARTITIONS, PARTITIONS, st.dictionaries(st.integers(0, 8), st.integers(0, 3)))
def test_agrees_with_the_reference(before: Partition, after: Partition, ages: dict[int, int]) -> None:
    entities = {key: new_entity_id(1000 + label) for key, label in before.items()}
    created = {new_entity_id(1000 + label): age for label, age in ages.items()}
    table, events = assign(
        clusters(after),
        keyed("entity_id", entities),
        pa.table(
            {
                "entity_id": pa.array(created.keys(), pa.int64()),
                "snapshot": pa.array(created.values(), pa.int64()),
            }
        ),
    )
    expected, expected_events = reference(clusters(after), entities, created)
    assert as_dict(table) == expected
    found = as_events(events)
    assert set(found) == expected_events
    assert len(found) == len(expected_events)
    assert events.schema == EVENT_SCHEMA


@settings(deadline=None)
@given(PARTITIONS, PARTITIONS, PARTITIONS)
def test_every_cluster_has_one_id_of_its_own(first: Partition, second: Partition, third: Partition) -> None:
    entities, _ = assign(clusters(first), None)
    for partition in (second, third):
        entities, _ = assign(clusters(partition), entities)
        found = as_dict(entities)
        assert found.keys() == partition.keys()
        labels = defaultdict(set)
        for key, entity in found.items():
            labels[entity].add(partition[key])
        assert all(len(several) == 1 for several in labels.values())
        assert len(labels) == len(set(partition.values()))
        assert all(entity >= 0 for entity in labels)


@settings(deadline=None)
@given(PARTITIONS, PARTITIONS)
def test_the_same_clusters_again_change_nothing(first: Partition, second: Partition) -> None:
    entities, _ = assign(clusters(first), None)
    entities, _ = assign(clusters(second), entities)
    again, events = assign(clusters(second), entities)
    assert again.equals(entities)
    assert events.num_rows == 0


@settings(deadline=None)
@given(PARTITIONS, PARTITIONS, st.randoms())
def test_order_of_input_does_not_matter(first: Partition, second: Partition, random: Random) -> None:
    entities, _ = assign(clusters(first), None)
    expected = assign(clusters(second), entities)
    shuffled = []
    for table in (clusters(second), entities):
        order = list(range(table.num_rows))
        random.shuffle(order)
        shuffled.append(table.take(pa.array(order, pa.int64())))
    found = assign(*shuffled)
    assert all(a.equals(b) for a, b in zip(found, expected, strict=True))


@settings(deadline=None)
@given(PARTITIONS, PARTITIONS, PARTITIONS, st.sets(st.integers(0, 8), min_size=2))
def test_merge_then_split_restores(
    first: Partition, second: Partition, third: Partition, joined: set[int]
) -> None:
    """Whatever came before: labels `joined` become one cluster, then part again; every id is as it was."""
    merged = {key: min(joined) if label in joined else label for key, label in third.items()}
    states = [assign(clusters(first), None)[0]]
    left: dict[int, tuple[int, int]] = {}
    for snapshot, partition in enumerate((second, third, merged, third), 2):
        entities, events = assign(clusters(partition), states[-1], left=left_table(left))
        states.append(entities)
        for event, _, other, record in as_events(events):
            if event == "record_moved" and record is not None and other is not None:
                left[record] = (other, snapshot)
    assert states[-1].equals(states[-3])


def left_table(left: dict[int, tuple[int, int]]) -> pa.Table:
    return pa.table(
        {
            "record_key": pa.array(left.keys(), pa.int64()),
            "entity_id": pa.array([entity for entity, _ in left.values()], pa.int64()),
            "snapshot": pa.array([snapshot for _, snapshot in left.values()], pa.int64()),
        }
    )


def test_the_first_snapshot_names_entities_by_their_smallest_record() -> None:
    entities, events = assign(groups([7, 3], [5]), None)
    assert as_dict(entities) == {3: new_entity_id(3), 5: new_entity_id(5), 7: new_entity_id(3)}
    assert entities["record_key"].to_pylist() == [3, 5, 7]
    assert events.num_rows == 0


def test_a_merge_keeps_the_id_that_brings_most_records() -> None:
    before, _ = assign(groups([1], [2, 3]), None)
    after, events = assign(groups([1, 2, 3, 4]), before)
    small, large = new_entity_id(1), new_entity_id(2)
    assert set(as_dict(after).values()) == {large}
    assert as_events(events) == [("merged", small, large, None), ("record_moved", large, small, 1)]


def test_a_tie_goes_to_the_older_then_to_the_smaller_id() -> None:
    before = keyed("entity_id", {1: 900, 2: 100})
    older = pa.table({"entity_id": [100], "snapshot": [5]})
    assert set(as_dict(assign(groups([1, 2]), before, older)[0]).values()) == {900}
    assert set(as_dict(assign(groups([1, 2]), before)[0]).values()) == {100}


def test_a_split_leaves_the_id_with_most_records() -> None:
    before, _ = assign(groups([1, 2, 3]), None)
    after, events = assign(groups([1], [2, 3]), before)
    old = new_entity_id(1)
    new = new_entity_id(next_seed(1))  # the id made from record 1 is in use by its former company
    assert as_dict(after) == {1: new, 2: old, 3: old}
    assert as_events(events) == [
        ("created", new, None, None),
        ("split", old, new, None),
        ("record_moved", new, old, 1),
    ]


def test_a_free_id_is_found_even_for_a_number_that_stands_for_itself() -> None:
    assert new_entity_id(0) == 0
    before, _ = assign(groups([0, 1, 2]), None)
    after, _ = assign(groups([0], [1, 2]), before)
    assert as_dict(after) == {0: new_entity_id(next_seed(0)), 1: 0, 2: 0}


def test_an_entity_without_records_is_retired() -> None:
    before, _ = assign(groups([1], [2]), None)
    _, events = assign(groups([2]), before)
    assert as_events(events) == [("retired", new_entity_id(1), None, None)]


def test_nothing_to_assign() -> None:
    empty = groups()
    entities, events = assign(empty, None)
    assert (entities.num_rows, events.num_rows) == (0, 0)
    before, _ = assign(groups([1]), None)
    entities, events = assign(empty, before)
    assert entities.num_rows == 0
    assert as_events(events) == [("retired", new_entity_id(1), None, None)]


def test_a_record_in_two_clusters_is_refused() -> None:
    with pytest.raises(LinkageError, match="record 1 is twice"):
        assign(pa.table({"record_key": [1, 1], "cluster": [1, 1]}), None)


def test_many_records_at_once() -> None:
    rng = np.random.default_rng(7)
    keys = np.arange(100_000)
    labels = rng.integers(0, 60_000, len(keys))
    moved = np.where(rng.random(len(keys)) < 0.1, rng.integers(0, 60_000, len(keys)), labels)

    def table(of: np.ndarray) -> pa.Table:
        smallest = np.full(60_000, len(keys))
        np.minimum.at(smallest, of, keys)
        return pa.table({"record_key": keys, "cluster": smallest[of]})

    before, _ = assign(table(labels), None)
    after, events = assign(table(moved), before)
    changed = (np.asarray(before["entity_id"]) != np.asarray(after["entity_id"])).sum()
    assert Counter(events["event"].to_pylist())["record_moved"] == changed
