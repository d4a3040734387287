"""`guiyi aid review` on the published city."""

import json
from pathlib import Path

from python_calamine import CalamineWorkbook
from typer.testing import CliRunner

from api.cli import app
from graph.aid import CHANGES, NOTES
from resolver.workspace import Workspace


def run(workspace: Workspace, *words: str) -> str:
    result = CliRunner().invoke(app, ["aid", "review", *words, "-w", str(workspace.root)])
    assert result.exit_code == 0, result.stderr
    return result.stdout


def test_the_review_as_data_as_text_and_as_a_file(workspace_copy: Workspace, tmp_path: Path) -> None:
    everybody = json.loads(run(workspace_copy, "--all", "--json"))
    lines = json.loads(run(workspace_copy, "--json", "--out", str(tmp_path / "r.xlsx")))
    assert lines == [line for line in everybody if line["change"] != "none" or line["notes"]]
    assert len({line["person_id"] for line in everybody}) == len(everybody) > 20
    headers, *rows = CalamineWorkbook.from_path(tmp_path / "r.xlsx").get_sheet_by_index(0).to_python()
    assert [row[headers.index("本月变动")] for row in rows] == [CHANGES[line["change"]] for line in lines]
    assert [row[headers.index("待核事项")] for row in rows] == [
        "；".join(NOTES[note] for note in line["notes"]) for line in lines
    ]
    assert "低保对象" in {row[headers.index("最优类别")] for row in rows}
    shown = run(workspace_copy)
    for change in CHANGES.values():
        assert change in shown
