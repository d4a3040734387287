from collections.abc import Callable
from typing import Any

import pyarrow as pa

from resolver.linkage.columns import encode
from resolver.linkage.descriptions import FEW, repeated

Build = Callable[[list[dict[str, Any]]], pa.Table]


def test_only_many_equal_descriptions_are_put_together(records: Build) -> None:
    rows = [{"name": "王伟", "phone": "1"}] * (FEW + 1) + [{"name": "王伟", "phone": "2"}] * FEW
    first = repeated(encode(records(rows))).tolist()
    assert first == [0] * (FEW + 1) + list(range(FEW + 1, 2 * FEW + 1))


def test_the_sources_own_key_is_no_part_of_a_description(records: Build) -> None:
    rows: list[dict[str, Any]] = [{"name": "王伟", "source_key": f"visit:{place}"} for place in range(FEW)]
    rows.append({"name": "王伟"})
    assert set(repeated(encode(records(rows))).tolist()) == {0}


def test_every_other_value_is(records: Build) -> None:
    for column in ("name", "phone", "region", "employer", "mother_id", "household_no", "former_name"):
        rows: list[dict[str, Any]] = [{"name": "王伟"}] * FEW + [{"name": "王伟", column: "x"}]
        assert repeated(encode(records(rows))).tolist() == list(range(FEW + 1))


def test_nothing(records: Build) -> None:
    assert repeated(encode(records([]))).tolist() == []
