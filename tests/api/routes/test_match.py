import pytest


def test_somebody_is_recognised_by_a_form(service, rich, rich_id):
    example = {"name": rich["name"], "id_number": rich["id_number"], "phone": rich["phone"]}
    best = service.post("/v1/match", example)["items"][0]
    assert best["person"]["person_id"] == rich_id
    assert best["explanation"]["match_probability"] > 0.99


def test_the_waterfall_adds_up(service, rich):
    for item in service.post("/v1/match", {"name": rich["name"], "id_number": rich["id_number"]})["items"]:
        explanation = item["explanation"]
        total = explanation["prior"] + sum(step["match_weight"] for step in explanation["steps"])
        assert total == pytest.approx(explanation["match_weight"], abs=1e-9)


def test_at_most_k_most_probable_first(service, rich):
    few = service.post(
        "/v1/match", {"name": rich["name"], "birth_date": rich["birth_date"].isoformat(), "k": 1}
    )
    assert len(few["items"]) == 1
    more = service.post(
        "/v1/match", {"name": rich["name"], "birth_date": rich["birth_date"].isoformat(), "k": 50}
    )
    weights = [item["explanation"]["match_weight"] for item in more["items"]]
    assert weights == sorted(weights, reverse=True)
    assert more["items"][0] == few["items"][0]


def test_a_stranger_is_nobody(service):
    assert service.post("/v1/match", {"name": "欧阳不存在", "id_number": "110101190001011009"})["items"] == []


def test_a_pair_is_explained_with_the_stored_weight(service, rich_id):
    records = service.get(f"/v1/persons/{rich_id}/records")["items"]
    stored = {
        (str(p["record_key_l"]), str(p["record_key_r"])): p["match_weight"]
        for p in service.snapshot.read("pairs").to_pylist()
    }
    child = next(r for r in records if r["parent_record_key"])
    left, right = sorted((child["record_key"], child["parent_record_key"]), key=int)
    explained = service.get(f"/v1/pairs/{left}/{right}/explanation")
    assert explained["same_person"]
    assert explained["explanation"]["match_weight"] == pytest.approx(stored[left, right], abs=0.01)


@pytest.mark.parametrize("keys", [("1", "2"), ("x", "2"), ("-1", "2"), (str(1 << 64), "2"), ("²", "3")])
def test_an_unknown_pair_is_not_found(service, keys):
    answer = service.ask("GET", f"/v1/pairs/{keys[0]}/{keys[1]}/explanation")
    assert answer.status_code == 404


def test_a_record_makes_no_pair_with_itself(service):
    assert service.ask("GET", "/v1/pairs/5/5/explanation").status_code == 422
