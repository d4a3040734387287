"""Explanations for a caller: only records they may see take part, and numbers and phones are masked by role."""

import re
from collections.abc import Callable
from typing import Any

from api.dependencies import Reading
from api.schemas.explanations import EntityLink, Explanation, ExplanationStep, WhyNot
from api.security.masking import masked_embedded, masked_number, masked_phone
from resolver.linkage import explanation as linkage_explanation
from resolver.linkage.entity_explanation import Link
from resolver.linkage.why_not import Side
from resolver.linkage.why_not import WhyNot as LinkageWhyNot
from resolver.lookup import Lookup

_MASKS: dict[str, Callable[[str], str]] = {
    "id_number": masked_number, "register": masked_number, "spouse": masked_number, "phone": masked_phone
}  # fmt: skip
_DIGITS = re.compile(r"[0-9]{4}")


def shown(explained: linkage_explanation.Explanation, reading: Reading) -> Explanation:
    """The waterfall of a pair as the caller may see it."""
    told = explained.summary
    return Explanation(
        summary_zh=told.zh,
        summary_en=told.en,
        prior=explained.prior,
        steps=[_step(step, reading) for step in explained.steps],
        match_weight=explained.match_weight,
        match_probability=explained.match_probability,
    )


def link_shown(link: Link, reading: Reading) -> EntityLink:
    """A link of a person as the caller may see it."""
    facts: dict[str, Any] = link.to_json()
    return EntityLink.model_validate({**facts, "explanation": shown(link.explanation, reading)})


def why_not_shown(found: LinkageWhyNot) -> WhyNot:
    """Why two records are not one person; it holds no values."""
    return WhyNot.model_validate(found.to_json())


def side_of(record_key: int, lookup: Lookup, visible: list[int] | None = None) -> Side:
    """A record with the others of its person.

    Args:
        record_key: A record of the snapshot.
        lookup: The snapshot's look-ups.
        visible: Records of the person that take part; None = all.
    """
    entity = lookup.entity_of(record_key)
    assert entity is not None
    keys = [int(m["record_key"]) for m in lookup.members(entity)] if visible is None else visible
    golden = lookup.golden(entity) or {}
    return Side(record_key, lookup.records(keys), bool(golden.get("ambiguous")))


def _step(step: linkage_explanation.Step, reading: Reading) -> ExplanationStep:
    return ExplanationStep(
        comparison=step.comparison,
        comparison_zh=step.comparison_zh,
        comparison_en=step.comparison_en,
        level=step.label,
        match_weight=step.match_weight,
        value_l=_value(step.comparison, step.value_l, reading),
        value_r=_value(step.comparison, step.value_r, reading),
        text_zh=step.text.zh,
        text_en=step.text.en,
    )


def _value(comparison: str, value: str | None, reading: Reading) -> str | None:
    return value if value is None or reading.sees_numbers else masked_value(comparison, value)


def masked_value(comparison: str, value: str) -> str:
    """A compared value with every phone or number masked wherever it stands in it."""
    mask = _MASKS.get(comparison, masked_embedded)
    return " ".join(mask(part) if _DIGITS.search(part) else part for part in value.split(" "))
