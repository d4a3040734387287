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
_SILENT = ("W25", "W03", "W10", "W06", "W24", "W18", "W15", "J13")  # one of them tells nothing at last
# Lists of which, in the third month or later, half is sent at last. Their keys hold no number of a person: of two rows
# under one wrong number the half would leave one, and a fault of before would be mended.
_HALVED = ("J06", "J02", "W20")
_LEAST = 50  # rows by which a number must differ to be unusual
_BAND = 0.1  # and the share of the usual


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
    silent = [(feed, last) for feed in _SILENT if last and not needed.in_month(feed, last)][:1]
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
    for feed, period in sorted(deliveries.halved & sent.keys()):
        whole = [(feed, month) for month in range(period) if (feed, month) not in deliveries.halved]
        usual = sum(sent[one] for one in whole) / max(len(whole), 1)
        unusual = usual - sent[feed, period] > max(_LEAST, _BAND * usual)
        why = "half the list" if unusual else "half of a short list"
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
