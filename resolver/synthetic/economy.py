"""Enterprises, shops, institutions and facilities: who runs them, who works there, and which have been closed."""

from dataclasses import dataclass
from itertools import chain
from itertools import count as count_from

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from resolver.synthetic import name_tables as tables
from resolver.synthetic import numbers
from resolver.synthetic.names import put
from resolver.synthetic.places import Places
from resolver.synthetic.population import People
from resolver.synthetic.timeline import NEVER, Ints, Timeline
from resolver.synthetic.written_addresses import chinese_numerals

KINDS = ("company", "sole_trader", "cooperative", "institution", "hospital", "clinic", "pharmacy")
COMPANY, SOLE_TRADER, COOPERATIVE, INSTITUTION, HOSPITAL, CLINIC, PHARMACY = range(7)
_CODE_KINDS = np.array(["91", "92", "93", "12", "12", "52", "91"])
_CAPITAL = np.array([5, 10, 30, 50, 100, 200, 500, 1000, 3000], np.float64)


@dataclass
class Organisations:
    """Every organisation, one element each; the dispatch firm is number 0.

    Attributes:
        kind: Index into `KINDS`.
        place: Index into `Places`.
        established, cancelled: Days; `NEVER` while it exists.
        revoked: Cancelled by the registry (吊销) and not by itself (注销).
        representative, shareholder: Person or -1.
        employable: Chance weight of being somebody's employer.
        trade: Chance weight of being the pharmacy where somebody buys: 1, a small branch (门店) less, all others 0.
    """

    kind: Ints
    place: Ints
    name: pa.StringArray
    former_name: pa.StringArray
    renamed: Ints
    credit_code: pa.StringArray
    registration_no: pa.StringArray
    facility_code: pa.StringArray
    employer_no: pa.StringArray
    phone: pa.StringArray
    address: pa.StringArray
    established: Ints
    cancelled: Ints
    revoked: np.ndarray
    capital: np.ndarray
    representative: Ints
    shareholder: Ints
    employable: np.ndarray
    trade: np.ndarray

    @property
    def count(self) -> int:
        """How many organisations there are."""
        return len(self.kind)

    def of_kind(self, *kinds: int) -> Ints:
        """Numbers of the organisations of these kinds."""
        return np.flatnonzero(np.isin(self.kind, kinds))

    @property
    def branches(self) -> Ints:
        """Numbers of the small branches of pharmacies."""
        return np.flatnonzero((self.trade > 0) & (self.trade < 1))


def make_organisations(
    people: People, places: Places, timeline: Timeline, rng: np.random.Generator
) -> Organisations:
    """Invent the city's organisations and the persons who run them."""
    kind = _kinds(people.count)
    count = len(kind)
    place = rng.choice(len(places.weight), count, p=places.weight)
    established = timeline.start(0) - rng.integers(400, 9000, count)
    region = places.region[place]
    serials = numbers.scattered(2 * count, 10**8, rng)
    organisations = Organisations(
        kind=kind,
        place=place,
        name=_names(kind, place, places, rng),
        former_name=pa.nulls(count, pa.string()),
        renamed=np.full(count, NEVER, np.int64),
        credit_code=numbers.credit_codes(_CODE_KINDS[kind], region, serials[:count]),
        registration_no=numbers.registration_numbers(region, serials[count:]),
        facility_code=_facility_codes(kind, places, rng),
        employer_no=numbers.padded(numbers.scattered(count, 10**8, rng), 10),
        phone=pa.nulls(count, pa.string()),
        address=_addresses(place, places, rng),
        established=established,
        cancelled=_cancelled(kind, established, timeline, rng),
        revoked=rng.random(count) < 0.15,
        capital=_CAPITAL[rng.integers(len(_CAPITAL), size=count)] * np.where(kind == SOLE_TRADER, 0.1, 1.0),
        representative=np.full(count, -1, np.int64),
        shareholder=np.full(count, -1, np.int64),
        employable=np.zeros(count),
        trade=_trade(kind, people.count),
    )
    # Numbers were fifteen digits before the codes of October 2015; newer entities have none.
    old = pa.array(established < 16_700)
    organisations.registration_no = pc.if_else(
        old, organisations.registration_no, pa.scalar(None, pa.string())
    )
    _runners(organisations, people, timeline, rng)
    _employability(organisations, rng)
    _news(organisations, timeline, rng)
    return organisations


def hire(organisations: Organisations, workers: Ints, rng: np.random.Generator) -> Ints:
    """An employer for each worker: a few large ones, many small ones, and the dispatch firm."""
    weight = organisations.employable / organisations.employable.sum()
    employer = rng.choice(organisations.count, len(workers), p=weight)
    return np.where(rng.random(len(workers)) < 0.05, 0, employer).astype(np.int64)


def _kinds(persons: int) -> Ints:
    shares = {
        COMPANY: (0.035, 12), SOLE_TRADER: (0.085, 20), COOPERATIVE: (0.004, 3), INSTITUTION: (0.002, 5),
        HOSPITAL: (1 / 8000, 4), CLINIC: (1 / 1500, 6), PHARMACY: (1 / 1500, 6),
    }  # fmt: skip
    counts = [max(least, int(persons * share)) for share, least in shares.values()]
    counts[-1] += _branches(persons)
    return np.repeat(np.array(list(shares), np.int64), counts)


def _branches(persons: int) -> int:
    """How many of the pharmacies, the last ones, are small branches: so many that a story can close a hundred."""
    return max(4, min(180, persons // 250), persons // 600)


def _trade(kind: Ints, persons: int) -> np.ndarray:
    trade: np.ndarray = (kind == PHARMACY).astype(np.float64)
    trade[-_branches(persons) :] = 0.15
    return trade


def _cancelled(kind: Ints, established: Ints, timeline: Timeline, rng: np.random.Generator) -> Ints:
    """The day of the end of one in twelve, half a year or more before the first delivery."""
    gone = (rng.random(len(kind)) < 0.08) & np.isin(kind, (COMPANY, SOLE_TRADER, COOPERATIVE))
    gone[0] = False
    span = timeline.start(0) - 180 - established
    day = established + 100 + (rng.random(len(kind)) * (span - 100)).astype(np.int64)
    return np.where(gone, day, NEVER)


def _names(kind: Ints, place: Ints, places: Places, rng: np.random.Generator) -> pa.StringArray:
    count = len(kind)

    def pick(words: list[str]) -> pa.StringArray:
        return pa.array(words).take(pa.array(rng.integers(len(words), size=count)))

    county = pa.array([c.name for c in places.city.counties]).take(pa.array(places.county[place]))
    short_county = pc.utf8_slice_codeunits(county, 0, -1)
    city = pa.scalar(places.city.name[:-1])
    brand = pc.binary_join_element_wise(pick(list(tables.BRAND_FIRST)), pick(list(tables.BRAND_SECOND)), "")
    where = pc.if_else(pa.array(rng.random(count) < 0.6), city, short_county)
    town = places.town.take(pa.array(place))
    serial = pc.cast(pa.array(np.arange(count) % 89 + 1), pa.string())
    by_kind = [
        _join(where, brand, pick(tables.COMPANY_TRADES.split()), pa.scalar("有限公司")),
        _join(county, brand, pick(tables.SHOP_TRADES.split())),
        _join(county, brand, pa.scalar("农民专业合作社")),
        _join(county, town, pick(tables.INSTITUTIONS.split())),
        _join(county, _hospitals(pick(tables.HOSPITALS.split()), kind, places.county[place])),
        _join(county, town, brand, pa.scalar("诊所")),
        _join(city, brand, pa.scalar("大药房第"), serial, pa.scalar("药店")),
    ]
    name = by_kind[0]
    for index in range(1, len(by_kind)):
        name = pc.if_else(pa.array(kind == index), by_kind[index], name)
    first = pa.array(np.arange(count) == 0)
    return pc.if_else(first, pa.scalar(f"{places.city.name[:-1]}众诚劳务派遣有限公司"), name)


def _hospitals(chosen: pa.StringArray, kind: Ints, county: Ints) -> pa.StringArray:
    """The chosen names, but no two hospitals of a county have the same one: the later gets one that is free."""
    words = tables.HOSPITALS.split()
    names: list[str] = chosen.to_pylist()
    taken: set[tuple[int, str]] = set()
    for hospital in np.flatnonzero(kind == HOSPITAL).tolist():
        place, first = int(county[hospital]), words.index(names[hospital])
        further = (chinese_numerals(f"第{number}人民医院") for number in count_from(3))
        free = (name for name in chain(words[first:], words[:first], further) if (place, name) not in taken)
        names[hospital] = next(free)
        taken.add((place, names[hospital]))
    return pa.array(names, pa.string())


def _join(*parts: pa.StringArray | pa.Scalar) -> pa.StringArray:
    return pc.binary_join_element_wise(*parts, "")


def _facility_codes(kind: Ints, places: Places, rng: np.random.Generator) -> pa.StringArray:
    count = len(kind)
    serial = numbers.padded(numbers.scattered(count, 10**5, rng) if count < 10**5 else np.arange(count), 7)
    letter = pa.array(np.where(kind == PHARMACY, "P", "H"))
    code = _join(letter, pa.scalar(str(places.city.code)[:4]), serial)
    return pc.if_else(pa.array(kind >= HOSPITAL), code, pa.scalar(None, pa.string()))


def _addresses(place: Ints, places: Places, rng: np.random.Generator) -> pa.StringArray:
    at = pa.array(place)
    county = pa.array([c.name for c in places.city.counties]).take(pa.array(places.county[place]))
    number = pc.cast(pa.array(rng.integers(1, 400, len(place))), pa.string())
    return _join(
        pa.scalar(places.city.name),
        county,
        places.town.take(at),
        places.village.take(at),
        number,
        pa.scalar("号"),
    )


def _runners(
    organisations: Organisations, people: People, timeline: Timeline, rng: np.random.Generator
) -> None:
    """Legal representatives, operators and shareholders: grown-ups, each of one organisation only."""
    age = people.age(timeline.reference)
    resident = people.ethnicity.to_numpy(zero_copy_only=False) != "外国人"
    able = rng.permutation(np.flatnonzero((age >= 23) & (age < 66) & (people.death == NEVER) & resident))
    chosen = able[: min(organisations.count, len(able) // 2)]
    organisations.representative[: len(chosen)] = chosen
    rest = able[len(chosen) :]
    companies = organisations.of_kind(COMPANY, COOPERATIVE)
    holders = companies[rng.random(len(companies)) < 0.4][: len(rest)]
    organisations.shareholder[holders] = rest[: len(holders)]
    organisations.phone = people.phone.take(
        pa.array(organisations.representative, mask=organisations.representative < 0)
    )


def _news(organisations: Organisations, timeline: Timeline, rng: np.random.Generator) -> None:
    """Shops that open or close in the later months; nobody is employed there."""
    later = timeline.reference - timeline.end(0)
    small = rng.permutation(
        np.flatnonzero((organisations.kind == SOLE_TRADER) & (organisations.cancelled == NEVER))
    )[: organisations.count * (timeline.months - 1) // 120]
    opens, closes = np.array_split(small, 2)
    organisations.established[opens] = timeline.end(0) + rng.integers(1, max(later, 2), len(opens))
    organisations.registration_no = put(organisations.registration_no, opens, [None] * len(opens))
    organisations.cancelled[closes] = timeline.end(0) + rng.integers(1, max(later, 2), len(closes))
    organisations.employable[small] = 0.0


def _employability(organisations: Organisations, rng: np.random.Generator) -> None:
    count = organisations.count
    size = rng.pareto(1.1, count) + 0.3
    factor = np.array([1.0, 0.06, 0.1, 8.0, 20.0, 0.6, 0.4])[organisations.kind]
    organisations.employable = np.where(organisations.cancelled == NEVER, np.minimum(size, 60) * factor, 0.0)
    organisations.employable[0] = 0.0
    organisations.employable[organisations.branches] = 0.0  # who runs one works there alone
