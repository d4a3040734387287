"""`guiyi feeds …`: which files departments send, and a contract proposed from a real one."""

from pathlib import Path
from typing import Annotated

import typer

from api.console import print_json, print_table, say
from api.delivery_report import delivery_page
from api.looking import published
from api.session import JsonOption, WorkspaceOption, opened
from graph.delivery_quality import delivery_quality
from resolver.feeds.catalogue import short_basis
from resolver.feeds.contract import contracts
from resolver.feeds.draft import draft_contract
from resolver.feeds.output import outputs

feeds_app = typer.Typer(help="Feeds: the files that departments send.", no_args_is_help=True)

_STATUS = {"on_time": "按时 on time", "late": "逾期 late", "missing": "未报送 missing"}


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


@feeds_app.command("quality")
def quality(
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write a page (.html) with the calendar of deliveries.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show how punctual and how good deliveries are, per department, feed and month.

    Owed by the 10th of the next month, be it a zero receipt; measured are volume, rows rejected and corrected, rows
    with all required elements, and addresses down to the village or community.
    """
    with opened(workspace) as (held, ledger), published(held, ledger).hold() as snapshot:
        facts = delivery_quality(snapshot, ledger.deliveries()).to_pylist()
        reference_date = snapshot.manifest["reference_date"]
    if out is not None:
        out.write_text(delivery_page(facts, reference_date), "utf-8")
    if as_json:
        print_json(facts)
        return
    rows = [
        [
            fact["department"],
            f"{fact['feed']} {fact['title']}",
            f"{fact['period']:%Y-%m}",
            _STATUS[fact["status"]] + ("，零变化 no change" if fact["zero"] else ""),
            *(fact[name] for name in ("rows", "rejected", "corrected")),
            *("" if fact[name] is None else f"{fact[name]:.1%}" for name in ("with_elements", "to_village")),
        ]
        for fact in facts
    ]
    headers = [
        "department",
        "feed",
        "month",
        "delivered",
        "rows",
        "rejected",
        "corrected",
        "with all elements",
    ]
    print_table("Deliveries 报送情况", [*headers, "located to the village"], rows)
    if out is not None:
        say(f"written: {out}")
