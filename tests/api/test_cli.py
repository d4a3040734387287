"""Commands as an operator meets them: help, results for people and for scripts, and what is said when one fails."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from api.cli import COMMANDS, app
from api.month import MonthReport
from resolver.version import VERSION
from resolver.workspace import Workspace

_ROOT = Path(__file__).parents[2]
_HEAVY = ("numba", "duckdb", "fastapi", "pyarrow", "sqlalchemy", "scipy", "resolver.synthetic")
_WIDTH = 100


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def parsed(result: Result) -> Any:
    """The JSON on standard output: nothing else may be there."""
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def cells(line: str) -> int:
    """Columns of a terminal that a line takes: a Han character takes two."""
    return sum(2 if "\u2e80" <= character <= "\uffef" else 1 for character in line)


@pytest.fixture(scope="module")
def workspace(month: tuple[Workspace, MonthReport], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The published months, to look at; looks are audited, so it is a copy."""
    return Path(shutil.copytree(month[0].root, tmp_path_factory.mktemp("cli") / "workspace"))


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_import_nothing_heavy(option: str) -> None:
    code = (
        "import sys\nfrom api.cli import main\n"
        f"sys.argv = ['guiyi', {option!r}]\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code\n"
        f"print([name for name in {_HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
    assert (VERSION if option == "--version" else "rollback") in done.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_that_begins_as_it_is_listed(command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    shown = " ".join(re.sub(r"[│╭╮╰╯─]", " ", result.stdout).split())
    assert COMMANDS[command][1] in shown


def test_every_command_is_documented() -> None:
    text = "".join((_ROOT / name).read_text("utf-8") for name in ("README.md", "docs/guide.md"))
    subcommands = {
        "feeds": ("list", "draft", "quality"),
        "keys": ("create", "list", "revoke"),
        "audit": ("show", "verify"),
        "model": ("show", "diff", "list"),
        "judgements": ("add", "undo", "list", "export", "import", "verify"),
        "quality": ("sample", "label", "report"),
    }
    wanted = {name for name in COMMANDS if name not in subcommands}
    wanted |= {f"{group} {name}" for group, names in subcommands.items() for name in names}
    guide = (_ROOT / "docs/guide.md").read_text("utf-8")
    assert [name for name in sorted(wanted) if not re.search(rf"`?guiyi {name}\b", guide)] == []
    assert [name for name in COMMANDS if not re.search(rf"`(guiyi )?{name}\b|guiyi {name}\b", text)] == []


def test_the_subcommands_documented_are_all_there_are() -> None:
    for group, names in (
        ("feeds", "list draft quality"),
        ("keys", "create list revoke"),
        ("audit", "show verify"),
    ):
        listed = re.findall(r"^│ ([a-z]+) ", run(group, "--help").stdout, re.MULTILINE)
        assert sorted(listed) == sorted(names.split())


@pytest.mark.parametrize(
    ("arguments", "keys"),
    [
        (["snapshots"], {"snapshot", "reference_date", "persons", "findings", "published", "current"}),
        (["feeds", "list"], {"feed", "title", "title_en", "department", "kind"}),
    ],
)
def test_lists_as_json(arguments: list[str], keys: set[str], workspace: Path) -> None:
    where: list[str | Path] = [] if arguments[0] == "feeds" else ["-w", workspace]
    found = parsed(run(*arguments, "--json", *where))
    assert len(found) > 1
    assert all(keys <= set(row) for row in found)


def test_evaluate_as_json_has_what_is_promised(city: Path, workspace: Path) -> None:
    measured = parsed(run("evaluate", "--truth", city, "--json", "-w", workspace))
    assert {"precision", "recall", "f1"} <= set(measured["persons"])
    assert measured["persons"]["f1"] > 0.9
    assert {"planted", "found", "true", "precision", "recall"} <= set(measured["rules"]["L01"])
    assert measured["rules"]["L01"]["planted"] > 0


def test_evaluate_shows_every_rule_within_100_columns(city: Path, workspace: Path) -> None:
    result = run("evaluate", "--truth", city, "-w", workspace)
    assert result.exit_code == 0
    assert "死亡仍参保 Dead, but still enrolled" in result.stdout
    assert max(map(cells, result.stdout.splitlines())) <= _WIDTH


def test_month_as_json_tells_costs_of_each_step(city: Path, workspace: Path) -> None:
    told = parsed(run("month", city, "--json", "-w", workspace))
    assert [step["step"] for step in told["steps"]] == ["receive", "resolve", "check", "publish"]
    assert all({"seconds", "rows", "peak_memory_mb"} <= set(step) for step in told["steps"])
    assert {file["status"] for file in told["files"]} == {"already_received"}
    assert told["problems"] == []
    assert told["counts"]["persons"] > 500
    assert told["findings"]["L01"]["title_en"] == "Dead, but still enrolled"


def test_month_for_people(city: Path, workspace: Path) -> None:
    result = run("month", city, "-w", workspace)
    assert result.exit_code == 0
    lines = [
        line for line in result.stdout.splitlines() if str(workspace) not in line
    ]  # paths are never broken
    assert max(map(cells, lines)) <= _WIDTH
    for part in ("already received", "Snapshot 2", "被死亡", "peak MiB", "rows to correct:"):
        assert part in result.stdout
    assert "receive W" in result.stderr
    assert "…" not in result.stdout


def test_the_steps_on_what_is_published_change_nothing(workspace: Path) -> None:
    before = parsed(run("snapshots", "--json", "-w", workspace))
    assert parsed(run("resolve", "--json", "-w", workspace))["snapshot"] == 2
    assert parsed(run("check", "--json", "-w", workspace))["snapshot"] == 2
    told = parsed(run("publish", "--json", "-w", workspace))
    assert told == {
        "snapshot": 2,
        "already_published": True,
        "nodes": None,
        "edges": None,
        "graph_hash": None,
    }
    assert parsed(run("snapshots", "--json", "-w", workspace)) == before


def test_back_and_forward_again(workspace: Path) -> None:
    assert parsed(run("rollback", "1", "--reason", "late batch", "--json", "-w", workspace))["snapshot"] == 1
    current = {row["snapshot"]: row["current"] for row in parsed(run("snapshots", "--json", "-w", workspace))}
    assert current == {1: True, 2: False}
    assert run("rollback", "2", "--reason", "in order after all", "-w", workspace).exit_code == 0
    assert [r["current"] for r in parsed(run("snapshots", "--json", "-w", workspace))] == [False, True]


def test_what_goes_to_departments_is_written_and_that_is_audited(workspace: Path, tmp_path: Path) -> None:
    events = len(parsed(run("audit", "show", "--json", "-w", workspace)))
    arguments = ("outputs", "--issued", "2026-11-03", "-w", workspace)
    files = [Path(path) for path in parsed(run(*arguments, "--json"))["files"]]
    assert all(path.is_file() and path.parent == workspace / "returns" / "2026-10" for path in files)
    assert {path.name.split("_")[0] for path in files} >= {"W30", "W32"}
    log = parsed(run("audit", "show", "--json", "-w", workspace))[events:]
    assert [event["action"] for event in log] == ["cli.outputs"]
    again = run(*arguments, "--into", tmp_path)
    assert again.exit_code == 0
    assert sorted(p.name for p in tmp_path.rglob("*.xlsx")) == sorted(path.name for path in files)


def test_a_person_by_number_and_by_id_and_the_look_is_audited(
    workspace: Path, month: tuple[Workspace, MonthReport]
) -> None:
    assert month[1].snapshot is not None
    golden = month[1].snapshot.read("golden", ["id_number", "n_records"]).to_pylist()
    number = next(g["id_number"] for g in golden if g["id_number"] and g["n_records"] > 3)
    events = len(parsed(run("audit", "show", "--json", "-w", workspace)))
    found = parsed(run("person", number, "--json", "-w", workspace))
    again = parsed(run("person", found["person_id"], "--json", "-w", workspace))
    assert again == found
    assert found["golden"]["id_number"] == number
    keys = [record["record_key"] for record in found["records"]]
    assert all(isinstance(key, str) for key in keys)
    members = month[1].snapshot.read("members").to_pylist()
    links = [
        ({m["record_key"], m["parent_record_key"]}, m["link_probability"])
        for m in members
        if str(m["record_key"]) in keys and m["parent_record_key"] is not None
    ]
    for record in found["records"]:
        surest = max(probability for ends, probability in links if int(record["record_key"]) in ends)
        assert record["link_probability"] == surest, "of its surest link, the root's too"
    why = parsed(run("explain", *keys[:2], "--json", "-w", workspace))
    assert sum(step["match_weight"] for step in why["steps"]) + why["prior"] == pytest.approx(
        why["match_weight"]
    )
    shown = run("explain", *keys[:2], "-w", workspace)
    assert max(map(cells, shown.stdout.splitlines())) <= _WIDTH
    log = parsed(run("audit", "show", "--json", "-w", workspace))[events:]
    assert [event["action"] for event in log] == ["cli.person", "cli.person", "cli.explain", "cli.explain"]
    assert found["person_id"] in log[0]["persons"]
    assert parsed(run("audit", "verify", "--json", "-w", workspace))["ok"]


@pytest.mark.parametrize(
    ("arguments", "said", "todo"),
    [
        (["person", "无此人"], "无此人", "Try"),
        (["explain", "1", "2"], "not a pair of records", "guiyi person"),
        (["rollback", "99", "--reason", "x"], "no snapshot 99", "choose one"),
        (["resolve", "--as-of", "2001-01-31"], "nothing was received up to 2001-01-31", "guiyi receive"),
        (["resolve", "--as-of", "yesterday"], "'yesterday' is not a day", "2026-10-31"),
        (["month", ".", "--period", "2026-13"], "'2026-13' is not a month", "2026-10"),
        (["evaluate", "--truth", "."], "holds no truth", "guiyi synthesize"),
    ],
)
def test_an_error_says_what_is_wrong_and_what_to_do(
    arguments: list[str], said: str, todo: str, workspace: Path
) -> None:
    result = run(*arguments, "-w", workspace)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert said in result.stderr
    assert todo in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    "command",
    [
        ["resolve"],
        ["check"],
        ["publish"],
        ["person", "x"],
        ["explain", "1", "2"],
        ["evaluate", "--truth", "."],
    ],
)
def test_an_empty_workspace_says_what_comes_first(command: list[str], tmp_path: Path) -> None:
    assert run("init", tmp_path / "new").exit_code == 0
    result = run(*command, "-w", tmp_path / "new")
    assert result.exit_code == 1
    assert re.search(r"error: .*(nothing|no snapshot)", result.stderr)
    assert "`guiyi " in result.stderr
    assert run("snapshots", "-w", tmp_path / "new").stdout.startswith("no snapshots yet")


def test_no_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("snapshots")
    assert result.exit_code == 1
    assert "guiyi init" in result.stderr


def test_the_workspace_is_the_nearest_upward(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(workspace / "archive")
    assert len(parsed(run("snapshots", "--json"))) == 2


def test_init_twice_keeps_everything(workspace: Path) -> None:
    assert parsed(run("init", workspace, "--json")) == {"workspace": str(workspace)}
    assert len(parsed(run("snapshots", "--json", "-w", workspace))) == 2


def test_a_contract_is_drafted_from_a_file(city: Path) -> None:
    file = next((city / "feeds" / "2026-09").glob("W05*.csv"))
    result = run("feeds", "draft", file)
    assert result.exit_code == 0
    assert "natural_key" in result.stdout
    assert run("feeds", "draft", city / "nothing.csv").exit_code == 1


def test_synthesize_says_what_it_made(tmp_path: Path) -> None:
    manifest = parsed(run("synthesize", tmp_path / "a", "--persons", "200", "--json"))
    assert manifest["persons"] == 200
    result = run("synthesize", tmp_path / "b", "--persons", "200")
    assert "200 persons" in result.stdout
    assert "W29" in result.stdout


def test_whatever_the_system_refuses_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = run("synthesize", tmp_path / "file" / "city", "--persons", "200")
    assert result.exit_code == 1
    assert "error:" in result.stderr
    assert "file" in result.stderr


def test_deliveries_are_measured_as_table_json_and_page(workspace: Path, tmp_path: Path) -> None:
    page = tmp_path / "deliveries.html"
    shown = run("feeds", "quality", "-w", workspace, "--out", page)
    assert shown.exit_code == 0
    assert "报送情况" in shown.stdout
    facts = parsed(run("feeds", "quality", "-w", workspace, "--json"))
    assert {fact["feed"] for fact in facts} >= {"W01", "W07", "W29"}
    assert all(fact["status"] in ("on_time", "late", "missing") for fact in facts)
    text = page.read_text("utf-8")
    assert all(f"{fact['rows']:,}" in text for fact in facts if fact["rows"])
