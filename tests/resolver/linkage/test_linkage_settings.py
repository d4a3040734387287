import tomllib
from importlib import resources

import numpy as np
import pytest

from resolver.errors import SettingsError
from resolver.linkage.levels import BirthDate, Comparison, IdNumber, Name
from resolver.linkage.model import Model
from resolver.linkage.settings import parse_settings, person_settings

RAW = (resources.files("resolver.models") / "person.toml").read_text("utf-8")


def test_settings_survive_json() -> None:
    assert parse_settings(person_settings().to_json(), "copy") == person_settings()


def test_every_level_has_labels_in_both_languages() -> None:
    for comparison in person_settings().comparisons:
        labels = [(level.label_zh, level.label_en) for level in comparison.levels]
        assert len(set(labels)) == len(labels)
        assert all(not zh.isascii() and en.isascii() for zh, en in labels), comparison.key


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('key = "same_rare"', 'key = "same_odd"', "comparison 'name' must have the levels same_rare"),
        ("iterations = 120", "iterating = 120", "unknown setting iterating"),
        ("cap = 60", "cap = 1", "cap must be at least 2"),
        ("m = 0.50, u = 0.00001", "m = 0.0, u = 0.00001", "name.same_rare: m and u must be above 0"),
        ("stop = -0.25 ", "# ", "missing 1 required positional argument: 'stop'"),
    ],
)
def test_what_is_wrong_in_a_file_is_named(old: str, new: str, message: str) -> None:
    assert old in RAW
    with pytest.raises(SettingsError, match=r"linkage settings broken\.toml") as caught:
        parse_settings(tomllib.loads(RAW.replace(old, new, 1)), "broken.toml")
    assert message in caught.value.message


def ratios(comparison: Comparison) -> list[float]:
    return [float(np.log(level.m / level.u)) for level in person_settings().comparisons[comparison].levels]


@pytest.mark.parametrize("comparison", list(Comparison))
def test_the_first_level_speaks_for_and_the_last_against(comparison: Comparison) -> None:
    found = ratios(comparison)
    assert found[0] > 0 > found[-1]
    assert found[0] == max(found[0], *found[-2:])


def test_a_rarer_name_says_more() -> None:
    found = ratios(Comparison.NAME)[: Name.SAME_VERY_COMMON + 1]
    assert found == sorted(found, reverse=True)


def weight(model: Model, comparison: Comparison, level: int) -> float:
    mixture = model.mixture
    match = mixture.log_share[0] + mixture.log_level[0, comparison, level]
    others = mixture.log_share[1:] + mixture.log_level[1:, comparison, level]
    return float(match - np.logaddexp.reduce(others))


def test_learned_levels_keep_their_order(model: Model) -> None:
    """A trained model may find its own weights, but a stronger agreement must not count for less than a weaker."""
    name = [weight(model, Comparison.NAME, n) for n in Name]
    assert name[Name.SAME_RARE] > name[Name.HOMOPHONE] > name[Name.SURNAME_ONLY] > name[Name.DIFFERENT]
    number = [weight(model, Comparison.ID_NUMBER, n) for n in IdNumber]
    assert number[IdNumber.SAME] > number[IdNumber.DAMAGED_DIFFERENT] > number[IdNumber.DIFFERENT]
    assert number[IdNumber.ONE_DIGIT] > number[IdNumber.DAMAGED_DIFFERENT]
    birth = [weight(model, Comparison.BIRTH_DATE, n) for n in BirthDate]
    assert birth[BirthDate.SAME] > birth[BirthDate.SAME_YEAR] > birth[BirthDate.DIFFERENT]
