"""What goes on after a death, and what is told otherwise of it: L04 (charges), L10 (aid), L11 (other days)."""

import numpy as np

from resolver.synthetic.economy import HOSPITAL
from resolver.synthetic.lives import CERTIFICATE, CREMATION, REGISTER, Lives
from resolver.synthetic.medical_facts import INPATIENT, SOCIAL_CARD
from resolver.synthetic.storyline import Pools, days_in_period, periods_of_cases, planted
from resolver.synthetic.timeline import DAY, NEVER, NO_MONTH, Bools, Ints, date_of, first_day, time_of

_EVERYWHERE = CERTIFICATE | CREMATION | REGISTER


def charged_after_death(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """L04: fee lines of a stay that lie after the hour of death; the stay is longer than the life."""
    wanted = planted(lives.people.count)
    suitable = pools.insured & ~lives.works & ~lives.pensioner & (pools.age >= 30)
    who = lives.take(suitable, wanted, rng)
    period = periods_of_cases(len(who), lives.timeline.months, rng)
    day = days_in_period(lives, period, 24, 6, rng)  # fee lines are told of the months delivered only
    _die_in_hospital(lives, who, day, rng)
    for index, (person, k) in enumerate(zip(who.tolist(), period.tolist(), strict=True)):
        died = _moment(lives, person)
        _stay(lives, person, died - 2 * DAY, died + 4 * DAY)
        if index % 2:
            lives.amend("W28", "patient", person, {"discharge_mode": "death"})
        lives.conflict("L04", [person], "charged after death in the same stay", k)
    _charged_in_order(lives, suitable, wanted // 3 + 1, rng)


def _charged_in_order(lives: Lives, suitable: Bools, wanted: int, rng: np.random.Generator) -> None:
    who = lives.take(suitable, wanted, rng)
    day = days_in_period(lives, np.zeros(len(who), np.int64), 24, 6, rng)
    _die_in_hospital(lives, who, day, rng)
    hospitals = lives.organisations.of_kind(HOSPITAL)
    for index, person in enumerate(who.tolist()):
        died = _moment(lives, person)
        if index % 2:
            _stay(lives, person, died - 4 * DAY, died)
            lives.innocent("L04", [person], "charged up to the hour of death")
            continue
        hospital = int(hospitals[index % len(hospitals)])
        begin, end = died - 7 * DAY // 2, died + 5 * DAY // 2
        _stay(lives, person, begin, end, hospital)
        last = time_of(begin + (end - begin) * 4 // 6)
        lives.amend("W28L", "facility", hospital, {"item_name": "尸体料理"}, fee_time=last)
        lives.innocent("L04", [person], "the care of the body is charged after death")


def _die_in_hospital(lives: Lives, who: Ints, day: Ints, rng: np.random.Generator) -> None:
    lives.die(who, day, rng)
    lives.visits[who] = False
    lives.death_sources[who] = CERTIFICATE | REGISTER
    lives.certified[who], lives.register_cancel[who] = day + 1, day + 2
    lives.death_second[who] = rng.integers(6 * 3600, 20 * 3600, len(who))


def _moment(lives: Lives, person: int) -> int:
    return int(lives.people.death[person]) * DAY + int(lives.death_second[person])


def _stay(lives: Lives, person: int, begin: int, end: int, hospital: int = -1) -> None:
    lives.plan(
        "visits", patient=person, begin=begin, end=end, kind=INPATIENT, diagnosis=7, credential=SOCIAL_CARD,
        facility=hospital,
    )  # fmt: skip


def aid_after_death(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """L10: on a list, or flagged, after the month that follows the month of death."""
    wanted, timeline = planted(lives.people.count), lives.timeline
    for who in _listed(lives, pools, wanted, rng):
        period = periods_of_cases(len(who), timeline.months, rng)
        month = timeline.first + period - np.where(period == 0, rng.integers(1, 10, len(who)), 1)
        some = np.arange(len(who)) % 4 == 0
        _die_listed(
            lives, who, month, np.where(some, month + 2 + rng.integers(0, 3, len(who)), NO_MONTH), rng
        )
        for person, k in zip(who.tolist(), period.tolist(), strict=True):
            lives.conflict("L10", [person], "on a list of aid after death", k)
    for who in _listed(lives, pools, wanted // 6 + 3, rng):
        month = timeline.first - rng.integers(1, 10, len(who))
        _die_listed(lives, who, month, month + 1, rng)
        for person in who.tolist():
            lives.innocent("L10", [person], "the list ends with the month of death")
    for who in _listed(lives, pools, wanted // 6 + 3, rng):
        never = np.full(len(who), NO_MONTH)
        _die_listed(lives, who, np.full(len(who), timeline.last), never, rng)
        for person in who.tolist():
            lives.innocent("L10", [person], "died in the newest month, still on the list")


def _listed(lives: Lives, pools: Pools, wanted: int, rng: np.random.Generator) -> tuple[Ints, Ints, Ints]:
    """Grown-ups on subsistence allowance and near it, with their households, and holders of a new certificate."""
    near, before = lives.lists["near_subsistence"], lives.timeline.first - 14
    grown = lives.enrolled & (lives.enrol_end == NEVER) & (pools.age >= 20) & (lives.people.death == NEVER)
    grown &= ~lives.works & ~lives.pensioner & ~lives.disabled & (lives.left == NEVER)
    grown &= lives.enrol_start < lives.timeline.start(0) - 400
    poor = lives.allowance & (lives.allowed_from < before) & (lives.allowed_until == NO_MONTH)
    nearly = near.member & (near.start < before) & (near.until == NO_MONTH) & ~lives.allowance
    allowed = lives.take(grown & poor, wanted // 3, rng)
    listed = lives.take(grown & nearly, wanted // 3, rng)
    rest = pools.insured & ~lives.works & ~lives.pensioner & (pools.age >= 20)
    certified = lives.take(rest, wanted - len(allowed) - len(listed), rng)
    lives.disabled[certified] = True
    lives.disabled_from[certified] = lives.timeline.start(0) - rng.integers(430, 900, len(certified))
    return allowed, listed, certified


def _die_listed(lives: Lives, who: Ints, month: Ints, until: Ints, rng: np.random.Generator) -> None:
    """Let people die in a month, with aid that ends in another one; `NO_MONTH`: not at all."""
    near = lives.lists["near_subsistence"]
    lives.die(who, first_day(month) + rng.integers(0, 20, len(who)), rng)
    lives.death_sources[who] = _EVERYWHERE
    lives.certified[who] = lives.people.death[who] + 1
    lives.allowed_until[who] = np.where(lives.allowance[who], until, lives.allowed_until[who])
    near.until[who] = np.where(near.member[who], until, near.until[who])
    last = np.where(until < NO_MONTH, first_day(np.minimum(until, 10_000)) - 1, NEVER)
    lives.disabled_until[who] = np.where(lives.disabled[who], last, lives.disabled_until[who])


def deaths_told_otherwise(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """L11: departments give other days for one death, or act before it."""
    wanted = planted(lives.people.count)
    idle = pools.insured & ~lives.works & ~lives.pensioner & (pools.age >= 20)
    retired = pools.insured & lives.pensioner & ~lives.works
    some, pensioners = lives.take(idle, wanted - wanted // 4, rng), lives.take(retired, wanted // 4, rng)
    who = np.concatenate([some, pensioners])
    period = periods_of_cases(len(who), lives.timeline.months, rng)
    day = days_in_period(lives, period, 600, 10, rng)
    _die_at_home(lives, who, day, rng)
    apart = rng.integers(4, 21, len(who))
    stories = (_cremated_otherwise, _cremated_early, _cancelled_early)
    for index, (person, days, k) in enumerate(
        zip(who.tolist(), apart.tolist(), period.tolist(), strict=True)
    ):
        story = stories[index % 3] if index < len(some) else _off_the_roll_otherwise
        lives.conflict("L11", [person], story(lives, person, days), k)
    _told_alike(lives, idle, wanted // 6 + 1, rng)
    _off_the_roll_alike(lives, retired, wanted // 6 + 1, rng)


def _die_at_home(lives: Lives, who: Ints, day: Ints, rng: np.random.Generator) -> None:
    """Without care in the months before, so that an earlier day contradicts nothing else; cover ends that day."""
    lives.die(who, day, rng)
    lives.visits[who] = False
    lives.death_sources[who] = _EVERYWHERE
    lives.certified[who], lives.cremated[who], lives.register_cancel[who] = day + 1, day + 2, day + 3
    lives.enrol_end[who] = day


def _cremated_otherwise(lives: Lives, person: int, days: int) -> str:
    _tell(lives, "W05", person, -days)
    return "crematory and certificate give different days of death"


def _cremated_early(lives: Lives, person: int, days: int) -> str:
    before = 1 + days % 3
    lives.cremated[person] = lives.people.death[person] - before
    _tell(lives, "W05", person, -before)
    return "cremated before the death that the certificate tells of"


def _cancelled_early(lives: Lives, person: int, days: int) -> str:
    lives.register_cancel[person] = lives.people.death[person] - days
    return "cancelled as dead before the death that the certificate tells of"


def _off_the_roll_otherwise(lives: Lives, person: int, days: int) -> str:
    _tell(lives, "W06", person, -days)
    return "pension office and certificate give different days of death"


def _tell(lives: Lives, feed: str, person: int, days: int) -> None:
    """Let a feed give a day of death so many days later; a negative number is earlier."""
    day = date_of(int(lives.people.death[person]) + days)
    role = "insured" if feed == "W06" else "deceased"
    lives.amend(feed, role, person, {"death_date": day})


def _told_alike(lives: Lives, suitable: Bools, wanted: int, rng: np.random.Generator) -> None:
    who = lives.take(suitable, 2 * wanted, rng)
    _die_at_home(lives, who, lives.timeline.reference - rng.integers(120, 600, len(who)), rng)
    for person in who[::2].tolist():
        _tell(lives, "W05", person, -3)
        lives.innocent("L11", [person], "three days apart")
    for person in who[1::2].tolist():
        lives.register_cancel[person] = lives.people.death[person] + int(rng.integers(40, 90))
        lives.innocent("L11", [person], "the entry was cancelled months after the death")


def _off_the_roll_alike(lives: Lives, suitable: Bools, wanted: int, rng: np.random.Generator) -> None:
    who = lives.take(suitable, wanted, rng)
    _die_at_home(lives, who, lives.timeline.reference - rng.integers(120, 600, len(who)), rng)
    for person in who.tolist():
        _tell(lives, "W06", person, 3)
        lives.innocent("L11", [person], "the pension office is three days late")
