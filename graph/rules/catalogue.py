"""The rules that are there, read and checked."""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

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


def load_catalogue(own: Path | None = None, files: Iterable[Traversable] | None = None) -> Catalogue:
    """Read rule files.

    Args:
        own: A folder with `<id>.sql` files of one's own beside the rules of this package, such as `rules/` of a
            workspace; it need not be there.
        files: Read these files instead of those of the package and of `own`.
    """
    if files is None:
        files = _rule_files(resources.files("graph.rules"))
        if own is not None and own.is_dir():
            files = [*files, *_rule_files(own)]
    return _read(files)


def _rule_files(folder: Traversable) -> list[Traversable]:
    found = (file for file in folder.iterdir() if file.name.endswith(".sql"))
    return sorted(found, key=lambda file: file.name)


def _read(files: Iterable[Traversable]) -> Catalogue:
    rules: dict[str, Rule] = {}
    problems: list[RuleProblem] = []
    for file in files:
        try:
            rule = parse_rule(file.read_text("utf-8"), file.name)
        except OSError as error:
            problems.append(RuleProblem(file.name, 1, f"cannot be read: {error.strerror}"))
        except UnicodeDecodeError as error:
            problems.append(RuleProblem(file.name, 1, f"not UTF-8: {error.reason}"))
        except RuleFileError as error:
            problems.append(error.problem)
        else:
            if rule.id in rules:
                problems.append(RuleProblem(file.name, 1, f"there is a rule {rule.id} already"))
            else:
                rules[rule.id] = rule
    return Catalogue(dict(sorted(rules.items())), tuple(problems))
