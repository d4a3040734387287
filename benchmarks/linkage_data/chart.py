"""The benchmark's figures as one self-contained SVG picture: seconds of all engines, and their calibration."""

from collections.abc import Sequence
from html import escape
from typing import Any

_COLOURS = {"guiyi": "#1f6f5c", "splink_jaro": "#b7791f", "splink_meaning": "#7a5195"}
_WIDTH, _ROW, _PANEL = 760, 22, 300
_LEFT, _BARS = 230, 430


def chart(results: Sequence[dict[str, Any]]) -> str:
    """A picture of results as `benchmarks.linkage` makes them: bars of wall seconds, then lines of calibration."""
    bars = _bars(results)
    height = 40 + len(results) * _ROW + 60
    picture = [*bars, _calibration(results, height)]
    total = height + _PANEL + 60
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {total}" '
        f'font-family="sans-serif" font-size="12">'
        f'<rect width="{_WIDTH}" height="{total}" fill="white"/>{"".join(picture)}</svg>\n'
    )


def _bars(results: Sequence[dict[str, Any]]) -> list[str]:
    longest = max(r["wall_seconds"] for r in results)
    out = [_text(10, 24, "Wall seconds, from reading the file to clusters written", bold=True)]
    for place, result in enumerate(results):
        y = 40 + place * _ROW
        width = max(1.0, _BARS * result["wall_seconds"] / longest)
        out.append(_text(10, y + 14, f"{result['records']:,} {result['profile']}, {result['engine']}"))
        out.append(
            f'<rect x="{_LEFT}" y="{y + 3}" width="{width:.1f}" height="15" fill="{_COLOURS[result["engine"]]}"/>'
        )
        out.append(_text(_LEFT + width + 6, y + 14, f"{result['wall_seconds']:.1f}"))
    return out


def _calibration(results: Sequence[dict[str, Any]], top: int) -> str:
    """Share of true pairs against match probability; on the diagonal an engine means what it says."""
    x, y = 60, top + 20
    out = [
        _text(
            10,
            top,
            "Share of true pairs (up) by match probability (right); the largest table of each profile",
            bold=True,
        ),
        f'<path d="M{x} {y + _PANEL}V{y}M{x} {y + _PANEL}H{x + _PANEL}" stroke="#444" fill="none"/>',
        f'<path d="M{x} {y + _PANEL}L{x + _PANEL} {y}" stroke="#bbb" stroke-dasharray="4 3"/>',
    ]
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        out.append(_text(x + tick * _PANEL - 8, y + _PANEL + 16, f"{tick:g}"))
        out.append(_text(x - 34, y + _PANEL * (1 - tick) + 4, f"{tick:g}"))
    largest = max(r["records"] for r in results)
    for place, result in enumerate(r for r in results if r["records"] == largest):
        dash = ' stroke-dasharray="6 3"' if result["profile"] == "hard" else ""
        points = [
            (x + b["expected"] * _PANEL, y + _PANEL * (1 - b["true"])) for b in result["pairs"]["calibration"]
        ]
        line = " ".join(f"{a:.1f},{b:.1f}" for a, b in points)
        style = f'stroke="{_COLOURS[result["engine"]]}" fill="none" stroke-width="2"{dash}'
        out.append(f'<polyline points="{line}" {style}/>')
        out.append(f'<path d="M{x + _PANEL + 40} {y + 20 + place * 20}h40" {style}/>')
        out.append(_text(x + _PANEL + 90, y + 24 + place * 20, f"{result['engine']}, {result['profile']}"))
    return "".join(out)


def _text(x: float, y: float, text: str, *, bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{weight}>{escape(text)}</text>'
