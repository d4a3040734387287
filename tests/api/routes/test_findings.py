from collections import Counter

import pytest

from api.cursor import encode_cursor
from resolver.entities.entity_id import from_text, to_text


def _all(service, body, role="investigator"):
    items, cursor = [], None
    while True:
        page = service.post("/v1/conflicts/search", {**body, "limit": 100, "cursor": cursor}, role)
        items += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return items, page["total"]


@pytest.fixture(scope="module")
def findings(service):
    return service.snapshot.read("findings").to_pylist()


def test_pages_hold_every_finding_once_gravest_first(service, findings):
    items, total = _all(service, {"include_suppressed": True})
    assert total == len(items) == len(findings) > 0
    assert Counter(i["finding_key"] for i in items) == Counter(str(f["finding_key"]) for f in findings)
    order = [(i["severity"], i["rule"], int(i["finding_key"])) for i in items]
    assert order == sorted(order)


def test_suppressed_findings_are_left_out_unless_asked_for(service, findings):
    _, total = _all(service, {})
    assert total == sum(f["suppressed_by"] is None for f in findings)


def test_findings_by_rule_department_region_and_person(service, findings, golden):
    regions = {row["person_id"]: row["region"] for row in golden}
    organisations = service.snapshot.read("golden_organisations").to_pylist()
    regions |= {row["organisation_id"]: row["region"] for row in organisations}
    active = [f for f in findings if f["suppressed_by"] is None]
    for rule in {f["rule"] for f in active}:
        assert _all(service, {"rule": rule})[1] == sum(f["rule"] == rule for f in active)
    for department in {d for f in active for d in f["return_to"]}:
        expected = sum(department in f["return_to"] for f in active)
        assert _all(service, {"department": department})[1] == expected
    for region in {regions[f["person_id"]] for f in active if f["person_id"]} - {None}:
        about = (f["person_id"] or f["organisation_id"] for f in active)
        expected = sum(one is not None and regions[one] == region for one in about)  # some are about a feed
        assert _all(service, {"region": region})[1] == expected
    one = next(f for f in findings if f["other_person_id"] is not None)
    for person in (one["person_id"], one["other_person_id"]):
        expected = {
            str(f["finding_key"]) for f in findings if person in (f["person_id"], f["other_person_id"])
        }
        text = to_text(person, "person")
        items, _ = _all(service, {"person_id": text, "include_suppressed": True})
        assert {item["finding_key"] for item in items} == expected
        own = service.get(f"/v1/persons/{text}/findings")
        assert {item["finding_key"] for item in own["items"]} == expected


def test_findings_by_id_number(service, findings, golden):
    numbers = {row["person_id"]: row["id_number"] for row in golden}
    one = next(f for f in findings if f["person_id"] and numbers[f["person_id"]])
    items, _ = _all(service, {"id_number": numbers[one["person_id"]], "include_suppressed": True})
    assert str(one["finding_key"]) in {item["finding_key"] for item in items}
    assert _all(service, {"id_number": "370000000000000000"}) == ([], 0)


def test_nothing_matches_what_there_is_not(service):
    for body in ({"rule": "Z99"}, {"department": "NOBODY"}, {"region": "000000"}):
        assert _all(service, body) == ([], 0)


def test_a_finding_says_what_is_needed_to_act(service):
    items, _ = _all(service, {})
    for item in items:
        assert item["title"] != item["rule"]
        assert item["person_id"] is None or from_text(item["person_id"])[1] == "person"
        assert item["return_to"]
        assert all(isinstance(row, str) for row in item["row_ids"])


def test_duplicates_are_pairs_of_two_persons_most_probable_first(service):
    page = service.get("/v1/duplicates?limit=200")
    probabilities = [item["match_probability"] for item in page["items"]]
    assert probabilities == sorted(probabilities, reverse=True)
    assert page["total"] == len(page["items"])
    for item in page["items"]:
        assert len({person["person_id"] for person in item["persons"]}) == 2


@pytest.mark.parametrize("path", ["/v1/duplicates", "/v1/liability"])
def test_lists_end(service, path):
    whole = service.get(f"{path}?limit=200")
    items, cursor = [], ""
    while cursor is not None:
        page = service.get(path, params={"limit": 3, **({"cursor": cursor} if cursor else {})})
        items += page["items"]
        cursor = page["next_cursor"]
    assert items == whole["items"]


def test_leads_are_ranked_and_in_yuan(service):
    page = service.get("/v1/liability?limit=200")
    assert [item["rank"] for item in page["items"]] == list(range(1, page["total"] + 1))
    strengths = [item["strength"] for item in page["items"]]
    assert strengths == sorted(strengths, reverse=True)
    assert all(isinstance(row, str) for item in page["items"] for row in item["row_ids"])


def test_a_cursor_of_another_snapshot_is_refused(service):
    stale = encode_cursor(service.snapshot.number + 1, 3)
    assert service.ask("GET", f"/v1/duplicates?cursor={stale}").status_code == 409
    answer = service.ask("POST", "/v1/conflicts/search", json={"cursor": stale})
    assert answer.status_code == 409
