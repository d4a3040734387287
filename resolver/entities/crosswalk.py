"""Stable entity ids: the clusters of a run take over the ids that their records had before.

An id goes to the cluster that holds most of the entity's records, and a cluster takes the id that brings most
records into it; ties go to the older entity, then to the smaller id, then to the part that has had the id for longer.
So parting what was merged restores every id. What an id lost is told as events:

created       `entity_id` is new (or lives again: a merge was undone)
merged        `entity_id` ended; its records, or most of them, are in `other_entity_id` (a redirect)
split         some records of `entity_id` are now the new entity `other_entity_id`
retired       `entity_id` ended; none of its records is left
record_moved  `record_key` left `other_entity_id` for `entity_id`
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from resolver.entities.entity_id import new_entity_ids
from resolver.errors import LinkageError

EVENT_SCHEMA = pa.schema(
    [
        ("event", pa.string()),
        ("entity_id", pa.int64()),
        ("other_entity_id", pa.int64()),
        ("record_key", pa.int64()),
    ]
)
_LARGEST = np.int64(2**63 - 1)
_STEP = np.int64(0x1E3779B97F4A7C15)  # odd, so that repeated steps reach every number
_EVENTS = ("created", "merged", "split", "retired", "record_moved")

Keys = npt.NDArray[np.int64]


@dataclass(frozen=True)
class _Held:
    """Per record the entity that claims it (-1: none), its cluster, and when it joined the entity (-1: always)."""

    entity: Keys
    cluster: Keys
    since: Keys


@dataclass(frozen=True)
class _Claims:
    """Contested pairs of entity and cluster that share records, the strongest claim first. Parallel arrays."""

    entity: Keys  # entity id
    cluster: Keys  # position in the sorted clusters


def assign(
    clusters: pa.Table,
    previous: pa.Table | None,
    created: pa.Table | None = None,
    left: pa.Table | None = None,
) -> tuple[pa.Table, pa.Table]:
    """Give every cluster its entity id.

    Args:
        clusters: `record_key` int64, `cluster` int64 (the smallest record key of the cluster); one row a record.
        previous: `record_key`, `entity_id` of the published snapshot; None for the very first one.
        created: `entity_id`, `snapshot`: first snapshot of each entity (`Ledger.created_entities`); those left out
            are the oldest.
        left: `record_key`, `entity_id`, `snapshot`: the entity that a record left last, and when
            (`Ledger.left_entities`). A new cluster takes the ended id that most of its records left.

    Returns:
        `record_key`, `entity_id`, sorted by record key; and the events (`EVENT_SCHEMA`), sorted. The very first
        snapshot has no events: that its entities were created by it goes without saying.

    Raises:
        LinkageError: A record is in two clusters, or had two entities.
    """
    records, cluster_keys = _by_record(clusters, "cluster", "the clusters")
    smallest, cluster = np.unique(cluster_keys, return_inverse=True)
    if previous is None:
        return _table(records, new_entity_ids(smallest)[cluster]), EVENT_SCHEMA.empty_table()
    had = _value_of(records, previous, "entity_id", "the previous snapshot")
    before = _distinct(_column(previous, "entity_id"))

    ids = np.full(len(smallest), -1, dtype=np.int64)
    gone = _value_of(records, left, "entity_id", "the entities left")
    since = _value_of(records, left, "snapshot", "the entities left")
    claims = _claim(_Held(had, cluster, since), ids, created)
    _match(claims, ids)
    kept = ids.copy()
    usable = np.where((ids[cluster] < 0) & ~_among(gone, before), gone, -1)
    _match(_claim(_Held(usable, cluster, since), ids, created), ids)
    _name_new(ids, smallest, before)

    now = ids[cluster]
    events = _events(_Change(records, had, now, before, kept, ids), claims)
    return _table(records, now), events


@dataclass(frozen=True)
class _Change:
    """What changed: per record (`records`, `had`, `now`), per former entity, per cluster (`kept`, `ids`)."""

    records: Keys
    had: Keys  # -1: new record
    now: Keys
    before: Keys
    kept: Keys  # -1: the cluster took over no id
    ids: Keys


def _claim(held: _Held, ids: Keys, created: pa.Table | None) -> _Claims:
    """Fill `ids` where an entity and a cluster share records with each other alone; return the other claims."""
    known = held.entity >= 0
    entities, entity = np.unique(held.entity[known], return_inverse=True)
    pairs, pair, sizes = np.unique(
        entity * np.int64(len(ids)) + held.cluster[known], return_inverse=True, return_counts=True
    )
    since = np.full(len(pairs), np.iinfo(np.int64).max)
    np.minimum.at(since, pair, held.since[known])
    entity, shared = pairs // len(ids), pairs % len(ids)
    alone = (np.bincount(entity, minlength=len(entities))[entity] == 1) & (
        np.bincount(shared, minlength=len(ids))[shared] == 1
    )
    ids[shared[alone]] = entities[entity[alone]]
    entity, shared, sizes, since = (values[~alone] for values in (entity, shared, sizes, since))
    age = _first_snapshots(entities[entity], created)
    order = np.lexsort((shared, since, entities[entity], age, -sizes))
    return _Claims(entities[entity[order]], shared[order])


def _first_snapshots(entities: Keys, created: pa.Table | None) -> Keys:
    snapshots = np.zeros(len(entities), dtype=np.int64)
    if created is None or created.num_rows == 0:
        return snapshots
    known, values = _by_key(_column(created, "entity_id"), _column(created, "snapshot"))
    position = np.minimum(np.searchsorted(known, entities), len(known) - 1)
    return np.where(known[position] == entities, values[position], snapshots)


def _match(claims: _Claims, ids: Keys) -> None:
    """Fill `ids`: the strongest claim wins its cluster and its entity, then the strongest of the rest, and so on.

    All claims that are the strongest of both sides can be taken at once; a few rounds settle everything.
    """
    _, entity = np.unique(claims.entity, return_inverse=True)
    cluster, entity_id = claims.cluster, claims.entity
    taken_entity = np.zeros(entity.max(initial=-1) + 1, dtype=bool)
    taken_cluster = ids >= 0
    while len(cluster):
        best = _first_of(entity, len(taken_entity)) & _first_of(cluster, len(ids))
        ids[cluster[best]] = entity_id[best]
        taken_entity[entity[best]] = True
        taken_cluster[cluster[best]] = True
        rest = ~(taken_entity[entity] | taken_cluster[cluster])
        entity, cluster, entity_id = entity[rest], cluster[rest], entity_id[rest]


def _first_of(values: Keys, size: int) -> npt.NDArray[np.bool_]:
    """Which positions hold the first occurrence of their value (0 … size - 1)."""
    positions = np.arange(len(values))
    first = np.empty(size, dtype=np.int64)
    first[values[::-1]] = positions[::-1]  # of repeated targets the last assignment stays: the first position
    return np.asarray(first[values] == positions)


def _name_new(ids: Keys, smallest: Keys, before: Keys) -> None:
    """Give new ids to the clusters that have none yet; never one that is, or just was, another's."""
    new = np.flatnonzero(ids < 0)
    taken = _distinct(np.concatenate([before, ids[ids >= 0]]))
    seeds = smallest[new]
    candidates = new_entity_ids(seeds)
    while True:
        used = _among(candidates, taken)
        used[_repeated(candidates)] = True
        if not used.any():
            break
        # An id may have outlived the stay of its first record: step, through all numbers, until one is free.
        seeds[used] = (seeds[used] + _STEP) & _LARGEST
        candidates[used] = new_entity_ids(seeds[used])
    ids[new] = candidates


def _repeated(values: Keys) -> Keys:
    """Positions of all but the first occurrence of a value."""
    _, first = np.unique(values, return_index=True)
    repeated = np.ones(len(values), dtype=bool)
    repeated[first] = False
    return np.flatnonzero(repeated)


def _events(change: _Change, claims: _Claims) -> pa.Table:
    ended = change.before[~_among(change.before, _distinct(change.kept))]
    heirs, first = np.unique(claims.entity, return_index=True)
    is_merged = _among(ended, heirs)
    merged = ended[is_merged]
    into = change.ids[claims.cluster[first[np.searchsorted(heirs, merged)]]]

    new = change.kept < 0
    parted = new[claims.cluster]
    moved = (change.had >= 0) & (change.had != change.now)
    none = np.int64(-1)
    parts = [
        (0, change.ids[new], none, none),
        (1, merged, into, none),
        (2, claims.entity[parted], change.ids[claims.cluster[parted]], none),
        (3, ended[~is_merged], none, none),
        (4, change.now[moved], change.had[moved], change.records[moved]),
    ]
    event = np.concatenate([np.full(len(ids), code) for code, ids, _, _ in parts])
    entity = np.concatenate([ids for _, ids, _, _ in parts])
    other = np.concatenate([np.broadcast_to(others, ids.shape) for _, ids, others, _ in parts])
    record = np.concatenate([np.broadcast_to(keys, ids.shape) for _, ids, _, keys in parts])
    order = np.lexsort((record, other, entity, event))
    names = pa.DictionaryArray.from_arrays(pa.array(event[order], pa.int8()), pa.array(_EVENTS))
    columns = [names.cast(pa.string()), pa.array(entity[order])]
    columns += [pa.array(values[order], mask=values[order] < 0) for values in (other, record)]
    return pa.table(columns, schema=EVENT_SCHEMA)


def _value_of(records: Keys, table: pa.Table | None, column: str, where: str) -> Keys:
    """`column` of each record according to `table`; -1 where it has none."""
    if table is None or table.num_rows == 0:
        return np.full(len(records), -1, dtype=np.int64)
    known, values = _by_record(table, column, where)
    position = np.minimum(np.searchsorted(known, records), len(known) - 1)
    return np.where(known[position] == records, values[position], -1)


def _by_record(table: pa.Table, column: str, where: str) -> tuple[Keys, Keys]:
    keys, values = _by_key(_column(table, "record_key"), _column(table, column))
    twice = np.flatnonzero(keys[1:] == keys[:-1])
    if len(twice):
        raise LinkageError(f"record {keys[twice[0]]} is twice in {where} ({len(twice)} such records)")
    return keys, values


def _by_key(keys: Keys, values: Keys) -> tuple[Keys, Keys]:
    if len(keys) > 1 and not (keys[1:] > keys[:-1]).all():
        order = np.argsort(keys, kind="stable")
        return keys[order], values[order]
    return keys, values


def _distinct(values: Keys) -> Keys:
    """Sorted distinct values; several times faster than numpy's, which hashes them."""
    values = np.sort(values)
    return values[np.append(True, values[1:] != values[:-1])] if len(values) else values


def _among(values: Keys, known: Keys) -> npt.NDArray[np.bool_]:
    """Which values are in the sorted array `known`."""
    if not len(known):
        return np.zeros(len(values), dtype=bool)
    position = np.minimum(np.searchsorted(known, values), len(known) - 1)
    return np.asarray(known[position] == values)


def _column(table: pa.Table, name: str) -> Keys:
    return np.asarray(table.column(name).to_numpy(), dtype=np.int64)


def _table(records: Keys, entities: Keys) -> pa.Table:
    return pa.table({"record_key": pa.array(records), "entity_id": pa.array(entities)})
