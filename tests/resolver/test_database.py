"""DuckDB as everything here needs it."""

import pytest

from resolver.database import open_database


def test_a_long_query_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    with open_database({"threads": 1}) as database:
        database.execute("SET progress_bar_time = 1")
        table = database.sql("SELECT count(DISTINCT hash(i)) FROM range(300000) t(i)").to_arrow_table()
    assert table.num_rows == 1
    assert capfd.readouterr() == ("", "")
