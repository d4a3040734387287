import numpy as np
import pyarrow.compute as pc
import pytest

from benchmarks.linkage_data import chinese_names as names
from benchmarks.linkage_data import chinese_numbers as numbers
from benchmarks.linkage_data.chinese_persons import BLOCKING, PROFILES, made_up


@pytest.fixture(scope="module", params=sorted(PROFILES))
def made(request):
    records, truth = made_up(6000, request.param, seed=3)
    return request.param, records.to_pandas(), truth.to_pandas()


def pairs_of_persons(records, truth):
    rows = records.merge(truth, on="record_id")
    pairs = rows.merge(rows, on="person", suffixes=("_l", "_r"))
    return pairs[pairs.record_id_l < pairs.record_id_r]


def test_has_the_shape_it_promises(made):
    _, records, truth = made
    assert len(records) == len(truth) == 6000
    assert records.record_id.is_unique
    assert 1.55 < 6000 / truth.person.nunique() < 1.67
    assert truth.groupby("person").size().max() <= 5


def test_the_same_seed_makes_the_same_table():
    first, second, other = (made_up(500, "hard", seed)[0] for seed in (1, 1, 2))
    assert first.equals(second)
    assert not first.equals(other)


def test_ids_and_order_say_nothing_of_the_person(made):
    _, _, truth = made
    neighbours = (truth.person.to_numpy()[1:] == truth.person.to_numpy()[:-1]).mean()
    assert neighbours < 0.005
    assert abs(np.corrcoef(truth.record_id, truth.person)[0, 1]) < 0.05


def test_errors_come_as_often_as_the_profile_says(made):
    profile, records, truth = made
    errors = PROFILES[profile]
    pairs = pairs_of_persons(records, truth)
    right = (1 - errors.name - errors.former_name) ** 2
    assert (pairs.name_l == pairs.name_r).mean() == pytest.approx(right, abs=0.025)
    assert (pairs.birth_date_l == pairs.birth_date_r).mean() == pytest.approx(
        (1 - errors.birth_date) ** 2, abs=0.02
    )
    assert records.id_number.isna().mean() == pytest.approx(errors.id_missing, abs=0.015)
    assert records.phone.isna().mean() == pytest.approx(errors.phone_missing, abs=0.02)


def test_one_rule_of_blocking_brings_nearly_every_true_pair(made):
    profile, records, truth = made
    pairs = pairs_of_persons(records, truth)
    met = np.zeros(len(pairs), bool)
    for rule in BLOCKING:
        met |= np.logical_and.reduce([(pairs[f"{c}_l"] == pairs[f"{c}_r"]).to_numpy() for c in rule])
    assert met.mean() > {"typical": 0.995, "hard": 0.97}[profile]


def test_columns_for_blocking_follow_from_the_others():
    table, _ = made_up(800, "hard", seed=5)
    assert table["id_head14"].equals(pc.utf8_slice_codeunits(table["id_number"], 0, 14))
    assert pc.all(pc.equal(pc.year(table["birth_date"]), table["birth_year"].cast("int64"))).as_py()
    assert pc.all(pc.equal(pc.utf8_length(table["id_number"]), 18)).as_py()


def test_most_numbers_have_their_right_check_digit():
    table, _ = made_up(2000, "typical", seed=5)
    digits = [[10 if c == "X" else int(c) for c in n] for n in table["id_number"].drop_null().to_pylist()]
    right = [sum(d * 2 ** (17 - i) for i, d in enumerate(n)) % 11 == 1 for n in digits]
    assert 0.95 < np.mean(right) < 0.999


def test_every_misspelt_name_is_another():
    rng = np.random.default_rng(1)
    given = names.draw_given(rng.integers(1930, 2020, 3000), rng.integers(1, 3, 3000).astype(np.int8), rng)
    right = np.column_stack([names.draw_surnames(3000, rng), given])
    wrong = names.misspell(right, rng)
    assert (wrong != right).any(axis=1).mean() > 0.98
    assert (wrong[:, 0] > 0).all()
    assert (wrong[:, 2] > 0).all()


def test_homophones_sound_alike():
    rng = np.random.default_rng(1)
    chars = np.array([ord(c) for c in "伟丽建国志明"], np.uint32)
    _, table = names.syllables()
    other = names.homophones().other(chars, rng)
    assert (table[other] == table[chars]).all()
    assert (other != chars).all()


def test_wrong_dates_are_dates_and_wrong():
    rng = np.random.default_rng(1)
    days = rng.integers(-14_000, 19_000, 400)
    wrong = numbers.mistake_dates(days, rng)
    assert (wrong != days).mean() > 0.9
    assert (np.abs(wrong - days) < 366 * 11).all()


def test_mistyped_numbers_differ_in_one_place_or_two_neighbours():
    rng = np.random.default_rng(1)
    codes = np.array(["371002"] * 500)
    right = numbers.numbers_of(codes, rng.integers(-14_000, 19_000, 500), rng.integers(1, 600, 500))
    differing = (numbers.mistype(right, rng) != right).sum(axis=1)
    assert set(differing.tolist()) <= {0, 1, 2}
    assert (differing > 0).mean() > 0.85
