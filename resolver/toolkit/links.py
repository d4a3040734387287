"""Clusters as recordlinkage's measures read them: every pair of records that stand together."""

from typing import Any

import pandas as pd
from recordlinkage.index import Block


def links(clusters: "pd.Series[Any]") -> pd.MultiIndex:
    """Pairs of records of one cluster, in the form of that toolkit's own pairs.

    All pairs are listed, so this is for small data; `resolver.linkage.evaluation.evaluate_clusters` gives the same
    measures of any number of records.

    Args:
        clusters: Cluster of each record, or its true person; the index is the record key.
    """
    found: pd.MultiIndex = Block("cluster").index(clusters.rename("cluster").to_frame())
    return found
