"""`guiyi monitoring` on a published city in which the lines are drawn low."""

import csv
import json
import shutil
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook
from typer.testing import CliRunner

from api.cli import app
from api.month import MonthReport
from api.security import audit
from graph.rule_views import rule_views
from resolver.feeds.output import outputs
from resolver.ledger.ledger import Ledger
from resolver.workspace import Workspace


@pytest.fixture(scope="module")
def copied(month: tuple[Workspace, MonthReport], tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    root = tmp_path_factory.mktemp("monitored") / "ws"
    shutil.copytree(month[0].root, root)
    settings = root / "guiyi.toml"
    text = "\n[rules.MW1]\nshare = 0.1\n[rules.MW2]\nshare = 0.5\n"
    settings.write_text(settings.read_text("utf-8") + text, "utf-8")
    return Workspace.open(root)


def run(workspace: Workspace, *words: str) -> str:
    result = CliRunner().invoke(app, ["monitoring", *words, "-w", str(workspace.root)])
    assert result.exit_code == 0, result.stderr
    return result.stdout


def test_the_list_in_a_file_and_as_json_is_one(copied: Workspace, tmp_path: Path) -> None:
    run(copied, "list", "--out", str(tmp_path / "l.xlsx"))
    run(copied, "list", "--out", str(tmp_path / "l.csv"))
    lines = json.loads(run(copied, "list", "--json"))
    assert lines
    assert [line["burden"] for line in lines if line["population"] == "普通参保人员"] == sorted(
        (line["burden"] for line in lines if line["population"] == "普通参保人员"), reverse=True
    )
    headers, *rows = CalamineWorkbook.from_path(tmp_path / "l.xlsx").get_sheet_by_index(0).to_python()
    assert headers == [column.header for column in outputs()["J09"].columns.values()]
    assert [row[headers.index("身份证号码")] for row in rows] == [line["id_number"] or "" for line in lines]
    assert [row[headers.index("个人累计负担")] for row in rows] == [line["burden"] for line in lines]
    with (tmp_path / "l.csv").open(encoding="utf-8-sig", newline="") as file:
        told = list(csv.reader(file))
    assert told[0] == headers
    assert [float(row[headers.index("预警线")]) for row in told[1:]] == [line["line"] for line in lines]


def test_every_look_is_on_the_audit_trail(copied: Workspace) -> None:
    lines = json.loads(run(copied, "list", "--json"))
    with Ledger.open(copied.ledger_url) as ledger:
        [*_, event] = ledger.read_chained(audit.STREAM, after=0, limit=10_000)
    assert event.body["action"] == "cli.monitoring.list"
    assert event.body["persons"] == [line["person_id"] for line in lines]


def test_a_statement_of_an_application(copied: Workspace, month: tuple[Workspace, MonthReport]) -> None:
    assert month[1].snapshot is not None
    with rule_views(month[1].snapshot) as database:
        applications = database.sql(
            "SELECT application_no FROM illness_poverty_applications WHERE person_id IS NOT NULL ORDER BY 1"
        ).fetchall()
    assert applications
    for (application,) in applications:
        assert "sum 合计" in run(copied, "statement", application)
        for line in json.loads(run(copied, "statement", application, "--json")):
            assert line["application_no"] == application


def test_what_cannot_be_told_says_why(copied: Workspace, tmp_path: Path) -> None:
    def refused(*words: str) -> str:
        result = CliRunner().invoke(app, ["monitoring", *words, "-w", str(copied.root)])
        assert result.exit_code == 1
        return result.stderr

    assert "application X was not received" in refused("statement", "X")
    assert "End the file's name with .xlsx or .csv" in refused("list", "--out", str(tmp_path / "l.pdf"))
