"""`guiyi person`: a look at one person."""

from typing import Annotated

import typer

from api.person_report import show_person
from api.session import JsonOption, WorkspaceOption, opened


def person(
    text: Annotated[str, typer.Argument(metavar="PERSON", help="Person id (P-…), ID number, phone or name.")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a person: golden record, records and findings.

    Several who are meant are listed. The look is in the audit trail.
    """
    with opened(workspace) as (held, ledger):
        show_person(held, ledger, text, as_json=as_json)
