"""Answers that explain: why records are one person, and why two are not."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from api.schemas.common import PersonId, RecordKey


class ExplanationStep(BaseModel):
    """What one comparison adds to the match weight."""

    comparison: str = Field(examples=["name"])
    comparison_zh: str = Field(examples=["姓名"])
    comparison_en: str = Field(examples=["name"])
    level: str = Field(description="What was found", examples=["同音 / sounds the same"])
    match_weight: float = Field(description="Change of the weight, in bits")
    value_l: Any = None
    value_r: Any = None
    text_zh: str = Field(
        description="What was found and how strongly it speaks, in words, without the values"
    )
    text_en: str


class Explanation(BaseModel):
    """The waterfall of a match weight: the prior, then one step per comparison; the sum is the weight."""

    summary_zh: str = Field(description="What it comes to, in words, the strongest first")
    summary_en: str
    prior: float = Field(description="Weight before anything is compared, in bits")
    steps: list[ExplanationStep]
    match_weight: float
    match_probability: float


class SpeakingPair(BaseModel):
    """Two records on which a reason stands."""

    record_key_l: RecordKey
    record_key_r: RecordKey
    match_weight: float


class WhyNotReason(BaseModel):
    """One reason why two records are not one person."""

    kind: Literal[
        "judged", "not_compared", "oversized", "below", "registers", "outvoted", "ambiguous", "nearer"
    ]
    text_zh: str
    text_en: str
    speaking: list[SpeakingPair]


class RuleNeed(BaseModel):
    """A blocking rule, and what keeps two records from sharing its key."""

    rule: str = Field(examples=["name_birth"])
    shared: list[str]
    differing: list[str]
    missing: list[str]
    text_zh: str
    text_en: str


class WhyNot(BaseModel):
    """Why two records are not taken for one person."""

    rules: list[str] = Field(description="Blocking rules whose keys they share")
    oversized: list[str] = Field(description="Those of these rules whose block is too large to be looked at")
    nearest: list[RuleNeed] = Field(description="Rules that come nearest, when they share none")
    reasons: list[WhyNotReason] = Field(description="The deciding one first")


class PairExplanation(BaseModel):
    """Why two records are, or are not, taken for one person."""

    record_key_l: RecordKey
    record_key_r: RecordKey
    same_person: bool
    explanation: Explanation
    why_not: WhyNot | None = Field(description="Null when they are one person")


class EntityLink(BaseModel):
    """A link that holds a person's records together."""

    record_key: RecordKey
    parent_record_key: RecordKey
    link_probability: float
    judged: bool = Field(description="A human decided that the two are the same")
    beyond: list[RecordKey] = Field(description="Records that hang on the others by this link")
    next_best: float | None = Field(description="Weight of the strongest other pair across it, in bits")
    text_zh: str = Field(description="What would be without it, in words")
    text_en: str
    explanation: Explanation


class EntityExplanation(BaseModel):
    """What holds a person's records together, within the caller's scope."""

    person_id: PersonId
    summary_zh: str
    summary_en: str
    n_links: int
    links: list[EntityLink] = Field(description="The weakest first, at most 100")
    opposed: list[SpeakingPair] = Field(
        description="Pairs of records that alone would look like two people, at most 100, strongest first"
    )
