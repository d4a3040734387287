"""The records that are there now, of which a run reads only those that it has not seen before."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from resolver.linkage.columns import COLUMNS_READ, Columns, encode
from resolver.linkage.cores import on_all_cores


class Delivered:
    """Records of which some are encoded.

    Attributes:
        record_key: int64 (n,), ascending.
    """

    def __init__(self, records: pa.Table) -> None:
        """Take records in any order; rows are numbered by record key."""
        keys = records.column("record_key").to_numpy()
        self._order = None if (keys[1:] > keys[:-1]).all() else np.argsort(keys)
        keys = keys if self._order is None else keys[self._order]
        self.record_key: NDArray[np.int64] = np.require(keys, requirements="W")  # for compiled code
        self._records = records

    def __len__(self) -> int:
        return len(self.record_key)

    def columns(self, rows: NDArray[np.int32]) -> Columns:
        """Some rows as numbers.

        Raises:
            LinkageError: A column is missing.
        """
        read = [name for name in self._records.column_names if name in COLUMNS_READ]
        places = pa.array(rows if self._order is None else self._order[rows])
        columns = on_all_cores(lambda name: self._records.column(name).take(places), read)
        return encode(pa.table(columns, read))
