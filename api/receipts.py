"""Receipts as commands print them: for people a line per file and what to look at, for scripts every fact."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from api.console import complain, err, print_table, say
from resolver.feeds.receipt import Receipt


def print_receipts(receipts: Sequence[Receipt], returned: Sequence[Path]) -> None:
    """One line per file; then what to look at in each, what was refused, and what goes back to the departments."""
    rows = [
        [
            receipt.path.name,
            receipt.feed,
            f"{receipt.period:%Y-%m}" if receipt.period else None,
            _outcome(receipt),
            receipt.n_accepted,
            receipt.n_quarantined,
        ]
        for receipt in receipts
    ]
    print_table("Files", ["file", "feed", "month", "outcome", "accepted", "quarantined"], rows)
    for receipt in receipts:
        if receipt.warnings and receipt.status == "received":
            err.print(f"look at {receipt.path}:", markup=False, soft_wrap=True)
            for warning in receipt.warnings:
                err.print(f"  {warning}", markup=False, soft_wrap=True)
    for receipt in receipts:
        if receipt.status == "refused":
            complain(f"{receipt.path} is refused", receipt.refused)
    for path in returned:
        say(f"rows to correct: {path}")


def receipt_facts(receipt: Receipt) -> dict[str, Any]:
    """A receipt for JSON."""
    return {
        "path": receipt.path,
        "status": receipt.status,
        "feed": receipt.feed,
        "period": f"{receipt.period:%Y-%m}" if receipt.period else None,
        "extent": receipt.extent,
        "delivery_id": receipt.delivery_id,
        "rows": receipt.n_rows,
        "accepted": receipt.n_accepted,
        "quarantined": receipt.n_quarantined,
        "zero": receipt.zero,
        "complete": receipt.complete,
        "ignored_headers": list(receipt.ignored),
        "warnings": list(receipt.warnings),
        "notes": list(receipt.notes),
        "reasons": dict(receipt.reasons),
        "refused": receipt.refused or None,
    }


def _outcome(receipt: Receipt) -> str:
    if receipt.zero and receipt.status == "received":
        return "zero receipt"
    return receipt.status.replace("_", " ")
