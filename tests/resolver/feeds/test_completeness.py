from datetime import UTC, date, datetime
from itertools import permutations

from resolver.feeds.completeness import complete_periods
from resolver.ledger.delivery import Delivery


def delivery(month: int, rows: int, extent: str = "full") -> Delivery:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return Delivery(
        f"{month}{rows}", "W29", date(2026, month, 1), "", "", extent, rows, rows, 0, False, False, at, "", {}
    )


def months(*deliveries: Delivery) -> list[int]:
    found = {tuple(p.month for p in complete_periods(order)) for order in permutations(deliveries)}
    assert len(found) == 1  # whatever the order
    return list(found.pop())


def test_a_full_delivery_may_shrink_by_five_percent() -> None:
    assert months(delivery(1, 1000), delivery(2, 950), delivery(3, 903)) == [1, 2, 3]
    assert months(delivery(1, 1000), delivery(2, 949)) == [1]


def test_it_is_held_against_the_last_complete_one() -> None:
    assert months(delivery(1, 1000), delivery(2, 500), delivery(3, 500), delivery(4, 960)) == [1, 4]


def test_files_of_a_month_count_together() -> None:
    assert months(delivery(1, 1000), delivery(2, 500), delivery(2, 470)) == [1, 2]


def test_deltas_and_empty_files_are_never_complete() -> None:
    assert months(delivery(1, 1000, "delta"), delivery(2, 0)) == []
