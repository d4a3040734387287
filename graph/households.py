"""Households: who is registered, lives, or is supported together.

* *registered*: the household register (W07, 户籍人员) by household number (户号). A number that was given to
  strangers again (户号重用) is split: members are kept together who share an address or are kin, and when more
  than one of these groups has a head (户主) of its own, each is a household; all of them are flagged.
* *inferred*: spouses, and parents with their children, who share an address down to the door but not a
  household number.
* *aid*: the subsistence allowance (W16, 低保) by certificate number.

More than `LARGEST` members under one number are hardly a household (集体户, 空挂户): flagged.
"""

import duckdb
import numpy as np
import pyarrow as pa
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from graph.kinship import kinship_from
from graph.rule_views import rule_views
from graph.staging import number_sql
from resolver.snapshot import Snapshot

LARGEST = 30

HOUSEHOLD_SCHEMA = pa.schema(
    [
        ("household_id", pa.int64()),
        ("kind", pa.string()),  # registered, inferred, aid
        ("person_id", pa.int64()),
        ("relation", pa.string()),  # to the head, as the source says it; null when inferred
        ("valid_from", pa.date32()),
        ("valid_to", pa.date32()),
        ("basis", pa.string()),  # feed, or `kinship+address`
        ("probability", pa.float64()),
        ("flagged", pa.bool_()),  # too large, or a number used again by strangers
    ]
)

# One line per person and household number, the newest row deciding what the person is to the head.
_REGISTERED = """
CREATE TEMP TABLE registered AS
SELECT trim(r.household_no) AS number, person_id, arg_max(trim(relation), (r.period, row_id)) AS relation,
    min(valid_from) AS valid_from,
    CASE WHEN bool_or(valid_to IS NULL) THEN NULL ELSE max(valid_to) END AS valid_to,
    max(link_probability) AS probability, min(r.record_key) AS record_key,
    arg_max(concat_ws('|', s.region, s.town, s.village, s.address), (r.period, row_id))
        FILTER (s.village IS NOT NULL OR s.address IS NOT NULL) AS place
FROM household_register r JOIN records s ON s.record_key = r.record_key
WHERE person_id IS NOT NULL AND trim(r.household_no) <> ''
GROUP BY 1, 2
"""

# Only numbers with several heads can have been used again; all others stay whole without a second look.
_DOUBTFUL = """
CREATE TEMP TABLE doubtful AS
SELECT row_number() OVER (ORDER BY number, person_id) - 1 AS i, *
FROM registered
WHERE number IN (SELECT number FROM registered WHERE relation IN ('户主', '本人') GROUP BY 1 HAVING count(*) > 1)
"""

_DOUBTFUL_LINKS = """
SELECT x.i, y.i AS j FROM doubtful x JOIN doubtful y ON y.number = x.number AND y.place = x.place AND x.i < y.i
UNION ALL
SELECT x.i, y.i FROM doubtful x JOIN kin k ON k.person_id = x.person_id
JOIN doubtful y ON y.person_id = k.kin_person_id AND y.number = x.number
"""

# A group without a head belongs to the household that was there at the same time, else to the earliest.
_SPLIT = """
CREATE TEMP TABLE split AS
WITH grouped AS (SELECT doubtful.*, "group" FROM doubtful JOIN groups USING (i)),
spans AS (
    SELECT number, "group", bool_or(relation IN ('户主', '本人')) AS headed,
        coalesce(min(valid_from), DATE '0001-01-01') AS since,
        max(coalesce(valid_to, DATE '9999-12-31')) AS until, min(record_key) AS first_key
    FROM grouped GROUP BY 1, 2
), homes AS (
    SELECT s.number, s."group", arg_min(h.first_key, (
        CASE WHEN greatest(s.since, h.since) <= least(s.until, h.until) THEN 0 ELSE 1 END, h.since, h.first_key
    )) FILTER (h."group" = s."group" OR NOT s.headed) AS home
    FROM spans s JOIN spans h ON h.number = s.number AND h.headed
    GROUP BY 1, 2
)
SELECT g.number, g.person_id, home FROM grouped g JOIN homes USING (number, "group")
QUALIFY min(home) OVER (PARTITION BY g.number) <> max(home) OVER (PARTITION BY g.number)
"""

_AID = """
SELECT trim(certificate_no) AS number, person_id, arg_max(trim(relation), (period, row_id)) AS relation,
    min(valid_from) AS valid_from,
    CASE WHEN bool_or(valid_to IS NULL) THEN NULL ELSE max(valid_to) END AS valid_to,
    max(link_probability) AS probability
FROM subsistence_allowances
WHERE person_id IS NOT NULL AND trim(certificate_no) <> ''
GROUP BY 1, 2
"""

_DOORS = """
CREATE TEMP TABLE doors AS
SELECT DISTINCT entity_id AS person_id, concat_ws('|', region, town, village, address) AS door
FROM members JOIN records USING (record_key)
WHERE address IS NOT NULL AND village IS NOT NULL AND feed <> 'W08'
"""

# Kin who live together today, or for all we know; `apart` when no household number says so already.
_LIVING_TOGETHER = """
CREATE TEMP TABLE together AS
SELECT k.person_id, k.kin_person_id, max(k.probability) AS probability,
    NOT bool_or(x.number IS NOT NULL AND y.number IS NOT NULL) AS apart
FROM kin k
JOIN doors d ON d.person_id = k.person_id
JOIN doors e ON e.person_id = k.kin_person_id AND e.door = d.door
LEFT JOIN registered x ON x.person_id = k.person_id
LEFT JOIN registered y ON y.person_id = k.kin_person_id AND y.number = x.number
WHERE k.valid_to IS NULL AND k.person_id <> k.kin_person_id
GROUP BY 1, 2
"""

_INFERRED = """
WITH placed AS (
    SELECT label, p.person_id, p.probability, t.apart
    FROM (
        SELECT person_id, max(probability) AS probability FROM (
            SELECT person_id, probability FROM together UNION ALL SELECT kin_person_id, probability FROM together)
        GROUP BY 1) p
    JOIN labels USING (person_id)
    LEFT JOIN (
        SELECT person_id, bool_or(apart) AS apart FROM (
            SELECT person_id, apart FROM together UNION ALL SELECT kin_person_id, apart FROM together)
        GROUP BY 1) t ON t.person_id = p.person_id
)
SELECT min(person_id) OVER w AS first_person, person_id, probability
FROM placed
WINDOW w AS (PARTITION BY label)
QUALIFY bool_or(apart) OVER w
"""


def households(snapshot: Snapshot) -> tuple[pa.Table, pa.Table]:
    """Members of households, and pairs of kin, as `households` and `kinship` in `docs/data.md`.

    Household ids come from the source's number (registered, aid), from number and smallest record key (a split
    number), or from the smallest person id (inferred).

    Returns:
        `HOUSEHOLD_SCHEMA` sorted by household and person, and `graph.kinship.KINSHIP_SCHEMA`.
    """
    with rule_views(snapshot, "deaths") as database:
        kin = kinship_from(database)
        database.register("kin", kin)
        for statement in (_REGISTERED, _DOUBTFUL, _DOORS, _LIVING_TOGETHER):
            database.execute(statement)
        _register_groups(database)
        database.execute(_SPLIT)
        _register_labels(database)
        table: pa.Table = database.sql(_members_sql()).to_arrow_table()
        return table.cast(HOUSEHOLD_SCHEMA), kin


def _register_groups(database: duckdb.DuckDBPyConnection) -> None:
    """Under each doubtful number: who is held together by an address or kinship."""
    count = database.sql("SELECT count(*) FROM doubtful").fetchall()[0][0]
    links = database.sql(_DOUBTFUL_LINKS).fetchnumpy()
    groups = _components(np.asarray(links["i"]), np.asarray(links["j"]), count)
    database.register("groups", pa.table({"i": np.arange(count), "group": groups}))


def _register_labels(database: duckdb.DuckDBPyConnection) -> None:
    """Persons who live with kin, directly or through others: the same label."""
    pairs = database.sql("SELECT person_id, kin_person_id FROM together").fetchnumpy()
    left, right = np.asarray(pairs["person_id"]), np.asarray(pairs["kin_person_id"])
    persons, position = np.unique(np.concatenate([left, right]), return_inverse=True)
    labels = _components(position[: len(left)], position[len(left) :], len(persons))
    database.register("labels", pa.table({"person_id": pa.array(persons, pa.int64()), "label": labels}))


def _components(left: np.ndarray, right: np.ndarray, count: int) -> np.ndarray:
    if count == 0:
        return np.empty(0, dtype=np.int64)
    joined = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(count, count))
    labels: np.ndarray = connected_components(joined, directed=False)[1]
    return labels.astype(np.int64)


def _members_sql() -> str:
    whole = number_sql("'registered:' || number")
    part = number_sql("'registered:' || number || ':' || home")
    return f"""
    WITH members AS (
        SELECT coalesce({part}, {whole}) AS household_id, 'registered' AS kind, person_id, relation, valid_from,
            valid_to, 'W07' AS basis, probability, home IS NOT NULL AS used_again
        FROM registered LEFT JOIN split USING (number, person_id)
        UNION ALL
        SELECT {number_sql("'inferred:' || first_person")}, 'inferred', person_id, NULL, NULL, NULL,
            'kinship+address', probability, false FROM ({_INFERRED})
        UNION ALL
        SELECT {number_sql("'aid:' || number")}, 'aid', person_id, relation, valid_from, valid_to, 'W16',
            probability, false FROM ({_AID})
    )
    SELECT household_id, kind, person_id, relation, valid_from, valid_to, basis, probability,
        used_again OR count(*) OVER (PARTITION BY household_id) > {LARGEST} AS flagged
    FROM members ORDER BY household_id, person_id"""
