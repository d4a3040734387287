"""Rules side by side: planning one, or reading a file of few row groups, keeps a single core busy only."""

import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue

import duckdb

from graph.derived_views import DerivedViews
from graph.rule import Rule, RuleFileError
from graph.rule_run import run_rule
from graph.rule_settings import RuleSettings
from graph.rule_views import THREADS
from resolver.progress import Progress

_AT_ONCE = THREADS + 1  # one may be waiting for a derived view that another makes

_log = logging.getLogger(__name__)


def run_side_by_side(
    connection: duckdb.DuckDBPyConnection, rules: Sequence[Rule], settings: RuleSettings, progress: Progress
) -> Iterator[RuleFileError]:
    """Run rules over the views of a database and add what they find to its table `found`, in no particular order.

    Args:
        connection: With the views for rules, the settings' tables and `found`; nothing else may use it meanwhile.
        rules: Which to run.
        settings: Their parameters.
        progress: Told of every rule, in their order.

    Yields:
        Why rules cannot run, in the order of the rules; the others did.
    """
    derived = DerivedViews(connection)
    cursors: SimpleQueue[duckdb.DuckDBPyConnection] = SimpleQueue()
    for _ in range(_AT_ONCE):
        cursors.put(connection.cursor())

    def run(rule: Rule) -> RuleFileError | None:
        cursor = cursors.get()
        try:
            derived.make(rule.sql)
            n = run_rule(cursor, rule, settings.in_force(rule))
            _log.debug("rule %s: %d findings", rule.id, n)
        except RuleFileError as error:
            return error
        finally:
            cursors.put(cursor)
        return None

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        try:
            running = [pool.submit(run, rule) for rule in rules]
            for done, (rule, ran) in enumerate(zip(rules, running, strict=True)):
                progress(f"rule {rule.id}", done, len(rules))
                error = ran.result()
                if error is not None:
                    yield error
        finally:
            pool.shutdown(cancel_futures=True)
            while not cursors.empty():
                cursors.get().close()
