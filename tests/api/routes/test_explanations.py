import json

import pytest


@pytest.fixture(scope="module")
def apart(service):
    """A kept pair of records of two persons, and one of one person."""
    owner = {m["record_key"]: m["entity_id"] for m in service.snapshot.read("members").to_pylist()}
    pairs = service.snapshot.read("pairs").to_pylist()
    return next(p for p in pairs if owner[p["record_key_l"]] != owner[p["record_key_r"]])


def test_two_persons_are_told_what_keeps_them_apart(service, apart):
    path = f"/v1/pairs/{apart['record_key_l']}/{apart['record_key_r']}/explanation"
    found = service.get(path)
    assert not found["same_person"]
    assert found["explanation"]["match_weight"] == pytest.approx(apart["match_weight"], abs=0.01)
    assert found["why_not"]["reasons"]
    assert all(reason["text_zh"] and reason["text_en"] for reason in found["why_not"]["reasons"])
    assert all(step["text_zh"] and step["text_en"].endswith(".") for step in found["explanation"]["steps"])


def test_one_person_has_no_reason_against_it(service, rich_id):
    records = service.get(f"/v1/persons/{rich_id}/records")["items"]
    keys = [record["record_key"] for record in records][:2]
    assert service.get(f"/v1/pairs/{keys[0]}/{keys[1]}/explanation")["why_not"] is None


def test_a_person_is_explained_by_its_links(service, rich_id):
    records = service.get(f"/v1/persons/{rich_id}/records")["items"]
    before = service.last_event()
    found = service.get(f"/v1/persons/{rich_id}/explanation")
    stored = {
        (r["record_key"], r["parent_record_key"]): r["link_probability"]
        for r in records
        if r["parent_record_key"]
    }
    assert {
        (k["record_key"], k["parent_record_key"]): k["link_probability"] for k in found["links"]
    } == stored
    probabilities = [link["link_probability"] for link in found["links"]]
    assert probabilities == sorted(probabilities)
    (event,) = service.events(before)
    assert event.body["action"] == "explain_person"
    assert event.body["persons"] == [rich_id]


def test_numbers_are_masked_by_role(service, rich, rich_id):
    path = f"/v1/persons/{rich_id}/explanation"
    assert rich["id_number"] in json.dumps(service.get(path, "investigator"))
    assert rich["id_number"] not in json.dumps(service.get(path, "clerk"))


def test_a_department_sees_the_links_between_its_own_records(service, rich_id):
    service.new_key("explained: police", "investigator", departments=["POLICE"])
    answer = service.ask("GET", f"/v1/persons/{rich_id}/explanation", "explained: police")
    if answer.status_code == 404:
        return
    whole = {r["record_key"] for r in service.get(f"/v1/persons/{rich_id}/records")["items"]}
    own = service.get(f"/v1/persons/{rich_id}/records", "explained: police")["items"]
    mine = {r["record_key"] for r in own}
    assert mine < whole
    for key in whole - mine:
        assert key not in answer.text


@pytest.mark.parametrize("person", ["P-00000000000000", "P-2707QDQX2XHR5K", "nobody"])
def test_nobody_is_not_found(service, person):
    assert service.ask("GET", f"/v1/persons/{person}/explanation").status_code == 404
