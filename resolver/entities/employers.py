"""Whom a person works for, by the newest row that says so."""

from collections.abc import Sequence

import pyarrow as pa

from resolver.database import open_database


def with_latest_employer(golden: pa.Table, employments: Sequence[pa.Table]) -> pa.Table:
    """Fill the golden records' `employer_id`.

    Args:
        golden: Golden records by `person_id`, with a column `employer_id`.
        employments: `person_id`, `employer_organisation_id` (nulls are no statement), `valid_from`. Of rows that
            begin on the same day the larger organisation id counts, so that the order does not matter.
    """
    with open_database() as connection:
        connection.register("golden", golden.select(["person_id"]))
        for number, table in enumerate(employments):
            connection.register(f"employments_{number}", table)
        union = " UNION ALL ".join(f"FROM employments_{number}" for number in range(len(employments)))
        if not union:
            return golden
        found = connection.sql(
            f"""
            SELECT arg_max(
                employer_organisation_id,
                (coalesce(valid_from, DATE '0001-01-01'), employer_organisation_id)
            ) AS employer_id
            FROM golden LEFT JOIN ({union}) USING (person_id)
            GROUP BY person_id ORDER BY person_id
            """
        ).to_arrow_table()
    at = golden.schema.get_field_index("employer_id")
    return golden.sort_by("person_id").set_column(at, "employer_id", found["employer_id"])
