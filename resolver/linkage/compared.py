"""Compare some of the records: what a run does not ask for is not read."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.blocking import key_columns
from resolver.linkage.columns import Columns
from resolver.linkage.comparison import N_COMPARISONS, compare_into
from resolver.linkage.compiled import kernel
from resolver.linkage.cores import on_all_cores
from resolver.linkage.layers import Layers
from resolver.linkage.model import Model
from resolver.linkage.patterns import Memory, new_memory, weigh
from resolver.linkage.scoring import Scored
from resolver.linkage.slots import Slots

PAIRS_AT_ONCE = 1 << 14
_RECORDS_AT_ONCE = 1 << 13


class Compared:
    """Records, by slot, of which some are compared.

    Attributes:
        layers: The records.
        model: The model version.
        n_pairs: How many pairs were compared so far.
    """

    def __init__(self, layers: Layers, model: Model) -> None:
        self.model = model
        self.n_pairs = 0
        self.layers = layers
        self._desks: list[_Desk] = []
        self._counting = Lock()

    def columns(self, slots: Slots) -> Columns:
        """Some records as numbers."""
        return self.layers.take(slots)

    def keys(self, slots: Slots) -> NDArray[np.uint64]:
        """Blocking keys of some records, 0 where an atom is missing: uint64 (rules, k)."""
        rules = self.model.settings.blocking.rules
        keys = np.empty((len(rules), len(slots)), np.uint64)

        def part(start: int) -> None:
            some = slice(start, start + _RECORDS_AT_ONCE)
            for number, column in enumerate(key_columns(self.columns(slots[some]), rules)):
                keys[number, some] = column

        on_all_cores(part, range(0, len(slots), _RECORDS_AT_ONCE))
        return keys

    def score(self, left: Slots, right: Slots, rule: NDArray[np.int16] | None = None) -> Scored:
        """Score pairs of slots (m,), (m,), those with the smaller record key left.

        Records are copied side by side for some pairs at a time, so that they stay in the nearest cache and their
        memory serves again: quickest where pairs of one record come one behind the other.

        Args:
            left: int32 (m,).
            right: int32 (m,).
            rule: int16 (m,): what yielded each, default -1.
        """
        with self._counting:
            self.n_pairs += len(left)
        levels = np.empty((len(left), N_COMPARISONS), np.uint8)
        log_odds = np.empty(len(left), np.float64)

        def part(start: int) -> None:
            some = slice(start, start + PAIRS_AT_ONCE)
            with self._desk() as desk:
                slots, pairs = desk.numbered(left[some], right[some])
                compare_into(self.model.comparable(self.columns(slots)), pairs[0], pairs[1], levels[some])
                log_odds[some] = weigh(levels[some], self.model.mixture, desk.memory)

        if len(left) <= PAIRS_AT_ONCE:
            part(0)
        else:
            on_all_cores(part, range(0, len(left), PAIRS_AT_ONCE))
        rule = np.full(len(left), -1, np.int16) if rule is None else rule
        return Scored(left, right, log_odds, rule, levels)

    def weighed(self, levels: NDArray[np.uint8]) -> NDArray[np.float64]:
        """Natural log-odds (m,) of pairs that were compared before, by their levels (m, comparisons)."""
        with self._desk() as desk:
            return weigh(levels, self.model.mixture, desk.memory)

    @contextmanager
    def _desk(self) -> Iterator["_Desk"]:
        """What nobody else works with meanwhile."""
        try:
            desk = self._desks.pop()
        except IndexError:
            desk = _Desk(np.zeros(len(self.layers), np.int32), new_memory())
        yield desk
        self._desks.append(desk)


@dataclass(frozen=True, eq=False)
class _Desk:
    """What one thread works with.

    Attributes:
        numbers: int32 (s,): zeros.
        memory: Patterns it has seen.
    """

    numbers: NDArray[np.int32]
    memory: Memory

    def numbered(self, left: Slots, right: Slots) -> tuple[Slots, NDArray[np.int32]]:
        """The slots (k,) in some pairs (m,), (m,), and the pairs (2, m) by where these stand among them."""
        slots, pairs = np.empty(2 * len(left), np.int32), np.empty((2, len(left)), np.int32)
        return slots[: _number(left, right, self.numbers, slots, pairs)], pairs


@kernel
def _number(
    left: Slots, right: Slots, numbers: NDArray[np.int32], slots: Slots, pairs: NDArray[np.int32]
) -> int:
    found = 0
    for pair in range(left.shape[0]):
        for side in range(2):
            slot = left[pair] if side == 0 else right[pair]
            if numbers[slot] == 0:
                slots[found] = slot
                found += 1
                numbers[slot] = found
            pairs[side, pair] = numbers[slot] - 1
    for number in range(found):
        numbers[slots[number]] = 0
    return found
