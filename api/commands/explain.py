"""`guiyi explain`: why two records are, or are not, one person; what holds a person's records together."""

from pathlib import Path
from typing import Annotated

import typer

from api.console import say
from api.explanation_report import show_entity, show_pair
from api.session import JsonOption, WorkspaceOption, opened
from resolver.errors import SettingsError


def explain(
    records: Annotated[
        list[int] | None,
        typer.Argument(metavar="RECORD RECORD", help="Two record keys, as `guiyi person` shows them."),
    ] = None,
    entity: Annotated[
        str | None,
        typer.Option("--entity", help="A person id (P-…) instead: what holds its records together."),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option("--html", help="Also write it as a picture, into one file that needs nothing else."),
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Why records are, or are not, taken for one person.

    Of two records, of persons or of organisations: what speaks for and against it. Of a person: which links hold its
    records together. Each comparison adds or takes away match weight (bits: one more doubles the odds). The look is
    in the audit trail.
    """
    keys = records or []
    if (entity is None and len(keys) != 2) or (entity is not None and keys):
        raise SettingsError(
            "give two record keys, or --entity and a person id",
            remedy="For example: guiyi explain 4611686018427387904 4611686018427387905",
        )
    with opened(workspace) as (held, ledger):
        if entity is not None:
            show_entity(held, ledger, entity, html, as_json=as_json)
        else:
            show_pair(held, ledger, (keys[0], keys[1]), html, as_json=as_json)
    if html is not None and not as_json:
        say(f"picture: {html}")
