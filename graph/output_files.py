"""Files for departments, written from a snapshot's findings: W30, W32, J08 and J09 of `resolver/feeds/outputs/`.

A finding that went to identity review, or that another one suppresses, is in none of them. What is owed within ten
working days goes to the owner of each of its rows as W30, what belongs to the month's review as J08, and a high-cost
warning to civil affairs and rural aid as J09; W32 tells each county of all that concerns it.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow.compute as pc

from graph.table_files import write_lines
from resolver.feeds.contract import contracts
from resolver.feeds.output import Output, outputs
from resolver.parameters.working_days import deadline
from resolver.snapshot import Snapshot

WARNINGS = ("MW1", "MW2")
_WORKING_DAYS = 10
_REVIEWED_BY = 10  # day of the month by which the month's review is done
_DEPARTMENT = "department"

Line = dict[str, Any]


@dataclass(frozen=True)
class _Sources:
    """What lines are made of: findings as dictionaries, persons by id, and the feed of each record."""

    findings: list[dict[str, Any]]
    persons: Mapping[int, dict[str, Any]]
    feeds: Mapping[int, str]
    titles: Mapping[str, str]
    period: date
    day: date


def write_outputs(snapshot: Snapshot, titles: Mapping[str, str], folder: Path, day: date) -> list[Path]:
    """Write `<folder>/<period>/<feed>_<title>_<to>.xlsx` for every output and receiver with something to tell.

    Args:
        snapshot: A checked snapshot.
        titles: Rule id -> its title.
        folder: Where the files go; files of an earlier writing of the month are replaced.
        day: The day on which they are issued; deadlines count from it.

    Returns:
        The files written, in order.

    Raises:
        SnapshotError: The snapshot was not checked: it has no findings file.
        OSError: The folder cannot be written.
    """
    sources = _sources(snapshot, titles, day)
    found: dict[tuple[str, str], list[Line]] = defaultdict(list)
    for finding in sources.findings:
        for feed, to, line in _lines(finding, sources):
            found[feed, to].append(line)
    target = folder / f"{sources.period:%Y-%m}"
    target.mkdir(parents=True, exist_ok=True)
    written = []
    for (feed, to), lines in sorted(found.items()):
        output = outputs()[feed]
        path = target / f"{feed}_{output.title}_{to}.xlsx"
        _number(output, lines, sources)
        write_lines(path, f"{output.feed} {output.title}", [*output.columns.values()], lines, sources.period)
        written.append(path)
    return written


def _sources(snapshot: Snapshot, titles: Mapping[str, str], day: date) -> _Sources:
    findings = snapshot.read("findings")
    sent = pc.and_(pc.equal(findings["route"], _DEPARTMENT), pc.is_null(findings["suppressed_by"]))
    findings = findings.filter(sent)
    columns = ["person_id", "name", "id_number", "region", "address", "phone"]
    golden = snapshot.read("golden", columns)
    about = golden.filter(pc.is_in(golden["person_id"], findings["person_id"].combine_chunks()))
    records = snapshot.read("records", ["record_key", "feed"])
    keys = findings["record_keys"].combine_chunks().flatten()
    records = records.filter(pc.is_in(records["record_key"], keys))
    return _Sources(
        findings=findings.to_pylist(),
        persons={person["person_id"]: person for person in about.to_pylist()},
        feeds=dict(zip(records["record_key"].to_pylist(), records["feed"].to_pylist(), strict=True)),
        titles=titles,
        period=date.fromisoformat(f"{snapshot.manifest['period'][:7]}-01"),
        day=day,
    )


def _lines(finding: Mapping[str, Any], sources: _Sources) -> Iterator[tuple[str, str, Line]]:
    """Output feed, receiver and line for everything that a finding gives rise to."""
    person = sources.persons.get(finding["person_id"], {})
    line: Line = {
        "finding_no": str(finding["finding_key"]),
        "rule": finding["rule"],
        "severity": finding["severity"],
        "amount": finding["amount"],
        "since": finding["since"],
        "until": finding["until"],
        "period_from": finding["since"],
        "period_to": finding["until"],
        "issue_date": sources.day,
        "return_date": sources.day,
        "due_date": _due(finding["due"], sources),
    }
    line |= {name: person.get(name) for name in ("name", "id_number", "region", "address", "phone")}
    title = sources.titles.get(finding["rule"], finding["rule"])
    statement = _statement(finding["facts"])
    line |= {"rule_title": title, "suspicion": title, "anomaly": title}
    line |= {"statement": statement, "description": statement}
    if finding["rule"] in WARNINGS:
        warning = line | _warning(finding, sources)
        for to in finding["return_to"]:
            yield "J09", to, warning
        return
    feed = "J08" if finding["due"] == "m10" else "W30"
    for department, row in _owners_rows(finding, sources):
        yield feed, department, line | row
    if person.get("region"):
        yield "W32", person["region"], line


def _owners_rows(finding: Mapping[str, Any], sources: _Sources) -> Iterator[tuple[str, Line]]:
    """Each department that must answer with each of its rows; one that has none of them gets a line without a row."""
    wanted, seen = set(finding["return_to"]), set()
    for row_id, record_key in zip(finding["row_ids"], finding["record_keys"], strict=True):
        feed = sources.feeds.get(record_key)
        department = contracts()[feed].department if feed else ""
        if feed is not None and department in wanted:
            seen.add(department)
            yield department, {"feed": f"{feed} {contracts()[feed].title}", "row_id": str(row_id)}
    for department in finding["return_to"]:
        if department not in seen:
            yield department, {}


def _warning(finding: Mapping[str, Any], sources: _Sources) -> Line:
    facts = json.loads(finding["facts"])
    named = (
        "burden",
        "line",
        "income",
        "income_year",
        "provisional",
        "formula",
        "total_amount",
        "fund_amount",
    )
    return {
        "warning_month": sources.period,
        "population": "低保边缘和监测对象" if finding["rule"] == "MW1" else "普通参保人员",
        "n_settlements": facts.get("settlements"),
        **{name: facts.get(name) for name in named},
    }


def _statement(facts: str) -> str:
    """The rule's evidence as text."""
    parts = []
    for name, value in json.loads(facts).items():
        if value not in (None, [], ""):
            text = "、".join(map(str, value)) if isinstance(value, list) else str(value)
            parts.append(f"{name}={text}")
    return "; ".join(parts)


def _due(due: str, sources: _Sources) -> date | None:
    if due == "10wd":
        return deadline(sources.day, _WORKING_DAYS).day
    if due == "-":
        return None
    following = (sources.period + timedelta(days=32)).replace(day=_REVIEWED_BY)
    return (
        following if following >= sources.day else (following + timedelta(days=32)).replace(day=_REVIEWED_BY)
    )


def _number(output: Output, lines: Sequence[Line], sources: _Sources) -> None:
    """Give the rows of a batch sent down their numbers."""
    if "issue_row" in output.columns:
        for number, line in enumerate(lines, 1):
            line |= {"issue_batch": f"GY{sources.day:%Y%m%d}", "issue_row": str(number), "level": "市级"}
