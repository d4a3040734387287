import json
import re
from pathlib import Path

import pytest

from api.openapi import document
from api.security.policy import POLICY, require_policies
from resolver.errors import SettingsError

COMMITTED = Path(__file__).parents[2] / "docs" / "openapi.json"


@pytest.fixture(scope="module")
def schema():
    return json.loads(document())


def operations(schema):
    return [
        (path, method, operation)
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    ]


def test_the_committed_document_is_current():
    assert COMMITTED.read_text("utf-8") == document(), "run: python -m api.openapi > docs/openapi.json"


def test_every_operation_is_described_and_has_a_policy(schema):
    names = [operation["operationId"] for _, _, operation in operations(schema)]
    assert sorted(names) == sorted(POLICY)
    for _, _, operation in operations(schema):
        assert operation["summary"]
        assert operation["description"]


def test_every_operation_names_its_problems(schema):
    for path, _, operation in operations(schema):
        answers = operation["responses"]
        needed = POLICY[operation["operationId"]] or ""
        if needed.startswith(("person:", "finding:", "judgement:")):
            assert {"400", "401", "403", "404", "422", "503"} <= set(answers), path
            assert operation["security"], path
        for status, answer in answers.items():
            if int(status) >= 400:
                assert list(answer["content"]) == ["application/problem+json"], (path, status)


def test_fields_have_examples_or_say_what_they_are(schema):
    for name in ("PersonSearch", "MatchExample", "ConflictSearch", "PathRequest", "JudgementRequest"):
        body = schema["components"]["schemas"][name]
        assert "example" in json.dumps(body), name


def test_nothing_that_identifies_a_person_stands_in_an_address(schema):
    for path, _, operation in operations(schema):
        for parameter in operation.get("parameters", []):
            if parameter["in"] in ("path", "query"):
                assert parameter["name"] in {
                    "person_id", "record_l", "record_r", "limit", "cursor", "days", "depth", "types", "as_of",
                    "judgement_id", "record_key", "actor", "holding", "type", "via",
                }, path  # fmt: skip


def test_every_schema_that_is_referred_to_is_there(schema):
    named = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(schema)))
    assert "ProblemDocument" in named
    assert named <= set(schema["components"]["schemas"])


def test_a_route_without_policy_does_not_start():
    require_policies(POLICY)
    with pytest.raises(SettingsError, match="export_everything"):
        require_policies([*POLICY, "export_everything"])
