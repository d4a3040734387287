"""A judgement from the command line to the persons of the next runs, and back."""

import csv
import json
import shutil
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from api.month import MonthReport, resolve_and_publish, run_month
from resolver.entities.entity_id import to_text
from resolver.ledger.ledger import Ledger
from resolver.progress import silent
from resolver.snapshot import Snapshot
from resolver.workspace import Workspace


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def told(*arguments: str | Path) -> Any:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def owners(snapshot: Snapshot, members: str = "members") -> dict[int, int]:
    table = snapshot.read(members, ["record_key", "entity_id"])
    return dict(zip(table["record_key"].to_pylist(), table["entity_id"].to_pylist(), strict=True))


def partition(owner: dict[int, int]) -> set[frozenset[int]]:
    groups = defaultdict(set)
    for record, entity in owner.items():
        groups[entity].add(record)
    return {frozenset(group) for group in groups.values()}


@pytest.fixture
def workspace(month: tuple[Workspace, MonthReport], tmp_path: Path) -> Workspace:
    """The published months, to be judged."""
    return Workspace.open(Path(shutil.copytree(month[0].root, tmp_path / "workspace")))


@pytest.fixture
def ledger(workspace: Workspace) -> Iterator[Ledger]:
    with Ledger.open(workspace.ledger_url) as opened:
        yield opened


def next_snapshot(workspace: Workspace, ledger: Ledger) -> Snapshot:
    report = MonthReport()
    with workspace.writer():
        resolve_and_publish(workspace, ledger, date(2000, 1, 1), report, silent)
    assert report.snapshot is not None
    return report.snapshot


def next_run(workspace: Workspace, ledger: Ledger) -> dict[int, int]:
    return owners(next_snapshot(workspace, ledger))


def test_runs_obey_judgements_until_they_are_undone_and_rebuilt_workspaces_too(
    workspace: Workspace, ledger: Ledger, city: Path, tmp_path: Path
) -> None:
    before = owners(Snapshot.open(workspace, max(m.snapshot for m in ledger.pointer_moves())))
    groups = sorted(partition(before), key=lambda group: (-len(group), min(group)))
    torn, (one, other) = sorted(groups[0]), sorted((g for g in groups if len(g) == 3), key=min)[:2]
    at = ["-w", workspace.root]
    for record in torn[1:]:
        told("judgements", "add", f"R{torn[0]}", f"R{record}", "different", "--reason", "两人", *at)
    p, q = (to_text(before[min(group)], "person") for group in (one, other))
    same = told("judgements", "add", p, q, "same", "--reason", "同一人", *at)
    assert len(same) == 5

    judged = next_run(workspace, ledger)
    alone = {record for record in torn if judged[record] == judged[torn[0]]}
    assert alone == {torn[0]}
    assert {judged[record] for record in torn[1:]} == {before[torn[0]]}
    assert len({judged[record] for record in [*one, *other]}) == 1
    assert judged[min(one)] in (before[min(one)], before[min(other)])
    assert next_run(workspace, ledger) == judged

    exported = tmp_path / "judgements.csv"
    assert run("judgements", "export", exported, *at).exit_code == 0
    rebuilt = Workspace.create(tmp_path / "rebuilt")
    listed = len(torn) - 1 + len(same)
    imported = told("judgements", "import", exported, "-w", rebuilt.root)
    assert (imported["listed"], imported["new"]) == (listed, listed)
    with rebuilt.writer(), Ledger.open(rebuilt.ledger_url) as second:
        report = run_month(rebuilt, second, [city])
        assert second.all_judgements() == ledger.all_judgements()
    assert report.snapshot is not None
    assert partition(owners(report.snapshot)) == partition(judged)

    for number in [judgement["judgement_id"] for judgement in told("judgements", "list", *at)]:
        result = run("judgements", "undo", str(number), "--reason", "看错", *at)
        assert result.exit_code == 0 or "undone before" in result.stderr
    assert told("judgements", "list", *at) == []
    assert next_run(workspace, ledger) == before


def test_organisations_are_judged_as_persons_are(workspace: Workspace, ledger: Ledger) -> None:
    published = Snapshot.open(workspace, max(m.snapshot for m in ledger.pointer_moves()))
    before = owners(published, "organisation_members")
    groups = sorted((sorted(group) for group in partition(before)), key=lambda group: (-len(group), group))
    torn, one, other = groups[0], groups[-2], groups[-1]
    assert len(torn) > 1
    at = ["-w", workspace.root]
    for record in torn[1:]:
        told("judgements", "add", f"R{torn[0]}", f"R{record}", "different", "--reason", "两家", *at)
    p, q = (to_text(before[group[0]], "organisation") for group in (one, other))
    same = told("judgements", "add", p, q, "same", "--reason", "改制", *at)
    assert len(same) == len(one) + len(other) - 1
    judgement = ledger.all_judgements()[0]
    assert judgement.witness_l is not None
    feeds = published.read("organisation_records", ["record_key", "feed"])
    at_feed = dict(zip(feeds["record_key"].to_pylist(), feeds["feed"].to_pylist(), strict=True))
    assert judgement.witness_l.feed == at_feed[judgement.record_key_l]

    snapshot = next_snapshot(workspace, ledger)
    judged = owners(snapshot, "organisation_members")
    assert [record for record in torn if judged[record] == judged[torn[0]]] == [torn[0]]
    assert len({judged[record] for record in [*one, *other]}) == 1
    assert owners(snapshot) == owners(published)


def test_what_is_judged_wrongly_is_told(workspace: Workspace, ledger: Ledger) -> None:
    published = Snapshot.open(workspace, max(m.snapshot for m in ledger.pointer_moves()))
    owner, of_firms = owners(published), owners(published, "organisation_members")
    firm = min(of_firms)
    a, b, *_ = sorted(owner)
    at = ["-w", str(workspace.root)]
    wrong = {
        (str(a), "77"): "77 is not in the published snapshot",
        (str(a), to_text(owner[b], "person")): "a record cannot be judged against a person",
        (str(a), "P-XXX"): "a record cannot be judged against a person",
        (str(a), str(firm)): "a person's record cannot be judged against an organisation's record",
        (to_text(owner[b], "person"), to_text(of_firms[firm], "organisation")): (
            "a person cannot be judged against an organisation"
        ),
        (str(firm), to_text(of_firms[firm], "organisation")): (
            "a record cannot be judged against an organisation"
        ),
        ("O-XXX", "O-XXX"): "neither a record key nor the id of a person (P-…) or organisation (O-…)",
        ("P-XXX", "P-XXX"): "neither a record key nor the id of a person",
        (str(a), str(a)): "both sides are the same",
    }
    for (left, right), message in wrong.items():
        result = run("judgements", "add", left, right, "same", "--reason", "x", *at)
        assert result.exit_code == 1
        assert message in result.stderr
    assert "needs a reason" in run("judgements", "add", f"R{a}", f"R{b}", "same", "-r", " ", *at).stderr
    assert ledger.all_judgements() == []


def test_what_is_done_with_judgements_is_in_the_trail(
    workspace: Workspace, ledger: Ledger, tmp_path: Path
) -> None:
    a, b, c, *_ = sorted(owners(Snapshot.open(workspace, max(m.snapshot for m in ledger.pointer_moves()))))
    at = ["-w", workspace.root]
    seen = ledger.chain_head("audit").seq
    told("judgements", "add", f"R{a}", f"R{b}", "same", "--reason", "相片", *at)
    told("judgements", "add", f"R{b}", f"R{c}", "different", "--reason", "相片", *at)
    assert "judgement 1" in run("judgements", "add", f"R{a}", f"R{b}", "different", "-r", "x", *at).stderr
    assert [j["judgement_id"] for j in told("judgements", "list", "--record", str(a), *at)] == [1]
    run("judgements", "undo", "1", "--reason", "看错", *at)
    assert [j["undone_by"] for j in told("judgements", "list", "--all", *at)] == [3, None]
    assert run("judgements", "export", tmp_path / "all.csv", *at).exit_code == 0
    with (tmp_path / "all.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [line["判断 decision"] for line in csv.DictReader(file)] == ["same", "different", "undo"]
    assert told("judgements", "verify", *at) == {"ok": True, "judgements": 3, "problem": ""}
    actions = [event.body["action"].rpartition(".")[2] for event in ledger.read_chained("audit", after=seen)]
    assert actions == ["add", "add", "list", "undo", "list", "export"]
