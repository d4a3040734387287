"""A report that a person can read: one HTML file without anything from elsewhere."""

import math
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader

from resolver.linkage.generic.engine import TableLinkage
from resolver.linkage.generic.model import TableModel
from resolver.linkage.generic.output import n_links
from resolver.linkage.generic.table import Table
from resolver.linkage.levels import MISSING
from resolver.linkage.model_report import corrections
from resolver.linkage.patterns import chain, unpack
from resolver.linkage.scoring import LN2, match_probability

_BARS = 20
_PAIRS_SHOWN = 20
_MOST_SIZES = 25
_LEAST = 1e-9
_WIDEST_BITS = 16.0


def write_report(path: Path, table: Table, linkage: TableLinkage) -> None:
    """Write the report of a linkage run."""
    environment = Environment(loader=PackageLoader("resolver.linkage.generic"), autoescape=True)
    report = linkage.report
    facts = [
        ("records", f"{report['records']:,}"),
        ("candidate pairs", f"{report['candidate_pairs']:,}"),
        ("links", f"{n_links(linkage):,}"),
        ("clusters", f"{report['clusters']:,}"),
        ("estimated share of matches among candidates", f"{linkage.model.shares[0]:.1%}"),
    ]
    text = environment.get_template("report.html").render(
        version=linkage.model.version,
        facts=facts,
        messages=report["messages"],
        histogram=_histogram(linkage),
        comparisons=_comparisons(linkage.model),
        corrections=corrections(linkage.model.calibration),
        rules=report["blocking_rules"],
        sizes=_sizes(linkage),
        pairs=_nearest(table, linkage),
        aliases=", ".join(f"{a} = {b}" for a, b in linkage.model.alias_words),
        seconds=report["seconds"].items(),
    )
    path.write_text(text, "utf-8")


def _histogram(linkage: TableLinkage) -> list[dict[str, Any]]:
    probability = match_probability(linkage.pairs.log_odds)
    counts = np.histogram(probability, _BARS, (0.0, 1.0))[0]
    tallest = math.log1p(max(int(counts.max()), 1))
    return [
        {
            "x": 10 + 31 * place,
            "height": round(100 * math.log1p(int(count)) / tallest, 1),
            "count": f"{count:,}" if count else "",
            "label": f"{place / _BARS:.2f}",
            "linked": 2 * place >= _BARS,
        }
        for place, count in enumerate(counts)
    ]


def _comparisons(model: TableModel) -> list[dict[str, Any]]:
    """m, u and weight of every level; u is taken over all classes of non-matches, by their shares."""
    out = []
    for comparison, levels in zip(model.comparisons, model.levels, strict=True):
        u = np.average(levels[1:], axis=0, weights=model.shares[1:])
        rows = []
        for place, level in enumerate(comparison.levels):
            weight = math.log2(max(levels[0, place], _LEAST) / max(u[place], _LEAST))
            width = min(abs(weight), _WIDEST_BITS) * 160 / _WIDEST_BITS
            rows.append(
                {
                    "label": level.label_en,
                    "m": f"{levels[0, place]:.4g}",
                    "u": f"{u[place]:.4g}",
                    "weight": f"{weight:+.1f}",
                    "x": 0 if weight > 0 else -round(width, 1),
                    "width": round(width, 1),
                    "positive": weight > 0,
                }
            )
        out.append({"label": comparison.label_en, "columns": ", ".join(comparison.values), "levels": rows})
    return out


def _sizes(linkage: TableLinkage) -> list[tuple[int, int]]:
    counted = np.bincount(linkage.labels) if len(linkage.labels) else np.zeros(0, np.int64)
    sizes = Counter(counted[counted > 0].tolist())
    return sorted(sizes.items())[:_MOST_SIZES]


def _nearest(table: Table, linkage: TableLinkage) -> list[dict[str, Any]]:
    """The pairs nearest to even odds, with the chain of weights that leads to each."""
    ids = table.record_id.combine_chunks()
    out = []
    for pair in np.argsort(np.abs(linkage.pairs.log_odds), kind="stable")[:_PAIRS_SHOWN]:
        left, right = int(linkage.pairs.left[pair]), int(linkage.pairs.right[pair])
        prior, steps = _chain(table, linkage, int(pair))
        out.append(
            {
                "left": ids[left].as_py(),
                "right": ids[right].as_py(),
                "probability": f"{float(match_probability(linkage.pairs.log_odds[pair : pair + 1])[0]):.3f}",
                "weight": f"{linkage.pairs.log_odds[pair] / LN2:+.2f}",
                "prior": f"{prior:+.2f}",
                "steps": steps,
            }
        )
    return out


def _chain(table: Table, linkage: TableLinkage, pair: int) -> tuple[float, list[dict[str, Any]]]:
    """Weight before anything is compared, and what comparisons and calibration add; together they are its weight."""
    model = linkage.model
    levels = unpack(linkage.pairs.patterns[pair : pair + 1], len(model.comparisons))[0]
    weights = (chain(levels, model.mixture) / LN2).tolist()
    left, right = int(linkage.pairs.left[pair]), int(linkage.pairs.right[pair])
    steps = [
        {
            "comparison": comparison.label_en,
            "left": _value(table, comparison.values, left),
            "right": _value(table, comparison.values, right),
            "label": comparison.levels[levels[place]].label_en,
            "adds": weights[place + 1] - weights[place],
        }
        for place, comparison in enumerate(model.comparisons)
        if levels[place] != MISSING
    ]
    if weights[-1] != weights[-2]:
        adds = weights[-1] - weights[-2]
        label = "raised" if adds > 0 else "lowered"
        steps.append({"comparison": "calibration", "left": "", "right": "", "label": label, "adds": adds})
    return weights[0], steps


def _value(table: Table, columns: tuple[str, ...], row: int) -> str:
    codes = [(table.columns[c], int(table.columns[c].codes[row])) for c in columns]
    return " ".join(str(column.values[code].as_py()) for column, code in codes if code >= 0)
