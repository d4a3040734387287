"""Who may ask what: generated from OpenAPI, so that a new route cannot be forgotten."""

import pytest

from api.security.policy import POLICY
from api.security.purpose import ALL
from api.security.roles import PERMISSIONS, ROLES

QUERIES = {"get_neighbours": "?type=USES_PHONE"}
BODIES = {
    "search_persons": {"name": "张"},
    "find_path": {"from": "P-2707QDQX2XHR5K", "to": "P-2707QDQX2XHR5K"},
    "match_person": {"name": "张三"},
    "search_conflicts": {},
    "add_judgement": {"decision": "same", "records": ["1", "2"], "reason": "seen"},
    "undo_judgement": {"reason": "mistaken"},
}
OPERATIONS = sorted(POLICY)
PERSONAL = sorted(name for name, needed in POLICY.items() if needed not in (None, "metrics:read"))


@pytest.fixture(scope="module")
def requests(service, rich_id):
    """Operation -> method, path, body of a request that is in order."""
    made = {}
    for path, methods in service.client.get("/openapi.json").json()["paths"].items():
        for method, operation in methods.items():
            name = operation["operationId"]
            numbers = {"{record_l}": "1", "{record_r}": "2", "{judgement_id}": "1000000"}
            filled = path.replace("{person_id}", rich_id)
            for place, number in numbers.items():
                filled = filled.replace(place, number)
            made[name] = (method.upper(), filled + QUERIES.get(name, ""), BODIES.get(name))
    assert sorted(made) == OPERATIONS
    return made


def ask(service, request, headers):
    method, path, body = request
    return service.client.request(method, path, json=body, headers=headers)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_each_role_may_do_what_the_table_says_and_nothing_else(service, requests, role, operation):
    needed = POLICY[operation]
    headers = {"Authorization": f"Bearer {service.keys[role]}", "X-Purpose": "inspection"}
    before = service.last_event()
    status = ask(service, requests[operation], headers).status_code
    if needed is None or needed in PERMISSIONS[role]:
        assert status in (200, 404)
    else:
        assert status == 403
        assert service.last_event() == before


@pytest.mark.parametrize("operation", sorted(name for name, needed in POLICY.items() if needed))
def test_nobody_is_answered_without_a_key(service, requests, operation):
    for header in ({}, {"Authorization": "Bearer "}, {"Authorization": "Basic eDp5"}):
        answer = ask(service, requests[operation], {"X-Purpose": "inspection", **header})
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("operation", PERSONAL)
def test_no_person_is_read_without_a_purpose(service, requests, operation):
    key = {"Authorization": f"Bearer {service.keys['investigator']}"}
    before = service.last_event()
    for header in ({}, {"X-Purpose": ""}, {"X-Purpose": "curiosity"}, {"X-Purpose": "Verification"}):
        answer = ask(service, requests[operation], {**key, **header})
        assert answer.status_code == 400
        assert "curiosity" not in answer.text
    assert service.last_event() == before
    for purpose in ALL:
        assert ask(service, requests[operation], {**key, "X-Purpose": purpose}).status_code in (200, 404)
    assert service.last_event() == before + len(ALL)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/v1", 404),
        ("GET", "/v1/nothing/371002198001010017", 404),
        ("POST", "/v1/persons", 404),
        ("DELETE", "/livez", 405),
        ("GET", "/v1/persons/search/x/y", 404),
        ("PUT", "/v1/paths", 405),
        ("PATCH", "/v1/duplicates", 405),
    ],
)
def test_unknown_routes_and_methods_are_problems_too(service, method, path, status):
    answer = service.client.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert document["status"] == status
    assert document["title"]
    assert document["request_id"] == answer.headers["X-Request-Id"]
    assert "371002198001010017" not in answer.text
    if status == 405:
        assert answer.headers["Allow"]


def test_a_body_that_is_too_large_is_refused(service):
    answer = service.ask("POST", "/v1/persons/search", json={"name": "张" * 70_000})
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_body_that_is_no_json_is_refused(service):
    for content in (b"{", b"\xff\xfe", b"", b"null", b"NaN", b"[" * 5000):
        answer = service.ask(
            "POST", "/v1/persons/search", content=content, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code in (400, 422), content[:10]
        assert answer.headers["content-type"] == "application/problem+json"


def test_answers_are_not_kept_by_anybody(service, rich_id):
    for path in ("/livez", f"/v1/persons/{rich_id}", "/v1/nothing"):
        assert service.ask("GET", path).headers["Cache-Control"] == "no-store"


def test_the_documentation_loads_nothing_from_elsewhere(service):
    page = service.client.get("/docs").text
    assert "http://" not in page
    assert "https://" not in page
