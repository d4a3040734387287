"""Which workspace a command works on, and the ledger opened for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from resolver.ledger.ledger import Ledger
from resolver.workspace import Workspace

WorkspaceOption = Annotated[
    Path | None,
    typer.Option("--workspace", "-w", help="The workspace folder; default: the nearest guiyi.toml upward."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON, for scripts.")]


@contextmanager
def opened(workspace: Path | None) -> Iterator[tuple[Workspace, Ledger]]:
    """The workspace and its ledger, for reading."""
    found = Workspace.open(workspace) if workspace else Workspace.find(Path.cwd())
    with Ledger.open(found.ledger_url) as ledger:
        yield found, ledger


@contextmanager
def writing(workspace: Path | None) -> Iterator[tuple[Workspace, Ledger]]:
    """The workspace and its ledger, as the only writer."""
    found = Workspace.open(workspace) if workspace else Workspace.find(Path.cwd())
    with found.writer(), Ledger.open(found.ledger_url) as ledger:
        yield found, ledger
