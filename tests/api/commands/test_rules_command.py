"""`guiyi rules` and `guiyi findings`, over a workspace with published months."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from api.month import MonthReport
from graph.rule_template import rule_template
from resolver.ledger.ledger import Ledger
from resolver.publication import published_snapshot
from resolver.snapshot import Snapshot
from resolver.workspace import SETTINGS_FILE, Workspace
from tests.api.commands.command_line import parsed, run


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    return Workspace.create(tmp_path / "w").root


@pytest.fixture(scope="module")
def root(month: tuple[Workspace, MonthReport], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(month[0].root, tmp_path_factory.mktemp("rules") / "workspace"))


class TestList:
    def test_all_rules_with_basis_and_state(self, empty: Path) -> None:
        found = parsed(run("rules", "list", "--json", "-w", empty))
        rules = {rule["rule"]: rule for rule in found["rules"]}
        assert len(rules) == 93
        assert all(rule["basis"] and rule["fires"] for rule in rules.values())
        assert (rules["L01"]["state"], rules["P11"]["state"]) == ("on", "off")
        assert rules["L12"]["direction"] == "protect"

    def test_what_waits_for_a_feed(self, root: Path) -> None:
        rules = {rule["rule"]: rule for rule in parsed(run("rules", "list", "--json", "-w", root))["rules"]}
        for rule in rules.values():
            assert rule["state"] in ("on", "off") or "ever received" in rule["state"]
        assert rules["L01"]["state"] == "on"

    def test_as_a_table_and_refused_settings(self, empty: Path) -> None:
        (empty / SETTINGS_FILE).write_text("[rules.L01]\ngrace_days = 999\n", "utf-8")
        result = run("rules", "list", "-w", empty)
        assert "93 rules" in result.stdout
        assert f"{SETTINGS_FILE}, line 2" in result.stderr


class TestShow:
    def test_header_parameters_in_force_and_select(self, empty: Path) -> None:
        (empty / SETTINGS_FILE).write_text("[rules.L01]\ngrace_days = 45\n", "utf-8")
        shown = parsed(run("rules", "show", "L01", "--json", "-w", empty))
        (parameter,) = shown["parameters"]
        assert (parameter["value"], parameter["default"], parameter["unit"]) == (45, 30, "days")
        assert "$grace_days" in shown["sql"]
        assert "grace_days" in run("rules", "show", "L01", "-w", empty).stdout

    def test_no_such_rule(self, empty: Path) -> None:
        result = run("rules", "show", "L99", "-w", empty)
        assert result.exit_code != 0
        assert "no rule 'L99'" in result.stderr


class TestOnesOwnRule:
    def test_new_test_and_list(self, empty: Path) -> None:
        assert run("rules", "new", "Z01", "-w", empty).exit_code == 0
        file = empty / "rules" / "Z01.sql"
        assert parsed(run("rules", "test", file, "--json", "-w", empty)) == {
            "rules": 1, "cases": 3, "failures": [],
        }  # fmt: skip
        listed = {rule["rule"] for rule in parsed(run("rules", "list", "--json", "-w", empty))["rules"]}
        assert "Z01" in listed
        assert run("rules", "new", "Z01", "-w", empty).exit_code != 0

    @pytest.mark.parametrize("rule_id", ["L01", "z1", "ZZZZ1", ""])
    def test_an_id_that_will_not_do(self, empty: Path, rule_id: str) -> None:
        assert run("rules", "new", rule_id, "-w", empty).exit_code != 0

    @pytest.mark.parametrize(
        ("old", "new", "told"),
        [
            ("> $grace_days", "> $grace_days + 1", "it is not raised"),
            ("status = 'normal'", "status <> 'x'", None),
            ("FROM deaths d", "FROM nowhere d", "nowhere"),
            ('severity = "C"', 'severity = "E"', "line 7"),
            ("status=normal", "status=usual", "'usual' is not one of"),
            ("W29 insured=1", "W99 insured=1", "W99"),
        ],
    )
    def test_examples_that_go_wrong(self, tmp_path: Path, old: str, new: str, told: str | None) -> None:
        file = tmp_path / "Z01.sql"
        text = rule_template("Z01")
        assert old in text
        file.write_text(text.replace(old, new), "utf-8")
        result = run("rules", "test", file, "--json", "-w", Workspace.create(tmp_path / "w").root)
        failures = json.loads(result.stdout)["failures"]
        assert (result.exit_code == 0) is (told is None)
        assert told is None or told in " ".join(failures)


class TestFindings:
    def first(self, root: Path) -> dict[str, Any]:
        workspace = Workspace.open(root)
        with Ledger.open(workspace.ledger_url) as ledger:
            snapshot = published_snapshot(workspace, ledger)
        assert snapshot is not None
        rows = snapshot.read("findings").to_pylist()
        return next(row for row in rows if row["rule"] == "L01" and not row["suppressed_by"])

    def test_denied_until_it_is_taken_back(self, root: Path) -> None:
        finding = self.first(root)
        key = finding["finding_key"]
        assert run("findings", "deny", key, "-r", " ", "-w", root).exit_code != 0
        assert (
            parsed(run("findings", "deny", key, "-r", "checked", "--json", "-w", root))["event"] == "denied"
        )
        assert run("check", "-w", root).exit_code == 0
        assert run("publish", "-w", root).exit_code == 0
        shown = parsed(run("findings", "show", key, "--json", "-w", root))
        assert shown["suppressed_by"] == "denied"
        assert [step["event"] for step in shown["steps"]] == ["denied"]
        assert shown["evidence_hash"] == finding["evidence_hash"]
        assert run("findings", "undeny", key, "-r", "was right", "-w", root).exit_code == 0
        steps = parsed(run("findings", "show", key, "--json", "-w", root))["steps"]
        assert [step["event"] for step in steps] == ["denied", "undenied"]

    def test_changes_of_the_month(self, root: Path) -> None:
        changes = parsed(run("findings", "changes", "--json", "-w", root))["rules"]
        assert set(changes["L01"]) == {"new", "continued", "changed", "gone", "suppressed"}
        assert sum(changes["L01"].values()) > 0
        assert "continued" in run("findings", "changes", "-w", root).stdout

    def test_no_such_finding(self, root: Path) -> None:
        assert "no finding 1" in run("findings", "show", "1", "-w", root).stderr

    def test_another_setting_is_another_check(self, root: Path) -> None:
        before = Snapshot.latest_sealed(Workspace.open(root))
        assert before is not None
        settings = root / SETTINGS_FILE
        kept = settings.read_text("utf-8")
        settings.write_text(kept + "\n[rules.L01]\nenabled = false\n[rules.L03]\nnothing = 1\n", "utf-8")
        after = parsed(run("check", "--json", "-w", root))
        settings.write_text(kept, "utf-8")
        assert after["snapshot"] != before.number
        assert {"L01", "L03"} & set(after["findings"]) == set()
        assert "L05" in after["findings"]
        (problem,) = after["problems"]
        assert "no parameter 'nothing'" in problem
        assert all(
            "never received" in reason or "ever received" in reason for reason in after["not_run"].values()
        )
