"""`guiyi keys …` and `guiyi audit …`: who may ask the service, and what was asked."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from api.console import err, out, print_json, print_table
from api.security import audit
from api.security.keys import KeyRing, create_key, revoke_key
from api.security.roles import Role
from api.session import JsonOption, WorkspaceOption, opened
from resolver.ledger.chain import ChainHead

keys_app = typer.Typer(help="API keys.", no_args_is_help=True)
audit_app = typer.Typer(help="The audit trail.", no_args_is_help=True)


@keys_app.command("create")
def create(
    name: Annotated[str, typer.Option(help="Who uses it.")],
    role: Annotated[Role, typer.Option(help="What it may do.")],
    region: Annotated[
        list[str] | None, typer.Option(help="County code; repeat for several; default all.")
    ] = None,
    department: Annotated[
        list[str] | None, typer.Option(help="Department; repeat for several; default all.")
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Make a key. It is shown once; only its hash is kept."""
    with opened(workspace) as (_, ledger):
        key = create_key(ledger, name, role, datetime.now(UTC), regions=region, departments=department)
        out.print(key, highlight=False, soft_wrap=True)
        err.print("Keep it now: it cannot be shown again.", highlight=False)


@keys_app.command("list")
def list_keys(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List the keys that are valid."""
    with opened(workspace) as (_, ledger):
        keys = KeyRing(ledger).current()
    rows = [
        {
            "key_id": key.key_id,
            "name": key.name,
            "role": key.role,
            "regions": None if key.regions is None else sorted(key.regions),
            "departments": None if key.departments is None else sorted(key.departments),
        }
        for key in keys
    ]
    if as_json:
        print_json(rows)
    else:
        print_table(
            "API keys", ["key", "name", "role", "regions", "departments"], [list(r.values()) for r in rows]
        )


@keys_app.command("revoke")
def revoke(
    key_id: str,
    reason: Annotated[str, typer.Option(help="Why; stands in the ledger.", prompt=True)],
    workspace: WorkspaceOption = None,
) -> None:
    """End a key at once."""
    with opened(workspace) as (_, ledger):
        revoke_key(ledger, key_id, reason, datetime.now(UTC))
        out.print(f"key {key_id} is revoked", highlight=False)


@audit_app.command("verify")
def verify(
    head: Annotated[
        str | None, typer.Option(help="NUMBER:HASH printed by an earlier run and kept elsewhere.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check that no audit event was changed, reordered or removed; with --head, not cut off either."""
    with opened(workspace) as (_, ledger):
        exported = None
        if head is not None:
            number, _, digest = head.partition(":")
            if not number.isdecimal():
                raise typer.BadParameter("--head is NUMBER:HASH, as an earlier run printed it")
            exported = ChainHead(audit.STREAM, int(number), digest)
        report = ledger.verify_chain(audit.STREAM, exported)
        now = ledger.chain_head(audit.STREAM)
    document = {
        "ok": report.ok,
        "events": now.seq,
        "head": f"{now.seq}:{now.hash}",
        "problem": report.problem,
    }
    if as_json:
        print_json(document)
    else:
        verdict = "whole" if report.ok else "[bold red]NOT whole[/]"
        out.print(f"audit trail: {now.seq:,} events, {verdict}", highlight=False)
        if report.problem:
            out.print(f"  {report.problem}", highlight=False)
        out.print(f"head {now.seq}:{now.hash}", highlight=False, soft_wrap=True)
    raise typer.Exit(0 if report.ok else 1)


@audit_app.command("show")
def show(
    last: Annotated[int, typer.Option(min=1, max=10_000, help="How many events.")] = 20,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the newest audit events."""
    with opened(workspace) as (_, ledger):
        end = ledger.chain_head(audit.STREAM).seq
        events = ledger.read_chained(audit.STREAM, after=max(0, end - last), limit=last)
    if as_json:
        print_json([{"seq": e.seq, "at": e.at, **e.body} for e in events])
    else:
        columns = ("action", "caller", "purpose", "case", "results")
        rows = [
            [e.seq, e.at.isoformat(timespec="seconds"), *(e.body.get(c) for c in columns)] for e in events
        ]
        print_table("Audit trail", ["event", "at", *columns], rows)
