"""This engine and Splink 5, best-tuned, in one run on the same records and the same candidate pairs.

    python -m benchmarks.linkage [--records 100000 1000000] [--profile typical hard] [--seed 1] [--runs 2]
        [--out DIR] [--no-splink] [--scaling 1000000 4000000 10000000] [--one-record]

Splink runs twice, as two engines that differ in the names: `splink_jaro` compares them by Jaro-Winkler at .95, .8, .66
with term frequency, `splink_meaning` by levels made for Chinese names. *Best-tuned* is, for time, the faster of the
two, and for quality the better: the columns *times as fast* and *F1 above* hold this engine against it. Both are tuned
as `benchmarks.linkage_data.splink_run` says: DuckDB on all cores, no Damerau distance, u from 10^6 pairs, the same
blocking rules, links from probability 0.9, clusters at 0.95.

Each engine runs as a process of its own, all in turn; the clock of each runs from reading one Parquet file of
standardised columns to pairs and clusters written, and start-up is left out. Writes `linkage.json`, `linkage.md` and
`linkage.svg` into DIR (with the tables, which a next run with the same seed uses again) and prints the Markdown.
Splink is needed for this benchmark only: `pip install -e .[bench]`.
"""

import argparse
import importlib.util
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.linkage_data.chart import chart
from benchmarks.linkage_data.chinese_persons import PROFILES, write
from benchmarks.linkage_data.measures import Truth, measure_clusters, measure_pairs

Result = dict[str, Any]
_OTHERS = ("splink_jaro", "splink_meaning")
_ENGINES = ("guiyi", *_OTHERS)
_SHIPPED = {"guiyi": 0.5, "splink_jaro": 0.9, "splink_meaning": 0.9}
"""Match probability from which each engine, as set up here, calls a pair a link; both are also measured at 0.9."""
_SEEN = ("wall_seconds", "cpu_seconds", "peak_mb", "candidate_pairs", "steps")


def table_of(folder: Path, records: int, profile: str, seed: int) -> Path:
    """The file of records, made up if it is not there yet; its truth stands beside it."""
    file = folder / f"persons_{records}_{profile}_{seed}.parquet"
    if not file.exists():
        print(f"making up {file.name} …", file=sys.stderr)
        write(file, records, profile, seed)
    return file


def run_engine(engine: str, file: Path, out: Path, *more: str) -> Result:
    """One run of an engine in its own process; its figures.

    Raises:
        RuntimeError: It failed; with the end of what it said.
    """
    module, _, names = engine.partition("_")
    command = [
        sys.executable,
        "-m",
        f"benchmarks.linkage_data.{module}_run",
        str(file),
        "--out",
        str(out),
        *more,
    ]
    if names:
        command += ["--names", names]
    root = Path(__file__).parents[1]
    paths = os.pathsep.join(p for p in (str(root), os.environ.get("PYTHONPATH")) if p)
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd=root,
        env={**os.environ, "PYTHONPATH": paths},
    )
    if done.returncode:
        raise RuntimeError(f"{engine} ended with {done.returncode}: {done.stderr[-2000:]}")
    found: Result = json.loads(done.stdout.splitlines()[-1])
    return found


def compare(file: Path, out: Path, engines: tuple[str, ...], runs: int) -> list[Result]:
    """Run the engines in turn, so often; of each the fastest run, with its quality and the spread of its times.

    Raises:
        RuntimeError: They did not compare equally many candidate pairs.
    """
    seen: dict[str, list[Result]] = {engine: [] for engine in engines}
    for number in range(runs):
        for engine in engines:
            more = ("--all-pairs",) if engine in _OTHERS and number == 0 else ()
            seen[engine].append(run_engine(engine, file.resolve(), (out / engine).resolve(), *more))
            print(f"{file.stem} {engine}: {seen[engine][-1]['wall_seconds']} s", file=sys.stderr)
    counts = {engine: took[0]["candidate_pairs"] for engine, took in seen.items()}
    if len(set(counts.values())) > 1:
        raise RuntimeError(f"the engines compared different pairs: {counts}")
    truth = Truth.read(file.with_suffix(".truth.parquet"))
    return [{"engine": e, **_fastest(took), **_quality(e, out / e, truth)} for e, took in seen.items()]


def _fastest(took: list[Result]) -> Result:
    best = min(took, key=lambda run: run["wall_seconds"])
    return {
        **{name: best[name] for name in _SEEN},
        "cpu_seconds": min(run["cpu_seconds"] for run in took),
        "peak_mb": max(run["peak_mb"] for run in took),
        "startup_seconds": best.get("startup_seconds"),
        "runs": [{name: run[name] for name in ("wall_seconds", "cpu_seconds", "peak_mb")} for run in took],
    }


def _quality(engine: str, folder: Path, truth: Truth) -> Result:
    every = folder / "pairs_all.parquet"
    file = every if every.exists() else folder / "pairs.parquet"
    pairs = measure_pairs(file, truth, (0.9, _SHIPPED[engine]))
    return {"pairs": pairs, "clusters": measure_clusters(folder / "clusters.parquet", truth)}


def measure(asked: argparse.Namespace, folder: Path) -> list[Result]:
    """All engines on every table asked for."""
    engines = _ENGINES if asked.splink else _ENGINES[:1]
    results = []
    for records in asked.records:
        for profile in asked.profile:
            file = table_of(folder, records, profile, asked.seed)
            facts = {"records": records, "profile": profile, "seed": asked.seed}
            with tempfile.TemporaryDirectory(dir=folder) as place:
                found = compare(file, Path(place), engines, asked.runs)
            results += [{**facts, **result} for result in found]
    return results


def scaling(asked: argparse.Namespace, folder: Path) -> list[Result]:
    """This engine alone on growing tables of typical records."""
    results = []
    for records in asked.scaling:
        file = table_of(folder, records, "typical", asked.seed)
        with tempfile.TemporaryDirectory(dir=folder) as place:
            [found] = compare(file, Path(place), _ENGINES[:1], 1)
        results.append({"records": records, "profile": "typical", "seed": asked.seed, **found})
    return results


def one_record() -> Result:
    """One-record latency: what `python -m benchmarks.match` measures."""
    command = [sys.executable, "-m", "benchmarks.match", "--json"]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, text=True, check=True, cwd=Path(__file__).parents[1]
    )
    found: Result = json.loads(done.stdout)
    return found


def markdown(report: Result) -> str:
    """The report as Markdown tables."""
    lines = [
        f"{report['machine']}; seconds are the fastest of {report['runs']} runs, memory the largest.",
        "",
    ]
    lines += _rows(
        ("records", "profile", "engine", "candidate pairs", "wall s", "CPU s", "peak MB", "pairs F1 at .9",
         "at its own threshold", "best F1 (at p)", "clusters F1", "times as fast as best-tuned: wall, CPU",
         "F1 above best-tuned: pairs (best), clusters"),
        [_row(result, report["results"]) for result in report["results"]],
    )  # fmt: skip
    for result in report["results"]:
        lines += ["", f"Calibration, {result['records']:,} {result['profile']}, {result['engine']}:", ""]
        lines += _rows(
            ("match probability", "pairs", "expected", "true"),
            [(f"{b['from']:g}–{b['to']:g}", f"{b['pairs']:,}", f"{b['expected']:.3f}", f"{b['true']:.3f}")
             for b in result["pairs"]["calibration"]],
        )  # fmt: skip
    if report["scaling"]:
        lines += ["", "This engine alone:", ""]
        lines += _rows(
            ("records", "candidate pairs", "wall s", "CPU s", "peak MB", "CPU s per million pairs", "clusters F1"),
            [(f"{r['records']:,}", f"{r['candidate_pairs']:,}", f"{r['wall_seconds']:.1f}", f"{r['cpu_seconds']:.1f}",
              f"{r['peak_mb']:,}", f"{r['cpu_seconds'] / r['candidate_pairs'] * 1e6:.2f}", f"{r['clusters']['f1']:.4f}")
             for r in report["scaling"]],
        )  # fmt: skip
    if report["one_record"]:
        lines += ["", "One record against the published ones, in the engine:", ""]
        kinds = report["one_record"]["engine"]
        lines += [f"- {name}: {json.dumps(times)}" for name, times in kinds.items()]
    return "\n".join(lines) + "\n"


def _row(result: Result, all_results: list[Result]) -> tuple[str, ...]:
    pairs, same = result["pairs"], ("records", "profile")
    others = [r for r in all_results if r["engine"] in _OTHERS and all(r[k] == result[k] for k in same)]
    against = ("–", "–") if result["engine"] in _OTHERS or not others else _against(result, others)
    return (
        f"{result['records']:,}",
        result["profile"],
        result["engine"],
        f"{result['candidate_pairs']:,}",
        f"{result['wall_seconds']:.2f}",
        f"{result['cpu_seconds']:.2f}",
        f"{result['peak_mb']:,}",
        f"{pairs['at']['0.9']['f1']:.4f}",
        f"{pairs['at'][str(_SHIPPED[result['engine']])]['f1']:.4f}",
        f"{pairs['best_f1']:.4f} ({pairs['best_probability']:.2f})",
        f"{result['clusters']['f1']:.4f}",
        *against,
    )


def _against(result: Result, others: list[Result]) -> tuple[str, str]:
    """Times as fast as the fastest of the others (wall, CPU), and F1 above the best of them (pairs, clusters)."""
    faster = (min(o[k] for o in others) / result[k] for k in ("wall_seconds", "cpu_seconds"))
    pairs = result["pairs"]["best_f1"] - max(o["pairs"]["best_f1"] for o in others)
    clusters = result["clusters"]["f1"] - max(o["clusters"]["f1"] for o in others)
    return ", ".join(f"{times:.1f}" for times in faster), f"{pairs:+.4f}, {clusters:+.4f}"


def _rows(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[str]:
    return [f"| {' | '.join(cells)} |" for cells in (header, ("---",) * len(header), *rows)]


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--records", type=int, nargs="*", default=[100_000, 1_000_000])
    parser.add_argument("--profile", choices=sorted(PROFILES), nargs="+", default=["typical", "hard"])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--runs", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path("benchmark-linkage"))
    parser.add_argument("--splink", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--scaling", type=int, nargs="*", default=[], metavar="RECORDS")
    parser.add_argument("--one-record", action="store_true")
    asked = parser.parse_args()
    if asked.splink and asked.records and importlib.util.find_spec("splink") is None:
        parser.error(
            "Splink is not installed. Install it with pip install -e .[bench], or run with --no-splink"
        )
    return asked


def main() -> None:
    asked = _asked()
    asked.out.mkdir(parents=True, exist_ok=True)
    report = {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "runs": asked.runs,
        "results": measure(asked, asked.out),
        "scaling": scaling(asked, asked.out),
        "one_record": one_record() if asked.one_record else None,
    }
    text = markdown(report)
    (asked.out / "linkage.json").write_text(json.dumps(report, indent=1), "utf-8")
    (asked.out / "linkage.md").write_text(text, "utf-8")
    if report["results"]:
        (asked.out / "linkage.svg").write_text(chart(report["results"]), "utf-8")
    print(text)


if __name__ == "__main__":
    main()
