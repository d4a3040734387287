"""Birth dates that the register was told otherwise than the certificate (L15), as the error model wrote them.

Cases that are planted are known beforehand. A slip of the household register is a case as well, and only the written
cell tells of it.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from resolver.synthetic.batches import NO_BIRTH, Batch, Page, Said
from resolver.synthetic.draws import Ints
from resolver.synthetic.identity_errors import BIT, ERRORS
from resolver.synthetic.world import Conflict
from resolver.synthetic.written_cells import Look, written_births

_CERTIFIED, _REGISTERED = ("W02", "child"), ("W07", "person")
_SLIPS = sum(
    int(BIT[error]) for error in ERRORS if error.startswith("birth_date:") and error != "birth_date:missing"
)


class _Told(NamedTuple):
    """What one row says of a birth: the day since 1970-01-01, the delivery, and whether it closes an entry."""

    day: int
    period: int
    closes: bool


class BirthConflicts:
    """Gathers certificates of birth, and entries of the register that were written wrongly."""

    def __init__(self) -> None:
        self._certified: dict[int, _Told] = {}
        self._registered: dict[int, list[_Told]] = defaultdict(list)

    def add(self, batch: Batch, page: Page, one: Said, truth_rows: Ints) -> None:
        """Look at one role of one written file."""
        sound = (one.subject >= 0) & ~page.refused & (truth_rows >= 0)
        role = (batch.department.feed, one.role.role)
        if role == _CERTIFIED:
            days = _days(batch.facts["birth_time"])
            for row in np.flatnonzero(sound).tolist():
                self._certified[int(one.subject[row])] = _Told(int(days[row]), batch.period, False)
        elif role == _REGISTERED:
            days = written_births(Look(batch, page, one, truth_rows, sound))
            cancelled = batch.facts["cancel_date"]
            for row in np.flatnonzero(sound & ((one.errors & _SLIPS) != 0)).tolist():
                told = _Told(int(days[row]), batch.period, cancelled[row].is_valid)
                self._registered[int(one.subject[row])].append(told)

    def conflicts(self) -> Iterator[tuple[Conflict, list[int]]]:
        """One of each child, while its entry is open; any rows about the child will do."""
        for child, entries in sorted(self._registered.items()):
            born = self._certified.get(child)
            if born is None or entries[0].day in (NO_BIRTH, born.day):
                continue
            since = max(born.period, min(entry.period for entry in entries))
            closed = [entry.period for entry in entries if entry.closes]
            if closed and min(closed) <= since:
                continue
            until = min(closed) - 1 if closed else -1
            why = "the register was told another day of birth than the certificate"
            yield Conflict("L15", True, (child,), period=since, why=why, last_period=until), []


def _days(moments: pa.ChunkedArray) -> Ints:
    """The day of each moment, in days since 1970-01-01; `NO_BIRTH` where there is none."""
    days = pc.fill_null(moments.cast(pa.date32()).cast(pa.int32()).cast(pa.int64()), NO_BIRTH)
    return np.asarray(days.to_numpy(), np.int64)
