"""Precision, recall and calibration of links, estimated from labels of a stratified sample."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Literal

from resolver.linkage import intervals
from resolver.linkage.intervals import METHOD, Estimate, share_found, share_of_matches
from resolver.linkage.quality import Stratum

Label = Literal["same", "different", "unsure"]

COVERS = (
    "precision: every pair of records of one entity. "
    "recall: matches among these, among the pairs that linkage kept but did not join, and among every record's "
    "nearest partner by loose blocking; a match that shares nothing the loose rules begin with is not covered. "
    "Of entities as wholes a sample of pairs says nothing, so nothing is reported of them."
)


def quality_report(strata: Sequence[Stratum], labels: Sequence[tuple[int, Label | None]]) -> dict[str, Any]:
    """Precision and recall of links with 95 % intervals, and how true the match probabilities are.

    A pair that nobody was sure of counts as not labelled; `if_unsure` says what all of them, being different or
    same, would make of precision and recall.

    Args:
        strata: Those the sample was drawn from.
        labels: Stratum of each pair drawn, and its label; None = not labelled yet.

    Returns:
        `precision`, `recall`, `recall_compared` (only over pairs that linkage kept): each `estimate`, `low`, `high`, or
        None when there is nothing to estimate it from; `if_unsure`; `calibration`: per band `from`, `to`, `pairs`,
        `labelled`, `expected` (mean match probability), `true` (estimated share of matches), `low`, `high`;
        `strata`: what was found of each; counts of labels; `method` and `covers` in words.
    """
    found = _counted(strata, labels)
    counts = {name: sum(label == name for _, label in labels) for name in ("same", "different", "unsure")}
    return {
        **_measured(strata, found),
        "if_unsure": [
            _values(_measured(strata, _counted(strata, _settled(labels, answer))))
            for answer in ("different", "same")
        ],
        "pairs_drawn": len(labels),
        "labels": counts,
        "not_labelled": sum(label is None for _, label in labels),
        "calibration": _calibration(strata, found),
        "strata": [
            {**asdict(stratum), "labelled": part.labelled, "matches": part.matches}
            for stratum, part in zip(strata, found, strict=True)
        ],
        "method": METHOD,
        "covers": COVERS,
    }


def _counted(
    strata: Sequence[Stratum], labels: Sequence[tuple[int, Label | None]]
) -> list[intervals.Stratum]:
    same, known = [0] * len(strata), [0] * len(strata)
    for number, label in labels:
        same[number] += label == "same"
        known[number] += label in ("same", "different")
    return [intervals.Stratum(s.size, n, k, s.expected) for s, n, k in zip(strata, known, same, strict=True)]


def _settled(labels: Sequence[tuple[int, Label | None]], answer: Label) -> list[tuple[int, Label | None]]:
    return [(number, answer if label == "unsure" else label) for number, label in labels]


def _measured(strata: Sequence[Stratum], found: Sequence[intervals.Stratum]) -> dict[str, Any]:
    of_kind: dict[str, list[intervals.Stratum]] = {"linked": [], "apart": [], "nearest": []}
    for stratum, part in zip(strata, found, strict=True):
        of_kind[stratum.kind].append(part)
    linked, apart, nearest = of_kind.values()
    return {
        "precision": _facts(share_of_matches(linked)),
        "recall": _facts(share_found(linked, [*apart, *nearest])),
        "recall_compared": _facts(share_found(linked, apart)),
    }


def _values(measured: dict[str, Any]) -> dict[str, float | None]:
    return {name: fact and fact["estimate"] for name, fact in measured.items()}


def _calibration(
    strata: Sequence[Stratum], found: Sequence[intervals.Stratum]
) -> list[dict[str, float | int]]:
    """Over the pairs that have a probability to act on: linked or kept."""
    bands = sorted({(s.low, s.high) for s in strata if s.kind != "nearest"})
    out = []
    for low, high in bands:
        inside = [
            (s, part)
            for s, part in zip(strata, found, strict=True)
            if s.kind != "nearest" and (s.low, s.high) == (low, high)
        ]
        size = sum(s.size for s, _ in inside)
        share = share_of_matches([part for _, part in inside])
        assert share is not None  # a stratum has pairs
        out.append(
            {
                "from": low,
                "to": high,
                "pairs": size,
                "labelled": sum(part.labelled for _, part in inside),
                "expected": sum(s.size * s.expected for s, _ in inside) / size,
                "true": share.value,
                "low": share.low,
                "high": share.high,
            }
        )
    return out


def _facts(estimate: Estimate | None) -> dict[str, float] | None:
    if estimate is None:
        return None
    return {"estimate": estimate.value, "low": estimate.low, "high": estimate.high}
