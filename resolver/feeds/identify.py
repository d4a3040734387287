"""Which feed, period and extent a file is: as the caller says, else by its name, else by what it contains."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Literal

from resolver.errors import DeliveryError
from resolver.feeds.contract import Contract
from resolver.feeds.headers import missing_columns
from resolver.feeds.reader import Source
from resolver.ledger.delivery import Delivery

Extent = Literal["full", "delta"]

_FEED_ID = re.compile(r"(?<![A-Za-z0-9])([A-Za-z]\d{2}[A-Za-z]?)(?![A-Za-z0-9])")
_FOLDER_PERIOD = re.compile(r"(20\d{2})-(0[1-9]|1[0-2])")
_NAME_PERIODS = (
    re.compile(r"(?<!\d)(20\d{2})(?:-|_|\.|年)(0?[1-9]|1[0-2])(?!\d)"),
    re.compile(r"(?<!\d)(20\d{2})(0[1-9]|1[0-2])(?:[0-3]\d)?(?!\d)"),
)
_FULL = re.compile(r"全量|(?<![a-z])full(?![a-z])", re.IGNORECASE)
_DELTA = re.compile(r"增量|(?<![a-z])delta(?![a-z])", re.IGNORECASE)


def feed_of(source: Source, contracts: Mapping[str, Contract], given: str | None) -> Contract:
    """The contract of a file: the one given, else by feed id or title in its name, else by its header.

    Raises:
        DeliveryError: There is no such feed, or the header fits none or several.
    """
    name = source.path.name
    if given is not None:
        if given not in contracts:
            raise DeliveryError(f"{name}: there is no feed {given}", remedy=f"Feeds: {', '.join(contracts)}")
        return contracts[given]
    for found in _FEED_ID.findall(source.path.stem):
        if found.upper() in contracts:
            return contracts[found.upper()]
    titled = [contract for contract in contracts.values() if contract.title in name]
    if titled:
        return max(titled, key=lambda contract: len(contract.title))
    return _by_header(source, list(contracts.values()))


def period_of(path: Path, given: date | None) -> date:
    """First day of the month a file reports: the one given, else of its folder (`YYYY-MM`), else of its name.

    Raises:
        DeliveryError: Neither says.
    """
    if given is not None:
        return given.replace(day=1)
    if folder := _FOLDER_PERIOD.fullmatch(path.absolute().parent.name):
        return date(int(folder[1]), int(folder[2]), 1)
    for pattern in _NAME_PERIODS:
        if found := pattern.search(path.stem):
            return date(int(found[1]), int(found[2]), 1)
    raise DeliveryError(
        f"{path.name}: neither its name nor its folder says which month it reports",
        remedy="Name the month (--period YYYY-MM), or put the file into a folder YYYY-MM.",
    )


def extent_of(
    path: Path, contract: Contract, period: date, earlier: Sequence[Delivery], given: Extent | None
) -> Extent:
    """Whether a file holds everything or changes: as given, else as its name says, else the contract's default.

    Args:
        path: The file.
        contract: Its feed's contract.
        period: Its month.
        earlier: The feed's deliveries so far.
        given: What the caller says.
    """
    if given is not None:
        return given
    if _FULL.search(path.stem):
        return "full"
    if _DELTA.search(path.stem):
        return "delta"
    if contract.default_extent == "full_then_delta":
        # By months, not by arrival: several files of the first month are one full register together.
        begun = any(d.extent == "full" and d.n_accepted and d.period < period for d in earlier)
        return "delta" if begun else "full"
    return contract.default_extent


def _by_header(source: Source, contracts: list[Contract]) -> Contract:
    """The contract that is matched without a gap by most columns, if there is one such."""
    fits = []
    for contract in contracts:
        sheets = source.match(contract)
        if sheets and not any(missing_columns(sheet.layout, contract) for sheet in sheets):
            fits.append((max(len(sheet.layout.positions) for sheet in sheets), contract))
    fits.sort(key=lambda fit: -fit[0])
    if fits and (len(fits) == 1 or fits[0][0] > fits[1][0]):
        return fits[0][1]
    which = f"several feeds alike ({', '.join(c.feed for _, c in fits)})" if fits else "no feed"
    raise DeliveryError(
        f"{source.called}: its name says no feed, and its header fits {which}",
        remedy="Name the feed (--feed W01), or put its id or title into the file's name.",
    )
