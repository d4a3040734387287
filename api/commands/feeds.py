"""`guiyi feeds …`: which files departments send, and a contract proposed from a real one."""

from pathlib import Path
from typing import Annotated

import typer

from api.console import print_json, print_table, say
from api.session import JsonOption
from resolver.feeds.catalogue import short_basis
from resolver.feeds.contract import contracts
from resolver.feeds.draft import draft_contract
from resolver.feeds.output import outputs

feeds_app = typer.Typer(help="Feeds: the files that departments send.", no_args_is_help=True)


@feeds_app.command("list")
def list_feeds(as_json: JsonOption = False) -> None:
    """List the feeds: what departments send, and what is written to them."""
    facts = [
        {
            "feed": contract.feed,
            "title": contract.title,
            "title_en": contract.title_en,
            "department": contract.department,
            "kind": contract.kind,
            "columns": len(contract.columns),
            "basis": contract.basis,
            "optional": contract.optional,
        }
        for contract in contracts().values()
    ]
    facts += [
        {
            "feed": output.feed,
            "title": output.title,
            "title_en": output.title_en,
            "department": ", ".join(output.to),
            "kind": "output",
            "columns": len(output.columns),
            "basis": output.basis,
            "optional": False,
        }
        for output in outputs().values()
    ]
    if as_json:
        print_json(facts)
        return
    rows = [
        [
            fact["feed"],
            f"{fact['title']} {fact['title_en']}",
            fact["department"],
            f"{fact['kind']}{' (optional)' if fact['optional'] else ''}",
            fact["columns"],
            short_basis(str(fact["basis"])),
        ]
        for fact in facts
    ]
    print_table("Feeds", ["feed", "title", "department", "kind", "columns", "basis"], rows)


@feeds_app.command("draft")
def draft(file: Annotated[Path, typer.Argument(help="A file as the department sends it.")]) -> None:
    """Propose a contract for a new feed from a real file; correct it, then put it beside the others."""
    say(draft_contract(file))
