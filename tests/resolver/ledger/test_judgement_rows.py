from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from resolver.errors import LinkageError
from resolver.ledger.judgement import ContradictionError, Decision, Judgement, Witness
from resolver.ledger.judgement_rows import NotHoldingError, Request, RequestReusedError
from resolver.ledger.ledger import Ledger

AT = datetime(2026, 11, 3, 13, 5, 7, tzinfo=UTC)
ROW = Witness("W07", "person", 2**60 + 1)


def said(decision: Decision, left: int, right: int, reason: str = "seen") -> Judgement:
    return Judgement(decision, left, right, "li", reason, AT, witness_l=ROW)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}") as opened:
        yield opened


def test_a_statement_is_made_and_undone_as_one(ledger: Ledger) -> None:
    alone = ledger.add_judgement(said("same", 1, 2))
    together = ledger.state_judgements([said("different", 3, 4), said("different", 3, 5)])
    assert (alone.statement_id, [j.statement_id for j in together]) == (1, [2, 2])
    assert ledger.all_judgements() == [alone, *together]
    assert alone.witness_l == ROW
    undone = ledger.undo_statement(3, Judgement("undo", 0, 0, "wang", "mistaken", AT))
    assert [(j.undoes, j.statement_id, j.actor) for j in undone] == [(2, 4, "wang"), (3, 4, "wang")]
    assert ledger.judgements() == [alone]
    with pytest.raises(NotHoldingError, match="undone before"):
        ledger.undo_judgement(3, "wang", "again", AT)


def test_of_a_statement_that_contradicts_nothing_is_recorded(ledger: Ledger) -> None:
    ledger.add_judgement(said("same", 1, 2))
    with pytest.raises(ContradictionError):
        ledger.state_judgements([said("different", 3, 4), said("different", 2, 1)])
    with pytest.raises(ContradictionError):
        ledger.state_judgements([said("same", 3, 4), said("different", 3, 4)])
    assert len(ledger.all_judgements()) == 1
    assert ledger.verify_judgements().n_events == 1


def test_a_repeated_request_is_answered_again_and_makes_nothing(ledger: Ledger) -> None:
    request = Request("key:1", "what was asked")
    first = ledger.state_judgements([said("same", 1, 2), said("same", 2, 3)], request)
    assert ledger.state_judgements([said("same", 1, 2)], request) == first
    undo = Request("key:2", "undo it")
    taken_back = ledger.undo_statement(1, said("undo", 0, 0), undo)
    assert ledger.undo_statement(1, said("undo", 0, 0), undo) == taken_back
    assert len(ledger.all_judgements()) == 4
    with pytest.raises(RequestReusedError):
        ledger.state_judgements([said("same", 8, 9)], Request("key:1", "something else"))


def test_every_judgement_stands_in_the_chain(ledger: Ledger) -> None:
    ledger.state_judgements([said("same", 1, 2), said("same", 2, 3)])
    ledger.undo_judgement(1, "wang", "mistaken", AT)
    report = ledger.verify_judgements()
    assert (report.ok, report.n_events) == (True, 4)
    assert ledger.verify_judgements(report.head).ok


@pytest.mark.parametrize(
    ("tampering", "problem"),
    [
        ("UPDATE judgements SET decision = 'different' WHERE judgement_id = 2", "of judgement 2"),
        ("DELETE FROM judgements WHERE judgement_id = 1", "of judgement 1"),
        ("UPDATE chained_events SET body = replace(body, 'same', 'different') WHERE seq = 2", "event 2 was"),
    ],
)
def test_tampering_shows(ledger: Ledger, tampering: str, problem: str) -> None:
    ledger.state_judgements([said("same", 1, 2), said("same", 2, 3)])
    with ledger._engine.begin() as connection:
        for table in ("judgements", "chained_events"):
            for verb in ("update", "delete"):
                connection.execute(sa.text(f"DROP TRIGGER {table}_no_{verb}"))
        connection.execute(sa.text(tampering))
    report = ledger.verify_judgements()
    assert not report.ok
    assert problem in report.problem


def test_judgements_of_another_ledger_keep_actor_and_time_and_get_new_numbers(
    ledger: Ledger, tmp_path: Path
) -> None:
    ledger.add_judgement(said("same", 1, 2))
    ledger.state_judgements([said("different", 3, 4), said("different", 3, 5)])
    ledger.undo_judgement(2, "wang", "mistaken", AT + timedelta(days=1))
    with Ledger.open(f"sqlite:///{tmp_path / 'other.db'}") as other:
        other.add_judgement(said("same", 11, 12))
        added = other.adopt_judgements(ledger.all_judgements(), AT + timedelta(days=9))
        assert [j.judgement_id for j in added] == [2, 3, 4, 5, 6]
        assert [j.statement_id for j in added] == [2, 3, 3, 5, 5]
        assert [j.undoes for j in added] == [None, None, None, 3, 4]
        assert added[-1].at == AT + timedelta(days=1)
        assert [(j.record_key_l, j.record_key_r) for j in other.judgements()] == [(11, 12), (1, 2)]
        assert other.adopt_judgements(ledger.all_judgements(), AT) == []
        assert other.verify_judgements().ok


def test_only_what_holds_in_the_end_can_contradict(ledger: Ledger, tmp_path: Path) -> None:
    ledger.add_judgement(said("same", 1, 2))
    with Ledger.open(f"sqlite:///{tmp_path / 'other.db'}") as other:
        other.add_judgement(said("different", 1, 2))
        undoing = other.undo_judgement(1, "wang", "mistaken", AT)
        ledger.adopt_judgements(other.all_judgements(), AT)
        other.add_judgement(said("different", 2, 1))
        with pytest.raises(ContradictionError):
            ledger.adopt_judgements(other.all_judgements(), AT)
        assert len(ledger.all_judgements()) == 3
        with pytest.raises(LinkageError, match="does not stand before"):
            ledger.adopt_judgements([undoing], AT)
