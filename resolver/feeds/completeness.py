"""Which full deliveries are whole enough that what they lack is gone."""

from collections.abc import Iterable
from datetime import date

from resolver.ledger.delivery import Delivery

TOLERANCE = 0.05
"""Share of rows by which a full delivery may shrink against the last complete one."""


def complete_periods(deliveries: Iterable[Delivery]) -> list[date]:
    """The months, oldest first, whose full deliveries of a feed are complete together.

    The files of one month are one: their accepted rows are added up. Depends on nothing but the deliveries, not on
    the order in which they came.

    Args:
        deliveries: Deliveries of one feed.
    """
    rows: dict[date, int] = {}
    for delivery in deliveries:
        if delivery.extent == "full":
            rows[delivery.period] = rows.get(delivery.period, 0) + delivery.n_accepted
    complete: list[date] = []
    last = 0
    for period in sorted(rows):
        if rows[period] > 0 and rows[period] >= (1 - TOLERANCE) * last:
            complete.append(period)
            last = rows[period]
    return complete
