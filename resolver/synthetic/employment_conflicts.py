"""Employers and what they pay for whom: E08 (old names), E09 (not registered), E13 (no real job), E14 (pensions)."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle

import numpy as np
import pyarrow as pa

from resolver.synthetic.economy import COMPANY, COOPERATIVE, SOLE_TRADER
from resolver.synthetic.employment_facts import fund_employers
from resolver.synthetic.lives import EMPLOYEE, FLEXIBLE, RETIRED, WORKING, Lives
from resolver.synthetic.names import put
from resolver.synthetic.storyline import Pools, days_overdue, periods_of_cases, planted
from resolver.synthetic.timeline import NEVER, Bools, Ints, date_of, first_day, month_number, month_of

RENAMED, ESTABLISHED = 60, 30
TINY = 6
"""How many strangers an employer without staff insures."""
STAFF, STRANGERS = 3, 13
"""Of a shell: more staff than a tiny employer has, and more than five times as many insured."""


def renamed_employers(lives: Lives, rng: np.random.Generator) -> None:
    """E08: a business took another name, and cover still runs under the one before."""
    organisations, wanted = lives.organisations, planted(lives.people.count)
    open_staff = lives.works & lives.enrolled & (lives.enrol_end == NEVER) & (lives.person_type == WORKING)
    open_staff &= lives.people.death == NEVER
    size = np.bincount(lives.employer[open_staff], minlength=organisations.count)
    fits = (size >= 3) & _living(lives) & (organisations.employable > 0)
    chosen = rng.permutation(np.flatnonzero(fits))[: wanted + wanted // 3 + 1]
    employers, fresh = chosen[:wanted], chosen[wanted:]
    period = periods_of_cases(len(employers), lives.timeline.months, rng)
    _rename(lives, employers, days_overdue(lives, period, RENAMED, 400, rng))
    for organisation, k in zip(employers.tolist(), period.tolist(), strict=True):
        lives.conflict("E08", [], "insures under its former name", k, organisation=organisation)
    _rename(lives, fresh, lives.timeline.reference - rng.integers(5, RENAMED + 1, len(fresh)))
    for organisation in fresh.tolist():
        lives.innocent("E08", [], "renamed within the last sixty days", organisation=organisation)


def _rename(lives: Lives, employers: Ints, day: Ints) -> None:
    organisations = lives.organisations
    own = [organisations.name[o].as_py() for o in employers.tolist()]
    organisations.former_name = put(organisations.former_name, employers, own)
    organisations.name = put(organisations.name, employers, [f"{name[:2]}润{name[2:]}" for name in own])
    organisations.renamed[employers] = day
    for organisation, name in zip(employers.tolist(), own, strict=True):
        lives.written(("W29", "employer", organisation), "employer_name", name)


def _living(lives: Lives) -> Bools:
    """Businesses in no storyline that live under their first name, which no other one has in another place."""
    organisations = lives.organisations
    found = np.isin(organisations.kind, (COMPANY, SOLE_TRADER, COOPERATIVE)) & ~_storied(lives)
    found &= (organisations.cancelled == NEVER) & (organisations.renamed == NEVER)
    named = np.flatnonzero(np.isin(organisations.kind, (COMPANY, SOLE_TRADER, COOPERATIVE)))
    at = np.where(organisations.kind[named] == COMPANY, 2, 3)  # behind the city or county
    tails = [organisations.name[o].as_py()[k:] for o, k in zip(named.tolist(), at.tolist(), strict=True)]
    often = Counter(tails)
    shared = np.array([often[tail] > 1 for tail in tails], bool)
    found[named[shared]] = False
    return found


def _storied(lives: Lives) -> Bools:
    """Organisations that a storyline is about already, and the dispatch firm."""
    found = np.zeros(lives.organisations.count, bool)
    found[[0, *(c.organisation for c in lives.conflicts if c.organisation >= 0)]] = True
    return found


def _large(lives: Lives, size: Ints, which: Bools) -> Ints:
    """Employers of four and more; in a village, of whatever size."""
    living = which & (size > 0) & _living(lives)
    large = np.flatnonzero(living & (size >= 4))
    return large if len(large) > 1 else np.flatnonzero(living)


def _empty(lives: Lives) -> Ints:
    """Shops and companies that employ nobody so far, and whose owners are in no storyline."""
    organisations = lives.organisations
    idle = _living(lives) & (organisations.employable > 0)
    idle &= organisations.established < lives.timeline.start(0)
    idle[lives.employer[lives.employer >= 0]] = False
    for row in (*lives.planned["W29"], *lives.planned["W11"], *lives.planned["W13"]):
        idle[max(int(row.get("employer", 0)), 0)] = False
    for runners in (organisations.representative, organisations.shareholder):
        there = np.flatnonzero(runners >= 0)
        idle[there[lives.taken[runners[there]]]] = False
    return np.flatnonzero(idle)


def unregistered_employers(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """E09: a new business pays pension contributions; its staff insure themselves, as flexible workers."""
    wanted, timeline = planted(lives.people.count), lives.timeline
    shops = rng.permutation(_empty(lives))[: wanted + wanted // 2 + 2]
    settled = ~_storied(lives)[np.maximum(lives.employer, 0)]
    staff = lives.take(pools.insured & lives.works & settled & (pools.age < 50), len(shops), rng)
    shops = shops[: len(staff)]
    new, registered, fresh = np.split(shops, [wanted, wanted + wanted // 4 + 1])
    period = periods_of_cases(len(new), timeline.months, rng)
    _open(lives, new, staff[: len(new)], days_overdue(lives, period, ESTABLISHED, 300, rng))
    for organisation, k in zip(new.tolist(), period.tolist(), strict=True):
        lives.conflict("E09", [], "has staff, and insures nobody", k, organisation=organisation)
    workers = staff[len(new) : len(new) + len(registered)]
    day = timeline.start(0) - rng.integers(40, 300, len(registered))
    _open(lives, registered, workers, day)
    lives.person_type[workers] = WORKING
    for organisation in registered.tolist():
        lives.innocent("E09", [], "registered its staff", organisation=organisation)
    late = staff[len(new) + len(registered) :]
    _open(lives, fresh, late, timeline.reference - rng.integers(2, 25, len(fresh)))
    lives.works_from[late] = timeline.last
    for organisation in fresh.tolist():
        lives.innocent("E09", [], "established within the last thirty days", organisation=organisation)


def _open(lives: Lives, shops: Ints, staff: Ints, day: Ints) -> None:
    """Let shops open, each with a worker from elsewhere who keeps the cover of a flexible worker."""
    organisations = lives.organisations
    organisations.established[shops] = day
    organisations.registration_no = put(organisations.registration_no, shops, [None] * len(shops))
    organisations.employable[shops] = 0.0
    lives.employer[staff] = shops
    lives.works_from[staff] = month_of(day) + 1
    lives.person_type[staff] = FLEXIBLE


def lent_jobs(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """E13: insured by an employer who pays no pension for one, while others do."""
    wanted = planted(lives.people.count)
    size = np.bincount(lives.employer[lives.works], minlength=lives.organisations.count)
    pays = fund_employers(lives)
    own = np.maximum(lives.employer, 0)
    # Whoever leaves an employer leaves others behind, and no employer gets more than a few: headcounts agree.
    suitable = pools.insured & (lives.person_type == WORKING) & lives.works & (size[own] >= 4)
    suitable &= (lives.employer >= 0) & (lives.works_from <= lives.timeline.first - 2) & ~_storied(lives)[own]
    insurers, payers = (rng.permutation(_large(lives, size, which)).tolist() for which in (~pays, pays))
    if len(insurers) < 2 or not payers:
        return  # a village
    jobs = Jobs(lives, cycle(insurers), cycle(payers))
    groups = wanted // 2 // TINY
    room = 2 * min(len(insurers), len(payers))
    several = max(1, min(wanted - groups * TINY, room * 3 // 4))
    _three_employers(jobs, suitable & ~pays[own], several, rng)
    _tiny_employers(jobs, suitable, groups, rng)
    _two_employers(jobs, suitable & ~pays[own], min(wanted // 3 + 2, room - several), rng)
    _shell_employers(jobs, suitable, wanted // 45, rng)


@dataclass(frozen=True)
class Jobs:
    """Everyone, and the employers to come: those without and those with a housing fund, each in turn."""

    lives: Lives
    insurers: Iterator[int]
    payers: Iterator[int]

    def insurer_of(self, person: int) -> int:
        """The next employer without a housing fund that is not the person's own."""
        own = int(self.lives.employer[person])
        return next(organisation for organisation in self.insurers if organisation != own)


def _three_employers(jobs: Jobs, suitable: Bools, wanted: int, rng: np.random.Generator) -> None:
    lives = jobs.lives
    who = lives.take(suitable, wanted, rng)
    period = periods_of_cases(len(who), lives.timeline.months, rng)
    for person, k in zip(who.tolist(), period.tolist(), strict=True):
        _insured_by(lives, person, jobs.insurer_of(person), k)
        _fund_account(lives, person, next(jobs.payers))
        lives.conflict("E13", [person], "three employers for one job", k)


def _tiny_employers(jobs: Jobs, suitable: Bools, groups: int, rng: np.random.Generator) -> None:
    lives = jobs.lives
    shops = rng.permutation(_empty(lives))[:groups]
    lives.organisations.employable[shops] = 0.0
    period = periods_of_cases(groups, lives.timeline.months, rng)
    for shop, k in zip(shops.tolist(), period.tolist(), strict=True):
        for person in lives.take(suitable, TINY, rng).tolist():
            _insured_by(lives, person, shop, k)
            lives.conflict("E13", [person], "insured by a shop that employs nobody", k)


def _two_employers(jobs: Jobs, suitable: Bools, wanted: int, rng: np.random.Generator) -> None:
    lives = jobs.lives
    for index, person in enumerate(lives.take(suitable, wanted, rng).tolist()):
        payer = next(jobs.payers)
        _fund_account(lives, person, payer)
        if index % 2:
            _insured_by(lives, person, payer, 0)
            why = "insurance and housing fund go through one firm, the pension through another"
        else:
            _insured_by(lives, person, jobs.insurer_of(person), lives.timeline.months)
            why = "changed the job two months ago"
        lives.innocent("E13", [person], why)


def _shell_employers(jobs: Jobs, suitable: Bools, count: int, rng: np.random.Generator) -> None:
    """Shops with a few staff at another shop's door that insure many strangers; others took strangers over lately."""
    lives, organisations = jobs.lives, jobs.lives.organisations
    shells, fresh, next_door = rng.permutation(_empty(lives))[: 3 * count].reshape(3, -1)
    organisations.employable[np.concatenate([shells, fresh])] = 0.0
    organisations.address = put(
        organisations.address, shells, organisations.address.take(pa.array(next_door)).to_pylist()
    )
    period = periods_of_cases(count, lives.timeline.months, rng)
    for shell, k in zip(shells.tolist(), period.tolist(), strict=True):
        staff, strangers = np.split(lives.take(suitable, STAFF + STRANGERS, rng), [STAFF])
        lives.employer[staff] = shell
        for person in strangers.tolist():
            _insured_by(lives, person, shell, k)
            lives.conflict("E13", [person], "insured by a shell, as many strangers are", k)
    for shop in fresh.tolist():
        for person in lives.take(suitable, STRANGERS, rng).tolist():
            _insured_by(lives, person, shop, lives.timeline.months)
            lives.innocent("E13", [person], "taken over with others two months ago")


def _insured_by(lives: Lives, person: int, insurer: int, period: int) -> None:
    """Let another employer insure a worker: all along, or so that three months of it are over in a later period."""
    if period:
        month = lives.timeline.first + period - 2
        start = int(first_day(np.array([month]))[0])
        lives.plan(
            "W29", person=person, scheme=EMPLOYEE, type=WORKING, start=int(lives.enrol_start[person]),
            end=start - 1, employer=int(lives.employer[person]), paid_through=month - 1,
        )  # fmt: skip
        lives.enrol_start[person] = start
    values = {"employer": insurer, "employer_no": lives.organisations.employer_no[insurer].as_py()}
    lives.amend("W29", "insured", person, values, start_date=date_of(lives.enrol_start[person]))


def _fund_account(lives: Lives, person: int, employer: int) -> None:
    first = lives.timeline.first
    year = 1970 + (first - 6) // 12
    lives.plan(
        "W13", person=person, employer=employer, year=year, start=max(month_number(year, 7), first - 24)
    )


def pension_and_work(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """E14: a pension is paid to whoever is insured as working, or contributions for whoever is insured as retired."""
    wanted, timeline = planted(lives.people.count), lives.timeline
    works = pools.insured & lives.works & ~lives.pensioner & (lives.person_type == WORKING)
    workers = lives.take(works & (pools.age >= 48), wanted - wanted // 2, rng)
    retired = pools.insured & lives.pensioner & (lives.person_type == RETIRED) & ~lives.works
    pensioners = lives.take(retired, wanted // 2, rng)
    size = np.bincount(lives.employer[lives.works], minlength=lives.organisations.count)
    employers = rng.permutation(_large(lives, size, size > 0))
    for who, retires in ((workers, True), (pensioners, False)):
        period = periods_of_cases(len(who), timeline.months, rng)
        for index, (person, k) in enumerate(zip(who.tolist(), period.tolist(), strict=True)):
            for month in range(timeline.first + k - (1 if k else 2), timeline.last + 1):
                if retires:
                    _pension(lives, person, month)
                else:
                    employer = int(employers[index % len(employers)])
                    lives.plan("W11", person=person, employer=employer, month=month)
            lives.conflict("E14", [person], "a pension and a job at once", k)
    own = np.maximum(lives.employer, 0)
    colleagues = (size[own] >= 4) & ~_storied(lives)[own]
    in_order = lives.take(works & colleagues & (pools.age >= 48), wanted // 3 + 2, rng)
    for index, person in enumerate(in_order.tolist()):
        if index % 2:
            _pension(lives, person, timeline.first)
            lives.innocent("E14", [person], "one month of both, when work ended")
        else:
            lives.person_type[person] = FLEXIBLE
            for month in range(timeline.first - 2, timeline.last + 1):
                _pension(lives, person, month)
            lives.innocent("E14", [person], "draws a pension and insures himself as a flexible worker")


def _pension(lives: Lives, person: int, month: int) -> None:
    lives.plan("W12", person=person, pay_month=month, owed=month)
