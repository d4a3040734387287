import pyarrow.compute as pc
import pytest

from resolver.entities.entity_id import to_text


@pytest.fixture(scope="module")
def members(service):
    """Person -> record keys, of the persons with two or three records."""
    table = service.snapshot.read("members", ["record_key", "entity_id"]).sort_by("record_key")
    found = {}
    for row in table.to_pylist():
        found.setdefault(row["entity_id"], []).append(row["record_key"])
    return {entity: keys for entity, keys in found.items() if len(keys) in (2, 3)}


@pytest.fixture
def two(members):
    """Two persons that no other test judges."""
    (left, keys_l), (right, keys_r) = members.popitem(), members.popitem()
    return to_text(left, "person"), keys_l, to_text(right, "person"), keys_r


def judge(service, body, role="investigator", **headers):
    answer = service.ask("POST", "/v1/judgements", role, json={"reason": "照片不同", **body}, headers=headers)
    return answer.status_code, answer.json()


def undo(service, number, role="investigator", **headers):
    path = f"/v1/judgements/{number}/undo"
    answer = service.ask("POST", path, role, json={"reason": "看错了"}, headers=headers)
    return answer.status_code, answer.json()


def test_two_records_are_judged_and_it_is_undone(service, two):
    person_l, (left, *_), person_r, (right, *_) = two
    before = service.last_event()
    status, made = judge(service, {"decision": "different", "records": [str(left), str(right)]})
    assert status == 201
    (item,) = made["items"]
    assert (item["record_key_l"], item["record_key_r"]) == (str(left), str(right))
    assert (item["person_id_l"], item["person_id_r"]) == (person_l, person_r)
    assert item["actor"].startswith("investigator (")
    assert item["undone"] is None
    kept = {j.judgement_id: j for j in service.ledger.judgements()}[int(item["judgement_id"])]
    assert (kept.decision, kept.reason) == ("different", "照片不同")
    row = service.snapshot.read("row_records", filters=pc.field("record_key") == left).to_pylist()[0]
    assert kept.witness_l is not None
    assert (kept.witness_l.row_id, kept.witness_l.role) == (row["row_id"], row["role"])

    status, taken_back = undo(service, item["judgement_id"])
    assert status == 201
    assert taken_back["items"][0]["undone"]["reason"] == "看错了"
    assert kept not in service.ledger.judgements()
    assert undo(service, item["judgement_id"])[0] == 409
    events = [event.body for event in service.events(before)]
    assert [event["action"] for event in events] == ["add_judgement", "undo_judgement", "undo_judgement"]
    assert events[0]["judgements"] == [kept.judgement_id]
    assert sorted(events[0]["persons"]) == sorted([person_l, person_r])
    assert service.ledger.verify_judgements().ok


def test_two_persons_are_judged_record_by_record_and_undone_as_one(service, two):
    person_l, keys_l, person_r, keys_r = two
    status, made = judge(service, {"decision": "different", "persons": [person_l, person_r]})
    assert status == 201
    pairs = [(int(i["record_key_l"]), int(i["record_key_r"])) for i in made["items"]]
    assert pairs == [(a, b) for a in keys_l for b in keys_r]
    assert {i["statement_id"] for i in made["items"]} == {made["items"][0]["judgement_id"]}
    status, undone = undo(service, made["items"][-1]["judgement_id"])
    assert (status, len(undone["items"])) == (201, len(pairs))
    status, made = judge(service, {"decision": "same", "persons": [person_r, person_l]})
    assert (status, len(made["items"])) == (201, len(keys_l) + len(keys_r) - 1)


def test_a_contradiction_names_all_judgements_and_records_nothing(service, two):
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
    assert {named["decision"] for named in problem["judgements"]} == {"same"}
    assert service.ledger.all_judgements() == before


def test_a_repeated_request_records_nothing_twice(service, two):
    _, (left, *_), _, (right, *_) = two
    body = {"decision": "same", "records": [str(left), str(right)]}
    key = {"Idempotency-Key": f"judge-{left}"}
    first = judge(service, body, **key)
    n = len(service.ledger.all_judgements())
    assert judge(service, body, **key) == first
    assert judge(service, {**body, "decision": "different"}, **key)[0] == 422
    undo_key = {"Idempotency-Key": f"undo-{left}"}
    undone = undo(service, first[1]["items"][0]["judgement_id"], **undo_key)
    assert undone[0] == 201
    assert undo(service, first[1]["items"][0]["judgement_id"], **undo_key) == undone
    assert len(service.ledger.all_judgements()) == n + 1


def test_lists_come_in_pages_newest_first(service, two):
    person_l, keys_l, person_r, _ = two
    _, made = judge(service, {"decision": "different", "persons": [person_l, person_r]})
    _, late = judge(service, {"decision": "same", "records": [str(keys_l[0]), str(keys_l[1])]})
    undo(service, late["items"][0]["judgement_id"])
    wanted = [i["judgement_id"] for i in [*made["items"], *late["items"]] if str(keys_l[0]) in i.values()][
        ::-1
    ]
    asked = f"/v1/judgements?record_key={keys_l[0]}&limit=1"
    found, cursor = [], None
    while True:
        page = service.get(asked + (f"&cursor={cursor}" if cursor else ""))
        found += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert [item["judgement_id"] for item in found] == wanted
    assert [item["undone"] is not None for item in found] == [True, *[False] * (len(wanted) - 1)]
    holding = service.get(f"/v1/judgements?record_key={keys_l[0]}&holding=true")["items"]
    assert [item["judgement_id"] for item in holding] == wanted[1:]
    undone = service.get(f"/v1/judgements?record_key={keys_l[0]}&holding=false")["items"]
    assert [item["judgement_id"] for item in undone] == wanted[:1]
    actor = found[0]["actor"]
    assert service.get("/v1/judgements", params={"actor": actor, "limit": 200})["items"]
    assert service.get("/v1/judgements", params={"actor": "nobody"})["items"] == []


def test_who_may_not_see_a_record_may_not_judge_it_nor_learn_of_judgements(service, members, golden):
    region = {row["person_id"]: row["region"] for row in golden}
    counties = sorted({r for r in region.values() if r})
    home, away = counties[0], counties[1]
    service.new_key("judge at home", regions=[home])
    places = service.snapshot.read("records", ["record_key", "region"]).to_pylist()
    keys = {row["record_key"]: row["region"] for row in places}

    def wholly(county):
        return next(
            entity
            for entity, records in sorted(members.items())
            if region[entity] == county and {keys[key] for key in records} == {county}
        )

    inside, outside = wholly(home), wholly(away)
    a, b = (to_text(entity, "person") for entity in (inside, outside))
    records = [str(members[inside][0]), str(members[outside][0])]
    unknown = judge(service, {"decision": "same", "records": [records[0], "77"]}, "judge at home")
    for body in ({"persons": [a, b]}, {"records": records}):
        status, problem = judge(service, {"decision": "same", **body}, "judge at home")
        assert status == 404
        assert problem["detail"] == unknown[1]["detail"]
    number = judge(service, {"decision": "same", "records": records})[1]["items"][0]["judgement_id"]
    seen = service.get("/v1/judgements?limit=200", "judge at home")["items"]
    assert number not in [item["judgement_id"] for item in seen]
    assert undo(service, number, "judge at home")[0] == 404
    own = judge(
        service, {"decision": "same", "records": [str(k) for k in members[inside][:2]]}, "judge at home"
    )
    assert own[0] == 201
    assert own[1]["items"][0]["actor"].startswith("judge at home (")
    assert (
        judge(service, {"decision": "different", "records": [str(members[inside][1]), records[1]]})[0] == 409
    )
    assert undo(service, number)[0] == 201


def test_masked_callers_read_reasons_without_numbers_and_judge_nothing(service, two, rich):
    _, (left, *_), _, (right, *_) = two
    body = {
        "decision": "same",
        "records": [str(left), str(right)],
        "reason": f"证件 {rich['id_number']} 已核",
    }
    assert judge(service, body)[0] == 201
    text = service.ask("GET", f"/v1/judgements?record_key={left}", "clerk").text
    assert rich["id_number"] not in text
    assert rich["id_number"][:6] in text
    assert judge(service, body, "clerk")[0] == 403
    assert undo(service, "1", "clerk")[0] == 403
    assert service.ask("GET", "/v1/judgements", "system").status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        {"decision": "same"},
        {"decision": "undo", "records": ["1", "2"]},
        {"decision": "same", "records": ["1", "2"], "persons": ["P-2707QDQX2XHR5K", "P-2707QDQX2XHR5K"]},
        {"decision": "same", "records": ["1"]},
        {"decision": "same", "records": ["1", "2"], "reason": "  "},
        {"decision": "same", "records": ["1", "2"], "why": "x"},
    ],
)
def test_what_cannot_be_meant_is_refused(service, body):
    assert judge(service, body)[0] == 422


def test_a_person_is_not_judged_against_itself(service, two):
    person, (record, *_), *_ = two
    assert judge(service, {"decision": "same", "persons": [person, person]})[0] == 422
    assert judge(service, {"decision": "same", "records": [str(record), str(record)]})[0] == 422
