"""What the month's `check` costs (households, all rules, history) on a made-up city, and again with a delta.

    guiyi synthesize CITY --persons 200000 --months 2
    python -m benchmarks.check CITY WORKSPACE

Every month of the city is received into WORKSPACE (made if it is not there; months that are there already are not
received again) and its records are linked by the truth (`benchmarks.true_links`). Then the month is checked in a
process of its own, whose seconds and peak memory are printed, and taken as published. Run again, it checks the
months that are there again.
"""

import argparse
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime
from multiprocessing import get_context
from pathlib import Path

from api.month import check
from benchmarks.true_links import true_snapshot
from resolver.feeds.intake import ReceiveOptions, receive
from resolver.ledger.ledger import Ledger
from resolver.snapshot import Snapshot, remove, sealed_numbers
from resolver.workspace import Workspace


@dataclass(frozen=True)
class Measured:
    """What a check took."""

    seconds: float
    cpu_seconds: float
    peak_mib: float
    findings: int
    steps: list[tuple[str, float]]


def main() -> None:
    """Receive, link, check; print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("city", type=Path)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--months", type=int, help="Only the first so many.")
    parser.add_argument("--last", action="store_true", help="Check the last of them only.")
    options = parser.parse_args()
    folders = sorted(folder for folder in (options.city / "feeds").iterdir() if folder.is_dir())
    workspace = (
        Workspace.create(options.workspace)
        if not options.workspace.exists()
        else Workspace.open(options.workspace)
    )
    folders = folders[: options.months]
    for received in [folders] if options.last else [[folder] for folder in folders]:
        print(received[-1].name, flush=True)
        number = _prepared(workspace, options.city, received)
        _print(_apart(workspace.root, number))
        _publish(workspace, number)


def _prepared(workspace: Workspace, city: Path, folders: list[Path]) -> int:
    """The number of the snapshot of everything up to the last of these months' folders."""
    periods = [date.fromisoformat(f"{folder.name}-01") for folder in folders]
    period = periods[-1]
    with workspace.writer(), Ledger.open(workspace.ledger_url) as ledger:
        for number in sealed_numbers(workspace):
            if Snapshot.open(workspace, number).manifest["period"] == period.isoformat():
                return number
        for folder, month in zip(folders, periods, strict=True):
            receive(workspace, ledger, [folder], ReceiveOptions(now=datetime.now(UTC), period=month))
        snapshot = true_snapshot(workspace, ledger, city)
        rows = sum(f["rows"] for name, f in snapshot.manifest["files"].items() if name.startswith("rows/"))
        records, persons = (snapshot.manifest["files"][name]["rows"] for name in ("records", "golden"))
        print(f"{rows:,} rows, {records:,} records, {persons:,} persons", flush=True)
        return snapshot.number


def _apart(root: Path, number: int) -> Measured:
    """Check a snapshot in a new process, so that what was done before does not count as its memory."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_measured, root, number).result()


def _measured(root: Path, number: int) -> Measured:
    workspace = Workspace.open(root)
    steps: list[tuple[str, float]] = []

    def tick(step: str, _done: int, _total: int) -> None:
        steps.append((step, time.perf_counter()))

    with workspace.writer(), Ledger.open(workspace.ledger_url) as ledger:
        snapshot = Snapshot.open(workspace, number)
        snapshot.manifest.pop("checked_by", None)
        started, cpu = time.perf_counter(), time.process_time()
        checked, problems = check(workspace, ledger, snapshot, tick)
        ended = time.perf_counter()
        if checked.number != number:  # what is published is not changed: a copy was checked
            remove(workspace, checked.number)
    if problems:
        raise SystemExit("; ".join(map(str, problems)))
    moments = [moment for _, moment in steps[1:]] + [ended]
    return Measured(
        seconds=ended - started,
        cpu_seconds=time.process_time() - cpu,
        peak_mib=_peak_kib() / 1024,
        findings=checked.manifest["files"]["findings"]["rows"],
        steps=[(step, moment - since) for (step, since), moment in zip(steps, moments, strict=True)],
    )


def _peak_kib() -> int:
    """Peak memory of this process; `getrusage` would count that of the process which started it, too."""
    status = Path("/proc/self/status").read_text("ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))


def _print(measured: Measured) -> None:
    # Rules run side by side: a step is how long its rule was waited for.
    for step, seconds in sorted(measured.steps, key=lambda step: -step[1])[:8]:
        print(f"{seconds:9.2f} s  {step}")
    rules = sum(seconds for step, seconds in measured.steps if step.startswith("rule"))
    print(
        f"{measured.findings:,} findings, rules {rules:.1f} s, "
        f"the check {measured.seconds:.1f} s ({measured.cpu_seconds:.1f} CPU s), "
        f"peak {measured.peak_mib:,.0f} MiB",
        flush=True,
    )


def _publish(workspace: Workspace, number: int) -> None:
    """Let readers see a snapshot, without a graph: the next month goes on from it."""
    with workspace.writer(), Ledger.open(workspace.ledger_url) as ledger:
        pointer = ledger.pointer()
        if pointer is None or pointer.snapshot < number:
            ledger.move_pointer(number, number, "published", datetime.now(UTC))


if __name__ == "__main__":
    main()
