"""The made-up city, put together: `build_world`."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from resolver.synthetic import (
    aid_facts,
    business_facts,
    civil_facts,
    economy_facts,
    employment_facts,
    fund_facts,
    further_facts,
    insurance_facts,
    list_facts,
    medical_facts,
)
from resolver.synthetic.accident_conflicts import treated_after_accident
from resolver.synthetic.accident_facts import accident_parties
from resolver.synthetic.aid_conflicts import aid_and_business, aid_without_cover
from resolver.synthetic.alive_conflicts import weddings, wrongly_dead
from resolver.synthetic.amendments import amended
from resolver.synthetic.burden_conflicts import note_burdens
from resolver.synthetic.case_conflicts import overdue_replies
from resolver.synthetic.columns import dates
from resolver.synthetic.death_conflicts import care_after_death, cover_after_death, pension_after_death
from resolver.synthetic.economy import KINDS, Organisations, make_organisations
from resolver.synthetic.employer_conflicts import cancelled_employers
from resolver.synthetic.enrolment_conflicts import insured_twice
from resolver.synthetic.facility_conflicts import many_cards
from resolver.synthetic.fund_conflicts import more_than_in_stock, unlike_accounts, unlike_bills
from resolver.synthetic.further_storylines import plant_further
from resolver.synthetic.hardship import make_lists
from resolver.synthetic.headcounts import note_headcounts
from resolver.synthetic.identity_traps import (
    historical_codes,
    informants_number,
    namesakes,
    papers_from_elsewhere,
    twins,
)
from resolver.synthetic.injury_set import injury_set
from resolver.synthetic.lives import Lives, make_lives
from resolver.synthetic.names import draw_surnames
from resolver.synthetic.neighbourhood_traps import (
    cremated_elsewhere,
    dispatch_firm,
    late_batch,
    offices_and_calendars,
    reused_household_numbers,
    shared_address,
    shared_phone,
)
from resolver.synthetic.number_conflicts import numbers_in_order, shared_numbers
from resolver.synthetic.numbers import padded
from resolver.synthetic.places import Places, city_of, make_places
from resolver.synthetic.population import make_people, registered_names
from resolver.synthetic.quality_conflicts import (
    lost_characters,
    missing_elements,
    repeated_rows,
    vague_addresses,
)
from resolver.synthetic.register_facts import household_register, relations
from resolver.synthetic.relatives import recorded_relatives
from resolver.synthetic.resolution import (
    FactIndex,
    settle_numbers,
    settle_overrides,
    settle_row_conflicts,
    settle_traps,
)
from resolver.synthetic.staffing_conflicts import recorded_employers
from resolver.synthetic.storyline import make_pools, settle_look_alikes
from resolver.synthetic.timeline import EPOCH, Timeline, month_number
from resolver.synthetic.unshared_deaths import note_unshared_deaths
from resolver.synthetic.warning_cases import unanswered_warnings
from resolver.synthetic.world import ORGANISATION_SCHEMA, PERSON_SCHEMA, World

NEWEST_MONTH = month_number(2026, 10)


@dataclass(frozen=True)
class Randomness:
    """One generator of random numbers for each part, so that a change in one leaves the others alone."""

    seed: int

    def of(self, part: str) -> np.random.Generator:
        """The generator of a part, the same for the same seed."""
        return np.random.default_rng(np.random.SeedSequence([self.seed, *part.encode()]))


def build_world(persons: int, seed: int, months: int, profile: str, injuries: int = 0) -> World:
    """Invent a city, what its departments know of it, and the conflicts and traps hidden in that.

    Args:
        persons: How many persons, the dead of the last three years included; 200 or more.
        seed: The same seed gives the same city.
        months: Monthly deliveries, the newest of October 2026; the first one carries the history.
        profile: Kept for those who write the files; a profile that begins with `jining` is about Jining, any
            other about Weihai.
        injuries: So many injuries for measuring leads (`injury_set`), in place of the accidents planted for rules T.
    """
    if persons < 200 or months < 1:
        raise ValueError(f"a city needs 200 persons and 1 month, not {persons} and {months}")
    random = Randomness(seed)
    timeline = Timeline(NEWEST_MONTH - months + 1, months)
    rng = random.of("places")
    places = make_places(city_of(profile), persons, draw_surnames(4000, rng), rng)
    people = make_people(persons, places, timeline, random.of("people"))
    organisations = make_organisations(people, places, timeline, random.of("economy"))
    lives = make_lives(people, organisations, places, timeline, random.of("lives"))
    make_lists(lives, random.of("hardship"))
    _storylines(lives, random, injuries)
    registered_names(people, random.of("numbers"))
    settle_numbers(lives)
    facts = _facts(lives, random)
    _faults(lives, facts, random)
    facts = amended(facts, lives.amendments)
    settle_row_conflicts(lives, facts)
    note_burdens(lives, facts)
    note_headcounts(lives, facts)
    casework = overdue_replies(lives, random.of("Q09")) + unanswered_warnings(lives)
    settle_look_alikes(lives)
    index = FactIndex(facts)
    settle_overrides(lives, index)
    settle_traps(lives, index)
    return World(
        seed=seed,
        profile=profile,
        periods=timeline.periods,
        reference_date=EPOCH.fromordinal(EPOCH.toordinal() + timeline.reference),
        facts=facts,
        persons=_persons(lives),
        organisations=_organisations(organisations, places),
        conflicts=lives.conflicts,
        traps=lives.traps,
        overrides=lives.overrides,
        casework=casework,
    )


def _storylines(lives: Lives, random: Randomness, injuries: int) -> None:
    """Plant everything that departments should find, or should not. Whole firms and families come first."""
    pools = make_pools(lives)
    weddings(lives, pools, random.of("weddings"))
    cancelled_employers(lives, pools, random.of("E07"))
    namesakes(lives, pools, random.of("namesakes"))
    twins(lives, pools, random.of("twins"))
    informants_number(lives, pools, random.of("informants"))
    numbers_in_order(lives, pools, random.of("numbers in order"))
    papers_from_elsewhere(lives)
    aid_and_business(lives, pools, random.of("P08"))
    aid_without_cover(lives, pools, random.of("P01"))
    wrongly_dead(lives, pools, random.of("L12"))
    pension_after_death(lives, pools, random.of("L05"))
    care_after_death(lives, pools, random.of("L03"))
    cover_after_death(lives, pools, random.of("L01"))
    shared_numbers(lives, pools, random.of("E06"))
    insured_twice(lives, pools, random.of("E01"))
    if not injuries:
        treated_after_accident(lives, pools, random.of("T01"))
    late_batch(lives, pools, random.of("late"))
    cremated_elsewhere(lives, random.of("cremated"))
    reused_household_numbers(lives)
    shared_phone(lives, random.of("phone"))
    shared_address(lives, random.of("address"))
    historical_codes(lives, pools)
    dispatch_firm(lives)
    offices_and_calendars(lives)
    if injuries:
        injury_set(lives, pools, injuries, random.of("injuries"))
    else:
        plant_further(lives, pools, random.of)
    recorded_employers(lives)
    recorded_relatives(lives)
    note_unshared_deaths(lives)  # last of all: others let people die, too


def _faults(lives: Lives, facts: dict[str, pa.Table], random: Randomness) -> None:
    """What departments get wrong in rows that are there already; nobody's life changes by it."""
    pools = make_pools(lives)
    vague_addresses(lives, pools, facts, random.of("Q05"))
    repeated_rows(lives, pools, facts, random.of("Q08"))
    lost_characters(lives, pools, facts, random.of("Q10"))
    missing_elements(lives, pools, facts, random.of("Q11"))
    more_than_in_stock(lives, facts, random.of("FA01"))
    unlike_bills(lives, facts, random.of("FA04"))
    unlike_accounts(lives, facts, random.of("FA05"))


def _facts(lives: Lives, random: Randomness) -> dict[str, pa.Table]:
    spells = insurance_facts.spells(lives, random.of("spells"))
    visits = medical_facts.visits(lives, random.of("visits"))
    settlements = medical_facts.settlement_facts(lives, visits, random.of("J05"))
    settlements = many_cards(lives, settlements, random.of("FA07"))
    return {
        "W01": civil_facts.death_certificates(lives, random.of("W01")),
        "W02": civil_facts.births(lives, random.of("W02")),
        "W04": civil_facts.marriages(lives, random.of("W04")),
        "W05": civil_facts.cremations(lives, random.of("W05")),
        "W07": household_register(lives),
        "W08": economy_facts.enterprises(lives),
        "W09": economy_facts.cancellations(lives, random.of("W09")),
        "W11": insurance_facts.pension_contributions(lives),
        "W12": insurance_facts.pension_payments(lives),
        "W16": aid_facts.subsistence_allowances(lives, random.of("W16")),
        "W21": aid_facts.disability_certificates(lives),
        "W22": accident_parties(lives, random.of("W22")),
        "W28": medical_facts.visit_facts(lives, visits),
        "W29": insurance_facts.enrolments(lives, spells),
        "J05": settlements,
        **_list_facts(lives, random),
        **_money_facts(lives, settlements, random),
        "W03": further_facts.handbooks(lives, random.of("W03")),
        "W06": employment_facts.pension_exits(lives, random.of("W06")),
        "W10": business_facts.enterprise_changes(lives, random.of("W10")),
        "W13": employment_facts.housing_fund(lives, random.of("W13")),
        "W25": business_facts.pharmacies(lives),
        "W32": further_facts.suspicions(lives, random.of("W32")),
        "X01": employment_facts.life_checks(lives, random.of("X01")),
        "X02": further_facts.residence_permits(lives),
        "X03": further_facts.third_party_payments(lives, random.of("X03")),
        "X04": further_facts.work_injuries(lives, random.of("X04")),
        "X05": business_facts.bans(lives, random.of("X05")),
    }


def _list_facts(lives: Lives, random: Randomness) -> dict[str, pa.Table]:
    return {
        **list_facts.list_facts(lives, random.of("lists")),
        **list_facts.copied_lists(lives),
        "W20": list_facts.severe_disabilities(lives),
        "J06": list_facts.aid_flags(lives),
        "J07": list_facts.aid_changes(lives),
        "J11": further_facts.applications(lives),
    }


def _money_facts(lives: Lives, settlements: pa.Table, random: Randomness) -> dict[str, pa.Table]:
    claims = fund_facts.monthly_claims(settlements)
    lines = fund_facts.fee_lines(lives, settlements, random.of("W28L"))
    return {
        "W23": fund_facts.bills(lives, settlements),
        "W24": fund_facts.fund_account(lives, claims),
        "W26": fund_facts.facility_accounts(lives, claims),
        "W27": fund_facts.stock_movements(lives, lines, random.of("W27")),
        "W28L": lines,
        "J10": fund_facts.provincial_warnings(lives, settlements),
        "J12": fund_facts.disposable_incomes(lives),
    }


def _persons(lives: Lives) -> pa.Table:
    people, places = lives.people, lives.places
    at = pa.array(people.place)
    count = people.count
    county = pa.array([c.name for c in places.city.counties]).take(pa.array(places.county[people.place]))
    columns = {
        "person": pa.array(np.arange(count)),
        "name": people.name,
        "former_name": people.former_name,
        "sex": pa.array(people.sex.astype(np.int8)),
        "birth_date": dates(people.birth),
        "death_date": dates(people.death),
        "ethnicity": people.ethnicity,
        "id_type": people.id_type,
        "id_number": people.id_number,
        "former_id_number": people.former_id_number,
        "household": pa.array(people.household),
        "household_no": padded(lives.places.region[people.place] * 10**7 + people.household, 13),
        "relation": relations(lives),
        "spouse": pa.array(people.spouse),
        "mother": pa.array(people.mother),
        "father": pa.array(people.father),
        "region": padded(places.region[people.place], 6),
        "county": county,
        "city": pa.repeat(pa.scalar(places.city.name), count),
        "town": places.town.take(at),
        "village": places.village.take(at),
        "door": people.door,
        "former_village": people.former_village,
        "phone": people.phone,
        "second_phone": people.second_phone,
        "employer": pa.array(lives.employer),
    }
    return pa.table(columns).select(PERSON_SCHEMA.names).cast(PERSON_SCHEMA).combine_chunks()


def _organisations(organisations: Organisations, places: Places) -> pa.Table:
    columns = {
        "organisation": pa.array(np.arange(organisations.count)),
        "name": organisations.name,
        "former_name": organisations.former_name,
        "kind": pa.array(KINDS).take(pa.array(organisations.kind)),
        "credit_code": organisations.credit_code,
        "registration_no": organisations.registration_no,
        "facility_code": organisations.facility_code,
        "region": padded(places.region[organisations.place], 6),
        "address": organisations.address,
        "phone": organisations.phone,
        "representative": pa.array(organisations.representative),
    }
    return pa.table(columns).select(ORGANISATION_SCHEMA.names).cast(ORGANISATION_SCHEMA).combine_chunks()
