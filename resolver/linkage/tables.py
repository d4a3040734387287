"""Results as tables; see `docs/data.md`, `pairs.parquet` and `members.parquet`."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from resolver.linkage.scoring import Scored, match_probability, match_weight
from resolver.linkage.settings import LinkageSettings
from resolver.linkage.spanning import Tree

MEMBERS_SCHEMA = pa.schema(
    [
        pa.field("record_key", pa.int64(), nullable=False),
        pa.field("cluster", pa.int64(), nullable=False),
        pa.field("parent_record_key", pa.int64()),
        pa.field("link_probability", pa.float64(), nullable=False),
        pa.field("path_probability", pa.float64(), nullable=False),
        pa.field("depth", pa.int16(), nullable=False),
    ]
)
"""Members as linkage gives them; `cluster` is the smallest record key of the cluster."""


def pairs_table(scored: Scored, record_key: NDArray[np.int64], settings: LinkageSettings) -> pa.Table:
    """Scored pairs, sorted by record keys; rows must be in the order of these."""
    columns = {
        "record_key_l": record_key[scored.left],
        "record_key_r": record_key[scored.right],
        "match_weight": match_weight(scored.log_odds),
        "match_probability": match_probability(scored.log_odds),
        "blocking_rule": scored.rule,
    }
    for place, comparison in enumerate(settings.comparisons):
        columns[f"level_{comparison.key}"] = np.ascontiguousarray(scored.levels[:, place])
    return pa.table(columns)


def members_table(tree: Tree, labels: NDArray[np.int32], record_key: NDArray[np.int64]) -> pa.Table:
    """Every record with its cluster and its link towards the cluster's smallest record."""
    root = tree.parent < 0
    columns = {
        "record_key": pa.array(record_key),
        "cluster": pa.array(record_key[labels]),
        "parent_record_key": pa.array(
            record_key[np.maximum(tree.parent, 0)] if len(root) else record_key, mask=root
        ),
        "link_probability": pa.array(match_probability(tree.weight)),
        "path_probability": pa.array(match_probability(tree.weakest)),
        "depth": pa.array(tree.depth),
    }
    return pa.table(columns, schema=MEMBERS_SCHEMA)
