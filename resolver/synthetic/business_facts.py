"""Business registration beside W08 and W09: W10 (changes), W25 (pharmacies), X05 (bans from working in a facility)."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from resolver.synthetic import columns as c
from resolver.synthetic import numbers
from resolver.synthetic.economy import COMPANY, COOPERATIVE, PHARMACY, SOLE_TRADER
from resolver.synthetic.lives import Lives
from resolver.synthetic.timeline import NEVER, Bools, Ints

_ITEMS = ("name", "representative", "shareholder", "address", "capital", "scope")
NAME, REPRESENTATIVE, SHAREHOLDER, ADDRESS, CAPITAL, SCOPE = range(6)
CHANGE_DEFAULTS = {"enterprise": -1, "item": SCOPE, "day": NEVER, "old": -1, "new": -1}
BAN_DEFAULTS = {"person": -1, "facility": -1, "from": NEVER, "to": NEVER}
_PENALTIES = ("五年内禁止从事定点医药机构管理活动", "禁止从业并处罚款")


def enterprise_changes(lives: Lives, rng: np.random.Generator) -> pa.Table:
    """W10: renamings, and of one in twenty the capital, the scope or the person who runs it."""
    organisations, timeline = lives.organisations, lives.timeline
    known = np.isin(organisations.kind, (COMPANY, SOLE_TRADER, COOPERATIVE))
    renamed = np.flatnonzero(known & (organisations.renamed <= timeline.reference))
    since = np.maximum(organisations.established, timeline.start(0) - 700)
    until = np.minimum(organisations.cancelled - 1, timeline.reference)
    room = until - since
    chosen = np.flatnonzero(known & (rng.random(organisations.count) < 0.05) & (room > 30))
    item = rng.choice(np.array([REPRESENTATIVE, CAPITAL, SCOPE]), len(chosen), p=[0.3, 0.4, 0.3])
    day = since[chosen] + 10 + (rng.random(len(chosen)) * (room[chosen] - 10)).astype(np.int64)
    swaps = item == REPRESENTATIVE
    previous = rng.permutation(np.flatnonzero(_never_in_business(lives)))[: len(chosen)]
    previous = np.resize(previous, len(chosen)) if len(previous) else np.full(len(chosen), -1)
    rows = {
        "enterprise": np.concatenate([renamed, chosen]),
        "item": np.concatenate([np.full(len(renamed), NAME), item]),
        "day": np.concatenate([organisations.renamed[renamed], day]),
        "old": np.concatenate([np.full(len(renamed), -1), np.where(swaps, previous, -1)]),
        "new": np.concatenate(
            [np.full(len(renamed), -1), np.where(swaps, organisations.representative[chosen], -1)]
        ),
    }
    rows = c.stacked(rows, c.planned_columns(lives.planned["W10"], CHANGE_DEFAULTS))
    count, who = len(rows["day"]), rows["enterprise"]
    at = pa.array(who)
    name = pa.array(rows["item"] == NAME)
    nothing = pa.scalar(None, pa.string())
    capital = pc.cast(pa.array(organisations.capital[who].astype(np.int64)), pa.string())
    columns = {
        "enterprise": who,
        "new_person": rows["new"],
        "old_person": rows["old"],
        "item": c.words(rows["item"], _ITEMS),
        "change_date": c.dates(rows["day"]),
        "before": pc.if_else(name, organisations.former_name.take(at), nothing),
        "after": pc.if_else(
            name, organisations.name.take(at), pc.if_else(pa.array(rows["item"] == CAPITAL), capital, nothing)
        ),
        "op": c.constant("add", count),
    }
    return c.assemble("W10", timeline.period_of(rows["day"]), columns, timeline)


def pharmacies(lives: Lives) -> pa.Table:
    """W25: each pharmacy with its licence of five years, told again when it is given up; some get a new one."""
    organisations, timeline = lives.organisations, lives.timeline
    who = organisations.of_kind(PHARMACY)
    begin = timeline.start(0) - 60 - who * 131 % 1100
    begin = np.maximum(begin, organisations.established[who])
    planned = {int(row["pharmacy"]): int(row["day"]) for row in lives.planned["W25"]}
    ended = np.array([planned.get(int(o), NEVER) for o in who], np.int64)
    ended = np.minimum(ended, organisations.cancelled[who])
    first, again = timeline.period_of(begin), timeline.period_of(ended)
    renewed = np.array([row["pharmacy"] for row in lives.planned["W25"] if row.get("renewed")], np.int64)
    renewal = np.searchsorted(who, renewed)
    later = np.flatnonzero((ended <= timeline.reference) & (again > first))
    at_once = (ended <= timeline.reference) & (again <= first)
    row = np.concatenate([np.arange(len(who)), later, renewal])
    closed = np.concatenate([at_once, np.ones(len(later), bool), np.zeros(len(renewal), bool)])
    new = np.repeat([0, 1], [len(who) + len(later), len(renewal)])
    begin = np.where(new > 0, ended[row] + 1, begin[row])
    serial = numbers.padded(10_000 + who[row] + 50_000 * new, 6)
    columns = {
        "pharmacy": who[row],
        "representative": organisations.representative[who[row]],
        "licence_no": pc.binary_join_element_wise(pa.scalar("鲁DA"), serial, ""),
        "facility_code": c.taken(organisations.facility_code, who[row]),
        "licence_from": c.dates(begin),
        "licence_to": c.dates(begin + 5 * 365),
        "status": c.words(closed.astype(np.int64), ("active", "cancelled")),
        "cancel_date": c.dates(np.where(closed, ended[row], NEVER)),
        "op": c.words(np.repeat([0, 1, 0], [len(who), len(later), len(renewal)]), ("add", "change")),
    }
    told = np.concatenate([first, again[later], timeline.period_of(ended[renewal] + 1)])
    return c.assemble("W25", told, columns, timeline)


def bans(lives: Lives, rng: np.random.Generator) -> pa.Table:
    """X05: persons who may not work in a facility's management for five years; none of them runs anything."""
    organisations, timeline = lives.organisations, lives.timeline
    grown = _never_in_business(lives) & (lives.people.age(timeline.reference) >= 25) & ~lives.taken
    who = rng.permutation(np.flatnonzero(grown))[: max(2, lives.people.count // 2000)]
    stores = organisations.of_kind(PHARMACY)
    begin = timeline.start(0) - rng.integers(20, 1200, len(who))
    rows = {"person": who, "facility": rng.choice(stores, len(who)), "from": begin, "to": begin + 5 * 365}
    rows = c.stacked(rows, c.planned_columns(lives.planned["X05"], BAN_DEFAULTS))
    count = len(rows["from"])
    serial = numbers.padded(np.arange(count) + 1, 4)
    columns: dict[str, Ints | pa.Array] = {
        "banned": rows["person"],
        "facility": rows["facility"],
        "decision_no": pc.binary_join_element_wise(
            pa.scalar("医保罚决〔2026〕"), serial, pa.scalar("号"), ""
        ),
        "facility_code": c.taken(organisations.facility_code, rows["facility"]),
        "position": c.words(np.arange(count) % 2, ("企业负责人", "质量负责人")),
        "penalty": c.words(np.arange(count) % 2, _PENALTIES),
        "ban_from": c.dates(rows["from"]),
        "ban_to": c.dates(rows["to"]),
        "op": c.constant("add", count),
    }
    return c.assemble("X05", timeline.period_of(rows["from"]), columns, timeline)


def _never_in_business(lives: Lives) -> Bools:
    people, organisations = lives.people, lives.organisations
    free = (people.death == NEVER) & (people.age(lives.timeline.reference) >= 25)
    for runners in (organisations.representative, organisations.shareholder):
        free[runners[runners >= 0]] = False
    found: Bools = free
    return found
