"""Shell employers 挂靠单位: employers that seem to exist so that strangers can be insured under them.

Signs: many are insured, few of them are also in the pension scheme there, none is kin of another or of the owners, and
other employers are registered at the same address. None is proof: a dispatch firm shows some of them lawfully, so what
this finds is for people to look at.
"""

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from graph.analysis.kin import KIN

SHELL_SCHEMA = pa.schema(
    [
        ("organisation_id", pa.int64()),
        ("insured", pa.int64()),  # persons insured under it at the reference date
        ("in_pension", pa.int64()),  # of them, with a pension contribution by it in the year before
        ("kin_pairs", pa.int64()),  # pairs of them who are kin
        ("owners", pa.int64()),  # legal representatives and shareholders
        ("kin_of_owners", pa.int64()),  # insured who are an owner or kin of one
        ("towns", pa.int64()),  # towns in which the insured live
        ("neighbours", pa.int64()),  # other employers at its address
        ("signs", pa.int64()),  # how many of the four signs hold, see `shell_employers`
    ]
)

_INSURED = """
CREATE OR REPLACE TEMP TABLE insured_under AS
SELECT DISTINCT employer_organisation_id AS organisation_id, person_id
FROM enrolments, reference
WHERE person_id IS NOT NULL AND employer_organisation_id IS NOT NULL
    AND coalesce(valid_from, DATE '0001-01-01') <= reference_date
    AND coalesce(valid_to, DATE '9999-12-31') >= reference_date
QUALIFY count(DISTINCT person_id) OVER (PARTITION BY employer_organisation_id) >= $least
"""

_OWNERS = """
CREATE OR REPLACE TEMP TABLE owners_of AS
SELECT organisation_id, representative_person_id AS person_id
FROM enterprises WHERE representative_person_id IS NOT NULL
UNION
SELECT organisation_id, shareholder_person_id FROM enterprises WHERE shareholder_person_id IS NOT NULL
"""

_FOUND = f"""
WITH kin AS ({KIN}),
pension AS (
    SELECT i.organisation_id, count(DISTINCT i.person_id) AS in_pension
    FROM insured_under i JOIN pension_contributions p
        ON p.person_id = i.person_id AND p.employer_organisation_id = i.organisation_id, reference
    WHERE p.owed_period > reference_date - INTERVAL 1 YEAR
    GROUP BY 1
),
kin_pairs AS (
    SELECT a.organisation_id, count(*) AS kin_pairs
    FROM insured_under a JOIN kin k ON k.person_id = a.person_id
    JOIN insured_under b ON b.organisation_id = a.organisation_id AND b.person_id = k.kin_person_id
    WHERE a.person_id < b.person_id
    GROUP BY 1
),
near_owners AS (
    SELECT i.organisation_id, count(DISTINCT i.person_id) AS kin_of_owners
    FROM insured_under i JOIN owners_of o USING (organisation_id)
    LEFT JOIN kin k ON k.person_id = o.person_id AND k.kin_person_id = i.person_id
    WHERE i.person_id = o.person_id OR k.person_id IS NOT NULL
    GROUP BY 1
),
doors AS (
    SELECT organisation_id, concat_ws('|', region, address) AS door FROM organisations
    WHERE address IS NOT NULL AND kind = 'employer'
),
crowded AS (
    SELECT organisation_id, count(*) OVER (PARTITION BY door) - 1 AS neighbours FROM doors
),
counted AS (
    SELECT i.organisation_id, count(*) AS insured, count(DISTINCT concat_ws('|', p.region, p.town)) AS towns
    FROM insured_under i LEFT JOIN persons p USING (person_id)
    GROUP BY 1
),
found AS (
    SELECT c.organisation_id, insured, coalesce(in_pension, 0) AS in_pension, coalesce(kin_pairs, 0) AS kin_pairs,
        (SELECT count(*) FROM owners_of o WHERE o.organisation_id = c.organisation_id) AS owners,
        coalesce(kin_of_owners, 0) AS kin_of_owners, towns, coalesce(neighbours, 0) AS neighbours
    FROM counted c
    LEFT JOIN pension USING (organisation_id)
    LEFT JOIN kin_pairs USING (organisation_id)
    LEFT JOIN near_owners USING (organisation_id)
    LEFT JOIN crowded USING (organisation_id)
)
SELECT *, CAST(in_pension * 5 < insured AS BIGINT) + CAST(kin_pairs = 0 AS BIGINT)
    + CAST(owners > 0 AND kin_of_owners = 0 AS BIGINT) + CAST(neighbours > 0 AS BIGINT) AS signs
FROM found
ORDER BY signs DESC, insured DESC, organisation_id
"""


def shell_employers(
    database: duckdb.DuckDBPyConnection, *, least_insured: int = 10, least_signs: int = 3
) -> pa.Table:
    """Find employers that may be shells.

    The four signs: less than a fifth of the insured are in the pension scheme there; no two of them are kin; it has
    owners on record and none of the insured is one or kin of one; another employer has its address.

    Args:
        database: The views of a snapshot (`graph.rule_views.rule_views`); needs `enrolments`, `pension_contributions`,
            `enterprises`, `organisations`, `persons`, `kinship`, `households`.
        least_insured: Smaller employers are left out.
        least_signs: At least so many signs, 0 to 4.

    Returns:
        `SHELL_SCHEMA`, most signs first, then most insured.
    """
    database.execute(_INSURED, {"least": least_insured})
    database.execute(_OWNERS)
    table: pa.Table = database.sql(_FOUND).to_arrow_table().cast(SHELL_SCHEMA)
    return table.filter(pc.greater_equal(table["signs"], least_signs))
