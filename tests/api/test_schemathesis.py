"""Whatever is sent that OpenAPI allows, and much that it does not: no 5xx, and every answer is as documented."""

import time
import warnings

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of libraries it is built on
    import schemathesis
    from schemathesis.generation import GenerationMode

BOUNDED_SECONDS = 25.0

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def operations(service):
    schema = schemathesis.openapi.from_dict(service.client.get("/openapi.json").json())
    return {
        operation.ok().definition.raw["operationId"]: operation.ok()
        for operation in schema.get_all_operations()
    }


def fuzz(service, operation, mode, examples, seconds, known):
    """Call one operation with generated input; answers must be documented and never a failure of ours."""
    key = service.keys["operator" if operation.path == "/metrics" else "investigator"]
    headers = {"Authorization": f"Bearer {key}", "X-Purpose": "inspection"}
    until = time.monotonic() + seconds
    statuses = set()

    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), instead=st.sampled_from([None, *known]))
    def run(case, instead):
        if time.monotonic() > until:
            return
        if instead is not None and "person_id" in case.path_parameters:
            case.path_parameters["person_id"] = instead
        case.headers = {**{k: v for k, v in (case.headers or {}).items() if k == "X-Case"}, **headers}
        case.cookies = {}
        answer = service.client.request(**case.as_transport_kwargs(headers=case.headers))
        statuses.add(answer.status_code)
        assert answer.status_code < 500, answer.text
        case.operation.validate_response(answer)

    run()
    return statuses


OPERATIONS = [
    "search_persons", "get_person", "get_records", "get_timeline", "get_history", "get_neighbourhood", "get_neighbours",
    "get_sharing", "get_attendances",
    "find_path", "match_person", "explain_pair", "explain_person", "get_person_findings", "search_conflicts",
    "list_duplicates", "list_liability", "list_judgements", "add_judgement", "undo_judgement",
    "get_live", "get_ready", "get_version", "get_metrics",
]  # fmt: skip

TAKES_NOTHING = {"get_live", "get_ready", "get_version", "get_metrics"}  # so nothing can be wrong with it
CASES = [(name, GenerationMode.POSITIVE) for name in OPERATIONS] + [
    (name, GenerationMode.NEGATIVE) for name in OPERATIONS if name not in TAKES_NOTHING
]


def test_every_operation_is_fuzzed(operations):
    assert sorted(operations) == sorted(OPERATIONS)


@pytest.mark.parametrize(("name", "mode"), CASES)
def test_no_failure_and_only_documented_answers(service, operations, rich_id, name, mode):
    fuzz(service, operations[name], mode, 40, BOUNDED_SECONDS / len(CASES), [rich_id])


@pytest.mark.soak
@pytest.mark.parametrize(("name", "mode"), CASES)
def test_no_failure_for_long(service, operations, rich_id, name, mode):
    fuzz(service, operations[name], mode, 2000, 60.0, [rich_id])
