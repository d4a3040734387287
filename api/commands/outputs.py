"""`guiyi outputs`: files for the departments, written from what is published."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from api.console import print_json, say
from api.looking import published, recorded
from api.options import as_day
from api.session import JsonOption, WorkspaceOption, writing
from graph.output_files import write_outputs
from graph.rules.catalogue import load_catalogue


def outputs(
    into: Annotated[
        Path | None,
        typer.Option("--into", help="Folder for the files; default: `returns/` of the workspace."),
    ] = None,
    issued: Annotated[
        str | None, typer.Option("--issued", help="Day of issue, as 2026-11-03; default: today.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write what goes to the departments: W30 and J08 to owners, W32 to counties, J09 warnings.

    The files hold persons' names and numbers; that they were written is in the audit trail.
    """
    with writing(workspace) as (held, ledger), published(held, ledger).hold() as snapshot:
        titles = {rule.id: rule.title for rule in load_catalogue().rules.values()}
        folder = into or held.returns
        recorded(ledger, "cli.outputs", snapshot=snapshot.number, folder=str(folder))
        files = write_outputs(
            snapshot, titles, folder, as_day(issued) or datetime.now(UTC).astimezone().date()
        )
    if as_json:
        print_json({"files": [str(path) for path in files]})
        return
    for path in files:
        say(str(path))
    if not files:
        say("Nothing is to be told: no finding of what is published goes to a department.")
