"""Health, readiness, version and metrics: nothing about any person, no purpose needed."""

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel

from api.dependencies import CallerDep, ServiceDep
from api.errors import ApiError
from api.schemas.common import PROBLEMS
from api.security.roles import may
from resolver.version import VERSION

router = APIRouter(tags=["service 服务"])


class Live(BaseModel):
    """The process answers."""

    status: str = "alive"


class Ready(BaseModel):
    """What the service answers from."""

    status: str = "ready"
    snapshot: int
    graph_generation: int
    reference_date: str
    model_version: str


class Version(BaseModel):
    """Which software this is."""

    version: str


@router.get("/livez")
def get_live() -> Live:
    """Whether the process answers at all."""
    return Live()


@router.get("/readyz", responses={503: PROBLEMS[503]})
def get_ready(held: ServiceDep) -> Ready:
    """Whether something is published, the store can be read and the audit trail be written."""
    published = held.publications.current()
    manifest = published.snapshot.manifest
    return Ready(
        snapshot=published.snapshot.number,
        graph_generation=published.generation,
        reference_date=manifest["reference_date"],
        model_version=manifest["model_version"],
    )


@router.get("/version")
def get_version() -> Version:
    """Which software this is."""
    return Version(version=VERSION)


@router.get("/metrics", responses={401: PROBLEMS[401], 403: PROBLEMS[403]}, response_class=Response)
def get_metrics(key: CallerDep) -> Response:
    """Metrics for Prometheus; a key of role `operator` is needed."""
    if not may(key.role, "metrics:read"):
        raise ApiError(403, "Not allowed", f"the role {key.role} does not grant metrics:read")
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
