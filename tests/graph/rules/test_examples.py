"""Every rule on the examples of its own file: rows that must and must not raise it, on the boundary days."""

from collections.abc import Iterator

import pytest

from graph.rule_settings import default_settings
from graph.rule_trial import Trial
from graph.rules.catalogue import load_catalogue

CATALOGUE = load_catalogue()


@pytest.fixture(scope="module")
def trial() -> Iterator[Trial]:
    with Trial(default_settings(CATALOGUE)) as opened:
        yield opened


@pytest.mark.parametrize("rule", CATALOGUE.rules)
def test_examples(trial: Trial, rule: str) -> None:
    assert [str(failure) for failure in trial.failures(CATALOGUE.rules[rule])] == []


@pytest.mark.parametrize("rule", CATALOGUE.rules)
def test_both_sides_are_shown(rule: str) -> None:
    shown = {raises for example in CATALOGUE.rules[rule].examples for raises in example.expected.values()}
    assert shown == {True, False}
