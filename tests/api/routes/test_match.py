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


@pytest.mark.parametrize(
    "example",
    [
        {},
        {"phone": "13912345678"},
        {"name": "张三", "shoe_size": "43"},
        {"name": "张" * 101},
        {"name": "张三", "k": 51},
    ],
)
def test_a_description_that_cannot_be_is_refused(service, example):
    assert service.ask("POST", "/v1/match", json=example).status_code == 422


@pytest.mark.parametrize(
    "example",
    [
        {"name": "　", "id_number": "-"},
        {"name": "不详", "id_number": "111111111111111111", "phone": "13800138000", "address": "无"},
        {"name": "王" * 100, "id_number": "1" * 40, "address": "12号" * 100, "employer": "公司" * 100},
        {"name": "?", "birth_date": "1900-01-01", "sex": "未知"},
        {"name": "371002198001010017", "id_number": "张三"},
    ],
)
def test_values_that_say_nothing_mean_nobody(service, example):
    assert service.post("/v1/match", example) == {"items": []}


def test_what_a_caller_may_not_see_is_not_found(service, rich, rich_id):
    example = {"name": rich["name"], "id_number": rich["id_number"]}
    service.new_key("elsewhere", regions=["999999"])
    assert service.post("/v1/match", example, role="elsewhere") == {"items": []}


def test_the_answer_is_in_the_audit_trail(service, rich, rich_id):
    before = service.last_event()
    service.post("/v1/match", {"id_number": rich["id_number"], "k": 1})
    (event,) = service.events(after=before)
    assert event.body["persons"] == [rich_id]
