"""A month's delta beside a full linkage run on the same records: seconds, memory, and that both find the same.

    python -m benchmarks.delta [--records 1000000] [--share 0.02] [--deliveries 3] [--times 3] [--seed 1] [--out DIR]
        [--prepare] [--json]

The records are those of made-up cities, received and standardised as in a month. A delivery changes so many of
them as the share says: half are additions, a quarter descriptions that changed (the old one stays, as it does in a
month), an eighth corrections (the old one goes), an eighth exits. One delivery follows the other, each going on from
what the one before left on the disk.

Machines are noisy, and the shorter run shows it more: full run and delta are repeated in turn, as often as `--times`
says, and their medians compared.

Every run is a process of its own. Its clock runs from the records and the folder of the state to the tables and the
new state on the disk; start-up, reading the records and compilation are left out. With `--out` the records before
and after each delivery stay in that folder, and a next run uses them again; with `--prepare` nothing else is done, so
that what is measured can be measured alone.
"""

import argparse
import hashlib
import json
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.linkage_data.clock import Clock
from resolver.feeds.intake import ReceiveOptions, receive
from resolver.ledger.ledger import Ledger
from resolver.linkage.engine import Linkage
from resolver.linkage.incremental import link_from
from resolver.linkage.model import Model
from resolver.linkage.state_files import open_state, write_state
from resolver.linkage.trainer import train
from resolver.memory import give_back
from resolver.parquet_file import ROWS_PER_GROUP
from resolver.pipeline import received_records
from resolver.progress import silent
from resolver.synthetic.city import synthesize
from resolver.workspace import Workspace

RECORDS_PER_PERSON = 6.55
PERSONS_PER_CITY = 200_000
_WARM, _ALIKE = 3_000, 70
_PARTS = {"additions": 0.5, "changes": 0.25, "corrections": 0.125, "exits": 0.125}

Result = dict[str, Any]
Places = np.ndarray[Any, np.dtype[np.int64]]


def main() -> None:
    """Run and print."""
    if sys.argv[1:2] == ["run"]:
        print(json.dumps(one_run(*sys.argv[2:])))
        return
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--share", type=float, default=0.02, help="of the records, that a delivery changes")
    parser.add_argument("--deliveries", type=int, default=3, help="one after the other")
    parser.add_argument("--times", type=int, default=3, help="how often each run is measured")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--out", type=Path, help="keep the records in this folder, and use those that are there"
    )
    parser.add_argument("--prepare", action="store_true", help="only make the records; needs --out")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    if asked.prepare:
        if asked.out is None:
            parser.error("--prepare needs --out")
        with _folder(asked.out) as folder:
            prepared(folder, asked)
        return
    with _folder(asked.out) as folder:
        results = measured(folder, asked)
    print(json.dumps(results, indent=2)) if asked.json else show(results)
    if not all(step["identical"] for step in results["deliveries"]):
        sys.exit("a delta did not find what the full run found")


@contextmanager
def _folder(out: Path | None) -> Iterator[Path]:
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        yield out
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def persons_of(folder: Path, records: int, seed: int) -> pa.Table:
    """About so many person records, of as many made-up cities as it takes."""
    wanted, tables = round(records / RECORDS_PER_PERSON), []
    for number in range(-(-wanted // PERSONS_PER_CITY)):
        persons = min(wanted - number * PERSONS_PER_CITY, PERSONS_PER_CITY)
        tables.append(_city(folder, persons, seed + number))
    whole = pa.concat_tables(tables).unify_dictionaries().combine_chunks()
    _, first = np.unique(whole.column("record_key").to_numpy(), return_index=True)
    return whole.take(pa.array(first)).combine_chunks()


def _city(folder: Path, persons: int, seed: int) -> pa.Table:
    file = folder / f"city_{persons}_{seed}.parquet"
    if not file.exists():
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            synthesize(Path(scratch) / "city", persons, seed=seed, months=1, profile="typical")
            workspace = Workspace.create(Path(scratch) / "workspace")
            with workspace.writer(), Ledger.open(workspace.ledger_url) as ledger:
                options = ReceiveOptions(now=datetime.now(UTC))
                receive(workspace, ledger, [Path(scratch) / "city" / "feeds"], options, silent)
                pq.write_table(received_records(workspace, ledger).persons, file, compression="zstd")
    return pq.read_table(file)


def deliveries(whole: pa.Table, share: float, count: int, seed: int) -> Iterator[pa.Table]:
    """The records before, and after each delivery, in the order of their keys."""
    rng = np.random.default_rng(seed)
    size = {name: round(part * share * whole.num_rows) for name, part in _PARTS.items()}
    order = rng.permutation(whole.num_rows)
    waiting, there = order[: count * size["additions"]], order[count * size["additions"] :]
    now = whole.take(pa.array(np.sort(there)))
    yield now
    for number in range(count):
        added = waiting[number * size["additions"] :][: size["additions"]]
        touched = rng.choice(
            now.num_rows, size["changes"] + size["corrections"] + size["exits"], replace=False
        )
        changed = now.take(pa.array(touched[: size["changes"] + size["corrections"]]))
        stays = np.ones(now.num_rows, np.bool_)
        stays[touched[size["changes"] :]] = False
        parts = [now.filter(pa.array(stays)), whole.take(pa.array(added)), _described_anew(changed, rng)]
        now = pa.concat_tables(parts).unify_dictionaries().sort_by("record_key").combine_chunks()
        yield now


def _described_anew(records: pa.Table, rng: np.random.Generator) -> pa.Table:
    """The records with another telephone, a name that lacks its last character, or a birth date a day off; new keys."""
    rows = records.to_pylist()
    for row, kind in zip(rows, rng.integers(0, 3, len(rows)).tolist(), strict=True):
        if kind == 0 or (kind == 2 and row["birth_date"] is None):
            row["phone"] = f"13{rng.integers(0, 10**9):09d}"
        elif kind == 1 and row["name"] and len(row["name"]) > 2:
            row["name"], row["given"] = row["name"][:-1], (row["given"] or "  ")[:-1]
        elif row["birth_date"] is not None:
            row["birth_date"] = row["birth_date"].replace(day=row["birth_date"].day % 28 + 1)
        row["record_key"] = int(rng.integers(0, 2**62))
    return pa.Table.from_pylist(rows, schema=records.schema)


def prepared(folder: Path, asked: argparse.Namespace) -> tuple[list[Path], Path]:
    """Files with the records before and after each delivery, and the model version; made if they are not there."""
    place = folder / f"{asked.records}_{asked.share}_{asked.deliveries}_{asked.seed}"
    files = [place / f"{number}.parquet" for number in range(asked.deliveries + 1)]
    if not files[-1].exists():
        place.mkdir(exist_ok=True)
        whole = persons_of(folder, asked.records, asked.seed)
        train(whole).write(place)
        tables = deliveries(whole, asked.share, asked.deliveries, asked.seed)
        for file, now in zip(files, tables, strict=True):
            pq.write_table(now, file, compression="zstd")
    return files, next(place.glob("*.json"))


def measured(folder: Path, asked: argparse.Namespace) -> Result:
    """All figures."""
    files, model = prepared(folder, asked)
    give_back()
    steps: list[Result] = []
    with tempfile.TemporaryDirectory(dir=folder) as place:
        states = [Path(place) / f"state_{number}" for number in range(len(files))]
        _run(files[0], model, "-", states[0])
        for number in range(1, len(files)):
            full, delta = [], []
            for _ in range(asked.times):
                full.append(_run(files[number], model, "-", Path(place) / "full"))
                delta.append(_run(files[number], model, states[number - 1], states[number]))
            steps.append(_beside(full, delta))
    return {
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "share": asked.share,
        "deliveries": steps,
    }


def _run(file: Path, model: Path, before: Path | str, after: Path) -> Result:
    shutil.rmtree(after, ignore_errors=True)
    command = [sys.executable, "-m", "benchmarks.delta", "run", file, model, before, after]
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, check=True)
    found: Result = json.loads(done.stdout.splitlines()[-1])
    return found


def one_run(file: str, model_file: str, before: str, after: str) -> Result:
    """One run in this process: its figures, and digests of what it found."""
    records, model = pq.read_table(file).combine_chunks(), Model.read(Path(model_file))
    _warm_up(records, model)
    give_back()
    _forget_peak()
    clock = Clock()
    state = None if before == "-" else open_state(Path(before))
    run = link_from(state, records, model)
    for _ in run.linkage.kept.slices(ROWS_PER_GROUP):  # as they are written
        pass
    clock.step("linking")
    write_state(run.state, Path(after))
    clock.step("writing the state")
    return {
        **clock.total(),
        **run.facts,
        "records": records.num_rows,
        "state_mb": sum(f.stat().st_blocks for f in Path(after).iterdir() if f.stat().st_nlink == 1) >> 11,
        "found": digests(run.linkage),
    }


def _forget_peak() -> None:
    """Let the peak of memory be that of what follows, not of reading the records; where the system can."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", "ascii")


def _warm_up(records: pa.Table, model: Model) -> None:
    """Compile, or load what was compiled, on a few records; a full run and one that goes on from a state on disk.

    The records are all of some persons, and one record again and again with other telephones, so that there are
    clusters to decide on and a group in which not every pair is compared.
    """
    few = records.take(pc.sort_indices(records["id_number"]).slice(0, _WARM))
    rows = few.slice(0, 1).to_pylist() * _ALIKE
    alike = [row | {"record_key": -n, "phone": f"139{n:08d}"} for n, row in enumerate(rows, 1)]
    few = pa.concat_tables([few, pa.Table.from_pylist(alike, records.schema)]).unify_dictionaries()
    with tempfile.TemporaryDirectory() as folder:
        before = few.slice(60, few.num_rows - 90)
        now = pa.concat_tables([few.slice(0, 120), few.slice(150)]).combine_chunks()
        write_state(link_from(None, before, model).state, Path(folder) / "state")
        run = link_from(open_state(Path(folder) / "state"), now, model)
        write_state(run.state, Path(folder) / "next")


def digests(linkage: Linkage) -> dict[str, str]:
    """SHA-256 of pairs, members and ambiguous records, to the last bit, and of the report."""
    tables = {"pairs": linkage.pairs, "members": linkage.members}
    tables["ambiguous"] = pa.table({"record_key": linkage.ambiguous})
    found = {"report": hashlib.sha256(json.dumps(linkage.report, sort_keys=True).encode()).hexdigest()}
    for name, table in tables.items():
        digest = hashlib.sha256(str(table.schema).encode())
        for column in table.columns:
            digest.update(np.ascontiguousarray(column.is_null().to_numpy()))
            values = column.fill_null(0) if column.null_count else column
            digest.update(np.ascontiguousarray(values.combine_chunks().to_numpy()))
        found[name] = digest.hexdigest()
    return found


def _beside(full: list[Result], delta: list[Result]) -> Result:
    found = [run.pop("found") for run in full + delta]
    sides = _median(full), _median(delta)
    return {
        "records": full[0]["records"],
        "identical": all(one == found[0] for one in found),
        "wall_share": round(sides[1]["wall_seconds"] / sides[0]["wall_seconds"], 4),
        "cpu_share": round(sides[1]["cpu_seconds"] / sides[0]["cpu_seconds"], 4),
        "full": sides[0],
        "delta": sides[1],
    }


def _median(runs: list[Result]) -> Result:
    """The run of median wall time, with the median of CPU seconds, and the wall times of all."""
    order = sorted(runs, key=lambda run: run["wall_seconds"])
    cpu = statistics.median(run["cpu_seconds"] for run in runs)
    return order[len(order) // 2] | {
        "cpu_seconds": round(cpu, 3),
        "all_wall_seconds": [run["wall_seconds"] for run in runs],
    }


def show(results: Result) -> None:
    """Print the figures for people."""
    print(f"{results['machine']}; a delivery changes {results['share']:.1%} of the records")
    for step in results["deliveries"]:
        same = "identical" if step["identical"] else "NOT THE SAME"
        print(f"{step['records']:,} records: {step['wall_share']:.1%} of the wall time of a full run, {same}")
        for name in ("full", "delta"):
            run = step[name]
            parts = ", ".join(f"{what} {seconds}" for what, seconds in run["steps"].items())
            walls = ", ".join(f"{seconds:.2f}" for seconds in run["all_wall_seconds"])
            print(
                f"  {name:6}{run['wall_seconds']:7.2f} s wall ({parts}; all: {walls}){run['cpu_seconds']:8.2f} s CPU"
                f"{run['peak_mb']:8,} MiB peak, {run['state_mb']:,} MB of state written"
            )


if __name__ == "__main__":
    main()
