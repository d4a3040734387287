"""No answer to a caller who may not see numbers holds any ID number or phone of the city; to others it does."""

import json

import pyarrow.compute as pc
import pytest
import structlog

from resolver.entities.entity_id import to_text

PERSONS = 24


@pytest.fixture(scope="module")
def canaries(service):
    """Every ID number and phone that any record of the city gives."""
    records = service.snapshot.read("records")
    values: set[str] = set()
    for name in ("id_number", "phone", "spouse_id", "mother_id", "father_id"):
        values.update(pc.unique(records[name]).drop_null().to_pylist())
    for row in service.snapshot.read("golden", ["id_numbers", "phones"]).to_pylist():
        values.update(row["id_numbers"], row["phones"])
    return sorted(value for value in values if len(value) >= 7)


@pytest.fixture(scope="module")
def chosen(service, golden):
    """Persons of all sorts: with findings, many records, odd numbers, and some others."""
    findings = service.snapshot.read("findings")
    persons = pc.unique(findings["person_id"]).drop_null().to_pylist()[: PERSONS // 3]
    persons += [r["person_id"] for r in sorted(golden, key=lambda r: -r["n_records"])[: PERSONS // 3]]
    odd = [r["person_id"] for r in golden if r["id_type"] not in ("resident", None)]
    return list(dict.fromkeys([*persons, *odd[: PERSONS // 3], *(r["person_id"] for r in golden[:PERSONS])]))[
        :PERSONS
    ]


def everything(service, role, chosen, golden):
    """The text of many answers of every person-level route."""
    by_id = {row["person_id"]: row for row in golden}
    for person in chosen:
        text, row = to_text(person, "person"), by_id[person]
        for suffix in ("", "/records", "/timeline", "/history", "/findings", "/explanation"):
            yield service.ask("GET", f"/v1/persons/{text}{suffix}", role).text
        yield service.ask("GET", f"/v1/persons/{text}/neighbourhood?depth=2", role).text
        known = {k: row[k] for k in ("id_number", "phone", "name") if row[k]}
        for name, value in known.items():
            yield service.ask("POST", "/v1/persons/search", role, json={name: value}).text
        if row["name"]:
            yield service.ask("POST", "/v1/match", role, json=known).text
        if row["id_number"]:
            yield service.ask("POST", "/v1/conflicts/search", role, json={"id_number": row["id_number"]}).text
        yield service.ask(
            "POST", "/v1/paths", role, json={"from": text, "to": to_text(chosen[0], "person")}
        ).text
    for body in ({}, {"include_suppressed": True}):
        yield service.ask("POST", "/v1/conflicts/search", role, json={**body, "limit": 200}).text
    for path in ("/v1/duplicates?limit=200", "/v1/liability?limit=200"):
        yield service.ask("GET", path, role).text
    pairs = service.snapshot.read("pairs").slice(0, 100).to_pylist()
    for pair in pairs:
        path = f"/v1/pairs/{pair['record_key_l']}/{pair['record_key_r']}/explanation"
        yield service.ask("GET", path, role).text


@pytest.mark.parametrize("role", ["clerk", "system"])
def test_numbers_stay_hidden_everywhere(service, canaries, chosen, golden, role):
    with structlog.testing.capture_logs() as logs:
        texts = "\n".join(everything(service, role, chosen, golden))
    assert len(texts) > 100_000
    leaked = [value for value in canaries if value in texts]
    assert leaked == []
    written = json.dumps(logs, default=str)
    assert len(logs) > 100
    assert [value for value in canaries if value in written] == []


def test_the_canaries_do_sing(service, canaries, chosen, golden):
    texts = "\n".join(everything(service, "investigator", chosen[:10], golden))
    assert sum(value in texts for value in canaries) > 20


def test_errors_and_logs_hold_no_number_either(service, canaries):
    number = canaries[0]
    requests = [
        ("GET", f"/v1/persons/{number}", None),
        ("GET", f"/v1/nothing/{number}", None),
        ("GET", f"/v1/duplicates?limit={number}&cursor={number}", None),
        ("POST", "/v1/persons/search", {"id_number": int("1" + "0" * 17), number: number}),
        ("POST", "/v1/paths", {"from": number, "to": number}),
        ("GET", f"/v1/pairs/{number}/{number}/explanation", None),
    ]
    with structlog.testing.capture_logs() as logs:
        texts = [service.ask(method, path, json=body).text for method, path, body in requests]
    assert number not in "\n".join(texts)
    assert number not in json.dumps(logs, default=str)
