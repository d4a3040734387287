"""The people: households of one to six over three generations, their kin, births, deaths, homes and numbers."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from resolver.synthetic import numbers
from resolver.synthetic.names import NameRequest, draw_surnames, ethnic_names, latin_names, person_names, put
from resolver.synthetic.places import ELSEWHERE, Places, doors, issue_codes
from resolver.synthetic.timeline import NEVER, Bools, Ints, Timeline, compact_date, year_of

# Places in a household; the order decides who comes first among its persons.
HUSBAND, WIFE, CHILD, SECOND_CHILD, GRANDFATHER, GRANDMOTHER = range(6)
# Kinds of household: share, age of the husband (from, to), chance of each place being filled.
_KINDS = np.array(
    [
        # share, from, to, husband, wife, child, second, grandfather, grandmother
        [0.14, 62, 88, 1.0, 1.0, 0.00, 0.00, 0.0, 0.0],
        [0.05, 64, 92, 1.0, 0.0, 0.00, 0.00, 0.0, 0.0],
        [0.06, 64, 94, 0.0, 1.0, 0.00, 0.00, 0.0, 0.0],
        [0.12, 46, 65, 1.0, 1.0, 0.00, 0.00, 0.0, 0.0],
        [0.36, 24, 50, 1.0, 1.0, 1.00, 0.45, 0.0, 0.0],
        [0.14, 28, 50, 1.0, 1.0, 1.00, 0.55, 0.7, 0.8],
        [0.05, 20, 58, 1.0, 0.0, 0.00, 0.00, 0.0, 0.0],
        [0.04, 20, 58, 0.0, 1.0, 0.00, 0.00, 0.0, 0.0],
        [0.02, 28, 52, 1.0, 0.0, 1.00, 0.20, 0.0, 0.0],
        [0.02, 28, 52, 0.0, 1.0, 1.00, 0.20, 0.0, 0.0],
    ]
)
_SINGLE_PARENT_KINDS = (8, 9)
_YEAR = 365.25


@dataclass
class People:
    """Everyone, one element per person; changed in place until the facts are drawn from it.

    Attributes:
        place, former_place: Index into `Places`.
        moved: The day of moving from the former place; `NEVER`.
        birth, death: Days; `NEVER` while alive.
        slot: Place in the household, see the constants above.
        divorced: Lived with a spouse before.
        spouse, mother, father: Person or -1.
    """

    sex: Ints
    birth: Ints
    death: Ints
    household: Ints
    slot: Ints
    place: Ints
    surname: Ints
    clan: Ints
    spouse: Ints
    mother: Ints
    father: Ints
    divorced: Bools
    name: pa.StringArray
    former_name: pa.StringArray
    ethnicity: pa.StringArray
    id_type: pa.StringArray
    id_number: pa.StringArray
    former_id_number: pa.StringArray
    issue_code: Ints
    phone: pa.StringArray
    second_phone: pa.StringArray
    door: pa.StringArray
    former_village: pa.StringArray
    former_place: Ints
    moved: Ints

    @property
    def count(self) -> int:
        """How many persons there are."""
        return len(self.sex)

    def age(self, day: int) -> Ints:
        """Age in whole years on a day; negative before birth."""
        return np.floor((day - self.birth) / _YEAR).astype(np.int64)

    def alive(self, day: int) -> Bools:
        """Born and not dead on a day."""
        return (self.birth <= day) & (self.death > day)


def make_people(persons: int, places: Places, timeline: Timeline, rng: np.random.Generator) -> People:
    """Invent exactly so many people, living or dead in the last three years."""
    households, slot, sex, birth, divorced = _households(persons, timeline.reference, rng)
    position = _positions(households, slot)
    people = _blank(households, slot, sex, birth)
    people.divorced = divorced
    people.spouse, people.mother, people.father = _kin_at_home(people, position)
    first = rng.choice(len(places.weight), len(position), p=places.weight)
    people.place = first[households]
    _surnames_at_home(people, position, places, rng)
    _join_grown_children(people, position, rng)
    people.surname[_children_of_father(people)] = people.surname[people.father[_children_of_father(people)]]
    people.clan = people.place[np.maximum(people.father, 0)] * 997 + people.surname
    people.name = person_names(
        NameRequest(
            people.sex, year_of(people.birth), people.surname, people.clan, people.birth // 9131 + 10
        ),
        rng,
    )
    people.death = _deaths(people, timeline, rng)
    _identity(people, places, rng)
    _homes(people, places, timeline, rng)
    return people


def registered_names(people: People, rng: np.random.Generator) -> None:
    """Give everyone an identity number for the birth date, sex and county they have now."""
    codes = people.issue_code
    births = compact_date(people.birth)
    people.id_number = numbers.resident_numbers(codes, births, numbers.order_codes(codes, births, people.sex))
    people.id_type = pa.array(np.full(people.count, "居民身份证"))
    abroad = np.flatnonzero(people.ethnicity.to_numpy(zero_copy_only=False) == "外国人")
    cards = abroad % 2 == 0
    serial = numbers.scattered(people.count, 10**8, rng)[abroad]
    passports = pc.binary_join_element_wise(
        pa.array(rng.choice(list("EGKMPL"), len(abroad)).tolist(), pa.string()), numbers.padded(serial, 8), ""
    )
    # Foreign permanent resident card of 2023: 9, province, country, birth date, order, check as for residents.
    body = 937 * 10**3 + rng.choice(np.array([392, 410, 840, 276, 643]), len(abroad))
    permanent = numbers.resident_numbers(body, births[abroad], 10 + serial % 900)
    own = pc.if_else(pa.array(cards), permanent, passports)
    people.id_number = put(people.id_number, abroad, own)
    people.id_type = put(
        people.id_type,
        abroad,
        pc.if_else(pa.array(cards), pa.scalar("外国人永久居留身份证"), pa.scalar("护照")),
    )
    # Passport holders who later got the card: the passport is the earlier number.
    people.former_id_number = put(
        pa.nulls(people.count, pa.string()), abroad[cards], passports.filter(pa.array(cards))
    )
    island = np.flatnonzero((codes >= 810000) & (codes <= 830000))
    people.id_type = put(people.id_type, island, ["港澳台居民居住证"] * len(island))
    # Before the residence permit they showed a travel permit: H or M and eight digits, eight digits from Taiwan.
    letter = np.array(["H", "M", ""])[(codes[island] - 810000) // 10000]
    travel = [
        a + b for a, b in zip(letter, numbers.padded(codes[island] * 7 + island, 8).to_pylist(), strict=True)
    ]
    people.former_id_number = put(people.former_id_number, island, travel)


def _blank(households: Ints, slot: Ints, sex: Ints, birth: Ints) -> People:
    count = len(sex)
    none = np.full(count, -1, np.int64)
    empty = pa.nulls(count, pa.string())
    return People(
        sex=sex, birth=birth, death=np.full(count, NEVER, np.int64), household=households, slot=slot,
        place=none.copy(), surname=none.copy(), clan=none.copy(), spouse=none.copy(), mother=none.copy(),
        father=none.copy(), divorced=np.zeros(count, bool), name=empty, former_name=empty, ethnicity=empty,
        id_type=empty, id_number=empty, former_id_number=empty, issue_code=none.copy(), phone=empty,
        second_phone=empty, door=empty, former_village=empty, former_place=none.copy(),
        moved=np.full(count, NEVER, np.int64),
    )  # fmt: skip


def _households(
    persons: int, reference: int, rng: np.random.Generator
) -> tuple[Ints, Ints, Ints, Ints, Bools]:
    """Household, slot, sex, birth day and divorce of each person, household by household."""
    count = persons // 2 + 16
    kind = rng.choice(len(_KINDS), count, p=_KINDS[:, 0] / _KINDS[:, 0].sum())
    filled = rng.random((count, 6)) < _KINDS[kind, 3:]
    head = rng.uniform(_KINDS[kind, 1], _KINDS[kind, 2])
    ages = np.empty((count, 6))
    ages[:, HUSBAND] = head
    ages[:, WIFE] = np.maximum(head - np.clip(rng.normal(1.8, 2.2, count), -2, 9), 19.5)
    mother = ages[:, WIFE]
    ages[:, CHILD] = mother - np.clip(rng.normal(26, 3.2, count), 19, 40)
    gap = rng.uniform(1.4, 7.5, count)
    twins = rng.random(count) < 0.02
    ages[:, SECOND_CHILD] = np.where(twins, ages[:, CHILD], ages[:, CHILD] - gap)
    ages[:, GRANDMOTHER] = head + np.clip(rng.normal(25, 3, count), 18, 40)
    ages[:, GRANDFATHER] = ages[:, GRANDMOTHER] + np.clip(rng.normal(1.8, 2, count), -2, 9)
    filled &= (ages > 0.002) & (ages < 103)
    filled[:, HUSBAND] |= ~filled.any(axis=1)
    household, slot = np.nonzero(filled)
    age = ages[household, slot]
    sex = np.where(np.isin(slot, (HUSBAND, GRANDFATHER)), 1, 2)
    child = np.isin(slot, (CHILD, SECOND_CHILD))
    sex = np.where(child, 1 + (rng.random(len(slot)) < 0.48), sex)
    birth = reference - np.floor(age * _YEAR).astype(np.int64)
    divorced = np.isin(kind, _SINGLE_PARENT_KINDS)[household] & ~child
    keep = slice(0, persons)
    _infant_twins(household[keep], slot[keep], birth[keep], reference)
    twin = (
        np.flatnonzero(
            (slot[1:] == SECOND_CHILD) & (birth[1:] == birth[:-1]) & (household[1:] == household[:-1])
        )
        + 1
    )
    alike = twin[rng.random(len(twin)) < 0.6]
    sex[alike] = sex[alike - 1]
    return household[keep], slot[keep], sex[keep].astype(np.int64), birth[keep], divorced[keep]


def _infant_twins(household: Ints, slot: Ints, birth: Ints, reference: int) -> None:
    """Make the elder child of some families with a baby its twin: newborns without names are a known trap."""
    second = np.flatnonzero((slot == SECOND_CHILD) & (birth > reference - 700) & (birth < reference - 200))
    second = second[second > 0]
    after_elder = second[(slot[second - 1] == CHILD) & (household[second - 1] == household[second])]
    birth[after_elder[:8] - 1] = birth[after_elder[:8]]


def _positions(household: Ints, slot: Ints) -> Ints:
    """Person in each household and slot, or -1; shape (households, 6)."""
    position = np.full((int(household.max()) + 1, 6), -1, np.int64)
    position[household, slot] = np.arange(len(household))
    return position


def _kin_at_home(people: People, position: Ints) -> tuple[Ints, Ints, Ints]:
    home = position[people.household]
    child = np.isin(people.slot, (CHILD, SECOND_CHILD))
    mother = np.where(child, home[:, WIFE], -1)
    father = np.where(child, home[:, HUSBAND], -1)
    husband = people.slot == HUSBAND
    mother = np.where(husband, home[:, GRANDMOTHER], mother)
    father = np.where(husband, home[:, GRANDFATHER], father)
    partner = np.full(people.count, -1, np.int64)
    for slot, other in (
        (HUSBAND, WIFE),
        (WIFE, HUSBAND),
        (GRANDFATHER, GRANDMOTHER),
        (GRANDMOTHER, GRANDFATHER),
    ):
        partner = np.where(people.slot == slot, home[:, other], partner)
    return partner, mother, father


def _surnames_at_home(people: People, position: Ints, places: Places, rng: np.random.Generator) -> None:
    households = len(position)
    home_place = np.zeros(households, np.int64)
    home_place[people.household] = people.place
    clan = rng.random(households) < np.where(places.urban[home_place], 0.05, 0.4)
    family = np.where(clan, places.clan_surname[home_place], draw_surnames(households, rng))
    own = draw_surnames(people.count, rng)
    of_family = np.isin(people.slot, (HUSBAND, CHILD, SECOND_CHILD, GRANDFATHER)) & (
        rng.random(people.count) > 0.0
    )
    people.surname = np.where(of_family, family[people.household], own)
    takes_mothers = (people.slot == CHILD) & (people.mother >= 0) & (rng.random(people.count) < 0.02)
    people.surname[takes_mothers] = people.surname[people.mother[takes_mothers]]
    alone = np.isin(people.slot, (CHILD, SECOND_CHILD)) & (people.father < 0) & (people.mother >= 0)
    people.surname[alone] = people.surname[people.mother[alone]]


def _join_grown_children(people: People, position: Ints, rng: np.random.Generator) -> None:
    """Make grown-ups who live elsewhere the children of an older couple, so that brothers and sisters exist."""
    couples = position[(position[:, HUSBAND] >= 0) & (position[:, WIFE] >= 0) & (position[:, CHILD] < 0)]
    couples = couples[np.argsort(people.birth[couples[:, WIFE]], kind="stable")]
    mothers_born = people.birth[couples[:, WIFE]]
    alone = np.isin(people.slot, (HUSBAND, WIFE)) & (people.mother < 0) & (people.father < 0)
    grown = np.flatnonzero(alone & (rng.random(people.count) < 0.75))
    wanted = people.birth[grown] - (np.clip(rng.normal(25, 3, len(grown)), 19, 38) * _YEAR).astype(np.int64)
    found = np.searchsorted(mothers_born, wanted)
    inside = (found > 0) & (found < len(couples))
    grown, found = grown[inside], found[inside]
    near = np.abs(mothers_born[found] - wanted[inside]) < _YEAR
    grown, parents = grown[near], couples[found[near]]
    people.mother[grown], people.father[grown] = parents[:, WIFE], parents[:, HUSBAND]
    _drop_impossible_siblings(people)
    linked = grown[people.mother[grown] >= 0]
    for _ in range(4):  # from great-grandparents down
        people.surname[linked] = people.surname[people.father[linked]]
    stays = linked[(people.slot[linked] == HUSBAND) & (rng.random(len(linked)) < 0.5)]
    home_place = np.full(len(position), -1, np.int64)
    home_place[people.household[stays]] = people.place[people.father[stays]]
    moved = home_place[people.household] >= 0
    people.place = np.where(moved, home_place[people.household], people.place)


def _drop_impossible_siblings(people: People) -> None:
    """Children of one mother lie at least ten months apart, or are twins in one household."""
    rows = np.flatnonzero(people.mother >= 0)
    rows = rows[np.lexsort((people.birth[rows], people.mother[rows]))]
    same = people.mother[rows][1:] == people.mother[rows][:-1]
    gap = people.birth[rows][1:] - people.birth[rows][:-1]
    twins = (gap == 0) & (people.household[rows][1:] == people.household[rows][:-1])
    wrong = rows[1:][same & (gap < 300) & ~twins]
    grown = wrong[np.isin(people.slot[wrong], (HUSBAND, WIFE))]
    people.mother[grown] = -1
    people.father[grown] = -1


def _children_of_father(people: People) -> Ints:
    at_home = np.isin(people.slot, (CHILD, SECOND_CHILD)) & (people.father >= 0)
    own = people.surname[np.maximum(people.mother, 0)]
    return np.flatnonzero(at_home & (people.surname != own))


def _deaths(people: People, timeline: Timeline, rng: np.random.Generator) -> Ints:
    """Deaths of the last three years by age; old people die, the young hardly ever."""
    age = people.age(timeline.reference)
    yearly = np.clip(np.exp((age - 104) / 9.5), 0.00015, 0.3)
    window = 3 * 365
    dies = (rng.random(people.count) < 1 - (1 - yearly) ** 3) & (age >= 1)
    day = timeline.reference - rng.integers(0, window, people.count)
    return np.where(dies, day, NEVER)


def _identity(people: People, places: Places, rng: np.random.Generator) -> None:
    """County codes as of the year a number was issued; minorities; people from abroad."""
    count = people.count
    home = rng.random(int(people.household.max()) + 1)
    draw = np.where(np.isin(people.slot, (CHILD, SECOND_CHILD)), home[people.household], rng.random(count))
    year = np.maximum(year_of(people.birth), 1984 + (draw * 7919 % 1 * 6).astype(np.int64))
    county = places.county[people.place]
    moved = (draw * 104729) % 1
    county = np.where(draw < 0.08, (moved * len(places.city.counties)).astype(np.int64), county)
    people.issue_code = issue_codes(places.city, county, year)
    stranger = (draw >= 0.08) & (draw < 0.15)
    people.issue_code[stranger] = ELSEWHERE[(moved[stranger] * len(ELSEWHERE)).astype(np.int64)]
    peoples = np.array(["汉族", "满族", "朝鲜族", "回族", "蒙古族"])
    ethnicity = rng.choice(peoples, count, p=[0.985, 0.005, 0.005, 0.004, 0.001])
    alone = (people.spouse < 0) & (people.mother < 0) & (people.slot == HUSBAND) & (people.birth > 0)
    rare = np.flatnonzero(alone & (rng.random(count) < 0.12))
    rare = rng.permutation(rare)[: max(12, count // 400)]
    dotted, abroad, island = np.array_split(rare, [len(rare) // 2, len(rare) * 3 // 4])
    ethnicity[dotted] = "维吾尔族"
    ethnicity[abroad] = "外国人"
    people.name = put(people.name, dotted, ethnic_names(len(dotted), rng))
    people.name = put(people.name, abroad, latin_names(len(abroad), rng))
    people.issue_code[dotted] = 653101
    people.issue_code[island] = rng.choice(np.array([810000, 820000, 830000]), len(island))
    people.ethnicity = pa.array(ethnicity)
    people.former_name = pa.nulls(count, pa.string())


def _homes(people: People, places: Places, timeline: Timeline, rng: np.random.Generator) -> None:
    """Doors by household, phones of one's own or of a family member, and where some lived before."""
    households = int(people.household.max()) + 1
    first = np.zeros(households, np.int64)
    first[people.household[::-1]] = np.arange(people.count)[::-1]
    urban = places.urban[people.place[first]]
    door = doors(urban, np.arange(households), rng)
    people.door = door.take(pa.array(people.household))
    age = people.age(timeline.reference)
    mobile = numbers.mobile_numbers(people.count, rng)
    own = (age >= 14) & (age < 72) | (rng.random(people.count) < 0.35) & (age >= 10)
    has_own = np.flatnonzero(own)
    carrier = np.full(households, -1, np.int64)
    carrier[people.household[has_own[::-1]]] = has_own[::-1]
    relative = carrier[people.household]
    lender = np.where(own, np.arange(people.count), relative)
    people.phone = mobile.take(pa.array(lender, mask=lender < 0))
    spare = numbers.mobile_numbers(people.count, rng)
    people.second_phone = pc.if_else(
        pa.array(own & (rng.random(people.count) < 0.3)), spare, pa.scalar(None, pa.string())
    )
    moves = rng.random(households) < 0.12
    people.moved = np.where(moves, timeline.reference - rng.integers(0, 3000, households), NEVER)[
        people.household
    ]
    people.moved[people.moved < people.birth] = NEVER
    other = rng.choice(len(places.weight), households)[people.household]
    old_door = doors(places.urban[other[first]], np.arange(households) + 7, rng).take(
        pa.array(people.household)
    )
    before = pc.binary_join_element_wise(
        places.town.take(pa.array(other)), places.village.take(pa.array(other)), old_door, ""
    )
    people.former_place = other
    people.former_village = pc.if_else(pa.array(people.moved < NEVER), before, pa.scalar(None, pa.string()))
