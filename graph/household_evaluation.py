"""How good the households are, held against the truth of a made-up city."""

from typing import Any

import pyarrow as pa

from graph.households import LARGEST
from resolver.database import open_database
from resolver.snapshot import Snapshot

# Whom most records of a person are truly about; persons about nobody are left out.
_TRUE_PERSONS = """
CREATE TEMP TABLE true_persons AS
SELECT entity_id AS person_id, mode(subject ORDER BY subject) AS subject
FROM members JOIN subjects USING (record_key)
WHERE subject >= 0
GROUP BY ALL
"""

# An aid household counts its members apart; who lives together is said by the register, or inferred.
_FOUND = """
CREATE TEMP TABLE found AS
SELECT DISTINCT least(x.subject, y.subject) AS a, greatest(x.subject, y.subject) AS b
FROM households h
JOIN households k ON k.household_id = h.household_id AND k.person_id > h.person_id
JOIN true_persons x ON x.person_id = h.person_id
JOIN true_persons y ON y.person_id = k.person_id
WHERE h.kind <> 'aid' AND x.subject <> y.subject
"""

_TRUE = """
CREATE TEMP TABLE true_pairs AS
SELECT h.person AS a, k.person AS b
FROM true_households h JOIN true_households k ON k.household = h.household AND k.person > h.person
WHERE h.person IN (SELECT subject FROM true_persons) AND k.person IN (SELECT subject FROM true_persons)
"""

_COUNTS = f"""
SELECT (SELECT count(*) FROM found) AS pairs_found,
    (SELECT count(*) FROM true_pairs) AS pairs_true,
    (SELECT count(*) FROM found JOIN true_pairs USING (a, b)) AS pairs_both,
    (SELECT count(DISTINCT household_id) FROM households WHERE kind <> 'aid') AS households,
    (SELECT coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM households GROUP BY household_id)) AS largest,
    (
        SELECT count(*) FROM (
            SELECT 1 FROM households GROUP BY household_id HAVING count(*) > {LARGEST} AND NOT bool_and(flagged)
        )
    ) AS large_without_flag
"""


def evaluate_households(snapshot: Snapshot, subjects: pa.Table, truth: pa.Table) -> dict[str, Any]:
    """Precision, recall and F1 over pairs of persons who are in one household, registered or inferred.

    Args:
        snapshot: With households.
        subjects: True person of every person record: `record_key`, `subject` (-1 = nobody).
        truth: True members: `household`, `person`. Persons of whom there is no record are left out.

    Returns:
        `precision`, `recall`, `f1`, `pairs_found`, `pairs_true`, `pairs_both`, `households`, `largest` (members) and
        `large_without_flag` (households of more than 30 members without a flag; there must be none).
    """
    with open_database() as database:
        database.register("members", snapshot.read("members", ["record_key", "entity_id"]))
        database.register("households", snapshot.read("households"))
        database.register("subjects", subjects)
        database.register("true_households", truth)
        for statement in (_TRUE_PERSONS, _FOUND, _TRUE):
            database.execute(statement)
        [counts] = database.sql(_COUNTS).to_arrow_table().to_pylist()
    both, found, true = (counts[f"pairs_{name}"] for name in ("both", "found", "true"))
    precision = both / found if found else 1.0
    recall = both / true if true else 1.0
    total = precision + recall
    return {
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / total if total else 0.0,
        **counts,
    }
