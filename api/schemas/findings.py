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


class LiableParty(BaseModel):
    """Who may have to pay."""

    kind: str | None = Field(description="party, insurer or employer", examples=["insurer"])
    name: str | None = Field(description="Of insurers and employers")
    share: float | None = Field(description="Of the damage, 0 … 1; null where it is not known")
    node: str | None = Field(description="In the graph, when the caller may see it")


class LeadReason(BaseModel):
    """What speaks for a lead, or against it."""

    reason: str = Field(examples=["treated within a day"])
    points: float


class LiabilityLead(BaseModel):
    """第三人责任线索: treatment paid by the fund for which another party may have to pay."""

    kind: str = Field(
        description="accident, candidate (of a party without a number; never linked), work_injury, payment, declared"
    )
    finding_key: str | None = Field(description="Null when no rule speaks of it")
    person_id: PersonId
    rank: int = Field(description="Place in the list, from 1")
    strength: float = Field(description="Sum of the reasons' points and log2 of the link probability")
    reasons: list[LeadReason]
    state: str = Field(description="Of the recovery, by the last step recorded", examples=["open", "urged"])
    incident: str = Field(description="Number of the accident, decision, document or visit")
    incident_day: date | None
    accident_time: datetime | None = Field(examples=["2026-03-21T08:03:24+08:00"])
    injury: str | None
    liability: str | None = Field(description="Of the injured person", examples=["none"])
    others_share: float | None = Field(description="Share of the damage that others bear, 0 … 1")
    liable: list[LiableParty]
    visits: list[str]
    follow_ups: list[str] = Field(description="Later visits for the same injury")
    facilities: list[str]
    diagnoses: list[str] = Field(description="ICD-10")
    first_service: date | None
    days_after: int | None = Field(description="Days from the incident to the first service")
    trauma: bool | None
    hospital: bool | None = Field(description="Admitted, or treated in an emergency")
    third_party_declared: bool | None
    declared_causes: list[str]
    fund_paid: Decimal | None = Field(description="Yuan")
    third_party_paid: Decimal | None = Field(description="Yuan, for treatment")
    recoverable: Decimal | None = Field(description="Yuan: fund paid × others' share")
    link_probability: float
    route: str
    path: list[str] = Field(
        description="Nodes of the graph, from who is liable to the care; what the caller may see"
    )
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
