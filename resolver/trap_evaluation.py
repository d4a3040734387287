"""What linkage made of the forty traps: which instances met, which stayed apart, as the truth expects of each."""

from collections import defaultdict
from typing import Any, Literal

import pyarrow.compute as pc

from resolver.snapshot import Snapshot
from resolver.truth import Truth, records_of


def evaluate_traps(snapshot: Snapshot, truth: Truth) -> dict[str, dict[str, Any]]:
    """Outcome per trap number: `name`, `instances`, `as_expected`, and `flagged` (wrong, but marked ambiguous).

    Only traps about who is who are judged here (`same`, `different`, `ambiguous`); the others show in rows and rules.
    """
    found = _entities(snapshot, truth)
    ambiguous = _ambiguous(snapshot, "golden", "person_id")
    ambiguous |= _ambiguous(snapshot, "golden_organisations", "organisation_id")
    outcome: dict[str, dict[str, Any]] = {}
    for trap in truth.traps.to_pylist():
        if trap["expect"] not in ("same", "different", "ambiguous"):
            continue
        by_subject: dict[int, set[int]] = defaultdict(set)
        for row in trap["truth_rows"]:
            for entity, subject in found.get(row, ()):
                by_subject[subject].add(entity)
        if not by_subject:
            continue
        entry = outcome.setdefault(
            str(trap["trap"]), {"name": trap["name"], "instances": 0, "as_expected": 0, "flagged": 0}
        )
        entry["instances"] += 1
        flagged = any(e in ambiguous for entities in by_subject.values() for e in entities)
        right = _as_expected(trap["expect"], by_subject, flagged)
        entry["as_expected"] += right
        entry["flagged"] += flagged and not right
    return dict(sorted(outcome.items(), key=lambda item: int(item[0])))


def _ambiguous(snapshot: Snapshot, file: str, entity: str) -> set[int]:
    """Ids of the entities that are flagged."""
    golden = snapshot.read(file, [entity, "ambiguous"])
    return set(golden.filter(golden["ambiguous"])[entity].to_pylist())


def _as_expected(expect: str, by_subject: dict[int, set[int]], flagged: bool) -> bool:
    """`same`: every true person's rows are one entity. `different`: no entity has rows of two true persons.

    `ambiguous`: as `same`, or flagged.
    """
    if expect != "different":
        met = all(len(entities) == 1 for entities in by_subject.values())
        return met or (expect == "ambiguous" and flagged)
    seen: set[int] = set()
    for entities in by_subject.values():
        if entities & seen:
            return False
        seen |= entities
    return True


def _entities(snapshot: Snapshot, truth: Truth) -> dict[int, list[tuple[int, int]]]:
    """Truth row -> entity and true person or organisation, for the rows that traps name; a trap names one kind."""
    wanted = pc.unique(pc.list_flatten(truth.traps["truth_rows"]))
    rows = truth.rows.filter(pc.is_in(truth.rows["truth_row"], wanted))
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    kinds: tuple[tuple[Literal["person", "organisation"], str], ...] = (
        ("person", "members"), ("organisation", "organisation_members"),
    )  # fmt: skip
    for kind, file in kinds:
        members = snapshot.read(file, ["record_key", "entity_id"])
        joined = records_of(snapshot, rows, kind).join(members, "record_key", join_type="inner")
        for row in joined.select(["truth_row", "entity_id", "subject"]).to_pylist():
            found[row["truth_row"]].append((row["entity_id"], row["subject"]))
    return found
