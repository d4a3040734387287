"""What several answers have in common."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field

PERSON_ID_EXAMPLE = "P-2707QDQX2XHR5K"
PersonId = Annotated[str, Field(examples=[PERSON_ID_EXAMPLE], max_length=40)]
OrganisationId = Annotated[str, Field(examples=["O-0MA7QZJHG2PQYA"], max_length=40)]
RecordKey = Annotated[str, Field(description="63-bit number as text", examples=["4611686018427387904"])]
Limit = Annotated[int, Query(ge=1, le=200, description="At most so many on a page")]
Cursor = Annotated[str | None, Query(max_length=200, description="`next_cursor` of the page before")]
PersonPath = Annotated[
    str, Path(description="Person id", max_length=40, openapi_examples={"id": {"value": PERSON_ID_EXAMPLE}})
]
RecordPath = Annotated[
    str,
    Path(description="Record key", max_length=40, openapi_examples={"key": {"value": "4611686018427387904"}}),
]


class Strict(BaseModel):
    """A request body: unknown fields are refused, so that a misspelt one is not silently ignored."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class PersonSummary(BaseModel):
    """A person in a list. ID number and phone are masked unless the caller's role may see them."""

    person_id: PersonId
    name: str | None = Field(examples=["张三"])
    sex: int | None = Field(description="1 male, 2 female", examples=[1])
    birth_date: date | None
    id_number: str | None = Field(examples=["371002********0017"])
    phone: str | None = Field(examples=["138****5678"])
    region: str | None = Field(description="6-digit county code", examples=["371002"])
    n_records: int = Field(description="Records within the caller's scope")
    ambiguous: bool = Field(description="Some of its links are doubtful")


class PersonPage(BaseModel):
    """A page of persons."""

    items: list[PersonSummary]
    next_cursor: str | None = Field(description="Send it back for the next page; null at the end")
    truncated: bool = Field(
        description="True on the last page of 1,000 when more persons fit: say more about them"
    )


class GraphNode(BaseModel):
    """A node of the graph. Ids of persons, organisations, households, records and findings last; others for the day."""

    id: str = Field(examples=[PERSON_ID_EXAMPLE])
    label: str = Field(examples=["Person"])
    properties: dict[str, Any]


class GraphEdge(BaseModel):
    """An edge of the graph."""

    id: str
    type: str = Field(examples=["SPOUSE_OF"])
    source: str
    target: str
    probability: float | None
    valid_from: date | None
    valid_to: date | None
    properties: dict[str, Any]


class FieldError(BaseModel):
    """Why a field is not valid."""

    at: list[str] = Field(examples=[["body", "limit"]])
    reason: str


class NamedJudgement(BaseModel):
    """A judgement that stands against what was asked."""

    judgement_id: str
    decision: str = Field(examples=["same"])
    record_key_l: RecordKey
    record_key_r: RecordKey
    actor: str
    at: datetime


class ProblemDocument(BaseModel):
    """RFC 9457 problem details."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str | None = None
    remedy: str | None = Field(None, description="What to do about it")
    request_id: str | None = Field(None, description="Stands in the service's log")
    errors: list[FieldError] | None = Field(None, description="Of 422: where and why; never the value")
    judgements: list[NamedJudgement] | None = Field(
        None, description="Of 409: the judgements that say otherwise, as far as the caller may see them"
    )


_REASONS = {
    400: "No purpose stated, or the request is not readable",
    401: "No valid API key",
    403: "The key's role does not allow it",
    404: "Not there, or outside the key's scope",
    409: "The cursor was made from a snapshot that is no longer the published one",
    413: "The body is larger than 64 KiB",
    422: "A field is not valid",
    503: "Nothing is published, or the audit trail or the store does not answer",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problem answers of a route, for OpenAPI."""
    schema = {"$ref": "#/components/schemas/ProblemDocument"}
    return {
        status: {
            "description": _REASONS[status],
            "content": {"application/problem+json": {"schema": schema}},
        }
        for status in statuses
    }


def problem_schemas() -> dict[str, Any]:
    """The schemas that the problem answers refer to, by name, for OpenAPI."""
    schema = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**schema.pop("$defs"), "ProblemDocument": schema}


PROBLEMS = problems(400, 401, 403, 404, 413, 422, 503)
