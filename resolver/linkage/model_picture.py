"""A model version as one self-contained HTML page: weights, m and u of every level as bars, and what else it holds."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from resolver.linkage.model_report import CorrectionReport, LevelReport, ModelReport
from resolver.linkage.pages import colour, page

_HALF = 130.0  # pixels of a bar of the largest weight
_WIDTH = 190.0  # pixels of a probability of 1
_CURVE = 260.0  # pixels of a side of the calibration's picture
_MOST_BITS = 10.0  # at its edges
_TICKS = (0.01, 0.1, 0.5, 0.9, 0.99)
_LEAST = 7.0  # decades below 1 that bars of probabilities show


@dataclass(frozen=True)
class LevelBars:
    """Bars of one level, in pixels.

    Attributes:
        level: The level.
        x: Left edge of the bar of its weight.
        width: Its width.
        colour: #rrggbb.
        m: Width of the bar of m, on a logarithmic scale.
        u: Width of that of u.
    """

    level: LevelReport
    x: float
    width: float
    colour: str
    m: float
    u: float


def model_page(found: ModelReport) -> str:
    """One self-contained HTML file about a model version."""
    largest = max((abs(level.match_weight) for c in found.comparisons for level in c.levels), default=1.0)
    return page(
        "model.html",
        model=found,
        half=_HALF,
        width=_WIDTH,
        decades=[round(_probability(10.0**-n), 1) for n in range(int(_LEAST) + 1)],
        shares=_shares(found),
        curves=[
            (_curve(rows), shade, zh, en, rows)
            for rows, shade, zh, en in (
                (found.calibration, "#2a7f62", "可比较证件号码的记录对", "numbers can be compared"),
                (
                    found.calibration_unnumbered,
                    "#b5473c",
                    "无法比较证件号码的记录对",
                    "numbers cannot be compared",
                ),
            )
            if rows
        ],
        side=_CURVE,
        ticks=[(f"{p:g}", round(_at(math.log2(p / (1.0 - p))), 1)) for p in _TICKS],
        comparisons=[(c, [_bars(level, max(largest, 1.0)) for level in c.levels]) for c in found.comparisons],
    )


def _curve(rows: Sequence[CorrectionReport]) -> str:
    """Points of the calibration's curve, both probabilities on the scale of log-odds; empty without one."""
    return " ".join(f"{_at(row.match_weight):.1f},{_CURVE - _at(row.corrected_weight):.1f}" for row in rows)


def _at(bits: float) -> float:
    """Pixels of a match weight along an axis of the curve."""
    return (min(max(bits, -_MOST_BITS), _MOST_BITS) / _MOST_BITS + 1.0) / 2.0 * _CURVE


def _bars(level: LevelReport, largest: float) -> LevelBars:
    width = round(max(abs(level.match_weight) / largest * _HALF, 1.0), 1)
    positive = level.match_weight > 0
    return LevelBars(
        level,
        x=_HALF if positive else round(_HALF - width, 1),
        width=width,
        colour=colour("for" if positive else "against"),
        m=round(_probability(level.m), 1),
        u=round(_probability(level.u), 1),
    )


def _probability(value: float) -> float:
    """Pixels of a probability on the logarithmic scale; at least 1, so that there is something to see."""
    return max((math.log10(max(value, 10.0**-_LEAST)) / _LEAST + 1.0) * _WIDTH, 1.0)


def _shares(found: ModelReport) -> list[dict[str, object]]:
    """One strip per class of pairs, matches first, side by side over 600 pixels."""
    strips, x = [], 0.0
    for number, share in enumerate(found.shares):
        width = 600.0 * share
        shade = (
            colour("for") if not number else ("#b5473c", "#cf8a7f", "#8a8f98", "#b9bec6")[(number - 1) % 4]
        )
        strips.append({"x": round(x, 1), "width": round(width, 1), "colour": shade, "share": share})
        x += width
    return strips
