"""A service over a copy of the published city, with a key of each role and of some scopes."""

import shutil
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from api.app import create_app
from api.month import MonthReport
from api.security import audit
from api.security.keys import create_key
from api.security.roles import ROLES, Role
from resolver.entities.entity_id import to_text
from resolver.ledger.chain import ChainedEvent
from resolver.ledger.ledger import Ledger
from resolver.snapshot import Snapshot
from resolver.workspace import Workspace

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Starlette would rather have httpx2
    from starlette.testclient import TestClient

MADE_AT = datetime(2026, 11, 3, 13, 5, 7, tzinfo=UTC)


@dataclass(frozen=True)
class Answers:
    """The service under test, asked as one caller after the other."""

    client: TestClient
    ledger: Ledger
    snapshot: Snapshot
    keys: dict[str, str]

    def ask(self, method: str, path: str, role: str = "investigator", **more: Any) -> httpx.Response:
        """Ask with a key and a purpose."""
        headers = {
            "Authorization": f"Bearer {self.keys[role]}",
            "X-Purpose": "verification",
            **more.pop("headers", {}),
        }
        return self.client.request(method, path, headers=headers, **more)

    def get(self, path: str, role: str = "investigator", **more: Any) -> Any:
        """The JSON of a GET that must succeed."""
        answer = self.ask("GET", path, role, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Any, role: str = "investigator") -> Any:
        """The JSON of a POST that must succeed."""
        answer = self.ask("POST", path, role, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def events(self, after: int = 0) -> list[ChainedEvent]:
        """The audit trail from an event on."""
        return self.ledger.read_chained(audit.STREAM, after=after, limit=10_000)

    def last_event(self) -> int:
        """Number of the newest audit event."""
        return self.ledger.chain_head(audit.STREAM).seq

    def new_key(self, name: str, role: Role = "investigator", **scope: Any) -> None:
        """Make a key, known under a name from now on."""
        self.keys[name] = create_key(self.ledger, name, role, MADE_AT, **scope)
        self.refresh()

    def refresh(self) -> None:
        """Let the service look into the ledger now."""
        self.client.app.state.service.watch.refresh()  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def workspace_copy(
    month: tuple[Workspace, MonthReport], tmp_path_factory: pytest.TempPathFactory
) -> Workspace:
    """A copy of the published workspace: to serve is to write, into the audit trail."""
    root = tmp_path_factory.mktemp("served") / "workspace"
    shutil.copytree(month[0].root, root)
    return Workspace.open(root)


@pytest.fixture(scope="session")
def service(workspace_copy: Workspace) -> Iterator[Answers]:
    """The service, started."""
    with Ledger.open(workspace_copy.ledger_url) as ledger:
        pointer = ledger.pointer()
        assert pointer is not None
        keys = {role: create_key(ledger, role, role, MADE_AT) for role in ROLES}
        snapshot = Snapshot.open(workspace_copy, pointer.snapshot)
        with TestClient(create_app(workspace_copy), raise_server_exceptions=False) as client:
            answers = Answers(client, ledger, snapshot, keys)
            answers.refresh()
            yield answers


@pytest.fixture(scope="session")
def golden(service: Answers) -> list[dict[str, Any]]:
    """The golden records of the city."""
    rows: list[dict[str, Any]] = service.snapshot.read("golden").to_pylist()
    return rows


@pytest.fixture(scope="session")
def rich(golden: list[dict[str, Any]]) -> dict[str, Any]:
    """The person with most records, of whom number and phone are known."""
    known = [row for row in golden if row["id_number"] and row["phone"]]
    return max(known, key=lambda row: (row["n_records"], row["person_id"]))


@pytest.fixture(scope="session")
def rich_id(rich: dict[str, Any]) -> str:
    """Id of that person, as people write it."""
    return to_text(rich["person_id"], "person")


@pytest.fixture
def start_service() -> Callable[[FastAPI], TestClient]:
    """Starts an application in a `with`; its failures are answers, not exceptions."""
    return lambda app: TestClient(app, raise_server_exceptions=False)
