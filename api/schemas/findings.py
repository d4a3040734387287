"""Bodies of the endpoints about findings, duplicates and third-party liability."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, Field

from api.schemas.common import PersonId, PersonSummary, RecordKey, Strict


class ConflictSearch(Strict):
    """Which findings; every field given must hold. Without any: all that the caller may see."""

    person_id: PersonId | None = None
    id_number: str | None = Field(None, max_length=40, examples=["371002198001010017"])
    rule: str | None = Field(None, max_length=8, examples=["L01"])
    department: str | None = Field(None, max_length=16, description="Whom it goes to", examples=["MSB"])
    region: str | None = Field(None, max_length=6, description="County of the person", examples=["371002"])
    include_suppressed: bool = False
    limit: int = Field(50, ge=1, le=200)
    cursor: str | None = Field(None, max_length=200)


class EvidenceLink(BaseModel):
    """The weakest link a finding stands on."""

    record_key_l: RecordKey
    record_key_r: RecordKey
    match_weight: float | None


class Finding(BaseModel):
    """疑点: what a rule found. A proposal to be verified, never a verdict."""

    finding_key: str
    rule: str = Field(examples=["L01"])
    title: str = Field(examples=["死亡仍参保"])
    severity: str = Field(description="A act now · B money or entitlement · C status · D data quality")
    direction: str = Field(description="protect · recover · quality")
    person_id: PersonId | None
    other_person_id: PersonId | None
    organisation_id: str | None
    link_probability: float
    weakest_link: EvidenceLink | None
    route: str = Field(description="department, or identity_review when a link is doubtful")
    return_to: list[str]
    due: str = Field(description="When an answer is due", examples=["10wd"])
    amount: Decimal | None = Field(description="Yuan")
    since: date | None
    until: date | None
    facts: dict[str, Any] = Field(description="The rule's evidence; its header says what each means")
    row_ids: list[str] = Field(description="Rows it stands on; the first is the one it is about")
    suppressed_by: str | None = Field(description="The rule whose finding explains this one")


class FindingPage(BaseModel):
    """A page of findings."""

    items: list[Finding]
    next_cursor: str | None
    total: int = Field(description="Findings that match and that the caller may see")


class LiabilityLead(BaseModel):
    """第三人责任线索: treatment after an accident for which another party may have to pay."""

    finding_key: str
    person_id: PersonId
    rank: int = Field(description="Place in the list, from 1")
    strength: int = Field(description="0 … 4: 2 for a service within three days, 1 for trauma, 1 for a stay")
    accident_no: str
    accident_time: datetime | None = Field(examples=["2026-03-21T08:03:24+08:00"])
    injury: str | None
    liability: str | None = Field(description="Of the injured person", examples=["none"])
    others_share: float | None = Field(description="Share of the damage that others bear, 0 … 1")
    insurers: list[str] = Field(description="Of the other parties' vehicles")
    visits: list[str]
    facilities: list[str]
    first_service: date | None
    days_after: int | None = Field(description="Days from the accident to the first service")
    trauma: bool | None
    hospital: bool | None = Field(description="Admitted, or treated in an emergency")
    third_party_declared: bool | None
    fund_paid: Decimal | None = Field(description="Yuan")
    recoverable: Decimal | None = Field(description="Yuan: fund paid × others' share")
    link_probability: float
    route: str
    row_ids: list[str]


class LiabilityPage(BaseModel):
    """A page of leads, strongest evidence first."""

    items: list[LiabilityLead]
    next_cursor: str | None
    total: int


class Duplicate(BaseModel):
    """Two persons who may be one."""

    persons: list[PersonSummary]
    record_key_l: RecordKey
    record_key_r: RecordKey
    match_weight: float
    match_probability: float


class DuplicatePage(BaseModel):
    """A page of possible duplicates."""

    items: list[Duplicate]
    next_cursor: str | None
    total: int
