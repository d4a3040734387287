"""A set of injuries for measuring leads for third-party liability: one in twenty is another's doing.

It takes the place of the accidents planted for the rules T. The truth holds one conflict of `LIABILITY` for each
injury: planted where another owes the treatment, a look-alike where nobody does.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from resolver.synthetic.accident_conflicts import Party, accident, drivers_free, treated
from resolver.synthetic.accident_facts import BLAMELESS, EQUAL, FULL, LESSER, MINOR, SERIOUS, UNHURT
from resolver.synthetic.lives import Lives
from resolver.synthetic.medical_facts import (
    AT_WORK,
    COLD,
    EMERGENCY,
    FIRST_INJURY,
    INPATIENT,
    OUTPATIENT,
    TRAFFIC,
    UNSAID,
)
from resolver.synthetic.names import put
from resolver.synthetic.storyline import Pools
from resolver.synthetic.timeline import DAY
from resolver.synthetic.world import LIABILITY

TRUE_SHARE = 0.05
_HOUR = 3600
_NAMELESS = ("id_number", "birth_date", "sex", "phone", "address")


class _Case(NamedTuple):
    """One injury: who, the day as a second (nine in the morning), and its number within its kind."""

    person: int
    second: int
    place: int


def injury_set(lives: Lives, pools: Pools, count: int, rng: np.random.Generator) -> None:
    """Plant `count` injuries treated at the cost of the fund, one in twenty of them another's doing.

    Another's doing: parties of accidents (some seen days later, some known to the police by name only, some by name
    and birth date), payments without an accident, recognised work injuries. Nobody's: falls, sports, work without a
    recognised injury, one's own fault, namesakes of nameless parties, parties who came away unhurt and fell later,
    hurt parties who had a cold or an own fall soon after.
    """
    story = _Story(lives, pools, rng)
    true = round(count * TRUE_SHARE)
    tellers = (
        *([story.hit] * 8), *([story.seen_later] * 3), story.nameless, story.born_known, story.numbered_wrong,
        *([story.paid] * 3), *([story.at_work] * 3),
    )  # fmt: skip
    for index, case in enumerate(story.cases(true)):
        tellers[index % len(tellers)](case)
        lives.conflict(LIABILITY, [case.person], tellers[index % len(tellers)].__name__)
    quiet = (
        *([story.fell] * 70), *([story.worked] * 8), *([story.own_fault] * 8), *([story.nobodys_fault] * 3),
        *([story.namesake] * 2), *([story.unhurt] * 3), *([story.cold] * 2), *([story.fell_later] * 2),
        *([story.hurt_before] * 2),
    )  # fmt: skip
    for index, case in enumerate(story.cases(count - true)):
        teller = quiet[index % len(quiet)]
        teller(case)
        lives.innocent(LIABILITY, [case.person], teller.__name__)


class _Story:
    """Tells injuries."""

    def __init__(self, lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
        self._lives, self._rng = lives, rng
        self._suitable = pools.insured & (pools.age >= 8) & (pools.age < 85)
        self._drivers = drivers_free(lives, self._suitable, rng)
        self._namesakes_of: list[tuple[int, int]] = []

    def cases(self, count: int) -> list[_Case]:
        """Persons who see no doctor but for what is told here, each hurt on a day of the last year."""
        who = self._lives.take(self._suitable, count, self._rng)
        self._lives.visits[who] = False
        end = self._lives.timeline.end(0)
        seconds = (end - self._rng.integers(60, 330, len(who))) * DAY + 9 * _HOUR
        return [
            _Case(*case, index) for index, case in enumerate(zip(who.tolist(), seconds.tolist(), strict=True))
        ]

    def _between(self, low: int, high: int) -> int:
        return int(self._rng.integers(low, high))

    def _care(self, case: _Case, begin: int, diagnosis: int = -1, **more: int) -> None:
        kind = (OUTPATIENT, EMERGENCY, INPATIENT)[self._between(0, 3)]
        kind = more.pop("kind", kind)
        end = begin + (3 * DAY if kind == INPATIENT else _HOUR)
        injury = FIRST_INJURY + self._between(0, 5)
        treated(self._lives, case.person, (begin, end, kind, injury if diagnosis < 0 else diagnosis), **more)

    def _collide(self, case: _Case, injury: int | None = None) -> int:
        """Hurt in an accident for which the other party is at least partly to blame."""
        hurt = (MINOR, SERIOUS)[case.place % 3 == 0] if injury is None else injury
        party = Party(case.person, case.second, hurt, (BLAMELESS, LESSER, EQUAL)[case.place % 3])
        return accident(self._lives, party, next(self._drivers), case.place)

    def _cause(self, case: _Case) -> int:
        """What the injured say: most of them that they fell."""
        return TRAFFIC if case.place % 10 == 0 else self._between(0, 4)

    def hit(self, case: _Case) -> None:
        """Treated at once after an accident."""
        self._collide(case)
        begin = case.second + self._between(1, 60) * _HOUR
        told = self._cause(case)
        self._care(
            case,
            begin,
            kind=(EMERGENCY, INPATIENT)[case.place % 2],
            cause=told,
            third_party=int(told == TRAFFIC),
        )
        if case.place % 4 == 0:
            self._care(case, case.second + self._between(40, 50) * DAY, kind=OUTPATIENT)

    def seen_later(self, case: _Case) -> None:
        """Treated some days after an accident."""
        self._collide(case)
        self._care(case, case.second + self._between(3, 12) * DAY, cause=self._cause(case))

    def _unnamed(self, case: _Case, columns: tuple[str, ...]) -> None:
        self._collide(case, MINOR)
        for column in columns:
            self._lives.written(("W22", "party", case.person), column, None)
        self._care(case, case.second + self._between(1, 30) * _HOUR, kind=EMERGENCY, cause=self._cause(case))
        self._namesakes_of.append((case.person, case.second))

    def nameless(self, case: _Case) -> None:
        """A party of whom the police know the name only."""
        self._unnamed(case, _NAMELESS)

    def born_known(self, case: _Case) -> None:
        """A party of whom the police know name and birth date."""
        self._unnamed(case, ("id_number", "phone", "address"))

    def numbered_wrong(self, case: _Case) -> None:
        """A party whose number the police wrote in a way that nobody can read."""
        self._unnamed(case, _NAMELESS[1:])
        self._lives.written(("W22", "party", case.person), "id_number", "不详")

    def paid(self, case: _Case) -> None:
        """A third party paid for an injury of which the traffic police know nothing."""
        day = case.second // DAY
        paid, amount = day + self._between(20, 60), self._between(8_000, 60_000)
        self._lives.plan(
            "X03", person=case.person, day=day, paid=paid, amount=amount, medical=amount // 2, kind=1
        )
        self._care(case, case.second + DAY, cause=UNSAID)

    def at_work(self, case: _Case) -> None:
        """A recognised work injury."""
        self._decided(case, recognised=True)

    def _decided(self, case: _Case, *, recognised: bool) -> None:
        day = case.second // DAY
        self._lives.plan(
            "X04", person=case.person, employer=int(max(self._lives.employer[case.person], 0)), day=day,
            decided=day + self._between(30, 59), decision=int(not recognised),
        )  # fmt: skip
        self._care(case, case.second + self._between(0, 50) * _HOUR, cause=AT_WORK)

    def fell(self, case: _Case) -> None:
        """A fall, or sports; sometimes treated again for it."""
        self._care(case, case.second, cause=(0, 1, 3, UNSAID)[case.place % 4])
        if case.place % 6 == 0:
            self._care(case, case.second + self._between(5, 40) * DAY, kind=OUTPATIENT)

    def worked(self, case: _Case) -> None:
        """Hurt at work; never recognised, or refused."""
        if case.place % 2:
            self._decided(case, recognised=False)
        else:
            self._care(case, case.second, cause=AT_WORK)

    def own_fault(self, case: _Case) -> None:
        """Alone to blame for an accident."""
        party = Party(case.person, case.second, MINOR, FULL)
        accident(self._lives, party, next(self._drivers) if case.place % 2 else -1, 2)
        self._care(case, case.second + 2 * _HOUR, cause=0)

    def nobodys_fault(self, case: _Case) -> None:
        """An accident for which nobody is to blame."""
        party = Party(case.person, case.second, MINOR, BLAMELESS)
        accident(self._lives, party, next(self._drivers), case.place, theirs=BLAMELESS)
        self._care(case, case.second + 2 * _HOUR, cause=TRAFFIC)

    def namesake(self, case: _Case) -> None:
        """Fell within days of an accident whose party has the same name, and was not in it."""
        if not self._namesakes_of:
            self.fell(case)
            return
        party, second = self._namesakes_of.pop()
        people = self._lives.people
        people.name = put(
            people.name, np.array([case.person]), people.name.take(pa.array([party])).to_pylist()
        )
        self._care(case, second + self._between(4, 70) * _HOUR, cause=self._between(0, 4))

    def unhurt(self, case: _Case) -> None:
        """Came away unhurt from an accident, and fell days later."""
        self._collide(case, UNHURT)
        self._care(case, case.second + self._between(1, 20) * DAY, cause=0)

    def cold(self, case: _Case) -> None:
        """Lightly hurt, and treated for a cold two days later."""
        self._collide(case, MINOR)
        self._care(case, case.second + 2 * DAY, COLD, kind=OUTPATIENT)

    def fell_later(self, case: _Case) -> None:
        """Lightly hurt, not treated for it, and fell weeks later."""
        self._collide(case, MINOR)
        self._care(case, case.second + self._between(15, 29) * DAY, kind=OUTPATIENT, cause=0)

    def hurt_before(self, case: _Case) -> None:
        """Treated for a fall hours before an accident."""
        self._collide(case, MINOR)
        self._care(case, case.second - 3 * _HOUR, kind=OUTPATIENT, cause=1)
