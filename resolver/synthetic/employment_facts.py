"""Work and pensions beside contributions: W06 (exits from the roll), W13 (housing fund), X01 (proof of life)."""

import numpy as np
import pyarrow as pa

from resolver.synthetic import columns as c
from resolver.synthetic import numbers
from resolver.synthetic.insurance_facts import pension_numbers, wages
from resolver.synthetic.lives import Lives
from resolver.synthetic.timeline import DAY, NEVER, NO_MONTH, Bools, Ints, month_number, month_of

_REASONS = ("death", "retirement", "transfer", "termination")
_REMARKS = ("死亡", "达到法定退休年龄", "转往外市", "解除劳动合同")
_METHODS = ("face", "visit", "counter", "data")
FUND_EXIT_DEFAULTS = {"person": -1, "month": NO_MONTH, "reason": 0, "employer": -1}
FUND_DEFAULTS = {"person": -1, "employer": -1, "year": 0, "start": NO_MONTH, "end": NO_MONTH, "base": -1}
CHECK_DEFAULTS = {"person": -1, "second": 0, "method": 0}


def pension_exits(lives: Lives, rng: np.random.Generator) -> pa.Table:
    """W06: the dead who worked or had a pension, new pensioners, and those who left work; three years back."""
    timeline, people = lives.timeline, lives.people
    since = timeline.first - 36
    died = month_of(np.minimum(lives.recorded_death, timeline.reference + 400))
    dead = np.flatnonzero((lives.recorded_death < NEVER) & (lives.works | lives.pensioner) & (died >= since))
    limit = np.where(people.sex == 1, 60, 55) * 12
    born = month_of(people.birth)
    retired = np.flatnonzero(
        lives.pensioner & (lives.person_type == 1) & (born + limit >= since) & (people.death == NEVER)
    )
    left = np.flatnonzero(
        lives.works
        & (lives.works_until >= since)
        & (lives.works_until < timeline.last)
        & (people.death == NEVER)
    )
    who = np.concatenate([dead, retired, left])
    reason = np.repeat(np.array([0, 1, 3]), [len(dead), len(retired), len(left)])
    month = np.concatenate([died[dead], (born + limit)[retired], lives.works_until[left] + 1])
    rows = {"person": who, "month": month, "reason": reason, "employer": lives.employer[who]}
    rows = c.stacked(rows, c.planned_columns(lives.planned["W06"], FUND_EXIT_DEFAULTS))
    count = len(rows["person"])
    dead_rows = rows["reason"] == 0
    columns = {
        "insured": rows["person"],
        "employer": rows["employer"],
        "pension_no": pension_numbers(lives).take(pa.array(rows["person"])),
        "employer_no": c.taken(lives.organisations.employer_no, rows["employer"]),
        "exit_month": c.months(rows["month"]),
        "reason": c.words(rows["reason"], _REASONS),
        "death_date": c.dates(np.where(dead_rows, lives.recorded_death[rows["person"]], NEVER)),
        "remark": c.words(np.where(rng.random(count) < 0.5, rows["reason"], -1), _REMARKS),
        "op": c.constant("add", count),
    }
    return c.assemble("W06", timeline.period_of_month(rows["month"]), columns, timeline)


def fund_employers(lives: Lives) -> Bools:
    """Organisations that pay into the housing fund, for all whom they employ."""
    count = lives.organisations.count
    size = np.bincount(lives.employer[lives.works], minlength=count)
    pays: Bools = (size >= 3) & (np.arange(count) * 7 % 10 < 6)
    return pays


def housing_fund(lives: Lives, rng: np.random.Generator) -> pa.Table:
    """W13: an account's base for each year from July to June, and its sealing when work ends."""
    timeline = lives.timeline
    who = np.flatnonzero(
        lives.works & fund_employers(lives)[np.maximum(lives.employer, 0)] & (lives.employer >= 0)
    )
    rows = c.planned_columns(lives.planned["W13"], FUND_DEFAULTS)
    for year in range(1970 + (timeline.first - 6) // 12, 1970 + (timeline.last - 6) // 12 + 1):
        july = month_number(year, 7)
        start = np.maximum(july, np.minimum(lives.works_from[who], NO_MONTH))
        there = who[(start <= lives.works_until[who]) & (start < july + 12)]
        new = {
            "person": there,
            "employer": lives.employer[there],
            "year": np.full(len(there), year),
            "start": np.maximum(july, lives.works_from[there]),
            "end": np.where(lives.works_until[there] < july + 12, lives.works_until[there], NO_MONTH),
            "base": np.full(len(there), -1),
        }
        rows = c.stacked(rows, new)
    told = timeline.period_of_month(rows["start"])
    sealed = timeline.period_of_month(np.minimum(rows["end"], NO_MONTH - 1) + 1)
    later = np.flatnonzero((rows["end"] < NO_MONTH) & (sealed > told))
    again = c.selected(rows, later)
    rows["end"] = np.where((rows["end"] < NO_MONTH) & (sealed > told), NO_MONTH, rows["end"])
    changed = np.repeat([0, 1], [len(told), len(later)])
    rows = c.stacked(rows, again)
    person, employer = rows["person"], rows["employer"]
    base = np.where(rows["base"] >= 0, rows["base"], wages(lives)[person])
    accounts = numbers.scattered(2 * lives.people.count, 10**10, rng)
    employers = numbers.scattered(lives.organisations.count, 10**8, rng)
    columns = {
        "depositor": person,
        "employer": employer,
        "fund_account": numbers.prefixed("GJ", accounts[person], 10),
        "employer_account": c.taken(numbers.prefixed("DW", employers, 8), employer),
        "year": pa.array(rows["year"]),
        "start_month": c.months(rows["start"]),
        "end_month": c.months(rows["end"]),
        "base": c.yuan(base.astype(np.float64)),
        "deposit": c.yuan(np.round(base * 0.2)),
        "status": c.words(np.where(rows["end"] < NO_MONTH, 1, 0), ("active", "sealed")),
        "op": c.words(changed, ("add", "change")),
    }
    return c.assemble("W13", np.concatenate([told, sealed[later]]), columns, timeline)


def life_checks(lives: Lives, rng: np.random.Generator) -> pa.Table:
    """X01: a pensioner shows once a year to be alive."""
    timeline, people = lives.timeline, lives.people
    who = np.flatnonzero(lives.pensioner & (np.arange(people.count) % 3 > 0))
    day = timeline.end(0) - 300 + rng.integers(0, 300 + timeline.reference - timeline.end(0), len(who))
    alive = day < np.minimum(people.death, lives.recorded_death)[who] - 60
    rows = {"person": who[alive], "second": day[alive] * DAY + rng.integers(8, 17, int(alive.sum())) * 3600}
    rows["method"] = rng.choice(4, len(rows["person"]), p=[0.6, 0.1, 0.2, 0.1])
    rows = c.stacked(rows, c.planned_columns(lives.planned["X01"], CHECK_DEFAULTS))
    count = len(rows["person"])
    columns: dict[str, Ints | pa.Array] = {
        "checked": rows["person"],
        "check_time": c.moments(rows["second"]),
        "method": c.words(rows["method"], _METHODS),
        "result": c.constant("alive", count),
        "op": c.constant("add", count),
    }
    return c.assemble("X01", timeline.period_of(rows["second"] // DAY), columns, timeline)
