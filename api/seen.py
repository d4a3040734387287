"""Persons as a caller sees them: of a golden record only what a record within the caller's scope says.

A person is visible when one of its records is; that does not make the other records' values visible. For a caller
without restriction everything comes from the golden record. For others a surviving value stays when a visible record
says the same; where none does, the value most of the visible records give stands in for it.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from api.published import Published
from graph.store import EVERYTHING, GraphView, Node, node_id

VALUES = (
    "name", "sex", "birth_date", "id_type", "id_number", "phone", "region", "town", "village", "address",
)  # fmt: skip
"""Values of a golden record that a record states."""

_COLLECTED = ("former_names", "phones", "id_numbers")
_NOT_OWN_PHONE = ("W01", "W05")  # the phone on a death or cremation certificate is the informant's


@dataclass(frozen=True)
class SeenPerson:
    """A person within a scope.

    Attributes:
        entity_id: The person.
        values: Those of `VALUES` that are known.
        sources: Value -> key of the record it comes from.
        collected: `former_names`, `phones`, `id_numbers`.
        pinyin: Readings of the names.
        records: Keys of the visible records, ascending.
    """

    entity_id: int
    values: dict[str, Any]
    sources: dict[str, int]
    collected: dict[str, list[str]]
    pinyin: list[str]
    records: list[int]

    def properties(self, whole: Node) -> dict[str, Any]:
        """Properties of the person's node as the caller sees them."""
        own = {
            **self.values,
            **self.collected,
            "pinyin": self.pinyin,
            "n_records": len(self.records),
            "ambiguous": whole.properties.get("ambiguous"),
        }
        return {name: value for name, value in own.items() if value not in (None, [])}


def visible_records(entities: Iterable[int], published: Published, view: GraphView) -> dict[int, list[int]]:
    """Keys of each person's records within the scope of the view, ascending."""
    lookup = published.lookup
    keys = {entity: [m["record_key"] for m in lookup.members(entity)] for entity in entities}
    if view.scope == EVERYTHING:
        return keys
    nodes = view.get_many([node_id("Record", key) for some in keys.values() for key in some])
    seen = {int(node.id.partition(":")[2]) for node in nodes}
    return {entity: [key for key in some if key in seen] for entity, some in keys.items()}


def seen_persons(entities: Sequence[int], published: Published, view: GraphView) -> dict[int, SeenPerson]:
    """Persons as the view's scope sees them; those whose golden record is missing are left out."""
    records = visible_records(entities, published, view)
    golden = {entity: published.lookup.golden(entity) for entity in entities}
    if view.scope == EVERYTHING:
        return {entity: _whole(entity, found, records[entity]) for entity, found in golden.items() if found}
    rows: dict[int, list[dict[str, Any]]] = {entity: [] for entity in entities}
    owner = {key: entity for entity, keys in records.items() for key in keys}
    for row in published.lookup.records(sorted(owner)).to_pylist():
        rows[owner[row["record_key"]]].append(row)
    return {entity: _part(entity, found, rows[entity]) for entity, found in golden.items() if found}


def _whole(entity: int, golden: dict[str, Any], records: list[int]) -> SeenPerson:
    values = {name: golden[name] for name in VALUES if golden[name] is not None}
    sources = {name: key for name in values if (key := golden[f"{name}_record_key"]) is not None}
    collected = {name: golden[name] or [] for name in _COLLECTED}
    return SeenPerson(entity, values, sources, collected, [], records)


def _part(entity: int, golden: dict[str, Any], rows: list[dict[str, Any]]) -> SeenPerson:
    values: dict[str, Any] = {}
    sources: dict[str, int] = {}
    for name in VALUES:
        source = _source(name, golden, rows)
        if source is not None:
            values[name] = source[name]
            sources[name] = source["record_key"]
    told = {name: {row[name] for row in rows} for name in ("name", "former_name", "phone", "id_number")}
    known_as = told["name"] | told["former_name"]
    collected = {
        "former_names": [name for name in golden["former_names"] or [] if name in known_as],
        "phones": [phone for phone in golden["phones"] or [] if phone in told["phone"]],
        "id_numbers": [number for number in golden["id_numbers"] or [] if number in told["id_number"]],
    }
    pinyin = sorted({row["pinyin"] for row in rows if row["pinyin"]})
    return SeenPerson(entity, values, sources, collected, pinyin, sorted(row["record_key"] for row in rows))


def _source(name: str, golden: dict[str, Any], rows: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The visible record that a value is taken from."""
    telling = [
        row
        for row in rows
        if row[name] is not None and not (name == "phone" and row["feed"] in _NOT_OWN_PHONE)
    ]
    surviving = golden[f"{name}_record_key"]
    frequency = Counter(row[name] for row in telling)
    return min(
        telling,
        key=lambda row: (
            row[name] != golden[name],
            row["record_key"] != surviving,
            -frequency[row[name]],
            row["record_key"],
        ),
        default=None,
    )
