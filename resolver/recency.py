"""How recent the records are: the newest month in which a row gave each, and how many rows did."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from resolver.feeds.row_id import ORDINAL_BITS
from resolver.ledger.delivery import Delivery


def recency(row_records: pa.Table, deliveries: Sequence[Delivery]) -> pa.Table:
    """Newest month and number of rows of every record.

    Args:
        row_records: `row_id`, `record_key`.
        deliveries: Those that the rows came with.

    Returns:
        `record_key` int64, `last_period` date32, `n_rows` int64, sorted by record key.
    """
    months = {int(d.delivery_id, 16): np.datetime64(d.period, "D").astype(np.int64) for d in deliveries}
    known = np.array(sorted(months), np.int64)
    days = np.array([months[int(number)] for number in known], np.int64)
    day = days[np.searchsorted(known, row_records["row_id"].to_numpy() >> ORDINAL_BITS)]
    keys, record, counts = np.unique(
        row_records["record_key"].to_numpy(), return_inverse=True, return_counts=True
    )
    newest = np.full(len(keys), np.iinfo(np.int64).min)
    np.maximum.at(newest, record, day)
    return pa.table(
        {
            "record_key": keys,
            "last_period": pa.array(newest.astype("datetime64[D]"), pa.date32()),
            "n_rows": counts.astype(np.int64),
        }
    )
