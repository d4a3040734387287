"""DuckDB in memory, set as everything here needs it."""

from collections.abc import Mapping

import duckdb


def open_database(config: Mapping[str, str | int] | None = None) -> duckdb.DuckDBPyConnection:
    """Open an empty database; it is a context manager.

    Its optimizer `common_subplan` takes two parts of a query for one that differ only in the column they read
    (DuckDB 2.0.0: a UNION of `own.who` and `other.who` of one view gives one of them), so it is switched off. So is
    the progress bar, which `sql` switches on: it would go between the lines of a report.

    Args:
        config: Further settings, such as `memory_limit`.
    """
    database = duckdb.connect(config=dict(config or {}))
    database.execute("SET disabled_optimizers = 'common_subplan'; SET enable_progress_bar_print = false")
    return database
