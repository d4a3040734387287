"""How good the published result is, held against the truth of a made-up city."""

from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from graph.household_evaluation import evaluate_households
from graph.lead_evaluation import evaluate_leads
from graph.liability import liability_leads
from graph.rule_evaluation import evaluate_rules
from resolver.entities.outdated import require_current
from resolver.errors import SnapshotError
from resolver.ledger.ledger import Ledger
from resolver.linkage.evaluation import evaluate_clusters
from resolver.publication import published_snapshot
from resolver.snapshot import Snapshot
from resolver.trap_evaluation import evaluate_traps
from resolver.truth import Truth, read_truth, records_of
from resolver.workspace import Workspace

Kind = Literal["person", "organisation"]


def evaluate(workspace: Workspace, ledger: Ledger, truth_folder: Path) -> dict[str, Any]:
    """Precision and recall of persons, organisations, households, rules and traps.

    Returns:
        `persons`: `precision`, `recall`, `f1` over pairs of records, how many records were counted or left out, and how
        many rows were received; `organisations`: the same over their records;
        `households`: the same over pairs of persons in one household (`graph.household_evaluation`);
        `rules`: rule -> `planted`, `found`, `true`, `precision`, `recall` and more; `missed` and `false`: what went
        wrong, each with a reason; `traps`: number -> outcome; `leads`: of third-party liability, where the truth says
        whom others owe (`graph.lead_evaluation`), else None.

    Raises:
        SnapshotError: Nothing is published, or an older Guiyi made what is.
        SettingsError: The folder holds no truth of the files received here.
    """
    snapshot = published_snapshot(workspace, ledger)
    if snapshot is None:
        raise SnapshotError("nothing is published yet", remedy="Run `guiyi month PATH` first.")
    require_current(snapshot)
    used = set(snapshot.manifest["deliveries"])
    deliveries = [d for d in ledger.deliveries() if d.delivery_id in used]
    truth = read_truth(workspace, truth_folder, deliveries)
    persons = record_subjects(snapshot, truth)
    return {
        "persons": {
            **_measured(snapshot, persons, "members"),
            "rows_in_truth": truth.rows_in_truth,
            "rows_quarantined": truth.rows_quarantined,
        },
        "organisations": _measured(
            snapshot, record_subjects(snapshot, truth, "organisation"), "organisation_members"
        ),
        "households": evaluate_households(snapshot, persons, truth.households),
        **evaluate_rules(snapshot, truth),
        "traps": evaluate_traps(snapshot, truth),
        "leads": evaluate_leads(liability_leads(snapshot), truth),
    }


def _measured(snapshot: Snapshot, subjects: pa.Table, members_file: str) -> dict[str, Any]:
    """Pairwise precision, recall and F1 over the records of one kind, by their `record_subjects`.

    A record is left out when the truth calls its values fit for two or more entities (`unlinkable`), when its rows
    are truly about different ones, or when it is about none.
    """
    members = snapshot.read(members_file, ["record_key", "entity_id"])
    joined = subjects.join(members, "record_key", join_type="inner")
    usable = pc.and_(pc.invert(joined["unlinkable"]), pc.greater_equal(joined["subject"], 0))
    counted = joined.filter(usable)
    return {
        **evaluate_clusters(counted["entity_id"].to_numpy(), counted["subject"].to_numpy()),
        "records": joined.num_rows,
        "records_unlinkable": int(pc.sum(joined["unlinkable"]).as_py() or 0),
        "records_about_nobody": int(pc.sum(pc.less(joined["subject"], 0)).as_py() or 0),
    }


def record_subjects(snapshot: Snapshot, truth: Truth, kind: Kind = "person") -> pa.Table:
    """True entity of every record of one kind: `record_key`, `subject` (-1 = none), `unlinkable`."""
    joined = records_of(snapshot, truth.rows, kind)
    grouped = joined.group_by("record_key").aggregate(
        [("subject", "min"), ("subject", "max"), ("unlinkable", "max")]
    )
    several = pc.not_equal(grouped["subject_min"], grouped["subject_max"])
    return pa.table(
        {
            "record_key": grouped["record_key"],
            "subject": grouped["subject_max"],
            "unlinkable": pc.or_(grouped["unlinkable_max"], several),
        }
    )
