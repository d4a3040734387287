"""What the steps of a month and its evaluation print: the same facts as tables for people or as JSON for scripts."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import fill
from typing import Any

from api.console import complain, print_facts, print_json, print_table, say
from api.month import MonthReport, not_run
from api.receipts import print_receipts, receipt_facts
from graph.rule import RuleProblem
from graph.rules.catalogue import load_catalogue
from graph.store import Publication
from resolver.snapshot import Snapshot

_WIDTH = 98
"""Columns of a terminal that running text may take."""


def snapshot_made(snapshot: Snapshot, *, as_json: bool) -> None:
    """Counts of a snapshot."""
    facts = {
        "reference_date": snapshot.manifest["reference_date"],
        "model_version": snapshot.manifest["model_version"],
        **counts(snapshot),
    }
    if as_json:
        print_json({"snapshot": snapshot.number, **facts})
    else:
        print_facts(f"Snapshot {snapshot.number}", facts)


def checked(snapshot: Snapshot, problems: Sequence[RuleProblem], *, as_json: bool) -> None:
    """Findings by rule, and rules that could not run."""
    found = findings_by_rule(snapshot)
    if as_json:
        told = [str(problem) for problem in problems]
        print_json(
            {
                "snapshot": snapshot.number,
                "findings": found,
                "not_run": not_run(snapshot),
                "problems": told,
            }
        )
        return
    rows = [
        [rule, _titles(c), c["department"], c["identity_review"], c["suppressed"]]
        for rule, c in found.items()
    ]
    headers = ["rule", "finding", "departments", "identity review", "suppressed"]
    print_table("Findings by rule", headers, rows)
    for rule, reason in not_run(snapshot).items():
        say(f"rule {rule} was not run: {reason}")
    for problem in problems:
        complain(f"refused: {problem}", "The other rules ran.")


def findings_by_rule(snapshot: Snapshot) -> dict[str, dict[str, Any]]:
    """Rule -> its titles and its findings: to departments, to identity review, suppressed by another rule."""
    catalogue = load_catalogue(snapshot.folder.parents[1] / "rules").rules
    ran = snapshot.manifest.get("checked_by", {}).get("rules", {})
    counts: dict[str, dict[str, Any]] = {
        rule: {
            "title": catalogue[rule].title if rule in catalogue else "",
            "title_en": catalogue[rule].title_en if rule in catalogue else "",
            "department": 0,
            "identity_review": 0,
            "suppressed": 0,
        }
        for rule in ran
        if rule not in not_run(snapshot)
    }
    for finding in snapshot.read("findings", ["rule", "route", "suppressed_by"]).to_pylist():
        kind = "suppressed" if finding["suppressed_by"] else finding["route"]
        counts[finding["rule"]][kind] += 1
    return counts


def published(snapshot: Snapshot, publication: Publication | None, *, as_json: bool) -> None:
    """What readers see now."""
    if as_json:
        print_json(
            {
                "snapshot": snapshot.number,
                "already_published": publication is None,
                "nodes": publication.nodes if publication else None,
                "edges": publication.edges if publication else None,
                "graph_hash": publication.graph_hash if publication else None,
            }
        )
    elif publication is None:
        say(f"readers see snapshot {snapshot.number} already")
    else:
        size = f"{publication.nodes:,} nodes, {publication.edges:,} edges"
        say(f"readers see snapshot {snapshot.number}: {size}")


def month_done(report: MonthReport, returned: Sequence[Path], *, as_json: bool) -> None:
    """Receipts, counts, findings, and what each step cost."""
    snapshot = report.snapshot
    if as_json:
        print_json(
            {
                "files": [receipt_facts(receipt) for receipt in report.receipts],
                "returns": returned,
                "snapshot": snapshot.number if snapshot else None,
                "reference_date": snapshot.manifest["reference_date"] if snapshot else None,
                "counts": counts(snapshot) if snapshot else {},
                "findings": findings_by_rule(snapshot) if snapshot else {},
                "not_run": not_run(snapshot) if snapshot else {},
                "problems": [str(problem) for problem in report.problems],
                "steps": report.measurements.as_dicts(),
            }
        )
        return
    print_receipts(report.receipts, returned)
    if snapshot:
        snapshot_made(snapshot, as_json=False)
        checked(snapshot, report.problems, as_json=False)
    else:
        say("nothing is published yet")
    steps(report.measurements.as_dicts())


def steps(measured: Sequence[Mapping[str, Any]]) -> None:
    """What each step cost."""
    rows = [[s["step"], s["seconds"], s["rows"], s["peak_memory_mb"]] for s in measured]
    print_table("Time and memory", ["step", "seconds", "rows", "peak MiB"], rows, decimals=1)


def evaluated(measured: Mapping[str, Any]) -> None:
    """Quality against the truth."""
    columns = ("precision", "recall", "f1", "records", "records_unlinkable")
    print_table(
        "Against the truth (pairs of records)",
        ["", "precision", "recall", "F1", "records", "of them unlinkable"],
        [[kind, *(measured[kind][c] for c in columns)] for kind in ("persons", "organisations")],
    )
    say(f"rows quarantined: {measured['persons']['rows_quarantined']:,}")
    shown = ("precision", "recall", "f1", "households", "largest", "large_without_flag")
    print_table(
        "Households against the truth (pairs of persons in one)",
        ["precision", "recall", "F1", "households", "members of the largest", "over 30 without a flag"],
        [[measured["households"][c] for c in shown]],
    )
    titles = {rule.id: f"{rule.title} {rule.title_en}" for rule in load_catalogue().rules.values()}
    counted = ("planted", "missed", "found", "true", "precision", "recall")
    rows = [[rule, titles.get(rule, ""), *(m[c] for c in counted)] for rule, m in measured["rules"].items()]
    print_table("Conflicts planted and found", ["rule", "conflict", *counted], rows)
    if beside := measured["not_in_truth"]:
        told = ", ".join(f"{rule} {found}" for rule, found in beside.items())
        say(fill(f"findings of rules of which the truth says nothing: {told}", _WIDTH))
    traps = [
        [int(trap), m["name"].replace("_", " "), m["instances"], m["as_expected"], m["flagged"]]
        for trap, m in measured["traps"].items()
    ]
    headers = ["trap", "who is who", "instances", "as expected", "flagged as ambiguous"]
    print_table("Traps 陷阱", headers, traps)


def counts(snapshot: Snapshot) -> dict[str, int]:
    """What a snapshot consists of, in the order in which one is made from the other."""
    order = ("rows", "records", "pairs", "persons", "organisations")
    return {name: snapshot.manifest["counts"][name] for name in order}


def _titles(rule: Mapping[str, Any]) -> str:
    return f"{rule['title']} {rule['title_en']}"
