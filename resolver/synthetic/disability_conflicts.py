"""D01, D02, D03: certificates of disability against lists, numbers and flags, and certificates in order."""

import numpy as np

from resolver.synthetic import numbers
from resolver.synthetic.enlisting import hold_certificate, idle, severe_numbers, tell_from
from resolver.synthetic.lives import Lives
from resolver.synthetic.storyline import Pools, days_in_period, periods_of_cases, planted
from resolver.synthetic.timeline import Bools, Ints, compact_date, first_day

_CERTIFICATE = ("W21", "holder")
_OF_THE_MIND = ("智力", "精神")
_LIST_AND_FLAG = ("J06", "recipient")


def low_grades(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """D01: in the list of the severely disabled, with a certificate of the third or fourth grade."""
    wanted = planted(lives.people.count)
    who = _certified(lives, _severe(lives, pools), wanted, rng)
    period = periods_of_cases(len(who), lives.timeline.months, rng)
    for index, (person, k) in enumerate(zip(who.tolist(), period.tolist(), strict=True)):
        grade = {"grade": "34"[index % 2], "disability_type": ("视力", "肢体", "听力")[index % 3]}
        tell_from(lives, (*_CERTIFICATE, person), k, grade)
        lives.conflict("D01", [person], "listed as severely disabled, the certificate says otherwise", k)
    each = max(1, wanted // 5)
    for index, person in enumerate(_certified(lives, _severe(lives, pools), each, rng).tolist()):
        values = {"grade": "3", "disability_type": _OF_THE_MIND[index % 2]}
        lives.amend(*_CERTIFICATE, person, values)
        lives.innocent("D01", [person], "grade three of the mind counts as severe")
    for person in _certified(lives, _severe(lives, pools), each, rng).tolist():
        lives.amend(*_CERTIFICATE, person, {"grade": None})
        lives.innocent("D01", [person], "the certificate states no grade")


def numbers_inside(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """D02: the number inside the number of a certificate is nobody's, or that of a day of birth long corrected."""
    wanted, people = planted(lives.people.count), lives.people
    mild = idle(lives, pools) & ~severe_numbers(lives) & (pools.age >= 6)
    who = _certified(lives, mild, wanted, rng)
    period = periods_of_cases(len(who), lives.timeline.months, rng)
    # Order codes that the city gives nobody on that day; half of them with another day of birth, too.
    born = people.birth[who] - np.where(np.arange(len(who)) % 2 == 0, 0, 400)
    inside = numbers.resident_numbers(
        people.issue_code[who], compact_date(born), 820 + who % 80 * 2 + people.sex[who] % 2
    ).to_pylist()
    for person, k, number in zip(who.tolist(), period.tolist(), inside, strict=True):
        tell_from(lives, (*_CERTIFICATE, person), k, {"certificate_no": f"{number}43"})
        lives.conflict("D02", [person], "the number inside the certificate's is not the holder's", k)
    each = max(1, wanted // 5)
    for person in _certified(lives, mild, each, rng).tolist():
        lives.amend(*_CERTIFICATE, person, {"certificate_no": f"CZ{person:08d}"})
        lives.innocent("D02", [person], "a certificate with a short number of the old kind")
    for person in _certified(lives, mild, each, rng).tolist():
        lives.innocent("D02", [person], "the certificate's number begins with the holder's")


def ended_certificates(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """D03, and with it P05: the certificate has ended, the list too, and the flag is still on."""
    wanted, timeline = planted(lives.people.count), lives.timeline
    who = _certified(lives, _severe(lives, pools), wanted, rng)
    period = periods_of_cases(len(who), timeline.months, rng)
    january = timeline.last // 12 * 12
    before = rng.integers(january + 1, max(timeline.first, january + 2), len(who))
    month = np.where(period == 0, np.minimum(before, timeline.first - 1), timeline.first + period - 1)
    lives.disabled_until[who] = first_day(month) + rng.integers(1, 27, len(who))
    for person, k in zip(who.tolist(), period.tolist(), strict=True):
        _keep_flag(lives, person)
        lives.conflict("D03", [person], "the certificate has ended, the flag is on", k)
        lives.conflict("P05", [person], "left the list of the severely disabled, the flag is on", k)
    each = max(1, wanted // 5)
    now = _certified(lives, _severe(lives, pools), each, rng)
    lives.disabled_until[now] = timeline.reference - rng.integers(0, 25, len(now))
    for person in now.tolist():
        _keep_flag(lives, person)
        lives.innocent("D03", [person], "the certificate ended this month")
    cleared = _certified(lives, _severe(lives, pools), each, rng)
    lives.disabled_until[cleared] = days_in_period(lives, np.zeros(len(cleared), np.int64), 100, 40, rng)
    for person in cleared.tolist():
        lives.innocent("D03", [person], "the flag ended with the certificate")


def _severe(lives: Lives, pools: Pools) -> Bools:
    return idle(lives, pools) & severe_numbers(lives) & (pools.age >= 6)


def _certified(lives: Lives, suitable: Bools, count: int, rng: np.random.Generator) -> Ints:
    """Persons who have held a certificate for years."""
    who = lives.take(suitable, count, rng)
    hold_certificate(lives, who, lives.timeline.start(0) - rng.integers(500, 1500, len(who)))
    return who


def _keep_flag(lives: Lives, person: int) -> None:
    values = {"end_date": None, "cleared_date": None}
    lives.amend(*_LIST_AND_FLAG, person, values, category="severe_disability")
