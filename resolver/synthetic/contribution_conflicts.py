"""C01, C02, C06: contribution bases and account credits that departments state differently, and differences allowed."""

import numpy as np

from resolver.synthetic.employment_facts import fund_employers
from resolver.synthetic.enlisting import as_month, tell_from
from resolver.synthetic.insurance_facts import CREDIT_SHARE, pensions, wages
from resolver.synthetic.lives import RETIRED, WORKING, Lives
from resolver.synthetic.storyline import Pools, periods_of_cases, planted
from resolver.synthetic.timeline import NEVER, NO_MONTH, Bools

_WELL_PAID = 6100


def unequal_bases(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """C01 and C02: half of each carry both rules, the medical base being half of what all others state."""
    wanted = planted(lives.people.count)
    both = wanted // 2
    wage = wages(lives)
    in_fund = steady_workers(lives, pools) & _sure_fund_members(lives)
    who = lives.take(in_fund, both, rng)
    period = periods_of_cases(len(who), lives.timeline.months, rng)
    for person, k in zip(who.tolist(), period.tolist(), strict=True):
        _insure_on(lives, person, 0.5 * wage[person], k)
        lives.conflict(
            "C01", [person], "insured on half of the wage that pension contributions are paid on", k
        )
        lives.conflict("C02", [person], "insured on half of the wage that the housing fund knows", k)
    _low_bases(lives, pools, wanted - both, rng)
    # Well paid already, so that no rule about high bases begins to speak of them when a department raises one.
    _far_fund_bases(lives, in_fund & (wage > _WELL_PAID), wanted - both, rng)
    _bases_in_order(lives, pools, in_fund & (wage > _WELL_PAID), wanted, rng)


def steady_workers(lives: Lives, pools: Pools) -> Bools:
    """Insured through the work they have had for more than a year, and still have."""
    steady: Bools = pools.insured & lives.works & (lives.person_type == WORKING) & (lives.employer >= 0)
    steady &= (lives.works_from == 0) & (lives.works_until == NO_MONTH) & (lives.enrol_end == NEVER)
    return steady


def _sure_fund_members(lives: Lives) -> Bools:
    """Employed by one who pays into the housing fund, and will even if some of the staff leave."""
    size = np.bincount(lives.employer[lives.works], minlength=lives.organisations.count)
    sure: Bools = (fund_employers(lives) & (size >= 6))[np.maximum(lives.employer, 0)]
    return sure


def _insure_on(lives: Lives, person: int, base: float, period: int) -> None:
    tell_from(lives, ("W29", "insured", person), period, {"contribution_base": float(round(base))})


def _save_on(lives: Lives, person: int, base: float, **values: str) -> None:
    told = {"base": float(round(base)), "deposit": float(round(base * 0.2)), **values}
    lives.amend("W13", "depositor", person, told)


def _low_bases(lives: Lives, pools: Pools, wanted: int, rng: np.random.Generator) -> None:
    """C01 alone: a medical base a fifth too low, or a pension base raised that the medical base did not follow."""
    timeline = lives.timeline
    wage = wages(lives)
    who = lives.take(steady_workers(lives, pools) & (wage > _WELL_PAID), wanted, rng)
    period = periods_of_cases(len(who), timeline.months, rng)
    for index, (person, k) in enumerate(zip(who.tolist(), period.tolist(), strict=True)):
        if index % 2:
            _insure_on(lives, person, 0.8 * wage[person], k)
        else:
            base = float(round(1.3 * wage[person]))
            values = {"base": base, "paid": round(base * 0.24, 2)}
            first = timeline.first + (k if k else -2)
            for month in range(first, timeline.last + 1):
                lives.amend("W11", "insured", person, values, owed_period=as_month(month))
        lives.conflict("C01", [person], "the medical base is lower than the pension base", k)


def _far_fund_bases(lives: Lives, in_fund: Bools, wanted: int, rng: np.random.Generator) -> None:
    """C02 alone: the housing fund knows twice or half the wage, or the medical base has been doubled."""
    who = lives.take(in_fund, wanted, rng)
    period = periods_of_cases(len(who), lives.timeline.months, rng)
    wage = wages(lives)
    for index, (person, k) in enumerate(zip(who.tolist(), period.tolist(), strict=True)):
        if k:
            _insure_on(lives, person, 2 * wage[person], k)
        else:
            _save_on(lives, person, wage[person] * (2.1 if index % 2 else 0.45))
        lives.conflict("C02", [person], "the medical base is far from the housing fund's", k)


def _bases_in_order(
    lives: Lives, pools: Pools, in_fund: Bools, wanted: int, rng: np.random.Generator
) -> None:
    wage, each = wages(lives), max(1, wanted // 5)
    for person in lives.take(steady_workers(lives, pools), each, rng).tolist():
        _insure_on(lives, person, 0.995 * wage[person], 0)
        lives.innocent("C01", [person], "a medical base half a percent lower: rounding")
    for person in lives.take(steady_workers(lives, pools), each, rng).tolist():
        _insure_on(lives, person, 1.2 * wage[person], 0)
        lives.innocent("C01", [person], "a medical base higher than the pension base")
    for person in lives.take(in_fund, each, rng).tolist():
        _save_on(lives, person, 1.5 * wage[person])
        lives.innocent("C02", [person], "bases two thirds of one another: bonuses count in the fund")
    for person in lives.take(in_fund, each, rng).tolist():
        _save_on(lives, person, 0.4 * wage[person], status="sealed")
        lives.innocent("C02", [person], "an old base, in an account that is sealed")


def unequal_credits(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """C06: the account of a pensioner is credited more, or less, than the pension gives reason for."""
    wanted = planted(lives.people.count)
    retired = pools.insured & lives.pensioner & (lives.person_type == RETIRED) & (lives.enrol_end == NEVER)
    retired &= lives.pension_until == NO_MONTH
    who = lives.take(retired, wanted, rng)
    period = periods_of_cases(len(who), lives.timeline.months, rng)
    due = pensions(lives) * CREDIT_SHARE
    for index, (person, k) in enumerate(zip(who.tolist(), period.tolist(), strict=True)):
        difference = float(rng.integers(8, 60)) if index % 3 else -float(rng.integers(8, 40))
        _credit(lives, person, due[person] + difference, k)
        lives.conflict("C06", [person], "the account credit is not two percent of the pension", k)
    each = max(1, wanted // 5)
    for person in lives.take(retired, each, rng).tolist():
        _credit(lives, person, due[person] + float(rng.choice(np.array([-4.5, 4.5]))), 0)
        lives.innocent("C06", [person], "an account credit less than five yuan off")
    for person in lives.take(retired, each, rng).tolist():
        lives.amend("W29", "insured", person, {"account_credit": None})
        lives.innocent("C06", [person], "no account credit is stated")


def _credit(lives: Lives, person: int, amount: float, period: int) -> None:
    tell_from(lives, ("W29", "insured", person), period, {"account_credit": round(float(amount), 2)})
