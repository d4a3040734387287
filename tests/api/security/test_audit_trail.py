"""Who looked at whom is on disk before the answer leaves."""

import asyncio
import threading
import time

import pytest
from anyio.to_thread import current_default_thread_limiter
from starlette.concurrency import run_in_threadpool

from api.dependencies import Reading
from api.security import audit
from api.security.audit import AuditError, AuditTrail
from resolver.errors import WorkspaceError
from resolver.ledger.ledger import Ledger
from resolver.workspace import Workspace


def test_the_event_says_who_whom_why_and_how_much(service, rich, rich_id):
    before = service.last_event()
    service.ask(
        "POST",
        "/v1/persons/search",
        "clerk",
        json={"id_number": rich["id_number"]},
        headers={"X-Purpose": "settlement", "X-Case": "2026-017"},
    )
    (event,) = service.events(before)
    body = event.body
    assert body["action"] == "search_persons"
    assert body["key_id"] == service.keys["clerk"].split("_")[1]
    assert (body["caller"], body["role"], body["purpose"], body["case"]) == (
        "clerk", "clerk", "settlement", "2026-017",
    )  # fmt: skip
    assert rich_id in body["persons"]
    assert body["results"] == len(body["persons"])
    assert body["numbers_shown"] is False
    assert body["snapshot"] == service.snapshot.number
    assert event.at.utcoffset() is not None
    assert rich["id_number"] not in str(body)
    assert rich["name"] not in str(body)


@pytest.mark.parametrize("suffix", ["", "/records", "/timeline", "/history", "/findings"])
def test_each_look_at_a_person_names_the_person(service, rich_id, suffix):
    before = service.last_event()
    answer = service.ask("GET", f"/v1/persons/{rich_id}{suffix}")
    (event,) = service.events(before)
    assert event.body["request_id"] == answer.headers["X-Request-Id"]
    assert event.body["persons"] == [rich_id] or suffix == "/findings"


def test_everybody_in_the_answer_is_in_the_event(service, rich_id):
    before = service.last_event()
    around = service.get(f"/v1/persons/{rich_id}/neighbourhood?depth=2")
    pairs = service.get("/v1/duplicates?limit=200")
    first, second = service.events(before)
    assert set(first.body["persons"]) == {n["id"] for n in around["nodes"] if n["label"] == "Person"}
    shown = {person["person_id"] for item in pairs["items"] for person in item["persons"]}
    assert set(second.body["persons"]) == shown


def test_a_look_that_finds_nobody_is_recorded_too(service):
    before = service.last_event()
    assert service.ask("GET", "/v1/persons/P-2707QDQX2XHR5K").status_code == 404
    (event,) = service.events(before)
    assert (event.body["persons"], event.body["results"]) == ([], 0)


def test_without_a_trail_nothing_is_answered(service, rich, rich_id, monkeypatch):
    def broken(*_: object) -> None:
        raise WorkspaceError("the ledger /secret/place: there is no space left")

    before = service.last_event()
    monkeypatch.setattr(service.client.app.state.service.audit._ledger, "append_chained", broken)
    for method, path, body in (
        ("GET", f"/v1/persons/{rich_id}", None),
        ("GET", f"/v1/persons/{rich_id}/records", None),
        ("POST", "/v1/persons/search", {"id_number": rich["id_number"]}),
        ("GET", "/v1/persons/P-2707QDQX2XHR5K", None),
        ("GET", "/v1/duplicates", None),
    ):
        answer = service.ask(method, path, json=body)
        assert answer.status_code == 503
        assert answer.json()["title"] == "The audit trail cannot be written"
        for secret in (rich["name"], rich["id_number"], rich["phone"], "/secret/place"):
            assert secret not in answer.text
    monkeypatch.undo()
    assert service.last_event() == before
    assert service.get(f"/v1/persons/{rich_id}")["person_id"] == rich_id


def test_the_answer_waits_for_the_disk(service, rich_id, monkeypatch):
    """Not a byte of the answer is sent while the event is not written."""
    ledger = service.client.app.state.service.audit._ledger
    write, allowed, order = ledger.append_chained, threading.Event(), []

    def slow(*arguments: object) -> object:
        allowed.wait(10)
        written = write(*arguments)
        order.append("written")
        return written

    def let_go() -> None:
        time.sleep(0.3)
        order.append("allowed")
        allowed.set()

    monkeypatch.setattr(ledger, "append_chained", slow)
    threading.Thread(target=let_go).start()
    service.get(f"/v1/persons/{rich_id}")
    order.append("answered")
    assert order == ["allowed", "written", "answered"]


def test_a_route_that_forgets_its_event_answers_nothing(service, rich_id, monkeypatch):
    monkeypatch.setattr(Reading, "record", lambda *_, **__: None)
    answer = service.ask("GET", f"/v1/persons/{rich_id}")
    assert answer.status_code == 503
    assert "summary" not in answer.text


def test_requests_that_come_together_share_a_transaction(tmp_path, now):
    workspace = Workspace.create(tmp_path / "w")
    with Ledger.open(workspace.ledger_url) as ledger:
        sizes, write = [], ledger.append_chained

        def counted(stream, bodies, at):
            sizes.append(len(bodies))
            return write(stream, bodies, at)

        ledger.append_chained = counted  # type: ignore[method-assign]

        async def many() -> None:
            trail = AuditTrail(ledger, lambda: now)
            await asyncio.gather(*(trail.record({"number": n}) for n in range(200)))
            await trail.close()

        asyncio.run(many())
        events = ledger.read_chained(audit.STREAM)
        assert [event.body["number"] for event in events] == list(range(200))
        assert len(sizes) <= 3
        assert ledger.verify_chain(audit.STREAM).ok


def test_an_event_does_not_wait_for_what_keeps_the_pool_busy(tmp_path, now):
    workspace = Workspace.create(tmp_path / "w")
    with Ledger.open(workspace.ledger_url) as ledger:
        release = threading.Event()

        async def story() -> None:
            places = int(current_default_thread_limiter().total_tokens)
            slow = [asyncio.create_task(run_in_threadpool(release.wait, 60)) for _ in range(places)]
            await asyncio.sleep(0)
            trail = AuditTrail(ledger, lambda: now)
            try:
                await asyncio.wait_for(trail.record({"n": 1}), 30)
            finally:
                release.set()
            await asyncio.gather(*slow)
            await trail.close()

        asyncio.run(story())
        assert [event.body for event in ledger.read_chained(audit.STREAM)] == [{"n": 1}]


def test_a_closed_trail_refuses(tmp_path, now):
    workspace = Workspace.create(tmp_path / "w")
    with Ledger.open(workspace.ledger_url) as ledger:

        async def story() -> None:
            trail = AuditTrail(ledger, lambda: now)
            await trail.record({"n": 1})
            await trail.close()
            with pytest.raises(AuditError):
                await trail.record({"n": 2})

        asyncio.run(story())


@pytest.mark.parametrize("error", [WorkspaceError("no space"), ValueError("what")])
def test_a_failed_transaction_fails_its_requests_and_no_later_one(tmp_path, now, error):
    workspace = Workspace.create(tmp_path / "w")
    with Ledger.open(workspace.ledger_url) as ledger:
        write = ledger.append_chained

        def broken(*_: object) -> None:
            raise error

        async def story() -> None:
            trail = AuditTrail(ledger, lambda: now)
            ledger.append_chained = broken  # type: ignore[method-assign, assignment]
            failed = await asyncio.gather(*(trail.record({"n": n}) for n in range(5)), return_exceptions=True)
            assert all(isinstance(f, AuditError) for f in failed)
            ledger.append_chained = write  # type: ignore[method-assign]
            await trail.record({"n": 9})

        asyncio.run(story())
        assert [event.body for event in ledger.read_chained(audit.STREAM)] == [{"n": 9}]
