"""`guiyi liability` and the steps that close its cases."""

import shutil
from pathlib import Path

import pytest

from api.month import MonthReport
from resolver.workspace import Workspace
from tests.api.commands.command_line import parsed, run


@pytest.fixture(scope="module")
def own(month: tuple[Workspace, MonthReport], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the workspace, to record steps in."""
    return Path(shutil.copytree(month[0].root, tmp_path_factory.mktemp("liability") / "workspace"))


def test_leads_are_listed_shown_and_measured(own: Path) -> None:
    told = parsed(run("liability", "list", "--limit", "1000", "--json", "-w", own))
    leads = told["leads"]
    assert told["total"] == len(leads) > 1
    assert [lead["rank"] for lead in leads] == list(range(1, len(leads) + 1))
    found, gone = [lead for lead in leads if lead["kind"] == "accident"][:2]
    for lead, step in ((found, "recovered"), (gone, "no_third_party")):
        assert (
            run("findings", "step", str(lead["finding_key"]), step, "-r", "asked", "-w", own).exit_code == 0
        )
    shown = parsed(run("liability", "show", str(found["rank"]), "--json", "-w", own))
    assert (shown["state"], shown["person_id"]) == ("recovered", found["person_id"])
    assert any(node.startswith("Accident:") for node in shown["path"])
    measured = parsed(run("liability", "precision", "--k", str(gone["rank"]), "--json", "-w", own))
    assert measured["precision_at"] == [{"k": gone["rank"], "closed": 2, "true": 1, "precision": 0.5}]
    recovered = parsed(run("liability", "list", "--state", "recovered", "--json", "-w", own))
    assert [lead["rank"] for lead in recovered["leads"]] == [found["rank"]]


def test_for_people(own: Path) -> None:
    result = run("liability", "list", "--limit", "3", "-w", own)
    assert result.exit_code == 0
    assert "leads of snapshot" in result.stdout
    assert "treated within" in run("liability", "show", "1", "-w", own).stdout
    assert "precision" in run("liability", "precision", "-w", own).stdout


def test_what_is_wrong_is_said(own: Path) -> None:
    assert "there are" in run("liability", "show", "100000", "-w", own).stderr
    refused = run("findings", "step", "1", "forgotten", "-r", "x", "-w", own)
    assert refused.exit_code != 0
    assert "'forgotten' is no step of a case" in refused.stderr
