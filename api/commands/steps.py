"""`guiyi resolve`, `check`, `publish` and `month`: from what was received to what readers see."""

from typing import Annotated

import typer

from api import reports
from api.commands.receiving import PathsArgument, PeriodOption, end, rows_to_correct
from api.console import progress_shown
from api.month import check as check_snapshot
from api.month import publish as publish_snapshot
from api.month import rebuild_graph, run_month
from api.options import as_day, as_month
from api.session import JsonOption, WorkspaceOption, writing
from graph.store import Publication
from resolver.errors import SettingsError, SnapshotError
from resolver.pipeline import ResolveOptions
from resolver.pipeline import resolve as resolve_received
from resolver.snapshot import Snapshot
from resolver.workspace import Workspace

ModelOption = Annotated[
    list[str] | None,
    typer.Option(
        "--model",
        help="Link with this model version of `guiyi train`; default: the one in use. "
        "Give it twice for persons and organisations.",
    ),
]


def resolve(
    workspace: WorkspaceOption = None,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", help="Reference date, as 2026-10-31; default: end of the newest month."),
    ] = None,
    new_model: Annotated[
        bool, typer.Option("--new-model", help="Train a new model version although there is one.")
    ] = False,
    model: ModelOption = None,
    engine: Annotated[
        str,
        typer.Option(
            help="guiyi, or recordlinkage: the same model run whole through that toolkit (small data)."
        ),
    ] = "guiyi",
    as_json: JsonOption = False,
) -> None:
    """Link everything received into persons: a new snapshot.

    Nobody sees it before it is published. What was resolved already is not resolved again.
    """
    if new_model and model:
        raise SettingsError("--new-model and --model exclude one another", remedy="Leave one of them out.")
    with writing(workspace) as (held, ledger), progress_shown() as progress:
        options = ResolveOptions(as_day(as_of), new_model, tuple(model or ()), engine)
        snapshot = resolve_received(held, ledger, options, progress)
    reports.snapshot_made(snapshot, as_json=as_json)


def check(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Find households and run the rules on the newest snapshot."""
    with writing(workspace) as (held, ledger), progress_shown() as progress:
        snapshot, problems = check_snapshot(held, ledger, _newest(held), progress)
    reports.checked(snapshot, problems, as_json=as_json)


def publish(
    workspace: WorkspaceOption = None,
    rebuild: Annotated[
        bool,
        typer.Option(
            "--rebuild", help="Make the graph of what is published again, in a store that is new or was lost."
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Show readers the newest snapshot and its graph.

    Both change at one moment; who is reading goes on with what was there when the request began.
    """
    publication: Publication | None
    with writing(workspace) as (held, ledger), progress_shown() as progress:
        if rebuild:
            snapshot, publication = rebuild_graph(held, ledger, progress)
        else:
            snapshot = _newest(held)
            publication = publish_snapshot(held, ledger, snapshot, progress)
    reports.published(snapshot, publication, as_json=as_json)


def month(
    paths: PathsArgument,
    workspace: WorkspaceOption = None,
    period: PeriodOption = None,
    model: ModelOption = None,
    as_json: JsonOption = False,
) -> None:
    """The whole month: receive, resolve, check, publish.

    Several months are done one after the other, the oldest first. Stopped at any moment, it is simply run again.
    """
    with writing(workspace) as (held, ledger), progress_shown() as progress:
        report = run_month(held, ledger, paths, as_month(period), progress, tuple(model or ()))
        returned = rows_to_correct(held, ledger, report.receipts)
    reports.month_done(report, returned, as_json=as_json)
    end(report.receipts)


def _newest(workspace: Workspace) -> Snapshot:
    snapshot = Snapshot.latest_sealed(workspace)
    if snapshot is None:
        raise SnapshotError(
            "there is no snapshot yet", remedy="Run `guiyi resolve` first, or `guiyi month PATH`."
        )
    return snapshot
