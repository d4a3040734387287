"""Receiving departments' files: read, check, archive, acknowledge.

A file that was acknowledged is on disk: its archive is written and synced before the ledger records it. A process
that is killed in between leaves files that the next attempt, which makes the same ones, overwrites.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Protocol

from resolver.errors import DeliveryError
from resolver.feeds.archive import archived, archiving
from resolver.feeds.checks import check_batch
from resolver.feeds.completeness import TOLERANCE, complete_periods
from resolver.feeds.contract import Contract, contracts
from resolver.feeds.identify import Extent, extent_of, feed_of, period_of
from resolver.feeds.reader import Sheet, Source, sheets_of
from resolver.feeds.receipt import Receipt, Tally, from_ledger, refusal
from resolver.feeds.row_id import MAX_ROWS, delivery_hash, delivery_id
from resolver.ledger.delivery import Delivery
from resolver.progress import Progress, silent
from resolver.version import VERSION
from resolver.workspace import Workspace

_SUFFIXES = frozenset({".xlsx", ".xlsm", ".xls", ".csv", ".tsv", ".txt"})
_PERIOD_FOLDER = re.compile(r"\d{4}-\d{2}")
_HASH_BLOCK = 8 << 20


class DeliveryLedger(Protocol):
    """What intake needs of the ledger; see `resolver.ledger.ledger.Ledger`."""

    def deliveries(self, feed: str | None = None) -> list[Delivery]:
        """Deliveries recorded so far."""

    def record_delivery(self, delivery: Delivery) -> bool:
        """Record one; False when it is there already."""


@dataclass(frozen=True)
class ReceiveOptions:
    """What the caller says about the files; what is None, their names, folders and contents say.

    Attributes:
        now: Time of receipt, with time zone; kept for people and for nothing else.
        feed: Feed of all the files.
        period: Month of all the files; of a folder with months only this one is received.
        extent: Extent of all the files.
    """

    now: datetime
    feed: str | None = None
    period: date | None = None
    extent: Extent | None = None


def receive(
    workspace: Workspace,
    ledger: DeliveryLedger,
    paths: Sequence[Path],
    options: ReceiveOptions,
    progress: Progress = silent,
) -> list[Receipt]:
    """Receive files. The caller holds the workspace's `writer()`.

    Each file is received whole or refused; a refused one changes nothing and does not hinder the others.

    Args:
        workspace: Where they are archived.
        ledger: Where they are recorded.
        paths: Files, or folders of files; of a folder its `feeds/` if there is one, then its months, oldest first.
        options: What the caller says about them.
        progress: Told of each file.

    Returns:
        One receipt per file, in the order of receiving.

    Raises:
        DeliveryError: A path does not exist, or is a folder without files; nothing was received.
        WorkspaceError: The ledger cannot be written.
    """
    files = delivery_files(paths, options.period)
    receipts = []
    for done, path in enumerate(files):
        progress(f"receive {path.name}", done, len(files))
        receipts.append(_Intake(workspace, ledger, options, path).run())
    progress("receive", len(files), len(files))
    return receipts


def delivery_files(paths: Sequence[Path], period: date | None = None) -> list[Path]:
    """The departments' files at these paths, in the order of receiving.

    Args:
        paths: Files are taken as they are; see `receive` for folders, whose hidden files are left out.
        period: Take only this month's folder where a folder has several.

    Raises:
        DeliveryError: A path does not exist, or is a folder without files.
    """
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            found = _files_in(path / "feeds" if (path / "feeds").is_dir() else path, period)
            if not found:
                what = f"no file of {period:%Y-%m}" if period else "no file"
                raise DeliveryError(f"there is {what} in {path}", remedy="Check the folder and the month.")
            files += found
        elif path.exists():
            files.append(path)
        else:
            raise DeliveryError(f"there is no file {path}", remedy="Check the path.")
    return list(dict.fromkeys(files))


def _files_in(folder: Path, period: date | None) -> list[Path]:
    entries = sorted(entry for entry in folder.iterdir() if not entry.name.startswith((".", "~$")))
    months = [entry for entry in entries if entry.is_dir() and _PERIOD_FOLDER.fullmatch(entry.name)]
    if period is not None and months:
        months = [month for month in months if month.name == f"{period:%Y-%m}"]
    loose = [entry for entry in entries if entry.is_file()]
    return loose + [file for month in months for file in _files_in(month, None)]


@dataclass(frozen=True)
class _File:
    """A file whose feed and month are known."""

    source: Source
    contract: Contract
    period: date
    sha256: str
    delivery_id: str


class _Intake:
    """One file on its way in; keeps what is known of it so far, for its receipt should it be refused."""

    def __init__(
        self, workspace: Workspace, ledger: DeliveryLedger, options: ReceiveOptions, path: Path
    ) -> None:
        self._workspace = workspace
        self._ledger = ledger
        self._options = options
        self._path = path
        self._feed: str | None = None
        self._period: date | None = None

    def run(self) -> Receipt:
        try:
            file = self._identify()
            earlier = self._ledger.deliveries(file.contract.feed)
            return self._known(file, earlier) or self._receive(file, earlier)
        except DeliveryError as error:
            return refusal(self._path, error, self._feed, self._period)

    def _identify(self) -> _File:
        path = self._path
        if path.suffix.lower() not in _SUFFIXES:
            raise DeliveryError(
                f"{path.name} is not a table: its name does not end in {', '.join(sorted(_SUFFIXES))}",
                remedy="Ask for it as .xlsx or .csv.",
            )
        source = Source.open(path)
        contract = feed_of(source, contracts(), self._options.feed)
        self._feed = contract.feed
        self._period = period = period_of(path, self._options.period)
        return _File(source, contract, period, *_hashes(path, contract.feed, period))

    def _known(self, file: _File, earlier: Sequence[Delivery]) -> Receipt | None:
        """The receipt of a file that was received before."""
        for known in earlier:
            if known.delivery_id == file.delivery_id:
                if known.sha256 != file.sha256:
                    raise DeliveryError(
                        f"{self._path.name} has by chance the same delivery id as {known.file_name}",
                        remedy="Ask for the file saved anew: any change gives it another id.",
                    )
                return from_ledger(known, self._path)
        return None

    def _receive(self, file: _File, earlier: Sequence[Delivery]) -> Receipt:
        contract, period = file.contract, file.period
        sheets, notes = sheets_of(file.source, contract)
        extent = extent_of(self._path, contract, period, earlier, self._options.extent)
        blank = Receipt(
            "received", self._path, contract.feed, period, extent, file.delivery_id, notes=tuple(notes)
        )
        delivery = self._archive(file, sheets, blank, earlier)
        self._ledger.record_delivery(delivery)
        return replace(from_ledger(delivery, self._path), status="received")

    def _archive(
        self, file: _File, sheets: Sequence[Sheet], blank: Receipt, earlier: Sequence[Delivery]
    ) -> Delivery:
        """Read the file and put it on disk; returns what the ledger is to record."""
        contract = file.contract
        layouts = {sheet.name: sheet.layout for sheet in sheets}
        tally = Tally()
        files = archived(self._workspace, contract.feed, file.period, file.delivery_id)
        with archiving(self._workspace, files, contract) as writer:
            for batch in file.source.batches(sheets):
                checked = check_batch(batch, layouts[batch.sheet], contract, file.delivery_id, tally.n_rows)
                tally.add(batch.sheet, checked)
                if tally.n_rows > MAX_ROWS:
                    raise DeliveryError(
                        f"{self._path.name} has more than {MAX_ROWS} rows",
                        remedy="Ask for it in several files.",
                    )
                writer.write(checked.accepted, checked.quarantined)
            writer.keep_original(self._path, file.sha256)
        receipt = tally.receipt(blank, contract, sheets)
        return _judged(_delivery(receipt, file, self._options.now), earlier)


def _hashes(path: Path, feed: str, period: date) -> tuple[str, str]:
    """SHA-256 of the file, and its delivery id."""
    content, delivery = hashlib.sha256(), delivery_hash(feed, period)
    with path.open("rb") as file:
        while block := file.read(_HASH_BLOCK):
            content.update(block)
            delivery.update(block)
    return content.hexdigest(), delivery_id(delivery.digest())


def _delivery(receipt: Receipt, file: _File, now: datetime) -> Delivery:
    return Delivery(
        delivery_id=file.delivery_id,
        feed=file.contract.feed,
        period=file.period,
        file_name=receipt.path.name,
        sha256=file.sha256,
        extent=str(receipt.extent),
        n_rows=receipt.n_rows,
        n_accepted=receipt.n_accepted,
        n_quarantined=receipt.n_quarantined,
        zero=receipt.zero,
        complete=receipt.complete,
        received_at=now,
        software_version=VERSION,
        receipt=receipt.for_ledger(),
    )


def _judged(delivery: Delivery, earlier: Sequence[Delivery]) -> Delivery:
    """With its completeness as things stand: the files of one month count together, so later ones may complete it."""
    if delivery.extent != "full":
        return delivery
    if delivery.period in complete_periods([*earlier, delivery]):
        return replace(delivery, complete=True)
    warning = (
        f"全量数据行数比上一次完整的少{TOLERANCE:.0%}以上，不据此认定任何人退出；同月还有其他文件时合并计算 "
        f"more than {TOLERANCE:.0%} fewer rows than the last complete full delivery: absence from it removes nobody "
        "(files of the same month count together)"
    )
    receipt = {**delivery.receipt, "warnings": [*delivery.receipt["warnings"], warning]}
    return replace(delivery, receipt=receipt)
