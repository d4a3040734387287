"""The command `guiyi`: which commands there are. Each lies in a module that is imported when the command runs.

What links, checks and serves takes seconds to import, so `guiyi --help` and `guiyi --version` import none of it.
"""

import io
import sys
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from api.console import explained, say
from resolver.version import VERSION

COMMANDS = {
    "init": ("api.commands.workspace:init", "Make a workspace: one folder that holds everything."),
    "receive": (
        "api.commands.receiving:receive",
        "Receive departments' files: read, check, archive, acknowledge.",
    ),
    "resolve": ("api.commands.steps:resolve", "Link everything received into persons: a new snapshot."),
    "check": ("api.commands.steps:check", "Find households and run the rules on the newest snapshot."),
    "publish": ("api.commands.steps:publish", "Show readers the newest snapshot and its graph."),
    "month": ("api.commands.steps:month", "The whole month: receive, resolve, check, publish."),
    "train": (
        "api.commands.model:train",
        "Train a new model version on everything received, and one for organisations.",
    ),
    "model": ("api.commands.model:model_app", "Model versions: what they hold, and how they differ."),
    "snapshots": ("api.commands.workspace:snapshots", "List the snapshots that are kept."),
    "rollback": ("api.commands.workspace:rollback", "Show readers an earlier snapshot again."),
    "person": ("api.commands.people:person", "Show a person: golden record, records and findings."),
    "history": ("api.commands.history:history", "What happened to the id of a person or organisation."),
    "match": ("api.commands.match:match", "Who is meant by a description, and why."),
    "explain": ("api.commands.explain:explain", "Why records are, or are not, taken for one person."),
    "judgements": (
        "api.commands.judgements:judgements_app",
        "Judgements: what people decided about records; every run obeys them.",
    ),
    "quality": (
        "api.commands.quality:quality_app",
        "Quality of links, measured without a truth: draw a sample, label it, report.",
    ),
    "serve": ("api.commands.service:serve", "Serve the API over what is published."),
    "feeds": ("api.commands.feeds:feeds_app", "Feeds: the files that departments send."),
    "rules": ("api.commands.rules:rules_app", "Rules: what is compared, why, and when a finding is raised."),
    "findings": (
        "api.commands.findings:findings_app",
        "Findings: new, continued, changed, gone; and those that were denied.",
    ),
    "liability": (
        "api.commands.liability:liability_app",
        "Third-party liability 第三人责任: what others may owe of what the fund paid.",
    ),
    "outputs": (
        "api.commands.outputs:outputs",
        "Write what goes to the departments: W30 and J08 to owners, W32 to counties, J09 warnings.",
    ),
    "monitoring": (
        "api.commands.monitoring:monitoring_app",
        "High-cost monitoring 高额费用监测预警: who bears more than the line, the province's list, cost statements.",
    ),
    "aid": (
        "api.commands.aid:aid_app",
        "Aid identities 救助身份: the month's review of entries, exits and changes.",
    ),
    "keys": ("api.commands.admin:keys_app", "API keys."),
    "audit": ("api.commands.admin:audit_app", "The audit trail."),
    "neo4j": (
        "api.commands.graph_server:server_app",
        "A Neo4j server of one's own: one folder, this machine only.",
    ),
    "synthesize": ("api.commands.city:synthesize", "Make up a city: departments' files, and the truth."),
    "link": ("api.commands.link:link", "Link any table: csv or Parquet, one or two."),
    "blocking": ("api.commands.link:blocking", "Count what the blocking rules of a table yield."),
    "evaluate": ("api.commands.city:evaluate", "Hold what is published against a made-up city's truth."),
    "demo": ("api.commands.city:demo", "A made-up city from files to findings, then the API to try."),
}
"""Command -> where it lies, and its line in `guiyi --help`."""


class _Deferred(TyperCommand):
    """Stands for a command until it is run or asked for its own help."""

    def __init__(self, name: str, place: str, summary: str) -> None:
        super().__init__(name, help=summary)
        self._place = place

    def make_context(self, *args: Any, **extra: Any) -> Any:
        """The context of the real command, which is what runs in it."""
        return _load(str(self.name), self._place).make_context(*args, **extra)


class _Commands(TyperGroup):
    """All commands; whatever goes wrong in one is told in the same way."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.commands.update({name: _Deferred(name, *listed) for name, listed in COMMANDS.items()})

    def invoke(self, ctx: Any) -> Any:
        """Run one."""
        with explained():
            return super().invoke(ctx)


app = typer.Typer(
    cls=_Commands,
    help="Guiyi 归一: from the departments' files to persons, their conflicts, and an answer from the API.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def main() -> None:
    """Entry point of the command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal without Chinese is no reason to fail
    app()


@app.callback(invoke_without_command=True)
def about(
    version: Annotated[bool, typer.Option("--version", help="Print the version and end.")] = False,
) -> None:
    """Guiyi 归一."""
    if version:
        say(VERSION)
        raise typer.Exit


def _load(name: str, place: str) -> Any:
    """The command or group of commands at `module:attribute`."""
    module, _, attribute = place.partition(":")
    found = getattr(import_module(module), attribute)
    holder = typer.Typer(add_completion=False)
    holder.callback()(lambda: None)  # makes a group of it, also when there is one command only
    if isinstance(found, typer.Typer):
        holder.add_typer(found, name=name)
    else:
        holder.command(name)(found)
    group = typer.main.get_command(holder)
    assert isinstance(group, TyperGroup)
    return group.commands[name]
