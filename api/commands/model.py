"""`guiyi train` and `guiyi model …`: make a model version, look at one, and see what another would change."""

import time
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import pyarrow as pa
import typer
from rich.markup import escape

from api import model_report
from api.console import err, print_json, progress_shown, say
from api.looking import recorded
from api.options import as_day
from api.session import JsonOption, WorkspaceOption, opened, writing
from api.training_labels import judged_labels, read_labels
from resolver.errors import LinkageError, SettingsError
from resolver.ledger.ledger import Ledger
from resolver.linkage.model import Model
from resolver.linkage.model_diff import diff
from resolver.linkage.model_effect import effect
from resolver.linkage.model_picture import model_page
from resolver.linkage.model_report import report
from resolver.linkage.model_versions import read_any_version, read_version, versions
from resolver.linkage.organisation.model import FOLDER, OrganisationModel
from resolver.linkage.organisation.trainer import train_organisations
from resolver.linkage.settings import LinkageSettings, parse_settings
from resolver.linkage.trainer import train as train_model
from resolver.pipeline import received_records
from resolver.publication import published_snapshot
from resolver.workspace import Workspace

model_app = typer.Typer(help="Model versions: what they hold, and how they differ.", no_args_is_help=True)
_FOLDERS = {"person": "", "organisation": FOLDER}
VersionArgument = Annotated[str, typer.Argument(metavar="VERSION", help="Its first digits are enough.")]


def train(
    workspace: WorkspaceOption = None,
    settings: Annotated[
        Path | None,
        typer.Option("--settings", help="Linkage settings (TOML); default: those of the software."),
    ] = None,
    labels: Annotated[
        Path | None,
        typer.Option(
            "--labels",
            help="Pairs whose truth is known: record_key_l, record_key_r, is_match (CSV, Parquet).",
        ),
    ] = None,
    judgements: Annotated[
        bool, typer.Option("--judgements", help="Learn from the judgements made in this workspace too.")
    ] = False,
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="Leave out what was received later, as 2026-10-31.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Train a new model version on everything received, and one for organisations.

    Nothing uses them until a run is told to: guiyi resolve (or month) --model VERSION --model VERSION.
    """
    chosen = None if settings is None else read_settings(settings)
    known = [] if labels is None else [read_labels(labels)]
    with writing(workspace) as (held, ledger), progress_shown() as progress:
        if judgements:
            known.append(judged_labels(ledger.judgements()))
        records = received_records(held, ledger, as_day(as_of), progress)
        progress("training the model", 0, 0)
        started = time.perf_counter()
        model = train_model(records.persons, chosen, pa.concat_tables(known) if known else None)
        organisations = train_organisations(records.organisations)
        seconds = time.perf_counter() - started
        model.write(held.models)
        organisations.write(held.models)
        used = _readable_in_use(held, ledger)
    changes = diff(used, model) if used is not None else None
    model_report.trained(report(model), organisations, seconds, changes, as_json=as_json)


@model_app.command("show")
def show(
    version: Annotated[
        str | None,
        typer.Argument(metavar="VERSION", help="Its first digits are enough; default: the one in use."),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option("--html", help="Also write it as charts, into one file that needs nothing else."),
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what a model version holds: m, u and match weights, classes, blocking rules, thresholds.

    A version for persons or for organisations; without one, that for persons in use.
    """
    with opened(workspace) as (held, ledger):
        found = report(_asked(held, ledger, version))
    if html is not None:
        html.write_text(model_page(found), "utf-8")
    if as_json:
        print_json(found.to_json())
        return
    model_report.shown(found)
    if html is not None:
        say(f"charts: {html}")


@model_app.command("list")
def list_versions(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List the model versions: those for persons, then those for organisations, the newest last."""
    with opened(workspace) as (held, ledger):
        used = _versions_in_use(held, ledger)
        facts = []
        for kind, folder in _FOLDERS.items():
            for version in versions(held.models / folder):
                changed = (held.models / folder / f"{version}.json").stat().st_mtime
                made = datetime.fromtimestamp(changed, UTC).isoformat(timespec="seconds")
                in_use = version == used.get(kind)
                facts.append({"model_version": version, "made": made, "in_use": in_use, "kind": kind})
    if as_json:
        print_json(facts)
    else:
        model_report.listed(facts)


@model_app.command("diff")
def show_diff(
    before: VersionArgument,
    after: VersionArgument,
    links: Annotated[
        bool, typer.Option("--links", help="Also link the published records with both, and count who moves.")
    ] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what the second model version changes against the first, both for persons or both for organisations."""
    with opened(workspace) as (held, ledger), progress_shown() as progress:
        one, other = (read_any_version(held.models, version) for version in (before, after))
        if isinstance(one, Model) != isinstance(other, Model):
            raise LinkageError(
                f"of {one.version} and {other.version} one is for persons and one for organisations",
                remedy="Name two for one kind; `guiyi model list` says what each is for.",
            )
        changes = diff(one, other)
        moved = None
        if links:
            if not (isinstance(one, Model) and isinstance(other, Model)):
                raise LinkageError(
                    "--links tells of persons; these versions are for organisations",
                    remedy="Leave --links out.",
                )
            snapshot = published_snapshot(held, ledger)
            if snapshot is None:
                raise LinkageError("nothing is published to link", remedy="Run `guiyi month PATH` first.")
            recorded(ledger, "cli.model_diff", snapshot=snapshot.number, results=0, persons=[])
            moved = effect(snapshot.read("records"), one, other, ledger.judgements(), progress)
    if as_json:
        print_json({**changes.to_json(), "effect": moved.to_json() if moved else None})
        return
    model_report.changed(changes)
    if moved is not None:
        model_report.moved(moved)


def read_settings(path: Path) -> LinkageSettings:
    """Linkage settings from a TOML file.

    Raises:
        SettingsError: It is no TOML, or not what the code understands.
    """
    try:
        return parse_settings(tomllib.loads(path.read_text("utf-8")), path.name)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: {error}", remedy="Correct the file.") from error


def _versions_in_use(workspace: Workspace, ledger: Ledger) -> dict[str, str]:
    """`person`, `organisation` -> model version with which the published snapshot was made."""
    snapshot = published_snapshot(workspace, ledger)
    used = snapshot.manifest if snapshot else {}
    names = {"person": "model_version", "organisation": "organisation_model_version"}
    return {kind: str(used[name]) for kind, name in names.items() if used.get(name)}


def _in_use(workspace: Workspace, ledger: Ledger) -> Model | None:
    version = _versions_in_use(workspace, ledger).get("person")
    return None if version is None else read_version(workspace.models, version)


def _readable_in_use(workspace: Workspace, ledger: Ledger) -> Model | None:
    """The version in use; None also when this software cannot read it, for then a new one is trained to replace it."""
    try:
        return _in_use(workspace, ledger)
    except LinkageError as error:
        err.print(escape(f"no comparison with the version in use: {error.message}"), soft_wrap=True)
        return None


def _asked(workspace: Workspace, ledger: Ledger, version: str | None) -> Model | OrganisationModel:
    if version is not None:
        return read_any_version(workspace.models, version)
    model = _in_use(workspace, ledger)
    if model is None:
        raise LinkageError(
            "no model version is in use yet",
            remedy="Name one, or run `guiyi month PATH` or `guiyi train` first.",
        )
    return model
