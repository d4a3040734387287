"""Traps of shared things: one phone, one address, one household number, one employer, one late batch."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from resolver.synthetic.lives import CERTIFICATE, CREMATION, Lives
from resolver.synthetic.medical_facts import OUTPATIENT
from resolver.synthetic.population import HUSBAND
from resolver.synthetic.storyline import Pools
from resolver.synthetic.timeline import DAY, NEVER, NO_MONTH, Ints

_ROWS = (("W07", "person"), ("W29", "insured"))


def shared_phone(lives: Lives, rng: np.random.Generator) -> None:
    """Trap 14: the clerk of some villages gave one phone for up to 5,000 people, or 2 % of a small city."""
    people, places = lives.people, lives.places
    wanted = min(5000, people.count // 50)
    villages = rng.permutation(np.flatnonzero(~places.urban))
    rank = np.full(len(places.urban), len(villages))
    rank[villages] = np.arange(len(villages))
    users = np.argsort(rank[people.place], kind="stable")[:wanted]
    clerk = int(users[np.flatnonzero(people.phone.take(pa.array(users)).is_valid())[0]])
    mask = np.zeros(people.count, bool)
    mask[users] = True
    people.phone = pc.if_else(pa.array(mask), people.phone[clerk], people.phone)
    _record_pairs(lives, users, 14, "phone_of_the_clerk", rng)


def shared_address(lives: Lives, rng: np.random.Generator) -> None:
    """Trap 15: a whole village without house numbers."""
    people = lives.people
    villages = np.flatnonzero(~lives.places.urban)
    village = int(
        rng.choice(villages[np.bincount(people.place, minlength=len(lives.places.urban))[villages] > 1])
    )
    inside = people.place == village
    people.door = pc.if_else(pa.array(inside), "", people.door)
    _record_pairs(lives, np.flatnonzero(inside), 15, "village_without_doors", rng)


def _record_pairs(lives: Lives, users: Ints, trap: int, name: str, rng: np.random.Generator) -> None:
    apart = rng.permutation(users[~lives.taken[users]])
    for one, other in zip(apart[:10].tolist(), apart[10:20].tolist(), strict=False):
        if lives.people.household[one] != lives.people.household[other]:
            lives.trap(
                trap, name, "different", [(feed, role, p) for feed, role in _ROWS for p in (one, other)]
            )


def reused_household_numbers(lives: Lives) -> None:
    """Trap 31: the number of a household that died out is written for another one in the same village."""
    people = lives.people
    size = np.bincount(people.household)
    gone = np.flatnonzero((size[people.household] == 1) & (people.death < NEVER) & ~lives.taken)[:10]
    heads = np.flatnonzero(
        (people.slot == HUSBAND) & (people.death == NEVER) & ~lives.taken & (size[people.household] > 1)
    )
    by_place = {int(place): int(head) for head, place in zip(heads, people.place[heads], strict=True)}
    for dead in gone.tolist():
        head = by_place.pop(int(people.place[dead]), None)
        if head is None:
            continue
        for member in np.flatnonzero(people.household == people.household[head]).tolist():
            number = f"{int(lives.places.region[people.place[dead]]) * 10**7 + int(people.household[dead])}"
            lives.written(("W07", "person", member), "household_no", number)
        lives.trap(
            31, "household_number_reused", "different", [("W07", "person", dead), ("W07", "person", head)]
        )


def late_batch(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """Trap 28: visits of last year and births of years ago that arrive with the newest delivery."""
    timeline = lives.timeline
    newest = timeline.months - 1
    for person in lives.take(pools.insured, 10, rng).tolist():
        begin = (timeline.end(0) - 300 - person % 60) * DAY + 37_000
        lives.plan("visits", patient=person, begin=begin, kind=OUTPATIENT, diagnosis=2, told=newest)
        lives.trap(28, "late_batch", "same", [("J05", "patient", person), ("W29", "insured", person)])
    people = lives.people
    recent = (people.birth > timeline.start(0) - 1600) & (people.birth < timeline.start(0) - 400)
    for child in lives.take(recent & (people.mother >= 0) & (people.death == NEVER), 5, rng).tolist():
        lives.plan("late_births", person=child)
        lives.trap(28, "late_birth_certificate", "same", [("W02", "child", child), ("W07", "person", child)])


def dispatch_firm(lives: Lives) -> None:
    """Trap 23: organisation 0 employs people by the thousand; they have nothing else in common."""
    staff = np.flatnonzero(
        lives.works & (lives.employer == 0) & ~lives.taken & (lives.works_until == NO_MONTH)
    )
    for one, other in zip(staff[:10].tolist(), staff[10:20].tolist(), strict=False):
        about = [("W11", "insured", one), ("W11", "insured", other)]
        lives.trap(23, "labour_dispatch_firm", "different", about)


def cremated_elsewhere(lives: Lives, rng: np.random.Generator) -> None:
    """Trap 26: the dead were cremated in another city."""
    both = CERTIFICATE | CREMATION
    who = lives.take((lives.people.death < NEVER) & (lives.death_sources & both == both), 10, rng)
    for person in who.tolist():
        lives.written(("W05", "deceased", person), "crematory", "青岛市殡仪馆")
        lives.trap(
            26, "cremated_elsewhere", "same", [("W01", "deceased", person), ("W05", "deceased", person)]
        )


def offices_and_calendars(lives: Lives) -> None:
    """Traps 33 and 36 are about departments and deadlines, not about rows."""
    lives.trap(
        33,
        "department_renamed",
        "innocent",
        [],
        "扶贫办 became 乡村振兴局, then part of 农业农村局: routing is by role",
    )
    lives.trap(
        36, "deadline_across_spring_festival", "innocent", [], "ten working days across 春节 and 调休 Sundays"
    )
