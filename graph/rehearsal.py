"""Casework of a made-up city: what its departments did about findings, entered as people would enter it."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, cast

import pyarrow as pa
import pyarrow.compute as pc

from graph.casework import CaseEvent, Event, event_about
from resolver.snapshot import Snapshot
from resolver.truth import Truth

ACTOR = "made-up city"


def rehearsed_events(snapshot: Snapshot, truth: Truth) -> list[CaseEvent]:
    """The steps of the city's cases, each about the finding that a snapshot has of its rule and persons.

    A case without such a finding is left out: nobody could have been asked about it.

    Args:
        snapshot: With `findings`.
        truth: As `resolver.truth.read_truth` brings it to this workspace's rows.

    Raises:
        SnapshotError: The snapshot has no findings.
    """
    steps = truth.casework.to_pylist()
    findings = _findings_of(snapshot, {step["rule"] for step in steps})
    about = _persons_of(truth, findings)
    found: dict[tuple[str, int], Mapping[str, Any]] = {}
    for finding, persons in zip(findings, about, strict=True):
        for person in persons:
            found.setdefault((finding["rule"], person), finding)
    return [
        _event(step, found[step["rule"], step["persons"][0]])
        for step in steps
        if (step["rule"], step["persons"][0]) in found
    ]


def _findings_of(snapshot: Snapshot, rules: set[str]) -> list[dict[str, Any]]:
    findings = snapshot.read("findings")
    chosen = pc.is_in(findings["rule"], pa.array(sorted(rules), pa.string()))
    rows: list[dict[str, Any]] = findings.filter(chosen).to_pylist()
    return rows


def _persons_of(truth: Truth, findings: list[dict[str, Any]]) -> list[set[int]]:
    """Whom the rows of each finding are truly about."""
    wanted = pa.array(sorted({row for finding in findings for row in finding["row_ids"]}), pa.int64())
    rows = truth.rows.filter(
        pc.and_(pc.is_in(truth.rows["row_id"], wanted), pc.equal(truth.rows["kind"], "person"))
    )
    persons: dict[int, set[int]] = defaultdict(set)
    for row_id, subject in zip(rows["row_id"].to_pylist(), rows["subject"].to_pylist(), strict=True):
        persons[row_id].add(subject)
    return [set().union(*(persons[row] for row in finding["row_ids"])) for finding in findings]


def _event(step: Mapping[str, Any], finding: Mapping[str, Any]) -> CaseEvent:
    event = cast("Event", step["event"])
    return event_about(
        finding, event, step["day"], ACTOR, "rehearsal", department=step["department"], due=step["due"]
    )
