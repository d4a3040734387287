"""Who shares things with a person, and days at a facility."""

from collections import defaultdict

import pytest

from graph.rule_views import rule_views
from resolver.entities.entity_id import to_text

USUAL = ["USES_PHONE", "LIVES_AT", "EMPLOYED_BY"]


@pytest.fixture(scope="module")
def sharer(service, golden):
    """A person who shares a phone with others, and what the service says of it."""
    for row in golden:
        person = to_text(row["person_id"], "person")
        answer = service.get(f"/v1/persons/{person}/sharing", params={"limit": 200})
        if any(item["type"] == "USES_PHONE" for item in answer["items"]):
            return person, answer
    raise AssertionError("nobody shares a phone")


@pytest.fixture(scope="module")
def treated(service):
    """Who was treated at which facility on which day: facility, day -> persons, from the snapshot alone."""
    with rule_views(service.snapshot) as database:
        rows = database.sql(
            "SELECT DISTINCT person_id, facility_organisation_id, begin_day FROM treatments "
            "WHERE facility_organisation_id IS NOT NULL"
        ).fetchall()
    found = defaultdict(set)
    for person, facility, day in rows:
        found[to_text(facility, "organisation"), day.isoformat()].add(to_text(person, "person"))
    return found


def test_what_is_shared_is_what_pages_of_neighbours_tell(service, sharer):
    person, answer = sharer
    assert answer["person_id"] == person
    order = [USUAL.index(item["type"]) for item in answer["items"]]
    assert order == sorted(order)
    for item in answer["items"]:
        params = {"type": item["type"], "via": item["via"]["id"], "limit": 200}
        page = service.get(f"/v1/persons/{person}/neighbours", params=params)
        others = {beside["node"]["id"] for beside in page["items"]} - {person}
        assert {other["person_id"] for other in item["others"]} == others
        assert item["count"] == len(others) > 0
        assert not item["truncated"]


def test_only_the_types_asked_for_and_capped(service, sharer):
    person, whole = sharer
    answer = service.get(f"/v1/persons/{person}/sharing", params={"types": ["USES_PHONE"], "limit": 1})
    expected = [item for item in whole["items"] if item["type"] == "USES_PHONE"]
    assert [(i["via"]["id"], i["count"]) for i in answer["items"]] == [
        (i["via"]["id"], i["count"]) for i in expected
    ]
    for item in answer["items"]:
        assert len(item["others"]) == 1
        assert item["truncated"] == (item["count"] > 1)
    assert service.ask("GET", f"/v1/persons/{person}/sharing?types=RECEIVED").status_code == 422
    assert service.ask("GET", f"/v1/persons/{person}/sharing?limit=0").status_code == 422


def test_who_was_treated_there_on_the_same_day(service, treated):
    (facility, day), persons = max(treated.items(), key=lambda item: (len(item[1]), item[0]))
    assert len(persons) > 1
    person = min(persons)
    answer = service.get(f"/v1/persons/{person}/attendances", params={"days": 200, "limit": 200})
    days = [item["day"] for item in answer["items"]]
    assert days == sorted(days, reverse=True)
    assert answer["items"]
    for item in answer["items"]:
        everyone = treated[item["facility"]["id"], item["day"]]
        assert {other["person_id"] for other in item["others"]} == everyone - {person}
        assert item["count"] == len(everyone) - 1
    assert (facility, day) in {(item["facility"]["id"], item["day"]) for item in answer["items"]}
    on_that_day = service.get(f"/v1/persons/{person}/attendances", params={"as_of": day})
    assert {item["day"] for item in on_that_day["items"]} == {day}
    one = service.get(f"/v1/persons/{person}/attendances", params={"days": 1, "limit": 1})
    assert all(len(item["others"]) == 1 for item in one["items"])


def test_whoever_is_named_is_on_the_audit_trail(service, sharer, treated):
    person, _ = sharer
    patient = min(max(treated.values(), key=lambda persons: (len(persons), min(persons))))
    for who, what in ((person, "sharing"), (patient, "attendances")):
        before = service.last_event()
        answer = service.get(f"/v1/persons/{who}/{what}")
        [event] = [event.body for event in service.events(after=before)]
        named = {other["person_id"] for item in answer["items"] for other in item["others"]}
        assert event["action"] == f"get_{what}"
        assert set(event["persons"]) == {who, *named}
        assert event["results"] == len(answer["items"])


def test_numbers_and_phones_are_masked_for_who_may_not_see_them(service, sharer, golden):
    person, _ = sharer
    text = str(service.get(f"/v1/persons/{person}/sharing", "clerk", params={"limit": 200}))
    assert "****" in text
    for row in golden:
        for value in [row["id_number"], *row["phones"]]:
            assert value is None or value not in text


def test_a_scope_counts_only_whom_it_shows(service, sharer):
    person, whole = sharer
    regions = {other["region"] for item in whole["items"] for other in item["others"]} - {None}
    service.new_key("sharing: one county", regions=[min(regions)])
    answer = service.ask("GET", f"/v1/persons/{person}/sharing?limit=200", "sharing: one county")
    if answer.status_code == 404:
        pytest.fail("choose a person of that county")
    everyone = {(i["type"], i["via"]["id"]): i for i in whole["items"]}
    for item in answer.json()["items"]:
        assert item["count"] == len(item["others"])
        shown = {other["person_id"] for other in item["others"]}
        assert shown <= {o["person_id"] for o in everyone[item["type"], item["via"]["id"]]["others"]}


def test_nobody_there(service):
    for what in ("sharing", "attendances"):
        assert service.ask("GET", f"/v1/persons/P-2707QDQX2XHR5K/{what}").status_code == 404
