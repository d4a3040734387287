"""E07: employers that were cancelled and still contribute; renamed ones and namesakes in order (trap 22)."""

import numpy as np

from resolver.synthetic.economy import COMPANY, COOPERATIVE, SOLE_TRADER
from resolver.synthetic.lives import RESIDENT, Lives
from resolver.synthetic.names import put
from resolver.synthetic.storyline import Pools, cases_per_rule
from resolver.synthetic.timeline import NEVER, Bools, Ints, first_day, month_of


def cancelled_employers(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """Choose small employers; cancel some and let them go on, cancel others that had stopped, rename a few."""
    wanted = cases_per_rule(lives.people.count)
    employers, staff = _small_employers(lives, pools, 2 * wanted + wanted // 2 + 8, rng)
    go_on, stop, rename, namesake = np.split(
        employers, np.minimum(np.cumsum([wanted, wanted // 2 + 2, wanted // 4 + 2]), len(employers))
    )
    _go_on(lives, go_on, rng)
    _stop(lives, stop, staff, rng)
    _rename(lives, rename, rng)
    _share_names(lives, namesake[: wanted // 4 + 2], rng)


def _small_employers(
    lives: Lives, pools: Pools, wanted: int, rng: np.random.Generator
) -> tuple[Ints, dict[int, Ints]]:
    """Employers of one to six, all of whom are plain; their staff is reserved."""
    organisations = lives.organisations
    workers = np.flatnonzero(lives.works)
    employer = lives.employer[workers]
    size = np.bincount(employer, minlength=organisations.count)
    unsuitable = np.bincount(
        employer, ~(pools.plain & lives.enrolled & (lives.enrol_end == NEVER))[workers], organisations.count
    )
    young = np.bincount(
        employer, lives.enrol_start[workers] > lives.timeline.start(0) - 420, organisations.count
    )
    fits: Bools = (size >= 1) & (size <= 6) & (unsuitable == 0) & (young == 0)
    fits &= np.isin(organisations.kind, (COMPANY, SOLE_TRADER, COOPERATIVE)) & (
        organisations.cancelled == NEVER
    )
    fits[0] = False
    chosen = rng.permutation(np.flatnonzero(fits))[:wanted]
    order = workers[np.argsort(employer, kind="stable")]
    starts = np.searchsorted(np.sort(employer), np.arange(organisations.count + 1))
    staff = {int(o): order[starts[o] : starts[o + 1]] for o in chosen}
    lives.organisations.employable[chosen] = 0.0
    for people in staff.values():
        lives.taken[people] = True
    return chosen, staff


def _go_on(lives: Lives, employers: Ints, rng: np.random.Generator) -> None:
    timeline = lives.timeline
    # At least one month of contributions must follow, or nothing would show.
    later = rng.integers(1, max(timeline.months - 1, 2), len(employers))
    period = np.where((rng.random(len(employers)) < 0.5) | (timeline.months < 3), 0, later)
    month = np.where(
        period == 0, timeline.first - rng.integers(1, 12, len(employers)), timeline.first + period
    )
    day = first_day(month) + rng.integers(3, 25, len(employers))
    lives.organisations.cancelled[employers] = day
    for organisation, k in zip(employers, period, strict=True):
        lives.conflict("E07", [], "contributes after it was cancelled", k, organisation=organisation)


def _stop(lives: Lives, employers: Ints, staff: dict[int, Ints], rng: np.random.Generator) -> None:
    timeline = lives.timeline
    for index, organisation in enumerate(employers.tolist()):
        month = timeline.first - 1 - index % 2
        day = int(first_day(np.array([month]))[0]) + int(rng.integers(12, 25))
        lives.organisations.cancelled[organisation] = day
        leaves = day - int(rng.integers(0, 8))
        people = staff[organisation]
        lives.enrol_end[people] = leaves
        lives.works_until[people] = month - index % 3 // 2
        for person in people.tolist():
            lives.plan("W29", person=person, scheme=RESIDENT, start=leaves + 1)
        lives.innocent("E07", [], "cancelled after its last contribution", organisation=organisation)


def _rename(lives: Lives, employers: Ints, rng: np.random.Generator) -> None:
    """Trap 22: a new name, the same code; half of the contributions still come under the old one."""
    organisations, timeline = lives.organisations, lives.timeline
    own = [organisations.name[o].as_py() for o in employers.tolist()]
    new = [f"{name[:2]}新{name[2:]}" for name in own]
    organisations.former_name = put(organisations.former_name, employers, own)
    organisations.name = put(organisations.name, employers, new)
    day = timeline.start(0) - rng.integers(20, 400, len(employers))
    later = (np.arange(len(employers)) % 2 == 0) & (timeline.months > 1)
    organisations.renamed[employers] = np.where(
        later, timeline.end(0) + rng.integers(1, 28, len(employers)), day
    )
    for index, organisation in enumerate(employers.tolist()):
        lives.innocent("E07", [], "renamed, not cancelled", organisation=organisation, trap=22)
        if index % 2:
            lives.written(("W11", "employer", organisation), "employer_name", own[index])
        about = [
            ("W08", "enterprise", organisation),
            ("W11", "employer", organisation),
            ("W29", "employer", organisation),
        ]
        lives.trap(22, "renamed_enterprise", "same", about)


def _share_names(lives: Lives, employers: Ints, rng: np.random.Generator) -> None:
    """Trap 22: a cancelled entity of the same name with another code."""
    organisations = lives.organisations
    gone = np.flatnonzero((organisations.cancelled < NEVER) & (organisations.kind == COMPANY))
    gone = gone[month_of(organisations.cancelled[gone]) < lives.timeline.first - 5]
    gone = rng.permutation(gone[organisations.renamed[gone] == NEVER])[: len(employers)]
    employers = employers[: len(gone)]
    names = [organisations.name[o].as_py() for o in employers.tolist()]
    organisations.name = put(organisations.name, gone, names)
    for organisation, other in zip(employers.tolist(), gone.tolist(), strict=True):
        lives.innocent(
            "E07", [], "its cancelled namesake has another code", organisation=organisation, trap=22
        )
        about = [
            ("W08", "enterprise", organisation),
            ("W09", "enterprise", other),
            ("W11", "employer", organisation),
        ]
        lives.trap(22, "same_name_other_code", "different", about)
