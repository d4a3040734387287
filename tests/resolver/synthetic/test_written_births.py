from datetime import date, datetime
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest

from resolver.synthetic.batches import NO_BIRTH
from resolver.synthetic.identity_errors import BIT, EPOCH
from resolver.synthetic.written_births import BirthConflicts

BORN = datetime.fromisoformat("2024-03-05T10:30:00")
OTHER = date(2024, 3, 6)
DIGIT, MISSING, FAMILY = (int(BIT[e]) for e in ("birth_date:digit", "birth_date:missing", "id_number:family"))


def told(births, feed, role, facts, *, day=NO_BIRTH, error=0, period=0, refused=False):
    """Let a file of one row about child 7 be looked at."""
    page = SimpleNamespace(refused=np.array([refused]), texts={})
    one = SimpleNamespace(
        role=SimpleNamespace(role=role, kind="person"), subject=np.array([7]), errors=np.array([error]),
        birth_days=np.array([day]), column=lambda _: "",
    )  # fmt: skip
    batch = SimpleNamespace(
        department=SimpleNamespace(feed=feed),
        period=period,
        facts=pa.table({n: [v] for n, v in facts.items()}),
    )
    births.add(batch, page, one, np.array([0]))


def certified(births, period=0):
    told(births, "W02", "child", {"birth_time": BORN}, period=period)


def registered(births, *, day=OTHER, error=DIGIT, period=0, cancelled=None, refused=False):
    facts = {"cancel_date": pa.array([cancelled], pa.date32())[0]}
    days = NO_BIRTH if day is None else (day - EPOCH).days
    told(births, "W07", "person", facts, day=days, error=error, period=period, refused=refused)


def found(births):
    return [(c.rule, c.persons, c.period, c.last_period) for c, rows in births.conflicts() if not rows]


@pytest.mark.parametrize(("certificate", "entry", "since"), [(0, 0, 0), (2, 0, 2), (0, 1, 1)])
def test_a_slip_shows_once_both_are_told(certificate, entry, since):
    births = BirthConflicts()
    registered(births, period=entry)
    certified(births, period=certificate)
    assert found(births) == [("L15", (7,), since, -1)]


@pytest.mark.parametrize(
    "entry",
    [
        {"error": 0},
        {"error": FAMILY},
        {"error": MISSING, "day": None},
        {"day": BORN.date()},
        {"refused": True},
    ],
)
def test_no_slip_no_conflict(entry):
    births = BirthConflicts()
    certified(births)
    registered(births, **entry)
    assert found(births) == []


def test_without_a_certificate_there_is_nothing_to_differ_from():
    births = BirthConflicts()
    registered(births)
    assert found(births) == []


@pytest.mark.parametrize(("closed_in", "expected"), [(0, []), (1, []), (2, [("L15", (7,), 1, 1)])])
def test_a_closed_entry_is_compared_no_longer(closed_in, expected):
    births = BirthConflicts()
    certified(births, period=1)
    registered(births)
    registered(births, period=closed_in, cancelled=date(2026, 9, 1))
    assert found(births) == expected
