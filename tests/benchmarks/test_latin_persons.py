from collections import Counter, defaultdict
from itertools import combinations, pairwise
from random import Random

import pytest

from benchmarks.linkage_data import latin_errors as errors
from benchmarks.linkage_data.latin_names import Place, family_names, given_names, places
from benchmarks.linkage_data.latin_persons import COLUMNS, made_up


@pytest.fixture(scope="module")
def made():
    rows, truth = made_up(8000, seed=4)
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows], dict(truth)


def test_one_to_twenty_records_a_person(made):
    rows, truth = made
    sizes = Counter(truth.values())
    assert len(rows) == len(truth) == 8000
    assert min(sizes.values()) == 1
    assert max(sizes.values()) in (19, 20)
    assert 4 < 8000 / len(sizes) < 7


def test_the_same_seed_makes_the_same_table():
    assert made_up(300, 1) == made_up(300, 1)
    assert made_up(300, 1) != made_up(300, 2)


def test_ids_say_nothing_of_the_person(made):
    rows, truth = made
    whose = [truth[row["record_id"]] for row in rows]
    assert sum(a == b for a, b in pairwise(whose)) < 20


def test_exact_rules_find_few_of_the_pairs_and_names_alone_find_wrong_ones(made):
    rows, truth = made
    true = sum(n * (n - 1) // 2 for n in Counter(truth.values()).values())
    blocks = defaultdict(list)
    for row in rows:
        blocks[row["given_name"], row["family_name"]].append(truth[row["record_id"]])
    verdicts = [a == b for members in blocks.values() for a, b in combinations(members, 2)]
    assert sum(verdicts) / true < 0.35
    assert 0.6 < sum(verdicts) / len(verdicts) < 0.97


def test_much_is_missing_and_dates_are_partial(made):
    rows, _ = made
    dates = [row["birth_date"] for row in rows]
    lengths = Counter(len(d) for d in dates if d)
    assert set(lengths) == {4, 7, 10}
    assert lengths[4] > 0.2 * sum(lengths.values())
    assert 0.1 < dates.count(None) / 8000 < 0.25
    assert 0.3 < sum(row["residence"] is None for row in rows) / 8000 < 0.5


def test_a_record_of_a_rate_of_zero_is_nearly_the_truth():
    rng = Random(1)
    assert errors.written("Thornton", 0, rng) == "Thornton"
    date = {errors.date_as_written(1843, 5, 12, 0, rng) for _ in range(300)}
    assert date == {None, "1843", "1843-05", "1843-05-12"}


@pytest.mark.parametrize("change", [errors.respelt, errors.misread, errors.typed_wrong])
def test_an_error_changes_little(change):
    rng = Random(2)
    for name in ("Thornton", "Schönmeyer", "Kowalewski"):
        for _ in range(50):
            assert abs(len(change(name, rng)) - len(name)) <= 3
    assert errors.typed_wrong("Ax", rng) == "Ax"


def test_diacritics_are_folded_or_stripped():
    rng = Random(3)
    assert {errors.without_diacritics("Müller", rng) for _ in range(40)} == {"Mueller", "Muller"}
    assert errors.without_diacritics("Stanisław José", rng) == "Stanislaw Jose"


def test_married_women_appear_under_several_names():
    rng = Random(4)
    found = {errors.family_as_written("Ash", "Halwell", 0, rng).title() for _ in range(400)}
    assert {"Ash", "Halwell", "Halwell-Ash", "Ash Halwell", "Halwell Née Ash"} <= found
    assert all("Ash" in name or "Halwell" in name for name in found)


def test_places_have_other_names_and_abbreviations():
    rng = Random(5)
    place = Place(("Köln", "Cologne"), "Rheinland", "Rhld", ("Germany",))
    found = {errors.place_as_written(place, 0.1, 0, rng) for _ in range(600)}
    assert None in found
    assert {"Köln", "Cologne", "Köln, Rheinland", "Köln, Rhld", "Köln, Rhld, Germany"} <= found


@pytest.mark.parametrize("culture", ["english", "german", "polish", "spanish"])
def test_cultures_have_their_names(culture):
    assert len(set(family_names(culture))) > 100
    assert len(places(culture)) > 80
    assert all(name[0].isupper() for female in (False, True) for name, _ in given_names(culture, female))
