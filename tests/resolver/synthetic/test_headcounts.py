"""C03 by what was told: small tables by hand, and a city's facts counted person by person."""

from collections import defaultdict
from datetime import date
from types import SimpleNamespace

import pyarrow as pa
import pytest

from resolver.synthetic.build import build_world
from resolver.synthetic.headcounts import note_headcounts
from resolver.synthetic.timeline import Timeline, month_number
from resolver.synthetic.world import Conflict

MONTHS = 3
TIMELINE = Timeline(month_number(2026, 8), MONTHS)
DAYS = (date(2026, 8, 1), date(2026, 9, 1), date(2026, 10, 1))
FIRM = 1


def insured(persons, *, since=0, until=-1, employer=FIRM, **more):
    row = {
        "period": since, "last_period": until, "employer": employer, "insutype": "310", "psn_type": "working",
        "status": "normal", "start_date": date(2020, 1, 1), "end_date": None,
    }  # fmt: skip
    return [{**row, "insured": person, **more} for person in range(persons)]


def paid_for(persons, periods=(0, 1, 2), employer=FIRM):
    return [
        {"period": p, "employer": employer, "insured": n, "owed_period": DAYS[p]}
        for p in periods
        for n in range(persons)
    ]


def deposits(persons, *, told=0, status="active", end=None, employer=FIRM):
    return [
        {
            "period": told, "employer": employer, "depositor": n, "year": 2026, "start_month": date(2026, 7, 1),
            "end_month": end, "status": status,
        }
        for n in range(persons)
    ]  # fmt: skip


def table(rows, example):
    return pa.Table.from_pylist([*rows, *example]).slice(0, len(rows))


def noted(medical, pension=(), fund=(), conflicts=()):
    """Who is recorded when: (organisation, first period, last period)."""
    lives = SimpleNamespace(
        timeline=TIMELINE, organisations=SimpleNamespace(count=3), conflicts=list(conflicts)
    )
    facts = {
        "W29": table(medical, insured(1, end_date=date(2026, 1, 1))),
        "W11": table(pension, paid_for(1)),
        "W13": table(fund, deposits(1, end=date(2026, 8, 1))),
    }
    note_headcounts(lives, facts)
    return [(c.organisation, c.period, c.last_period) for c in lives.conflicts if c.planted]


@pytest.mark.parametrize(
    ("there", "paid", "apart"),
    [
        (4, 8, True),
        (4, 7, False),
        (8, 4, True),
        (50, 54, False),
        (36, 40, False),
        (35, 39, True),
        (0, 9, False),
        (9, 0, False),
    ],
)
def test_more_than_three_and_more_than_a_tenth(there, paid, apart):
    assert noted(insured(there), paid_for(paid)) == ([(FIRM, 0, -1)] if apart else [])


def test_only_while_it_lasts():
    assert noted(insured(9), paid_for(9, (0, 2)) + paid_for(2, (1,))) == [(FIRM, 1, 1)]
    assert noted(insured(9, until=0) + insured(3, since=1), paid_for(9)) == [(FIRM, 1, -1)]
    assert noted(insured(9), [*paid_for(2, (0,)), *paid_for(9, (1,)), *paid_for(2, (2,))]) == [
        (FIRM, 0, 0), (FIRM, 2, -1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "gone",
    [
        {"psn_type": "retired"},
        {"insutype": "390"},
        {"status": "paused"},
        {"start_date": date(2026, 11, 1)},
        {"status": "ended", "end_date": date(2026, 7, 31)},
        {"employer": 2},
    ],
)
def test_who_is_not_insured_there(gone):
    others = [{**row, "insured": 9 + n} for n, row in enumerate(insured(9, **gone))]
    assert noted(insured(9) + others, paid_for(18)) == [(FIRM, 0, -1)]


def test_accounts_count_until_they_are_sealed():
    assert noted(insured(9), fund=deposits(9)) == []
    assert noted(insured(9), fund=deposits(4)) == [(FIRM, 0, -1)]
    sealed = [
        row for row in deposits(9, told=1, status="sealed", end=date(2026, 8, 1)) if row["depositor"] < 5
    ]
    assert noted(insured(9), fund=deposits(9) + sealed) == [(FIRM, 1, -1)]


def test_what_was_planted_stays_and_a_look_alike_becomes_a_case():
    planted = Conflict("C03", True, (), FIRM, period=2, why="planted")
    alike = Conflict("C03", False, (), FIRM, why="looks alike")
    other = Conflict("C03", False, (), 2, why="looks alike")
    assert noted(insured(9), paid_for(2), conflicts=[planted]) == [(FIRM, 2, -1)]
    lives = SimpleNamespace(
        timeline=TIMELINE, organisations=SimpleNamespace(count=3), conflicts=[alike, other]
    )
    note_headcounts(
        lives,
        {
            "W29": table(insured(9), insured(1, end_date=date(2026, 1, 1))),
            "W11": table(paid_for(2), paid_for(1)),
            "W13": table([], deposits(1, end=date(2026, 8, 1))),
        },
    )
    assert [(c.organisation, c.planted) for c in lives.conflicts] == [(2, False), (FIRM, True)]


def there_now(row):
    """Whether a row of W29 is a working person's spell in the newest list that touches the newest month."""
    newest = row["last_period"] in (-1, MONTHS - 1)
    kind = (row["insutype"], row["psn_type"]) == ("310", "working")
    last = row["end_date"] or DAYS[-1]
    return newest and kind and last >= DAYS[-1] and (row["status"] == "normal" or row["end_date"])


def counted(world):
    """Employer -> side -> persons of the newest month."""
    people = defaultdict(lambda: defaultdict(set))
    for row in filter(there_now, world.facts["W29"].to_pylist()):
        people[row["employer"]]["medical"].add(row["insured"])
    for row in world.facts["W11"].to_pylist():
        if row["owed_period"] == DAYS[-1]:
            people[row["employer"]]["pension"].add(row["insured"])
    accounts = world.facts["W13"].to_pylist()
    sealed = {(r["depositor"], r["employer"], r["year"]) for r in accounts if r["status"] == "sealed"}
    for row in accounts:
        if row["year"] == 2026 and (row["depositor"], row["employer"], 2026) not in sealed:
            people[row["employer"]]["fund"].add(row["depositor"])
    people.pop(-1, None)
    return people


def test_a_citys_headcounts_one_by_one():
    world = build_world(2000, 8, MONTHS, "typical")
    apart = set()
    for employer, sides in counted(world).items():
        n = len(sides["medical"])
        for other in (len(sides["pension"]), len(sides["fund"])):
            if n and other and abs(n - other) > max(3, 0.1 * max(n, other)):
                apart.add(employer)
    recorded = {
        c.organisation for c in world.conflicts if c.rule == "C03" and c.planted and c.last_period < 0
    }
    assert apart
    assert recorded == apart
