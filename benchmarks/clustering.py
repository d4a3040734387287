"""Ways to cluster, compared: how good on FEBRL and a made-up city, how fast on five million pairs.

    python -m benchmarks.clustering [--persons 20000] [--rows 1000000] [--json] [--skip-quality] [--skip-speed]

Quality: pairwise F1 of clusters made from the same weighted pairs (FEBRL3 weighed by `guiyi link`, the city by
`guiyi month`). Speed: pairs of a whole city in small components, then the same with chance pairs that hold nearly all
of them in one giant component.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from benchmarks.clustering_methods import METHODS, Pairs
from benchmarks.linkage_data.febrl import write
from resolver.ledger.ledger import Ledger
from resolver.linkage.clustering import components
from resolver.linkage.evaluation import evaluate_clusters
from resolver.linkage.generic.engine import link_table
from resolver.linkage.generic.settings import read_table_settings
from resolver.linkage.generic.table import read_tables
from resolver.linkage.scoring import LN2
from resolver.linkage.settings import person_settings
from resolver.linkage.sorting import order_of, pair_keys
from resolver.publication import published_snapshot
from resolver.truth import person_records, read_truth
from resolver.workspace import Workspace

Case = tuple[int, Pairs, NDArray[np.int64], NDArray[np.int64]]
"""Rows, pairs, and for the quality: rows with a known truth, and their true entities."""

_COMMAND = str(Path(sys.executable).with_name("guiyi"))
_MODEL = Path(__file__).parents[1] / "docs" / "models" / "febrl.toml"
_CLIP = person_settings().clustering.clip
_RECORDS_OF_ONE, _FAMILY = 5, 20


def febrl(folder: Path) -> Case:
    """FEBRL3: 5,000 records of 2,000 persons."""
    file = write(folder)[0]
    settings = read_table_settings(_MODEL)
    table = read_tables([file], sorted({c for k in settings.comparisons for c in k.columns}), "rec_id")
    found = link_table(table, settings)
    person = pc.extract_regex(pa.array(table.record_id), r"rec-(?P<person>\d+)-").field("person")
    truth = person.cast(pa.int64()).to_numpy(zero_copy_only=False)
    pairs = Pairs(found.pairs.left, found.pairs.right, np.clip(found.log_odds, -_CLIP, _CLIP))
    return len(truth), pairs, np.arange(len(truth)), truth


def city(folder: Path, persons: int, profile: str) -> Case:
    """A made-up city, its pairs weighed by `guiyi month`."""
    made, workspace_folder = folder / profile, folder / f"{profile}-workspace"
    choice = ("--persons", str(persons), "--seed", "31", "--profile", profile)
    _guiyi("synthesize", str(made), *choice)
    _guiyi("init", str(workspace_folder))
    _guiyi("month", str(made), "--workspace", str(workspace_folder))
    workspace = Workspace.open(workspace_folder)
    with Ledger.open(workspace.ledger_url) as ledger:
        snapshot = published_snapshot(workspace, ledger)
        if snapshot is None:
            sys.exit("the month published nothing")
        rows = person_records(snapshot, read_truth(workspace, made, ledger.deliveries()).rows)
    rows = rows.filter(pc.and_(pc.greater_equal(rows["subject"], 0), pc.invert(rows["unlinkable"])))
    keys = np.sort(snapshot.read("records", ["record_key"])["record_key"].to_numpy())
    found = snapshot.read("pairs", ["record_key_l", "record_key_r", "match_weight"])
    left, right = (np.searchsorted(keys, found[f"record_key_{side}"].to_numpy()) for side in "lr")
    weight = np.clip(found["match_weight"].to_numpy() * LN2, -_CLIP, _CLIP)
    pairs = Pairs(left.astype(np.int32), right.astype(np.int32), weight)
    return len(keys), pairs, np.searchsorted(keys, rows["record_key"].to_numpy()), rows["subject"].to_numpy()


def many_pairs(rows: int, chance_pairs: int) -> tuple[int, Pairs]:
    """Pairs as a city's: five records a person, most of them agreeing; families whose pairs speak mostly against.

    Args:
        rows: How many records.
        chance_pairs: Pairs between any two records that speak weakly for one person.
    """
    rng = np.random.default_rng(1)
    every = np.arange(rows)
    ends = [(every[:-k], every[k:], 9.0) for k in range(1, _RECORDS_OF_ONE)]
    family = every // _FAMILY * _FAMILY
    ends += [(every, np.minimum(family + rng.integers(0, _FAMILY, rows), rows - 1), -6.0) for _ in range(3)]
    ends.append((rng.integers(0, rows, chance_pairs), rng.integers(0, rows, chance_pairs), 1.0))
    lefts, rights, weights = [], [], []
    for a, b, mean in ends:
        same = a // _RECORDS_OF_ONE == b // _RECORDS_OF_ONE
        chosen = (same & (rng.random(len(a)) < 0.95)) if mean > 5 else ~same
        lefts.append(np.minimum(a, b)[chosen])
        rights.append(np.maximum(a, b)[chosen])
        weights.append(rng.normal(mean, 3.0 if abs(mean) > 5 else 1.5, int(chosen.sum())))
    mixed = rng.permutation(rows)  # records of one person lie anywhere
    one, other = mixed[np.concatenate(lefts)], mixed[np.concatenate(rights)]
    left, right = np.minimum(one, other).astype(np.int32), np.maximum(one, other).astype(np.int32)
    keys = pair_keys(left, right)
    order = order_of(keys)
    order = order[np.append(True, keys[order][1:] != keys[order][:-1])]
    return rows, Pairs(left[order], right[order], np.clip(np.concatenate(weights)[order], -_CLIP, _CLIP))


def measure_speed(n: int, pairs: Pairs) -> dict[str, Any]:
    """Seconds of every method, and how many pairs lie in the largest component of pairs that may be linked."""
    linked = pairs.weight > person_settings().clustering.stop
    component = components(n, pairs.left[linked], pairs.right[linked])
    seconds = {}
    for name, method in METHODS.items():
        wall, cpu = time.perf_counter(), time.process_time()
        method(n, pairs)
        seconds[name] = [round(time.perf_counter() - wall, 2), round(time.process_time() - cpu, 2)]
    largest = int(np.bincount(component[pairs.left]).max())
    return {"rows": n, "pairs": len(pairs.left), "pairs_in_largest": largest, "wall_and_cpu_seconds": seconds}


def measure_quality(case: Case) -> dict[str, Any]:
    """Precision, recall and F1 of every method."""
    n, pairs, places, truth = case
    quality = {}
    for name, method in METHODS.items():
        found = evaluate_clusters(method(n, pairs).astype(np.int64)[places], truth)
        quality[name] = [round(found[key], 5) for key in ("precision", "recall", "f1")]
    return {"rows": n, "pairs": len(pairs.left), "precision_recall_f1": quality}


def _guiyi(*words: str) -> None:
    done = subprocess.run([_COMMAND, *words, "--json"], stdout=subprocess.DEVNULL, check=False)
    if done.returncode:
        sys.exit(f"guiyi {' '.join(words)} ended with {done.returncode}")


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--persons", type=int, default=20_000)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--skip-quality", action="store_true")
    parser.add_argument("--skip-speed", action="store_true")
    options = parser.parse_args()
    for method in METHODS.values():
        method(*many_pairs(1_000, 100))  # compiles
    measured: dict[str, Any] = {}
    if not options.skip_speed:
        measured["small components"] = measure_speed(*many_pairs(13 * options.rows // 10, 0))
        measured["giant component"] = measure_speed(*many_pairs(options.rows, options.rows))
    if not options.skip_quality:
        with tempfile.TemporaryDirectory() as folder:
            measured["FEBRL3"] = measure_quality(febrl(Path(folder)))
            for profile in ("typical", "hard"):
                measured[f"city, {profile}"] = measure_quality(city(Path(folder), options.persons, profile))
    if options.json:
        print(json.dumps(measured, indent=1))
        return
    for name, found in measured.items():
        print(
            f"{name}: "
            + ", ".join(f"{key} {value:,}" for key, value in found.items() if isinstance(value, int))
        )
        table = found.get("wall_and_cpu_seconds") or found["precision_recall_f1"]
        for method_name, figures in table.items():
            print(f"  {method_name:30}" + "".join(f"{figure:10}" for figure in figures))


if __name__ == "__main__":
    main()
