import multiprocessing
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest
import sqlalchemy as sa

from resolver.errors import DeliveryError, LinkageError, WorkspaceError
from resolver.ledger import tables
from resolver.ledger.delivery import Delivery
from resolver.ledger.judgement import Judgement
from resolver.ledger.ledger import Ledger, Pointer

AT = datetime(2025, 3, 31, 13, 5, tzinfo=UTC)
DELIVERY = Delivery(
    "0123456789", "W01", date(2025, 3, 1), "死亡证明.xlsx", "a" * 64, "delta", 3, 2, 1, False, True, AT, "0.1",
    {"warnings": ["第3行"]},
)  # fmt: skip


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}") as opened:
        yield opened


def test_a_delivery_is_recorded_once(ledger: Ledger) -> None:
    assert ledger.record_delivery(DELIVERY)
    assert not ledger.record_delivery(replace(DELIVERY, file_name="again.xlsx"))
    assert ledger.deliveries() == [DELIVERY]
    assert ledger.deliveries("W01") == [DELIVERY]
    assert ledger.deliveries("W02") == []


def test_deliveries_come_in_one_order_whatever_their_arrival(ledger: Ledger) -> None:
    later = replace(DELIVERY, delivery_id="0000000000", period=date(2025, 4, 1))
    other = replace(DELIVERY, delivery_id="1111111111", feed="J05")
    for delivery in (later, other, DELIVERY):
        ledger.record_delivery(delivery)
    assert ledger.deliveries() == [other, DELIVERY, later]


def test_another_file_with_the_same_id_is_refused(ledger: Ledger) -> None:
    ledger.record_delivery(DELIVERY)
    with pytest.raises(DeliveryError, match="another file, 死亡证明"):
        ledger.record_delivery(replace(DELIVERY, sha256="b" * 64))


def test_what_was_acknowledged_is_there_after_opening_again(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    with Ledger.open(url) as ledger:
        ledger.record_delivery(DELIVERY)
    with Ledger.open(url) as ledger:
        assert ledger.deliveries() == [DELIVERY]


def test_times_are_stored_in_utc_with_24_hours(ledger: Ledger, tmp_path: Path) -> None:
    """A well-known registry writes 12 hours, so that its afternoons are mornings."""
    shanghai = datetime(2025, 3, 31, 21, 5, tzinfo=timezone(timedelta(hours=8)))
    ledger.record_delivery(replace(DELIVERY, received_at=shanghai))
    with sa.create_engine(f"sqlite:///{tmp_path / 'ledger.db'}").connect() as raw:
        stored = raw.execute(sa.text("SELECT received_at FROM deliveries")).scalar()
        raw.engine.dispose()
    assert stored == "2025-03-31T13:05:00.000000+00:00"
    assert ledger.deliveries()[0].received_at == shanghai


def test_a_time_without_zone_is_refused(ledger: Ledger) -> None:
    with pytest.raises(sa.exc.StatementError, match="no time zone"):
        ledger.move_pointer(1, 1, "first", datetime(2025, 3, 31))  # noqa: DTZ001
    assert ledger.pointer() is None


def test_runs(ledger: Ledger) -> None:
    first = ledger.start_run("resolve", {"deliveries": ["a"]}, AT)
    second = ledger.start_run("train", {}, AT)
    ledger.finish_run(first, 7, {"counts": {"persons": 2}}, AT + timedelta(hours=1))
    done, running = ledger.runs()
    assert (done.run_id, done.kind, done.snapshot) == (first, "resolve", 7)
    assert done.manifest == {"deliveries": ["a"], "counts": {"persons": 2}}
    assert (done.started_at, done.finished_at) == (AT, AT + timedelta(hours=1))
    assert (running.run_id, running.finished_at, running.snapshot) == (second, None, None)


def test_a_run_finishes_once(ledger: Ledger) -> None:
    with pytest.raises(WorkspaceError, match="never started"):
        ledger.finish_run(1, None, {}, AT)
    run = ledger.start_run("resolve", {}, AT)
    ledger.finish_run(run, 1, {}, AT)
    with pytest.raises(WorkspaceError, match="has finished"):
        ledger.finish_run(run, 1, {}, AT)


def test_the_last_move_is_the_pointer(ledger: Ledger) -> None:
    assert ledger.pointer() is None
    ledger.move_pointer(1, 1, "month 2025-03", AT)
    ledger.move_pointer(2, 2, "month 2025-04", AT)
    ledger.move_pointer(1, 1, "rolled back", AT)
    assert ledger.pointer() == Pointer(1, 1)
    assert [move.reason for move in ledger.pointer_moves()] == [
        "month 2025-03",
        "month 2025-04",
        "rolled back",
    ]
    assert ledger.lineage() == [1]


def fill(ledger: Ledger) -> None:
    """One row at least in every table."""
    ledger.record_delivery(DELIVERY)
    ledger.start_run("resolve", {}, AT)
    ledger.move_pointer(1, 1, "first", AT)
    ledger.append_chained("audit", [{"n": 1}], AT)
    ledger.add_judgement(Judgement("same", 1, 2, "li", "same photo", AT))
    with ledger._engine.begin() as connection:
        connection.execute(
            tables.crosswalk_events.insert(),
            {"snapshot": 1, "kind": "person", "event": "created", "entity_id": 1,
             "at_reference_date": date(2025, 3, 31), "at": AT},
        )  # fmt: skip


@pytest.mark.parametrize("table", tables.metadata.sorted_tables, ids=lambda table: table.name)
def test_nothing_can_be_changed_or_deleted(ledger: Ledger, table: sa.Table) -> None:
    fill(ledger)
    count = sa.select(sa.func.count()).select_from(table)
    with ledger._engine.begin() as connection:
        there = connection.execute(count).scalar()
    assert there
    column = list(table.columns)[-1]
    replaced = f"INSERT OR REPLACE INTO {table.name} SELECT * FROM {table.name}"
    for statement in (table.update().values({column: column}), table.delete(), sa.text(replaced)):
        with pytest.raises(sa.exc.IntegrityError, match="append-only"), ledger._engine.begin() as connection:
            connection.execute(statement)
    with ledger._engine.begin() as connection:
        assert connection.execute(count).scalar() == there


def _append(url: str, name: str, barrier: Barrier) -> None:
    barrier.wait()
    with Ledger.open(url) as ledger:
        for n in range(20):
            ledger.append_chained("audit", [{"by": name, "n": n}, {"by": name, "n": n}], AT)
            ledger.start_run("resolve", {}, AT)


def test_two_processes_open_a_new_ledger_and_write_at_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(2)
    writers = [context.Process(target=_append, args=(url, name, barrier)) for name in ("a", "b")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
        assert writer.exitcode == 0
    with Ledger.open(url) as ledger:
        assert ledger.verify_chain("audit").ok
        events = ledger.read_chained("audit")
        assert [event.seq for event in events] == list(range(1, 81))
        for name in ("a", "b"):
            assert [e.body["n"] for e in events if e.body["by"] == name] == sorted([*range(20), *range(20)])
        assert [run.run_id for run in ledger.runs()] == list(range(1, 41))


def test_judgements_are_kept_and_undone(ledger: Ledger) -> None:
    same = ledger.add_judgement(Judgement("same", 1, 2, "li", "same photo", AT))
    different = ledger.add_judgement(Judgement("different", 3, 4, "wang", "twins", AT))
    assert (same.judgement_id, different.judgement_id) == (1, 2)
    assert ledger.judgements() == [same, different]
    undo = ledger.undo_judgement(1, "zhao", "the photo was of the sister", AT)
    assert ledger.judgements() == [different]
    assert ledger.all_judgements() == [same, different, undo]
    assert (undo.undoes, undo.record_key_l, undo.record_key_r) == (1, 1, 2)
    with pytest.raises(LinkageError, match="judgement 1 cannot be undone"):
        ledger.undo_judgement(1, "zhao", "again", AT)


def test_a_contradiction_is_refused_until_undone(ledger: Ledger) -> None:
    ledger.add_judgement(Judgement("same", 1, 2, "li", "same photo", AT))
    against = Judgement("different", 2, 1, "wang", "twins", AT)
    with pytest.raises(LinkageError, match=r"judgement 1: 1 and 2 same \(by li"):
        ledger.add_judgement(against)
    ledger.undo_judgement(1, "li", "a mistake", AT)
    assert ledger.add_judgement(against).judgement_id == 3


def test_other_judgements_are_refused(ledger: Ledger) -> None:
    with pytest.raises(LinkageError, match="two records"):
        ledger.add_judgement(Judgement("same", 1, 1, "li", "", AT))
    with pytest.raises(LinkageError, match="not 'undo'"):
        ledger.add_judgement(Judgement("undo", 1, 2, "li", "", AT))
