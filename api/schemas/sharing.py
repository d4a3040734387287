"""Bodies of what a person shares with others."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, Field

from api.schemas.common import GraphNode, PersonId, PersonSummary

SharedType = Literal["USES_PHONE", "LIVES_AT", "EMPLOYED_BY", "HOLDS_NUMBER", "MEMBER_OF"]
"""Edge types by which a person holds something in common with other persons."""


class Shared(BaseModel):
    """Something the person has in common with others."""

    type: SharedType
    via: GraphNode = Field(description="What is shared: a phone, an address, an employer …")
    count: int = Field(description="How many others within the caller's scope share it")
    others: list[PersonSummary] = Field(description="Those others; at most `limit`")
    truncated: bool = Field(description="There are more others than given")


class Sharing(BaseModel):
    """What a person shares with others; what nobody else shares is left out."""

    person_id: PersonId
    items: list[Shared]


class Attendance(BaseModel):
    """Others who were treated at the same facility on the same day."""

    day: date = Field(description="First day of the treatments")
    facility: GraphNode
    count: int = Field(description="How many others within the caller's scope")
    others: list[PersonSummary] = Field(description="Those others; at most `limit`")
    truncated: bool = Field(description="There are more others than given")


class Attendances(BaseModel):
    """Who was treated together with a person, the latest day first."""

    person_id: PersonId
    items: list[Attendance]
