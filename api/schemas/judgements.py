"""Bodies of the judgement endpoints."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Header, Path, Query
from pydantic import BaseModel, Field, model_validator

from api.schemas.common import PERSON_ID_EXAMPLE, OrganisationId, PersonId, RecordKey, Strict

Reason = Annotated[
    str,
    Field(
        min_length=1,
        max_length=1000,
        pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$",
        description="Why; kept for ever, so say what was seen and where, and no more of the person than is needed",
        examples=["户籍照片与社保卡照片为同一人"],
    ),
]
JudgementPath = Annotated[
    str,
    Path(
        description="Number of a judgement",
        max_length=20,
        openapi_examples={"number": {"value": "1"}},
    ),
]
IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=64,
        pattern=r"^[A-Za-z0-9._:-]+$",
        description="Sent again with the same request after a lost answer, it gives that answer and records nothing "
        "twice. Draft: IETF httpapi Idempotency-Key.",
        examples=["8e03978e-40d5-43dd-bc93-6894a57f9324"],
    ),
]
RecordFilter = Annotated[str | None, Query(max_length=40, description="Only about this record")]
ActorFilter = Annotated[
    str | None, Query(max_length=200, description="Only by this account, as `actor` says it")
]
HoldingFilter = Annotated[
    bool | None, Query(description="true: only those that hold; false: only those undone; default both")
]


class JudgementRequest(Strict):
    """What somebody decided about two records, or about two persons or organisations as they are published now."""

    decision: Literal["same", "different"] = Field(
        description="One person (organisation), or two", examples=["different"]
    )
    records: list[RecordKey] | None = Field(
        None,
        min_length=2,
        max_length=2,
        description="Keys of two records, both of persons or both of organisations",
    )
    persons: list[PersonId] | None = Field(
        None,
        min_length=2,
        max_length=2,
        description="Ids of two persons: `same` is recorded as a chain through all records of both that the caller "
        "may see, `different` for every pair of such records across",
        examples=[[PERSON_ID_EXAMPLE, "P-35631FA5G1JA8K"]],
    )
    organisations: list[OrganisationId] | None = Field(
        None, min_length=2, max_length=2, description="Ids of two organisations 单位、机构; likewise"
    )
    reason: Reason

    @model_validator(mode="after")
    def _of_one_kind(self) -> "JudgementRequest":
        if sum(side is not None for side in (self.records, self.persons, self.organisations)) != 1:
            raise ValueError("one of records, persons and organisations is needed, and only one")
        return self


class UndoRequest(Strict):
    """Why a judgement is taken back."""

    reason: Reason


class Undone(BaseModel):
    """Who took a judgement back, when and why."""

    judgement_id: str = Field(description="Number of the undoing", examples=["8"])
    actor: str
    reason: str
    at: datetime


class JudgementItem(BaseModel):
    """A judgement of two records."""

    judgement_id: str = Field(examples=["7"])
    statement_id: str = Field(
        description="Number of the first one made with it; what was stated as one is undone so"
    )
    decision: Literal["same", "different"]
    record_key_l: RecordKey
    record_key_r: RecordKey
    person_id_l: PersonId | None = Field(description="Whose record it is now, if a person's")
    person_id_r: PersonId | None
    organisation_id_l: OrganisationId | None = Field(description="Likewise, if an organisation's")
    organisation_id_r: OrganisationId | None
    actor: str = Field(description="Name and id of the account", examples=["稽核一科 (0123456789ab)"])
    reason: str
    at: datetime
    undone: Undone | None = Field(description="null while it holds")


class JudgementStatement(BaseModel):
    """What was recorded. It is obeyed from the next run on."""

    items: list[JudgementItem]


class JudgementPage(BaseModel):
    """A page of judgements, the newest first."""

    items: list[JudgementItem]
    next_cursor: str | None = Field(description="Send it back for the next page; null at the end")
