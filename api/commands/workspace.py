"""`guiyi init`, `snapshots` and `rollback`: the workspace, and which of its snapshots readers see."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from api.console import print_json, print_table, say
from api.session import JsonOption, WorkspaceOption, opened, writing
from resolver.publication import list_snapshots
from resolver.publication import rollback as roll_back
from resolver.workspace import Workspace


def init(
    directory: Annotated[Path, typer.Argument(help="A new folder, or one that is a workspace already.")],
    as_json: JsonOption = False,
) -> None:
    """Make a workspace: one folder that holds everything.

    That is the ledger, the archive, the snapshots and the graph. An existing workspace keeps all it has.
    """
    workspace = Workspace.create(directory)
    with writing(workspace.root):
        if as_json:
            print_json({"workspace": workspace.root})
        else:
            say(f"workspace {workspace.root}")


def snapshots(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List the snapshots that are kept."""
    with opened(workspace) as (held, ledger):
        found = list_snapshots(held, ledger)
    facts = [
        {
            "snapshot": status.number,
            "reference_date": status.manifest["reference_date"],
            "persons": status.manifest["counts"]["persons"],
            "findings": status.manifest["files"].get("findings", {}).get("rows"),
            "model_version": status.manifest["model_version"],
            "published": status.published,
            "current": status.current,
        }
        for status in found
    ]
    if as_json:
        print_json(facts)
    elif facts:
        headers = [name.replace("_", " ") for name in facts[0]]
        print_table("Snapshots", headers, [list(row.values()) for row in facts])
    else:
        say("no snapshots yet: run `guiyi month PATH`")


def rollback(
    snapshot: Annotated[int, typer.Argument(help="Its number, as `guiyi snapshots` lists it.")],
    reason: Annotated[str, typer.Option(help="Why; stands in the ledger.")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show readers an earlier snapshot again.

    Nothing is lost: going forward again is the same command with the newer number.
    """
    with writing(workspace) as (held, ledger):
        roll_back(held, ledger, snapshot, datetime.now(UTC), reason)
    if as_json:
        print_json({"snapshot": snapshot, "reason": reason})
    else:
        say(f"readers see snapshot {snapshot}")
