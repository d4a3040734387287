"""Explanations for a caller: numbers and phones in the values compared are masked unless the role may see them."""

import re
from collections.abc import Callable

from api.dependencies import Reading
from api.schemas.explanations import Explanation, ExplanationStep
from api.security.masking import masked_embedded, masked_number, masked_phone
from resolver.linkage import explanation as linkage_explanation

_MASKS: dict[str, Callable[[str], str]] = {
    "id_number": masked_number, "spouse": masked_number, "phone": masked_phone
}  # fmt: skip
_DIGITS = re.compile(r"[0-9]{4}")


def shown(explained: linkage_explanation.Explanation, reading: Reading) -> Explanation:
    """The waterfall of a pair as the caller may see it."""
    return Explanation(
        prior=explained.prior,
        steps=[
            ExplanationStep(
                comparison=step.comparison,
                level=step.label,
                match_weight=step.match_weight,
                value_l=_value(step.comparison, step.value_l, reading),
                value_r=_value(step.comparison, step.value_r, reading),
            )
            for step in explained.steps
        ],
        match_weight=explained.match_weight,
        match_probability=explained.match_probability,
    )


def _value(comparison: str, value: str | None, reading: Reading) -> str | None:
    return value if value is None or reading.sees_numbers else masked_value(comparison, value)


def masked_value(comparison: str, value: str) -> str:
    """A compared value with every phone or number masked wherever it stands in it."""
    mask = _MASKS.get(comparison, masked_embedded)
    return " ".join(mask(part) if _DIGITS.search(part) else part for part in value.split(" "))
