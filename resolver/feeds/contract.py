"""Feed contracts: what a department's file contains, one TOML file per feed.

A contract names the columns with the Chinese headers under which they come, their types, the natural key, the
columns that bound a row's validity, and the persons and organisations a row speaks of. Adding a feed is
adding one file to `contracts/`; what many feeds share is described once, in `contracts/columns.toml`. What is
written *to* departments is declared beside them, in `outputs/` (`resolver.feeds.output`).
"""

import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, Literal

from resolver.errors import SettingsError

COLUMN_TYPES = frozenset(
    {
        "text", "code", "name", "organisation", "id_number", "credit_code", "phone", "address", "sex", "date",
        "datetime", "month", "integer", "amount", "flag", "choice",
    }
)  # fmt: skip
EntityKind = Literal["person", "organisation"]
Extent = Literal["full", "delta", "full_then_delta"]

ELEMENTS = ("residence", "employer", "status", "item", "amount")
"""What rows must say besides name and number, and where to: 户籍 · 单位 · 人员状态 · 项目名称 · 金额 (S1 §三(二))."""


@dataclass(frozen=True)
class Column:
    """One column of a feed.

    Attributes:
        name: Canonical name, used everywhere inside.
        header: The header the department is asked to use.
        type: One of `COLUMN_TYPES`; see `docs/data.md` for the Arrow type each is archived as.
        aliases: Other headers under which the column comes.
        mandatory: The file is refused when it lacks the column.
        required: A row without a readable value here goes to quarantine.
        choices: For type `choice`: canonical code -> the words that mean it.
    """

    name: str
    header: str
    type: str
    aliases: tuple[str, ...] = ()
    mandatory: bool = False
    required: bool = False
    choices: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class EntityRole:
    """A person or organisation that every row of a feed speaks of.

    Attributes:
        kind: Whether it is a person or an organisation.
        role: Its part in the row, such as `husband`; unique within the contract.
        values: Identity attribute (a column of the records table) -> column of the feed.
        fixed: Identity attribute -> value that the role itself implies.
        source_key: Column with the source's own key of the person, if it has one.
        source_key_scheme: Name of the numbering the key belongs to; feeds of one authority share it.
        only: Identity attribute -> column of choices and the code that must stand there; in other rows the attribute
            is left empty (what was before a change is a former name only if the name changed).
    """

    kind: EntityKind
    role: str
    values: dict[str, str]
    fixed: dict[str, str]
    source_key: str = ""
    source_key_scheme: str = ""
    only: dict[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Contract:
    """Everything intake needs to know of one feed. See the module's text.

    Attributes:
        feed: Its id; a second kind of file of a feed has a letter more (W28L: the fee lines of W28).
        title: The item as the policy words it.
        title_en: The same in English.
        view: Name under which rules read its rows.
        department: Role of the department that sends it.
        basis: Paragraphs of the policy that ask for it.
        kind: Events, states with a beginning and an end, or a list that is sent again whole.
        default_extent: What a delivery is that does not say whether it is everything or changes.
        natural_key: Columns that name what a row is about, the same in every delivery.
        natural_key_else: Columns that do so where one of `natural_key` is missing.
        key_blanks: Columns of the keys that are not missing where nothing is written: nothing is a value of theirs
            like any other (who newly comes on a list was in no category before).
        valid_from: Column from which on a row holds.
        valid_to: Column up to which it does; empty where there is none. A month is meant up to its last day.
        stops: `valid_to` is instead the first month (or day) in which the row no longer holds (停发年月).
        columns: Its columns by canonical name.
        entities: Roles, the main one first; none where a row speaks of no one.
        optional: No policy asks for it by name; a rule that needs it says so where it is absent.
        monthly: It is owed every month, be it that nothing changed (S1 §二末); others come on request or once a year.
        elements: Element of `ELEMENTS` that the policy requires of this item -> the column that says it.
    """

    feed: str
    title: str
    title_en: str
    view: str
    department: str
    basis: str
    kind: Literal["event", "state", "snapshot"]
    default_extent: Extent
    natural_key: tuple[str, ...]
    natural_key_else: tuple[str, ...]
    valid_from: str
    valid_to: str
    columns: dict[str, Column]
    entities: tuple[EntityRole, ...]
    stops: bool = False
    optional: bool = False
    monthly: bool = True
    elements: dict[str, str] = field(default_factory=dict)
    key_blanks: frozenset[str] = frozenset()

    @property
    def facts(self) -> tuple[str, ...]:
        """Columns that say something else than who is meant."""
        identity = {column for entity in self.entities for column in entity.values.values()}
        return tuple(name for name in self.columns if name not in identity)

    @property
    def main(self) -> EntityRole:
        """The entity the row is first of all about; its id is the view's `person_id` or `organisation_id`."""
        return self.entities[0]


@cache
def contracts() -> dict[str, Contract]:
    """All feed contracts, by feed id, in the order of their ids.

    Raises:
        SettingsError: A contract names an unknown type, column or key.
    """
    folder = resources.files("resolver.feeds") / "contracts"
    shared = tomllib.loads((folder / "columns.toml").read_text("utf-8"))
    names = sorted(f.name for f in folder.iterdir() if f.name.endswith(".toml") and f.name != "columns.toml")
    found = [
        parse_contract(tomllib.loads((folder / name).read_text("utf-8")), shared, name) for name in names
    ]
    return {contract.feed: contract for contract in found}


def parse_contract(raw: dict[str, Any], shared: dict[str, Any], where: str) -> Contract:
    """Build a contract from its TOML document.

    Args:
        raw: The parsed file.
        shared: The parsed `columns.toml`.
        where: File name for error messages.

    Raises:
        SettingsError: Something in the file is missing, misspelt or points to nothing.
    """
    try:
        columns = {name: read_column(name, own, shared.get(name, {})) for name, own in raw["columns"].items()}
        entities = tuple(
            EntityRole(
                kind=entity["kind"],
                role=entity["role"],
                values=dict(entity["values"]),
                fixed=dict(entity.get("fixed", {})),
                source_key=entity.get("source_key", ""),
                source_key_scheme=entity.get("source_key_scheme", ""),
                only={name: (said[0], said[1]) for name, said in entity.get("only", {}).items()},
            )
            for entity in raw.get("entities", [])
        )
        contract = Contract(
            feed=raw["feed"],
            title=raw["title"],
            title_en=raw["title_en"],
            view=raw["view"],
            department=raw["department"],
            basis=raw["basis"],
            kind=raw["kind"],
            default_extent=raw["default_extent"],
            natural_key=tuple(raw["natural_key"]),
            natural_key_else=tuple(raw.get("natural_key_else", ())),
            valid_from=raw["valid_from"],
            valid_to=raw.get("valid_to", ""),
            columns=columns,
            entities=entities,
            stops=raw.get("stops", False),
            optional=raw.get("optional", False),
            monthly=raw.get("monthly", not raw.get("optional", False)),
            elements=dict(raw.get("elements", {})),
            key_blanks=frozenset(raw.get("key_blanks", ())),
        )
    except KeyError as missing:
        raise SettingsError(f"feed contract {where}: {missing} is missing") from missing
    _check(contract, where)
    return contract


def read_column(name: str, own: dict[str, Any], shared: dict[str, Any]) -> Column:
    """A column as its file describes it, over what `columns.toml` says of all columns of that name.

    The names that the national platform gives a shared column are accepted whatever else a feed calls it.

    Raises:
        KeyError: It has no header or no type.
    """
    raw = {**shared, **own}
    return Column(
        name=name,
        header=raw["header"],
        type=raw["type"],
        aliases=tuple(dict.fromkeys((*raw.get("aliases", ()), *shared.get("platform", ())))),
        mandatory=raw.get("mandatory", False),
        required=raw.get("required", False),
        choices={code: tuple(words) for code, words in raw.get("choices", {}).items()},
    )


def _wrong_conditions(contract: Contract, entity: EntityRole) -> list[str]:
    """What is wrong with when an attribute counts: an attribute without a column, a code that is no choice."""
    wrong = [f"{name!r} has a condition and no column" for name in entity.only if name not in entity.values]
    return wrong + [
        f"{code!r} is no choice of {column}"
        for column, code in entity.only.values()
        if column in contract.columns and code not in contract.columns[column].choices
    ]


def _check(contract: Contract, where: str) -> None:
    wrong = [
        f"column {c.name} has unknown type {c.type!r}"
        for c in contract.columns.values()
        if c.type not in COLUMN_TYPES
    ]
    used = [*contract.natural_key, *contract.natural_key_else, contract.valid_from, contract.valid_to]
    used += contract.elements.values()
    wrong += [f"{name!r} is not a required element" for name in contract.elements if name not in ELEMENTS]
    for entity in contract.entities:
        used += [*entity.values.values(), entity.source_key, *(column for column, _ in entity.only.values())]
        wrong += _wrong_conditions(contract, entity)
    wrong += [
        f"{name!r} is not one of its columns"
        for name in dict.fromkeys(used)
        if name and name not in contract.columns
    ]
    wrong += [
        f"{name!r} may be blank in a key but is in none"
        for name in sorted(contract.key_blanks.difference(contract.natural_key, contract.natural_key_else))
    ]
    wrong += [
        f"column {c.name} is required but not mandatory"
        for c in contract.columns.values()
        if c.required and not c.mandatory
    ]
    if wrong:
        raise SettingsError(
            f"feed contract {where}: " + "; ".join(wrong), remedy="Correct the contract file."
        )
