"""docs/rules.md is what the headers say."""

from pathlib import Path

from graph.rule_settings import default_settings
from graph.rules.catalogue import load_catalogue
from graph.rules_document import FAMILIES, family_of, rules_document

CATALOGUE = load_catalogue()
WRITTEN = Path(__file__).parents[2] / "docs" / "rules.md"

NINETY_THREE = {
    "L": 16, "E": 14, "C": 6, "P": 17, "D": 3, "M": 2, "T": 9, "FA": 10, "MW": 5, "Q": 11,
}  # fmt: skip


def test_the_document_is_up_to_date() -> None:
    document = rules_document(CATALOGUE, default_settings(CATALOGUE))
    assert WRITTEN.read_text("utf-8") == document, "run: python -m graph.rules_document > docs/rules.md"


def test_every_rule_of_the_catalogue_is_there() -> None:
    expected = {f"{family}{n:02d}" for family, count in NINETY_THREE.items() for n in range(1, count + 1)}
    expected = {rule.replace("MW0", "MW") for rule in expected}
    assert set(CATALOGUE.rules) == expected
    assert len(expected) == 93
    assert {family_of(rule) for rule in CATALOGUE.rules} == set(FAMILIES)


def test_what_could_discriminate_is_off() -> None:
    assert {rule.id for rule in CATALOGUE.rules.values() if not rule.enabled} == {"P11", "P12", "P13"}
    for rule_id in ("P08", "P09", "P10"):  # a disability together with work is no reason to ask
        assert "disability" in CATALOGUE.rules[rule_id].sql
        assert not {"W20", "W21"} & set(CATALOGUE.rules[rule_id].feeds)


def test_overlaps_are_silenced_as_decided() -> None:
    silences = {rule.id: set(rule.silences) for rule in CATALOGUE.rules.values() if rule.silences}
    # L02 is L01 for a cremation: what the header of L12 says of it.
    assert silences["L12"] == {"L01", "L03", "L05", "L06", "L07", "L10"} | {"L02"}
    assert "E12" in silences["L01"]
    assert silences["L10"] == {"P01", "P02", "P03", "P04"}
    for rules in silences.values():
        assert rules <= set(CATALOGUE.rules)


def test_graces_are_as_decided() -> None:
    defaults = {
        rule.id: {parameter.name: parameter.default for parameter in rule.parameters}
        for rule in CATALOGUE.rules.values()
    }
    graces = {rule: defaults[rule]["grace_days"] for rule in ("L01", "L02", "L06", "E12", "L07", "L08")}
    assert graces == {"L01": 30, "L02": 30, "L06": 30, "E12": 60, "L07": 30, "L08": 60}
    assert (defaults["MW1"]["share"], defaults["MW2"]["share"]) == (0.5, 1.5)
