"""The month: receive, resolve, check, publish. Each step is whole or undone, so a month is simply run again.

The rules run before publication, so that readers get persons, links and findings of a month at the same moment.
"""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa

from api.measure import Measurements
from graph.analysis.patterns import patterns
from graph.casework import case_events
from graph.finding_history import gone, with_history
from graph.findings import run_rules
from graph.households import households
from graph.intake_tables import deliveries_table, quarantine_table
from graph.projection import project
from graph.publishing import publish_graph
from graph.rule import RuleProblem
from graph.rule_settings import RuleSettings, workspace_settings
from graph.rule_views import month_of
from graph.rules.catalogue import load_catalogue
from graph.store import Publication
from graph.stores import open_store
from resolver.errors import SnapshotError
from resolver.feeds.intake import ReceiveOptions, delivery_files, receive
from resolver.feeds.receipt import Receipt
from resolver.ledger.ledger import Ledger
from resolver.linkage.model import Model
from resolver.lookup import Lookup
from resolver.match_index import open_match_index
from resolver.memory import give_back
from resolver.pipeline import CROSSWALK, LINKAGE_STATE, ResolveOptions, end_of_month, resolve
from resolver.progress import Progress, silent
from resolver.publication import add_file, collect, list_snapshots, next_number, published_snapshot
from resolver.snapshot import Snapshot, SnapshotBuilder, sealed_numbers
from resolver.workspace import Workspace

KEPT_GENERATIONS = 3
_CHECKED = "checked_by"  # of the manifest: rules and settings that made the findings, and who was not run
_MADE_BY_CHECK = (
    "households",
    "kinship",
    "shell_employers",
    "attendance_groups",
    "deliveries",
    "quarantine",
    "case_events",
    "findings",
    "findings_gone",
)


@dataclass
class MonthReport:
    """What a run of the month did.

    Attributes:
        receipts: One per file.
        snapshot: What is published now; None when nothing was.
        problems: Rules and settings that are refused.
        measurements: Seconds, rows and memory of each step.
    """

    receipts: list[Receipt] = field(default_factory=list)
    snapshot: Snapshot | None = None
    problems: list[RuleProblem] = field(default_factory=list)
    measurements: Measurements = field(default_factory=Measurements)


def run_month(
    workspace: Workspace,
    ledger: Ledger,
    paths: Sequence[Path],
    period: date | None = None,
    progress: Progress = silent,
    models: tuple[str, ...] = (),
) -> MonthReport:
    """Receive what lies at `paths`, every month in order, and publish after each. The caller holds `writer()`.

    Args:
        workspace: The workspace.
        ledger: Its ledger.
        paths: Files and folders, as `resolver.feeds.intake.receive` takes them.
        period: Only this month's folder; None = all.
        progress: Told of every step.
        models: Link with these model versions; of a kind that is not named, the one in use.

    Raises:
        DeliveryError: A path does not exist or holds no file.
        SnapshotError: Nothing could be received at all, or the disk is full.
    """
    report = MonthReport()
    for batch in _by_month(paths, period):
        with report.measurements.step("receive") as step:
            options = ReceiveOptions(now=datetime.now(UTC), period=period)
            receipts = receive(workspace, ledger, batch, options, progress)
            step.rows = sum(receipt.n_rows for receipt in receipts)
        report.receipts += receipts
        months = [r.period for r in receipts if r.period is not None and r.status != "refused"]
        if months:
            resolve_and_publish(workspace, ledger, max(months), report, progress, models)
    if report.snapshot is None:
        report.snapshot = published_snapshot(workspace, ledger)
    return report


def resolve_and_publish(
    workspace: Workspace,
    ledger: Ledger,
    month: date,
    report: MonthReport,
    progress: Progress,
    models: tuple[str, ...] = (),
) -> None:
    """Bring what is published up to a month, or to what is published already if that is newer."""
    published = published_snapshot(workspace, ledger)
    newest = date.fromisoformat(published.manifest["reference_date"]) if published else date.min
    as_of = max(end_of_month(month), newest)
    give_back()
    with report.measurements.step("resolve") as step:
        snapshot = resolve(workspace, ledger, ResolveOptions(as_of, models=models), progress)
        step.rows = snapshot.manifest["counts"]["records"]
    give_back()
    with report.measurements.step("check") as step:
        snapshot, report.problems = check(workspace, ledger, snapshot, progress)
        step.rows = snapshot.manifest["files"]["findings"]["rows"]
    give_back()
    with report.measurements.step("publish") as step:
        publication = publish(workspace, ledger, snapshot, progress)
        step.rows = publication.nodes + publication.edges if publication else 0
    report.snapshot = snapshot


def check(
    workspace: Workspace,
    ledger: Ledger,
    snapshot: Snapshot,
    progress: Progress = silent,
    cases_until: date | None = None,
) -> tuple[Snapshot, list[RuleProblem]]:
    """Find households and run the rules on a snapshot; what comes out becomes part of it.

    A published snapshot is never changed: when it was checked by other versions of the rules, a new one that shares
    all its other files is made.

    Args:
        workspace: The workspace.
        ledger: Its ledger.
        snapshot: The snapshot to check.
        progress: Told of every step.
        cases_until: Obey only what was done about findings up to this day, to see again what was seen then;
            None = everything.

    Returns:
        The snapshot with findings, and the rules that could not run.
    """
    catalogue = load_catalogue(workspace.rules)
    settings = workspace_settings(workspace, catalogue)
    problems = [*catalogue.problems, *settings.problems]
    events = case_events(ledger, cases_until)
    checked_by = {
        "rules": {rule.id: rule.version for rule in settings.chosen(catalogue)},
        "profile": settings.profile,
        "parameters": settings.parameters,
        "tables": _plain(settings),
        "case_events": events.num_rows,
    }
    before = snapshot.manifest.get(_CHECKED, {})
    if {name: before.get(name) for name in checked_by} == checked_by:
        return snapshot, problems
    if any(move.snapshot == snapshot.number for move in ledger.pointer_moves()):
        snapshot = _copy(workspace, ledger, snapshot)
    progress("finding households", 0, 0)
    members, kinship = households(snapshot)
    used = set(snapshot.manifest["deliveries"])
    deliveries = [d for d in ledger.deliveries() if d.delivery_id in used]
    frozen = {
        "households": members,
        "kinship": kinship,
        "deliveries": deliveries_table(deliveries),
        "quarantine": quarantine_table(workspace, deliveries),
        "case_events": events,
    }
    for name, table in frozen.items():
        snapshot = add_file(ledger, snapshot, name, table)
    progress("looking for patterns", 0, 0)
    for name, table in patterns(snapshot).items():
        snapshot = add_file(ledger, snapshot, name, table)
    not_run: dict[str, str] = {}
    findings = run_rules(snapshot, settings.chosen(catalogue), settings, progress, problems, not_run)
    before, before_period = _findings_before(workspace, snapshot)
    findings = with_history(findings, before, month_of(snapshot.manifest["period"]))
    snapshot = add_file(ledger, snapshot, "findings_gone", gone(findings, before, before_period))
    facts = {_CHECKED: {**checked_by, "not_run": not_run}}
    return add_file(ledger, snapshot, "findings", findings, facts), problems


def _findings_before(workspace: Workspace, snapshot: Snapshot) -> tuple[pa.Table | None, date | None]:
    """The findings of the snapshot that this one is based on, and its month."""
    number = snapshot.manifest.get("based_on")
    if number is None or number not in sealed_numbers(workspace):
        return None, None
    before = Snapshot.open(workspace, number)
    if "findings" not in before.manifest["files"]:
        return None, None
    return before.read("findings"), month_of(before.manifest["period"])


def not_run(snapshot: Snapshot) -> dict[str, str]:
    """Rules that were not run on a snapshot, and why: a feed they need was never received."""
    reasons: dict[str, str] = snapshot.manifest.get(_CHECKED, {}).get("not_run", {})
    return reasons


def _plain(settings: RuleSettings) -> dict[str, list[list[str]]]:
    """The tables of the settings as JSON gives them back."""
    return {name: [[str(value) for value in row] for row in rows] for name, rows in settings.tables.items()}


def publish(
    workspace: Workspace, ledger: Ledger, snapshot: Snapshot, progress: Progress = silent
) -> Publication | None:
    """Make the graph of a checked snapshot, then show both to readers; None when they see it already.

    Raises:
        SnapshotError: It was not checked.
        StoreError: The graph store cannot be written; readers go on with what was published before.
    """
    pointer = ledger.pointer()
    if pointer is not None and pointer.snapshot == snapshot.number:
        return None
    if "findings" not in snapshot.manifest["files"]:
        raise SnapshotError(
            f"snapshot {snapshot.number} was not checked", remedy="Run `guiyi check` first, or `guiyi month`."
        )
    now = datetime.now(UTC)
    reference_date = date.fromisoformat(snapshot.manifest["reference_date"])
    for kind, events in CROSSWALK.items():
        ledger.append_crosswalk(snapshot.read(events), kind, snapshot.number, reference_date, now)
    progress("preparing look-ups", 0, 0)
    model = Model.read(workspace.models / f"{snapshot.manifest['model_version']}.json")
    open_match_index(snapshot, Lookup(snapshot), model)
    give_back()
    with closing(open_store(workspace)) as store:
        if pointer is not None and store.current_generation() not in (None, pointer.graph_generation):
            store.set_current(pointer.graph_generation)
        progress("projecting the graph", 0, 0)
        graph = project(snapshot)
        give_back()
        progress("publishing the graph", 0, 0)
        publication = publish_graph(store, snapshot.number, graph, workspace.graph_record)
        ledger.move_pointer(snapshot.number, snapshot.number, "published", now)
        store.collect_garbage(KEPT_GENERATIONS)
    collect(workspace, ledger, KEPT_GENERATIONS)
    return publication


def rebuild_graph(
    workspace: Workspace, ledger: Ledger, progress: Progress = silent
) -> tuple[Snapshot, Publication]:
    """Make the graph again from the published snapshots that are kept, whatever the graph store holds.

    For a store that is new, was lost or is not trusted. Readers are told that the graph cannot be read until it is
    there. The same snapshots give the same graph hash in every store.

    Returns:
        The snapshot that readers see, and what publishing its graph did.

    Raises:
        SnapshotError: Nothing is published.
        StoreError: The graph store cannot be written; run it again.
    """
    pointer = ledger.pointer()
    if pointer is None:
        raise SnapshotError("nothing is published in this workspace", remedy="Run `guiyi month PATH` first.")
    made = {
        status.graph_generation: Snapshot.open(workspace, status.number)
        for status in list_snapshots(workspace, ledger)
        if status.graph_generation is not None
    }
    publications = {}
    with closing(open_store(workspace)) as store:
        progress("removing the graph", 0, 0)
        store.clear()
        for generation, snapshot in sorted(made.items()):
            progress("projecting the graph", 0, 0)
            graph = project(snapshot)
            give_back()
            progress("publishing the graph", 0, 0)
            publications[generation] = publish_graph(store, generation, graph, workspace.graph_record)
        if pointer.graph_generation not in publications:
            raise SnapshotError(
                f"snapshot {pointer.snapshot}, which readers see, is not there",
                remedy="See `guiyi snapshots`.",
            )
        store.set_current(pointer.graph_generation)
        store.collect_garbage(KEPT_GENERATIONS)
    return made[pointer.graph_generation], publications[pointer.graph_generation]


def _by_month(paths: Sequence[Path], period: date | None) -> list[list[Path]]:
    """Files in batches: all that lie in folders of one month, oldest month first; loose files are a batch."""
    batches: dict[str, list[Path]] = {}
    for file in delivery_files(paths, period):
        batches.setdefault(file.parent.name, []).append(file)
    return [batches[month] for month in sorted(batches)]


def _copy(workspace: Workspace, ledger: Ledger, snapshot: Snapshot) -> Snapshot:
    """A new snapshot with all files of a published one but those that checking makes."""
    manifest = {k: v for k, v in snapshot.manifest.items() if k not in ("fingerprint", _CHECKED)}
    with SnapshotBuilder(workspace, next_number(workspace, ledger)) as builder:
        for name in snapshot.names:
            if name not in {*_MADE_BY_CHECK, *CROSSWALK.values()}:
                builder.link(name, snapshot)
        for events in CROSSWALK.values():
            builder.write(events, snapshot.read(events).slice(0, 0))
        builder.link_derived(LINKAGE_STATE, snapshot)
        return builder.seal({**manifest, "based_on": snapshot.number})
