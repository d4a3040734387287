"""Where the recovery of a lead stands, and how many of the first leads proved true: from what people recorded.

A lead's state is that of the last step recorded (`graph.casework`) for any finding of the rules T that stands on its
rows; without a step it is `third_party_paid` where the third party is known to have paid (X03), else `open`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

STATES = {
    "issued": "issued",
    "replied": "replied",
    "advance_paid": "advance_paid",
    "urged": "urged",
    "recovering": "recovering",
    "recovered": "recovered",
    "no_third_party": "no_third_party",
    "denied": "denied",
    "undenied": "open",
    "resolved": "resolved",
}
"""Step of a case -> state it puts the recovery in; other steps leave it as it is."""

TRUE, FALSE = frozenset({"recovered"}), frozenset({"no_third_party", "denied"})
"""States that close a lead as true (已追回) or as none (无第三方, 否认)."""


@dataclass(frozen=True)
class PrecisionAtK:
    """How the first `k` leads did.

    Attributes:
        k: How many leads from the top.
        closed: How many of them are closed as true or as none.
        true: How many of those are true.
    """

    k: int
    closed: int
    true: int

    @property
    def precision(self) -> float | None:
        """Share of the closed ones that are true; None while none is closed."""
        return self.true / self.closed if self.closed else None


def recovery_states(keys: Sequence[Iterable[int]], paid: Sequence[bool], events: pa.Table) -> list[str]:
    """The state of each lead.

    Args:
        keys: Of each lead: keys of the findings whose cases are about it.
        paid: Whether a third party is known to have paid.
        events: As `graph.casework.CASE_EVENT_SCHEMA`, in the order in which they were recorded.
    """
    last: dict[int, tuple[int, str]] = {}
    steps = zip(events["finding_key"].to_pylist(), events["event"].to_pylist(), strict=True)
    for n, (key, event) in enumerate(steps):
        if event in STATES:
            last[key] = (n, STATES[event])
    return [
        max(
            (last[key] for key in about if key in last),
            default=(0, "third_party_paid" if is_paid else "open"),
        )[1]
        for about, is_paid in zip(keys, paid, strict=True)
    ]


def precision_at(leads: Sequence[Mapping[str, Any]], ks: Iterable[int]) -> list[PrecisionAtK]:
    """Precision among the first k leads, of those whose case is closed; one line for each k up to their number."""
    states = [lead["state"] for lead in leads]
    found = []
    for k in sorted({min(k, len(states)) for k in ks} - {0}):
        true = sum(state in TRUE for state in states[:k])
        found.append(PrecisionAtK(k, true + sum(state in FALSE for state in states[:k]), true))
    return found
