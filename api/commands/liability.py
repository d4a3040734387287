"""`guiyi liability …`: leads for third-party liability, the strongest first, and how true the first ones proved."""

from typing import Annotated, Any

import typer

from api.commands.findings import checked_snapshot
from api.console import print_facts, print_json, print_table, say
from api.looking import recorded
from api.session import JsonOption, WorkspaceOption, opened
from graph.casework import case_events
from graph.liability import liability_leads
from graph.recovery import precision_at
from resolver.entities.entity_id import to_text
from resolver.errors import LinkageError

liability_app = typer.Typer(
    help="Third-party liability 第三人责任: what others may owe of what the fund paid.", no_args_is_help=True
)

_KS = (10, 20, 50, 100, 200, 500)


@liability_app.command("list")
def list_leads(
    limit: Annotated[int, typer.Option(help="At most so many, from the top.", min=1)] = 20,
    state: Annotated[
        str | None, typer.Option(help="Only those whose recovery stands so, such as `open`.")
    ] = None,
    kind: Annotated[str | None, typer.Option(help="Only of this kind, such as `candidate`.")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """List leads, the strongest evidence first. A lead is a reason to ask, not a proof."""
    number, leads = _leads(workspace, "cli.liability.list")
    wanted = [lead for lead in leads if state in (None, lead["state"]) and kind in (None, lead["kind"])]
    if as_json:
        print_json({"snapshot": number, "total": len(wanted), "leads": wanted[:limit]})
        return
    columns = (
        "rank",
        "strength",
        "kind",
        "person_id",
        "incident",
        "days_after",
        "fund_paid",
        "recoverable",
        "state",
    )
    rows = [[_text(lead[column]) for column in columns] for lead in wanted[:limit]]
    print_table(f"{len(wanted)} leads of snapshot {number}", list(columns), rows)


@liability_app.command("show")
def show(
    rank: Annotated[
        int, typer.Argument(metavar="RANK", help="Place in the list of all leads, from 1.", min=1)
    ],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one lead: what speaks for it, who is liable for what, and its way through the graph."""
    _, leads = _leads(workspace, "cli.liability.show")
    if rank > len(leads):
        raise LinkageError(
            f"there are {len(leads)} leads", remedy="Take the rank from `guiyi liability list`."
        )
    lead = leads[rank - 1]
    if as_json:
        print_json(lead)
        return
    reasons, path = lead.pop("reasons"), lead.pop("path")
    print_facts(f"Lead {rank}", lead)
    for reason in reasons:
        say(f"{reason['points']:+.0f}  {reason['reason']}")
    say(" - ".join(path))


@liability_app.command("precision")
def precision(
    k: Annotated[
        list[int] | None, typer.Option("--k", help="How many from the top; may be given again.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Precision at k: of the first k leads whose case is closed, how many proved true (recovered).

    `guiyi findings step KEY recovered` closes a case as true; `no_third_party`, or a denial, as none.
    """
    number, leads = _leads(workspace, "cli.liability.precision")
    found = precision_at(leads, k or [*_KS, len(leads)])
    if as_json:
        lines = [
            {"k": line.k, "closed": line.closed, "true": line.true, "precision": line.precision}
            for line in found
        ]
        print_json({"snapshot": number, "leads": len(leads), "precision_at": lines})
        return
    rows = [
        [
            str(line.k),
            str(line.closed),
            str(line.true),
            "-" if line.precision is None else f"{line.precision:.3f}",
        ]
        for line in found
    ]
    print_table(
        f"Precision of the first leads of snapshot {number}", ["k", "closed", "true", "precision"], rows
    )


def _leads(workspace: Any, looked: str) -> tuple[int, list[dict[str, Any]]]:
    """All leads with their ranks, as the steps recorded until now leave them."""
    with opened(workspace) as (held, ledger):
        snapshot = checked_snapshot(held, ledger)
        leads = liability_leads(snapshot, case_events(ledger)).to_pylist()
        recorded(ledger, looked, snapshot=snapshot.number)
    for rank, lead in enumerate(leads, 1):
        lead |= {"rank": rank, "person_id": to_text(lead["person_id"], "person")}
    return snapshot.number, leads


def _text(value: Any) -> str:
    return "" if value is None else str(value)
