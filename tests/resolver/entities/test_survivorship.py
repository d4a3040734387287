from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from resolver.entities.survivorship import Grouped
from resolver.errors import LinkageError


@pytest.fixture
def grouped() -> Grouped:
    """Entity 7 has records 1, 3 and 5, entity 9 record 2."""
    keys = pa.array([5, 2, 3, 1])
    feeds = pa.array(["W07", "W11", "W29", "W11"]).dictionary_encode()
    records = pa.table({"record_key": keys, "feed": feeds, "value": pa.array(["b", None, "a", "b"])})
    members = pa.table({"record_key": keys, "entity_id": [7, 9, 7, 7]})
    last = pa.array([date(2025, 1, 1), date(2025, 1, 1), date(2025, 3, 1), date(2025, 2, 1)])
    return Grouped.of(
        records, members, pa.table({"record_key": keys, "last_period": last, "n_rows": [1, 1, 2, 3]})
    )


def test_records_lie_by_entity_and_key(grouped: Grouped) -> None:
    assert grouped.records["record_key"].to_pylist() == [1, 3, 5, 2]
    assert grouped.entity_ids.tolist() == [7, 9]
    assert grouped.starts.tolist() == [0, 3]
    assert grouped.counts().tolist() == [3, 1]


def test_ranks_count_in_their_order(grouped: Grouped) -> None:
    usable = pc.is_valid(grouped.records["value"])
    keys = grouped.records["record_key"]
    assert grouped.choose(usable, grouped.months_ago).take(keys).to_pylist() == [3, None]
    assert grouped.choose(usable, grouped.rarity).take(keys).to_pylist() == [1, None]
    assert grouped.choose(usable, grouped.tier(["W07"]), grouped.rarity).take(keys).to_pylist() == [5, None]
    assert grouped.choose(usable, grouped.frequency("value", usable)).take(keys).to_pylist() == [1, None]


def test_distinct_values_and_flags(grouped: Grouped) -> None:
    assert grouped.distinct(grouped.records["value"]).to_pylist() == [["a", "b"], []]
    assert grouped.any(np.array([False, False, True, False])).tolist() == [True, False]


def test_ranks_that_do_not_fit_are_refused(grouped: Grouped) -> None:
    huge = np.full(4, 2**40)
    with pytest.raises(LinkageError, match="too many"):
        grouped.choose(np.ones(4, dtype=bool), huge, huge)
