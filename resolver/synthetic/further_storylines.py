"""The storylines of further rules: each takes people whom no other storyline has, in this order."""

from collections.abc import Callable

import numpy as np

from resolver.synthetic.aid_flag_conflicts import (
    best_benefits,
    changed_subsidies,
    flags_after_exit,
    late_entrants,
    missing_flags,
    periods_of_flags,
)
from resolver.synthetic.aid_list_conflicts import (
    changed_parents,
    differing_copies,
    excluded_lists,
    orphans_with_parents,
    supported_destitute,
)
from resolver.synthetic.aid_means_conflicts import homes_of_the_listed, means_of_the_listed
from resolver.synthetic.attendance_conflicts import cards_together
from resolver.synthetic.birth_conflicts import births
from resolver.synthetic.burden_conflicts import high_burdens
from resolver.synthetic.contribution_conflicts import unequal_bases, unequal_credits
from resolver.synthetic.death_aftermath import aid_after_death, charged_after_death, deaths_told_otherwise
from resolver.synthetic.disability_conflicts import ended_certificates, low_grades, numbers_inside
from resolver.synthetic.double_payments import both_schemes, paid_twice
from resolver.synthetic.employment_conflicts import (
    lent_jobs,
    pension_and_work,
    renamed_employers,
    unregistered_employers,
)
from resolver.synthetic.facility_conflicts import banned_in_office, settles_when_closed
from resolver.synthetic.injury_conflicts import after_accidents, unasked_injuries
from resolver.synthetic.lives import Lives
from resolver.synthetic.marriage_conflicts import register_behind, two_marriages
from resolver.synthetic.party_conflicts import hurt_at_work, known_by_name
from resolver.synthetic.register_conflicts import moved_away, uninsured, unregistered
from resolver.synthetic.service_conflicts import impossible_illness, oversupplied, served_twice
from resolver.synthetic.staffing_conflicts import headcounts, two_employers
from resolver.synthetic.storyline import Pools
from resolver.synthetic.unshared_deaths import unshared_deaths

Story = Callable[[Lives, Pools, np.random.Generator], None]

_STORIES: tuple[tuple[str, Story], ...] = (
    ("T02", after_accidents),
    ("T05", hurt_at_work),
    ("T06", known_by_name),
    ("T09", unasked_injuries),
    ("C01", unequal_bases),
    ("C06", unequal_credits),
    ("C03", headcounts),
    ("C05", two_employers),
    ("P02", missing_flags),
    ("P03", best_benefits),
    ("P04", periods_of_flags),
    ("P05", flags_after_exit),
    ("P06", changed_subsidies),
    ("P07", late_entrants),
    ("P11", homes_of_the_listed),
    ("P12", supported_destitute),
    ("P14", changed_parents),
    ("P13", orphans_with_parents),
    ("P15", lambda lives, _, rng: excluded_lists(lives, rng)),
    ("P16", differing_copies),
    ("P09", means_of_the_listed),
    ("D01", low_grades),
    ("D02", numbers_inside),
    ("D03", ended_certificates),
    ("unshared deaths", unshared_deaths),
    ("L04", charged_after_death),
    ("L10", aid_after_death),
    ("L11", deaths_told_otherwise),
    ("births", births),
    ("E02", both_schemes),
    ("E03", paid_twice),
    ("E10", unregistered),
    ("E11", uninsured),
    ("E12", moved_away),
    ("E14", pension_and_work),
    ("E13", lent_jobs),
    ("E09", unregistered_employers),
    ("E08", lambda lives, _, rng: renamed_employers(lives, rng)),
    ("FA03", lambda lives, _, rng: settles_when_closed(lives, rng)),
    ("FA10", banned_in_office),
    ("FA06", served_twice),
    ("FA08", oversupplied),
    ("FA09", impossible_illness),
    ("FA07 groups", cards_together),
    ("M01", register_behind),
    ("M02", two_marriages),
    ("MW1", high_burdens),
)
"""Name of the random numbers, mostly the rule's, and the story."""


_LEAST_FREE = 80
"""People outside all stories that a story needs to choose from: in a very small city people run out before rules do."""


def plant_further(lives: Lives, pools: Pools, randomness: Callable[[str], np.random.Generator]) -> None:
    """Plant the cases and look-alikes of further rules; `randomness` gives the generator of a name."""
    for name, story in _STORIES:
        if (pools.plain & ~lives.taken).sum() >= _LEAST_FREE:
            story(lives, pools, randomness(name))
