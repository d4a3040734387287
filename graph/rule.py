"""A rule: one file with a header, one SELECT, and examples.

The header is TOML in the comment block at the top of the file, so that the whole file is SQL; the examples are TOML
in the comment block at its end (`graph.rule_example`):

    -- id = "L05"
    -- title = "死亡后仍发养老金"
    -- ...
    -- [parameters.grace_days]
    -- type = "integer"
    -- default = 30
    -- min = 0
    -- max = 365
    -- unit = "days"

    SELECT ... WHERE days > $grace_days

    -- [[examples]]
    -- what = "paid for the month after the death"
    -- ...

What the SELECT may yield stands in `graph.rule_run`, what it may read in `docs/data.md`, *Views for rules*.
"""

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import duckdb

from graph.rule_example import Example, parse_examples
from resolver.errors import SettingsError
from resolver.feeds.contract import contracts

Severity = Literal["A", "B", "C", "D"]
Direction = Literal["protect", "recover", "quality"]

PROVIDER = "PROVIDER"
"""The role in `return_to` that stands for the departments which sent the rows a finding is about."""

ROLES = frozenset(
    {
        "MSB", "HEALTH", "CIVIL", "HRSS", "POLICE", "REGISTRY", "FUND", "RURAL", "DPF", "FINANCE", "FACILITY",
        "HUB", "TAX", "HOUSING", "STREET", PROVIDER,
    }
)  # fmt: skip
DUE = frozenset({"10wd", "m10", "mth", "monthly", "10th", "-"})

_TYPES: dict[str, type] = {
    "id": str, "title": str, "title_en": str, "basis": str, "feeds": list, "severity": str, "direction": str,
    "return_to": list, "due": str, "enabled": bool, "version": int, "evidence": list, "fires": str,
}  # fmt: skip
_OPTIONAL: dict[str, type] = {
    "parameters": dict,
    "silences": list,
    "joins_rows": bool,
    "one_per_subject": bool,
    "needs": list,
    "about_feeds": bool,
}
_NUMBERS: dict[str, tuple[type, ...]] = {"integer": (int,), "number": (int, float)}
_AT_LINE = re.compile(r"at line (\d+)")
_EXAMPLES = "-- [[examples]]"


@dataclass(frozen=True)
class RuleProblem:
    """Why a rule file is refused.

    Attributes:
        file: Name of the file.
        line: 1-based line of it.
        message: What is wrong there.
    """

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.message}"


class RuleFileError(SettingsError):
    """A rule file is refused; `problem` says which, where and why."""

    def __init__(self, problem: RuleProblem) -> None:
        super().__init__(f"rule {problem}", remedy="Correct the rule file; the other rules run without it.")
        self.problem = problem


@dataclass(frozen=True)
class Parameter:
    """A number that a jurisdiction may set; in the SELECT it is `$name`."""

    name: str
    type: Literal["integer", "number"]
    default: float
    minimum: float
    maximum: float
    unit: str
    line: int


@dataclass(frozen=True)
class Rule:
    """A rule as its file describes it.

    Attributes:
        id: Id in the catalogue, such as `L01`; also the file's name.
        return_to: Roles of the departments that must answer; `PROVIDER` is whoever sent the rows.
        due: `10wd`, `m10`, `mth`, `monthly`, `10th` or `-`.
        evidence: Columns of the SELECT that go into a finding's `facts`.
        fires: When exactly the rule raises a finding, in words; what the truth of a made-up city goes by too.
        silences: Rules whose findings about the same person are listed under this one's.
        joins_rows: Whether the finding holds only if its rows are about one entity, so that the link probability
            is that of the path between them; else each row speaks for itself.
        one_per_subject: Whether the subject alone makes the finding's key; else entity and subject.
        needs: Feeds without which the rule cannot say anything true; each entry is a tuple of feeds of which one
            must have been received.
        about_feeds: Whether a finding may be about a delivery: about nobody, and without rows.
        examples: Rows that must and that must not raise the rule.
        sql: The SELECT.
        sql_line: Line of the file on which `sql` begins.
    """

    id: str
    title: str
    title_en: str
    basis: str
    feeds: tuple[str, ...]
    severity: Severity
    direction: Direction
    return_to: tuple[str, ...]
    due: str
    parameters: tuple[Parameter, ...]
    enabled: bool
    version: int
    evidence: tuple[str, ...]
    silences: tuple[str, ...]
    joins_rows: bool
    one_per_subject: bool
    fires: str
    needs: tuple[tuple[str, ...], ...]
    about_feeds: bool
    examples: tuple[Example, ...]
    sql: str
    sql_line: int

    @property
    def file(self) -> str:
        """Name of the rule's file."""
        return f"{self.id}.sql"

    def problem(self, message: str, line: int = 1) -> RuleProblem:
        """Say what is wrong with this rule."""
        return RuleProblem(self.file, line, message)

    def bind(self, values: Mapping[str, float]) -> dict[str, float]:
        """The values of all parameters: those given, else the defaults.

        Raises:
            RuleFileError: A value is out of range or of the wrong type, or the rule has no such parameter.
        """
        known = {parameter.name: parameter for parameter in self.parameters}
        for name, value in values.items():
            if name not in known:
                raise RuleFileError(self.problem(f"there is no parameter {name!r}"))
            _check_value(known[name], value, "value", self.file)
        return {name: values.get(name, parameter.default) for name, parameter in known.items()}

    def missing(self, received: Collection[str]) -> str:
        """Which of the feeds it needs was never received, in words; empty when it can run."""
        lacking = [feeds for feeds in self.needs if not set(feeds) & set(received)]
        return "; ".join(
            f"feed {feeds[0]} never received"
            if len(feeds) == 1
            else f"none of {', '.join(feeds)} ever received"
            for feeds in lacking
        )


def parse_rule(text: str, file: str) -> Rule:
    """Read a rule file.

    Args:
        text: The whole file.
        file: Its name, `<id>.sql`.

    Raises:
        RuleFileError: A header field is missing, misspelt or has a wrong value, a parameter's default is out of
            its range, a parameter is used but not described or the other way round, or the body is not one SELECT.
    """
    source = _Source(text, file)
    header = source.header()
    for name, kind in _TYPES.items():
        if name not in header:
            raise source.error(f"header field {name!r} is missing", 1)
        source.check_type(name, header[name], kind)
    for name, value in header.items():
        if name not in _TYPES and name not in _OPTIONAL:
            raise source.error(f"{name!r} is not a field of a rule's header", source.line_of(name))
        source.check_type(name, value, {**_TYPES, **_OPTIONAL}[name])
    _check_words(source, header)
    parameters = tuple(_parameter(source, name, raw) for name, raw in header.get("parameters", {}).items())
    _check_body(source, {parameter.name for parameter in parameters})
    return Rule(
        id=header["id"],
        title=header["title"],
        title_en=header["title_en"],
        basis=header["basis"],
        feeds=tuple(header["feeds"]),
        severity=header["severity"],
        direction=header["direction"],
        return_to=tuple(header["return_to"]),
        due=header["due"],
        parameters=parameters,
        enabled=header["enabled"],
        version=header["version"],
        evidence=tuple(header["evidence"]),
        silences=tuple(header.get("silences", ())),
        joins_rows=header.get("joins_rows", True),
        one_per_subject=header.get("one_per_subject", False),
        fires=header["fires"],
        needs=_needs(source, header),
        about_feeds=header.get("about_feeds", False),
        examples=source.examples(),
        sql=source.sql,
        sql_line=source.sql_line,
    )


class _Source:
    """The text of a rule file, in its two parts, and where things stand in it."""

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self.lines = text.splitlines()
        self.n_header = next(
            (i for i, line in enumerate(self.lines) if not line.startswith("--")), len(self.lines)
        )
        self.first_example = next(
            (i for i, line in enumerate(self.lines) if line.startswith(_EXAMPLES)), len(self.lines)
        )
        body = self.lines[self.n_header : max(self.n_header, self.first_example)]
        blank = next((i for i, line in enumerate(body) if line.strip()), len(body))
        self.sql = "\n".join(body[blank:]).rstrip()
        self.sql_line = self.n_header + blank + 1

    def error(self, message: str, line: int) -> RuleFileError:
        return RuleFileError(RuleProblem(self.file, line, message))

    def header(self) -> dict[str, Any]:
        return self._toml(0, min(self.n_header, self.first_example), "header is")

    def examples(self) -> tuple[Example, ...]:
        raw = self._toml(self.first_example, len(self.lines), "examples are")
        try:
            return parse_examples(raw.get("examples", []))
        except ValueError as error:
            raise self.error(f"the examples are wrong: {error}", self.first_example + 1) from error

    def _toml(self, start: int, stop: int, what: str) -> dict[str, Any]:
        toml = "\n".join(line.removeprefix("--").removeprefix(" ") for line in self.lines[start:stop])
        try:
            return tomllib.loads(toml)
        except tomllib.TOMLDecodeError as error:
            found = _AT_LINE.search(str(error))
            line = start + int(found[1]) if found else max(1, stop)
            raise self.error(f"the {what} not TOML: {error}", line) from error

    def line_of(self, name: str) -> int:
        wanted = re.compile(rf"--\s*(\[parameters\.{re.escape(name)}\]|{re.escape(name)}\s*=)")
        return next((i for i, line in enumerate(self.lines[: self.n_header], 1) if wanted.match(line)), 1)

    def check_type(self, name: str, value: object, kind: type) -> None:
        # bool is an int to Python; `version = true` is a slip all the same
        fits = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
        if fits and kind is list:
            fits = isinstance(value, list) and all(isinstance(word, str) for word in value)
        if not fits:
            raise self.error(f"header field {name!r} has a value of the wrong type", self.line_of(name))


def _check_words(source: _Source, header: dict[str, Any]) -> None:
    allowed: dict[str, frozenset[str]] = {
        "id": frozenset({source.file.removesuffix(".sql")}),
        "feeds": frozenset(contracts()),
        "severity": frozenset("ABCD"),
        "direction": frozenset({"protect", "recover", "quality"}),
        "return_to": ROLES,
        "due": DUE,
    }
    for name, words in allowed.items():
        values = header[name] if isinstance(header[name], list) else [header[name]]
        wrong = [value for value in values if value not in words]
        if wrong or not values:
            raise source.error(
                f"header field {name!r}: {wrong[0] if wrong else ''!r} is not one of {', '.join(sorted(words))}",
                source.line_of(name),
            )


def _needs(source: _Source, header: dict[str, Any]) -> tuple[tuple[str, ...], ...]:
    """The feeds a rule needs: those its header says, `A|B` for one of the two, else all that it joins."""
    needs = [tuple(entry.split("|")) for entry in header.get("needs", header["feeds"])]
    for feed in {feed for feeds in needs for feed in feeds} - set(header["feeds"]):
        raise source.error(f"header field 'needs': {feed!r} is not among its feeds", source.line_of("needs"))
    return tuple(needs)


def _parameter(source: _Source, name: str, raw: object) -> Parameter:
    line = source.line_of(name)
    if not isinstance(raw, dict) or set(raw) != {"type", "default", "min", "max", "unit"}:
        raise source.error(f"parameter {name!r} needs exactly type, default, min, max and unit", line)
    if raw["type"] not in _NUMBERS:
        raise source.error(f"parameter {name!r}: type must be one of {', '.join(_NUMBERS)}", line)
    parameter = Parameter(name, raw["type"], raw["default"], raw["min"], raw["max"], str(raw["unit"]), line)
    for what in ("min", "max", "default"):
        _check_value(parameter, raw[what], what, source.file)
    return parameter


def _check_value(parameter: Parameter, value: object, what: str, file: str) -> None:
    fits = isinstance(value, _NUMBERS[parameter.type]) and not isinstance(value, bool)
    if not fits:
        message = f"parameter {parameter.name!r}: {what} {value!r} is not of type {parameter.type}"
    elif not parameter.minimum <= value <= parameter.maximum:  # type: ignore[operator]
        message = (
            f"parameter {parameter.name!r}: {what} {value!r} is not between "
            f"{parameter.minimum} and {parameter.maximum}"
        )
    else:
        return
    raise RuleFileError(RuleProblem(file, parameter.line, message))


def _check_body(source: _Source, declared: set[str]) -> None:
    try:
        statements = duckdb.extract_statements(source.sql)
    except duckdb.Error as error:
        raise RuleFileError(sql_problem(error, source.file, source.sql, source.sql_line)) from error
    if [statement.type for statement in statements] != [duckdb.StatementType.SELECT]:
        raise source.error("the body must be one SELECT and nothing else", source.sql_line)
    used = set(statements[0].named_parameters)
    for name in sorted(used - declared):
        raise source.error(f"${name} is used but the header describes no such parameter", source.sql_line)
    for name in sorted(declared - used):
        raise source.error(f"parameter {name!r} is described but not used", source.line_of(name))


def sql_problem(error: duckdb.Error, file: str, sql: str, sql_line: int) -> RuleProblem:
    """Say where in a rule file a database error lies.

    DuckDB names the line for some errors only; for the others the word it quotes is looked up.
    """
    message, _, place = str(error).partition("\nLINE ")
    number = re.match(r"(\d+):", place.strip())
    quoted = re.search(r'"([^"]+)"|with name (\w+) does', message)
    if number:
        line = int(number[1])
    elif quoted:
        word = re.compile(rf"(?<!\w){re.escape(quoted[1] or quoted[2])}(?!\w)")
        line = next((i for i, text in enumerate(sql.splitlines(), 1) if word.search(text)), 1)
    else:
        line = 1
    return RuleProblem(file, sql_line + line - 1, message.strip().splitlines()[0])
