"""`guiyi rules …`: which rules there are, what one does, whether its examples come out, and a file for a new one."""

from pathlib import Path
from typing import Annotated, Any

import typer

from api.console import complain, print_facts, print_json, print_table, say
from api.session import JsonOption, WorkspaceOption, workspace_of
from graph.rule import Rule
from graph.rule_settings import RuleSettings, default_settings, workspace_settings
from graph.rule_template import rule_template
from graph.rule_trial import Failure, Trial
from graph.rule_views import received_feeds
from graph.rules.catalogue import Catalogue, load_catalogue
from graph.rules_document import needed_and_used
from resolver.errors import SettingsError, WorkspaceError
from resolver.snapshot import Snapshot
from resolver.workspace import Workspace

rules_app = typer.Typer(
    help="Rules: what is compared, why, and when a finding is raised.", no_args_is_help=True
)

RuleArgument = Annotated[str, typer.Argument(metavar="ID", help="Id of a rule, such as L01.")]


@rules_app.command("list")
def list_rules(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List the rules with basis, severity, direction, feeds and state.

    In a workspace the state is the one there: on, off, or waiting for a feed that was never received.
    """
    catalogue, settings, received = _meant(workspace)
    facts = [_facts(rule, settings, received) for rule in catalogue.rules.values()]
    if as_json:
        problems = [str(problem) for problem in (*catalogue.problems, *settings.problems)]
        print_json({"profile": settings.profile, "rules": facts, "problems": problems})
        return
    rows = [
        [
            fact["rule"],
            f"{fact['title']} {fact['title_en']}",
            fact["severity"],
            fact["direction"],
            fact["feeds_shown"],
            fact["state"],
            fact["basis"],
        ]
        for fact in facts
    ]
    headers = ["rule", "title", "severity", "direction", "feeds", "state", "basis"]
    print_table(f"{len(rows)} rules, profile {settings.profile}", headers, rows)
    _complain(catalogue, settings)


@rules_app.command("show")
def show(rule_id: RuleArgument, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Show a rule: its header, the parameters in force, and its SELECT."""
    catalogue, settings, received = _meant(workspace)
    rule = _rule(catalogue, rule_id)
    facts = _facts(rule, settings, received)
    parameters = [
        {
            "parameter": p.name,
            "value": settings.in_force(rule)[p.name],
            "default": p.default,
            "min": p.minimum,
            "max": p.maximum,
            "unit": p.unit,
        }
        for p in rule.parameters
    ]
    if as_json:
        print_json({**facts, "parameters": parameters, "sql": rule.sql})
        return
    print_facts(f"{rule.id} {rule.title} {rule.title_en}", {k: v for k, v in facts.items() if k != "rule"})
    if parameters:
        columns = list(parameters[0])
        print_table("Parameters in force", columns, [[p[c] for c in columns] for p in parameters])
    say(rule.sql)


@rules_app.command("test")
def try_out(
    rule_ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID|FILE]...", help="Ids or rule files; default: all.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run rules on the examples of their own files: rows that must and must not raise them."""
    catalogue, settings, _ = _meant(workspace)
    rules, problems = _chosen(catalogue, rule_ids or [])
    failures: list[Failure] = []
    with Trial(settings) as trial:
        for rule in rules:
            failures += trial.failures(rule)
    cases = sum(len(example.expected) for rule in rules for example in rule.examples)
    told = [*problems, *(str(failure) for failure in failures)]
    if as_json:
        print_json({"rules": len(rules), "cases": cases, "failures": told})
    else:
        for line in told:
            complain(line)
        say(f"{len(rules)} rules, {cases} cases, {len(told)} went wrong")
    if told:
        raise typer.Exit(1)


@rules_app.command("new")
def new(
    rule_id: RuleArgument,
    folder: Annotated[
        Path | None, typer.Option("--into", help="Folder; default: rules/ of the workspace.")
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Write a file for a new rule, to be filled in. A file in rules/ of the workspace is a rule from then on."""
    text = rule_template(rule_id)
    target = (folder or workspace_of(workspace).rules) / f"{rule_id}.sql"
    if target.exists() or (rule_id in load_catalogue().rules):
        raise SettingsError(f"there is a rule {rule_id} already", remedy="Choose another id.")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, "utf-8")
    say(f"{target} is written; fill it in, then try it: guiyi rules test {target}")


def _meant(folder: Path | None) -> tuple[Catalogue, RuleSettings, frozenset[str] | None]:
    """Rules, settings and received feeds of the workspace; without one the defaults, and None."""
    try:
        workspace = workspace_of(folder)
    except WorkspaceError:
        if folder is not None:
            raise
        catalogue = load_catalogue()
        return catalogue, default_settings(catalogue), None
    catalogue = load_catalogue(workspace.rules)
    return catalogue, workspace_settings(workspace, catalogue), _received(workspace)


def _received(workspace: Workspace) -> frozenset[str] | None:
    snapshot = Snapshot.latest_sealed(workspace)
    return received_feeds(snapshot) if snapshot else None


def _facts(rule: Rule, settings: RuleSettings, received: frozenset[str] | None) -> dict[str, Any]:
    absent = "" if received is None else rule.missing(received)
    state = "off" if not settings.is_on(rule) else absent or "on"
    return {
        "rule": rule.id,
        "title": rule.title,
        "title_en": rule.title_en,
        "basis": rule.basis,
        "severity": rule.severity,
        "direction": rule.direction,
        "feeds": list(rule.feeds),
        "feeds_shown": needed_and_used(rule),
        "return_to": list(rule.return_to),
        "due": rule.due,
        "state": state,
        "on_by_default": rule.enabled,
        "silences": list(rule.silences),
        "fires": rule.fires,
        "evidence": list(rule.evidence),
        "version": rule.version,
    }


def _rule(catalogue: Catalogue, rule_id: str) -> Rule:
    if rule_id not in catalogue.rules:
        raise SettingsError(f"there is no rule {rule_id!r}", remedy="`guiyi rules list` shows them all.")
    return catalogue.rules[rule_id]


def _chosen(catalogue: Catalogue, named: list[str]) -> tuple[list[Rule], list[str]]:
    """The rules named by id or file, and what is wrong with files."""
    if not named:
        return list(catalogue.rules.values()), [str(problem) for problem in catalogue.problems]
    rules, problems = [], []
    for name in named:
        if not name.endswith(".sql"):
            rules.append(_rule(catalogue, name))
            continue
        found = load_catalogue(files=[Path(name)])
        rules += found.rules.values()
        problems += [str(problem) for problem in found.problems]
    return rules, problems


def _complain(catalogue: Catalogue, settings: RuleSettings) -> None:
    for problem in (*catalogue.problems, *settings.problems):
        complain(f"refused: {problem}", "The other rules stand without it.")
