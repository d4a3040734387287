"""`guiyi findings …`: what became of findings from month to month, and findings that somebody denies (否认)."""

import getpass
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, cast, get_args

import typer

from api.console import print_facts, print_json, print_table, say
from api.looking import recorded
from api.session import JsonOption, WorkspaceOption, opened
from graph.casework import Event, case_events, event_about, finding_of, record_events
from graph.rehearsal import rehearsed_events
from resolver.errors import LinkageError, SnapshotError
from resolver.ledger.ledger import Ledger
from resolver.publication import published_snapshot
from resolver.snapshot import Snapshot
from resolver.truth import read_truth
from resolver.workspace import Workspace

findings_app = typer.Typer(
    help="Findings: new, continued, changed, gone; and those that were denied.", no_args_is_help=True
)

KeyArgument = Annotated[
    int, typer.Argument(metavar="KEY", help="The finding's key, as lists of findings show it.")
]
ReasonOption = Annotated[str, typer.Option("--reason", "-r", help="Why; stands in the ledger.", prompt=True)]

_EVENTS = get_args(Event)
_STATES = ("new", "continued", "changed", "gone", "suppressed")


@findings_app.command("changes")
def changes(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """How many findings of each rule are new, go on, rest on other rows than before, or are gone."""
    with opened(workspace) as (held, ledger):
        snapshot = checked_snapshot(held, ledger)
        recorded(ledger, "cli.findings.changes", snapshot=snapshot.number)
    counted: dict[str, Counter[str]] = {}
    for row in snapshot.read("findings", ["rule", "state", "suppressed_by"]).to_pylist():
        state = "suppressed" if row["suppressed_by"] else row["state"]
        counted.setdefault(row["rule"], Counter())[state] += 1
    for rule in snapshot.read("findings_gone", ["rule"])["rule"].to_pylist():
        counted.setdefault(rule, Counter())["gone"] += 1
    found = {rule: {state: counts[state] for state in _STATES} for rule, counts in sorted(counted.items())}
    if as_json:
        print_json({"snapshot": snapshot.number, "rules": found})
        return
    rows = [[rule, *counts.values()] for rule, counts in found.items()]
    print_table(f"Findings of snapshot {snapshot.number}", ["rule", *_STATES], rows)


@findings_app.command("show")
def show(
    key: KeyArgument,
    number: Annotated[
        int | None, typer.Option("--snapshot", help="As this snapshot has it; default: the published one.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a finding: what it rests on, since when it is raised, and what was done about it."""
    with opened(workspace) as (held, ledger):
        snapshot = checked_snapshot(held, ledger) if number is None else Snapshot.open(held, number)
        finding = finding_of(snapshot, key)
        steps = [row for row in case_events(ledger).to_pylist() if row["finding_key"] == key]
        recorded(ledger, "cli.findings.show", finding=key)
    if as_json:
        print_json({**finding, "steps": steps})
        return
    print_facts(f"Finding {key}", finding)
    for step in steps:
        say(f"{step['day']} {step['event']} {step['department'] or ''}")


@findings_app.command("deny")
def deny(
    key: KeyArgument, reason: ReasonOption, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """Say that a finding is none (否认). It stays silent until one of its rows changes; `guiyi check` obeys it."""
    _record(workspace, key, _Step("denied", reason), as_json=as_json)


@findings_app.command("undeny")
def undeny(
    key: KeyArgument, reason: ReasonOption, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """Take a denial back; the finding is raised again by the next `guiyi check`."""
    _record(workspace, key, _Step("undenied", reason), as_json=as_json)


@findings_app.command("rehearse")
def rehearse(
    truth: Annotated[Path, typer.Option(help="Folder that `guiyi synthesize` wrote.")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Enter what a made-up city's departments did about findings; `guiyi check` and `publish` then show it."""
    with opened(workspace) as (held, ledger):
        snapshot = checked_snapshot(held, ledger)
        used = set(snapshot.manifest["deliveries"])
        known = read_truth(held, truth, [d for d in ledger.deliveries() if d.delivery_id in used])
        events = rehearsed_events(snapshot, known)
        record_events(ledger, events, datetime.now(UTC))
        recorded(ledger, "cli.findings.rehearse", snapshot=snapshot.number, events=len(events))
    if as_json:
        print_json({"snapshot": snapshot.number, "events": len(events)})
    else:
        say(f"{len(events)} steps entered about findings of snapshot {snapshot.number}")


@findings_app.command("step")
def step(
    key: KeyArgument,
    event: Annotated[str, typer.Argument(metavar="STEP", help=f"What was done: {', '.join(_EVENTS)}.")],
    reason: ReasonOption,
    department: Annotated[str, typer.Option(help="Role of the department it concerns, such as CIVIL.")] = "",
    day: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Default: today.")] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Record a step of a finding's case, such as issued 下发, replied 回复, urged 催告 or recovered 已追回."""
    if event not in _EVENTS:
        raise LinkageError(f"{event!r} is no step of a case", remedy=f"Take one of {', '.join(_EVENTS)}.")
    _record(workspace, key, _Step(cast(Event, event), reason, department, day and day.date()), as_json=False)


@dataclass(frozen=True)
class _Step:
    """What was done about a finding; the day is today's where none is given."""

    event: Event
    reason: str
    department: str = ""
    day: date | None = None


def _record(workspace: Path | None, key: int, step: _Step, *, as_json: bool) -> None:
    if not step.reason.strip():
        raise LinkageError("a step of a case needs a reason", remedy="Give one with --reason.")
    with opened(workspace) as (held, ledger):
        finding = finding_of(checked_snapshot(held, ledger), key)
        actor = f"{getpass.getuser()} (command line)"
        now = datetime.now(UTC)
        made = event_about(finding, step.event, step.day or now.date(), actor, step.reason.strip())
        made = replace(made, department=step.department)
        record_events(ledger, [made], now)
        recorded(ledger, f"cli.findings.{step.event}", finding=key)
    if as_json:
        print_json({"finding_key": key, "rule": made.rule, "event": step.event})
    else:
        say(f"recorded: finding {key} of rule {made.rule} is {step.event}; the next `guiyi check` obeys it")


def checked_snapshot(workspace: Workspace, ledger: Ledger) -> Snapshot:
    """The published snapshot, or the newest one where nothing is published yet."""
    snapshot = published_snapshot(workspace, ledger) or Snapshot.latest_sealed(workspace)
    if snapshot is None or "findings" not in snapshot.manifest["files"]:
        raise SnapshotError("nothing was checked yet", remedy="Run `guiyi month`, or `guiyi check`.")
    return snapshot
