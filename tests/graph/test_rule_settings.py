"""What a jurisdiction sets: profiles, a workspace's own settings, and settings that are refused by line."""

import re
from pathlib import Path

import pytest

from graph.rule_settings import RuleSettings, default_settings, profiles, workspace_settings
from graph.rules.catalogue import Catalogue, load_catalogue
from resolver.errors import SettingsError
from resolver.workspace import SETTINGS_FILE, Workspace

CATALOGUE = load_catalogue()


def settings(folder: Path, text: str, catalogue: Catalogue = CATALOGUE) -> RuleSettings:
    Workspace.create(folder)
    (folder / SETTINGS_FILE).write_text(f"format = 1\n{text}", "utf-8")
    return workspace_settings(Workspace.open(folder), catalogue)


def test_the_defaults() -> None:
    default = default_settings(CATALOGUE)
    assert default.problems == ()
    assert default.in_force(CATALOGUE.rules["L01"]) == {"grace_days": 30}
    assert "P11" not in {rule.id for rule in default.chosen(CATALOGUE)}
    assert (2023, 39890, False) in default.tables["given_incomes"]
    assert ("destitute", 1) in default.tables["aid_ranks"]


@pytest.mark.parametrize("name", profiles())
def test_shipped_profiles_are_sound(tmp_path: Path, name: str) -> None:
    found = settings(tmp_path, f'[rules]\nprofile = "{name}"\n')
    assert (found.profile, found.problems) == (name, ())
    assert found.tables["given_incomes"]


def test_both_cities_are_shipped() -> None:
    assert set(profiles()) >= {"weihai", "jining"}


def test_a_workspace_goes_before_its_profile(tmp_path: Path) -> None:
    text = '[rules]\nprofile = "jining"\n[rules.MW1]\nshare = 0.4\n[rules.P11]\nenabled = true\n'
    found = settings(tmp_path, text)
    assert found.in_force(CATALOGUE.rules["MW1"])["share"] == 0.4
    assert found.in_force(CATALOGUE.rules["MW2"])["share"] == 1.5
    assert found.is_on(CATALOGUE.rules["P11"])


def test_a_profile_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "ours.toml").write_text("provisional_years = [2024]\n[income]\n2024 = 40000\n", "utf-8")
    found = settings(tmp_path, '[rules]\nprofile = "ours.toml"\n')
    assert found.tables["given_incomes"] == ((2024, 40000, True),)


@pytest.mark.parametrize(
    ("text", "line", "message", "refused"),
    [
        ("[rules.L01]\ngrace_days = 400", 3, "400 is not between 0 and 365", "L01"),
        ("[rules.L01]\n\ngrace_days = 1.5", 4, "not of type integer", "L01"),
        ("[rules.L01]\ngrace = 3", 3, "no parameter 'grace'", "L01"),
        ("[rules.L01]\nenabled = 1", 3, "true or false", "L01"),
        ("[rules.L99]\ngrace_days = 3", 2, "no rule 'L99'", "L99"),
        ("[rules]\nL01 = 3", 1, "must be a table", "L01"),
    ],
)
def test_a_wrong_setting_is_refused_by_line_and_the_other_rules_run(
    tmp_path: Path, text: str, line: int, message: str, refused: str
) -> None:
    found = settings(tmp_path, text)
    (problem,) = found.problems
    assert (problem.file, problem.line) == (SETTINGS_FILE, line)
    assert message in problem.message
    chosen = {rule.id for rule in found.chosen(CATALOGUE)}
    assert refused not in chosen
    assert len(chosen) >= len(CATALOGUE.rules) - 4


def test_what_is_set_for_a_refused_file_is_no_second_problem(tmp_path: Path) -> None:
    bad = tmp_path / "Z01.sql"
    bad.write_text("SELECT 1", "utf-8")
    catalogue = load_catalogue(files=[bad])
    assert settings(tmp_path / "w", "[rules.Z01]\ngrace_days = 3", catalogue).problems == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[rules]\nprofile = "nowhere"', "no profile 'nowhere'"),
        ('[rules]\nprofile = "none.toml"', "cannot be read"),
        ("[rules]\nprofile = 3", "must be the name"),
    ],
)
def test_no_such_profile(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        settings(tmp_path, text)


def test_figures_of_a_workspace_go_before_those_of_its_profile(tmp_path: Path) -> None:
    found = settings(
        tmp_path, 'provisional_years = [2026]\n[rules]\nprofile = "weihai"\n[wage]\n2026 = 7500\n'
    )
    assert found.problems == ()
    assert found.tables["given_wages"] == ((2026, 7500, True),)
    assert (2023, 39890, False) in found.tables["given_incomes"]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ('[wage]\n2026 = "7500"', 3, "wage.2026 = '7500': a year and yuan above 0"),
        ("[wage]\n2025 = 7000\n26 = 7500", 4, "wage.26 = 7500"),
        ("[income]\n2024 = -1", 3, "income.2024 = -1"),
        ("wage = 7500", 2, "wage must be a table"),
        ("[aid_ranks]\norphan = 0", 3, "aid_ranks.orphan = 0: a whole number"),
        ("provisional_years = [true]", 2, "True in provisional_years: years"),
    ],
)
def test_a_wrong_figure_is_refused_by_line(tmp_path: Path, text: str, line: int, message: str) -> None:
    with pytest.raises(SettingsError, match=f"{SETTINGS_FILE}, line {line}: {re.escape(message)}"):
        settings(tmp_path, text)
