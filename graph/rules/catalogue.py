"""The rules that are there, read and checked."""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable

from graph.rule import Rule, RuleFileError, RuleProblem, parse_rule


@dataclass(frozen=True)
class Catalogue:
    """What `load_catalogue` found.

    Attributes:
        rules: Rule id -> rule, in the order of the ids; those switched off too.
        problems: Files refused, in the order of their names; the other rules stand without them.
    """

    rules: dict[str, Rule]
    problems: tuple[RuleProblem, ...]


def load_catalogue(folder: Traversable | None = None) -> Catalogue:
    """Read all rule files of a folder.

    Args:
        folder: A folder with `<id>.sql` files, for instance a `pathlib.Path`; None = the rules of this package.
    """
    folder = folder if folder is not None else resources.files("graph.rules")
    files = sorted(
        (file for file in folder.iterdir() if file.name.endswith(".sql")), key=lambda file: file.name
    )
    return _read(files)


def _read(files: Iterable[Traversable]) -> Catalogue:
    rules: dict[str, Rule] = {}
    problems: list[RuleProblem] = []
    for file in files:
        try:
            rule = parse_rule(file.read_text("utf-8"), file.name)
        except UnicodeDecodeError as error:
            problems.append(RuleProblem(file.name, 1, f"not UTF-8: {error.reason}"))
        except RuleFileError as error:
            problems.append(error.problem)
        else:
            rules[rule.id] = rule
    return Catalogue(rules, tuple(problems))
