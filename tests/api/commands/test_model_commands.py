import re
import shutil
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from api.month import MonthReport
from resolver.linkage.settings import person_settings
from resolver.snapshot import Snapshot
from resolver.workspace import Workspace
from tests.api.commands.command_line import parsed, run


@pytest.fixture(scope="module")
def root(month: tuple[Workspace, MonthReport], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace of its own, for it gets new model versions and a new snapshot."""
    copy = tmp_path_factory.mktemp("trained") / "workspace"
    shutil.copytree(month[0].root, copy)
    return copy


@pytest.fixture(scope="module")
def used(root: Path) -> str:
    (version,) = [
        row["model_version"]
        for row in parsed(run("model", "list", "--json", "-w", root))
        if row["in_use"] and row["kind"] == "person"
    ]
    return str(version)


@pytest.fixture(scope="module")
def trained(root: Path, used: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What `guiyi train` says of a version with another threshold."""
    text = (resources.files("resolver.models") / "person.toml").read_text("utf-8")
    settings = tmp_path_factory.mktemp("settings") / "own.toml"
    settings.write_text(re.sub(r"(?m)^stop = \S+", "stop = 6.0", text), "utf-8")
    found: dict[str, Any] = parsed(run("train", "--settings", settings, "--json", "-w", root))
    return found


def test_a_trained_version_says_what_it_changes(root: Path, used: str, trained: dict[str, Any]) -> None:
    assert trained["model_version"] != used
    assert trained["changes"]["before"] == used
    stop = person_settings().clustering.stop
    assert trained["changes"]["settings"] == [{"what": "clustering.stop", "before": stop, "after": 6.0}]
    assert trained["trained_on"]["records"] > 1000
    listed = parsed(run("model", "list", "--json", "-w", root))
    assert {row["model_version"]: row["in_use"] for row in listed if row["kind"] == "person"} == {
        used: True,
        trained["model_version"]: False,
    }


def test_versions_for_organisations_are_listed_shown_and_compared(
    root: Path, used: str, trained: dict[str, Any], tmp_path: Path
) -> None:
    new = trained["organisations"]["model_version"]
    listed = parsed(run("model", "list", "--json", "-w", root))
    of_organisations = {r["model_version"]: r["in_use"] for r in listed if r["kind"] == "organisation"}
    assert new in of_organisations
    (in_use,) = [version for version, is_used in of_organisations.items() if is_used]
    charts = tmp_path / "model.html"
    found = parsed(run("model", "show", in_use[:8], "--json", "--html", charts, "-w", root))
    assert (found["version"], found["kind"]) == (in_use, "organisation")
    assert {c["key"] for c in found["comparisons"]} >= {"name", "credit_code"}
    assert {b["values"] for b in found["bands"]} >= {"电话 phones"}
    assert "同一单位" in charts.read_text("utf-8")
    shown = " ".join(run("model", "show", in_use, "-w", root).stdout.split())
    for title in ("for organisations", "one organisation", "no calibration", "Blocking rules", "Thresholds"):
        assert title in shown, title
    changes = parsed(run("model", "diff", in_use, new, "--json", "-w", root))
    assert (changes["before"], changes["after"], changes["effect"]) == (in_use, new, None)
    assert "nothing changes" in run("model", "diff", in_use, in_use, "-w", root).stdout
    mixed = run("model", "diff", used, in_use, "-w", root)
    assert mixed.exit_code == 1
    assert "one is for persons and one for organisations" in mixed.stderr
    refused = run("model", "diff", in_use, in_use, "--links", "-w", root)
    assert "--links tells of persons" in refused.stderr


def test_labels_and_judgements_teach(root: Path, tmp_path: Path) -> None:
    snapshot = Snapshot.latest_sealed(Workspace.open(root))
    assert snapshot is not None
    one, two, three, four = snapshot.read("records", ["record_key"])["record_key"].to_pylist()[:4]
    labels = tmp_path / "labels.csv"
    labels.write_text(f"record_key_l,record_key_r,is_match\nR{one},R{two},false\n", "utf-8")
    added = run("judgements", "add", f"R{three}", f"R{four}", "different", "--reason", "seen", "-w", root)
    assert added.exit_code == 0, added.stderr
    plain = parsed(run("train", "--json", "-w", root))
    assert plain["trained_on"]["labels"] == 0
    taught = parsed(run("train", "--labels", labels, "--json", "-w", root))
    both = parsed(run("train", "--labels", labels, "--judgements", "--json", "-w", root))
    assert (taught["trained_on"]["labels"], both["trained_on"]["labels"]) == (1, 2)
    assert len({plain["model_version"], taught["model_version"], both["model_version"]}) == 3


def test_show_as_table_as_data_and_as_charts(root: Path, used: str, tmp_path: Path) -> None:
    charts = tmp_path / "model.html"
    found = parsed(run("model", "show", "--json", "--html", charts, "-w", root))
    assert found["version"] == used
    assert found == parsed(run("model", "show", used[:8], "--json", "-w", root))
    assert used in charts.read_text("utf-8")
    shown = run("model", "show", "-w", root)
    assert shown.exit_code == 0
    for title in ("Classes of candidate pairs", "Levels", "Blocking rules", "Thresholds"):
        assert title in " ".join(shown.stdout.split()), title


def test_diff_counts_who_would_move(root: Path, used: str, trained: dict[str, Any]) -> None:
    new = trained["model_version"]
    found = parsed(run("model", "diff", used, new, "--json", "-w", root))
    assert found["effect"] is None
    assert {**found, "effect": None} == {**trained["changes"], "effect": None}
    moved = parsed(run("model", "diff", used, new, "--links", "--json", "-w", root))["effect"]
    assert moved["persons_after"] >= moved["persons_before"]  # a higher threshold joins less
    assert moved["pairs_after"] - moved["pairs_before"] == moved["pairs_joined"] - moved["pairs_parted"]
    shown = run("model", "diff", used, new, "--links", "-w", root)
    assert "clustering.stop" in shown.stdout
    assert "records regrouped" in shown.stdout
    assert "nothing changes" in run("model", "diff", used, used, "-w", root).stdout


def test_a_run_uses_the_version_asked_for(root: Path, used: str, trained: dict[str, Any]) -> None:
    new = trained["model_version"]
    made = parsed(run("resolve", "--model", new[:8], "--json", "-w", root))
    assert made["model_version"] == new
    again = parsed(run("resolve", "--json", "-w", root))
    assert again["model_version"] == used  # still the published one


def test_the_version_for_organisations_may_be_named_beside_it(
    root: Path, used: str, trained: dict[str, Any]
) -> None:
    new = trained["organisations"]["model_version"]
    assert trained["organisations"]["trained_on"]["records"] > 100
    made = parsed(run("resolve", "--model", used, "--model", new, "--json", "-w", root))
    snapshot = Snapshot.latest_sealed(Workspace.open(root))
    assert snapshot is not None
    assert made["model_version"] == snapshot.manifest["model_version"] == used
    assert snapshot.manifest["organisation_model_version"] == new


@pytest.mark.parametrize(
    ("arguments", "said", "todo"),
    [
        (["model", "show", "zzz"], "no model version 'zzz'", "guiyi train"),
        (["model", "diff", "zzz", "yyy"], "no model version 'zzz'", "guiyi train"),
        (["resolve", "--model", "zzz"], "no model version 'zzz'", "guiyi train"),
        (["resolve", "--model", "a", "--new-model"], "exclude one another", "Leave one"),
        (["train", "--settings", "bad.toml"], "bad.toml", "Correct the file"),
    ],
)
def test_trouble_is_told(
    arguments: list[str], said: str, todo: str, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.toml").write_text("kind = [", "utf-8")
    result = run(*arguments, "-w", root)
    assert result.exit_code == 1
    assert said in result.stderr
    assert todo in result.stderr


def test_before_anything_is_published_there_is_no_version(tmp_path: Path) -> None:
    assert run("init", tmp_path / "new").exit_code == 0
    assert "no model versions yet" in run("model", "list", "-w", tmp_path / "new").stdout
    result = run("model", "show", "-w", tmp_path / "new")
    assert result.exit_code == 1
    assert "no model version is in use yet" in result.stderr
    assert "nothing was received" in run("train", "-w", tmp_path / "new").stderr
