from typing import Any

import pytest

from api.schemas.persons import EdgeType
from graph.schema import EDGES
from graph.store import opaque_key
from resolver.entities.entity_id import to_text


def test_a_person_is_found_by_id_number_in_any_form(service, rich, rich_id):
    number = rich["id_number"]
    for written in (number, f" {number[:6]} {number[6:14]} {number[14:]} ", number.lower()):
        found = service.post("/v1/persons/search", {"id_number": written})
        assert rich_id in [person["person_id"] for person in found["items"]]
        assert found["next_cursor"] is None


def test_a_person_is_found_by_phone_and_by_name(service, rich, rich_id):
    for body in ({"phone": rich["phone"]}, {"name": rich["name"]}, {"phone": "+86 " + rich["phone"]}):
        assert rich_id in [p["person_id"] for p in service.post("/v1/persons/search", body)["items"]]


def test_all_that_is_given_must_hold(service, rich, rich_id):
    born = rich["birth_date"].isoformat()
    body = {"id_number": rich["id_number"], "name": rich["name"], "phone": rich["phone"], "birth_date": born}
    assert [p["person_id"] for p in service.post("/v1/persons/search", body)["items"]] == [rich_id]
    for wrong in ({"name": "不存在"}, {"phone": "13900000001"}, {"birth_date": "1901-02-03"}):
        assert service.post("/v1/persons/search", {**body, **wrong})["items"] == []


def test_what_is_no_number_finds_nobody(service):
    for body in ({"id_number": "abc"}, {"phone": "1"}, {"name": "///"}, {"name": "%"}, {"name": '"*'}):
        assert service.post("/v1/persons/search", body)["items"] == []


def test_an_exact_name_comes_first(service, rich):
    found = service.post("/v1/persons/search", {"name": rich["name"]})
    assert found["items"][0]["name"] == rich["name"]


@pytest.mark.parametrize("limit", [1, 3, 200])
def test_pages_of_a_search_give_everybody_once(service, golden, limit):
    surname = max({row["name"][0] for row in golden}, key=lambda s: sum(s in r["name"] for r in golden))
    seen: list[str] = []
    cursor: str | None = None
    for _ in range(1000):
        page = service.post("/v1/persons/search", {"name": surname, "limit": limit, "cursor": cursor})
        assert len(page["items"]) <= limit
        seen += [person["person_id"] for person in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None or len(seen) > 40:
            break
    else:
        raise AssertionError("the pages do not end")
    assert len(seen) == len(set(seen))
    expected = {to_text(r["person_id"], "person") for r in golden if surname in r["name"]}
    if cursor is None:
        assert set(seen) >= expected
        assert not page["truncated"]


def test_the_detail_names_the_source_of_every_value(service, rich, rich_id):
    person = service.get(f"/v1/persons/{rich_id}")
    assert person["person_id"] == rich_id
    assert person["asked_as"] is None
    assert person["summary"]["id_number"] == rich["id_number"]
    assert person["n_records"] == rich["n_records"]
    for name, value in person["values"].items():
        expected = rich[name].isoformat() if name == "birth_date" else rich[name]
        assert value["value"] == expected
        assert value["record_key"] == str(rich[f"{name}_record_key"])
        assert value["department"]
    assert set(person["id_numbers"]) == set(rich["id_numbers"])
    assert person["neighbours"]["RESOLVES_TO"] == rich["n_records"]


def test_ids_are_read_as_people_write_them(service, rich_id):
    for written in (rich_id.lower(), rich_id.replace("-", ""), rich_id.replace("0", "O")):
        assert service.get(f"/v1/persons/{written}")["person_id"] == rich_id


def test_the_records_make_one_tree(service, rich, rich_id):
    items = service.get(f"/v1/persons/{rich_id}/records")["items"]
    keys = {item["record_key"] for item in items}
    assert len(keys) == rich["n_records"]
    assert [item["parent_record_key"] for item in items].count(None) == 1
    assert {item["parent_record_key"] for item in items} - {None} <= keys
    for item in items:
        assert item["title"]
        assert item["department"]
        assert 0 < item["link_probability"] <= 1
        assert "record_key" not in item["values"]


def test_the_timeline_is_in_the_order_of_time(service, rich_id):
    items = service.get(f"/v1/persons/{rich_id}/timeline")["items"]
    days = [item["valid_from"] or "9999" for item in items]
    assert items
    assert days == sorted(days)
    assert len({(item["row_id"], item["role"]) for item in items}) == len(items)


def test_the_neighbourhood_is_closed_and_speaks_public_ids(service, rich_id):
    around = service.get(f"/v1/persons/{rich_id}/neighbourhood", params={"depth": 2})
    ids = {node["id"] for node in around["nodes"]}
    assert rich_id in ids
    assert len(ids) == len(around["nodes"]) <= 500
    for edge in around["edges"]:
        assert {edge["source"], edge["target"]} <= ids
    assert set(around["counts"]) <= ids
    for node in around["nodes"]:
        letter = {"Person": "P-", "Household": "H-", "Employer": "O-", "Facility": "O-"}.get(node["label"])
        assert node["id"].startswith(letter or f"{node['label']}:")


def test_the_neighbourhood_follows_the_types_asked_for(service, rich_id):
    around = service.get(f"/v1/persons/{rich_id}/neighbourhood", params={"types": ["USES_PHONE"]})
    assert {edge["type"] for edge in around["edges"]} == {"USES_PHONE"}
    answer = service.ask("GET", f"/v1/persons/{rich_id}/neighbourhood", params={"types": ["NOTHING"]})
    assert answer.status_code == 422


def test_edge_types_are_those_of_the_graph():
    assert EdgeType.__args__ == tuple(EDGES)  # type: ignore[attr-defined]


def test_a_phone_node_does_not_carry_the_plain_hash_of_the_phone(service, rich, rich_id):
    around = service.get(f"/v1/persons/{rich_id}/neighbourhood")
    text = str(around)
    for value in (*rich["phones"], *rich["id_numbers"]):
        assert value in text
        assert opaque_key(value) not in text


def test_the_history_of_an_unchanged_id_is_empty_or_names_it(service, rich_id):
    history = service.get(f"/v1/persons/{rich_id}/history")
    for event in history["items"]:
        assert rich_id in (event["person_id"], event["other_person_id"])


def test_a_path_leads_from_one_to_the_other(service, rich_id):
    around = service.get(f"/v1/persons/{rich_id}/neighbourhood", params={"depth": 2})
    others = [n["id"] for n in around["nodes"] if n["label"] == "Person" and n["id"] != rich_id]
    assert others
    for other in others[:5]:
        path = service.post("/v1/paths", {"from": rich_id, "to": other})
        assert path["found"]
        assert path["length"] == len(path["edges"]) == len(path["nodes"]) - 1
        assert (path["nodes"][0]["id"], path["nodes"][-1]["id"]) == (rich_id, other)
    itself = service.post("/v1/paths", {"from": rich_id, "to": rich_id})
    assert itself["length"] == 0


def test_the_best_paths_come_with_what_speaks_against_them(service, rich_id):
    around = service.get(f"/v1/persons/{rich_id}/neighbourhood", params={"depth": 2})
    others = [n["id"] for n in around["nodes"] if n["label"] == "Person" and n["id"] != rich_id]
    for other in others[:3]:
        answer = service.post("/v1/paths", {"from": rich_id, "to": other, "best": 3, "max_length": 4})
        paths = answer["paths"]
        assert 1 <= len(paths) <= 3
        assert [path["cost"] for path in paths] == sorted(path["cost"] for path in paths)
        assert (answer["found"], answer["length"]) == (True, paths[0]["length"])
        assert answer["nodes"] == paths[0]["nodes"]
        for path in paths:
            assert path["length"] == len(path["edges"]) == len(path["nodes"]) - 1 <= answer["searched"] == 4
            assert (path["nodes"][0]["id"], path["nodes"][-1]["id"]) == (rich_id, other)
    shortest = service.post("/v1/paths", {"from": rich_id, "to": others[0]})
    assert (shortest["paths"], shortest["searched"]) == ([], None)
    nothing = service.post("/v1/paths", {"from": rich_id, "to": others[0], "best": 3, "types": ["OWNS"]})
    assert not nothing["found"]


def neighbours(service, person, **params):
    """All pages of two."""
    items, cursor = [], None
    while True:
        given = {**params, "limit": 2, **({"cursor": cursor} if cursor else {})}
        page = service.get(f"/v1/persons/{person}/neighbours", params=given)
        assert len(page["items"]) <= 2
        items += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            assert page["count"] == len(items)
            return items


def test_neighbours_come_in_pages(service, rich_id):
    around = service.get(
        f"/v1/persons/{rich_id}/neighbourhood", params={"types": ["RESOLVES_TO"], "limit": 200}
    )
    items = neighbours(service, rich_id, type="RESOLVES_TO")
    assert {item["node"]["id"] for item in items} == {n["id"] for n in around["nodes"]} - {rich_id}
    assert sorted(edge["id"] for item in items for edge in item["edges"]) == sorted(
        edge["id"] for edge in around["edges"]
    )


def test_who_else_has_what_a_person_has_comes_in_pages(service, rich_id):
    around = service.get(f"/v1/persons/{rich_id}/neighbourhood", params={"types": ["USES_PHONE"], "depth": 2})
    phone = next(node["id"] for node in around["nodes"] if node["label"] == "Phone")
    users = {edge["source"] for edge in around["edges"] if edge["target"] == phone}
    items = neighbours(service, rich_id, type="USES_PHONE", via=phone)
    assert {item["node"]["id"] for item in items} == users
    assert rich_id in users
    for params in ({"via": "Phone:0000000000000000"}, {"via": rich_id}):
        answer = service.ask(
            "GET", f"/v1/persons/{rich_id}/neighbours", params={"type": "USES_PHONE", **params}
        )
        assert answer.status_code == 404


def test_a_cursor_of_neighbours_shows_nothing_and_is_not_made_up(service, rich, rich_id):
    page = service.get(f"/v1/persons/{rich_id}/neighbours", params={"type": "RESOLVES_TO", "limit": 1})
    for node in service.snapshot.read("members").column("record_key").to_pylist()[:50]:
        assert str(node) not in page["next_cursor"]
    for cursor in ("x", page["next_cursor"][:-4] + "AAAA"):
        answer = service.ask(
            "GET", f"/v1/persons/{rich_id}/neighbours", params={"type": "RESOLVES_TO", "cursor": cursor}
        )
        assert answer.status_code == 422


SUFFIXES = [
    "",
    "/records",
    "/timeline",
    "/history",
    "/neighbourhood",
    "/neighbours?type=SPOUSE_OF",
    "/findings",
]


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize(
    "text", ["P-0000000000000A", "P-XX", "371002198001010017", "O-2707QDQX2XHR5K", "%00"]
)
def test_what_is_not_there_has_one_answer(service, suffix, text):
    answer = service.ask("GET", f"/v1/persons/{text}{suffix}")
    assert answer.status_code == 404
    assert _same(answer.json()) == _same(service.ask("GET", f"/v1/persons/{_nobody()}").json())
    assert text not in answer.text


def test_nobody_is_found_by_a_path_from_nobody(service, rich_id):
    for body in ({"from": rich_id, "to": _nobody()}, {"from": _nobody(), "to": rich_id}):
        assert service.ask("POST", "/v1/paths", json=body).status_code == 404


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/persons/search", {}),
        ("/v1/persons/search", {"birth_date": "1980-01-01"}),
        ("/v1/persons/search", {"name": "张", "limit": 0}),
        ("/v1/persons/search", {"name": "张", "limit": 201}),
        ("/v1/persons/search", {"name": "张", "cursor": "x"}),
        ("/v1/persons/search", {"name": "张", "birth_date": "371002198001010017"}),
        ("/v1/persons/search", {"name": "张", "371002198001010017": 1}),
        ("/v1/persons/search", {"id_number": 371002198001010017}),
        ("/v1/persons/search", ["371002198001010017"]),
        ("/v1/paths", {"from": "371002198001010017"}),
        ("/v1/match", {"phone": "371002198001010017"}),
        ("/v1/conflicts/search", {"region": "371002198001010017"}),
    ],
)
def test_a_body_that_is_not_valid_is_explained_and_not_repeated(service, path, body):
    answer = service.ask("POST", path, json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert "371002198001010017" not in answer.text
    assert answer.json()["request_id"] == answer.headers["X-Request-Id"]


def _nobody() -> str:
    return to_text(1, "person")


def _same(problem: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in problem.items() if name != "request_id"}
