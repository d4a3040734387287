"""The service: one FastAPI application over what is published in a workspace."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from api.dependencies import Service
from api.errors import install_handlers
from api.observation import Observation
from api.published import Publications
from api.routes import findings, match, paths, persons, service
from api.security.audit import AuditTrail
from api.security.keys import KeyRing
from resolver.ledger.ledger import Ledger
from resolver.version import VERSION
from resolver.workspace import Workspace

_DESCRIPTION = """Persons, their records and what contradicts what, from the files of a dozen departments.

Every request that reads a person carries an API key (`Authorization: Bearer …`) and states its purpose (`X-Purpose`);
it is in the audit trail before it is answered. Nothing that identifies a person stands in an address.
"""


def create_app(workspace: Workspace) -> FastAPI:
    """The application for one workspace; it opens ledger and store when it starts and closes them when it ends."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        ledger = Ledger.open(workspace.ledger_url)
        held = Service(Publications(workspace, ledger), KeyRing(ledger), AuditTrail(ledger))
        app.state.service = held
        yield
        held.audit.close()
        held.publications.close()
        ledger.close()

    app = FastAPIOffline(
        redoc_url=None,
        title="Guiyi 归一",
        version=VERSION,
        description=_DESCRIPTION,
        lifespan=lifespan,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # its logs hold what was sent
        max_body_size=64 * 1024,
    )
    install_handlers(app)
    app.add_middleware(Observation)
    for routes in (service, persons, findings, match, paths):
        app.include_router(routes.router)
    return app
