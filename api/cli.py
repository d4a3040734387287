"""The command `guiyi`: what operators run each month, and a look at a person, a link or the quality."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from api import demo as demonstration
from api import person_report, reports, server
from api.admin_cli import audit_app, keys_app
from api.console import explained, out, print_json, progress_shown
from api.evaluation import evaluate as evaluate_published
from api.feeds_cli import feeds_app
from api.month import check as check_snapshot
from api.month import publish as publish_snapshot
from api.month import run_month
from api.options import as_day, as_month
from api.session import JsonOption, WorkspaceOption, opened, writing
from resolver.errors import SnapshotError
from resolver.feeds.intake import ReceiveOptions
from resolver.feeds.intake import receive as receive_files
from resolver.feeds.returns import write_returns
from resolver.pipeline import ResolveOptions
from resolver.pipeline import resolve as resolve_received
from resolver.publication import list_snapshots
from resolver.publication import rollback as roll_back
from resolver.snapshot import Snapshot
from resolver.synthetic.city import synthesize as synthesize_city
from resolver.version import VERSION
from resolver.workspace import Workspace

app = typer.Typer(
    help="Guiyi 归一: from the departments' files to persons, their conflicts, and an answer from the API.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(feeds_app, name="feeds")
app.add_typer(keys_app, name="keys")
app.add_typer(audit_app, name="audit")

Paths = Annotated[list[Path], typer.Argument(help="Files or folders; of a folder with feeds/ that is taken.")]
PeriodOption = Annotated[
    str | None, typer.Option(help="Month, as 2026-10; default: what folders and file names say.")
]


def main() -> None:
    """Entry point of the command."""
    app()


@app.callback(invoke_without_command=True)
def about(
    version: Annotated[bool, typer.Option("--version", help="Print the version and end.")] = False,
) -> None:
    """Guiyi 归一."""
    if version:
        out.print(VERSION, highlight=False)
        raise typer.Exit


@app.command()
def init(directory: Path) -> None:
    """Make a workspace: a folder that holds ledger, archive, snapshots and graph."""
    with explained():
        workspace = Workspace.create(directory)
        with opened(workspace.root):
            out.print(f"workspace {workspace.root}", highlight=False)


@app.command()
def synthesize(
    directory: Path,
    persons: Annotated[int, typer.Option(min=100, help="How many people live in the city.")] = 20_000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same files.")] = 1,
    months: Annotated[
        int, typer.Option(min=1, max=24, help="Months of deliveries; the first has the history.")
    ] = 1,
    profile: Annotated[Literal["typical", "hard"], typer.Option(help="How many errors.")] = "typical",
    as_json: JsonOption = False,
) -> None:
    """Make up a city: its departments' files in DIRECTORY/feeds, the truth in DIRECTORY/truth."""
    with explained(), progress_shown() as progress:
        manifest = synthesize_city(directory, persons, seed, months, profile, progress)
        if as_json:
            print_json(manifest)
        else:
            reports.synthesized(directory, manifest)


@app.command()
def receive(
    paths: Paths,
    workspace: WorkspaceOption = None,
    feed: Annotated[str | None, typer.Option(help="Feed of the files, as W01.")] = None,
    period: PeriodOption = None,
    extent: Annotated[
        Literal["full", "delta"] | None, typer.Option(help="Whether the files are whole.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Receive departments' files: read, check, archive, acknowledge. The same file twice changes nothing."""
    with explained(), writing(workspace) as (held, ledger):
        options = ReceiveOptions(datetime.now(UTC), feed, as_month(period), extent)
        with progress_shown() as progress:
            receipts = receive_files(held, ledger, paths, options, progress)
        received = {receipt.delivery_id for receipt in receipts}
        months = {d.period for d in ledger.deliveries() if d.delivery_id in received}
        returned = write_returns(held, [d for d in ledger.deliveries() if d.period in months])
        reports.received(receipts, returned, as_json=as_json)
    raise typer.Exit(1 if any(receipt.status == "refused" for receipt in receipts) else 0)


@app.command()
def resolve(
    workspace: WorkspaceOption = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="Reference date; default: end of the newest month.")
    ] = None,
    new_model: Annotated[bool, typer.Option("--new-model", help="Train a new model version.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Link everything received into persons: makes a snapshot that nobody sees before it is published."""
    with explained(), writing(workspace) as (held, ledger), progress_shown() as progress:
        snapshot = resolve_received(held, ledger, ResolveOptions(as_day(as_of), new_model), progress)
        reports.snapshot_made(snapshot, as_json=as_json)


@app.command()
def check(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Find households and run the rules on the newest snapshot."""
    with explained(), writing(workspace) as (held, ledger):
        with progress_shown() as progress:
            snapshot, problems = check_snapshot(held, ledger, _newest(held), progress)
        reports.checked(snapshot, problems, as_json=as_json)


@app.command()
def publish(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Make the graph of the newest snapshot and show both to readers, at one moment."""
    with explained(), writing(workspace) as (held, ledger):
        with progress_shown() as progress:
            snapshot = _newest(held)
            publication = publish_snapshot(held, ledger, snapshot, progress)
        reports.published(snapshot, publication, as_json=as_json)


@app.command()
def month(
    paths: Paths, workspace: WorkspaceOption = None, period: PeriodOption = None, as_json: JsonOption = False
) -> None:
    """The whole month: receive, resolve, check, publish. Stopped at any moment, it is simply run again."""
    with explained(), writing(workspace) as (held, ledger):
        with progress_shown() as progress:
            report = run_month(held, ledger, paths, as_month(period), progress)
        reports.month_done(report, as_json=as_json)
    raise typer.Exit(1 if any(receipt.status == "refused" for receipt in report.receipts) else 0)


@app.command()
def snapshots(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List the snapshots that are kept."""
    with explained(), opened(workspace) as (held, ledger):
        reports.snapshots(list_snapshots(held, ledger), as_json=as_json)


@app.command()
def rollback(
    snapshot: int,
    reason: Annotated[str, typer.Option(help="Why; stands in the ledger.", prompt=True)],
    workspace: WorkspaceOption = None,
) -> None:
    """Show readers an earlier snapshot again. Nothing is lost: rolling forward is the same command."""
    with explained(), writing(workspace) as (held, ledger):
        roll_back(held, ledger, snapshot, datetime.now(UTC), reason)
        out.print(f"snapshot {snapshot} is published", highlight=False)


@app.command()
def evaluate(
    truth: Annotated[Path, typer.Option(help="Folder that `guiyi synthesize` wrote.")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Hold what is published against the truth of a made-up city."""
    with explained(), opened(workspace) as (held, ledger):
        measured = evaluate_published(held, ledger, truth)
        if as_json:
            print_json(measured)
        else:
            reports.evaluated(measured)


@app.command()
def person(
    text: Annotated[str, typer.Argument(metavar="PERSON", help="Person id (P-…), ID number, phone or name.")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a person: golden record, records and findings. The look is in the audit trail."""
    with explained(), opened(workspace) as (held, ledger):
        person_report.show_person(held, ledger, text, as_json=as_json)


@app.command()
def explain(
    record_l: Annotated[int, typer.Argument(help="Record key, as `guiyi person` shows it.")],
    record_r: Annotated[int, typer.Argument(help="The other record key.")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Why two records are, or are not, taken for one person."""
    with explained(), opened(workspace) as (held, ledger):
        person_report.show_pair(held, ledger, record_l, record_r, as_json=as_json)


@app.command()
def serve(
    workspace: WorkspaceOption = None,
    host: Annotated[str, typer.Option(help="Address to listen on; TLS is the gateway's.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8600,
) -> None:
    """Serve the API over what is published."""
    with explained():
        with opened(workspace) as (held, _):
            pass
        server.serve(held, host, port)


@app.command()
def demo(
    directory: Annotated[Path, typer.Option(help="Where; replaced if it is an earlier demo.")] = Path("demo"),
    persons: Annotated[int, typer.Option(min=500)] = 20_000,
    serve_after: Annotated[bool, typer.Option("--serve/--no-serve", help="Serve the API at the end.")] = True,
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8600,
) -> None:
    """A made-up city from files to findings, a summary, and the API to try."""
    with explained():
        demonstration.run(directory, persons, port if serve_after else None)


def _newest(workspace: Workspace) -> Snapshot:
    snapshot = Snapshot.latest_sealed(workspace)
    if snapshot is None:
        raise SnapshotError(
            "there is no snapshot yet", remedy="Run `guiyi resolve` first, or `guiyi month PATH`."
        )
    return snapshot
