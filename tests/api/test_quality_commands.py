"""`guiyi quality`: from the published city to a labelled sheet and a report."""

import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from api.evaluation import record_subjects
from api.month import MonthReport
from api.quality_sheet import ANSWER, write_sheet
from resolver.feeds.workbook import Workbook
from resolver.ledger.judgement_file import record_from_text
from resolver.ledger.ledger import Ledger
from resolver.snapshot import Snapshot
from resolver.truth import read_truth
from resolver.workspace import Workspace


def run(*arguments: str | Path | int, typed: str | None = None) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], input=typed)


def told(*arguments: str | Path | int) -> Any:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def rows_of(sheet: Path) -> list[dict[str, str]]:
    book = Workbook(sheet)
    head, *rows = book.first_rows(book.sheets[0], 10_000)
    return [dict(zip(head, row, strict=True)) for row in rows]


@pytest.fixture(scope="module")
def person(month: tuple[Workspace, MonthReport], city: Path) -> dict[int, int]:
    """Record -> true person."""
    workspace, report = month
    assert report.snapshot is not None
    with Ledger.open(workspace.ledger_url) as ledger:
        truth = read_truth(workspace, city, ledger.deliveries())
    subjects = record_subjects(report.snapshot, truth)
    return dict(zip(subjects["record_key"].to_pylist(), subjects["subject"].to_pylist(), strict=True))


@pytest.fixture
def workspace(month: tuple[Workspace, MonthReport], tmp_path: Path) -> Workspace:
    return Workspace.open(Path(shutil.copytree(month[0].root, tmp_path / "workspace")))


@pytest.fixture
def sheet(workspace: Workspace, tmp_path: Path) -> Path:
    path = tmp_path / "sample.xlsx"
    told("quality", "sample", "--pairs", 80, "--out", path, "-w", workspace.root)
    return path


def answered(row: dict[str, str], person: dict[int, int]) -> dict[str, str]:
    left, right = (person.get(record_from_text(row[f"记录{s}"])) for s in ("甲 record_l", "乙 record_r"))
    return {**row, ANSWER: "是" if left == right else "否"}


@pytest.mark.parametrize("suffix", ["xlsx", "csv"])
def test_a_labelled_sheet_gives_the_report(
    workspace: Workspace, sheet: Path, person: dict[int, int], tmp_path: Path, suffix: str
) -> None:
    at = ["-w", workspace.root]
    rows = [answered(row, person) for row in rows_of(sheet)]
    rows[3][ANSWER], rows[4][ANSWER] = "", "不确定"
    labelled = tmp_path / f"labelled.{suffix}"
    write_sheet(labelled, rows[::-1])
    result = run("quality", "label", labelled, *at)
    assert "79 new labels, 79 of 80 pairs labelled" in result.stdout, result.stderr
    assert "sample 1: 0 new labels" in run("quality", "label", labelled, *at).stdout
    measured = told("quality", "report", *at)
    assert (measured["pairs_drawn"], measured["not_labelled"], measured["labels"]["unsure"]) == (80, 1, 1)
    assert measured["precision"]["low"] < measured["precision"]["estimate"] <= measured["precision"]["high"]
    assert measured["precision"]["estimate"] > 0.97
    assert measured["recall"]["estimate"] > 0.97
    assert sum(band["labelled"] for band in measured["calibration"]) < 78
    shown = run("quality", "report", "--sample", 1, *at).stdout
    assert "精确率 precision of links" in shown
    assert "a match that shares nothing" in " ".join(shown.split())
    assert (
        max(sum(2 if "\u2e80" <= c <= "\uffef" else 1 for c in line) for line in shown.splitlines()[:30])
        <= 100
    )


def test_the_sheet_shows_what_is_needed_and_no_number_unless_asked(
    workspace: Workspace, sheet: Path, tmp_path: Path
) -> None:
    records = Snapshot.open(workspace, 2).read("records", ["id_number", "phone", "spouse_id", "mother_id"])
    numbers = {
        v for name in records.column_names for v in pc.unique(records[name]).to_pylist() if v and len(v) > 7
    }
    full = tmp_path / "full.csv"
    told("quality", "sample", "--pairs", 80, "--out", full, "--full", "-w", workspace.root)
    masked = "\n".join(cell for row in rows_of(sheet) for cell in row.values())
    assert [number for number in numbers if number in masked] == []
    assert sum(number in full.read_text("utf-8") for number in numbers) > 30
    rows = rows_of(sheet)
    assert all(row["甲 姓名 name"] or row["甲 证件号码 ID number"] for row in rows)
    assert any(row["证件号码比较 ID numbers"] == "相同" for row in rows)
    assert list(rows[0])[2] == ANSWER
    for row in rows:
        share = float(row["入样概率 inclusion_probability"])
        assert 0 < share <= 1
        assert float(row["权数 weight"]) == pytest.approx(1 / share, rel=1e-6)
    with Ledger.open(workspace.ledger_url) as ledger:
        looks = [e.body for e in ledger.read_chained("audit") if e.body["action"] == "cli.quality.sample"]
    assert [look["numbers_shown"] for look in looks] == [False, True]
    assert len(looks[0]["persons"]) > 50


def test_the_same_seed_draws_the_same_pairs(workspace: Workspace, sheet: Path, tmp_path: Path) -> None:
    def pairs(path: Path) -> list[tuple[str, str]]:
        return [(row["记录甲 record_l"], row["记录乙 record_r"]) for row in rows_of(path)]

    again, other = tmp_path / "again.xlsx", tmp_path / "other.xlsx"
    told("quality", "sample", "--pairs", 80, "--out", again, "-w", workspace.root)
    told("quality", "sample", "--pairs", 80, "--seed", 2, "--out", other, "-w", workspace.root)
    assert pairs(sheet) == pairs(again)
    assert pairs(sheet) != pairs(other)


def test_a_wrong_cell_is_named(workspace: Workspace, sheet: Path, tmp_path: Path) -> None:
    good = rows_of(sheet)
    wrong = {
        "row 3, column 判断 是/否/不确定 same/different/unsure: '也许' is no answer": (1, ANSWER, "也许"),
        "row 4, column 记录甲 record_l: not the record of this pair": (
            2,
            "记录甲 record_l",
            good[0]["记录甲 record_l"],
        ),
        "row 5, column 序号 pair: 'x' is not a number": (3, "序号 pair", "x"),
        "row 6: that pair is not of sample 1": (4, "序号 pair", "81"),
        "row 7, column 记录乙 record_r: '4.6E+18' is not a record key": (5, "记录乙 record_r", "4.6E+18"),
    }
    bad = tmp_path / "bad.xlsx"
    for message, (place, heading, cell) in wrong.items():
        rows = [dict(row) for row in good]
        rows[place][heading] = cell
        write_sheet(bad, rows)
        result = run("quality", "label", bad, "--sample", 1, "-w", workspace.root)
        assert result.exit_code == 1
        assert f"{bad} {message}" in result.stderr
    write_sheet(bad, [*good, good[0]])
    assert "stands in the sheet twice" in run("quality", "label", bad, "-w", workspace.root).stderr
    bad = tmp_path / "bad.csv"
    write_sheet(bad, [{k: v for k, v in row.items() if k != ANSWER} for row in good])
    assert f"lacks the columns {ANSWER}" in run("quality", "label", bad, "-w", workspace.root).stderr
    assert "no pair of sample 1 is labelled" in run("quality", "report", "-w", workspace.root).stderr
    nowhere = run("quality", "sample", "--out", tmp_path / "sample.doc", "-w", workspace.root)
    assert "neither .xlsx nor .csv" in nowhere.stderr


def test_pairs_are_asked_for_here(workspace: Workspace, sheet: Path) -> None:
    at = ["-w", workspace.root]
    result = run("quality", "label", *at, typed="y\nmaybe\nn\n?\nq\n")
    assert "sample 1: 3 new labels, 3 of 80 pairs labelled" in result.stdout, result.stderr
    assert "Pair 4 of 80" in result.stdout
    result = run("quality", "label", *at, typed="y\nq\n")
    assert "Pair 3 of 80" not in result.stdout
    assert "4 of 80" in result.stdout
    assert told("quality", "report", *at)["labels"] == {"same": 2, "different": 1, "unsure": 1}


def test_labels_are_judgements_only_when_asked(
    workspace: Workspace, sheet: Path, person: dict[int, int]
) -> None:
    at = ["-w", workspace.root]
    rows = [answered(row, person) for row in rows_of(sheet)][:20]
    write_sheet(sheet, rows)
    assert run("quality", "label", sheet, *at).exit_code == 0
    assert told("judgements", "list", *at) == []
    result = run("quality", "label", sheet, "--as-judgements", *at)
    assert "20 judgements recorded" in result.stdout, result.stderr
    judged = told("judgements", "list", *at)
    assert {j["reason"] for j in judged} == {"质量抽样 quality sample 1"}
    assert [j["decision"] == "same" for j in judged] == [row[ANSWER] == "是" for row in rows]
    assert "judgements recorded" not in run("quality", "label", sheet, "--as-judgements", *at).stdout
