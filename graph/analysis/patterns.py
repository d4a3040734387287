"""What the analysis says of all persons of a snapshot, for rules to read: `check` freezes it before they run."""

import duckdb
import pyarrow as pa

from graph.analysis.attendance import attendance
from graph.analysis.shell_employers import shell_employers
from graph.rule_views import rule_views
from resolver.snapshot import Snapshot

# Rules ask for more than this; what they never ask for is not kept.
_LEAST_INSURED = 5
_LEAST_SIGNS = 2
_LEAST_DAYS = 4
_MOST_CARDS = 60  # a day at one facility; pairs grow with the square
_CHANCE = 1e-9  # among a hundred million pairs of a city not one by chance alone

# Whoever has a course of treatment is told to come on certain days (dialysis, chronic illness, pregnancy).
_CARD_DAYS = """
CREATE TEMP VIEW card_days AS
SELECT person_id, facility_code, facility_name, CAST(service_begin AS DATE) AS begin_day
FROM settled
WHERE coalesce(med_type, 'pharmacy') IN ('pharmacy', 'outpatient', 'emergency')
"""


def patterns(snapshot: Snapshot) -> dict[str, pa.Table]:
    """Look for patterns among all persons.

    Args:
        snapshot: With households and kinship.

    Returns:
        `shell_employers` (`SHELL_SCHEMA`) and `attendance_groups` (`GROUP_SCHEMA`: persons who are no kin, and whose
        cards were used at the same facility on the same days too often for chance; pharmacies and single visits
        only). The same snapshot gives the same tables.

    Raises:
        SnapshotError: The snapshot's manifest names a file that is not there.
    """
    with rule_views(snapshot, derived="settled") as database:
        return find_patterns(database)


def find_patterns(database: duckdb.DuckDBPyConnection) -> dict[str, pa.Table]:
    """What `patterns` does, over the views of a snapshot with the derived view `settled`."""
    database.execute(_CARD_DAYS)
    together = attendance(database, source="card_days", days=_LEAST_DAYS, most=_MOST_CARDS, chance=_CHANCE)
    shells = shell_employers(database, least_insured=_LEAST_INSURED, least_signs=_LEAST_SIGNS)
    return {"shell_employers": shells, "attendance_groups": together.groups}
