"""Rows that say too little, or twice: Q05, Q08, Q10, Q11, and what is in order although it looks alike.

Here departments only write otherwise; no life changes. What Q08, Q10 and Q11 must find is read off the written files
(`written_faults.py`), together with all that the error model makes of the same kind.
"""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from resolver.synthetic.lives import RESIDENT, Lives
from resolver.synthetic.storyline import Pools, planted
from resolver.synthetic.timeline import Bools, Ints

_LOST = ("?", "□", "\ue5e5", "*", "▢", "\uf8d0")
Facts = Mapping[str, pa.Table]


def vague_addresses(lives: Lives, pools: Pools, facts: Facts, rng: np.random.Generator) -> None:
    """Q05: addresses that end with the town, of residents; with an employer beside them they will do."""
    wanted = planted(lives.people.count)
    idle = pools.insured & (lives.scheme == RESIDENT) & ~lives.works & _once(lives, facts["W29"]["insured"])
    for person in lives.take(idle, wanted, rng).tolist():
        lives.written(("W29", "insured", person), "address", _down_to_town(lives, person))
        lives.conflict("Q05", [person], "an address down to the town only")
    working = pools.insured & lives.works & (lives.employer >= 0) & _once(lives, facts["W29"]["insured"])
    for person in lives.take(working, wanted // 3 + 1, rng).tolist():
        lives.written(("W29", "insured", person), "address", _down_to_town(lives, person))
        lives.innocent("Q05", [person], "down to the town only, with the employer")
    for person in lives.take(idle, wanted // 4 + 1, rng).tolist():
        places, place = lives.places, lives.people.place[person]
        village = places.village[place].as_py()
        office = village + "委会" if village.endswith("村") else village + "居委会"
        lives.written(("W29", "insured", person), "address", _down_to_town(lives, person) + office)
        lives.innocent("Q05", [person], "an address down to the committee of the village")


def lost_characters(lives: Lives, pools: Pools, facts: Facts, rng: np.random.Generator) -> None:
    """Q10: hospitals whose programs lack a character of the name write something in its place."""
    seen = _often(lives, facts["W28"]["patient"], 2)
    latin = pc.match_substring_regex(lives.people.name, "[A-Za-z·]").to_numpy(zero_copy_only=False)
    who = lives.take(pools.insured & seen & ~latin, planted(lives.people.count), rng)
    for index, person in enumerate(who.tolist()):
        name = lives.people.name[person].as_py()
        at = 1 + index % (len(name) - 1)
        spoilt = name[:at] + _LOST[index % len(_LOST)] + name[at + 1 :]
        lives.written(("W28", "patient", person), "name", spoilt)


def missing_elements(lives: Lives, pools: Pools, facts: Facts, rng: np.random.Generator) -> None:
    """Q11: accounts of the housing fund without state or base; and a delivery that says no amount at all."""
    wanted = planted(lives.people.count)
    free = pools.insured & lives.works & _once(lives, facts["W13"]["depositor"])
    for index, person in enumerate(lives.take(free, wanted, rng).tolist()):
        missing = "status" if index % 2 else "base"
        lives.amend("W13", "depositor", person, {missing: None})
    for person in lives.take(free, wanted // 3 + 1, rng).tolist():
        lives.written(("W13", "depositor", person), "phone", None)
        lives.amend("W13", "depositor", person, {"deposit": None})
        lives.innocent("Q11", [person], "an account without what need not be said")
    month = min(1, lives.timeline.months - 1)
    suspects = facts["W32"].filter(pc.equal(facts["W32"]["period"], month))["suspect"].to_pylist()
    for person in sorted(set(suspects)):
        lives.amend("W32", "suspect", person, {"amount": None}, period=month)


def repeated_rows(lives: Lives, pools: Pools, facts: Facts, rng: np.random.Generator) -> None:
    """Q08: visits and accounts told twice in one file; a correction in the same file is none."""
    wanted = planted(lives.people.count)
    seen = pools.insured & _often(lives, facts["W28"]["patient"], 4)
    for person in lives.take(seen, wanted // 2 + 1, rng).tolist():
        lives.repeat("W28", "patient", person, {})
    free = pools.insured & lives.works & _once(lives, facts["W13"]["depositor"])
    for person in lives.take(free, wanted // 2, rng).tolist():
        lives.repeat("W13", "depositor", person, {})
    for person in lives.take(free, wanted // 3 + 1, rng).tolist():
        lives.repeat("W13", "depositor", person, {"op": "correct"})
        lives.innocent("Q08", [person], "told once more as a correction")


def _down_to_town(lives: Lives, person: int) -> str:
    places, place = lives.places, lives.people.place[person]
    county = places.city.counties[places.county[place]].name
    return f"山东省{places.city.name}{county}{places.town[place].as_py()}"


def _once(lives: Lives, subjects: pa.ChunkedArray) -> Bools:
    """Who has exactly one row."""
    found: Bools = _times(lives, subjects) == 1
    return found


def _often(lives: Lives, subjects: pa.ChunkedArray, most: int) -> Bools:
    """Who has a row, and no more than so many."""
    times = _times(lives, subjects)
    found: Bools = (times > 0) & (times <= most)
    return found


def _times(lives: Lives, subjects: pa.ChunkedArray) -> Ints:
    who = subjects.to_numpy()
    return np.bincount(who[who >= 0], minlength=lives.people.count)
