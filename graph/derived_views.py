"""Views derived from the feeds (`graph/rules/views/*.sql`): made once per run, when the first rule reads them."""

import re
from functools import cache
from importlib import resources
from threading import Lock

import duckdb

from graph.rule import RuleFileError, sql_problem

_WORD = re.compile(r"\w+")
_COMMENT = re.compile(r"--[^\n]*")


@cache
def derived_views() -> dict[str, str]:
    """Name -> SELECT of every derived view."""
    folder = resources.files("graph.rules") / "views"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".sql")), key=lambda f: f.name)
    return {file.name.removesuffix(".sql"): file.read_text("utf-8") for file in files}


def views_read(sql: str) -> tuple[str, ...]:
    """The derived views that a SELECT reads, those first that others are made from."""
    order: list[str] = []
    _collect(sql, order)
    return tuple(order)


class DerivedViews:
    """The derived views of one database. They are tables: several rules read them, also from several threads."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._made: set[str] = set()
        self._making = Lock()

    def make(self, sql: str) -> None:
        """Make what a SELECT reads and is not there yet.

        Raises:
            RuleFileError: A view's own SELECT fails; the rule that reads it cannot run.
        """
        for name in views_read(sql):
            with self._making:
                if name not in self._made:
                    self._make(name)
                    self._made.add(name)

    def _make(self, name: str) -> None:
        select = derived_views()[name]
        try:
            self._connection.execute(f"CREATE TABLE {name} AS\n{select}")
        except duckdb.Error as error:
            raise RuleFileError(sql_problem(error, f"views/{name}.sql", select, 0)) from error

    def drop(self) -> None:
        """Forget them all, so that they are made anew."""
        for name in self._made:
            self._connection.execute(f"DROP TABLE {name}")
        self._made.clear()


def _collect(sql: str, order: list[str]) -> None:
    words = set(_WORD.findall(_COMMENT.sub("", sql)))
    for name in derived_views():
        if name in words and name not in order:
            _collect(_without(derived_views()[name], name), order)
            order.append(name)


def _without(sql: str, name: str) -> str:
    return re.sub(rf"\b{name}\b", "", sql)
