"""How good clusters are, held against the truth: pairs of records, counted without listing them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def evaluate_clusters(found: NDArray[np.int64], truth: NDArray[np.int64]) -> dict[str, Any]:
    """Pairwise precision, recall and F1, and counts of clusters, of records with known truth.

    Args:
        found: int64 (n,): cluster of each record.
        truth: int64 (n,): true entity of each record.

    Returns:
        `precision`, `recall`, `f1` over pairs of records (1.0 where there is nothing to find or nothing was found
        wrongly), `pairs_true`, `pairs_found`, `pairs_both`; `clusters`, `entities`, `clusters_exact` (clusters
        that are a true entity, whole and pure), `clusters_mixed` (of several entities), `entities_split`.
    """
    found_code, found_sizes = _codes(found)
    truth_code, truth_sizes = _codes(truth)
    keys = found_code.astype(np.int64) * max(len(truth_sizes), 1) + truth_code
    cells, both_sizes = np.unique(keys, return_counts=True)
    in_found, in_truth = cells // max(len(truth_sizes), 1), cells % max(len(truth_sizes), 1)
    pairs_found, pairs_true, both = _pairs(found_sizes), _pairs(truth_sizes), _pairs(both_sizes)
    exact = (both_sizes == found_sizes[in_found]) & (both_sizes == truth_sizes[in_truth])
    return {
        **_measures(pairs_found, pairs_true, both),
        "pairs_true": pairs_true,
        "pairs_found": pairs_found,
        "pairs_both": both,
        "clusters": len(found_sizes),
        "entities": len(truth_sizes),
        "clusters_exact": int(exact.sum()),
        "clusters_mixed": int((np.bincount(in_found, minlength=len(found_sizes)) > 1).sum()),
        "entities_split": int((np.bincount(in_truth, minlength=len(truth_sizes)) > 1).sum()),
    }


def _measures(found: int, true: int, both: int) -> dict[str, float]:
    """The measures of recordlinkage, of counted pairs; 1.0 where there is nothing to find or nothing was found wrongly.

    That toolkit takes its measures of lists of pairs or of a confusion matrix. A list of all pairs of millions of
    records does not fit in memory; the matrix is four counts. (True negatives play no part in these three.)
    """
    from recordlinkage import fscore, precision, recall  # noqa: PLC0415  (takes a second and 200 MB to load)

    matrix = np.array([[both, true - both], [found - both, 0]])
    return {
        "precision": precision(matrix) if found else 1.0,
        "recall": recall(matrix) if true else 1.0,
        "f1": fscore(matrix) if both else float(found == true == 0),
    }


def calibration(
    probability: NDArray[np.float64], is_match: NDArray[np.bool_], edges: tuple[float, ...]
) -> list[dict[str, float]]:
    """Of pairs with a match probability between two edges, how many are true.

    Args:
        probability: float64 (m,).
        is_match: bool (m,): the truth.
        edges: Ascending; the last interval includes its end.

    Returns:
        Per interval with pairs in it: `from`, `to`, `pairs`, `expected` (mean probability), `true` (share).
    """
    place = np.clip(np.searchsorted(edges, probability, side="right") - 1, 0, len(edges) - 2)
    out = []
    for number in range(len(edges) - 1):
        inside = (place == number) & (probability >= edges[0]) & (probability <= edges[-1])
        if inside.any():
            out.append(
                {
                    "from": edges[number],
                    "to": edges[number + 1],
                    "pairs": int(inside.sum()),
                    "expected": float(probability[inside].mean()),
                    "true": float(is_match[inside].mean()),
                }
            )
    return out


def _codes(labels: NDArray[np.int64]) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
    _, codes, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    return codes, sizes.astype(np.int64)


def _pairs(sizes: NDArray[np.int64]) -> int:
    return int((sizes * (sizes - 1) // 2).sum())
