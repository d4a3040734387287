"""`guiyi feeds …`: which files departments send, and a contract proposed from a real one."""

from pathlib import Path
from typing import Annotated

import typer

from api.console import print_json, print_table, say
from api.session import JsonOption
from resolver.feeds.contract import contracts
from resolver.feeds.draft import draft_contract

feeds_app = typer.Typer(help="Feeds: the files that departments send.", no_args_is_help=True)


@feeds_app.command("list")
def list_feeds(as_json: JsonOption = False) -> None:
    """List the feeds that can be received."""
    facts = [
        {
            "feed": contract.feed,
            "title": contract.title,
            "title_en": contract.title_en,
            "department": contract.department,
            "kind": contract.kind,
            "columns": len(contract.columns),
        }
        for contract in contracts().values()
    ]
    if as_json:
        print_json(facts)
        return
    rows = [[fact["feed"], f"{fact['title']} {fact['title_en']}", *list(fact.values())[3:]] for fact in facts]
    print_table("Feeds", ["feed", "title", "department", "kind", "columns"], rows)


@feeds_app.command("draft")
def draft(file: Annotated[Path, typer.Argument(help="A file as the department sends it.")]) -> None:
    """Propose a contract for a new feed from a real file; correct it, then put it beside the others."""
    say(draft_contract(file))
