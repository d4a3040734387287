"""Finding persons by what is known of them, within what a caller may see."""

from api.dependencies import Reading
from api.presenting import entity_of
from api.schemas.persons import PersonSearch
from graph.search_terms import parse_query
from graph.store import Node
from resolver.identifiers.identity_number import classify
from resolver.standardize.phones import normalize

MOST_FOUND = 1000
_AT_FIRST = 200


def id_number_form(text: str) -> str | None:
    """An ID number as records have it; None when the text is none."""
    return classify(text).number


def persons_holding(name: str, value: str | None, reading: Reading) -> list[Node]:
    """Persons of whom a visible record gives this ID number (`id_numbers`) or phone (`phones`), by id."""
    nodes = list(reading.view.find("Person", name, value, limit=MOST_FOUND + 1)) if value else []
    if reading.sees_everything:
        return nodes
    seen = reading.persons([entity_of(node.id) for node in nodes])
    return [node for node in nodes if value in seen[entity_of(node.id)].collected[name]]


def find_persons(asked: PersonSearch, reading: Reading, at_least: int) -> list[Node]:
    """Persons for whom all that is asked holds, in a fixed order: at least so many, if there are, at most 1,001."""
    exact = []
    if asked.id_number:
        exact.append(persons_holding("id_numbers", id_number_form(asked.id_number), reading))
    if asked.phone:
        exact.append(persons_holding("phones", normalize(asked.phone), reading))
    if not exact:
        return _named(asked, reading, at_least)
    common = set.intersection(*({node.id for node in nodes} for nodes in exact))
    found = [node for node in exact[0] if node.id in common]
    return [node for node in found if _fits(asked, node, reading)] if _asks_more(asked) else found


def _named(asked: PersonSearch, reading: Reading, at_least: int) -> list[Node]:
    """By name. The store also finds organisations, and by records out of scope, so more may have to be asked for."""
    limit = max(_AT_FIRST, at_least)
    while True:
        found = reading.view.search(asked.name or "", limit=limit, birth_date=asked.birth_date)
        persons = [node for node in found if node.label == "Person"]
        if not reading.sees_everything:
            persons = [node for node in persons if _fits(asked, node, reading)]
        if len(persons) >= at_least or len(found) < limit or limit > MOST_FOUND * 4:
            return persons[: MOST_FOUND + 1]
        limit *= 4


def _asks_more(asked: PersonSearch) -> bool:
    return asked.name is not None or asked.birth_date is not None


def _fits(asked: PersonSearch, node: Node, reading: Reading) -> bool:
    """Whether name and birth date hold of the person as the caller sees them."""
    properties = reading.properties([node])[node.id]
    if asked.name:
        return parse_query(asked.name, asked.birth_date).matches("Person", properties)
    return bool(properties.get("birth_date") == asked.birth_date)
