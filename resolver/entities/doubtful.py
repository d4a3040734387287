"""Pairs of persons who may be one: kept apart, although two of their records look alike."""

import pyarrow as pa

from resolver.database import open_database
from resolver.snapshot import Snapshot

LEAST_PROBABILITY = 0.5


def doubtful_pairs(snapshot: Snapshot) -> pa.Table:
    """The best link between every two persons that have one of at least `LEAST_PROBABILITY`.

    Returns:
        `person_id_l` < `person_id_r`, `record_key_l`, `record_key_r`, `match_weight`, `match_probability`; the most
        probable first, ties by the ids.
    """
    with open_database() as connection:
        return connection.sql(
            """
            WITH linked AS (
                SELECT least(l.entity_id, r.entity_id) AS person_id_l,
                    greatest(l.entity_id, r.entity_id) AS person_id_r, p.*
                FROM read_parquet($pairs) p
                JOIN read_parquet($members) l ON l.record_key = p.record_key_l
                JOIN read_parquet($members) r ON r.record_key = p.record_key_r
                WHERE p.match_probability >= $least AND l.entity_id <> r.entity_id
            )
            SELECT person_id_l, person_id_r, record_key_l, record_key_r, match_weight, match_probability
            FROM linked
            QUALIFY row_number() OVER (
                PARTITION BY person_id_l, person_id_r
                ORDER BY match_weight DESC, record_key_l, record_key_r
            ) = 1
            ORDER BY match_weight DESC, person_id_l, person_id_r
            """,
            params={
                "pairs": str(snapshot.path("pairs")),
                "members": str(snapshot.path("members")),
                "least": LEAST_PROBABILITY,
            },
        ).to_arrow_table()
