"""What a whole month costs: a made-up city of N persons, received, resolved, checked, published, evaluated.

    python benchmarks/month.py --persons 200000 [--seed 1] [--months 1] [--profile typical] [--json] [--keep DIR]

Prints seconds, rows and peak memory of each step (each process is its own, so that none inherits another's memory),
then the quality against the truth. Compiled code is warmed up first on a small city, as on a machine in use.
"""

import argparse
import json
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

_COMMAND = str(Path(sys.executable).with_name("guiyi"))


def guiyi(*words: str) -> Any:
    """What a command says, as JSON; the program ends if the command fails."""
    done = subprocess.run([_COMMAND, *words, "--json"], stdout=subprocess.PIPE, check=False)
    if done.returncode:
        sys.exit(f"guiyi {' '.join(words)} ended with {done.returncode}")
    return json.loads(done.stdout)


def _month(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    city, workspace = folder / "city", folder / "workspace"
    choice = ["--seed", str(options.seed), "--months", str(options.months), "--profile", options.profile]
    started = time.perf_counter()
    manifest = guiyi("synthesize", str(city), "--persons", str(options.persons), *choice)
    synthesized = time.perf_counter() - started
    guiyi("init", str(workspace))
    started = time.perf_counter()
    month = guiyi("month", str(city), "--workspace", str(workspace))
    seconds = time.perf_counter() - started
    quality = guiyi("evaluate", "--truth", str(city), "--workspace", str(workspace))
    size = sum(file.stat().st_size for file in workspace.rglob("*") if file.is_file())
    return {
        "persons": options.persons,
        "rows": month["counts"]["rows"],
        "records": month["counts"]["records"],
        "profile": options.profile,
        "synthesize_seconds": round(synthesized, 1),
        "month_seconds": round(seconds, 1),
        "steps": month["steps"],
        "workspace_mb": size >> 20,
        "files": manifest["counts"]["files"],
        "quality": {"persons": quality["persons"], "rules": quality["rules"]},
    }


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--persons", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--months", type=int, default=1)
    parser.add_argument("--profile", choices=("typical", "hard"), default="typical")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--keep", type=Path, help="leave city and workspace in this folder")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        warm = argparse.Namespace(**{**vars(options), "persons": 500, "months": 1})
        _month(Path(folder) / "warm", warm)
        measured = _month(options.keep or Path(folder) / "measured", options)
    if options.json:
        print(json.dumps(measured, ensure_ascii=False, indent=1))
        return
    print(f"{platform.machine()}, Python {platform.python_version()}, {options.persons:,} persons")
    print(
        f"{measured['rows']:,} current rows, {measured['records']:,} records, {measured['workspace_mb']:,} MB"
    )
    print(f"made up in {measured['synthesize_seconds']} s; the month in {measured['month_seconds']} s")
    for step in measured["steps"]:
        print(
            f"{step['step']:10}{step['seconds']:10.1f} s{step['rows']:14,} rows{step['peak_memory_mb']:8,} MiB"
        )
    persons = measured["quality"]["persons"]
    print(f"F1 {persons['f1']:.4f} (precision {persons['precision']:.4f}, recall {persons['recall']:.4f})")
    for rule, found in measured["quality"]["rules"].items():
        print(f"{rule:4} planted {found['planted']:6,} found {found['found']:6,} true {found['true']:6,}")


if __name__ == "__main__":
    main()
