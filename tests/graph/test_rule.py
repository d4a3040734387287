"""Rule files that are refused, by name and line."""

import re

import pytest

from graph.rule import RuleFileError, parse_rule

GOOD = """\
-- id = "L99"
-- title = "甲"
-- title_en = "A"
-- basis = "推导"
-- feeds = ["W01"]
-- severity = "A"
-- direction = "recover"
-- return_to = ["HEALTH"]
-- due = "10wd"
-- enabled = true
-- version = 1
-- evidence = ["day"]
-- fires = "always"
-- [parameters.grace_days]
-- type = "integer"
-- default = 30
-- min = 0
-- max = 365
-- unit = "days"

SELECT person_id, [row_id] AS row_ids, '' AS subject, death_date AS day
FROM deaths
WHERE 40 > $grace_days
"""


def test_a_good_rule() -> None:
    rule = parse_rule(GOOD, "L99.sql")
    assert (rule.id, rule.title, rule.feeds, rule.sql_line) == ("L99", "甲", ("W01",), 21)
    assert rule.bind({}) == {"grace_days": 30}
    assert rule.bind({"grace_days": 365}) == {"grace_days": 365}
    assert rule.joins_rows
    assert not rule.one_per_subject


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ('-- severity = "A"\n', "", 1, "'severity' is missing"),
        ('severity = "A"', 'severity = "E"', 6, "'E' is not one of A, B, C, D"),
        ('direction = "recover"', 'direction = "punish"', 7, "'punish' is not one of"),
        ('["HEALTH"]', '["NOBODY"]', 8, "'NOBODY' is not one of"),
        ('["HEALTH"]', "[]", 8, "is not one of"),
        ('"10wd"', '"soon"', 9, "'soon' is not one of"),
        ('["W01"]', '["W99"]', 5, "'W99' is not one of"),
        ('id = "L99"', 'id = "L98"', 1, "'L98' is not one of L99"),
        ("enabled = true", 'enabled = "yes"', 10, "wrong type"),
        ("version = 1", "version = true", 11, "wrong type"),
        ('["day"]', "[1]", 12, "wrong type"),
        ("version = 1", "version = ", 11, "not TOML"),
        ("version = 1", "version = 1\n-- colour = 1", 12, "'colour' is not a field"),
        ("default = 30", "default = 400", 14, "default 400 is not between 0 and 365"),
        ("default = 30", "default = 3.5", 14, "default 3.5 is not of type integer"),
        ("default = 30", "default = true", 14, "is not of type integer"),
        ('"integer"', '"text"', 14, "type must be one of"),
        ("-- max = 365\n", "", 14, "needs exactly type, default, min, max and unit"),
        ("$grace_days", "$days", 21, "$days is used"),
        ("$grace_days", "30", 14, "described but not used"),
        ("WHERE", "WHER", 23, "Parser Error"),
        ("WHERE 40 > $grace_days", "WHERE 40 > $grace_days; SELECT 1", 21, "one SELECT"),
        ("SELECT person_id", "DROP TABLE x; SELECT person_id", 21, "one SELECT"),
    ],
)
def test_a_bad_rule_is_refused_where_it_is_wrong(old: str, new: str, line: int, message: str) -> None:
    assert old in GOOD
    with pytest.raises(RuleFileError, match=re.escape(message)) as refused:
        parse_rule(GOOD.replace(old, new, 1), "L99.sql")
    problem = refused.value.problem
    assert (problem.file, problem.line) == ("L99.sql", line)
    assert str(problem).startswith(f"L99.sql, line {line}: ")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"grace_days": -1}, "not between 0 and 365"),
        ({"grace_days": 366}, "not between 0 and 365"),
        ({"grace_days": 1.5}, "not of type integer"),
        ({"days": 3}, "no parameter 'days'"),
    ],
)
def test_a_jurisdiction_cannot_leave_the_range(values: dict[str, float], message: str) -> None:
    with pytest.raises(RuleFileError, match=re.escape(message)):
        parse_rule(GOOD, "L99.sql").bind(values)


def test_an_empty_file() -> None:
    with pytest.raises(RuleFileError, match="'id' is missing"):
        parse_rule("", "L99.sql")


def test_a_header_without_a_body() -> None:
    with pytest.raises(RuleFileError, match="one SELECT"):
        parse_rule(GOOD[: GOOD.index("SELECT")], "L99.sql")
