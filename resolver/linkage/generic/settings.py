"""What is compared and how, for any table: a TOML file that a user writes, read and checked.

    [table]
    record_id = "rec_id"

    [[comparisons]]
    key = "surname"
    kind = "string"
    columns = ["surname"]

    [blocking]
    cap = 50
    rules = [["surname", "date_of_birth"], ["postcode", "given_name:first3"]]

Only `comparisons` and `blocking` are needed; `docs/linkage.md` explains every setting.
"""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from itertools import combinations
from pathlib import Path
from typing import Any, TypeVar

from resolver.errors import SettingsError
from resolver.linkage.generic.kinds import KINDS, Kind
from resolver.linkage.settings import BlockingRule, ClusteringSettings, ComparisonSettings

MOST_COMPARISONS = 15
DEFAULT_CLUSTERING = ClusteringSettings(keep=-3.0, absent=-3.0, clip=10.0, stop=-1.0, rival=0.0)
"""Thresholds in natural log-odds, as for persons; see `resolver/models/person.toml`."""


@dataclass(frozen=True)
class TableComparison:
    """One comparison as the user wrote it.

    Attributes:
        key: Name of the comparison, and of its column of levels.
        kind: One of `kinds.KINDS`.
        columns: Columns that it reads.
        options: What the kind asks for, defaults filled in.
        implied_by: A comparison that says the same already; where its values are equal, this one is left out.
        label_zh: What users read; `label_en` likewise.
    """

    key: str
    kind: str
    columns: tuple[str, ...]
    options: dict[str, Any]
    implied_by: str = ""
    label_zh: str = ""
    label_en: str = ""

    @property
    def of_kind(self) -> Kind:
        """What is known of its kind."""
        return KINDS[self.kind]

    def described(self) -> ComparisonSettings:
        """Its labels and levels, as training and explanation read them."""
        levels = self.of_kind.levels(self.options)
        return ComparisonSettings(
            self.key, self.label_zh or self.key, self.label_en or self.key, self.columns, levels
        )


@dataclass(frozen=True)
class BlockingChoice:
    """Rules in the order in which they claim pairs, and how large a block may be.

    Attributes:
        rules: Conjunctions of atoms.
        cap: Most records in a block; larger ones are left out and reported.
    """

    rules: tuple[BlockingRule, ...]
    cap: int


@dataclass(frozen=True)
class TrainingChoice:
    """How the mixture is fitted; see `training.fit`.

    Attributes:
        prior_match: Share of matches among candidates with which EM starts.
        prior_pairs: How many pairs the starting values are worth.
        iterations: Most iterations of EM.
        random_pairs: Pairs drawn at random for the u probabilities.
        aliases: Learn from likely matches which words stand for one another, such as nicknames.
    """

    prior_match: float = 0.1
    prior_pairs: float = 20.0
    iterations: int = 60
    random_pairs: int = 300_000
    aliases: bool = True


@dataclass(frozen=True)
class TableSettings:
    """Everything in a model's settings file.

    Attributes:
        record_id: Column that names records; empty = the number of the row, from 1.
        one_to_one: When two tables are linked: neither has duplicates, so a record has one counterpart at most.
    """

    comparisons: tuple[TableComparison, ...]
    blocking: BlockingChoice
    record_id: str = ""
    one_to_one: bool = True
    training: TrainingChoice = field(default_factory=TrainingChoice)
    clustering: ClusteringSettings = DEFAULT_CLUSTERING

    @property
    def described(self) -> tuple[ComparisonSettings, ...]:
        """Labels and levels of all comparisons."""
        return tuple(comparison.described() for comparison in self.comparisons)

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that are read, in the order of their first mention."""
        named = [c for comparison in self.comparisons for c in comparison.columns]
        named += [atom.partition(":")[0] for rule in self.blocking.rules for atom in rule.atoms]
        return tuple(dict.fromkeys(named))

    @property
    def with_words(self) -> tuple[str, ...]:
        """Columns that are compared by their words."""
        return tuple(dict.fromkeys(c for k in self.comparisons if k.kind == "tokens" for c in k.columns))

    def to_json(self) -> dict[str, Any]:
        """Plain values, from which `parse_table_settings` makes an equal object."""
        raw = asdict(self)
        table = {name: raw.pop(name) for name in ("record_id", "one_to_one")}
        for comparison in raw["comparisons"]:
            comparison.update(comparison.pop("options"))
        return {"kind": "table", "table": table, **raw}


def read_table_settings(path: Path) -> TableSettings:
    """Read a model's settings from a TOML file.

    Raises:
        SettingsError: The file is missing, is not TOML, or something in it is wrong.
    """
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is not in UTF-8", remedy="Save it in UTF-8.") from error
    except OSError as error:
        raise SettingsError(f"cannot read {path}: {error.strerror}", remedy="Check the path.") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not valid TOML: {error}", remedy="Correct the file.") from error
    return parse_table_settings(raw, str(path))


def parse_table_settings(raw: Mapping[str, Any], where: str) -> TableSettings:
    """Build settings from a parsed document and check them.

    Args:
        raw: The document.
        where: What to call it in messages.

    Raises:
        SettingsError: Something is missing, misspelt or out of range; all that is wrong is named at once.
    """
    try:
        unknown = set(raw) - {"kind", "format", "table", "comparisons", "blocking", "training", "clustering"}
        if unknown:
            raise KeyError(f"unknown part {', '.join(sorted(unknown))}")
        comparisons = _is(list | tuple, raw.get("comparisons", ()), "comparisons", "[[comparisons]] tables")
        parts = {
            name: _is(Mapping, raw.get(name, {}), name, f"a [{name}] table")
            for name in ("blocking", "training", "clustering", "table")
        }
        settings = TableSettings(
            comparisons=tuple(_comparison(c) for c in comparisons),
            blocking=_blocking(parts["blocking"]),
            training=_fill(TrainingChoice, parts["training"]),
            clustering=_clustering(parts["clustering"]),
            **_table(parts["table"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        reason = error.args[0] if error.args else error
        raise SettingsError(f"model settings {where}: {reason}", remedy="Correct the file.") from error
    if wrong := _wrong(settings):
        raise SettingsError(f"model settings {where}: " + "; ".join(wrong), remedy="Correct the file.")
    return settings


T = TypeVar("T")


def _fill(kind: type[T], raw: Mapping[str, Any]) -> T:
    known = {f.name: f.type for f in fields(kind)}  # type: ignore[arg-type]
    if unknown := sorted(set(raw) - set(known)):
        raise KeyError(f"unknown setting {', '.join(unknown)}")
    for name, value in raw.items():
        wanted, called = _PLAIN[known[name]]
        _is(wanted, value, name, called)
        if wanted is not bool and (isinstance(value, bool) or not math.isfinite(value)):
            raise ValueError(f"{name} must be {called}, not {value!r}")
    return kind(**raw)


_PLAIN: dict[Any, tuple[Any, str]] = {
    int: (int, "a whole number"),
    float: (int | float, "a number"),
    bool: (bool, "true or false"),
}


def _is(kind: Any, value: Any, name: str, called: str) -> Any:
    """The value, if it is of the kind."""
    if not isinstance(value, kind):
        raise ValueError(f"{name} must be {called}, not {value!r}")
    return value


def _texts(value: Any, name: str) -> tuple[str, ...]:
    """A list of texts; a lone text would else be read letter by letter."""
    texts = _is(list | tuple, value, name, "a list of texts")
    return tuple(_is(str, text, name, "a list of texts") for text in texts)


def _table(raw: Mapping[str, Any]) -> dict[str, Any]:
    if unknown := sorted(set(raw) - {"record_id", "one_to_one"}):
        raise KeyError(f"[table] has an unknown setting {', '.join(unknown)}")
    _is(str, raw.get("record_id", ""), "record_id", "the name of a column")
    _is(bool, raw.get("one_to_one", True), "one_to_one", "true or false")
    return dict(raw)


def _clustering(raw: Mapping[str, Any]) -> ClusteringSettings:
    return _fill(ClusteringSettings, {**asdict(DEFAULT_CLUSTERING), **raw})


def _comparison(raw: Mapping[str, Any]) -> TableComparison:
    _is(Mapping, raw, "comparisons", "[[comparisons]] tables")
    for name in ("key", "kind", "implied_by", "label_zh", "label_en"):
        _is(str, raw.get(name, ""), f"a comparison's {name}", "a text")
    columns = _texts(raw.get("columns", ()), "a comparison's columns")
    named = {f.name for f in fields(TableComparison)} - {"options"}
    kind = KINDS.get(raw.get("kind", ""))
    key = raw.get("key") or "_".join(columns)
    if kind is None:
        raise ValueError(
            f"comparison {key!r} is of the unknown kind {raw.get('kind')!r}; there are {', '.join(KINDS)}"
        )
    options = {name: value for name, value in raw.items() if name not in named}
    return TableComparison(
        key=key,
        kind=raw["kind"],
        columns=columns or (key,),
        options=kind.checked(key, options),
        implied_by=raw.get("implied_by", ""),
        label_zh=raw.get("label_zh", ""),
        label_en=raw.get("label_en", ""),
    )


def _blocking(raw: Mapping[str, Any]) -> BlockingChoice:
    if unknown := sorted(set(raw) - {"rules", "pairs_of", "cap"}):
        raise KeyError(f"[blocking] has an unknown setting {', '.join(unknown)}")
    rules = [_rule(rule) for rule in _is(list | tuple, raw.get("rules", ()), "rules", "a list of rules")]
    known = {rule.atoms for rule in rules}
    for one, other in combinations(_texts(raw.get("pairs_of", ()), "pairs_of"), 2):
        if one.partition(":")[0] != other.partition(":")[0] and (one, other) not in known:
            rules.append(_rule([one, other]))
    return BlockingChoice(tuple(rules), int(_is(int, raw.get("cap", 50), "cap", "a whole number")))


def _rule(raw: Any) -> BlockingRule:
    atoms = raw["atoms"] if isinstance(raw, Mapping) else raw
    if isinstance(atoms, str) or not atoms:
        raise ValueError(f"a blocking rule is a list of atoms, not {raw!r}")
    atoms = _texts(atoms, "a blocking rule's atoms")
    name = raw.get("name") if isinstance(raw, Mapping) else None
    return BlockingRule(name or " & ".join(atoms), tuple(atoms))


def _wrong(settings: TableSettings) -> list[str]:
    wrong = []
    keys = [c.key for c in settings.comparisons]
    if not keys:
        wrong.append("there is no comparison")
    if len(keys) > MOST_COMPARISONS:
        wrong.append(f"there are {len(keys)} comparisons; {MOST_COMPARISONS} at most")
    wrong += [f"comparison {key!r} is there twice" for key in sorted({k for k in keys if keys.count(k) > 1})]
    for place, comparison in enumerate(settings.comparisons):
        if comparison.implied_by and comparison.implied_by not in keys[:place]:
            wrong.append(f"comparison {comparison.key!r}: implied_by must name one that stands before it")
        if not comparison.of_kind.takes(len(comparison.columns)):
            wrong.append(f"comparison {comparison.key!r}: {comparison.of_kind.asks}")
    if not settings.blocking.rules:
        wrong.append("[blocking] has no rules")
    if settings.blocking.cap < 2:
        wrong.append("[blocking] cap must be at least 2")
    if not 0 < settings.training.prior_match < 1:
        wrong.append("[training] prior_match must lie between 0 and 1")
    if (
        settings.training.iterations < 1
        or min(settings.training.random_pairs, settings.training.prior_pairs) < 0
    ):
        wrong.append("[training] iterations must be at least 1, random_pairs and prior_pairs not negative")
    return wrong
