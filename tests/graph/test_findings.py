"""What becomes of what rules yield: keys, links, routes, suppression, problems; the same whatever the order."""

import dataclasses
import itertools
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import networkx as nx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.findings import FINDING_SCHEMA, run_rules
from graph.rule import Rule, RuleFileError, RuleProblem, parse_rule
from graph.rule_settings import RuleSettings
from graph.rules.catalogue import load_catalogue
from resolver.snapshot import Snapshot

DEATH = date(2024, 3, 10)
HEADER = """\
-- id = "X01"
-- title = "甲"
-- title_en = "A"
-- basis = "推导"
-- feeds = ["W01"]
-- severity = "A"
-- direction = "recover"
-- return_to = ["PROVIDER", "MSB"]
-- due = "10wd"
-- enabled = true
-- version = 3
-- evidence = []
-- fires = "always"
-- needs = []
"""


def rule(select: str, header: str = "") -> Rule:
    return parse_rule(f"{HEADER}{header}\n{select}\n", "X01.sql")


def dead_but_enrolled(town: Any, person: int = 1, link: float = 0.99, **values: Any) -> tuple[Any, Any]:
    death = town.add("W01", deceased=person, certificate_no="c", death_time=DEATH)
    spell = {"psn_no": "p1", "insutype": "310", "status": "normal", "start_date": date(2020, 1, 1)}
    return death, town.add("W29", link=link, insured=person, **{**spell, **values})


class TestOneFinding:
    def test_everything_it_says(self, town: Any) -> None:
        death, spell = dead_but_enrolled(town, link=0.96)
        town.pair(death.record_key, spell.record_key, 0.96, weight=4.5)
        table = run_rules(town.snapshot(), [load_catalogue().rules["L01"]])
        assert table.schema == FINDING_SCHEMA
        (finding,) = table.to_pylist()
        assert finding.pop("finding_key") >= 0
        assert finding.pop("evidence_hash") > 0
        assert finding.pop("facts").startswith('{"death_date":"2024-03-10"')
        assert finding == {
            "rule": "L01", "severity": "B", "direction": "recover", "rule_version": 2,
            "person_id": 1, "organisation_id": None, "other_person_id": None,
            "row_ids": [spell.row_id, death.row_id], "record_keys": [spell.record_key, death.record_key],
            "link_probability": 0.96,
            "weakest_link": {
                "record_key_l": death.record_key, "record_key_r": spell.record_key, "match_weight": 4.5,
            },
            "route": "department", "return_to": ["MSB", "HEALTH", "POLICE"], "due": "10wd", "amount": None,
            "since": DEATH, "until": None, "suppressed_by": None,
        }  # fmt: skip

    @pytest.mark.parametrize(
        ("link", "route"), [(0.9499, "identity_review"), (0.95, "department"), (0.96, "department")]
    )
    def test_route(self, town: Any, link: float, route: str) -> None:
        dead_but_enrolled(town, link=link)
        assert [f["route"] for f in town.find("L01")] == [route]

    @pytest.mark.parametrize(
        ("second", "route"),
        [
            ({"id_number": "b", "id_status": "valid"}, "identity_review"),
            ({"id_number": "a", "id_status": "legacy"}, "department"),  # the same number
            ({"id_number": "b", "id_status": "checksum"}, "department"),  # a slip
        ],
    )
    def test_two_open_registrations_make_a_suspect(
        self, town: Any, second: dict[str, str], route: str
    ) -> None:
        dead_but_enrolled(town)
        town.add("W07", person=1, record={"id_number": "a", "id_status": "valid"})
        town.add("W07", person=1, record=second)
        assert [f["route"] for f in town.find("L01")] == [route]

    def test_a_closed_registration_does_not(self, town: Any) -> None:
        dead_but_enrolled(town)
        town.add("W07", person=1, record={"id_number": "a", "id_status": "valid"})
        other = {"id_number": "b", "id_status": "valid"}
        town.add("W07", person=1, cancel_date=DEATH, cancel_reason="duplicate", record=other)
        assert [f["route"] for f in town.find("L01")] == ["department"]

    def test_a_suspects_wrong_number_is_wrong_all_the_same(self, town: Any) -> None:
        town.add("W16", recipient=1, record={"id_number": "x", "id_status": "format"})
        for number in "ab":
            town.add("W07", person=1, record={"id_number": number, "id_status": "valid"})
        assert [f["route"] for f in town.find("Q01")] == ["department"]

    def test_one_record_needs_no_link(self, town: Any) -> None:
        (finding,) = (town.add("W16", recipient=1, approval_month=DEATH), town.find("P01"))[1]
        assert (finding["link_probability"], finding["weakest_link"]) == (1.0, None)

    def test_of_several_records_of_a_death_one_is_enough(self, town: Any) -> None:
        """The household register is firmly linked with the enrolment, the certificate is not."""
        _, spell = dead_but_enrolled(town)
        town.add("W07", person=1, cancel_date=DEATH, cancel_reason="death", link=0.5)
        (finding,) = town.find("L01")
        assert finding["link_probability"] == 0.99
        assert len(finding["row_ids"]) == 3
        assert finding["weakest_link"]["record_key_r"] == spell.record_key

    def test_the_key_outlives_the_rows(self, town: Any, another_town: Callable[[str], Any]) -> None:
        dead_but_enrolled(town)
        (before,) = town.find("L01")
        later = another_town("later")
        for _ in range(5):
            later.add("W28", patient=9, service_begin=DEATH)
        dead_but_enrolled(later, record={"phone": "1"})
        (after,) = later.find("L01")
        assert before["row_ids"] != after["row_ids"]
        assert before["finding_key"] == after["finding_key"]

    def test_keys_differ_between_persons_and_subjects(self, town: Any) -> None:
        dead_but_enrolled(town)
        dead_but_enrolled(town, person=2)
        town.add("W29", insured=2, psn_no="p2", insutype="310", status="normal", start_date=DEATH)
        assert len({f["finding_key"] for f in town.find("L01")}) == 3

    def test_the_provider_is_who_sent_the_rows(self, town: Any) -> None:
        town.add("W12", pensioner=1, pay_month=DEATH)
        found = run_rules(
            town.snapshot(),
            [rule("SELECT person_id, [row_id] AS row_ids, '' AS subject FROM pension_payments")],
        )
        assert found["return_to"].to_pylist() == [["HRSS", "MSB"]]
        assert found["rule_version"].to_pylist() == [3]

    def test_a_row_about_somebody_else_carries_nothing(self, town: Any) -> None:
        town.add("W16", recipient=1)
        town.add("W12", pensioner=2, pay_month=DEATH)
        select = "SELECT 1 AS person_id, [1, 2] AS row_ids, '' AS subject"
        found = run_rules(town.snapshot(), [rule(select)])
        assert found["link_probability"].to_pylist() == [0.0]
        assert found["record_keys"].to_pylist()[0][1] is None


class TestAboutDeliveries:
    SELECT = "SELECT NULL::BIGINT AS person_id, []::BIGINT[] AS row_ids, 'W16' AS subject, ['CIVIL'] AS departments"

    def test_nobody_and_no_rows(self, town: Any) -> None:
        found = run_rules(
            town.snapshot(), [rule(self.SELECT, "-- about_feeds = true\n-- joins_rows = false\n")]
        )
        (finding,) = found.to_pylist()
        assert (finding["person_id"], finding["organisation_id"], finding["row_ids"]) == (None, None, [])
        assert finding["return_to"] == ["CIVIL", "MSB"]
        assert (finding["link_probability"], finding["route"]) == (1.0, "department")

    def test_only_where_the_header_says_so(self, town: Any) -> None:
        with pytest.raises(RuleFileError, match="without evidence rows"):
            run_rules(town.snapshot(), [rule(self.SELECT)])


class TestOwnSeverity:
    def test_a_finding_may_differ_from_its_header(self, town: Any) -> None:
        town.add("W16", recipient=1)
        town.add("W16", recipient=2)
        select = (
            "SELECT person_id, [row_id] AS row_ids, '' AS subject, "
            "CASE WHEN person_id = 2 THEN 'C' END AS severity, "
            "CASE WHEN person_id = 2 THEN 'protect' END AS direction FROM subsistence_allowances"
        )
        found = {f["person_id"]: f for f in run_rules(town.snapshot(), [rule(select)]).to_pylist()}
        assert (found[1]["severity"], found[1]["direction"]) == ("A", "recover")
        assert (found[2]["severity"], found[2]["direction"]) == ("C", "protect")


class TestSuppression:
    def test_only_if_both_run(self, town: Any) -> None:
        dead_but_enrolled(town)
        town.add("W28", patient=1, service_begin=DEATH + timedelta(days=60), credential="face", mdtrt_id="m")
        assert {f["rule"]: f["suppressed_by"] for f in town.find("L01", "L03")} == {"L01": None, "L03": None}
        assert {f["rule"]: f["suppressed_by"] for f in town.find("L03", "L12")} == {"L03": "L12", "L12": None}


class TestProblems:
    def found(self, town: Any, *rules: Rule) -> tuple[pa.Table, list[RuleProblem]]:
        problems: list[RuleProblem] = []
        return run_rules(town.snapshot(), rules, problems=problems), problems

    @pytest.mark.parametrize(
        ("select", "line", "message"),
        [
            ("SELECT person_id\nFROM nowhere", 17, "nowhere does not exist"),
            ("SELECT person_id,\n[row_id] AS row_ids, no_such AS subject\nFROM deaths", 17, "no_such"),
            ("SELECT 1 AS person_id, '' AS subject", 16, "does not yield row_ids"),
            ("SELECT [1] AS row_ids, '' AS subject", 16, "does not yield person_id"),
            (
                "SELECT 1 AS person_id, [1] AS row_ids, '' AS subject, 2 AS age",
                16,
                "no header field names: age",
            ),
            ("SELECT NULL AS person_id, [1] AS row_ids, '' AS subject", 16, "1 findings about nobody"),
            ("SELECT 1 AS person_id, [] AS row_ids, '' AS subject", 16, "1 findings without evidence rows"),
            ("SELECT 1 AS person_id, [1] AS row_ids, NULL AS subject", 16, "1 findings without subject"),
            (
                "SELECT 1 AS person_id, [i] AS row_ids, 'x' AS subject FROM range(3) t(i)",
                16,
                "2 findings with the subject of another",
            ),
            ("SELECT 1 AS person_id, ['x'] AS row_ids, '' AS subject", 16, "Conversion Error"),
            (
                "SELECT 1 AS person_id, [1] AS row_ids, '' AS subject\nFROM read_csv('/etc/passwd')",
                17,
                "Permission Error",
            ),
        ],
    )
    def test_a_bad_select_is_refused_and_the_others_run(
        self, town: Any, select: str, line: int, message: str
    ) -> None:
        dead_but_enrolled(town)
        table, problems = self.found(town, rule(select), load_catalogue().rules["L01"])
        assert table["rule"].to_pylist() == ["L01"]
        (problem,) = problems
        assert (problem.file, problem.line) == ("X01.sql", line)
        assert message in problem.message

    def test_a_parameter_out_of_range(self, town: Any) -> None:
        dead_but_enrolled(town)
        problems: list[RuleProblem] = []
        chosen = [load_catalogue().rules[name] for name in ("L01", "E01")]
        table = run_rules(
            town.snapshot(), chosen, RuleSettings(parameters={"L01": {"grace_days": -1}}), problems=problems
        )
        assert table.num_rows == 0
        assert [(problem.file, problem.line) for problem in problems] == [("L01.sql", 17)]

    def test_without_a_list_for_problems_they_are_raised(self, town: Any) -> None:
        with pytest.raises(RuleFileError, match=r"X01\.sql, line 16"):
            run_rules(town.snapshot(), [rule("SELECT nothing")])

    def test_a_feed_never_received_is_said(self, town: Any) -> None:
        dead_but_enrolled(town)
        town.received = ("W01", "W29")
        not_run: dict[str, str] = {}
        chosen = [load_catalogue().rules[name] for name in ("L01", "T03", "L05", "P01")]
        table = run_rules(town.snapshot(), chosen, not_run=not_run)
        assert table["rule"].to_pylist() == ["L01"]
        assert not_run["T03"] == "feed X03 never received; feed J05 never received"
        assert not_run["L05"] == "feed W12 never received"
        assert not_run["P01"].startswith("none of W14, W15")

    def test_progress(self, town: Any) -> None:
        told: list[tuple[str, int, int]] = []
        chosen = [load_catalogue().rules[name] for name in ("E01", "L01")]
        run_rules(town.snapshot(), chosen, progress=lambda *step: told.append(step))
        assert told == [("rule E01", 0, 2), ("rule L01", 1, 2), ("rules", 2, 2)]


def busy(town: Any) -> Any:
    """Several persons, every rule but the organisations' raised at least once."""
    for person in range(1, 8):
        dead_but_enrolled(town, person, link=0.9 + person / 100)
        for month in (4, 5):
            town.add("W12", pensioner=person, pension_no="n", pay_month=date(2024, month, 1), amount=month)
        town.add("W28", patient=person, service_begin=DEATH + timedelta(days=person), mdtrt_id=f"m{person}")
        town.add("W29", insured=person, psn_no="p2", insutype="310", status="normal", start_date=DEATH)
        town.add("W16", recipient=person, record={"id_status": "format", "id_number": str(person)})
    return town


def test_the_same_whatever_the_order_of_rules_and_rows(town: Any, another_town: Callable[[str], Any]) -> None:
    rules = list(load_catalogue().rules.values())
    snapshot = busy(town).snapshot()
    expected = run_rules(snapshot, rules)
    assert set(expected["rule"].to_pylist()) >= {"L01", "L03", "L05", "E01", "E05", "Q01"}
    raised = [rule for rule in rules if rule.id in expected["rule"].to_pylist()]
    assert run_rules(snapshot, raised[::-1]).equals(expected)
    shuffled = _shuffled(snapshot, another_town("shuffled").folder)
    assert run_rules(shuffled, raised).equals(expected)
    keys = list(zip(expected["rule"].to_pylist(), expected["finding_key"].to_pylist(), strict=True))
    assert keys == sorted(keys)


def test_an_empty_snapshot(town: Any) -> None:
    table = run_rules(town.snapshot(), list(load_catalogue().rules.values()))
    assert table.num_rows == 0
    assert table.schema == FINDING_SCHEMA


def test_no_rules(town: Any) -> None:
    assert run_rules(town.snapshot(), []).num_rows == 0


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9)), min_size=2, max_size=6), st.data())
def test_the_weakest_link_of_all_pairs_of_rows(
    another_town: Callable[[str], Any], steps: list[tuple[int, int]], data: st.DataObject
) -> None:
    """On a random tree: the weakest path between any two needed rows, and the best of those that suffice."""
    town = another_town("tree")
    for i in range(len(steps) + 1):
        town.add("W16", recipient=1, record={"phone": str(i)})
    snapshot = town.snapshot()
    keys = [1000 + 2 * i for i in range(len(steps) + 1)]
    parents = [keys[parent % (i + 1)] for i, (parent, _) in enumerate(steps)]
    weights = [0.5 + tenth / 20 for _, tenth in steps]
    tree = nx.Graph()
    tree.add_nodes_from(keys)
    tree.add_weighted_edges_from(zip(keys[1:], parents, weights, strict=True))
    _write_tree(snapshot, keys, parents, weights, nx.single_source_shortest_path_length(tree, keys[0]))
    rows = data.draw(st.permutations(range(1, len(keys) + 1)))
    cut = data.draw(st.integers(1, len(rows)))
    needed, any_of = rows[:cut], rows[cut:]
    select = f"SELECT 1 AS person_id, {needed} AS row_ids, {any_of}::BIGINT[] AS any_of, '' AS subject"
    (found,) = run_rules(snapshot, [rule(select)])["link_probability"].to_pylist()

    def path(a: int, b: int) -> float:
        way = nx.shortest_path(tree, keys[a - 1], keys[b - 1])
        return min((tree.edges[x, y]["weight"] for x, y in itertools.pairwise(way)), default=1.0)

    def weakest(chosen: list[int]) -> float:
        return min(path(a, b) for a in chosen for b in chosen)

    expected = max((weakest([*needed, one]) for one in any_of), default=weakest(needed))
    assert found == expected


def _write_tree(
    snapshot: Snapshot, keys: list[int], parents: list[int], weights: list[float], depth: dict[int, int]
) -> None:
    table = pa.table(
        {
            "record_key": keys,
            "entity_id": [1] * len(keys),
            "parent_record_key": pa.array([None, *parents], pa.int64()),
            "link_probability": [1.0, *weights],
            "path_probability": [1.0] * len(keys),
            "depth": pa.array([depth[key] for key in keys], pa.int16()),
        }
    )
    pq.write_table(table, snapshot.path("members"))


def _shuffled(snapshot: Snapshot, folder: Any) -> Snapshot:
    for name in snapshot.names:
        table = snapshot.read(name)
        (folder / f"{name}.parquet").parent.mkdir(parents=True, exist_ok=True)
        backwards = pa.array(range(table.num_rows - 1, -1, -1), pa.int64())
        pq.write_table(table.take(backwards), folder / f"{name}.parquet")
    return dataclasses.replace(snapshot, folder=folder)
