"""Leads against a truth: what counts as found, as a candidate, as wrong."""

from typing import Any

import pyarrow as pa

from graph.lead_evaluation import evaluate_leads
from resolver.truth import Truth

NOTHING = pa.table({"none": pa.array([], pa.int64())})
ROWS = [  # row, feed, role, true person
    (1, "W22", "party", 10), (2, "W28", "patient", 10), (3, "J05", "patient", 11), (4, "W28", "patient", 12),
    (5, "W28", "patient", 13), (6, "W28", "patient", 14),
]  # fmt: skip


def truth(*conflicts: tuple[str, bool, int]) -> Truth:
    names = ("row_id", "feed", "role", "subject")
    rows = pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in ROWS])
    about = [
        {"rule": rule, "planted": planted, "persons": [person], "why": f"{person}"}
        for rule, planted, person in conflicts
    ]
    schema = pa.schema(
        [
            ("rule", pa.string()),
            ("planted", pa.bool_()),
            ("persons", pa.list_(pa.int64())),
            ("why", pa.string()),
        ]
    )
    conflicts = pa.Table.from_pylist(about, schema)
    return Truth(
        rows=rows, households=NOTHING, conflicts=conflicts, casework=NOTHING, traps=NOTHING, rows_in_truth=0,
        rows_quarantined=0,
    )  # fmt: skip


def leads(*made: tuple[str, list[int]]) -> pa.Table:
    return pa.Table.from_pylist([{"kind": kind, "row_ids": rows} for kind, rows in made])


def test_leads_are_about_whom_their_treatments_are_about() -> None:
    known = truth(
        ("liability", True, 10), ("liability", True, 11), ("liability", True, 14), ("liability", False, 12),
        ("T01", True, 13),
    )  # fmt: skip
    # The second is a namesake of person 10: the police row is theirs, the treatment is not.
    ranked = leads(("accident", [1, 2]), ("candidate", [1, 4]), ("candidate", [3]), ("declared", [5]))
    found: Any = evaluate_leads(ranked, known)
    assert found == {
        "planted": 3, "innocent": 1, "leads": 4, "found": 2, "candidates": 1, "precision_at_k": 2 / 3,
        "missed": [{"person": 14, "why": "14"}],
        "false": [{"rank": 2, "kind": "candidate", "why": ["12"]}],
    }  # fmt: skip


def test_fewer_leads_than_planted_ones() -> None:
    found: Any = evaluate_leads(
        leads(("accident", [2])), truth(("liability", True, 10), ("liability", True, 11))
    )
    assert (found["precision_at_k"], found["found"]) == (0.5, 1)


def test_a_truth_that_says_nothing_of_leads() -> None:
    assert evaluate_leads(leads(("accident", [2])), truth(("T01", True, 10))) is None
