"""What linkage made of the forty traps: which instances met, which stayed apart, as the truth expects of each."""

from collections import defaultdict
from typing import Any

from resolver.snapshot import Snapshot
from resolver.truth import Truth


def evaluate_traps(snapshot: Snapshot, truth: Truth) -> dict[str, dict[str, Any]]:
    """Outcome per trap number: `name`, `instances`, `as_expected`, and `flagged` (wrong, but marked ambiguous).

    Only traps about who is who are judged here (`same`, `different`); the others show in rows and rules.
    """
    keys = _record_keys(snapshot, truth)
    members = snapshot.read("members", ["record_key", "entity_id"])
    entity_of = dict(zip(members["record_key"].to_pylist(), members["entity_id"].to_pylist(), strict=True))
    golden = snapshot.read("golden", ["person_id", "ambiguous"])
    ambiguous = {p for p, a in zip(*(golden[c].to_pylist() for c in golden.column_names), strict=True) if a}
    outcome: dict[str, dict[str, Any]] = {}
    for trap in truth.traps.to_pylist():
        if trap["expect"] not in ("same", "different"):
            continue
        by_subject: dict[int, set[int]] = defaultdict(set)
        for row in trap["truth_rows"]:
            for key, subject in keys.get(row, ()):
                by_subject[subject].add(entity_of[key])
        if not by_subject:
            continue
        entry = outcome.setdefault(
            str(trap["trap"]), {"name": trap["name"], "instances": 0, "as_expected": 0, "flagged": 0}
        )
        entry["instances"] += 1
        right = _as_expected(trap["expect"], by_subject)
        entry["as_expected"] += right
        entry["flagged"] += not right and any(e in ambiguous for found in by_subject.values() for e in found)
    return dict(sorted(outcome.items(), key=lambda item: int(item[0])))


def _as_expected(expect: str, by_subject: dict[int, set[int]]) -> bool:
    """`same`: every true person's rows are one entity. `different`: no entity has rows of two true persons."""
    if expect == "same":
        return all(len(entities) == 1 for entities in by_subject.values())
    seen: set[int] = set()
    for entities in by_subject.values():
        if entities & seen:
            return False
        seen |= entities
    return True


def _record_keys(snapshot: Snapshot, truth: Truth) -> dict[int, list[tuple[int, int]]]:
    """Truth row -> record key and true person, for the rows that traps name."""
    wanted = {row for rows in truth.traps["truth_rows"].to_pylist() for row in rows}
    rows = truth.rows.select(["truth_row", "row_id", "role", "kind", "subject"]).to_pylist()
    named = [row for row in rows if row["truth_row"] in wanted and row["kind"] == "person"]
    ids = {row["row_id"] for row in named}
    records = {
        (r["row_id"], r["role"]): r["record_key"]
        for r in snapshot.read("row_records").to_pylist()
        if r["row_id"] in ids
    }
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for row in named:
        key = records.get((row["row_id"], row["role"]))
        if key is not None:
            found[row["truth_row"]].append((key, row["subject"]))
    return found
