"""Case events in the ledger, and what a denial does to a finding."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from graph.casework import CASE_EVENT_SCHEMA, CaseEvent, case_events, event_about, finding_of, record_events
from graph.findings import run_rules
from graph.rules.catalogue import load_catalogue
from resolver.errors import LinkageError
from resolver.ledger.ledger import Ledger
from resolver.snapshot import Snapshot

RULES = load_catalogue().rules
AT = datetime(2024, 6, 30, tzinfo=UTC)
DAY = date(2024, 6, 30)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}") as opened:
        yield opened


def raised(town: Any, events: pa.Table | None = None, rule: str = "L01") -> list[dict[str, Any]]:
    if events is not None:
        town.extra["case_events"] = events
    found: list[dict[str, Any]] = run_rules(town.snapshot(), [RULES[rule]]).to_pylist()
    return found


def enrolled_dead(town: Any, **values: Any) -> Any:
    for _ in range(values.pop("rows_before", 0)):
        town.add("W28", patient=9, service_begin=date(2024, 1, 1))
    town.add("W01", deceased=1, certificate_no="c", death_time=values.pop("death", date(2024, 3, 10)))
    spell = {"psn_no": "p", "insutype": "310", "status": "normal", "start_date": date(2020, 1, 1)}
    town.add("W29", insured=1, **{**spell, **values})
    return town


def test_events_come_back_in_order(ledger: Ledger) -> None:
    first = CaseEvent(7, "L01", "issued", DAY, "me", "why", "HEALTH", 3, (1, 2), 99, date(2024, 7, 14))
    record_events(ledger, [first], AT)
    record_events(ledger, [CaseEvent(8, "L02", "denied", date(2024, 7, 1), "me", "no")], AT)
    rows = case_events(ledger).to_pylist()
    assert [(row["finding_key"], row["event"], row["due"]) for row in rows] == [
        (7, "issued", date(2024, 7, 14)),
        (8, "denied", None),
    ]
    assert rows[0]["row_ids"] == [1, 2]
    assert case_events(ledger, until=DAY).num_rows == 1
    assert case_events(ledger).schema == CASE_EVENT_SCHEMA


def test_an_unknown_event_is_not_taken_for_another(ledger: Ledger) -> None:
    record_events(ledger, [CaseEvent(7, "L01", "forgotten", DAY, "me", "why")], AT)
    with pytest.raises(LinkageError, match="forgotten"):
        case_events(ledger)


def test_denied_until_a_row_changes(town: Any, another_town: Callable[[str], Any], ledger: Ledger) -> None:
    (finding,) = raised(enrolled_dead(town))
    record_events(ledger, [event_about(finding, "denied", DAY, "me", "checked")], AT)
    events = case_events(ledger)
    (denied,) = raised(town, events)
    assert denied["suppressed_by"] == "denied"
    # The same rows again, under other row ids: still denied.
    (again,) = raised(enrolled_dead(another_town("again"), rows_before=3), events)
    assert again["row_ids"] != denied["row_ids"]
    assert again["suppressed_by"] == "denied"
    # A corrected day of death: raised again, under the same key.
    (corrected,) = raised(enrolled_dead(another_town("corrected"), death=date(2024, 3, 11)), events)
    assert corrected["finding_key"] == finding["finding_key"]
    assert corrected["suppressed_by"] is None


def test_a_denial_taken_back(town: Any, ledger: Ledger) -> None:
    (finding,) = raised(enrolled_dead(town))
    for event in ("denied", "undenied"):
        record_events(ledger, [event_about(finding, event, DAY, "me", "why")], AT)
    assert [f["suppressed_by"] for f in raised(town, case_events(ledger))] == [None]


def test_of_a_wrong_number_the_record_counts_not_the_rows(
    town: Any, another_town: Callable[[str], Any]
) -> None:
    wrong = {"id_number": "x", "id_status": "format"}
    town.add("W12", pensioner=1, pay_month=date(2024, 5, 1), record=wrong)
    more = another_town("more")
    for month in (5, 6):
        more.add("W12", pensioner=1, pay_month=date(2024, month, 1), record=wrong)
    (one,), (two,) = raised(town, rule="Q01"), raised(more, rule="Q01")
    assert len(one["row_ids"]) < len(two["row_ids"])
    assert one["evidence_hash"] == two["evidence_hash"]


def test_a_finding_that_is_not_there(town: Any) -> None:
    snapshot = enrolled_dead(town).snapshot()
    town.extra["findings"] = run_rules(snapshot, [RULES["L01"]])
    published: Snapshot = town.snapshot()
    key = town.extra["findings"]["finding_key"][0].as_py()
    assert finding_of(published, key)["rule"] == "L01"
    with pytest.raises(LinkageError, match="no finding 5"):
        finding_of(published, 5)
