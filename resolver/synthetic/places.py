"""A city of made-up towns and villages under real county codes, with the codes of its past.

County codes and the years they were in use: 中华人民共和国县以上行政区划代码 (Ministry of Civil Affairs), 1981-2025.
Towns, villages and doors are inventions on local patterns.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from resolver.synthetic.timeline import Bools, Ints


@dataclass(frozen=True)
class County:
    """A county of the city today.

    Attributes:
        code: 6-digit code of today.
        weight: Share of the city's people, relative.
        history: (first year, code) in which new numbers were issued, oldest first.
    """

    code: int
    name: str
    weight: float
    history: tuple[tuple[int, int], ...]
    zones: tuple[int, ...] = ()


@dataclass(frozen=True)
class City:
    """A city: its code, name and counties."""

    code: int
    name: str
    counties: tuple[County, ...]


WEIHAI = City(
    371000,
    "威海市",
    (
        County(371002, "环翠区", 8.3, ((1984, 370620), (1987, 371002)), (371071, 371072, 371073)),
        County(371003, "文登区", 5.5, ((1984, 370632), (1987, 371022), (1988, 379011), (1990, 371081), (2014, 371003))),
        County(371082, "荣成市", 6.4, ((1984, 370633), (1987, 371023), (1988, 379012), (1990, 371082))),
        County(371083, "乳山市", 5.2, ((1984, 370630), (1987, 371021), (1993, 371083))),
    ),
)  # fmt: skip
JINING = City(
    370800,
    "济宁市",
    (
        County(370811, "任城区", 15.0, ((1984, 370802), (1993, 370811)), (370871,)),
        County(370812, "兖州区", 5.5, ((1984, 370822), (1992, 370882), (2013, 370812))),
        County(370881, "曲阜市", 6.3, ((1984, 370823), (1986, 370819), (1987, 379003), (1990, 370881))),
        County(370883, "邹城市", 11.0, ((1984, 370825), (1992, 370883))),
        County(370826, "微山县", 6.9, ((1984, 370826),)),
        County(370827, "鱼台县", 4.1, ((1984, 370827),)),
        County(370828, "金乡县", 6.2, ((1984, 370828),)),
        County(370829, "嘉祥县", 8.3, ((1984, 370829),)),
        County(370830, "汶上县", 7.3, ((1985, 370830),)),
        County(370831, "泗水县", 5.6, ((1985, 370831),)),
        County(370832, "梁山县", 7.2, ((1984, 372927), (1989, 370832))),
    ),
)
ELSEWHERE = np.array(
    [370602, 370682, 371122, 371327, 372922, 210203, 220102, 230103, 320102, 410102, 110108, 310115]
)
"""Counties from which people have moved in."""

_TOWN_FIRST = "泊草孙温竹桥张崖羊大小宋泽米高葛界侯石西东南北新崮苘里蔄初凤鲸羊"
_TOWN_SECOND = "于庙家泉岛头产里亭水孤村店山口集庄河滩湾寨阳城坊园"
_VILLAGE_MIDDLE = "家格哥"
_VILLAGE_LAST = "庄村疃夼埠泊屯口沟岭河后寨洼台"
_ESTATES = (
    "幸福小区 阳光花园 海景苑 金鼎家园 和平里 翡翠城 海天花园 锦绣嘉园 文苑小区 向阳小区 福泰花园 长江社区"
)


@dataclass(frozen=True)
class Places:
    """All villages and communities, one element each.

    Attributes:
        county: Index into `city.counties`.
        urban: Communities of flats, not villages.
        zone: Code of the functional zone that insures its people, or the county's own code.
        weight: Share of the city's people (sum 1).
        clan_surname: The surname most people of the place bear.
    """

    city: City
    county: Ints
    town: pa.StringArray
    village: pa.StringArray
    urban: Bools
    zone: Ints
    weight: np.ndarray
    clan_surname: Ints

    @property
    def region(self) -> Ints:
        """County code of each place."""
        return np.array([c.code for c in self.city.counties], np.int64)[self.county]


def city_of(profile: str) -> City:
    """The city a profile is about: Jining if it says so, else Weihai."""
    return JINING if profile.startswith("jining") else WEIHAI


def make_places(city: City, persons: int, clan_surnames: Ints, rng: np.random.Generator) -> Places:
    """Invent towns and villages for a city of so many people; each village's main surname is one of `clan_surnames`."""
    shares = np.array([c.weight for c in city.counties])
    shares = shares / shares.sum()
    towns: list[tuple[int, str]] = []
    for index, share in enumerate(shares):
        count = int(np.clip(persons * share / 2500, 3, 16))
        firsts = rng.permutation(list(_TOWN_FIRST))[:count]
        seconds = rng.choice(list(_TOWN_SECOND), count)
        kinds = np.where(np.arange(count) % 3 == 0, "街道", "镇")
        towns += [(index, f"{a}{b}{k}") for a, b, k in zip(firsts, seconds, kinds, strict=True)]
    town_weights = np.repeat(shares, [sum(1 for t in towns if t[0] == i) for i in range(len(shares))])
    town_weights = town_weights * rng.uniform(0.5, 1.5, len(towns))
    per_town = np.maximum(2, (persons * town_weights / town_weights.sum() / 450).astype(np.int64))
    town = np.repeat(np.arange(len(towns)), per_town)
    urban = np.array([name.endswith("街道") for _, name in towns])[town]
    clan = rng.choice(clan_surnames, len(town))
    weight = (town_weights / per_town)[town] * rng.uniform(0.3, 1.7, len(town))
    county = np.array([index for index, _ in towns], np.int64)[town]
    return Places(
        city=city,
        county=county,
        town=pa.array([towns[t][1] for t in town]),
        village=_village_names(town, urban, rng),
        urban=urban,
        zone=_zones(city, county, town, urban, rng),
        weight=weight / weight.sum(),
        clan_surname=clan.astype(np.int64),
    )


def issue_codes(city: City, county: Ints, year: Ints) -> Ints:
    """The county code that was put into numbers issued in a year; before 1985 the first one of all."""
    codes = np.zeros(len(county), np.int64)
    for index, place in enumerate(city.counties):
        rows = county == index
        starts = np.array([first for first, _ in place.history])
        known = np.array([code for _, code in place.history], np.int64)
        codes[rows] = known[np.maximum(np.searchsorted(starts, year[rows], side="right") - 1, 0)]
    return codes


def doors(urban: Bools, household: Ints, rng: np.random.Generator) -> pa.StringArray:
    """A door for each household: flat in a community, house number or nothing in a village."""
    count = len(urban)
    estate = pa.array(_ESTATES.split()).take(pa.array(rng.integers(len(_ESTATES.split()), size=count)))
    flat = pc.binary_join_element_wise(
        estate,
        pc.cast(pa.array(rng.integers(1, 40, count)), pa.string()), pa.scalar("号楼"),
        pc.cast(pa.array(rng.integers(1, 5, count)), pa.string()), pa.scalar("单元"),
        pc.cast(pa.array(rng.integers(1, 19, count) * 100 + rng.integers(1, 4, count)), pa.string()), pa.scalar("室"),
        "",
    )  # fmt: skip
    house = pc.binary_join_element_wise(
        pc.cast(pa.array(household % 400 + 1), pa.string()), pa.scalar("号"), ""
    )
    numbered = pc.if_else(pa.array(rng.random(count) < 0.6), house, pa.scalar(""))
    return pc.if_else(pa.array(urban), flat, numbered)


def _village_names(town: Ints, urban: Bools, rng: np.random.Generator) -> pa.StringArray:
    firsts = list(_TOWN_FIRST + "王李张刘于孙丛毕邢姜马林")
    names: list[str] = []
    seen: set[tuple[int, str]] = set()
    for t, is_urban in zip(town.tolist(), urban.tolist(), strict=True):
        name = ""
        while not name or (t, name) in seen:
            if is_urban:
                name = f"{rng.choice(firsts)}{rng.choice(list(_TOWN_SECOND))}社区"
            else:
                name = f"{rng.choice(firsts)}{rng.choice(list(_VILLAGE_MIDDLE))}{rng.choice(list(_VILLAGE_LAST))}村"
        seen.add((t, name))
        names.append(name)
    return pa.array(names)


def _zones(city: City, county: Ints, town: Ints, urban: Bools, rng: np.random.Generator) -> Ints:
    """Every third urban town of a county with zones belongs to one of them."""
    own = np.array([c.code for c in city.counties], np.int64)[county]
    for index, place in enumerate(city.counties):
        if place.zones:
            towns = np.unique(town[(county == index) & urban])
            for zone, chosen in zip(
                place.zones, rng.permutation(towns)[: max(1, len(towns) // 3)], strict=False
            ):
                own[town == chosen] = zone
    return own
