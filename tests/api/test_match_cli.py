"""`guiyi match`: who is meant by a description, masked unless asked for in full, and always in the audit trail."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from api.month import MonthReport
from api.security import audit
from resolver.entities.entity_id import to_text
from resolver.ledger.ledger import Ledger
from resolver.publication import published_snapshot
from resolver.workspace import Workspace


@pytest.fixture(scope="module")
def workspace(month: tuple[Workspace, MonthReport], tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The published months, to look at; looks are audited, so it is a copy."""
    root = shutil.copytree(month[0].root, tmp_path_factory.mktemp("match") / "workspace")
    return Workspace.open(Path(root))


@pytest.fixture(scope="module")
def ledger(workspace: Workspace) -> Iterator[Ledger]:
    with Ledger.open(workspace.ledger_url) as opened:
        yield opened


@pytest.fixture(scope="module")
def known(workspace: Workspace, ledger: Ledger) -> list[dict[str, Any]]:
    """Persons with a number and a birth date."""
    snapshot = published_snapshot(workspace, ledger)
    assert snapshot is not None
    golden = snapshot.read("golden", ["person_id", "name", "id_number", "birth_date", "id_type"]).to_pylist()
    return [row for row in golden if row["birth_date"] and row["id_type"] == "resident"]


def ask(workspace: Workspace, *arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["match", "-w", str(workspace.root), *map(str, arguments)])


def test_a_person_is_found_masked_and_the_look_is_audited(
    workspace: Workspace, ledger: Ledger, known: list[dict[str, Any]]
) -> None:
    person = known[0]
    before = ledger.chain_head(audit.STREAM).seq
    asked = ("--name", person["name"], "--id-number", person["id_number"])
    result = ask(workspace, *asked, "--json")
    assert result.exit_code == 0, result.stderr
    (answer,) = json.loads(result.stdout)
    best = answer["items"][0]
    person_id = to_text(person["person_id"], "person")
    assert best["person"]["person_id"] == person_id
    explanation = best["explanation"]
    total = explanation["prior"] + sum(step["match_weight"] for step in explanation["steps"])
    assert total == pytest.approx(explanation["match_weight"], abs=1e-9)
    assert person["id_number"] not in result.stdout
    (event,) = ledger.read_chained(audit.STREAM, after=before, limit=10)
    assert event.body["action"] == "cli.match"
    assert person_id in event.body["persons"]
    assert event.body["numbers_shown"] is False
    full = ask(workspace, *asked, "--full", "--json")
    assert person["id_number"] in full.stdout
    assert ledger.read_chained(audit.STREAM, after=event.seq, limit=10)[0].body["numbers_shown"] is True


def test_people_read_the_reasons_in_words(workspace: Workspace, known: list[dict[str, Any]]) -> None:
    result = ask(workspace, "--id-number", known[0]["id_number"], "--k", "1")
    assert result.exit_code == 0, result.stderr
    assert "证件号码相同" in result.stdout.replace("\n", "").replace(" ", "")
    assert known[0]["id_number"] not in result.stdout


def test_every_row_of_a_file_is_answered(
    workspace: Workspace, known: list[dict[str, Any]], tmp_path: Path
) -> None:
    path = tmp_path / "asked.csv"
    rows = [f"{person['name']},{person['id_number']}" for person in known[:5]]
    path.write_text("\n".join(["姓名,身份证号", *rows, "欧阳不存在,"]), "utf-8")
    result = ask(workspace, "--file", path, "--json")
    assert result.exit_code == 0, result.stderr
    answers = json.loads(result.stdout)
    assert [answer["row"] for answer in answers] == [2, 3, 4, 5, 6, 7]
    found = [answer["items"][0]["person"]["person_id"] for answer in answers[:5]]
    assert found == [to_text(person["person_id"], "person") for person in known[:5]]
    assert answers[5]["items"] == []


def test_nobody_is_said_in_words(workspace: Workspace) -> None:
    result = ask(workspace, "--name", "欧阳不存在")
    assert result.exit_code == 0, result.stderr
    assert "nobody in what is published" in result.stdout


@pytest.mark.parametrize("arguments", [(), ("--name", " "), ("--name", "张三", "--file", "x.csv")])
def test_describe_somebody_in_one_way(workspace: Workspace, arguments: tuple[str, ...]) -> None:
    result = ask(workspace, *arguments)
    assert result.exit_code == 1
    assert "error:" in result.stderr
    assert "--file" in result.stderr
