"""The service: one FastAPI application over what is published in a workspace."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi_offline import FastAPIOffline

from api.body_limit import BodyLimit
from api.dependencies import Service
from api.errors import install_handlers
from api.observation import Observation
from api.published import Publications
from api.routes import explanations, findings, judgements, match, paths, persons, service, sharing, timeline
from api.schemas.common import problem_schemas
from api.security.audit import AuditTrail
from api.security.keys import KeyRing
from api.security.policy import require_policies
from api.warming import Warming
from api.watch import Watch
from resolver.ledger.ledger import Ledger
from resolver.version import VERSION
from resolver.workspace import Workspace

_DESCRIPTION = """Persons, their records and what contradicts what, from the files of a dozen departments.

Every request that reads a person carries an API key (`Authorization: Bearer …`) and states its purpose (`X-Purpose`);
it is in the audit trail before it is answered. Nothing that identifies a person stands in an address.
"""


def create_app(workspace: Workspace, *, warm: bool = False) -> FastAPI:
    """The application for one workspace; it opens ledger and store when it starts and closes them when it ends.

    Args:
        workspace: What it serves from.
        warm: Make indexes in the background as soon as something is published, not at their first use.

    Raises:
        SettingsError: A route has no policy.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        ledger = Ledger.open(workspace.ledger_url)
        publications, keys = Publications(workspace, ledger), KeyRing(ledger)
        watch = Watch([keys.refresh, publications.refresh], Warming(publications) if warm else lambda: None)
        held = Service(publications, keys, AuditTrail(ledger), watch)
        app.state.service = held
        yield
        held.watch.close()
        await held.audit.close()
        held.publications.close()
        ledger.close()

    app = FastAPIOffline(
        redoc_url=None,
        title="Guiyi 归一",
        version=VERSION,
        description=_DESCRIPTION,
        lifespan=lifespan,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # its logs hold what was sent
        generate_unique_id_function=lambda route: route.name,
    )
    install_handlers(app)
    app.add_middleware(BodyLimit)
    app.add_middleware(Observation)
    for module in (service, persons, timeline, sharing, findings, match, explanations, paths, judgements):
        require_policies(route.name for route in module.router.routes if isinstance(route, APIRoute))
        app.include_router(module.router)
    _describe_problems(app)
    return app


def _describe_problems(app: FastAPI) -> None:
    """Let the OpenAPI document hold the schemas that its problem answers refer to."""
    described = app.openapi

    def with_problems() -> dict[str, Any]:
        document = described()
        document["components"]["schemas"].update(problem_schemas())
        return document

    app.openapi = with_problems  # type: ignore[method-assign]  # as FastAPI tells to
