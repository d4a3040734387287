"""Bodies of the person endpoints."""

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.schemas.common import GraphEdge, GraphNode, PersonId, PersonSummary, RecordKey, Strict

EdgeType = Literal[
    "RESOLVES_TO",
    "SAME_AS",
    "MEMBER_OF",
    "SPOUSE_OF",
    "PARENT_OF",
    "EMPLOYED_BY",
    "OWNS",
    "REPRESENTS",
    "LIVES_AT",
    "USES_PHONE",
    "HOLDS_NUMBER",
    "INVOLVED_IN",
    "RECEIVED",
    "PROVIDED_BY",
    "CAUSED_BY",
    "ABOUT",
    "EVIDENCED_BY",
]
"""Types of `graph.schema.EDGES`."""


class PersonSearch(Strict):
    """What is known of the person looked for. What identifies a person stands in the body, never in an address."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"id_number": "371002198001010017"}, {"name": "张三", "birth_date": "1980-01-01"}]
        }
    )

    name: str | None = Field(
        None, description="Name, part of it, former name or pinyin", examples=["张三"], max_length=100
    )
    id_number: str | None = Field(None, examples=["371002198001010017"], max_length=40)
    phone: str | None = Field(None, examples=["13800000000"], max_length=40)
    birth_date: date | None = None
    limit: int = Field(20, ge=1, le=200)
    cursor: str | None = Field(None, max_length=200)

    @model_validator(mode="after")
    def _something_is_asked(self) -> "PersonSearch":
        if not (self.name or self.id_number or self.phone):
            raise ValueError("name, id_number or phone is needed")
        return self


class SourcedValue(BaseModel):
    """A value of the golden record and where it comes from."""

    value: Any
    record_key: RecordKey | None
    feed: str | None
    department: str | None


class Employer(BaseModel):
    """The organisation that employs a person."""

    organisation_id: str = Field(examples=["O-0MA7QZJHG2PQYA"])
    name: str | None
    ambiguous: bool = Field(description="Which records are this organisation's is doubtful")


class PersonDetail(BaseModel):
    """One person: the golden record, each value with its source."""

    person_id: PersonId
    asked_as: PersonId | None = Field(description="The id asked for, when it was merged into this one")
    summary: PersonSummary
    values: dict[str, SourcedValue] = Field(description="Surviving values, each with the record it is from")
    employer: Employer | None = Field(description="Whoever employs the person now, if known and visible")
    former_names: list[str]
    phones: list[str]
    id_numbers: list[str]
    n_records: int
    weakest_link: float = Field(description="Probability of the weakest link that holds the records together")
    neighbours: dict[str, int] = Field(description="Edge type -> number of neighbours in the graph")


class PersonRecord(BaseModel):
    """One record of a person: how one source describes them."""

    record_key: RecordKey
    feed: str
    title: str
    role: str
    department: str
    parent_record_key: RecordKey | None = Field(description="The record it is linked by; null for the root")
    link_probability: float
    n_rows: int
    values: dict[str, Any]


class PersonRecords(BaseModel):
    """All records of a person that the caller may see."""

    person_id: PersonId
    items: list[PersonRecord]


class TimelineEvent(BaseModel):
    """One row about the person, placed in time."""

    valid_from: date | None
    valid_to: date | None
    feed: str
    title: str
    department: str
    role: str
    row_id: str
    facts: dict[str, Any]


class Timeline(BaseModel):
    """Rows about a person, oldest first; rows without a date last."""

    person_id: PersonId
    items: list[TimelineEvent]


class HistoryEvent(BaseModel):
    """What happened to an entity id."""

    event: str = Field(examples=["merged"])
    snapshot: int
    reference_date: date
    person_id: PersonId
    other_person_id: PersonId | None
    record_key: RecordKey | None = Field(description="The record that moved")


class History(BaseModel):
    """How a person's id came about; empty for one made in the first snapshot and never changed."""

    person_id: PersonId
    items: list[HistoryEvent]


class Neighbourhood(BaseModel):
    """Part of the graph around a person."""

    nodes: list[GraphNode]
    edges: list[GraphEdge]
    counts: dict[str, dict[str, int]] = Field(description="Expanded node -> edge type -> visible neighbours")
    truncated: list[str] = Field(description="Expanded nodes of which not all neighbours are here")


class Neighbour(BaseModel):
    """A node beside another one."""

    node: GraphNode
    edges: list[GraphEdge] = Field(description="All edges of the type asked for between the two")


class Neighbours(BaseModel):
    """Some of the neighbours of one node by one edge type."""

    of: str = Field(description="Whose neighbours: the person, or the node asked for by `via`")
    items: list[Neighbour]
    count: int = Field(description="How many there are on all pages together")
    next_cursor: str | None


class PathRequest(Strict):
    """Between whom, how far, and how many."""

    start: PersonId = Field(alias="from")
    end: PersonId = Field(alias="to")
    max_length: int = Field(6, ge=1, le=10, description="At most so many edges")
    best: int = Field(
        0, ge=0, le=10, description="So many paths, those on which one can most rely; 0 = one of the shortest"
    )
    types: list[EdgeType] | None = Field(None, description="Edge types to follow; default all")
    as_of: date | None = Field(None, description="Only what held on this day")


class EvidencePath(BaseModel):
    """A path, and what speaks against relying on it."""

    cost: float = Field(
        description="In bits: how unsure its edges are, and how many others its nodes lead to; less is better"
    )
    length: int
    nodes: list[GraphNode]
    edges: list[GraphEdge]


class PathAnswer(BaseModel):
    """A shortest path, or none; or the best ones."""

    found: bool
    length: int | None = Field(description="Of the shortest path, or of the best")
    nodes: list[GraphNode]
    edges: list[GraphEdge]
    paths: list[EvidencePath] = Field(description="The paths asked for by `best`, the best first")
    searched: int | None = Field(
        description="All paths of up to so many edges were considered for `paths`; fewer than `max_length` where "
        "the two have too many people around them"
    )
