"""`guiyi receive`: departments' files into the archive."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from api.console import print_json, progress_shown
from api.options import as_month
from api.receipts import print_receipts, receipt_facts
from api.session import JsonOption, WorkspaceOption, writing
from resolver.feeds.intake import ReceiveOptions
from resolver.feeds.intake import receive as receive_files
from resolver.feeds.receipt import Receipt
from resolver.feeds.returns import write_returns
from resolver.ledger.ledger import Ledger
from resolver.workspace import Workspace

PathsArgument = Annotated[
    list[Path], typer.Argument(help="Files or folders; of a folder with feeds/ that is taken.")
]
PeriodOption = Annotated[
    str | None, typer.Option(help="Month, as 2026-10; default: what folders and file names say.")
]


def receive(
    paths: PathsArgument,
    workspace: WorkspaceOption = None,
    feed: Annotated[
        str | None, typer.Option(help="Feed of the files, as W01; see `guiyi feeds list`.")
    ] = None,
    period: PeriodOption = None,
    extent: Annotated[
        Literal["full", "delta"] | None,
        typer.Option(help="Whether the files hold everything or changes; default: what their names say."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Receive departments' files: read, check, archive, acknowledge.

    The same file twice changes nothing. A file that cannot be taken is refused, and the others are received.
    """
    with writing(workspace) as (held, ledger):
        options = ReceiveOptions(datetime.now(UTC), feed, as_month(period), extent)
        with progress_shown() as progress:
            receipts = receive_files(held, ledger, paths, options, progress)
            returned = rows_to_correct(held, ledger, receipts)
    if as_json:
        print_json({"files": [receipt_facts(receipt) for receipt in receipts], "returns": returned})
    else:
        print_receipts(receipts, returned)
    end(receipts)


def rows_to_correct(workspace: Workspace, ledger: Ledger, receipts: Sequence[Receipt]) -> list[Path]:
    """Write the files that go back to the departments, for every month that these receipts are about."""
    ids = {receipt.delivery_id for receipt in receipts}
    deliveries = ledger.deliveries()
    months = {delivery.period for delivery in deliveries if delivery.delivery_id in ids}
    return write_returns(workspace, [delivery for delivery in deliveries if delivery.period in months])


def end(receipts: Sequence[Receipt]) -> None:
    """End the command: with status 1 when a file was refused."""
    raise typer.Exit(1 if any(receipt.status == "refused" for receipt in receipts) else 0)
