"""The made-up people: sane ages, families and numbers."""

from functools import cache

import numpy as np
import pytest

from resolver.synthetic.names import draw_surnames, surnames
from resolver.synthetic.places import JINING, WEIHAI, issue_codes, make_places
from resolver.synthetic.population import People, make_people, registered_names
from resolver.synthetic.timeline import NEVER, Timeline, month_number, year_of

TIMELINE = Timeline(month_number(2026, 8), 3)


@cache
def people() -> People:
    rng = np.random.default_rng(7)
    places = make_places(WEIHAI, 20_000, draw_surnames(500, rng), rng)
    made = make_people(20_000, places, TIMELINE, rng)
    registered_names(made, rng)
    return made


def test_everyone_was_born_before_the_reference_date_and_dies_after_birth() -> None:
    made = people()
    assert made.count == 20_000
    assert (made.birth <= TIMELINE.reference).all()
    assert (made.age(TIMELINE.reference) <= 103).all()
    dead = made.death < NEVER
    assert 0.005 < dead.mean() < 0.06
    assert (made.death[dead] > made.birth[dead]).all()
    assert (made.death[dead] > TIMELINE.reference - 3 * 366).all()


def test_parents_are_of_the_right_sex_and_age() -> None:
    made = people()
    for parent, sex in ((made.mother, 2), (made.father, 1)):
        known = parent >= 0
        assert known.mean() > 0.3
        assert (made.sex[parent[known]] == sex).all()
        years = (made.birth[known] - made.birth[parent[known]]) / 365.25
        assert years.min() > 15
        assert years.max() < 65


def test_spouses_belong_to_each_other_and_live_together() -> None:
    made = people()
    married = np.flatnonzero(made.spouse >= 0)
    other = made.spouse[married]
    assert (made.spouse[other] == married).all()
    assert (made.sex[other] != made.sex[married]).all()
    assert (made.household[other] == made.household[married]).all()


def test_households_hold_one_to_six_and_children_mostly_bear_the_fathers_name() -> None:
    made = people()
    sizes = np.bincount(made.household)
    assert 1 <= sizes.min() <= sizes.max() <= 6
    with_father = np.flatnonzero(made.father >= 0)
    same = made.surname[with_father] == made.surname[made.father[with_father]]
    assert same.mean() > 0.95


def test_brothers_and_sisters_are_twins_or_ten_months_apart() -> None:
    made = people()
    rows = np.flatnonzero(made.mother >= 0)
    rows = rows[np.lexsort((made.birth[rows], made.mother[rows]))]
    gap = np.diff(made.birth[rows])[np.diff(made.mother[rows]) == 0]
    assert set(gap[gap < 300].tolist()) == {0}
    assert len(gap) > 500


def test_numbers_are_unique_and_show_birth_date_and_sex() -> None:
    made = people()
    numbers = made.id_number.to_pylist()
    assert len(set(numbers)) == made.count
    for person in range(0, made.count, 37):
        number, kind = numbers[person], made.id_type[person].as_py()
        if kind == "居民身份证":
            day = np.datetime64(int(made.birth[person]), "D")
            assert number[6:14] == str(day).replace("-", "")
            assert int(number[16]) % 2 == made.sex[person] % 2


def test_people_of_all_kinds_exist() -> None:
    made = people()
    names = made.name.to_pylist()
    assert sum("·" in name for name in names) >= 5
    assert any(name.isascii() for name in names)
    assert any(set(name) & set("㼆䶮㛃𬭩") for name in names)
    family, _ = surnames()
    compound = tuple(s for s in family.to_pylist() if len(s) > 1)
    assert any(name.startswith(compound) for name in names)
    assert {len(name) for name in names} >= {2, 3}
    assert set(made.id_type.to_pylist()) == {"居民身份证", "港澳台居民居住证", "外国人永久居留身份证", "护照"}
    assert (year_of(made.birth) < 1985).mean() > 0.3
    # Common names and shared birth dates meet by chance as well.
    pairs = list(zip(names, made.birth.tolist(), strict=True))
    assert len(set(names)) < len(names)
    assert len(set(pairs)) <= len(pairs)


def test_families_share_phones() -> None:
    made = people()
    phones = [p for p in made.phone.to_pylist() if p]
    assert 0.6 < len(set(phones)) / len(phones) < 0.95


@pytest.mark.parametrize(
    ("county", "year", "code"),
    [
        (1, 1984, 370632), (1, 1987, 371022), (1, 1989, 379011), (1, 1995, 371081), (1, 2013, 371081),
        (1, 2014, 371003), (0, 1986, 370620), (0, 2000, 371002), (3, 1992, 371021), (3, 1993, 371083),
    ],
)  # fmt: skip
def test_numbers_were_issued_with_the_code_of_their_year(county: int, year: int, code: int) -> None:
    assert issue_codes(WEIHAI, np.array([county]), np.array([year])).tolist() == [code]


def test_places_name_each_village_of_a_town_once() -> None:
    rng = np.random.default_rng(8)
    for city in (WEIHAI, JINING):
        places = make_places(city, 200_000, draw_surnames(500, rng), rng)
        named = list(
            zip(places.county.tolist(), places.town.to_pylist(), places.village.to_pylist(), strict=True)
        )
        assert len(set(named)) == len(named)
        assert places.weight.sum() == pytest.approx(1)
        assert (places.zone != places.region).any()
