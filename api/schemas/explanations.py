"""Answers that explain: a pair of records, and why they are or are not one person."""

from typing import Any

from pydantic import BaseModel, Field

from api.schemas.common import RecordKey


class ExplanationStep(BaseModel):
    """What one comparison adds to the match weight."""

    comparison: str = Field(examples=["name"])
    level: str = Field(description="What was found", examples=["同音字 / homophone"])
    match_weight: float = Field(description="Change of the weight, in bits")
    value_l: Any = None
    value_r: Any = None


class Explanation(BaseModel):
    """The waterfall of a match weight: the prior, then one step per comparison; the sum is the weight."""

    prior: float = Field(description="Weight before anything is compared, in bits")
    steps: list[ExplanationStep]
    match_weight: float
    match_probability: float


class PairExplanation(BaseModel):
    """Why two records are, or are not, taken for one person."""

    record_key_l: RecordKey
    record_key_r: RecordKey
    same_person: bool
    explanation: Explanation
