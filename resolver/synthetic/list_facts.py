"""The lists of aid as the departments send them: W14, W15, W17-W20, J01-J04, and what other systems copy of them.

J06 are the flags in the settlement system, J07 the changes of each month, J13 and X06 the lists that two other
systems hold: in an orderly city they all say the same.
"""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from resolver.synthetic import columns as c
from resolver.synthetic import numbers
from resolver.synthetic.aid_facts import heads
from resolver.synthetic.hardship import RANKS, SEVERE, SUBSISTENCE
from resolver.synthetic.insurance_facts import psn_numbers
from resolver.synthetic.lives import Listing, Lives
from resolver.synthetic.register_facts import relations
from resolver.synthetic.timeline import (
    DAY,
    NEVER,
    NO_MONTH,
    Bools,
    Ints,
    first_day,
    month_number,
    month_of,
    year_of,
)

_STATUSES = ("active", "ended")
_ROSTER_WORDS: dict[str, dict[str, str | None]] = {
    "W14": {"household_type": "脱贫户", "main_cause": "因病"},
    "W15": {"help_reason": "突发重大事故"},
    "J03": {"poverty_cause": "因病"},
    "J04": {"monitor_type": "at_risk", "main_risk": "因病"},
}
PARENT_STATES = ("dead", "missing", "prison", "disabled", "ill")
"""What a list of children says of a parent."""
CHANGES_BEFORE = 3
"""Months before the first delivery whose changes it tells too."""
RURAL = ("relapsed", "monitored", "poverty_registered", "immediate_help")


def listing_of(lives: Lives, category: str) -> Listing:
    """A category's list in months, whatever holds it: subsistence allowance and severe disability included."""
    if category == SUBSISTENCE:
        return Listing(lives.allowance, lives.allowed_from, lives.allowed_until)
    if category == SEVERE:
        return Listing(
            severely_disabled(lives), month_of(lives.disabled_from), _end_month(lives.disabled_until)
        )
    return lives.lists[category]


def severely_disabled(lives: Lives) -> Bools:
    """Holders of a certificate of the first two grades, with a resident's number."""
    resident = pc.equal(lives.people.id_type, "居民身份证").to_numpy(zero_copy_only=False)
    severe: Bools = lives.disabled & resident & (np.arange(lives.people.count) % 5 < 2)
    return severe


def parent_states(lives: Lives, children: Ints) -> tuple[Ints, Ints]:
    """What the lists say of each child's father and mother, as `PARENT_STATES`; one whom nobody knows is missing.

    Planned rows of the topic `parent_states` (child, father, mother) say it for their child.
    """
    people = lives.people
    planned = {int(row["child"]): row for row in lives.planned["parent_states"]}
    told = np.flatnonzero(np.isin(children, np.array(list(planned), np.int64)))
    found = []
    for side, parents in (("father", people.father), ("mother", people.mother)):
        parent = parents[children]
        dead = (parent >= 0) & (people.death[np.maximum(parent, 0)] < NEVER)
        state = np.where(dead, 0, np.where(parent < 0, 1, 2 + children % 3))
        state[told] = [int(planned[int(children[row])][side]) for row in told]
        found.append(state)
    return found[0], found[1]


def list_facts(lives: Lives, rng: np.random.Generator) -> dict[str, pa.Table]:
    """All lists but subsistence allowance and the certificates, one row per person, in full every month."""
    household = np.int64(lives.people.household.max()) + 1
    serials = numbers.scattered(int(household) * 8, 10**8, rng)
    city = str(lives.places.city.code)[:4]

    def number(prefix: str, part: int, who: Ints) -> pa.Array:
        return numbers.prefixed(f"{city}{prefix}", serials[part * household + lives.people.household[who]], 8)

    def single(prefix: str, part: int, who: Ints) -> pa.Array:
        return numbers.prefixed(
            f"{city}{prefix}", serials[part * household + who % household] * 10 + who % 10, 9
        )

    def amounts(who: Ints, least: float) -> pa.Array:
        return c.yuan(least + who % 9 * 25)

    rosters = {
        "W14": ("poverty_registered", "JD", "identified_date", "exit_date"),
        "W15": ("immediate_help", "JB", "help_start_date", "help_end_date"),
        "J03": ("relapsed", "FP", "identified_date", "eliminated_date"),
        "J04": ("monitored", "JC", "identified_date", "risk_removed_date"),
    }
    tables = {}
    for part, (feed, (category, prefix, start, end)) in enumerate(rosters.items()):
        rows = _Rows.of(lives, category)
        shared = rows.roster(number(prefix, part, rows.person), "roster_no")
        tables[feed] = rows.table(
            feed, "member", shared | rows.days(start, end) | rows.words(_ROSTER_WORDS[feed])
        )
    rows = _Rows.of(lives, "near_subsistence")
    shared = rows.roster(number("DBBY", 4, rows.person), "file_no") | rows.months()
    tables["J01"] = rows.table(
        "J01", "member", shared | {"income": amounts(lives.people.household[rows.person], 900)}
    )
    rows = _Rows.of(lives, "destitute")
    own = {
        "certificate_no": single("TK", 5, rows.person),
        "amount": amounts(rows.person, 980),
    } | rows.months()
    own |= rows.words(
        {"care_mode": "home", "care_level": "全自理", "institution": None, "guardian_name": None}
    )
    tables["W17"] = rows.table("W17", "recipient", own)
    for feed, category, words in (
        ("W18", "orphan", {"care_mode": "home"}),
        ("W19", "unattended_child", {"identified_reason": "父母一方失联、另一方无抚养能力"}),
    ):
        rows = _Rows.of(lives, category)
        own = {"file_no": single("ET", 6, rows.person), "amount": amounts(rows.person, 1500)} | rows.months()
        own |= rows.parents() | rows.words({"guardian_name": None, "stop_reason": None} | words)
        tables[feed] = rows.table(feed, "child", own)
    rows = _Rows.of(lives, "illness_poverty")
    own = {"determination_no": single("YB", 7, rows.person), "burden": amounts(rows.person, 31_000)}
    own |= rows.days("determination_date", "end_date") | rows.words({"disease": "恶性肿瘤"})
    tables["J02"] = rows.table("J02", "patient", own | {"family_income": amounts(rows.person, 24_000)})
    return tables


def severe_disabilities(lives: Lives) -> pa.Table:
    """W20: the holders of severe grades, as in W21."""
    timeline = lives.timeline
    who = np.flatnonzero(severely_disabled(lives))
    row, period, last, closed = c.unfold(
        timeline.period_of(lives.disabled_from[who]), timeline.period_of(lives.disabled_until[who]), timeline
    )
    person = who[row]
    kind, grade = (person * 7919 // 13) % 7 + 1, person % 2 + 1
    columns = {
        "holder": person,
        "certificate_no": pc.binary_join_element_wise(
            lives.people.id_number.take(pa.array(person)),
            pc.cast(pa.array(kind * 10 + grade), pa.string()),
            "",
        ),
        "grade": pc.cast(pa.array(grade), pa.string()),
        "start_date": c.dates(lives.disabled_from[person]),
        "end_date": c.dates(np.where(closed, lives.disabled_until[person], NEVER)),
        "nursing_subsidy": c.yuan(np.full(len(person), 130.0)),
        "list_status": c.words(closed.astype(np.int64), _STATUSES),
        "op": c.constant(None, len(person)),
    }
    return c.assemble("W20", period, columns, timeline, last)


def aid_flags(lives: Lives) -> pa.Table:
    """J06: the year's flag for every category that an insured person has, as long as the owner's list says.

    The premium is subsidised once, by the category that is best when the year, or the first of them, begins.
    """
    timeline = lives.timeline
    year = int(year_of(np.array([timeline.reference]))[0])
    january = month_number(year, 1)
    new_year = int(first_day(np.array([january]))[0])
    parts = []
    for index, category in enumerate(RANKS):
        listing = listing_of(lives, category)
        who = np.flatnonzero(listing.member & (lives.enrolled | lives.elsewhere) & (listing.until > january))
        begin, end = first_day(listing.start[who]), _last_day(listing.until[who])
        # The flag is cleared when the list says so: in the month without, or on the day a certificate ends.
        cleared = np.minimum(end + 1, NEVER)
        if category == SEVERE:
            begin, end = lives.disabled_from[who], lives.disabled_until[who]
            cleared = end
        spells = {"begin": begin, "end": end, "cleared": cleared}
        parts.append({"person": who, "category": np.full(len(who), index), **spells})
    rows = parts[0]
    for part in parts[1:]:
        rows = c.stacked(rows, part)
    rows = c.selected(rows, (rows["end"] >= rows["begin"]) & (rows["end"] >= new_year))
    told = timeline.period_of(rows["begin"])
    begin = np.maximum(rows["begin"], new_year)
    rank = np.array(list(RANKS.values()))[rows["category"]]
    order = np.lexsort((rows["category"], rank, begin, rows["person"]))
    first = np.zeros(len(order), bool)
    first[order] = np.r_[True, np.diff(rows["person"][order]) != 0] if len(order) else False
    row, period, last, closed = c.unfold(told, timeline.period_of(rows["cleared"]), timeline)
    columns = {
        "recipient": rows["person"][row],
        "psn_no": psn_numbers(lives).take(pa.array(rows["person"][row])),
        "year": pa.array(np.full(len(row), year)),
        "category": c.words(rows["category"][row], list(RANKS)),
        "begin_date": c.dates(begin[row]),
        "end_date": c.dates(np.where(closed, rows["end"][row], NEVER)),
        "subsidy": c.yuan(np.where(first, np.where(rank <= 1, 400.0, 200.0), 0.0)[row]),
        "set_date": c.dates(np.where(rows["begin"] < new_year, new_year - 20, rows["begin"] + 3)[row]),
        "cleared_date": c.dates(np.where(closed, rows["end"][row], NEVER)),
        "op": c.constant(None, len(row)),
    }
    return c.assemble("J06", period, columns, timeline, last)


def aid_changes(lives: Lives) -> pa.Table:
    """J07: who came on a list or left it since three months before the first delivery; not disability."""
    timeline = lives.timeline
    since = timeline.first - CHANGES_BEFORE
    kinds = [category for category in RANKS if category != SEVERE]
    parts: list[dict[str, Ints]] = []
    for index, category in enumerate(kinds):
        listing = listing_of(lives, category)
        there = listing.member & (listing.start < listing.until)
        for leaves, month in ((0, listing.start), (1, listing.until)):
            who = np.flatnonzero(there & (month >= since) & (month <= timeline.last))
            sides = {"before": index if leaves else -1, "after": -1 if leaves else index}
            categories = {name: np.full(len(who), value) for name, value in sides.items()}
            parts.append(
                {"person": who, "month": month[who], "leaves": np.full(len(who), leaves), **categories}
            )
    rows = parts[0]
    for part in parts[1:]:
        rows = c.stacked(rows, part)
    count = len(rows["person"])
    owner = np.where(np.isin(np.array(kinds)[np.maximum(rows["before"], rows["after"])], RURAL), 1, 0)
    counties = [county.name for county in lives.places.city.counties]
    columns: dict[str, Any] = {
        "recipient": rows["person"],
        "unit": c.words(lives.places.county[lives.people.place[rows["person"]]], counties),
        "owner": c.words(owner, ("CIVIL", "RURAL")),
        "change_month": c.months(rows["month"]),
        "change_type": c.words(rows["leaves"], ("enter", "exit")),
        "category_before": c.words(rows["before"], kinds),
        "category_after": c.words(rows["after"], kinds),
        "effective_date": c.dates(first_day(rows["month"])),
        "reason": c.words(rows["leaves"], ("新增认定", "不再符合条件")),
        "reviewed": pa.array(np.ones(count, bool)),
        "op": c.constant("add", count),
    }
    return c.assemble("J07", timeline.period_of_month(rows["month"]), columns, timeline)


def copied_lists(lives: Lives) -> dict[str, pa.Table]:
    """J13 and X06: every person and category of the civil-affairs and rural lists."""
    timeline = lives.timeline
    kinds = [category for category in RANKS if category != SEVERE]
    listings = [listing_of(lives, category) for category in kinds]
    members = [np.flatnonzero(listing.member & (listing.start < listing.until)) for listing in listings]
    who = np.concatenate(members)
    kind = np.repeat(np.arange(len(kinds)), [len(part) for part in members])
    start = np.concatenate([listing.start[part] for listing, part in zip(listings, members, strict=True)])
    until = np.concatenate([listing.until[part] for listing, part in zip(listings, members, strict=True)])
    row, period, last, closed = c.unfold(
        timeline.period_of_month(start), timeline.period_of_month(until), timeline
    )
    columns: dict[str, Any] = {
        "recipient": who[row],
        "aid_category": c.words(kind[row], kinds),
        "begin_date": c.dates(first_day(start[row])),
        "end_date": c.dates(np.where(closed, _last_day(until[row]), NEVER)),
        "list_status": c.words(closed.astype(np.int64), _STATUSES),
        "op": c.constant(None, len(row)),
    }
    moments = c.moments(timeline.ends(period) * DAY + 7200)
    return {
        feed: c.assemble(feed, period, columns | {name: moments}, timeline, last)
        for feed, name in (("J13", "sync_time"), ("X06", "issue_time"))
    }


class _Rows:
    """The rows of one list, month by month."""

    def __init__(
        self, lives: Lives, person: Ints, unfolded: tuple[Ints, Ints, Bools], listing: Listing
    ) -> None:
        self.person = person
        self._lives, self._listing = lives, listing
        self._period, self._last, self._closed = unfolded

    @classmethod
    def of(cls, lives: Lives, category: str) -> "_Rows":
        listing, timeline = lives.lists[category], lives.timeline
        who = np.flatnonzero(listing.member & (listing.start < listing.until))
        start = timeline.period_of_month(listing.start[who])
        row, period, last, closed = c.unfold(start, timeline.period_of_month(listing.until[who]), timeline)
        return cls(lives, who[row], (period, last, closed), listing)

    def days(self, start: str, end: str) -> dict[str, pa.Array]:
        until = _last_day(self._listing.until[self.person])
        return {
            start: c.dates(first_day(self._listing.start[self.person])),
            end: c.dates(np.where(self._closed, until, NEVER)),
        }

    def months(self) -> dict[str, pa.Array]:
        until = np.where(self._closed, self._listing.until[self.person], NO_MONTH)
        return {"approval_month": c.months(self._listing.start[self.person]), "stop_month": c.months(until)}

    def roster(self, number: pa.Array, column: str) -> dict[str, pa.Array]:
        lives = self._lives
        head = c.taken(lives.people.name, heads(lives)[self.person])
        return {column: number, "head_name": head, "relation": relations(lives).take(pa.array(self.person))}

    def words(self, words: dict[str, str | None]) -> dict[str, pa.Array]:
        return {column: c.constant(word, len(self.person)) for column, word in words.items()}

    def parents(self) -> dict[str, pa.Array]:
        """Name, number and state of both parents; one whom nobody knows is missing."""
        people = self._lives.people
        found: dict[str, pa.Array] = {}
        states = parent_states(self._lives, self.person)
        for side, parents, state in zip(
            ("father", "mother"), (people.father, people.mother), states, strict=True
        ):
            parent = parents[self.person]
            found[f"{side}_name"] = c.taken(people.name, parent)
            found[f"{side}_id_number"] = c.taken(people.id_number, parent)
            found[f"{side}_status"] = c.words(state, PARENT_STATES)
        return found

    def table(self, feed: str, role: str, columns: dict[str, Any]) -> pa.Table:
        own: dict[str, Any] = {role: self.person, **columns}
        own["list_status"] = c.words(self._closed.astype(np.int64), _STATUSES)
        own["op"] = c.constant(None, len(self.person))
        return c.assemble(feed, self._period, own, self._lives.timeline, self._last)


def _last_day(until: Ints) -> Ints:
    """The last day before a month; `NEVER` for `NO_MONTH`."""
    return np.where(until < NO_MONTH, first_day(np.where(until < NO_MONTH, until, 0)) - 1, NEVER)


def _end_month(days: Ints) -> Ints:
    """The month in which a certificate ends; `NO_MONTH` while it is valid."""
    return np.where(days < NEVER, month_of(np.where(days < NEVER, days, 0)), NO_MONTH)
