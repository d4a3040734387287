"""From the graph's nodes and the snapshot's rows to what a caller may see of them."""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
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
_SHANGHAI = timezone(timedelta(hours=8))
_PLAIN_KEYS = frozenset({"Record", "Finding"})
_SECRET = secrets.token_bytes(32)
_NUMBERS = frozenset({"id_number", "id_numbers", "spouse_id", "mother_id", "father_id", "kin_id"})
_PHONES = frozenset({"phone", "phones"})
_NUMBER_ENDINGS = ("_id_number", "_id_numbers")
_PHONE_ENDINGS = ("_phone", "_phones")
_NUMBER_NODES = {"IdentityNumber": masked_number, "Phone": masked_phone}
_OF_ALL_RECORDS = frozenset({"n_members", "n_rows", "basis"})


def person_node(person_id: int) -> str:
    """Id of a person's node in the store."""
    return node_id("Person", person_id)


def entity_of(store_id: str) -> int:
    """The entity id in the id of a store's node."""
    return int(store_id.partition(":")[2])


@lru_cache(maxsize=1 << 16)
def entity_text(entity_id: int, kind: Kind = "person") -> str:
    """An entity id as people write it."""
    return to_text(entity_id, kind)


def public_id(store_id: str) -> str:
    """The id that people and other systems see: `P-…`, `O-…`, `H-…`, `Record:<key>`, `Finding:<key>`.

    The store's key of an address, a phone or a number is a plain hash of it, from which whoever knows most of its
    digits finds the rest; so these get another one, keyed by a secret that lives as long as the process.
    """
    label, _, key = store_id.partition(":")
    kind = _KINDS.get(label)
    if kind:
        return entity_text(int(key), kind)
    if label in _PLAIN_KEYS:
        return store_id
    return f"{label}:{hmac.digest(_SECRET, store_id.encode('utf-8'), hashlib.sha256).hex()[:16]}"


def person_from_text(text: str) -> int:
    """The entity id in a person id as people write it.

    Raises:
        EntityIdError: It is no entity id, or not one of a person.
    """
    return _from_text(text, "person")


def organisation_from_text(text: str) -> int:
    """The entity id in an organisation id as people write it.

    Raises:
        EntityIdError: It is no entity id, or not one of an organisation.
    """
    return _from_text(text, "organisation")


def _from_text(text: str, wanted: Kind) -> int:
    number, kind = from_text(text)
    if kind != wanted:
        raise EntityIdError(f"that is no id of the kind {wanted}")
    return number


def summary(person: str, properties: Mapping[str, Any], *, full: bool) -> PersonSummary:
    """A person in a list; `full` shows ID number and phone unmasked."""
    shown = properties if full else hide(properties, full=False)
    return PersonSummary(
        person_id=person,
        name=shown.get("name"),
        sex=shown.get("sex"),
        birth_date=_day(shown.get("birth_date")),
        id_number=shown.get("id_number"),
        phone=shown.get("phone"),
        region=shown.get("region"),
        n_records=int(shown.get("n_records", 0)),
        ambiguous=bool(shown.get("ambiguous")),
    )


def graph_node(node: Node, properties: Mapping[str, Any], *, full: bool) -> GraphNode:
    """A node for the caller, with those of its properties that are theirs to see."""
    shown = hide(properties, full=full)
    if node.label in _NUMBER_NODES and not full:
        shown["number"] = _NUMBER_NODES[node.label](str(shown.get("number", "")))
    return GraphNode(id=public_id(node.id), label=node.label, properties=shown)


def graph_edge(edge: Edge, *, full: bool, whole: bool) -> GraphEdge:
    """An edge for the caller; `whole` when their scope has no restriction."""
    source, target = public_id(edge.source), public_id(edge.target)
    key = edge.id.partition("#")[2]
    properties = edge.properties if whole else without_totals(edge.properties)
    return GraphEdge(
        id=f"{edge.type}:{source}>{target}" + (f"#{key}" if key else ""),
        type=edge.type,
        source=source,
        target=target,
        probability=edge.probability,
        valid_from=edge.valid_from,
        valid_to=edge.valid_to,
        properties=hide(properties, full=full),
    )


def without_totals(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Properties without those that are worked out over records the caller may not see."""
    return {name: value for name, value in properties.items() if name not in _OF_ALL_RECORDS}


def hide(values: Mapping[str, Any], *, full: bool) -> dict[str, Any]:
    """The values with every ID number and phone among them masked, unless `full`; empty ones left out."""
    return {
        name: value if full else _hidden(name, value) for name, value in values.items() if value is not None
    }


def with_offset(moment: datetime) -> datetime:
    """A wall-clock time of a department's file, with the offset that clock has all year."""
    return moment.replace(tzinfo=_SHANGHAI)


def _hidden(name: str, value: Any) -> Any:
    mask: Callable[[str], str]
    if name in _NUMBERS or name.endswith(_NUMBER_ENDINGS):
        mask = masked_number
    elif name in _PHONES or name.endswith(_PHONE_ENDINGS):
        mask = masked_phone
    else:
        return _without_numbers(value)
    return [mask(str(item)) for item in value] if isinstance(value, list | tuple) else mask(str(value))


def _without_numbers(value: Any) -> Any:
    """The value with ID numbers and phones inside longer texts masked (a disability certificate's number, say)."""
    if isinstance(value, str):
        return masked_embedded(value)
    if isinstance(value, list | tuple):
        return [_without_numbers(item) for item in value]
    if isinstance(value, dict):
        return hide(value, full=False)
    return value


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value
