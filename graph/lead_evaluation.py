"""How good leads for third-party liability are, against a made-up city whose truth says who is truly owed."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from resolver.truth import LIABILITY, Truth


def evaluate_leads(leads: pa.Table, truth: Truth) -> dict[str, Any] | None:
    """Compare ranked leads with what was planted.

    A lead is about whoever its treatments truly are about; a candidate too, whoever the police meant.

    Args:
        leads: As `graph.liability.liability_leads` ranks them.
        truth: As `resolver.truth.read_truth` brings it to this workspace's rows.

    Returns:
        None when the truth says nothing of leads. Else how many injuries are `planted` as another's doing and how
        many `innocent`; `leads`; planted ones `found` (among the leads), of these only as `candidates`;
        `precision_at_k` with k = planted, `missed` (person and why) and `false` (rank, kind and why, of those among
        the first k that are not true).
    """
    about = truth.conflicts.filter(pc.equal(truth.conflicts["rule"], LIABILITY)).to_pylist()
    if not about:
        return None
    planted = {c["persons"][0]: c["why"] for c in about if c["planted"]}
    innocent = {c["persons"][0]: c["why"] for c in about if not c["planted"]}
    patients = _patients(truth)
    rows = leads.select(["kind", "row_ids"]).to_pylist()
    subjects = [{patients[row] for row in lead["row_ids"] if row in patients} for lead in rows]
    kinds: dict[int, set[str]] = {}
    for lead, who in zip(rows, subjects, strict=True):
        for person in who & planted.keys():
            kinds.setdefault(person, set()).add(lead["kind"])
    k = len(planted)
    false = [
        {"rank": rank, "kind": lead["kind"], "why": sorted(innocent.get(p, "not in the set") for p in who)}
        for rank, (lead, who) in enumerate(zip(rows[:k], subjects[:k], strict=True), 1)
        if not who & planted.keys()
    ]
    return {
        "planted": k,
        "innocent": len(innocent),
        "leads": len(rows),
        "found": len(kinds),
        "candidates": sum(kind == {"candidate"} for kind in kinds.values()),
        "precision_at_k": (min(k, len(rows)) - len(false)) / k if k else None,
        "missed": [{"person": p, "why": why} for p, why in sorted(planted.items()) if p not in kinds],
        "false": false,
    }


def _patients(truth: Truth) -> dict[int, int]:
    """Row of a visit or settlement -> who it is truly about."""
    care = truth.rows.filter(
        pc.and_(
            pc.is_in(truth.rows["feed"], pa.array(["W28", "J05"])), pc.equal(truth.rows["role"], "patient")
        )
    )
    return dict(zip(care["row_id"].to_pylist(), care["subject"].to_pylist(), strict=True))
