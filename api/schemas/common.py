"""What several answers have in common."""

from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

PersonId = Annotated[str, Field(examples=["P-0G5M3W2K8QZ4T7"])]
RecordKey = Annotated[str, Field(description="63-bit number as text", examples=["4611686018427387904"])]


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
    n_records: int | None
    ambiguous: bool = Field(description="Some of its links are doubtful")


class PersonPage(BaseModel):
    """A page of persons."""

    items: list[PersonSummary]
    next_cursor: str | None = Field(description="Send it back for the next page; null at the end")


class GraphNode(BaseModel):
    """A node of the graph."""

    id: str
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


class ProblemDocument(BaseModel):
    """RFC 9457 problem details."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str | None = None
    remedy: str | None = None
    request_id: str | None = None


PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {
        "description": text,
        "content": {"application/problem+json": {"schema": ProblemDocument.model_json_schema()}},
    }
    for status, text in {
        400: "No purpose stated, or the request is not readable",
        401: "No valid API key",
        403: "The key's role does not allow it",
        404: "Not there, or outside the key's scope",
        422: "A field is not valid",
        503: "Nothing is published, or the audit trail or the store does not answer",
    }.items()
}
