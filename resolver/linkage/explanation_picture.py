"""The waterfall of a pair as a picture: every step a bar that begins where the one before it ended."""

from collections.abc import Mapping
from dataclasses import dataclass

from resolver.linkage.explanation import Explanation
from resolver.linkage.pages import colour, page
from resolver.linkage.why_not import WhyNot
from resolver.linkage.wording import Text, percent

WIDTH = 300.0
"""Pixels of the part with the bars."""
_MARGIN = 8.0


@dataclass(frozen=True)
class Bar:
    """A bar of the waterfall, in pixels from the left.

    Attributes:
        change: What it adds, in bits.
        total: Weight after it, in bits.
        x: Left edge.
        width: Its width, at least 1.
        end: Where the next one begins.
        colour: #rrggbb.
    """

    change: float
    total: float
    x: float
    width: float
    end: float
    colour: str


@dataclass(frozen=True)
class Row:
    """A step of the waterfall."""

    text: Text
    value_l: str | None
    value_r: str | None
    bar: Bar


@dataclass(frozen=True)
class Waterfall:
    """A waterfall with its geometry.

    Attributes:
        width: Pixels of the part with the bars.
        zero: Pixels from the left to weight 0.
        start: What the prior says.
        prior: Bar of the prior.
        rows: The steps, in the order in which they add up.
        sum: Bar of the whole weight.
        probability: Match probability, as text.
    """

    width: float
    zero: float
    start: Text
    prior: Bar
    rows: tuple[Row, ...]
    sum: Bar
    probability: str


def waterfall(explanation: Explanation) -> Waterfall:
    """Lay out the waterfall of a pair, to the scale of its own largest weights."""
    totals = [0.0, explanation.prior]
    for step in explanation.steps:
        totals.append(totals[-1] + step.match_weight)
    low, high = min(totals), max(totals)
    scale = (WIDTH - 2 * _MARGIN) / max(high - low, 1.0)

    def at(weight: float) -> float:
        return round(_MARGIN + (weight - low) * scale, 1)

    def bar(change: float, before: float, kind: str) -> Bar:
        after = before + change
        x, width = min(at(before), at(after)), max(abs(at(after) - at(before)), 1.0)
        return Bar(change, after, x, round(width, 1), at(after), colour(kind))

    rows = [
        Row(
            step.text,
            step.value_l,
            step.value_r,
            bar(step.match_weight, before, "for" if step.match_weight > 0 else "against"),
        )
        for step, before in zip(explanation.steps, totals[1:-1], strict=True)
    ]
    return Waterfall(
        width=WIDTH,
        zero=at(0.0),
        start=explanation.start,
        prior=bar(explanation.prior, 0.0, "prior"),
        rows=tuple(rows),
        sum=bar(explanation.match_weight, 0.0, "sum"),
        probability=percent(explanation.match_probability),
    )


def pair_page(
    explanation: Explanation,
    ends: tuple[int, int],
    names: Mapping[int, str],
    version: str,
    because: WhyNot | None = None,
) -> str:
    """One self-contained HTML file about a pair.

    Args:
        explanation: The waterfall.
        ends: The two record keys.
        names: Record key -> what to call the record; those of `because` too.
        version: Of the model.
        because: Why the two are not one person; None where they are.
    """
    return page(
        "pair.html",
        left=names[ends[0]],
        right=names[ends[1]],
        version=version,
        summary=explanation.summary,
        fall=waterfall(explanation),
        reasons=because.reasons if because else (),
        names=names,
    )
