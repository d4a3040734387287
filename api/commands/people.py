"""`guiyi person` and `guiyi explain`: a look at one person, or at one pair of records."""

from typing import Annotated

import typer

from api.person_report import show_pair, show_person
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


def explain(
    record_l: Annotated[
        int, typer.Argument(metavar="RECORD", help="Record key, as `guiyi person` shows it.")
    ],
    record_r: Annotated[int, typer.Argument(metavar="RECORD", help="The other record key.")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Why two records are, or are not, taken for one person.

    Each comparison adds or takes away match weight (bits: one more doubles the odds). The look is in the audit trail.
    """
    with opened(workspace) as (held, ledger):
        show_pair(held, ledger, record_l, record_r, as_json=as_json)
