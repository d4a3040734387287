"""From the graph's nodes and the snapshot's rows to what a caller may see of them."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from api.schemas.common import GraphEdge, GraphNode, PersonSummary
from api.security.masking import masked_embedded, masked_number, masked_phone
from graph.store import Edge, Node, node_id
from resolver.entities.entity_id import EntityIdError, Kind, from_text, to_text

_KINDS: dict[str, Kind] = {
    "Person": "person",
    "Household": "household",
    "Employer": "organisation",
    "Facility": "organisation",
}
_NUMBERS = {"id_number", "id_numbers", "spouse_id", "mother_id", "father_id"}
_PHONES = {"phone", "phones"}
_NUMBER_ENDINGS = ("id_number", "_id_numbers")
_PHONE_ENDINGS = ("phone", "_phones")


def person_node(person_id: int) -> str:
    """Id of a person's node in the store."""
    return node_id("Person", person_id)


def entity_of(store_id: str) -> int:
    """The entity id in the id of a store's node."""
    return int(store_id.partition(":")[2])


def public_id(store_id: str) -> str:
    """The id that people and other systems see: `P-…`, `O-…`, `H-…`; other nodes keep theirs."""
    label, _, key = store_id.partition(":")
    kind = _KINDS.get(label)
    return to_text(int(key), kind) if kind else store_id


def person_from_text(text: str) -> int:
    """The entity id in a person id as people write it.

    Raises:
        EntityIdError: It is no entity id, or not one of a person.
    """
    number, kind = from_text(text)
    if kind != "person":
        raise EntityIdError(f"{text!r} is not the id of a person")
    return number


def summary(node: Node, *, full: bool) -> PersonSummary:
    """A person in a list; `full` shows ID number and phone unmasked."""
    shown = hide(node.properties, full=full)
    return PersonSummary(
        person_id=public_id(node.id),
        name=shown.get("name"),
        sex=shown.get("sex"),
        birth_date=_day(shown.get("birth_date")),
        id_number=shown.get("id_number"),
        phone=shown.get("phone"),
        region=shown.get("region"),
        n_records=shown.get("n_records"),
        ambiguous=bool(shown.get("ambiguous")),
    )


def graph_node(node: Node, *, full: bool) -> GraphNode:
    """A node for the caller."""
    properties = hide(node.properties, full=full)
    if node.label == "IdentityNumber" and not full:
        properties["number"] = masked_number(properties.get("number"))
    if node.label == "Phone" and not full:
        properties["number"] = masked_phone(properties.get("number"))
    return GraphNode(id=public_id(node.id), label=node.label, properties=properties)


def graph_edge(edge: Edge) -> GraphEdge:
    """An edge for the caller."""
    source, target = public_id(edge.source), public_id(edge.target)
    _, _, key = edge.id.partition("#")
    return GraphEdge(
        id=f"{edge.type}:{source}>{target}" + (f"#{key}" if key else ""),
        type=edge.type,
        source=source,
        target=target,
        probability=edge.probability,
        valid_from=edge.valid_from,
        valid_to=edge.valid_to,
        properties=dict(edge.properties),
    )


def hide(values: Mapping[str, Any], *, full: bool) -> dict[str, Any]:
    """The values with every ID number and phone among them masked, unless `full`; empty ones left out."""
    return {
        name: value if full else _hidden(name, value) for name, value in values.items() if value is not None
    }


def _hidden(name: str, value: Any) -> Any:
    mask: Callable[[str | None], str | None]
    if name in _NUMBERS or name.endswith(_NUMBER_ENDINGS):
        mask = masked_number
    elif name in _PHONES or name.endswith(_PHONE_ENDINGS):
        mask = masked_phone
    else:
        return _without_numbers(value)
    return [mask(str(item)) for item in value] if isinstance(value, list | tuple) else mask(str(value))


def _without_numbers(value: Any) -> Any:
    """The value with ID numbers inside longer texts masked (a disability certificate's number, say)."""
    if isinstance(value, str):
        return masked_embedded(value)
    if isinstance(value, list | tuple):
        return [_without_numbers(item) for item in value]
    if isinstance(value, dict):
        return hide(value, full=False)
    return value


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value
