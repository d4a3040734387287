"""Health, readiness, version and metrics: nothing about any person, no purpose needed."""

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel

from api.dependencies import CallerDep, ServiceDep
from api.schemas.common import problems
from graph.store import EVERYTHING
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


@router.get("/livez", summary="Does the process answer 存活")
def get_live() -> Live:
    """Whether the process answers at all."""
    return Live()


@router.get("/readyz", responses=problems(503), summary="Can questions be answered 就绪")
def get_ready(held: ServiceDep) -> Ready:
    """Whether something is published, the store can be read and the audit trail be written."""
    if not held.watch.is_fresh:
        held.watch.refresh()
    published = held.publications.current()
    published.view(EVERYTHING).get("Person:0")
    held.audit.check()
    manifest = published.snapshot.manifest
    return Ready(
        snapshot=published.snapshot.number,
        graph_generation=published.generation,
        reference_date=manifest["reference_date"],
        model_version=manifest["model_version"],
    )


@router.get("/version", summary="Which software this is 版本")
def get_version() -> Version:
    """Which software this is."""
    return Version(version=VERSION)


@router.get(
    "/metrics",
    responses=problems(401, 403, 503)
    | {200: {"description": "Metrics", "content": {"text/plain": {"schema": {"type": "string"}}}}},
    response_class=PlainTextResponse,
    summary="Metrics for Prometheus 指标",
)
def get_metrics(_key: CallerDep) -> Response:
    """Metrics for Prometheus; a key of role `operator` is needed."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
