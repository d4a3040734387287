from api.app import create_app
from api.routes import persons
from api.security.keys import create_key
from resolver.errors import WorkspaceError
from resolver.ledger.ledger import Ledger
from resolver.version import VERSION
from resolver.workspace import Workspace


def test_live_ready_version(service):
    assert service.client.get("/livez").json() == {"status": "alive"}
    assert service.client.get("/version").json() == {"version": VERSION}
    ready = service.client.get("/readyz").json()
    assert ready["snapshot"] == service.snapshot.number
    assert ready["reference_date"] == service.snapshot.manifest["reference_date"]


def test_metrics_carry_patterns_not_ids(service, rich_id):
    service.get(f"/v1/persons/{rich_id}")
    text = service.ask("GET", "/metrics", "operator").text
    assert 'guiyi_requests_total{route="/v1/persons/{person_id}",status="200"}' in text
    assert rich_id not in text


def test_without_a_publication_nothing_is_ready(start_service, tmp_path, now):
    workspace = Workspace.create(tmp_path / "empty")
    with Ledger.open(workspace.ledger_url) as ledger:
        key = create_key(ledger, "x", "investigator", now)
    with start_service(create_app(workspace)) as client:
        assert client.get("/livez").status_code == 200
        assert client.get("/readyz").status_code == 503
        headers = {"Authorization": f"Bearer {key}", "X-Purpose": "aid"}
        answer = client.get("/v1/duplicates", headers=headers)
        assert answer.status_code == 503
        assert answer.json()["title"] == "Nothing is published"
        assert str(tmp_path) not in answer.text


def test_not_ready_when_the_trail_cannot_be_written(service, monkeypatch):
    def full(*_: object) -> None:
        raise WorkspaceError("the ledger /secret/place: there is no space left")

    monkeypatch.setattr(service.client.app.state.service.audit._ledger, "append_chained", full)
    answer = service.client.get("/readyz")
    assert answer.status_code == 503
    assert "/secret/place" not in answer.text


def test_a_failure_nobody_foresaw_tells_nothing(service, rich, rich_id, monkeypatch):
    def breaks(*_: object) -> None:
        raise RuntimeError(rich["id_number"])

    monkeypatch.setattr(persons, "person_from_text", breaks)
    answer = service.ask("GET", f"/v1/persons/{rich_id}")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert rich["id_number"] not in answer.text
    assert answer.json()["request_id"] == answer.headers["X-Request-Id"]
