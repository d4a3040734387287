"""The figures of the graph benchmark as Markdown tables and as one self-contained SVG picture."""

from collections.abc import Sequence
from html import escape
from math import log10
from typing import Any

Result = dict[str, Any]
_COLOURS = {"sqlite": "#1f6f5c", "neo4j": "#b7791f"}
_WIDTH, _ROW, _LEFT, _BARS = 860, 13, 330, 420
_LEAST = 0.01  # milliseconds at the left edge


def markdown(results: Sequence[Result]) -> str:
    """Tables of results: writing first, then the queries of each number of persons and clients."""
    lines = [
        "| persons | store | what | seconds | CPU seconds here | asked for | |",
        "|---|---|---|---|---|---|---|",
    ]
    for result in results:
        for step in result["steps"]:
            goal = step["goal"]
            lines.append(
                f"| {result['persons']:,} | {result['store']} | {step['what']} | {step['seconds']:.2f} | "
                f"{step['cpu_seconds']:.2f} | {'' if goal is None else f'{goal:g}'} | {_kept(step['seconds'], goal)} |"
            )
    for persons in sorted({result["persons"] for result in results}):
        lines += ["", *_queries([result for result in results if result["persons"] == persons])]
    return "\n".join(lines) + "\n"


def _queries(results: Sequence[Result]) -> list[str]:
    columns = [(result, clients) for result in results for clients in result["queries"][0]["clients"]]
    head = "".join(f" {r['store']}, {c} client{'s' if int(c) > 1 else ''} | asked |" for r, c in columns)
    lines = [
        f"| {results[0]['persons']:,} persons: p50 / p99 / longest, ms |{head}",
        "|---" * (1 + 2 * len(columns)) + "|",
    ]
    for place, query in enumerate(results[0]["queries"]):
        cells = ""
        for result, clients in columns:
            asked = result["queries"][place]
            seen = asked["clients"][clients]
            goal = asked["goal"] if int(clients) == 1 else None
            kept = "" if goal is None else f"{goal:g} {_kept(seen['p99'], goal)}"
            cells += f" {seen['p50']:.2f} / {seen['p99']:.2f} / {seen['max']:.1f} | {kept} |"
        lines.append(f"| {query['what']} |{cells}")
    return lines


def _kept(seen: float, goal: float | None) -> str:
    return "" if goal is None else "kept" if seen <= goal else "**missed**"


def chart(results: Sequence[Result]) -> str:
    """A picture: a bar from p50 to p99 for every query, store, size and number of clients, on a logarithmic scale."""
    out = [
        _text(
            10,
            20,
            "Milliseconds from p50 to p99 (right end), one row for each store, size and number of clients",
            bold=True,
        )
    ]
    y = 40
    for place in range(len(results[0]["queries"]) if results else 0):
        out.append(_text(10, y + 10, results[0]["queries"][place]["what"]))
        for result in results:
            for clients, seen in result["queries"][place]["clients"].items():
                start, end = _at(seen["p50"]), _at(seen["p99"])
                out.append(
                    f'<rect x="{start:.1f}" y="{y + 2}" width="{max(end - start, 1):.1f}" height="{_ROW - 4}" '
                    f'fill="{_COLOURS[result["store"]]}" fill-opacity="{1 if clients == "1" else 0.5}"/>'
                )
                out.append(
                    _text(_LEFT - 130, y + 10, f"{result['store']} {result['persons'] / 1e6:g}M × {clients}")
                )
                out.append(_text(end + 4, y + 10, f"{seen['p99']:.1f}"))
                y += _ROW
        y += 6
    for power in range(-2, 4):
        x = _at(10.0**power)
        out.insert(0, f'<path d="M{x:.1f} 30V{y}" stroke="#ddd"/>{_text(x - 8, y + 14, f"{10.0**power:g}")}')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {y + 24}" font-family="sans-serif" '
        f'font-size="10"><rect width="{_WIDTH}" height="{y + 24}" fill="white"/>{"".join(out)}</svg>\n'
    )


def _at(milliseconds: float) -> float:
    return _LEFT + _BARS * (log10(max(milliseconds, _LEAST)) - log10(_LEAST)) / 5


def _text(x: float, y: float, text: str, *, bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{weight}>{escape(text)}</text>'
