"""Explain the match weight of two organisation records: as for persons, a chain that adds up exactly."""

import numpy as np
import pyarrow as pa

from resolver.linkage.explanation import Explanation, explain_levels, pick
from resolver.linkage.organisation.columns import encode
from resolver.linkage.organisation.model import OrganisationModel


def explain_organisations(
    model: OrganisationModel, records: pa.Table, record_key_l: int, record_key_r: int
) -> Explanation:
    """Explain the match weight of two records.

    Args:
        model: The model version that made the snapshot.
        records: Organisation records, these two among them.
        record_key_l: The one.
        record_key_r: The other.

    Raises:
        LinkageError: A record is not there.
    """
    pair = pick(records, (record_key_l, record_key_r))
    # Levels do not depend on the order, so it does not matter that encoding sorts the two.
    levels = model.comparison(encode(pair))(np.array([0], np.int32), np.array([1], np.int32))[0]
    return explain_levels(model, levels, *pair.to_pylist())
