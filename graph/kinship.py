"""Who is married to whom, and who is whose parent, from marriages, births and the household register.

Marriage registrations (W04, 婚姻登记) give spouses with the days between which it holds: open from the marriage,
closed by a divorce or a death (one recorded before the marriage is no death), void after an annulment (民法典
§1054: void from the beginning). Birth certificates (W02, 出生医学证明) give parents. The household register (W07,
户籍人员) names a spouse, father and mother by name and number: the number is resolved to the person who holds it,
and the name must agree; without a number that anyone holds, the name is looked for among those under the same
household number (户号).
"""

import duckdb
import pyarrow as pa

from graph.rule_views import rule_views
from resolver.snapshot import Snapshot

KINSHIP_SCHEMA = pa.schema(
    [
        ("person_id", pa.int64()),
        ("kin_person_id", pa.int64()),
        ("relation", pa.string()),  # spouse (in both directions); parent = kin is the parent of person
        ("valid_from", pa.date32()),
        ("valid_to", pa.date32()),
        ("basis", pa.string()),  # feed
        ("row_id", pa.int64()),
        ("probability", pa.float64()),
    ]
)

_NAME_MISSING = 0.9  # of a register entry that gives only the number of the kin
_NUMBER_MISSING = 0.8  # of one whose name alone is found, once, among those of the same household number

_DEATHS = (
    "CREATE TEMP TABLE first_deaths AS SELECT person_id, min(death_date) AS died FROM deaths GROUP BY ALL"
)

_MARRIAGE_EVENTS = """
CREATE TEMP TABLE marriage_events AS
SELECT least(husband_person_id, wife_person_id) AS a, greatest(husband_person_id, wife_person_id) AS b,
    registration_type, registration_date AS day, row_id,
    husband_link_probability * wife_link_probability AS probability
FROM marriages
WHERE husband_person_id <> wife_person_id AND registration_type IS NOT NULL AND registration_date IS NOT NULL
"""

# Each event that says "married" runs until the next that says "no longer"; a reissued certificate does not say
# since when. A divorce without a marriage before it ends one whose beginning is not known.
_MARRIAGES = """
CREATE TEMP TABLE married AS
WITH begun AS (
    SELECT a, b, day, row_id, probability, registration_type = 'marriage' AS dated
    FROM marriage_events WHERE registration_type IN ('marriage', 'reissue_marriage')
), ended AS (
    SELECT a, b, day, row_id, probability, registration_type = 'annulment' AS void
    FROM marriage_events WHERE registration_type IN ('divorce', 'annulment', 'reissue_divorce')
    QUALIFY registration_type <> 'reissue_divorce' OR count(*) FILTER (registration_type = 'divorce')
        OVER (PARTITION BY a, b) = 0
), spells AS (
    SELECT begun.a, begun.b, begun.day, begun.row_id, begun.probability, dated,
        min(ended.day) AS until, coalesce(arg_min(void, ended.day), false) AS void
    FROM begun LEFT JOIN ended ON ended.a = begun.a AND ended.b = begun.b AND ended.day >= begun.day
    GROUP BY ALL
), known AS (
    SELECT a, b, min(day) FILTER (dated) AS since, until, min(row_id) AS row_id, max(probability) AS probability,
        bool_or(void) AS void
    FROM spells GROUP BY a, b, until
    UNION ALL
    SELECT a, b, NULL, min(day), arg_min(row_id, day), arg_min(probability, day), arg_min(void, day)
    FROM ended
    WHERE NOT EXISTS (SELECT 1 FROM spells WHERE spells.a = ended.a AND spells.b = ended.b)
    GROUP BY a, b
)
SELECT a, b, since, until, row_id, probability FROM known WHERE NOT void
"""

_NAMES = """
CREATE TEMP TABLE names_of AS
SELECT DISTINCT entity_id AS person_id, unnest([name, former_name]) AS name
FROM members JOIN records USING (record_key)
"""

_NUMBERS = (
    "CREATE TEMP TABLE numbers_of AS SELECT DISTINCT person_id, unnest(id_numbers) AS number FROM persons"
)

# One line per person of the register and kin it names, with whatever of name and number it gives.
_NAMED_KIN = """
CREATE TEMP TABLE named_kin AS
SELECT r.person_id, r.row_id, r.link_probability, r.household_no, kin.relation,
    kin.name, CASE WHEN kin.number <> '' THEN kin.number END AS number
FROM household_register r JOIN records s ON s.record_key = r.record_key,
    unnest([
        {'relation': 'spouse', 'name': s.spouse_name, 'number': s.spouse_id},
        {'relation': 'father', 'name': s.father_name, 'number': s.father_id},
        {'relation': 'mother', 'name': s.mother_name, 'number': s.mother_id}]) AS t(kin)
WHERE r.person_id IS NOT NULL AND (kin.name IS NOT NULL OR kin.number IS NOT NULL)
"""

_RESOLVED_KIN = f"""
CREATE TEMP TABLE resolved_kin AS
WITH candidates AS (
    SELECT k.person_id, k.relation, k.row_id, n.person_id AS kin_person_id,
        k.link_probability * CASE WHEN k.name IS NULL THEN {_NAME_MISSING} ELSE 1.0 END AS probability
    FROM named_kin k JOIN numbers_of n USING (number)
    WHERE k.name IS NULL
        OR EXISTS (SELECT 1 FROM names_of WHERE names_of.person_id = n.person_id AND names_of.name = k.name)
    UNION ALL
    SELECT k.person_id, k.relation, k.row_id, o.person_id,
        k.link_probability * o.link_probability * {_NUMBER_MISSING}
    FROM named_kin k JOIN household_register o USING (household_no)
    JOIN names_of ON names_of.person_id = o.person_id AND names_of.name = k.name
    WHERE k.number IS NULL OR NOT EXISTS (SELECT 1 FROM numbers_of WHERE numbers_of.number = k.number)
)
SELECT person_id, relation, row_id, min(kin_person_id) AS kin_person_id, max(probability) AS probability
FROM candidates WHERE kin_person_id <> person_id
GROUP BY person_id, relation, row_id HAVING count(DISTINCT kin_person_id) = 1
"""

_SPOUSES = """
CREATE TEMP TABLE spouses AS
WITH registered AS (
    SELECT least(person_id, kin_person_id) AS a, greatest(person_id, kin_person_id) AS b,
        min(row_id) AS row_id, max(probability) AS probability
    FROM resolved_kin WHERE relation = 'spouse' GROUP BY ALL
), known AS (
    SELECT a, b, since, until, 'W04' AS basis, row_id, probability FROM married
    UNION ALL
    SELECT a, b, NULL, NULL, 'W07', row_id, probability FROM registered
    WHERE NOT EXISTS (SELECT 1 FROM marriage_events e WHERE e.a = registered.a AND e.b = registered.b)
)
SELECT a, b, since, least(until, one.died, other.died) AS until, basis, row_id, probability
FROM known
LEFT JOIN first_deaths one ON one.person_id = a AND one.died >= coalesce(since, one.died)
LEFT JOIN first_deaths other ON other.person_id = b AND other.died >= coalesce(since, other.died)
"""

_PARENTS = """
CREATE TEMP TABLE parents AS
WITH said AS (
    SELECT child_person_id AS person_id, mother_person_id AS kin_person_id, 'W02' AS basis, row_id,
        child_link_probability * mother_link_probability AS probability
    FROM birth_certificates
    UNION ALL
    SELECT child_person_id, father_person_id, 'W02', row_id, child_link_probability * father_link_probability
    FROM birth_certificates
    UNION ALL
    SELECT person_id, kin_person_id, 'W07', row_id, probability
    FROM resolved_kin WHERE relation IN ('father', 'mother')
)
SELECT person_id, kin_person_id, min(basis) AS basis, arg_min(row_id, (basis, row_id)) AS row_id,
    max(probability) AS probability
FROM said WHERE person_id <> kin_person_id
GROUP BY person_id, kin_person_id
"""

_KINSHIP = """
WITH kin AS (
    SELECT a AS person_id, b AS kin_person_id, 'spouse' AS relation, since AS valid_from, until AS valid_to,
        basis, row_id, probability FROM spouses
    UNION ALL
    SELECT b, a, 'spouse', since, until, basis, row_id, probability FROM spouses
    UNION ALL
    SELECT parents.person_id, kin_person_id, 'parent', persons.birth_date, NULL, basis, row_id, probability
    FROM parents LEFT JOIN persons USING (person_id)
)
SELECT * FROM kin ORDER BY person_id, kin_person_id, relation, valid_from NULLS FIRST
"""


def kinship(snapshot: Snapshot) -> pa.Table:
    """Pairs of kin, as `kinship` in `docs/data.md`: columns of `KINSHIP_SCHEMA`, sorted by person.

    The probability of a pair is the product of the link probabilities of the records it stands on.
    """
    with rule_views(snapshot, "deaths") as database:
        return kinship_from(database)


def kinship_from(database: duckdb.DuckDBPyConnection) -> pa.Table:
    """The same from a connection with the views of a snapshot; leaves temporary tables behind."""
    for statement in (
        _DEATHS, _MARRIAGE_EVENTS, _MARRIAGES, _NAMES, _NUMBERS, _NAMED_KIN, _RESOLVED_KIN, _SPOUSES, _PARENTS,
    ):  # fmt: skip
        database.execute(statement)
    table: pa.Table = database.sql(_KINSHIP).to_arrow_table()
    return table.cast(KINSHIP_SCHEMA)
