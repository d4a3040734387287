"""`guiyi demo`: a made-up city from files to findings, a summary a person can read, and the API to try."""

import shutil
import time
from datetime import UTC, datetime
from pathlib import Path

from api import reports, server
from api.console import err, out, progress_shown
from api.evaluation import evaluate
from api.month import MonthReport, run_month
from api.person_report import example_person
from api.security.keys import create_key
from resolver.errors import WorkspaceError
from resolver.ledger.ledger import Ledger
from resolver.synthetic.city import synthesize
from resolver.workspace import Workspace

_MARK = ".guiyi-demo"  # only a folder that has it is ever replaced
_SEED = 1


def run(directory: Path, persons: int, port: int | None) -> None:
    """Make the city in `directory/city`, the workspace in `directory/workspace`, tell, and serve unless `port` is None.

    Raises:
        WorkspaceError: The folder holds something else.
    """
    _make_room(directory)
    started = time.perf_counter()
    with progress_shown() as progress:
        synthesize(directory / "city", persons, _SEED, 1, "typical", progress)
    synthesized = time.perf_counter() - started
    workspace = Workspace.create(directory / "workspace")
    with workspace.writer(), Ledger.open(workspace.ledger_url) as ledger:
        with progress_shown() as progress:
            report = run_month(workspace, ledger, [directory / "city"], progress=progress)
        with report.measurements.step("evaluate"):
            measured = evaluate(workspace, ledger, directory / "city")
        key = create_key(ledger, "demo", "investigator", datetime.now(UTC))
    _summary(report, synthesized)
    reports.evaluated(measured)
    out.print(
        f"\neverything took {time.perf_counter() - started:.0f} s; it lies in {directory}", highlight=False
    )
    if port is not None:
        _invite(workspace, key, port)
        server.serve(workspace, "127.0.0.1", port)


def _make_room(directory: Path) -> None:
    if directory.exists():
        if any(directory.iterdir()) and not (directory / _MARK).is_file():
            raise WorkspaceError(
                f"{directory} exists and is not an earlier demo",
                remedy="Name another folder with --directory.",
            )
        shutil.rmtree(directory)
    directory.mkdir(parents=True)
    (directory / _MARK).touch()


def _summary(report: MonthReport, synthesized: float) -> None:
    refused = [receipt for receipt in report.receipts if receipt.status == "refused"]
    for receipt in refused:
        err.print(f"refused: {receipt.path}: {receipt.refused}", highlight=False, markup=False)
    snapshot = report.snapshot
    if snapshot is not None:
        reports.snapshot_made(snapshot, as_json=False)
        reports.checked(snapshot, report.problems, as_json=False)
    out.print(f"making up the city took {synthesized:.1f} s", highlight=False)
    reports.steps(report)


def _invite(workspace: Workspace, key: str, port: int) -> None:
    """Say where the API is and what to ask it."""
    with Ledger.open(workspace.ledger_url) as ledger:
        example = example_person(workspace, ledger)
    address = f"http://127.0.0.1:{port}"
    headers = f"-H 'Authorization: Bearer {key}' -H 'X-Purpose: verification'"
    json = "-H 'Content-Type: application/json'"
    requests = [
        f'curl -s {headers} {json} -d \'{{"id_number": "{example.number}"}}\' {address}/v1/persons/search',
        f"curl -s {headers} {address}/v1/persons/{example.person_id}/timeline",
        f'curl -s {headers} {json} -d \'{{"rule": "L01", "limit": 3}}\' {address}/v1/conflicts/search',
    ]
    out.print(
        f"\nThe API is at {address} (its documentation at {address}/docs); the key is\n", highlight=False
    )
    out.print(f"  {key}\n", highlight=False, soft_wrap=True)
    out.print("Worth trying:\n", highlight=False)
    for request in requests:
        out.print(f"  {request}\n", highlight=False, soft_wrap=True, markup=False)
    out.print("Ctrl+C ends it.", highlight=False)
