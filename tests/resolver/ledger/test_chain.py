import hashlib
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resolver.ledger.chain import ChainHead
from resolver.ledger.ledger import Ledger

AT = datetime(2025, 3, 31, 13, 5, tzinfo=UTC)
N = 5


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}") as opened:
        opened.append_chained("audit", [{"n": n, "姓名": "王伟"} for n in range(1, N + 1)], AT)
        opened.append_chained("cases", [{"case": 1}], AT)
        yield opened


def tamper(ledger: Ledger, *statements: str) -> None:
    """Change the file as someone with access to it would: the triggers go first."""
    raw = sqlite3.connect(ledger._engine.url.database or "")
    raw.execute("DROP TRIGGER chained_events_no_update")
    raw.execute("DROP TRIGGER chained_events_no_delete")
    for statement in statements:
        raw.execute(statement)
    raw.commit()
    raw.close()


def test_events_are_numbered_within_their_stream(ledger: Ledger) -> None:
    assert ledger.append_chained("audit", [{"n": 6}, {"n": 7}], AT) == [6, 7]
    assert ledger.append_chained("cases", [{"case": 2}], AT) == [2]
    assert ledger.append_chained("new", [], AT) == []
    assert ledger.chain_head("new") == ChainHead("new", 0, "0" * 64)


def test_reading_in_pages(ledger: Ledger) -> None:
    first = ledger.read_chained("audit", limit=2)
    assert [(event.seq, event.body["n"]) for event in first] == [(1, 1), (2, 2)]
    rest = ledger.read_chained("audit", after=first[-1].seq)
    assert [event.seq for event in rest] == [3, 4, 5]
    assert (rest[0].stream, rest[0].at, rest[0].body) == ("audit", AT, {"n": 3, "姓名": "王伟"})


def test_a_whole_chain(ledger: Ledger) -> None:
    head = ledger.chain_head("audit")
    report = ledger.verify_chain("audit", head)
    assert report.ok
    assert (report.n_events, report.head) == (N, head)
    ledger.append_chained("audit", [{"n": 6}], AT)
    assert ledger.verify_chain("audit", head).ok


def test_the_hash_is_the_documented_one(ledger: Ledger) -> None:
    """Another program must be able to verify an exported stream: this may never change."""
    at = "2025-03-31T13:05:00.000000+00:00"
    text = f'{"0" * 64}\ncases\n1\n{at}\n{{"case":1}}'
    assert ledger.chain_head("cases").hash == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        (["UPDATE chained_events SET body = '{}' WHERE seq = 3"], "event 3 was changed"),
        (["UPDATE chained_events SET at = '2025-03-31T01:05:00.000000+00:00' WHERE seq = 3"], "event 3 was changed"),
        (["DELETE FROM chained_events WHERE seq = 3"], "event 3 is missing"),
        (["DELETE FROM chained_events WHERE seq = 1"], "event 1 is missing"),
        (
            [
                "UPDATE chained_events SET seq = 99 WHERE seq = 3",
                "UPDATE chained_events SET seq = 3 WHERE seq = 4",
                "UPDATE chained_events SET seq = 4 WHERE seq = 99",
            ],
            "event 3 does not follow event 2",
        ),
        (["UPDATE chained_events SET stream = 'audit', seq = 0 WHERE stream = 'cases'"], "the next one is 0"),
    ],
)  # fmt: skip
def test_tampering_is_seen(ledger: Ledger, statements: list[str], said: str) -> None:
    tamper(ledger, *statements)
    report = ledger.verify_chain("audit")
    assert not report.ok
    assert said in report.problem


def test_a_cut_end_is_seen_against_an_exported_head(ledger: Ledger) -> None:
    head = ledger.chain_head("audit")
    tamper(ledger, "DELETE FROM chained_events WHERE stream = 'audit' AND seq >= 4")
    assert ledger.verify_chain("audit").ok  # nothing in the file itself can tell
    assert ledger.verify_chain("cases").ok
    report = ledger.verify_chain("audit", head)
    assert report.problem == "events 4 to 5 are missing: cut off at the end"


def test_a_rewritten_stream_is_seen_against_an_exported_head(ledger: Ledger) -> None:
    head = ledger.chain_head("audit")
    tamper(ledger, "DELETE FROM chained_events WHERE stream = 'audit'")
    ledger.append_chained("audit", [{"n": n} for n in range(N + 1)], AT)
    assert ledger.verify_chain("audit").ok
    assert "rewritten" in ledger.verify_chain("audit", head).problem


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    batches=st.lists(
        st.lists(st.dictionaries(st.text(), st.text() | st.integers() | st.none()), max_size=4), max_size=4
    )
)
def test_any_bodies_come_back(ledger: Ledger, batches: list[list[dict[str, Any]]]) -> None:
    start = ledger.chain_head("any").seq
    for bodies in batches:
        ledger.append_chained("any", bodies, AT)
    assert [event.body for event in ledger.read_chained("any", start)] == [
        b for bodies in batches for b in bodies
    ]
    assert ledger.verify_chain("any").ok


def test_long_chains_are_verified_in_batches(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resolver.ledger.chain._BATCH", 2)
    assert ledger.verify_chain("audit").n_events == N
