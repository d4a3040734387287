"""`guiyi demo`: a made-up city from files to findings, a summary a person can read, and the API to try."""

import shutil
import socket
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from api import reports
from api.console import complain, print_facts, print_table, progress_shown, say
from api.evaluation import evaluate
from api.measure import Measurements
from api.month import MonthReport, run_month
from api.person_report import example_person
from api.security.keys import create_key
from api.server import listening, serve_on
from graph.neo4j_server import running
from graph.stores import open_store
from resolver.errors import SettingsError, WorkspaceError
from resolver.ledger.ledger import Ledger
from resolver.synthetic.city import synthesize
from resolver.workspace import SETTINGS_FILE, Workspace

_MARK = ".guiyi-demo"  # only a folder that has it is ever replaced
_SEED = 1
_HOST = "127.0.0.1"


def run(directory: Path, persons: int, port: int | None, graph_server: Path | None = None) -> None:
    """Make the city in `directory/city`, the workspace in `directory/workspace`, tell, and serve unless `port` is None.

    The graph is embedded, or lies in the Neo4j server that runs in the folder `graph_server`, whatever was there.

    Raises:
        WorkspaceError: The folder holds something else.
        SettingsError: The port is taken, or no server runs in the folder.
    """
    if port is None:
        _city_understood(directory, persons, graph_server)
        return
    with listening(_HOST, port) as taken:  # said before the work, not after it
        workspace, key = _city_understood(directory, persons, graph_server)
        _invite(workspace, key, taken)
        serve_on(taken, workspace)


def _city_understood(directory: Path, persons: int, graph_server: Path | None) -> tuple[Workspace, str]:
    """From nothing to the summary; returns the workspace and an API key for it."""
    started = time.perf_counter()
    _make_room(directory)
    making = Measurements()
    workspace = Workspace.create(directory / "workspace")
    if graph_server is not None:
        workspace = _with_graph_in(graph_server, workspace)
    with workspace.writer(), Ledger.open(workspace.ledger_url) as ledger, progress_shown() as progress:
        with making.step("synthesize") as step:
            manifest = synthesize(directory / "city", persons, _SEED, 1, "typical", progress)
            step.rows = sum(manifest["rows_written"].values())
        report = run_month(workspace, ledger, [directory / "city"], progress=progress)
        with report.measurements.step("evaluate") as step:
            progress("comparing with the truth", 0, 0)
            measured = evaluate(workspace, ledger, directory / "city")
            step.rows = measured["persons"]["rows_in_truth"]
        key = create_key(ledger, "demo", "investigator", datetime.now(UTC))
    _summary(report, measured)
    reports.steps([*making.as_dicts(), *report.measurements.as_dicts()])
    say(f"everything took {time.perf_counter() - started:.0f} s; it lies in {directory}")
    return workspace, key


def _with_graph_in(folder: Path, workspace: Workspace) -> Workspace:
    """The workspace, set to keep its graph in a server; the graph of an earlier demo goes."""
    server = running(folder)
    if server is None:
        raise SettingsError(
            f"no graph server is running in {folder}", remedy=f"Run: guiyi neo4j start --directory {folder}"
        )
    with (workspace.root / SETTINGS_FILE).open("a", encoding="utf-8") as settings:
        settings.write(f"\n{server.settings}")
    changed = Workspace.open(workspace.root)
    with closing(open_store(changed)) as store:
        store.clear()
    return changed


def _make_room(directory: Path) -> None:
    earlier = (directory / _MARK).is_file()
    empty = not directory.exists() or (directory.is_dir() and not any(directory.iterdir()))
    if not earlier and not empty:
        raise WorkspaceError(
            f"{directory} exists and is not an earlier demo", remedy="Name another folder with --directory."
        )
    directory.mkdir(parents=True, exist_ok=True)
    (directory / _MARK).touch()  # first, so that a demo that was stopped can be replaced as well
    for made in ("city", "workspace"):
        if (directory / made).exists():
            shutil.rmtree(directory / made)


def _summary(report: MonthReport, measured: dict[str, Any]) -> None:
    for receipt in report.receipts:
        if receipt.status == "refused":
            complain(f"{receipt.path} is refused", receipt.refused)
    for problem in report.problems:
        complain(f"a rule could not run: {problem}", "The other rules did.")
    assert report.snapshot is not None
    persons, every = measured["persons"], measured["rules"]["all"]
    print_facts(
        "A made-up city 一座虚构的城市",
        {
            "reference date": report.snapshot.manifest["reference_date"],
            **reports.counts(report.snapshot),
            "F1 of persons against the truth": persons["f1"],
            "precision, recall": f"{persons['precision']:.3f}, {persons['recall']:.3f}",
            "conflicts planted": every["planted"],
            "of them missed": every["missed"],
            "findings, of them true": f"{every['found']:,}, {every['true']:,}",
        },
    )
    rows = []
    for rule, found in reports.findings_by_rule(report.snapshot).items():
        truth = measured["rules"].get(rule)
        raised = [found["department"], found["identity_review"]]
        known = (
            [truth["planted"], truth["planted"] - truth["missed"], truth["missed"]] if truth else [None] * 3
        )
        rows.append([rule, f"{found['title']} {found['title_en']}", *raised, *known])
    headers = ["rule", "findings", "to departments", "to review", "planted", "found", "missed"]
    print_table("Findings by rule, and the conflicts planted in the city", headers, rows)


def _invite(workspace: Workspace, key: str, taken: socket.socket) -> None:
    """Say where the API is and what to ask it."""
    with Ledger.open(workspace.ledger_url) as ledger:
        example = example_person(workspace, ledger)
    address = f"http://{_HOST}:{taken.getsockname()[1]}"
    headers = f"-H 'Authorization: Bearer {key}' -H 'X-Purpose: verification'"
    json = "-H 'Content-Type: application/json'"
    say(f"\nThe API is at {address}, its documentation at {address}/docs; the key is\n\n  {key}\n")
    say(
        "Worth trying (who is this number, what happened to this person, who is recorded dead but enrolled):\n"
    )
    for request in (
        f'curl -s {headers} {json} -d \'{{"id_number": "{example.number}"}}\' {address}/v1/persons/search',
        f"curl -s {headers} {address}/v1/persons/{example.person_id}/timeline",
        f'curl -s {headers} {json} -d \'{{"rule": "L01", "limit": 3}}\' {address}/v1/conflicts/search',
    ):
        say(f"  {request}\n")
