"""Casework of a made-up city, entered about the findings that a snapshot has."""

from dataclasses import replace
from datetime import date
from typing import Any

import pyarrow as pa

from graph.rehearsal import rehearsed_events
from resolver.synthetic.truth import CASEWORK
from tests.graph.test_rule_evaluation import Book, checked, dead

DAY, DUE = date(2024, 6, 3), date(2024, 6, 20)


def step(case: int, person: int, event: str = "issued", **values: Any) -> dict[str, Any]:
    usual = {"rule": "L01", "day": DAY, "department": "HEALTH", "due": None}
    return {"case": case, "persons": [person], "event": event, **usual, **values}


def test_steps_are_about_the_finding_of_their_rule_and_person(town: Any) -> None:
    book = Book()
    dead(town, book, 1, truly=11)
    dead(town, book, 2, truly=12)
    snapshot = checked(town, "L01")
    steps = [step(0, 12, due=DUE), step(0, 12, "replied"), step(1, 11), step(2, 99), step(3, 12, rule="L03")]
    truth = book.truth()
    truth = replace(truth, casework=pa.Table.from_pylist(steps, CASEWORK))
    events = rehearsed_events(snapshot, truth)
    findings = {row["person_id"]: row for row in snapshot.read("findings").to_pylist()}
    assert [(e.finding_key, e.event, e.due) for e in events] == [
        (findings[2]["finding_key"], "issued", DUE),
        (findings[2]["finding_key"], "replied", None),
        (findings[1]["finding_key"], "issued", None),
    ]
    first = events[0]
    assert (first.rule, first.day, first.department) == ("L01", DAY, "HEALTH")
    assert first.row_ids == tuple(findings[2]["row_ids"])
    assert first.record_key == findings[2]["record_keys"][0]
    assert first.evidence_hash == findings[2]["evidence_hash"]
