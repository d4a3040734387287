from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from resolver.entities.crosswalk import EVENT_SCHEMA, assign
from resolver.ledger.history import lineage
from resolver.ledger.ledger import Ledger

Move = tuple[int, datetime]


def day(month: int, number: int = 1) -> datetime:
    return datetime(2025, month, number, 13, tzinfo=UTC)


def reference_date(snapshot: int) -> date:
    return date(2025, snapshot, 28)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}") as opened:
        yield opened


def events(*rows: tuple[str, int, int | None, int | None]) -> pa.Table:
    return pa.Table.from_pylist(
        [dict(zip(EVENT_SCHEMA.names, row, strict=True)) for row in rows], EVENT_SCHEMA
    )


def publish(ledger: Ledger, snapshot: int, *rows: tuple[str, int, int | None, int | None]) -> None:
    """In month `snapshot`."""
    ledger.append_crosswalk(events(*rows), "person", snapshot, reference_date(snapshot), day(snapshot))
    ledger.move_pointer(snapshot, snapshot, "month", day(snapshot))


@pytest.mark.parametrize(
    ("moves", "expected"),
    [
        ([], []),
        ([1, 2, 3], [3, 2, 1]),
        ([1, 2, 1], [1]),
        ([1, 2, 1, 3], [3, 1]),
        ([1, 2, 1, 2], [2, 1]),
        ([1, 2, 1, 3, 2], [2, 1]),
        ([1, 2, 3, 1, 4, 3], [3, 2, 1]),
    ],
)
def test_lineage(moves: list[int], expected: list[int]) -> None:
    assert lineage([(snapshot, day(1)) for snapshot in moves]) == expected


def test_lineage_at_a_time() -> None:
    moves = [(1, day(1)), (2, day(2)), (1, day(3))]
    assert lineage(moves, until=day(2, 15)) == [2, 1]
    assert lineage(moves, until=day(1)) == [1]
    assert lineage(moves, until=datetime(2024, 1, 1, tzinfo=UTC)) == []


def test_an_id_of_the_first_snapshot_stands_for_itself(ledger: Ledger) -> None:
    assert ledger.resolve_entity(10) == 10
    publish(ledger, 1)
    assert ledger.resolve_entity(10) == 10
    assert ledger.entity_history(10) == []


def test_old_ids_lead_to_where_their_records_are(ledger: Ledger) -> None:
    publish(ledger, 1)
    publish(ledger, 2, ("merged", 10, 20, None), ("record_moved", 20, 10, 5))
    publish(ledger, 3, ("merged", 20, 30, None))
    publish(ledger, 4, ("retired", 30, None, None))
    assert ledger.resolve_entity(10) is None
    assert ledger.resolve_entity(10, day(3, 20)) == 30
    assert ledger.resolve_entity(10, day(2, 20)) == 20
    assert ledger.resolve_entity(10, day(1, 20)) == 10
    assert ledger.resolve_entity(20, day(3, 20)) == 30


def test_as_of_a_reference_date(ledger: Ledger) -> None:
    publish(ledger, 1)
    publish(ledger, 2, ("merged", 10, 20, None))
    assert ledger.resolve_entity(10, date(2025, 2, 27)) == 10
    assert ledger.resolve_entity(10, date(2025, 2, 28)) == 20
    assert ledger.entity_history(10, date(2025, 2, 27)) == []


def test_an_id_that_lives_again(ledger: Ledger) -> None:
    publish(ledger, 1)
    publish(ledger, 2, ("merged", 10, 20, None))
    publish(ledger, 3, ("created", 10, None, None), ("split", 20, 10, None))
    assert ledger.resolve_entity(10) == 10
    assert [event.event for event in ledger.entity_history(10)] == ["merged", "created", "split"]


def test_history_names_both_sides(ledger: Ledger) -> None:
    publish(ledger, 1)
    publish(ledger, 2, ("merged", 10, 20, None), ("record_moved", 20, 10, 5))
    merged, moved = ledger.entity_history(20)
    assert (merged.event, merged.entity_id, merged.other_entity_id, merged.record_key) == (
        "merged",
        10,
        20,
        None,
    )
    assert (merged.snapshot, merged.kind, merged.at) == (2, "person", day(2))
    assert merged.at_reference_date == reference_date(2)
    assert (moved.event, moved.record_key) == ("record_moved", 5)


def test_what_was_rolled_back_or_never_published_does_not_count(ledger: Ledger) -> None:
    publish(ledger, 1)
    publish(ledger, 2, ("merged", 10, 20, None))
    ledger.move_pointer(1, 1, "rolled back", day(3))
    publish(ledger, 4, ("merged", 10, 40, None))
    ledger.append_crosswalk(events(("merged", 40, 50, None)), "person", 5, reference_date(5), day(5))
    assert ledger.resolve_entity(10) == 40
    assert ledger.resolve_entity(10, day(2, 20)) == 20  # that was what readers saw then
    assert ledger.resolve_entity(10, day(3, 20)) == 10


def test_a_resumed_run_appends_nothing_twice(ledger: Ledger) -> None:
    rows = events(("merged", 10, 20, None))
    assert ledger.append_crosswalk(rows, "person", 2, reference_date(2), day(2)) == 1
    assert ledger.append_crosswalk(rows, "person", 2, reference_date(2), day(3)) == 0
    assert ledger.append_crosswalk(rows, "organisation", 2, reference_date(2), day(3)) == 1


def test_age_and_former_entities_feed_the_next_run(ledger: Ledger) -> None:
    publish(ledger, 1)
    publish(ledger, 2, ("created", 90, None, None), ("record_moved", 20, 10, 5), ("record_moved", 20, 10, 6))
    publish(ledger, 3, ("record_moved", 30, 20, 5))
    assert ledger.created_entities("person").to_pydict() == {"entity_id": [90], "snapshot": [2]}
    assert ledger.created_entities("organisation").num_rows == 0
    left = {row["record_key"]: row for row in ledger.left_entities("person").to_pylist()}
    assert left[5] == {"record_key": 5, "entity_id": 20, "snapshot": 3}
    assert left[6] == {"record_key": 6, "entity_id": 10, "snapshot": 2}
    ledger.move_pointer(2, 2, "rolled back", day(4))
    assert ledger.left_entities("person")["entity_id"].to_pylist() == [10, 10]


def test_a_merge_undone_through_the_ledger(ledger: Ledger) -> None:
    def run(snapshot: int, previous: pa.Table | None, *clusters: list[int]) -> pa.Table:
        pairs = [(key, min(keys)) for keys in clusters for key in keys]
        table = pa.table({"record_key": [k for k, _ in pairs], "cluster": [c for _, c in pairs]})
        entities, found = assign(
            table, previous, ledger.created_entities("person"), ledger.left_entities("person")
        )
        ledger.append_crosswalk(found, "person", snapshot, reference_date(snapshot), day(snapshot))
        ledger.move_pointer(snapshot, snapshot, "month", day(snapshot))
        return entities

    apart = run(1, None, [1, 2], [3, 4])
    together = run(2, apart, [1, 2, 3, 4])
    again = run(3, together, [1, 2], [3, 4])
    assert again.equals(apart)
    kept = together["entity_id"][0].as_py()
    (other,) = set(apart["entity_id"].to_pylist()) - {kept}
    assert ledger.resolve_entity(other, day(2, 20)) == kept
    assert ledger.resolve_entity(other) == other


def test_no_events(ledger: Ledger) -> None:
    assert ledger.append_crosswalk(EVENT_SCHEMA.empty_table(), "person", 1, reference_date(1), day(1)) == 0
