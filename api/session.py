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
OutOption = Annotated[
    Path | None, typer.Option("--out", "-o", help="Write the table, numbers in full, as .xlsx or .csv.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON, for scripts.")]


def workspace_of(folder: Path | None) -> Workspace:
    """The workspace named, else the nearest one upward.

    Raises:
        WorkspaceError: There is none, or a newer version of Guiyi made it.
    """
    return Workspace.open(folder) if folder else Workspace.find(Path.cwd())


@contextmanager
def opened(folder: Path | None) -> Iterator[tuple[Workspace, Ledger]]:
    """The workspace and its ledger, for reading."""
    workspace = workspace_of(folder)
    with Ledger.open(workspace.ledger_url) as ledger:
        yield workspace, ledger


@contextmanager
def writing(folder: Path | None) -> Iterator[tuple[Workspace, Ledger]]:
    """The workspace and its ledger, as the only writer."""
    workspace = workspace_of(folder)
    with workspace.writer(), Ledger.open(workspace.ledger_url) as ledger:
        yield workspace, ledger
