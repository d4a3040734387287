"""`guiyi judgements …`: say that two records or entities are the same or different, take it back, carry it on."""

import getpass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from api.console import err, print_json, print_table, say
from api.judging import speaker, statement
from api.looking import recorded, sides_meant
from api.session import JsonOption, WorkspaceOption, opened
from resolver.errors import LinkageError
from resolver.ledger.judgement import Judgement
from resolver.ledger.judgement_file import import_judgements, record_from_text, write_judgements
from resolver.ledger.ledger import Ledger
from resolver.ledger.tables import instant_text

judgements_app = typer.Typer(
    help="Judgements: what people decided about records; every run obeys them.", no_args_is_help=True
)

ReasonOption = Annotated[str, typer.Option("--reason", "-r", help="Why; stands in the ledger.", prompt=True)]


@judgements_app.command("add")
def add(
    left: Annotated[
        str, typer.Argument(metavar="A", help="Record key, or id of a person (P-…) or organisation (O-…).")
    ],
    right: Annotated[str, typer.Argument(metavar="B", help="The other record key or id.")],
    decision: Annotated[
        Literal["same", "different"], typer.Argument(help="One person (organisation), or two.")
    ],
    reason: ReasonOption,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say that two records, persons or organisations are the same or different.

    Of two persons or organisations, `same` is recorded as a chain through all their records, `different` for every
    pair across. The next run obeys it; until then nothing moves.
    """
    said = speaker(_actor(), _said(reason), datetime.now(UTC))
    with opened(workspace) as (held, ledger):
        with sides_meant(held, ledger, left, right) as (lookup, sides):
            made = ledger.state_judgements(statement(decision, sides, said, lookup))
        recorded(ledger, "cli.judgements.add", judgements=[j.judgement_id for j in made])
        _show("Recorded; the next run obeys it", made, ledger, as_json=as_json)


@judgements_app.command("undo")
def undo(
    judgement_id: Annotated[int, typer.Argument(metavar="NUMBER", help="Number of a judgement.")],
    reason: ReasonOption,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a judgement back, and what was stated with it. It stays on record."""
    said = speaker(_actor(), _said(reason), datetime.now(UTC))
    with opened(workspace) as (_, ledger):
        undone = {j.undoes for j in ledger.undo_statement(judgement_id, said)}
        recorded(ledger, "cli.judgements.undo", judgements=sorted(number for number in undone if number))
        old = [j for j in ledger.all_judgements() if j.judgement_id in undone]
        _show("Taken back; the next run no longer obeys it", old, ledger, as_json=as_json)


@judgements_app.command("list")
def list_judgements(
    record: Annotated[str | None, typer.Option(help="Only about this record key.")] = None,
    actor: Annotated[str | None, typer.Option(help="Only by this account.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Those that were undone too.")] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the judgements that hold, the oldest first."""
    key = None if record is None else _record(record)
    with opened(workspace) as (_, ledger):
        made = ledger.all_judgements() if every else ledger.judgements()
        found = [
            j
            for j in made
            if j.decision != "undo"
            and (key is None or key in (j.record_key_l, j.record_key_r))
            and (actor is None or actor == j.actor)
        ]
        recorded(ledger, "cli.judgements.list", results=len(found))
        _show("Judgements", found, ledger, as_json=as_json)


@judgements_app.command("export")
def export(
    file: Annotated[Path, typer.Argument(help="The file to write, as judgements.csv.")],
    workspace: WorkspaceOption = None,
) -> None:
    """Write all judgements ever made to a text file (CSV), the undone ones and their undoing too."""
    with opened(workspace) as (_, ledger):
        made = ledger.all_judgements()
        recorded(ledger, "cli.judgements.export", results=len(made))
        written = write_judgements(file, made)
    say(f"{written:,} judgements in {file}")


@judgements_app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="A file that `export` wrote, or one typed like it.")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Record the judgements of a file, with their actors and times; those that are here already are skipped.

    All of them or, when one contradicts, none.
    """
    with opened(workspace) as (_, ledger):
        listed, added = import_judgements(ledger, file, datetime.now(UTC))
        recorded(ledger, "cli.judgements.import", judgements=[j.judgement_id for j in added])
        if as_json:
            print_json({"listed": listed, "new": len(added), "judgements": _facts(added, ledger)})
        else:
            say(f"{listed:,} judgements in {file}, {len(added):,} of them new")


@judgements_app.command("verify")
def verify(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Check that no judgement was changed, reordered or removed since it was made."""
    with opened(workspace) as (_, ledger):
        report = ledger.verify_judgements()
    if as_json:
        print_json({"ok": report.ok, "judgements": report.n_events, "problem": report.problem})
    else:
        say(f"judgements: {report.n_events:,}, {'whole' if report.ok else 'NOT whole: ' + report.problem}")
    raise typer.Exit(0 if report.ok else 1)


def _actor() -> str:
    return f"{getpass.getuser()} (command line)"


def _said(reason: str) -> str:
    if not reason.strip():
        raise LinkageError("a judgement needs a reason", remedy="Give one with --reason.")
    return reason.strip()


def _record(text: str) -> int:
    try:
        return record_from_text(text)
    except ValueError as error:
        raise LinkageError(str(error), remedy="`guiyi person` shows a person's record keys.") from error


def _facts(judgements: list[Judgement], ledger: Ledger) -> list[dict[str, Any]]:
    undoing = {j.undoes: j for j in ledger.all_judgements() if j.undoes is not None}
    return [
        {
            "judgement_id": j.judgement_id,
            "statement_id": j.statement_id,
            "decision": j.decision,
            "record_key_l": str(j.record_key_l),
            "record_key_r": str(j.record_key_r),
            "actor": j.actor,
            "reason": j.reason,
            "at": instant_text(j.at),
            "undone_by": undoing[j.judgement_id].judgement_id if j.judgement_id in undoing else None,
        }
        for j in judgements
    ]


def _show(title: str, judgements: list[Judgement], ledger: Ledger, *, as_json: bool) -> None:
    facts = _facts(judgements, ledger)
    if as_json:
        print_json(facts)
        return
    if not facts:
        err.print("no judgements")
        return
    shown = ("judgement_id", "decision", "record_key_l", "record_key_r", "actor", "reason", "undone_by")
    rows = [[fact[name] for name in shown] for fact in facts]
    headers = ["number", "decision", "record", "record", "by", "reason", "undone by"]
    print_table(title, headers, [[str(row[0]), *row[1:]] for row in rows])
