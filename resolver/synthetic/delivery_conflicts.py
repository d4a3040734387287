"""Whole deliveries at fault: none at all (Q06), half a list (Q07); and zero receipts, which are in order."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from resolver.synthetic.batches import whole_numbers
from resolver.synthetic.departments import departments
from resolver.synthetic.draws import Bools
from resolver.synthetic.world import Conflict, World

HALF = ("W21", 1)  # the feed and month that comes with half its rows (trap 29)
_LATE = ("W09", "W05", "W02", "W04")
_SILENT = "W24"  # tells nothing at last; nothing is planted on its newest rows (`fund_conflicts.py`)
# Lists of which, in the third month or later, half is sent at last. Their keys hold no number of a person: of two rows
# under one wrong number the half would leave one, and a fault of before would be mended.
_HALVED = ("J06", "J02", "W20")
_LEAST = 50  # rows by which a number must differ to be unusual
_BAND, _FACTOR = 0.1, 4  # and the share of the usual for a whole list, the times it for changes
_MONTHS = 6  # by which the usual goes


@dataclass(frozen=True)
class Deliveries:
    """What becomes of the deliveries of a city, as (feed, index of the month).

    Attributes:
        zero: Nothing to report, so that there is a zero receipt; its rows come the month after.
        halved: Half the rows.
        silent: Not sent at all.
    """

    zero: frozenset[tuple[str, int]]
    halved: frozenset[tuple[str, int]]
    silent: frozenset[tuple[str, int]]


def plan_deliveries(world: World, planted: Mapping[str, Bools]) -> Deliveries:
    """Choose them so that nothing else that is planted is lost.

    Args:
        world: The city.
        planted: Feed -> which of its facts carry a conflict, a trap or a cell of their own.
    """
    last = len(world.periods) - 1
    needed = _Needed(world, planted)
    # With two months only there is none after, and rows that carry something planted must come.
    zero = [(feed, 1) for feed in _LATE if last > 1 or (last and not needed.in_month(feed, 1))][:1]
    halved = {HALF} | ({(feed, last) for feed in _HALVED} if last > 1 else set())
    silent = [(_SILENT, last)] if last else []
    return Deliveries(frozenset(zero), frozenset(halved), frozenset(silent))


def delivery_conflicts(deliveries: Deliveries, sent: Mapping[tuple[str, int], int]) -> Iterator[Conflict]:
    """What is to be found about whole deliveries.

    Args:
        deliveries: As planned.
        sent: Feed and month -> rows sent.
    """
    for feed, period in sorted(deliveries.silent):
        yield Conflict("Q06", True, (), period=period, why="nothing sent", feed=feed, last_period=period)
    for (feed, period), rows in sorted(sent.items()):
        if not rows and departments()[feed].extent == "delta":
            why = "nothing to report, and that was said"
            yield Conflict("Q06", False, (), period=period, why=why, feed=feed, last_period=period)
    yield from _volumes(deliveries, sent)


def _volumes(deliveries: Deliveries, sent: Mapping[tuple[str, int], int]) -> Iterator[Conflict]:
    """Deliveries of another size than the whole lists, or the changes, of the months before; halves that are not."""
    for (feed, period), rows in sorted(sent.items()):
        extent = departments()[feed].extent_of(period)
        # The first changes of a feed bring the history.
        first = 0 if extent == "full" else 1
        before = [
            sent[feed, month]
            for month in range(max(first, period - _MONTHS), period)
            if (feed, month) in sent
            and departments()[feed].extent_of(month) == extent
            and (feed, month) not in deliveries.halved
        ]
        usual = sum(before) / max(len(before), 1)
        factor = max(rows, usual) / max(min(rows, usual), 1e-9)
        other = abs(rows - usual) > _BAND * usual if extent == "full" else factor > _FACTOR
        unusual = usual > 0 and other and abs(rows - usual) > _LEAST
        halved = (feed, period) in deliveries.halved
        if unusual or halved:
            why = "half of a list" if halved else "another number of rows"
            yield Conflict("Q07", unusual, (), period=period, why=why, feed=feed, last_period=period)


class _Needed:
    """Whether a feed's delivery of a month carries anything planted, or tells of somebody with whom something is."""

    def __init__(self, world: World, planted: Mapping[str, Bools]) -> None:
        self._world = world
        self._planted = planted
        self._persons = np.array(sorted({p for c in world.conflicts for p in c.persons}), np.int64)
        self._organisations = np.array(sorted({c.organisation for c in world.conflicts}), np.int64)

    def in_month(self, feed: str, period: int) -> bool:
        """Asked of rows that are first told of in the month, or for the last time in the one before."""
        facts = self._world.facts[feed]
        now = whole_numbers(facts, "period") == period
        if "last_period" in facts.column_names:
            now |= whole_numbers(facts, "last_period") == period - 1
        return bool(self._planted[feed][now].any()) or any(
            np.isin(_known(facts, role.role)[now], self._of(role.kind)).any()
            for role in departments()[feed].roles
        )

    def _of(self, kind: str) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        return self._persons if kind == "person" else self._organisations[self._organisations >= 0]


def _known(facts: pa.Table, role: str) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    numbers: np.ndarray[tuple[int], np.dtype[np.int64]] = whole_numbers(facts, role)
    return numbers
