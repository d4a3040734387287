"""Co-attendance 同日就诊: persons treated at the same facility on the same days more often than chance would have it.

Cards collected by one hand are used together, day after day (聚集性刷卡). Of two persons who go to one facility on d
and e days, each chooses day i with probability n_i/N by chance, where n_i of all N come on that day; so they
meet there on d·e·Σ(n_i/N)² days, which is d·e/n when all n days are equally busy, and more where everybody
comes on market days or when accounts are credited. How much more often they did is judged by the Poisson
distribution with the sum of these expectations over the facilities as its mean. Kin are marked: families go
together.
"""

from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.special import pdtrc

from graph.analysis.kin import KIN

PAIR_SCHEMA = pa.schema(
    [
        ("person_id", pa.int64()),  # the smaller of the two
        ("other_person_id", pa.int64()),
        ("days", pa.int64()),  # facility-days together
        ("facilities", pa.int64()),
        ("expected_days", pa.float64()),  # by chance
        ("chance", pa.float64()),  # probability of so many or more by chance
        ("first_day", pa.date32()),
        ("last_day", pa.date32()),
        ("kin", pa.bool_()),  # spouse, parent, or of one household
    ]
)
GROUP_SCHEMA = pa.schema(
    [
        ("group_id", pa.int64()),  # smallest person id in it
        ("person_id", pa.int64()),
        ("partners", pa.int64()),  # others of the group this person was with often
        ("days", pa.int64()),  # the most with any of them
    ]
)


@dataclass(frozen=True)
class Attendance:
    """Who attends with whom.

    Attributes:
        pairs: `PAIR_SCHEMA`, the least likely by chance first, then by ids.
        groups: `GROUP_SCHEMA`: pairs that are not kin, joined to groups; sorted by group and person.
        left_out: Facility-days with more patients than `most`, which were not looked at.
    """

    pairs: pa.Table
    groups: pa.Table
    left_out: int


# Only who comes often enough can be part of a frequent pair: everybody else is left out before pairs are formed.
_ATTENDED = """
CREATE OR REPLACE TEMP TABLE attended AS
WITH seen AS (
    SELECT DISTINCT person_id, coalesce(facility_code, facility_name) AS facility, begin_day AS day
    FROM {source}
    WHERE coalesce(facility_code, facility_name) IS NOT NULL
), sized AS (
    SELECT *, count(*) OVER (PARTITION BY facility, day) AS patients,
        count(*) OVER (PARTITION BY facility, person_id) AS times
    FROM seen
)
SELECT person_id, facility, day, times, patients
FROM sized WHERE patients BETWEEN 2 AND $most
"""

_MEETINGS = """
CREATE OR REPLACE TEMP TABLE meetings AS
SELECT facility, sum(patients * patients) / (sum(patients) ** 2)::DOUBLE AS by_chance
FROM (
    SELECT coalesce(facility_code, facility_name) AS facility, begin_day, count(DISTINCT person_id) AS patients
    FROM {source} GROUP BY ALL
)
GROUP BY facility
"""

_PAIRS = f"""
WITH frequent AS (
    SELECT * FROM attended
    QUALIFY count(*) OVER (PARTITION BY person_id) >= $days
), together AS (
    SELECT a.person_id, b.person_id AS other_person_id, a.facility, count(*) AS days,
        min(a.day) AS first_day, max(a.day) AS last_day, any_value(a.times) AS x, any_value(b.times) AS y
    FROM frequent a JOIN frequent b ON b.facility = a.facility AND b.day = a.day AND a.person_id < b.person_id
    GROUP BY ALL
), summed AS (
    SELECT person_id, other_person_id, sum(days)::BIGINT AS days, count(*) AS facilities,
        sum(x * y * by_chance) AS expected_days, min(first_day) AS first_day, max(last_day) AS last_day
    FROM together JOIN meetings USING (facility)
    GROUP BY ALL HAVING sum(days) >= $days
), kin AS ({KIN})
SELECT summed.*, kin.person_id IS NOT NULL AS kin
FROM summed LEFT JOIN kin ON kin.person_id = summed.person_id AND kin.kin_person_id = summed.other_person_id
ORDER BY summed.person_id, other_person_id
"""

_LEFT_OUT = """
SELECT count(*) FROM (
    SELECT 1 FROM {source} GROUP BY coalesce(facility_code, facility_name), begin_day
    HAVING count(DISTINCT person_id) > $most
)
"""


def attendance(
    database: duckdb.DuckDBPyConnection,
    *,
    source: str = "treatments",
    days: int = 3,
    most: int = 200,
    chance: float = 1e-6,
) -> Attendance:
    """Find who is treated at the same facility on the same days too often.

    Args:
        database: The views of a snapshot (`graph.rule_views.rule_views`); needs `kinship`, `households`.
        source: The view of who was where when: `person_id`, `facility_code`, `facility_name`, `begin_day`.
        days: At least so many facility-days together.
        most: Facility-days with more patients are left out: on such a day meeting is no sign of anything, and the
            pairs would be without number.
        chance: At most this probability of so many days by chance.
    """
    database.execute(_ATTENDED.format(source=source), {"most": most})
    database.execute(_MEETINGS.format(source=source))
    found = database.sql(_PAIRS, params={"days": days}).to_arrow_table()
    likely = pdtrc(found["days"].to_numpy() - 1.0, found["expected_days"].to_numpy())
    at = found.schema.get_field_index("first_day")
    found = found.add_column(at, "chance", pa.array(likely, pa.float64())).cast(PAIR_SCHEMA)
    found = found.filter(pa.array(likely <= chance)).sort_by(
        [("chance", "ascending"), ("person_id", "ascending"), ("other_person_id", "ascending")]
    )
    [[left_out]] = database.execute(_LEFT_OUT.format(source=source), {"most": most}).fetchall()
    return Attendance(found, _groups(found), left_out)


def _groups(pairs: pa.Table) -> pa.Table:
    """Persons joined by pairs that are not kin."""
    strangers = pairs.filter(pc.invert(pairs["kin"]))
    ends = np.stack([strangers["person_id"].to_numpy(), strangers["other_person_id"].to_numpy()])
    persons, place = np.unique(ends, return_inverse=True)
    place = place.reshape(ends.shape)
    n = len(persons)
    joined = coo_array((np.ones(ends.shape[1], np.int8), (place[0], place[1])), shape=(n, n))
    labels = connected_components(joined, directed=False)[1] if n else np.zeros(0, np.int32)
    first = np.full(n, np.iinfo(np.int64).max)
    np.minimum.at(first, labels, persons)
    together = strangers["days"].to_numpy().astype(np.int64)
    often = np.zeros(n, np.int64)
    np.maximum.at(often, place.ravel(), np.tile(together, 2))
    table = pa.table(
        [first[labels], persons, np.bincount(place.ravel(), minlength=n), often], schema=GROUP_SCHEMA
    )
    return table.sort_by([("group_id", "ascending"), ("person_id", "ascending")])
