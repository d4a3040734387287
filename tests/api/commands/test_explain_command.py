import json
from pathlib import Path

import pytest

from api.month import MonthReport
from resolver.entities.entity_id import to_text
from resolver.workspace import Workspace
from tests.api.commands.command_line import run


@pytest.fixture(scope="module")
def root(workspace_copy: Workspace) -> Path:
    return workspace_copy.root


@pytest.fixture(scope="module")
def members(month: tuple[Workspace, MonthReport]) -> dict[int, list[int]]:
    """Person -> its records, the largest first."""
    assert month[1].snapshot is not None
    found: dict[int, list[int]] = {}
    for member in month[1].snapshot.read("members").to_pylist():
        found.setdefault(member["entity_id"], []).append(member["record_key"])
    return dict(sorted(found.items(), key=lambda item: -len(item[1])))


def test_a_person_as_data_as_text_and_as_a_picture(
    root: Path, members: dict[int, list[int]], tmp_path: Path
) -> None:
    person, keys = next(iter(members.items()))
    text = to_text(person, "person")
    picture = tmp_path / "person.html"
    found = json.loads(run("explain", "--entity", text, "--json", "--html", picture, "-w", root).stdout)
    assert found["person_id"] == text
    assert sorted(map(int, found["records"])) == sorted(keys)
    assert found["n_links"] == len(keys) - 1
    page = picture.read_text("utf-8")
    assert "<svg" in page
    assert "<script" not in page
    assert "http" not in page
    shown = run("explain", "--entity", text, "-w", root)
    assert shown.exit_code == 0
    assert "Links, the weakest first" in shown.stdout
    assert "".join(found["summary_zh"].split()) in "".join(shown.stdout.split())


def test_two_persons_are_told_why_they_are_two(
    root: Path, members: dict[int, list[int]], tmp_path: Path
) -> None:
    left, right = (keys[0] for keys in list(members.values())[:2])
    picture = tmp_path / "pair.html"
    found = json.loads(run("explain", left, right, "--json", "--html", picture, "-w", root).stdout)
    assert not found["same_person"]
    assert found["why_not"]["reasons"]
    assert found["why_not"]["reasons"][0]["text_zh"] in picture.read_text("utf-8")
    shown = run("explain", left, right, "--html", picture, "-w", root)
    assert "Why they are two persons" in shown.stdout
    assert str(picture) in shown.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["explain", "1"], "give two record keys"),
        (["explain", "1", "2", "3"], "give two record keys"),
        (["explain", "1", "2", "--entity", "P-1"], "give two record keys"),
        (["explain", "--entity", "nobody"], "nobody"),
        (["explain", "--entity", "P-2707QDQX2XHR5K"], "no person P-2707QDQX2XHR5K"),
    ],
)
def test_what_cannot_be_explained_is_said(arguments: list[str], said: str, root: Path) -> None:
    result = run(*arguments, "-w", root)
    assert result.exit_code == 1
    assert said in result.stderr
    assert result.stdout == ""


def test_two_records_of_an_organisation(
    root: Path, month: tuple[Workspace, MonthReport], tmp_path: Path
) -> None:
    assert month[1].snapshot is not None
    members = month[1].snapshot.read("organisation_members").to_pylist()
    one = next(member for member in members if member["parent_record_key"])
    keys = (one["record_key"], one["parent_record_key"])
    other = next(m["record_key"] for m in members if m["entity_id"] != one["entity_id"])
    found = json.loads(run("explain", *keys, "--json", "-w", root).stdout)
    assert found["same_organisation"]
    golden = month[1].snapshot.read("golden_organisations", ["organisation_id", "ambiguous"]).to_pylist()
    flagged = {row["organisation_id"] for row in golden if row["ambiguous"]}
    assert found["ambiguous"] == (one["entity_id"] in flagged)
    assert found["match_probability"] == pytest.approx(one["link_probability"])
    weights = [step["match_weight"] for step in found["steps"]]
    assert found["prior"] + sum(weights) == pytest.approx(found["match_weight"])
    assert not json.loads(run("explain", keys[0], other, "--json", "-w", root).stdout)["same_organisation"]
    shown = run("explain", *keys, "-w", root)
    assert "one organisation 同一单位" in shown.stdout
    refused = run("explain", *keys, "--html", tmp_path / "x.html", "-w", root)
    assert refused.exit_code != 0
    assert "Leave out --html" in refused.stderr
