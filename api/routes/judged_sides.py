"""What a judgement is about, as a caller sees it: records of persons or of organisations, within the caller's scope."""

from collections.abc import Collection, Sequence

from api.dependencies import Reading, Service
from api.errors import ApiError, not_found
from api.presenting import entity_of, organisation_from_text
from api.routes.persons import person_asked
from api.schemas.judgements import JudgementRequest
from graph.store import in_scope, node_id
from resolver.feeds.contract import contracts

Sides = tuple[list[int], list[int]]
"""Record keys of the one and of the other."""

_LONGEST_KEY = 1 << 63
_LABELS = ("Employer", "Facility")


def sides_asked(asked: JudgementRequest, reading: Reading, held: Service) -> Sides:
    """Record keys of the one and of the other, as far as the caller may see them.

    Raises:
        ApiError: 404, one is not there or may not be seen; 422, one is of a person, the other of an organisation.
    """
    if asked.persons is not None:
        found = _of_persons(asked.persons, reading, held)
    elif asked.organisations is not None:
        found = [_of_organisation(text, reading, held) for text in asked.organisations]
    else:
        found = _of_records(asked.records or [], reading)
    if len(found) != 2 or not all(found):
        reading.record(results=0)
        raise not_found()
    return found[0], found[1]


def visible_records(keys: Collection[int], reading: Reading) -> set[int]:
    """Those of the records that are in the published snapshot and within the caller's scope, of either kind."""
    of_persons = _records_of_persons(keys, reading)
    return of_persons | _records_of_organisations(set(keys) - of_persons, reading)


def _of_persons(texts: Sequence[str], reading: Reading, held: Service) -> list[list[int]]:
    entities = [entity_of(person_asked(text, reading, held)[0].id) for text in texts]
    seen = reading.persons(entities)
    return [seen[entity].records for entity in entities]


def _of_organisation(text: str, reading: Reading, held: Service) -> list[int]:
    """Visible records of an organisation, or of the one it was merged into; none where it may not be seen."""
    asked = organisation_from_text(text)
    entity = asked if _may_see(asked, reading) else held.publications.ledger.resolve_entity(asked)
    if entity is None or not _may_see(entity, reading):
        return []
    return sorted(_records_of_organisations(reading.published.lookup.organisation_records(entity), reading))


def _may_see(organisation: int, reading: Reading) -> bool:
    return bool(reading.view.get_many([node_id(label, organisation) for label in _LABELS]))


def _of_records(texts: Sequence[str], reading: Reading) -> list[list[int]]:
    keys = [int(text) for text in texts if text.isascii() and text.isdecimal()]
    keys = [key for key in keys if key < _LONGEST_KEY]
    of_persons = _records_of_persons(keys, reading)
    if not set(keys) <= of_persons | _records_of_organisations(set(keys) - of_persons, reading):
        return []
    if len({key in of_persons for key in keys}) > 1:
        reading.record(results=0)
        raise ApiError(
            422,
            "The request is not valid",
            "a person's record cannot be judged against an organisation's record",
            remedy="Give two of one kind.",
        )
    return [[key] for key in keys]


def _records_of_persons(keys: Collection[int], reading: Reading) -> set[int]:
    return {entity_of(node.id) for node in reading.view.get_many([node_id("Record", key) for key in keys])}


def _records_of_organisations(keys: Collection[int], reading: Reading) -> set[int]:
    """The graph has no nodes of these records, so what it knows of persons' is worked out: department and county."""
    places = reading.published.lookup.organisation_places(sorted(keys))
    return {
        key
        for key, (feed, region) in places.items()
        if in_scope(reading.key.scope, [region] if region else [], [contracts()[feed].department])
    }
