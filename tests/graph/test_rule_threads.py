"""Rules side by side: each is run once, problems come in the order of the rules, and the others stand."""

from typing import Any

from graph.rule import Rule, parse_rule
from graph.rule_run import create_found
from graph.rule_settings import RuleSettings
from graph.rule_threads import run_side_by_side
from graph.rule_views import rule_views

_HEADER = """\
-- id = "{id}"
-- title = "甲"
-- title_en = "A"
-- basis = "推导"
-- feeds = ["W01"]
-- severity = "A"
-- direction = "recover"
-- return_to = ["MSB"]
-- due = "10wd"
-- enabled = true
-- version = 1
-- evidence = []
-- fires = "always"
-- needs = []
"""


def _rule(number: int) -> Rule:
    """Every third one fails when it is run; the others read one derived view and find one person each."""
    subject = "error('no')" if number % 3 == 0 else "''"
    found = f"CAST({subject} AS VARCHAR) AS subject FROM first_deaths WHERE person_id = {number}"
    select = f"SELECT person_id, row_ids, {found}"
    return parse_rule(f"{_HEADER.format(id=f'X{number:02}')}\n{select}\n", f"X{number:02}.sql")


def test_many_at_once(town: Any) -> None:
    rules = [_rule(number) for number in range(24, 0, -1)]
    for person in range(1, 25):
        town.add("W01", deceased=person, certificate_no=f"c{person}", death_time=town.reference_date)
    told: list[tuple[str, int, int]] = []
    with rule_views(town.snapshot(), derived="") as connection:
        create_found(connection)
        errors = list(run_side_by_side(connection, rules, RuleSettings(), lambda *step: told.append(step)))
        found = connection.execute("SELECT rule, person_id FROM found ORDER BY rule").fetchall()
    assert [error.problem.file for error in errors] == [f"X{number:02}.sql" for number in range(24, 0, -3)]
    assert found == [(f"X{number:02}", number) for number in range(1, 25) if number % 3]
    assert told == [(f"rule {rule.id}", done, 24) for done, rule in enumerate(rules)]
