"""What commands print: the same facts as a table for people or, with `--json`, for scripts."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from api.console import err, out, print_json, print_table
from api.month import MonthReport
from graph.rule import RuleProblem
from graph.rules.catalogue import load_catalogue
from graph.store import Publication
from resolver.feeds.receipt import Receipt
from resolver.publication import SnapshotStatus
from resolver.snapshot import Snapshot


def synthesized(directory: Path, manifest: Mapping[str, Any]) -> None:
    """What the made-up city consists of."""
    out.print(f"made-up city in {directory}: {manifest['persons']:,} persons", highlight=False)
    rows = [[feed, count] for feed, count in sorted(manifest["rows"].items())]
    print_table("Rows by feed", ["feed", "rows"], rows)


def received(receipts: Sequence[Receipt], returned: Sequence[Path], *, as_json: bool) -> None:
    """One line per file, then what goes back to the departments."""
    if as_json:
        print_json(
            {"files": [receipt_facts(r) for r in receipts], "returns": [str(path) for path in returned]}
        )
        return
    rows = [
        [
            r.path.name,
            r.feed,
            f"{r.period:%Y-%m}" if r.period else None,
            _status(r),
            r.n_accepted,
            r.n_quarantined,
        ]
        for r in receipts
    ]
    print_table("Received", ["file", "feed", "month", "outcome", "accepted", "quarantined"], rows)
    for receipt in receipts:
        for text in (*receipt.warnings, *([receipt.refused] if receipt.refused else [])):
            err.print(f"{receipt.path}: {text}", highlight=False, markup=False)
    for path in returned:
        out.print(f"rows to correct: {path}", highlight=False)


def receipt_facts(receipt: Receipt) -> dict[str, Any]:
    """A receipt for JSON."""
    return {
        "path": str(receipt.path),
        "status": receipt.status,
        "feed": receipt.feed,
        "period": receipt.period,
        "extent": receipt.extent,
        "delivery_id": receipt.delivery_id,
        "rows": receipt.n_rows,
        "accepted": receipt.n_accepted,
        "quarantined": receipt.n_quarantined,
        "zero": receipt.zero,
        "complete": receipt.complete,
        "warnings": list(receipt.warnings),
        "notes": list(receipt.notes),
        "reasons": dict(receipt.reasons),
        "refused": receipt.refused or None,
    }


def _status(receipt: Receipt) -> str:
    if receipt.zero and receipt.status == "received":
        return "zero receipt"
    return receipt.status.replace("_", " ")


def snapshot_made(snapshot: Snapshot, *, as_json: bool) -> None:
    """Counts of a snapshot."""
    manifest = snapshot.manifest
    facts = {
        "snapshot": snapshot.number,
        "reference_date": manifest["reference_date"],
        "model_version": manifest["model_version"],
        **manifest["counts"],
    }
    if as_json:
        print_json(facts)
    else:
        print_table(
            f"Snapshot {snapshot.number}", ["", ""], [[k, v] for k, v in facts.items() if k != "snapshot"]
        )


def checked(snapshot: Snapshot, problems: Sequence[RuleProblem], *, as_json: bool) -> None:
    """Findings by rule, and rules that could not run."""
    found = findings_by_rule(snapshot)
    if as_json:
        print_json(
            {
                "snapshot": snapshot.number,
                "findings": found,
                "problems": [str(problem) for problem in problems],
            }
        )
        return
    rows = [
        [rule, c["title"], c["department"], c["identity_review"], c["suppressed"]]
        for rule, c in found.items()
    ]
    print_table("Findings", ["rule", "", "to departments", "identity review", "suppressed"], rows)
    for problem in problems:
        err.print(f"rule refused: {problem}", highlight=False, markup=False)


def findings_by_rule(snapshot: Snapshot) -> dict[str, dict[str, Any]]:
    """Rule -> title and number of findings by route."""
    findings = snapshot.read("findings", ["rule", "route", "suppressed_by"])
    counts: dict[str, dict[str, Any]] = {
        rule.id: {"title": rule.title, "department": 0, "identity_review": 0, "suppressed": 0}
        for rule in load_catalogue().enabled()
    }
    for finding in findings.to_pylist():
        kind = "suppressed" if finding["suppressed_by"] else finding["route"]
        counts[finding["rule"]][kind] += 1
    return counts


def published(snapshot: Snapshot, publication: Publication | None, *, as_json: bool) -> None:
    """What readers see now."""
    facts = {
        "snapshot": snapshot.number,
        "published": publication is not None,
        "nodes": publication.nodes if publication else None,
        "edges": publication.edges if publication else None,
        "graph_hash": publication.graph_hash if publication else None,
    }
    if as_json:
        print_json(facts)
    elif publication is None:
        out.print(f"snapshot {snapshot.number} is published already", highlight=False)
    else:
        out.print(
            f"snapshot {snapshot.number} is published: {publication.nodes:,} nodes, {publication.edges:,} edges",
            highlight=False,
        )


def month_done(report: MonthReport, *, as_json: bool) -> None:
    """Receipts, counts, findings, and what each step cost."""
    snapshot = report.snapshot
    if as_json:
        print_json(
            {
                "files": [receipt_facts(r) for r in report.receipts],
                "snapshot": snapshot.number if snapshot else None,
                "reference_date": snapshot.manifest["reference_date"] if snapshot else None,
                "counts": snapshot.manifest["counts"] if snapshot else {},
                "findings": findings_by_rule(snapshot) if snapshot else {},
                "problems": [str(problem) for problem in report.problems],
                "steps": report.measurements.as_dicts(),
            }
        )
        return
    received(report.receipts, [], as_json=False)
    if snapshot:
        snapshot_made(snapshot, as_json=False)
        checked(snapshot, report.problems, as_json=False)
    steps(report)


def steps(report: MonthReport) -> None:
    """What each step cost."""
    rows = [[s["step"], s["seconds"], s["rows"], s["peak_memory_mb"]] for s in report.measurements.as_dicts()]
    print_table("Steps", ["step", "seconds", "rows", "peak memory (MiB)"], rows)


def snapshots(found: Sequence[SnapshotStatus], *, as_json: bool) -> None:
    """The snapshots that are kept."""
    facts = [
        {
            "snapshot": status.number,
            "reference_date": status.manifest["reference_date"],
            "persons": status.manifest["counts"]["persons"],
            "findings": status.manifest["files"].get("findings", {}).get("rows"),
            "model_version": status.manifest["model_version"],
            "published": status.published,
            "current": status.current,
        }
        for status in found
    ]
    if as_json:
        print_json(facts)
    elif facts:
        print_table("Snapshots", list(facts[0]), [list(row.values()) for row in facts])
    else:
        out.print("no snapshots yet", highlight=False)


def evaluated(measured: Mapping[str, Any]) -> None:
    """Quality against the truth."""
    persons = measured["persons"]
    print_table(
        "Persons (pairs of records)",
        ["precision", "recall", "F1", "records", "unlinkable", "rows quarantined"],
        [
            [
                persons["precision"],
                persons["recall"],
                persons["f1"],
                persons["records"],
                persons["records_unlinkable"],
                persons["rows_quarantined"],
            ]
        ],
    )
    columns = ("planted", "found", "true", "precision", "recall", "innocent_raised")
    rules = [[rule, *(m.get(c) for c in columns)] for rule, m in measured["rules"].items()]
    print_table("Rules", ["rule", *columns], rules)
    traps = [
        [t, m["name"], m["instances"], m["as_expected"], m["flagged"]] for t, m in measured["traps"].items()
    ]
    print_table("Traps about who is who", ["trap", "", "instances", "as expected", "flagged"], traps)
