"""Running one rule: its SELECT becomes rows of the table `found`.

A rule's SELECT yields one row per finding, with these columns and the evidence columns its header names:

    person_id          BIGINT    who it is about; or organisation_id
    other_person_id    BIGINT    the other person, if there is one
    row_ids            BIGINT[]  the rows the finding needs, of both sides; the first is the one it is about
    any_of             BIGINT[]  further rows of which one suffices, such as several records of one death
    since, until       DATE      from when to when the departments contradict each other; until null = still
    amount             DECIMAL   yuan
    subject            VARCHAR   what makes the finding distinct for this person within the rule
    link_probability   DOUBLE    what the rule itself has to say about how sure the identities are
    departments        VARCHAR[] who PROVIDER is, where the rows do not say it
    severity, direction VARCHAR  where a finding differs from the rule's header

`row_ids` and `subject` are required, and one of `person_id` and `organisation_id`, except in a rule about deliveries
(`about_feeds`). Person and subject together must be unique within the rule: they make the finding's key, by which
next month's run updates it.
"""

from collections.abc import Mapping

import duckdb

from graph.rule import Rule, RuleFileError, sql_problem

_TYPES = {
    "person_id": "BIGINT", "organisation_id": "BIGINT", "other_person_id": "BIGINT", "row_ids": "BIGINT[]",
    "any_of": "BIGINT[]", "since": "DATE", "until": "DATE", "amount": "DECIMAL(16, 2)", "subject": "VARCHAR",
    "link_probability": "DOUBLE", "departments": "VARCHAR[]",
    "severity": "VARCHAR", "direction": "VARCHAR",
}  # fmt: skip


def create_found(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the empty table `found`, to which `run_rule` adds."""
    columns = ", ".join(f"{name} {type_}" for name, type_ in _TYPES.items())
    connection.execute(f"CREATE TABLE found (rule VARCHAR, finding_key BIGINT, {columns}, facts VARCHAR)")


def run_rule(connection: duckdb.DuckDBPyConnection, rule: Rule, parameters: Mapping[str, float]) -> int:
    """Run a rule over the views of `connection` and add what it finds to `found`.

    Returns:
        How many findings there are.

    Raises:
        RuleFileError: The SELECT fails, or yields something other than findings; nothing was added.
    """
    try:
        # on the rule's own first line, so that errors name the right one
        connection.execute(f"CREATE OR REPLACE TEMP TABLE raw AS {rule.sql}", dict(parameters))
        columns = [name for name, *_ in connection.execute("FROM raw LIMIT 0").description]
        _check_columns(rule, set(columns))
        connection.execute(f"CREATE OR REPLACE TEMP TABLE checked AS {_normalised(rule, columns)}")
        found = _check_rows(connection, rule)
    except duckdb.Error as error:
        raise RuleFileError(sql_problem(error, rule.file, rule.sql, rule.sql_line)) from error
    connection.execute("INSERT INTO found SELECT * FROM checked")
    return found


def _check_columns(rule: Rule, columns: set[str]) -> None:
    missing = {"row_ids", "subject", *rule.evidence} - columns
    if not columns & {"person_id", "organisation_id"} and not rule.about_feeds:
        missing.add("person_id")
    unknown = columns - set(_TYPES) - set(rule.evidence)
    for names, message in ((missing, "does not yield"), (unknown, "yields something no header field names:")):
        if names:
            raise _refused(rule, f"the SELECT {message} {', '.join(sorted(names))}")


def _normalised(rule: Rule, columns: list[str]) -> str:
    there = set(columns)
    values = {
        name: f"CAST({name} AS {type_})" if name in there else f"NULL::{type_}"
        for name, type_ in _TYPES.items()
    }
    values["any_of"] = (
        f"list_filter(coalesce({values['any_of']}, []), lambda row: NOT list_contains({values['row_ids']}, row))"
    )
    if rule.about_feeds:
        values["row_ids"] = f"coalesce({values['row_ids']}, [])"
    facts = ", ".join(f'"{name}" := "{name}"' for name in rule.evidence)
    key = ["subject"] if rule.one_per_subject else ["person_id", "organisation_id", "subject"]
    parts = ", ".join(f"coalesce({values[name]}::VARCHAR, '')" for name in key)
    # MD5 only spreads the keys; it is the one hash that DuckDB promises to keep the same.
    hashed = f"md5_number_lower(concat_ws(chr(31), '{rule.id}', {parts}))"
    finding_key = f"CAST({hashed} & 9223372036854775807 AS BIGINT)"
    selected = ", ".join(f"{value} AS {name}" for name, value in values.items())
    return (
        f"SELECT '{rule.id}' AS rule, {finding_key} AS finding_key, {selected}, "
        f"CAST(to_json(struct_pack({facts})) AS VARCHAR) AS facts FROM raw"
    )


def _check_rows(connection: duckdb.DuckDBPyConnection, rule: Rule) -> int:
    """How many findings there are."""
    checks = {"findings without subject": "subject IS NULL"}
    if not rule.about_feeds:
        checks["findings without evidence rows"] = "len(coalesce(row_ids, [])) = 0"
        checks["findings about nobody"] = "person_id IS NULL AND organisation_id IS NULL"
    counts = ", ".join(f"count(*) FILTER ({condition})" for condition in checks.values())
    ((*counted, found),) = connection.execute(
        f"SELECT {counts}, count(*) - count(DISTINCT finding_key), count(*) FROM checked"
    ).fetchall()
    for what, count in zip([*checks, "findings with the subject of another"], counted, strict=True):
        if count:
            raise _refused(rule, f"the SELECT yields {count} {what}")
    return int(found)


def _refused(rule: Rule, message: str) -> RuleFileError:
    return RuleFileError(rule.problem(message, rule.sql_line))
