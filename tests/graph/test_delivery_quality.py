from datetime import UTC, date, datetime
from typing import Any

import pytest

from graph.delivery_quality import QUALITY_SCHEMA, delivery_quality
from resolver.ledger.delivery import Delivery

_MAY, _JUNE = date(2024, 5, 1), date(2024, 6, 1)


def _delivery(feed: str, period: date, received_at: datetime, n_rows: int = 10, **more: Any) -> Delivery:
    facts: dict[str, Any] = {
        "delivery_id": "00000000ff", "file_name": "a.xlsx", "sha256": "0", "extent": "delta",
        "n_accepted": n_rows, "n_quarantined": 0, "zero": n_rows == 0, "complete": False,
        "software_version": "1", "receipt": {},
    }  # fmt: skip
    return Delivery(feed=feed, period=period, received_at=received_at, n_rows=n_rows, **{**facts, **more})


def _measured(town, *deliveries: Delivery) -> dict[tuple[str, date], dict[str, Any]]:
    table = delivery_quality(town.snapshot(), deliveries)
    assert table.schema == QUALITY_SCHEMA
    return {(row["feed"], row["period"]): row for row in table.to_pylist()}


@pytest.mark.parametrize(
    ("received_at", "status"),
    [
        (datetime(2024, 7, 10, 15, 59, tzinfo=UTC), "on_time"),  # one minute before midnight in China
        (datetime(2024, 7, 10, 16, 0, tzinfo=UTC), "late"),
        (datetime(2024, 6, 20, 8, 0, tzinfo=UTC), "on_time"),
    ],
)
def test_the_tenth_of_the_next_month_is_the_last_day_in_china(
    town, received_at: datetime, status: str
) -> None:
    [row] = _measured(town, _delivery("W01", _JUNE, received_at)).values()
    assert (row["status"], row["due_on"]) == (status, date(2024, 7, 10))


def test_a_month_of_which_nothing_came_is_missing_and_a_zero_receipt_is_none(town) -> None:
    at = datetime(2024, 6, 5, tzinfo=UTC)
    found = _measured(
        town,
        _delivery("W01", date(2024, 4, 1), at),
        _delivery("W01", _JUNE, at, 0),
        _delivery("W16", _JUNE, at),
    )
    assert found["W01", _MAY]["status"] == "missing"
    assert (found["W01", _MAY]["rows"], found["W01", _MAY]["received_on"]) == (0, None)
    assert (found["W01", _JUNE]["status"], found["W01", _JUNE]["zero"]) == ("on_time", True)
    assert ("W16", _MAY) not in found  # it was not sent yet


def test_what_comes_on_request_is_never_missing_nor_late(town) -> None:
    found = _measured(
        town,
        _delivery("W22", date(2024, 3, 1), datetime(2024, 6, 30, tzinfo=UTC)),
        _delivery("W01", _JUNE, datetime(2024, 7, 1, tzinfo=UTC)),
    )
    assert [key for key in found if key[0] == "W22"] == [("W22", date(2024, 3, 1))]
    assert (found["W22", date(2024, 3, 1)]["status"], found["W22", date(2024, 3, 1)]["due_on"]) == (
        "on_time",
        None,
    )


def test_files_of_a_month_are_added_up_and_compared_with_the_months_before(town) -> None:
    at = datetime(2024, 6, 5, tzinfo=UTC)
    found = _measured(
        town,
        _delivery("W01", date(2024, 3, 1), at, 9_000),
        _delivery("W01", date(2024, 4, 1), at, 100),
        _delivery("W01", _MAY, at, 200, n_quarantined=4),
        _delivery("W01", _MAY, datetime(2024, 6, 12, tzinfo=UTC), 50),
    )
    may = found["W01", _MAY]
    assert (may["rows"], may["deliveries"], may["rejected"], may["usual_rows"]) == (250, 2, 4, 100.0)
    assert (may["status"], may["received_on"]) == ("on_time", date(2024, 6, 5))
    assert found["W01", date(2024, 4, 1)]["usual_rows"] is None  # the first month brings the history


def test_rows_are_measured_by_elements_and_by_address(town) -> None:
    whole = {
        "name": "王艳",
        "id_number": "371002199001010020",
        "address": "环翠区竹岛街道新威社区1号",
        "grade": "2",
    }
    place = {"region": "371002", "town": "竹岛街道", "village": "新威社区"}
    town.add("W21", holder=1, record=place, **whole)
    town.add("W21", holder=2, record={"region": "371002"}, **whole)
    town.add("W21", holder=3, record=place, **{**whole, "id_number": None})
    town.add("W21", holder=4, **{**whole, "address": None})
    town.add("W21", holder=5, record=place, **{**whole, "grade": None})
    [row] = _measured(town, _delivery("W21", _JUNE, datetime(2024, 7, 1, tzinfo=UTC), 4)).values()
    assert row["to_village"] == pytest.approx(3 / 4)  # of those with an address
    assert row["with_elements"] == pytest.approx(2 / 5)


def test_corrected_rows_count_for_the_month_that_had_them_wrong(town) -> None:
    gone = town.add("W21", holder=1, name="王艳")
    kept = town.add("W21", holder=1, name="王燕")
    town.supersede(gone)
    town.absent(kept)
    found = _measured(
        town,
        _delivery("W21", _MAY, datetime(2024, 6, 1, tzinfo=UTC), delivery_id="0000000000"),
        _delivery("W21", _JUNE, datetime(2024, 7, 1, tzinfo=UTC)),
    )
    assert (found["W21", _MAY]["corrected"], found["W21", _JUNE]["corrected"]) == (1, 0)


def test_nothing_was_delivered(town) -> None:
    assert _measured(town) == {}
