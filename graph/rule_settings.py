"""What a jurisdiction sets: parameters of rules, which rules are on, and the tables they go by.

The headers of the rules hold the defaults. A profile (`graph/profiles/<name>.toml`, or a file of one's own) differs
from them where its city does, and a workspace's `guiyi.toml` differs from the profile:

    [rules]
    profile = "weihai"

    [rules.L01]
    grace_days = 45

    [rules.P11]
    enabled = true

    [wage]
    2026 = 7500

Figures (`[income]`, `[wage]`, `[aid_ranks]`, `provisional_years`) take the place, table by table, of those before.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

from graph.rule import Rule, RuleFileError, RuleProblem
from graph.rules.catalogue import Catalogue
from graph.setting_figures import FIGURES, wrong_figure
from resolver.errors import SettingsError
from resolver.workspace import SETTINGS_FILE, Workspace

DEFAULT_PROFILE = "default"
TABLES = {
    "given_incomes": {"year": "INTEGER", "income": "DECIMAL(16, 2)", "provisional": "BOOLEAN"},
    "given_wages": {"year": "INTEGER", "wage": "DECIMAL(16, 2)", "provisional": "BOOLEAN"},
    "aid_ranks": {"category": "VARCHAR", "rank": "INTEGER"},
}
"""Tables that a profile gives to the rules: name -> column -> SQL type."""


@dataclass(frozen=True)
class RuleSettings:
    """Settings in force.

    Attributes:
        profile: Name of the profile.
        parameters: Rule id -> parameter -> value, where it differs from the default.
        enabled: Rule id -> whether it runs, where it differs from the header.
        tables: As in `TABLES`; name -> rows.
        problems: Settings that are refused, by file and line.
        refused: Rules that do not run because a setting of theirs is refused.
    """

    profile: str = DEFAULT_PROFILE
    parameters: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    enabled: Mapping[str, bool] = field(default_factory=dict)
    tables: Mapping[str, tuple[tuple[Any, ...], ...]] = field(default_factory=dict)
    problems: tuple[RuleProblem, ...] = ()
    refused: frozenset[str] = frozenset()

    def is_on(self, rule: Rule) -> bool:
        """Whether a rule runs in this jurisdiction."""
        return self.enabled.get(rule.id, rule.enabled) and rule.id not in self.refused

    def chosen(self, catalogue: Catalogue) -> tuple[Rule, ...]:
        """The rules that run."""
        return tuple(rule for rule in catalogue.rules.values() if self.is_on(rule))

    def in_force(self, rule: Rule) -> dict[str, float]:
        """All parameters of a rule with the values they have here."""
        return rule.bind(self.parameters.get(rule.id, {}))


def profiles() -> tuple[str, ...]:
    """Names of the profiles that come with the software."""
    folder = resources.files("graph.profiles")
    return tuple(sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml")))


def default_settings(catalogue: Catalogue) -> RuleSettings:
    """The defaults of the headers, with the tables of the default profile."""
    return _merged(catalogue, DEFAULT_PROFILE, [_shipped(DEFAULT_PROFILE)])


def workspace_settings(workspace: Workspace, catalogue: Catalogue) -> RuleSettings:
    """The settings of a workspace: its profile, and what its `guiyi.toml` says beside.

    Raises:
        SettingsError: There is no such profile, it cannot be read, or a figure in it or in `guiyi.toml` is none.
    """
    section = workspace.settings.get("rules", {})
    name = section.get("profile", DEFAULT_PROFILE)
    if not isinstance(name, str):
        raise SettingsError(f"{SETTINGS_FILE}: rules.profile must be the name of a profile or a file")
    layers = [_shipped(DEFAULT_PROFILE)]
    if name.endswith(".toml"):
        layers.append(_file(workspace.root / name))
    elif name != DEFAULT_PROFILE:
        layers.append(_shipped(name))
    own = workspace.root / SETTINGS_FILE
    rules = {rule: values for rule, values in section.items() if rule != "profile"}
    figures = {key: workspace.settings[key] for key in FIGURES if key in workspace.settings}
    layers.append(_Layer(SETTINGS_FILE, own.read_text("utf-8"), {"rules": rules, **figures}))
    return _merged(catalogue, name, layers)


@dataclass(frozen=True)
class _Layer:
    """Settings of one file, and its text for naming lines."""

    file: str
    text: str
    values: Mapping[str, Any]

    def line_of(self, rule: str, name: str = "") -> int:
        """Line of a rule's table, or of a setting in it; 1 when it is written in another way."""
        return self._line(rf"\s*\[rules\.\"?{re.escape(rule)}\"?\]", name)

    def line_of_figure(self, table: str, name: str) -> int:
        """Line of a figure in its table; 1 when it is written in another way."""
        return self._line(rf"\s*(\[{table}\]|{table}\s*=)", name)

    def _line(self, header: str, name: str) -> int:
        lines = self.text.splitlines()
        table = re.compile(header)
        start = next((i for i, line in enumerate(lines) if table.match(line)), 0)
        if not name:
            return start + 1
        wanted = re.compile(rf"\s*\"?{re.escape(name)}\"?\s*=")
        return next((i + 1 for i in range(start, len(lines)) if wanted.match(lines[i])), start + 1)


def _shipped(name: str) -> _Layer:
    if name not in profiles():
        raise SettingsError(
            f"there is no profile {name!r} for rules",
            remedy=f"Choose one of {', '.join(profiles())}, or name a .toml file.",
        )
    return _parsed(f"{name}.toml", (resources.files("graph.profiles") / f"{name}.toml").read_text("utf-8"))


def _file(path: Path) -> _Layer:
    try:
        return _parsed(path.name, path.read_text("utf-8"))
    except OSError as error:
        raise SettingsError(f"the profile {path} cannot be read: {error.strerror}") from error


def _parsed(name: str, text: str) -> _Layer:
    try:
        return _Layer(name, text, tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"the profile {name} is not TOML: {error}") from error


def _merged(catalogue: Catalogue, name: str, layers: list[_Layer]) -> RuleSettings:
    merging = _Merging(catalogue)
    for layer in layers:
        for rule, values in layer.values.get("rules", {}).items():
            merging.take(layer, rule, values)
        _refuse_wrong_figure(layer)
    tables = _tables({key: value for layer in layers for key, value in layer.values.items()})
    return RuleSettings(
        name,
        merging.parameters,
        merging.enabled,
        tables,
        tuple(merging.problems),
        frozenset(merging.refused),
    )


class _Merging:
    """Takes settings layer by layer; a later one wins, a wrong one is noted and its rule refused."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._rules = catalogue.rules
        self._refused_files = {problem.file for problem in catalogue.problems}
        self.parameters: dict[str, dict[str, float]] = {}
        self.enabled: dict[str, bool] = {}
        self.problems: list[RuleProblem] = []
        self.refused: set[str] = set()

    def take(self, layer: _Layer, rule: str, values: Any) -> None:
        """Take what a layer says of one rule."""
        if rule not in self._rules:
            if f"{rule}.sql" not in self._refused_files:  # else it is complained of already
                self._refuse(layer, rule, "", f"there is no rule {rule!r}")
            return
        if not isinstance(values, dict):
            self._refuse(layer, rule, "", f"what is set for rule {rule} must be a table")
            return
        for name, value in values.items():
            if name == "enabled":
                self._switch(layer, rule, value)
                continue
            try:
                self._rules[rule].bind({name: value})
            except RuleFileError as error:
                self._refuse(layer, rule, name, f"rule {rule}: {error.problem.message}")
            else:
                self.parameters.setdefault(rule, {})[name] = value

    def _switch(self, layer: _Layer, rule: str, value: Any) -> None:
        if isinstance(value, bool):
            self.enabled[rule] = value
        else:
            self._refuse(layer, rule, "enabled", f"rule {rule}: enabled must be true or false")

    def _refuse(self, layer: _Layer, rule: str, name: str, message: str) -> None:
        self.problems.append(RuleProblem(layer.file, layer.line_of(rule, name), message))
        self.refused.add(rule)


def _refuse_wrong_figure(layer: _Layer) -> None:
    wrong = wrong_figure(layer.values)
    if wrong is not None:
        raise SettingsError(
            f"{layer.file}, line {layer.line_of_figure(wrong.table, wrong.name)}: {wrong.message}",
            remedy=f"Correct it; `{wrong.example}` is an example.",
        )


def _tables(values: Mapping[str, Any]) -> dict[str, tuple[tuple[Any, ...], ...]]:
    provisional = set(values.get("provisional_years", []))
    return {
        "given_incomes": _by_year(values.get("income", {}), provisional),
        "given_wages": _by_year(values.get("wage", {}), provisional),
        "aid_ranks": tuple(values.get("aid_ranks", {}).items()),
    }


def _by_year(values: Mapping[str, Any], provisional: set[int]) -> tuple[tuple[Any, ...], ...]:
    return tuple((int(year), value, int(year) in provisional) for year, value in values.items())
