"""Deaths that not every department has recorded: L02, L06, L07, L08 and L09, planted and those that others leave."""

import numpy as np

from resolver.synthetic.lives import CERTIFICATE, CREMATION, REGISTER, Lives
from resolver.synthetic.register_facts import in_register
from resolver.synthetic.storyline import Pools, days_overdue, periods_of_cases, planted
from resolver.synthetic.timeline import NEVER, Bools, Ints, month_of

GRACE, CANCEL_GRACE = 30, 60
_HISTORY = 700
_TRANSFER = 2
UNSHARED = ("L02", "L06", "L07", "L08", "L09")
EVERYWHERE = CERTIFICATE | CREMATION | REGISTER


def unshared_deaths(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """Let people die whose death one department alone records, or none but the pension office.

    What this raises is recorded by `note_unshared_deaths`, once all storylines are told.
    """
    wanted = planted(lives.people.count)
    idle = pools.insured & ~lives.works & ~lives.pensioner & (pools.age >= 20)
    retired = pools.insured & lives.pensioner & ~lives.works
    _cremated_only(lives, idle, wanted, rng)
    _certified_only(lives, idle, wanted - wanted // 2, rng)
    _certified_only(lives, retired, wanted // 2, rng)
    _off_the_roll_only(lives, retired, wanted - wanted // 2, rng)
    _cancelled_only(lives, idle, wanted, rng)
    _recorded_in_time(lives, idle, wanted // 6 + 1, rng)
    _transferred(lives, retired, wanted // 6 + 1, rng)


def _cremated_only(lives: Lives, suitable: Bools, wanted: int, rng: np.random.Generator) -> None:
    """L02 and L09: cover runs on, or ended long after."""
    who = lives.take(suitable, wanted, rng)
    period = periods_of_cases(len(who), lives.timeline.months, rng)
    day = days_overdue(lives, period, GRACE, _HISTORY, rng)
    lives.die(who, day - rng.integers(1, 4, len(who)), rng)
    lives.death_sources[who], lives.cremated[who] = CREMATION, day
    late = day + GRACE + 1 + rng.integers(0, 200, len(who))
    ended = (np.arange(len(who)) % 4 == 0) & (late <= lives.timeline.end(0))
    lives.enrol_end[who] = np.where(ended, late, NEVER)
    soon = lives.take(suitable, wanted // 6 + 1, rng)
    lives.die(soon, lives.timeline.reference - rng.integers(60, 500, len(soon)), rng)
    lives.death_sources[soon], lives.cremated[soon] = CREMATION, lives.people.death[soon]
    lives.enrol_end[soon] = lives.cremated[soon] + GRACE - rng.integers(0, 2, len(soon))
    for person in soon.tolist():
        lives.innocent("L02", [person], "cover ended within thirty days of the cremation")


def _certified_only(lives: Lives, suitable: Bools, wanted: int, rng: np.random.Generator) -> None:
    """L07, and L06 for whoever had a pension: the police know nothing of the death."""
    who = lives.take(suitable, wanted, rng)
    period = periods_of_cases(len(who), lives.timeline.months, rng)
    day = days_overdue(lives, period, GRACE, _HISTORY, rng)
    lives.die(who, day, rng)
    lives.death_sources[who], lives.certified[who] = CERTIFICATE, day + rng.integers(0, 3, len(who))


def _off_the_roll_only(lives: Lives, suitable: Bools, wanted: int, rng: np.random.Generator) -> None:
    """L06: only the pension office knows of the death; cover runs on with half of them."""
    who = lives.take(suitable, wanted, rng)
    period = periods_of_cases(len(who), lives.timeline.months, rng)
    lives.die(who, days_overdue(lives, period, GRACE, _HISTORY, rng), rng)
    lives.death_sources[who] = 0
    lives.enrol_end[who[::2]] = NEVER


def _cancelled_only(lives: Lives, suitable: Bools, wanted: int, rng: np.random.Generator) -> None:
    """L08: the police cancelled the entry, and nobody certified the death or cremated the dead."""
    who = lives.take(suitable, wanted, rng)
    period = periods_of_cases(len(who), lives.timeline.months, rng)
    day = days_overdue(lives, period, CANCEL_GRACE, _HISTORY, rng)
    lives.die(who, day - rng.integers(0, 4, len(who)), rng)
    lives.death_sources[who], lives.register_cancel[who] = REGISTER, day
    lives.enrol_end[who] = day
    few = lives.take(suitable, wanted // 6 + 1, rng)
    day = lives.timeline.reference - rng.integers(20, CANCEL_GRACE + 1, len(few))
    lives.die(few, day, rng)
    lives.death_sources[few], lives.register_cancel[few] = REGISTER, day
    lives.enrol_end[few] = day
    for person in few.tolist():
        lives.innocent("L08", [person], "cancelled within the last sixty days")


def _recorded_in_time(lives: Lives, suitable: Bools, wanted: int, rng: np.random.Generator) -> None:
    reference = lives.timeline.reference
    fresh = lives.take(suitable, 2 * wanted, rng)
    lives.die(fresh, reference - rng.integers(12, GRACE + 1, len(fresh)), rng)
    lives.enrol_end[fresh] = NEVER
    for sources, days, rules, who in (
        (CERTIFICATE, lives.certified, ("L07",), fresh[::2]),
        (CREMATION, lives.cremated, ("L02", "L09"), fresh[1::2]),
    ):
        lives.death_sources[who] = sources
        days[who] = lives.people.death[who]
        for person in who.tolist():
            for rule in rules:
                lives.innocent(rule, [person], "died within the last thirty days")
    slow = lives.take(suitable, 2 * wanted, rng)
    lives.die(slow, reference - rng.integers(120, 600, len(slow)), rng)
    lives.death_sources[slow] = EVERYWHERE
    lives.register_cancel[slow[::2]] = lives.people.death[slow[::2]] + rng.integers(45, 90, len(slow[::2]))
    lives.certified[slow[1::2]] = lives.people.death[slow[1::2]] + rng.integers(45, 90, len(slow[1::2]))
    for person in slow[::2].tolist():
        lives.innocent("L07", [person], "the household entry was cancelled, if late")
    for person in slow[1::2].tolist():
        for rule in ("L08", "L09"):
            lives.innocent(rule, [person], "the death was certified, if late")


def _transferred(lives: Lives, suitable: Bools, wanted: int, rng: np.random.Generator) -> None:
    who = lives.take(suitable, wanted, rng)
    for person in who.tolist():
        month = lives.timeline.first - int(rng.integers(3, 12))
        lives.pension_until[person] = month - 1
        lives.plan("W06", person=person, month=month, reason=_TRANSFER)
        lives.innocent("L06", [person], "the pension moved to another city")


def note_unshared_deaths(lives: Lives) -> None:
    """Record for whom which department lacks a death at the end, whatever storyline the person belongs to.

    Of a death that L12 (signs of life) or L01 (cover after certificate or cancellation) speaks of, what they silence is
    left out.
    """
    alive = np.zeros(lives.people.count, bool)
    alive[[c.persons[0] for c in lives.conflicts if c.rule == "L12" and c.planted]] = True
    raised = _raised(lives, alive)
    reasons = dict(
        zip(
            UNSHARED,
            (
                "cremated, cover runs on",
                "off the pension roll as dead, cover or household entry open",
                "death certified, household entry open",
                "cancelled as dead, no certificate and no cremation",
                "cremated, no certificate",
            ),
            strict=True,
        )
    )
    for person in np.flatnonzero(alive & (raised["L02"] < NEVER)).tolist():
        lives.innocent("L02", [person], "recorded as cremated, and alive")
    raised["L02"][alive] = NEVER
    for rule, since in raised.items():
        period = np.maximum(lives.timeline.period_of(since), 0)
        for person in np.flatnonzero(period < lives.timeline.months).tolist():
            lives.conflict(rule, [person], reasons[rule], int(period[person]))


def _raised(lives: Lives, alive: Bools) -> dict[str, Ints]:
    """Rule -> the day from which it speaks of each person; `NEVER`. Of L02 with those who are `alive`."""
    died, reference = lives.recorded_death, lives.timeline.reference
    dead = died < NEVER
    certified, cremated, cancelled = (
        dead & (lives.death_sources & bit > 0) & (day <= reference)
        for bit, day in (
            (CERTIFICATE, lives.certified),
            (CREMATION, lives.cremated),
            (REGISTER, lives.register_cancel),
        )
    )
    registered = in_register(lives) & (lives.left == NEVER) & ~cancelled
    known_from = died[certified].min(initial=NEVER)
    cover = np.where(lives.enrolled, np.minimum(lives.enrol_end, reference), 0)
    on_roll = (
        dead
        & (lives.works | lives.pensioner)
        & (month_of(np.minimum(died, reference)) >= lives.timeline.first - 36)
    )
    first_told = np.minimum(
        np.where(certified, died, NEVER), np.where(cancelled, lives.register_cancel, NEVER)
    )
    after_death = cover - first_told > GRACE

    def since(which: Bools, day: Ints, grace: int) -> Ints:
        return np.where(which & (reference - day > grace), day + grace + 1, NEVER)

    return {
        "L02": since(cremated & ~after_death & (cover - lives.cremated > GRACE), lives.cremated, GRACE),
        "L06": since(on_roll & ~alive & ~after_death & (registered | (cover - died > GRACE)), died, GRACE),
        "L07": since(certified & ~alive & registered, died, GRACE),
        "L08": since(
            cancelled & ~certified & ~cremated & (lives.register_cancel >= known_from),
            lives.register_cancel,
            CANCEL_GRACE,
        ),
        "L09": since(cremated & ~certified & (lives.cremated >= known_from), lives.cremated, GRACE),
    }
