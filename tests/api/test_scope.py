"""What lies outside a key's regions and departments does not exist for it: no id, no count, no value, no way to tell.

The reference is worked out from the snapshot's files alone: a person may be seen when, on each restricted side, one of
the person's records is inside; a record when it is inside on both.
"""

import random
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import pytest

from resolver.entities.entity_id import to_text
from resolver.feeds.contract import contracts

PERSON = re.compile(r"P-[0-9A-HJKMNP-TV-Z]{14}")
SCOPES: dict[str, dict[str, list[str]]] = {
    "one county": {"regions": ["371002"]},
    "two counties": {"regions": ["371003", "371082"]},
    "nowhere": {"regions": ["000000"]},
    "police": {"departments": ["POLICE"]},
    "insurance": {"departments": ["MSB"]},
    "civil, one county": {"regions": ["371083"], "departments": ["CIVIL", "HRSS"]},
}


@dataclass(frozen=True)
class Inside:
    """What one scope may see."""

    persons: frozenset[int]
    records: frozenset[int]


class Reference:
    """Slow and obvious."""

    def __init__(self, service: Any) -> None:
        read = service.snapshot.read
        self.golden = {row["person_id"]: row for row in read("golden").to_pylist()}
        self.owner = {m["record_key"]: m["entity_id"] for m in read("members").to_pylist()}
        self.records = {row["record_key"]: row for row in read("records").to_pylist()}
        self.places: dict[int, tuple[str | None, str]] = {}
        self.of_person: dict[int, list[int]] = defaultdict(list)
        for key, row in self.records.items():
            region = row["region"] or self.golden[self.owner[key]]["region"]
            self.places[key] = (region, contracts()[row["feed"]].department)
            self.of_person[self.owner[key]].append(key)

    def inside(self, scope: dict[str, list[str]]) -> Inside:
        sides = []
        for number, name in enumerate(("regions", "departments")):
            allowed = scope.get(name)
            keys = (
                self.places
                if allowed is None
                else [k for k, p in self.places.items() if p[number] in allowed]
            )
            sides.append(set(keys))
        persons = [{self.owner[key] for key in side} for side in sides]
        return Inside(frozenset(persons[0] & persons[1]), frozenset(sides[0] & sides[1]))


@pytest.fixture(scope="module")
def reference(service):
    return Reference(service)


@pytest.fixture(scope="module", params=list(SCOPES))
def scoped(request, service, reference):
    """A key of a scope, and what it may see."""
    name = f"scope: {request.param}"
    service.new_key(name, "investigator", **SCOPES[request.param])
    return name, reference.inside(SCOPES[request.param])


def persons_in(text):
    return set(PERSON.findall(text))


def texts_of(persons):
    return {to_text(person, "person") for person in persons}


def look_everywhere(service, reference, key, person, chance):
    """Texts of what every route says when asked about one person."""
    text, row = to_text(person, "person"), reference.golden[person]
    other = to_text(chance.choice(list(reference.golden)), "person")
    walk = "/neighbourhood?depth=2&limit=200"
    for suffix in (
        "/sharing?limit=200",
        "/attendances?limit=200",
        "",
        "/records",
        "/timeline",
        "/history",
        "/findings",
        "/explanation",
        walk,
    ):
        yield service.ask("GET", f"/v1/persons/{text}{suffix}", key)
    for body in ({"from": text, "to": other}, {"from": other, "to": text}):
        yield service.ask("POST", "/v1/paths", key, json=body)
        yield service.ask("POST", "/v1/paths", key, json={**body, "best": 3})
    for edge_type in ("MEMBER_OF", "SPOUSE_OF", "USES_PHONE"):
        yield service.ask("GET", f"/v1/persons/{text}/neighbours?type={edge_type}&limit=200", key)
    yield service.ask(
        "POST", "/v1/conflicts/search", key, json={"person_id": text, "include_suppressed": True}
    )
    for name in ("id_number", "phone", "name"):
        if row[name]:
            yield service.ask("POST", "/v1/persons/search", key, json={name: row[name]})
    if row["id_number"]:
        yield service.ask("POST", "/v1/conflicts/search", key, json={"id_number": row["id_number"]})
        yield service.ask("POST", "/v1/match", key, json={"id_number": row["id_number"], "name": row["name"]})
    left = chance.choice(reference.of_person[person])
    right = chance.choice(list(reference.records))
    if left != right:
        yield service.ask("GET", f"/v1/pairs/{left}/{right}/explanation", key)


def check_person(service, reference, key, inside, person, chance):
    """Ask everything about one person; returns the number of questions."""
    asked = 0
    hidden = texts_of(reference.golden.keys() - inside.persons)
    visible = person in inside.persons
    for answer in look_everywhere(service, reference, key, person, chance):
        asked += 1
        assert answer.status_code in (200, 404), answer.text
        assert not persons_in(answer.text) & hidden, answer.request.url
        if not visible and str(answer.request.url.path).startswith("/v1/persons/P-"):
            assert answer.status_code == 404
    return asked


def test_nobody_outside_is_told_of(service, reference, scoped):
    key, inside = scoped
    chance = random.Random(key)
    hidden = sorted(reference.golden.keys() - inside.persons)
    seen = sorted(inside.persons)
    for person in chance.sample(hidden, min(8, len(hidden))) + chance.sample(seen, min(8, len(seen))):
        check_person(service, reference, key, inside, person, chance)


def test_lists_and_their_totals_hold_only_what_is_inside(service, reference, scoped):
    key, inside = scoped
    allowed = texts_of(inside.persons)
    for path in ("/v1/duplicates", "/v1/liability"):
        page = service.get(f"{path}?limit=200", key)
        assert persons_in(str(page)) <= allowed
        assert page["total"] == len(page["items"])
    findings = service.snapshot.read("findings").to_pylist()
    possible = {
        str(f["finding_key"])
        for f in findings
        if {f["person_id"], f["other_person_id"]} - {None} <= inside.persons
    }
    cursor, items = None, []
    while True:
        body = {"include_suppressed": True, "limit": 200, "cursor": cursor}
        page = service.post("/v1/conflicts/search", body, key)
        items += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert page["total"] == len(items)
    assert {item["finding_key"] for item in items} <= possible
    assert persons_in(str(items)) <= allowed
    shown = {
        link[side] for i in items if (link := i["weakest_link"]) for side in ("record_key_l", "record_key_r")
    }
    assert {int(record) for record in shown} <= inside.records


def test_of_a_visible_person_only_visible_records_speak(service, reference, scoped):
    key, inside = scoped
    chance = random.Random(key)
    for person in chance.sample(sorted(inside.persons), min(15, len(inside.persons))):
        text = to_text(person, "person")
        own = sorted(set(reference.of_person[person]) & inside.records)
        detail = service.get(f"/v1/persons/{text}", key)
        records = service.get(f"/v1/persons/{text}/records", key)["items"]
        assert [int(r["record_key"]) for r in records] == own
        assert {int(r["parent_record_key"]) for r in records if r["parent_record_key"]} <= inside.records
        assert detail["n_records"] == detail["summary"]["n_records"] == len(own)
        assert detail["neighbours"].get("RESOLVES_TO", 0) == len(own)
        for name, value in detail["values"].items():
            source = reference.records[int(value["record_key"])]
            assert int(value["record_key"]) in own
            stated = source[name].isoformat() if name == "birth_date" else source[name]
            assert value["value"] == stated
        links = service.get(f"/v1/persons/{text}/explanation", key)["links"]
        ends = {int(link[end]) for link in links for end in ("record_key", "parent_record_key")}
        assert ends | {int(k) for link in links for k in link["beyond"]} <= set(own)
        told = [reference.records[record] for record in own]
        assert set(detail["phones"]) <= {row["phone"] for row in told}
        assert set(detail["id_numbers"]) <= {row["id_number"] for row in told}
        timeline = service.get(f"/v1/persons/{text}/timeline", key)["items"]
        assert {item["department"] for item in timeline} <= {reference.places[r][1] for r in own}


def test_a_value_known_only_elsewhere_finds_nobody(service, reference, scoped):
    key, inside = scoped
    tried = 0
    for person in sorted(inside.persons):
        own = [reference.records[r] for r in reference.of_person[person] if r in inside.records]
        for phone in reference.golden[person]["phones"]:
            if all(row["phone"] != phone for row in own):
                found = service.post("/v1/persons/search", {"phone": phone}, key)["items"]
                assert to_text(person, "person") not in {p["person_id"] for p in found}
                tried += 1
        if tried >= 10:
            break


def test_hidden_candidates_take_no_place_in_a_match(service, reference, scoped):
    key, inside = scoped
    chance = random.Random(key)
    for person in chance.sample(sorted(reference.golden), 15):
        row = reference.golden[person]
        if not row["name"]:
            continue
        body = {"name": row["name"], **({"id_number": row["id_number"]} if row["id_number"] else {})}
        few = service.post("/v1/match", {**body, "k": 1}, key)["items"]
        many = service.post("/v1/match", {**body, "k": 50}, key)["items"]
        assert few == many[:1]
        assert {int(item["record_key"]) for item in many} <= inside.records


def test_unknown_and_hidden_have_the_same_answer(service, reference, scoped):
    key, inside = scoped
    hidden = next((p for p in sorted(reference.golden) if p not in inside.persons), None)
    if hidden is None:
        pytest.skip("this scope sees everybody")
    for suffix in ("", "/records", "/timeline", "/history", "/neighbourhood", "/findings", "/explanation"):
        answers = [
            service.ask("GET", f"/v1/persons/{to_text(person, 'person')}{suffix}", key)
            for person in (hidden, 1)
        ]
        bodies = [{k: v for k, v in a.json().items() if k != "request_id"} for a in answers]
        assert [a.status_code for a in answers] == [404, 404]
        assert bodies[0] == bodies[1]
        names = [sorted(a.headers) for a in answers]
        assert names[0] == names[1]


def test_without_restriction_everything_is_seen(service, reference):
    total = service.post("/v1/conflicts/search", {"include_suppressed": True, "limit": 1})["total"]
    assert total == service.snapshot.read("findings").num_rows


@pytest.mark.soak
def test_nobody_outside_is_told_of_in_a_hundred_thousand_questions(service, reference):
    chance = random.Random(20261103)
    regions = sorted({place for place, _ in reference.places.values() if place})
    departments = sorted({department for _, department in reference.places.values()})
    asked = number = 0
    while asked < 100_000:
        scope: dict[str, list[str]] = {}
        if chance.random() < 0.7:
            scope["regions"] = chance.sample(regions, chance.randint(1, 2))
        if chance.random() < 0.7 or not scope:
            scope["departments"] = chance.sample(departments, chance.randint(1, 3))
        number += 1
        service.new_key(f"soak {number}", "investigator", **scope)
        inside = reference.inside(scope)
        for person in chance.sample(sorted(reference.golden), 200):
            asked += check_person(service, reference, f"soak {number}", inside, person, chance)
