"""W07, the household register: everyone once, then what changed: births, deaths, moves, marriages."""

import numpy as np
import pyarrow as pa

from resolver.synthetic import columns as c
from resolver.synthetic.lives import REGISTER, Lives
from resolver.synthetic.population import CHILD, GRANDFATHER, GRANDMOTHER, HUSBAND, SECOND_CHILD, WIFE
from resolver.synthetic.timeline import NEVER, Bools, Ints
from resolver.synthetic.world import Override

RELATIONS = ("户主", "妻", "子", "女", "父亲", "母亲")
_STATES = ("single", "married", "divorced", "widowed")
_OPERATIONS = ("add", "change", "exit")


def relations(lives: Lives) -> pa.Array:
    """Relation to the head of the household, who is the husband if there is one, else the wife."""
    people = lives.people
    slot, sex = people.slot, people.sex
    households = int(people.household.max()) + 1
    has_husband = np.zeros(households, bool)
    has_husband[people.household[slot == HUSBAND]] = True
    index = np.zeros(people.count, np.int64)
    index[(slot == WIFE) & has_husband[people.household]] = 1
    child = np.isin(slot, (CHILD, SECOND_CHILD))
    index[child] = np.where(sex[child] == 1, 2, 3)
    index[slot == GRANDFATHER] = 4
    index[slot == GRANDMOTHER] = 5
    return c.words(index, RELATIONS)


def household_register(lives: Lives) -> pa.Table:
    """W07, with the addresses before a later move as overrides of the first row."""
    rows = _rows(lives)
    people, timeline = lives.people, lives.timeline
    rows = c.selected(rows, rows["period"] < timeline.months)
    who = rows["person"]
    reason = np.where(rows["cancel"] < NEVER, 0, -1)
    leaves = (lives.left[who] < NEVER) & (rows["operation"] == 0) & (lives.recorded_death[who] == NEVER)
    cancel = np.where(leaves, lives.left[who], rows["cancel"])
    reason = np.where(leaves, 1, reason)
    born = people.birth[who]
    came = np.where((people.moved[who] <= timeline.ends(rows["period"])), people.moved[who], born + 5)
    columns = {
        "person": who,
        "relation": relations(lives).take(pa.array(who)),
        "ethnicity": people.ethnicity.take(pa.array(who)),
        "marital_status": c.words(_marital_states(lives, who, rows["period"]), _STATES),
        "move_in_date": c.dates(came),
        "cancel_date": c.dates(cancel),
        "cancel_reason": c.words(reason, ("death", "moved_out")),
        "op": c.words(rows["operation"], _OPERATIONS),
    }
    for fact in np.flatnonzero(
        (people.moved[who] < NEVER) & (people.moved[who] > timeline.ends(rows["period"]))
    ):
        if people.moved[who[fact]] <= timeline.reference:
            mover = int(who[fact])
            county = lives.places.city.counties[lives.places.county[people.former_place[mover]]].name
            address = f"山东省{lives.places.city.name}{county}{people.former_village[mover].as_py()}"
            lives.overrides.append(Override("W07", int(fact), "address", address))
    return c.assemble("W07", rows["period"], columns, timeline)


def in_register(lives: Lives) -> Bools:
    """Who stands in the household register: residents with a resident's number."""
    kinds = lives.people.id_type.to_numpy(zero_copy_only=False)
    found: Bools = ~np.isin(kinds, ("护照", "外国人永久居留身份证", "港澳台居民居住证"))
    return found


def _rows(lives: Lives) -> dict[str, Ints]:
    """First rows, then exits, moves and weddings of later months, in order of person and period."""
    people, timeline = lives.people, lives.timeline
    unknown = np.array([row["person"] for row in lives.planned["unregistered"]], np.int64)
    who = np.setdiff1d(np.flatnonzero(in_register(lives)), unknown)
    first = timeline.period_of(people.birth[who] + 5)
    cancelled = lives.death_sources & REGISTER > 0
    cancel = np.where(cancelled, lives.register_cancel, NEVER)
    gone = timeline.period_of(cancel[who])
    never = np.full(len(who), NEVER, np.int64)
    base = {
        "person": who,
        "period": first,
        "cancel": np.where(gone <= first, cancel[who], never),
        "operation": np.zeros(len(who), np.int64),
    }
    rows = base
    for day, operation in ((cancel, 2), (people.moved, 1), (_weddings(lives), 1)):
        later = timeline.period_of(day[who])
        chosen = (later > first) & (day[who] <= timeline.reference)
        chosen &= (operation == 2) | (later < gone)
        change = {
            "person": who[chosen],
            "period": later[chosen],
            "cancel": np.where(operation == 2, cancel[who], never)[chosen],
            "operation": np.full(int(chosen.sum()), operation, np.int64),
        }
        rows = c.stacked(rows, change)
    order = np.lexsort((-rows["operation"], rows["period"], rows["person"]))
    rows = c.selected(rows, order)
    # Two changes of one person in one month are one row.
    twice = np.r_[False, (np.diff(rows["person"]) == 0) & (np.diff(rows["period"]) == 0)]
    return c.selected(rows, ~twice)


def _weddings(lives: Lives) -> Ints:
    """The day on which each one's state changes by a wedding; of those married to somebody else it does not."""
    day = np.full(lives.people.count, NEVER, np.int64)
    spouse = lives.people.spouse
    for row in (*lives.planned["weddings"], *lives.planned["W04"]):
        if row.get("type", 0) == 0:
            pair = (int(row["husband"]), int(row["wife"]))
            for one, other in (pair, pair[::-1]):
                if spouse[one] in (-1, other):
                    day[one] = row["day"]
    return day


def _marital_states(lives: Lives, who: Ints, period: Ints) -> Ints:
    people = lives.people
    end = lives.timeline.ends(period)
    spouse = people.spouse[who]
    wedding = _weddings(lives)[who]
    not_yet = (wedding > end) & (wedding < NEVER)
    widowed = (spouse >= 0) & (people.death[np.maximum(spouse, 0)] <= end)
    old_alone = (spouse < 0) & (people.age(lives.timeline.reference)[who] >= 70) & (who % 10 < 8)
    state = np.where(spouse >= 0, 1, 0)
    state = np.where(not_yet, 0, state)
    state = np.where(people.divorced[who] & (spouse < 0), 2, state)
    state = np.where(wedding <= end, 1, state)
    return np.where(widowed | old_alone, 3, state)
