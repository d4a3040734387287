"""Deaths, births and marriages: W01, W05 (health, civil affairs), W02, W04."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from resolver.synthetic import columns as c
from resolver.synthetic import numbers
from resolver.synthetic.economy import HOSPITAL
from resolver.synthetic.lives import CERTIFICATE, CREMATION, Lives
from resolver.synthetic.timeline import DAY, NEVER, Ints

_DEATH_PLACES = ("医疗卫生机构", "家中", "来院途中", "养老服务机构", "其他场所")
_CAUSES = (
    "脑出血",
    "急性心肌梗死",
    "肺恶性肿瘤",
    "冠心病",
    "慢性阻塞性肺疾病",
    "胃恶性肿瘤",
    "脑梗死",
    "心力衰竭",
    "肝癌",
    "多器官功能衰竭",
)
_REGISTRATIONS = ("marriage", "divorce", "reissue_marriage", "reissue_divorce", "annulment")
_MARRIAGE_DEFAULTS = {"husband": -1, "wife": -1, "type": 0, "day": NEVER, "number": -1, "delivered": -1}


def death_certificates(lives: Lives, rng: np.random.Generator) -> pa.Table:
    """W01: one row per death that the health department certified."""
    who = np.flatnonzero((lives.death_sources & CERTIFICATE > 0) & (lives.recorded_death < NEVER))
    count = len(who)
    hospitals = lives.organisations.of_kind(HOSPITAL)
    place = rng.choice(5, count, p=[0.3, 0.58, 0.04, 0.05, 0.03])
    issuer = rng.choice(hospitals, count)
    columns = {
        "deceased": who,
        "certificate_no": numbers.prefixed(f"SW{_city(lives)}", numbers.scattered(count, 10**8, rng), 8),
        "death_time": c.moments(lives.recorded_death[who] * DAY + lives.death_second[who]),
        "death_place": c.words(place, _DEATH_PLACES),
        "death_cause": c.words(rng.integers(len(_CAUSES), size=count), _CAUSES),
        "facility_name": lives.organisations.name.take(pa.array(issuer)),
        "issue_date": c.dates(lives.certified[who]),
        "informant_name": c.taken(lives.people.name, informants(lives, who)),
        "op": c.constant("add", count),
    }
    return c.assemble("W01", lives.timeline.period_of(lives.certified[who]), columns, lives.timeline)


def cremations(lives: Lives, rng: np.random.Generator) -> pa.Table:
    """W05: one row per cremation; a tenth of them in another city."""
    who = np.flatnonzero((lives.death_sources & CREMATION > 0) & (lives.recorded_death < NEVER))
    count = len(who)
    halls = [f"{county.name}殡仪馆" for county in lives.places.city.counties]
    hall = lives.places.county[lives.people.place[who]]
    away = rng.random(count) < 0.1
    columns = {
        "deceased": who,
        "certificate_no": numbers.prefixed(f"HH{_city(lives)}", numbers.scattered(count, 10**8, rng), 8),
        "death_date": c.dates(lives.recorded_death[who]),
        "cremation_time": c.moments(lives.cremated[who] * DAY + rng.integers(6 * 3600, 15 * 3600, count)),
        "crematory": pc.if_else(pa.array(away), pa.scalar("青岛市殡仪馆"), c.words(hall, halls)),
        "informant_name": c.taken(lives.people.name, informants(lives, who)),
        "op": c.constant("add", count),
    }
    return c.assemble("W05", lives.timeline.period_of(lives.cremated[who]), columns, lives.timeline)


def informants(lives: Lives, dead: Ints) -> Ints:
    """Who reports a death: the surviving spouse, else somebody of the household, else nobody."""
    people = lives.people
    first = np.zeros(int(people.household.max()) + 1, np.int64)
    last = first.copy()
    first[people.household[::-1]] = np.arange(people.count)[::-1]
    last[people.household] = np.arange(people.count)
    other = np.where(
        first[people.household[dead]] == dead, last[people.household[dead]], first[people.household[dead]]
    )
    other = np.where(other == dead, -1, other)
    spouse = np.maximum(people.spouse[dead], 0)
    survives = (people.spouse[dead] >= 0) & (people.death[spouse] > lives.recorded_death[dead])
    return np.where(survives, spouse, other)


def births(lives: Lives, rng: np.random.Generator) -> pa.Table:
    """W02: births of the last five years whose mother is known."""
    people, timeline = lives.people, lives.timeline
    recent = timeline.start(0) - 5 * 365
    who = np.flatnonzero((people.birth > recent) & (people.mother >= 0))
    count = len(who)
    issued = people.birth[who] + rng.integers(1, 11, count)
    hospitals = lives.organisations.of_kind(HOSPITAL)
    # Twins are born minutes apart in one hospital.
    second = rng.integers(0, DAY - 3600, int(people.household.max()) + 1)[people.household[who]]
    hospital = rng.choice(hospitals, int(people.household.max()) + 1)[people.household[who]]
    period = timeline.period_of(issued)
    late = np.array([row["person"] for row in lives.planned["late_births"]], np.int64)
    period[np.isin(who, late)] = timeline.months - 1
    letter = pa.array(["V", "W", "X", "Y"]).take(pa.array(np.clip((people.birth[who] - recent) // 600, 0, 3)))
    columns = {
        "child": who,
        "mother": people.mother[who],
        "father": people.father[who],
        "certificate_no": pc.binary_join_element_wise(
            letter, numbers.prefixed("37", numbers.scattered(count, 10**7, rng), 7), ""
        ),
        "birth_time": c.moments(people.birth[who] * DAY + second + (who % 7) * 420),
        "facility_name": lives.organisations.name.take(pa.array(hospital)),
        "issue_date": c.dates(issued),
        "op": c.constant("add", count),
    }
    return c.assemble("W02", period, columns, timeline)


def marriages(lives: Lives, rng: np.random.Generator) -> pa.Table:
    """W04: registrations of the last fifteen years, new marriages, divorces and lost certificates."""
    timeline = lives.timeline
    rows = c.stacked(_marriages(lives, rng), c.planned_columns(lives.planned["W04"], _MARRIAGE_DEFAULTS))
    count = len(rows["day"])
    # A reissued or dissolved marriage keeps the number of the first certificate: the type tells the rows apart.
    number = np.where(rows["number"] >= 0, rows["number"], np.arange(count))
    period = np.where(rows["delivered"] >= 0, rows["delivered"], timeline.period_of(rows["day"]))
    county = lives.places.county[lives.people.place[np.maximum(rows["wife"], 0)]]
    offices = [f"{place.name}民政局婚姻登记处" for place in lives.places.city.counties]
    columns = {
        "husband": rows["husband"],
        "wife": rows["wife"],
        "certificate_no": numbers.prefixed(
            f"J{_city(lives)}-", numbers.scattered(count, 10**8, rng)[number], 8
        ),
        "registration_type": c.words(rows["type"], _REGISTRATIONS),
        "registration_date": c.dates(rows["day"]),
        "office": c.words(county, offices),
        "op": c.constant("add", count),
    }
    return c.assemble("W04", period, columns, timeline)


def _marriages(lives: Lives, rng: np.random.Generator) -> dict[str, Ints]:
    people, timeline = lives.people, lives.timeline
    husband = np.flatnonzero((people.spouse >= 0) & (people.sex == 1))
    wife = people.spouse[husband]
    day = np.maximum(people.birth[husband], people.birth[wife]) + rng.integers(8100, 11_500, len(husband))
    newly = {int(row["husband"]): int(row["day"]) for row in lives.planned["weddings"]}
    for index in np.flatnonzero(np.isin(husband, np.array(list(newly), np.int64))):
        day[index] = newly[int(husband[index])]
    ended = np.minimum(np.minimum(lives.recorded_death, people.death)[husband],
                       np.minimum(lives.recorded_death, people.death)[wife])  # fmt: skip
    known = (day > timeline.start(0) - 15 * 365) & (day < ended - 60) & (day <= timeline.reference)
    first = {
        "husband": husband[known],
        "wife": wife[known],
        "type": np.zeros(int(known.sum()), np.int64),
        "day": day[known],
    }
    first["number"] = np.arange(len(first["day"]))
    lost = (rng.random(len(first["day"])) < 0.02) & (first["day"] < timeline.start(0) - 900)
    again = c.selected(first, lost)
    again["type"] = again["type"] + 2
    again["day"] = again["day"] + rng.integers(30, 800, len(again["day"]))
    alive = again["day"] < ended[known][lost] - 60
    rows = c.stacked(c.stacked(first, c.selected(again, alive)), _divorces(lives, len(first["day"]), rng))
    rows["delivered"] = np.full(len(rows["day"]), -1, np.int64)
    return rows


def _divorces(lives: Lives, numbered: int, rng: np.random.Generator) -> dict[str, Ints]:
    """Marriages and divorces of those who live alone now; each former couple has a number after the first ones."""
    people, reference = lives.people, lives.timeline.reference
    alone = people.divorced & (lives.recorded_death == NEVER) & (people.spouse < 0)
    for row in lives.planned["W04"]:  # whoever is told to marry again is not drawn to part later
        alone[[row["husband"], row["wife"]]] &= row.get("type", 0) != 0
    men = np.flatnonzero(alone & (people.sex == 1))
    women = np.flatnonzero(alone & (people.sex == 2))
    men, women = men[np.argsort(people.birth[men])], women[np.argsort(people.birth[women])]
    count = min(len(men), len(women))
    men, women = men[:count], women[:count]
    young = np.maximum(people.birth[men], people.birth[women]) + 20 * 366
    known = reference - young > 1000
    men, women, young = men[known], women[known], young[known]
    married = np.maximum(young, reference - 4000) + rng.integers(0, 300, len(men))
    parted = married + ((reference - 40 - married) * rng.uniform(0.2, 1, len(men))).astype(np.int64)
    number = numbered + np.arange(len(men))
    return {
        "husband": np.tile(men, 2),
        "wife": np.tile(women, 2),
        "type": np.repeat(np.array([0, 1]), len(men)),
        "day": np.concatenate([married, parted]),
        "number": np.tile(number, 2),
    }


def _city(lives: Lives) -> str:
    return str(lives.places.city.code)
