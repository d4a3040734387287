"""One departments' file received: what the ledger keeps of it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True)
class Delivery:
    """A row of the ledger's `deliveries`. Same feed, period and content = same `delivery_id` = one delivery.

    Attributes:
        delivery_id: 10 hex digits; see *Keys* in `docs/data.md`.
        feed: Id of the feed's contract.
        period: First day of the month the file reports.
        file_name: The file's name as it came.
        sha256: Hash of the file's bytes, 64 hex digits.
        extent: `full` or `delta`.
        n_rows: Data rows read.
        n_accepted: Rows archived as accepted.
        n_quarantined: Rows in quarantine.
        zero: The department declared a month without change.
        complete: A full delivery that may close rows which it lacks.
        received_at: When it was received, with time zone.
        software_version: Version of Guiyi that received it.
        receipt: What the department is told: counts, warnings, header matches.
    """

    delivery_id: str
    feed: str
    period: date
    file_name: str
    sha256: str
    extent: str
    n_rows: int
    n_accepted: int
    n_quarantined: int
    zero: bool
    complete: bool
    received_at: datetime
    software_version: str
    receipt: dict[str, Any]
