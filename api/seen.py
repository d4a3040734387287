"""Persons as a caller sees them: of a golden record only what a record within the caller's scope says.

A person is visible when one of its records is; that does not make the other records' values visible. For a caller
without restriction everything comes from the golden record. For others a surviving value stays when a visible record
says the same; where none does, the value most of the visible records give stands in for it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from api.published import Published
from graph.store import EVERYTHING, GraphView, Node, node_id

VALUES = (
    "name", "sex", "birth_date", "id_type", "id_number", "phone", "region", "town", "village", "address",
)  # fmt: skip
"""Values of a golden record that a record states."""

_COLLECTED = ("former_names", "phones", "id_numbers")
_READ = ("record_key", "feed", *VALUES, "former_name", "pinyin")
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
        weakest_link: Probability of the weakest link that joins the visible records.
        employer_id: Whoever employs the person, whether visible or not.
    """

    entity_id: int
    values: dict[str, Any]
    sources: dict[str, int]
    collected: dict[str, list[str]]
    pinyin: list[str]
    records: list[int]
    weakest_link: float
    employer_id: int | None

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


def seen_persons(entities: Sequence[int], published: Published, view: GraphView) -> dict[int, SeenPerson]:
    """Persons as the view's scope sees them; those whose golden record is missing are left out."""
    lookup = published.lookup
    members = {entity: lookup.members(entity) for entity in entities}
    golden = {entity: found for entity in entities if (found := lookup.golden(entity))}
    if view.scope == EVERYTHING:
        return {entity: _whole(entity, found, members[entity]) for entity, found in golden.items()}
    keys = [member["record_key"] for some in members.values() for member in some]
    seen = {int(node.id.partition(":")[2]) for node in view.get_many([node_id("Record", k) for k in keys])}
    rows = {row["record_key"]: row for row in lookup.records(sorted(seen), _READ).to_pylist()}
    parts = {entity: [m for m in some if m["record_key"] in seen] for entity, some in members.items()}
    return {
        entity: _part(entity, found, parts[entity], [rows[m["record_key"]] for m in parts[entity]])
        for entity, found in golden.items()
    }


def _whole(entity: int, golden: dict[str, Any], members: list[dict[str, Any]]) -> SeenPerson:
    values = {name: golden[name] for name in VALUES if golden[name] is not None}
    sources = {name: key for name in values if (key := golden[f"{name}_record_key"]) is not None}
    collected = {name: golden[name] or [] for name in _COLLECTED}
    return SeenPerson(entity, values, sources, collected, [], *_links(members), golden["employer_id"])


def _part(
    entity: int, golden: dict[str, Any], members: list[dict[str, Any]], rows: list[dict[str, Any]]
) -> SeenPerson:
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
    return SeenPerson(entity, values, sources, collected, pinyin, *_links(members), golden["employer_id"])


def _links(members: list[dict[str, Any]]) -> tuple[list[int], float]:
    """Record keys, ascending as the members are, and the probability of the weakest link."""
    keys = [int(member["record_key"]) for member in members]
    return keys, min((float(member["link_probability"]) for member in members), default=1.0)


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
