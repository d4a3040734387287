"""Tables written out row by row, and settings for them."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from resolver.linkage.generic.settings import TableSettings, parse_table_settings
from resolver.linkage.generic.table import Table, read_tables

MakeTable = Callable[[Mapping[str, Sequence[Any]]], Table]
SettingsOf = Callable[..., TableSettings]


@pytest.fixture
def make_table(tmp_path: Path) -> MakeTable:
    """A table of the columns given."""

    def make(columns: Mapping[str, Sequence[Any]]) -> Table:
        path = tmp_path / "table.parquet"
        pq.write_table(pa.table({name: pa.array(values) for name, values in columns.items()}), path)
        return read_tables([path], list(columns), "")

    return make


@pytest.fixture
def settings_of() -> SettingsOf:
    """Settings with some comparisons; blocking on the first one's first column unless given."""

    def make(*comparisons: Mapping[str, Any], **parts: Any) -> TableSettings:
        first = comparisons[0].get("columns", [comparisons[0].get("key")])[0]
        blocking = parts.pop("blocking", {"rules": [[first]], "cap": 1000})
        return parse_table_settings({"comparisons": list(comparisons), "blocking": blocking, **parts}, "test")

    return make
