"""Bodies of the matching endpoints."""

from pydantic import BaseModel, Field, model_validator

from api.schemas.common import PersonSummary, RecordKey, Strict
from api.schemas.explanations import Explanation


class MatchExample(Strict):
    """A description of a person, as it stands on a form; standardised like any department's row."""

    name: str | None = Field(None, max_length=100, examples=["张三"])
    former_name: str | None = Field(None, max_length=100)
    id_number: str | None = Field(None, max_length=40, examples=["371002198001010017"])
    sex: str | None = Field(None, max_length=10, examples=["男"])
    birth_date: str | None = Field(None, max_length=40, examples=["1980年1月1日"])
    phone: str | None = Field(None, max_length=40)
    address: str | None = Field(None, max_length=300, examples=["环翠区张村镇王家疃村12号"])
    employer: str | None = Field(None, max_length=200)
    k: int = Field(5, ge=1, le=50, description="At most so many persons")

    @model_validator(mode="after")
    def _something_is_asked(self) -> "MatchExample":
        if not (self.name or self.id_number):
            raise ValueError("name or id_number is needed")
        return self


class MatchCandidate(BaseModel):
    """A person who may be meant, by the best of their records."""

    person: PersonSummary
    record_key: RecordKey
    explanation: Explanation


class MatchAnswer(BaseModel):
    """Persons who may be meant, most probable first."""

    items: list[MatchCandidate]
