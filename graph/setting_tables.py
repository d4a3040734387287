"""The tables that a jurisdiction gives to the rules, as DuckDB tables."""

import duckdb

from graph.rule_settings import TABLES, RuleSettings


def create_setting_tables(connection: duckdb.DuckDBPyConnection, settings: RuleSettings) -> None:
    """Create `given_incomes`, `given_wages` and `aid_ranks`; one that is not given is empty."""
    for name, columns in TABLES.items():
        described = ", ".join(f"{column} {type_}" for column, type_ in columns.items())
        connection.execute(f"CREATE TABLE {name} ({described})")
        rows = settings.tables.get(name, ())
        if rows:
            places = ", ".join("?" * len(columns))
            connection.executemany(f"INSERT INTO {name} VALUES ({places})", [list(row) for row in rows])
