"""Cases of a made-up city as people would have worked on them, recorded from its truth to measure rules about cases."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from graph.casework import CaseEvent, event_about, record_events
from resolver.errors import SettingsError
from resolver.ledger.ledger import Ledger
from resolver.snapshot import Snapshot
from resolver.truth import read_truth
from resolver.workspace import Workspace

_ACTOR = "made-up city"


def play_steps(
    workspace: Workspace, ledger: Ledger, snapshot: Snapshot, folder: Path, at: datetime
) -> tuple[int, int]:
    """Record the steps that a city's truth tells, each about the finding of its rule about its person.

    Returns:
        How many steps were recorded, and how many are about a finding that the snapshot does not have.

    Raises:
        SettingsError: The folder holds no steps, or no truth of the files received here.
    """
    path = next(
        (p for p in (folder / "truth" / "steps.parquet", folder / "steps.parquet") if p.is_file()), None
    )
    if path is None:
        raise SettingsError(
            f"{folder} tells no steps", remedy="Name the folder that `guiyi synthesize` wrote."
        )
    steps = pq.read_table(path).to_pylist()
    used = set(snapshot.manifest["deliveries"])
    truth = read_truth(workspace, folder, [d for d in ledger.deliveries() if d.delivery_id in used])
    persons = truth.rows.filter(pc.equal(truth.rows["kind"], "person"))
    subject_of = dict(zip(persons["row_id"].to_pylist(), persons["subject"].to_pylist(), strict=True))
    rules = sorted({step["rule"] for step in steps})
    findings = snapshot.read("findings", filters=[("rule", "in", rules)]).to_pylist() if rules else []
    events = list(_events(steps, _by_person(findings, subject_of)))
    record_events(ledger, events, at)
    return len(events), len(steps) - len(events)


def _by_person(findings: Iterable[dict[str, Any]], subject_of: dict[int, int]) -> dict[tuple[str, int], Any]:
    """The finding of each rule about each person: the one most of whose rows are about them."""
    found: dict[tuple[str, int], tuple[int, dict[str, Any]]] = {}
    for finding in findings:
        counts: dict[int, int] = defaultdict(int)
        for row in finding["row_ids"]:
            if row in subject_of:
                counts[subject_of[row]] += 1
        for person, count in counts.items():
            key = (finding["rule"], person)
            if key not in found or count > found[key][0]:
                found[key] = (count, finding)
    return {key: finding for key, (_, finding) in found.items()}


def _events(steps: Iterable[dict[str, Any]], findings: dict[tuple[str, int], Any]) -> Iterable[CaseEvent]:
    for step in steps:
        finding = findings.get((step["rule"], step["person"]))
        if finding is not None:
            made = event_about(finding, step["event"], step["day"], _ACTOR, "told by the truth")
            yield replace(made, department=step["department"])
