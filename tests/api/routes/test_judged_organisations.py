"""Judgements of organisations through the API: as of persons, within the same scopes."""

from collections import defaultdict

import pytest

from resolver.entities.entity_id import to_text
from resolver.feeds.contract import contracts


def text_of(organisation):
    return to_text(organisation, "organisation")


@pytest.fixture(scope="module")
def places(service):
    """Record key of an organisation -> organisation, county, department: slow and obvious, from the files alone."""
    read = service.snapshot.read
    owner = {m["record_key"]: m["entity_id"] for m in read("organisation_members").to_pylist()}
    county = {g["organisation_id"]: g["region"] for g in read("golden_organisations").to_pylist()}
    return {
        row["record_key"]: (
            owner[row["record_key"]],
            row["region"] or county[owner[row["record_key"]]],
            contracts()[row["feed"]].department,
        )
        for row in read("organisation_records").to_pylist()
    }


@pytest.fixture(scope="module")
def members(places):
    """Organisation -> record keys, of those with two or three records; each test takes its own."""
    found = defaultdict(list)
    for key, (owner, *_) in sorted(places.items()):
        found[owner].append(key)
    return {owner: keys for owner, keys in found.items() if len(keys) in (2, 3)}


@pytest.fixture
def two(members):
    """Two organisations that no other test judges."""
    (left, keys_l), (right, keys_r) = members.popitem(), members.popitem()
    return text_of(left), keys_l, text_of(right), keys_r


def judge(service, body, role="investigator", **headers):
    answer = service.ask("POST", "/v1/judgements", role, json={"reason": "两家公司", **body}, headers=headers)
    return answer.status_code, answer.json()


def undo(service, number, role="investigator"):
    answer = service.ask("POST", f"/v1/judgements/{number}/undo", role, json={"reason": "看错了"})
    return answer.status_code, answer.json()


def test_two_organisations_are_judged_record_by_record_and_undone_as_one(service, two):
    left, keys_l, right, keys_r = two
    before = service.last_event()
    status, made = judge(service, {"decision": "different", "organisations": [left, right]})
    assert status == 201
    items = made["items"]
    pairs = [(int(i["record_key_l"]), int(i["record_key_r"])) for i in items]
    assert pairs == [(a, b) for a in keys_l for b in keys_r]
    assert {(i["organisation_id_l"], i["organisation_id_r"]) for i in items} == {(left, right)}
    assert {(i["person_id_l"], i["person_id_r"]) for i in items} == {(None, None)}
    kept = {str(j.judgement_id): j for j in service.ledger.judgements()}
    assert all(kept[i["judgement_id"]].witness_l is not None for i in items)
    status, undone = undo(service, items[-1]["judgement_id"])
    assert (status, len(undone["items"])) == (201, len(pairs))
    assert undo(service, items[0]["judgement_id"])[0] == 409
    events = [event.body for event in service.events(before)]
    assert [event["action"] for event in events] == ["add_judgement", "undo_judgement", "undo_judgement"]
    assert sorted(events[0]["organisations"]) == sorted([left, right])
    assert events[0]["persons"] == []
    assert events[0]["judgements"] == [int(i["judgement_id"]) for i in items]
    status, made = judge(service, {"decision": "same", "organisations": [right, left]})
    assert (status, len(made["items"])) == (201, len(keys_l) + len(keys_r) - 1)


def test_two_records_are_judged_listed_and_contradicted(service, two):
    _, (first, second, *_), _, (third, *_) = two
    numbers = []
    for pair in ((first, second), (second, third)):
        status, made = judge(service, {"decision": "same", "records": [str(key) for key in pair]})
        assert status == 201
        numbers.append(made["items"][0]["judgement_id"])
    before = service.ledger.all_judgements()
    status, problem = judge(service, {"decision": "different", "records": [str(third), str(first)]})
    assert status == 409
    assert {named["judgement_id"] for named in problem["judgements"]} == set(numbers)
    assert service.ledger.all_judgements() == before
    page = service.get(f"/v1/judgements?record_key={second}")
    assert {item["judgement_id"] for item in page["items"]} == set(numbers)


def test_a_repeated_request_records_nothing_twice(service, two):
    left, _, right, _ = two
    body, key = {"decision": "same", "organisations": [left, right]}, {"Idempotency-Key": f"judge-{left}"}
    first = judge(service, body, **key)
    n = len(service.ledger.all_judgements())
    assert first[0] == 201
    assert judge(service, body, **key) == first
    assert len(service.ledger.all_judgements()) == n


SCOPES = [
    {"regions": ["371002"]},
    {"departments": ["MSB"]},
    {"regions": ["371003"], "departments": ["REGISTRY", "HRSS"]},
]


@pytest.mark.parametrize("scope", SCOPES, ids=["county", "department", "both"])
def test_who_may_not_see_a_record_may_not_judge_it_nor_learn_of_judgements(service, places, scope):
    role = f"judge of firms {scope}"
    service.new_key(role, **scope)
    inside = {
        key
        for key, (_, county, department) in places.items()
        if county in scope.get("regions", [county]) and department in scope.get("departments", [department])
    }
    own = defaultdict(list)
    for key in sorted(inside):
        own[places[key][0]].append(key)
    hidden = {owner for owner, *_ in places.values()} - set(own)
    here, there = sorted(own)[-2:]
    away = max(key for key in places if key not in inside and places[key][0] in hidden)
    unknown = judge(service, {"decision": "same", "records": [str(own[here][0]), "77"]}, role)
    assert unknown[0] == 404
    for body in (
        {"organisations": [text_of(here), text_of(places[away][0])]},
        {"records": [str(own[here][0]), str(away)]},
    ):
        status, problem = judge(service, {"decision": "same", **body}, role)
        assert status == 404
        assert problem["detail"] == unknown[1]["detail"]
    made = judge(service, {"decision": "different", "records": [str(own[here][0]), str(away)]})
    assert made[0] == 201
    number = made[1]["items"][0]["judgement_id"]
    assert undo(service, number, role)[0] == 404
    status, made = judge(
        service, {"decision": "different", "organisations": [text_of(here), text_of(there)]}, role
    )
    assert status == 201
    pairs = {(int(i["record_key_l"]), int(i["record_key_r"])) for i in made["items"]}
    assert pairs == {(a, b) for a in own[here] for b in own[there]}
    seen = service.get("/v1/judgements?limit=200", role)["items"]
    assert number not in {item["judgement_id"] for item in seen}
    assert {item["judgement_id"] for item in made["items"]} <= {item["judgement_id"] for item in seen}
    assert undo(service, made["items"][0]["judgement_id"], role)[0] == 201


def test_masked_callers_read_reasons_without_numbers_and_judge_nothing(service, two, rich):
    left, (record, *_), right, _ = two
    body = {
        "decision": "same",
        "organisations": [left, right],
        "reason": f"法人证件 {rich['id_number']} 已核",
    }
    assert judge(service, body)[0] == 201
    text = service.ask("GET", f"/v1/judgements?record_key={record}", "clerk").text
    assert rich["id_number"] not in text
    assert left in text
    assert judge(service, body, "clerk")[0] == 403


def test_what_cannot_be_meant_is_refused(service, two, rich, rich_id):
    left, (record, *_), right, _ = two
    person = service.snapshot.read("members", ["record_key", "entity_id"]).to_pylist()[0]["record_key"]
    status, problem = judge(service, {"decision": "same", "records": [str(person), str(record)]})
    assert (status, problem["remedy"]) == (422, "Give two of one kind.")
    assert judge(service, {"decision": "same", "organisations": [left, left]})[0] == 422
    assert judge(service, {"decision": "same", "organisations": [left]})[0] == 422
    assert (
        judge(service, {"decision": "same", "organisations": [left, right], "persons": [rich_id, rich_id]})[0]
        == 422
    )
    for other in (rich_id, "O-0000000000000X", "x"):
        assert judge(service, {"decision": "same", "organisations": [left, other]})[0] == 404
    assert judge(service, {"decision": "same", "persons": [rich_id, left]})[0] == 404


def test_of_a_person_without_a_record_inside_on_both_sides_nothing_is_judged(service):
    """A person may be seen by one record's county and another's department; then there is nothing to judge."""
    read = service.snapshot.read
    home = {g["person_id"]: g["region"] for g in read("golden").to_pylist()}
    owner = {m["record_key"]: m["entity_id"] for m in read("members").to_pylist()}
    counties, departments, both = defaultdict(set), defaultdict(set), defaultdict(set)
    for row in read("records", ["record_key", "feed", "region"]).to_pylist():
        person = owner[row["record_key"]]
        county, department = row["region"] or home[person], contracts()[row["feed"]].department
        counties[person].add(county)
        departments[person].add(department)
        both[person].add((county, department))
    person, county, department = next(
        (p, c, d)
        for p in sorted(both)
        for c in sorted(counties[p] - {None})
        for d in sorted(departments[p])
        if (c, d) not in both[p]
    )
    other = next(p for p in sorted(both) if p != person and (county, department) in both[p])
    service.new_key("between", regions=[county], departments=[department])
    texts = [to_text(person, "person"), to_text(other, "person")]
    assert service.ask("GET", f"/v1/persons/{texts[0]}", "between").status_code == 200
    for decision in ("same", "different"):
        assert judge(service, {"decision": decision, "persons": texts}, "between")[0] == 404
