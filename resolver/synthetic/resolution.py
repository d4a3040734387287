"""From planned cells and traps about people to overrides and traps about facts."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from resolver.synthetic.amendments import Amendment, rows_concerned
from resolver.synthetic.lives import About, Lives
from resolver.synthetic.names import put
from resolver.synthetic.numbers import resident_numbers
from resolver.synthetic.timeline import Ints, compact_date
from resolver.synthetic.world import Conflict, Override, Trap


def settle_numbers(lives: Lives) -> None:
    """Give former numbers to those who had one, and one number to pairs who truly share it."""
    people = lives.people
    changed = np.array([row["person"] for row in lives.planned["former_numbers"]], np.int64)
    # An earlier number of another registry: another order code, the month of birth as it was reported then.
    births = compact_date(people.birth[changed])
    codes = people.issue_code[changed]
    former = resident_numbers(codes, births, 600 + changed % 150 * 2 + people.sex[changed] % 2)
    people.former_id_number = put(people.former_id_number, changed, former.to_pylist())
    shared = lives.planned["shared_numbers"]
    users = np.array([row["person"] for row in shared], np.int64)
    owners = np.array([row["owner"] for row in shared], np.int64)
    people.id_number = put(people.id_number, users, people.id_number.take(pa.array(owners)).to_pylist())


class FactIndex:
    """Finds the facts of a feed that are about somebody in a role."""

    def __init__(self, facts: dict[str, pa.Table]) -> None:
        self._facts = facts
        self._sorted: dict[tuple[str, str], tuple[Ints, Ints]] = {}

    def rows(self, about: About, where: Mapping[str, Any] | None = None) -> list[int]:
        """Fact numbers, in order, of those rows that have the values of `where`."""
        feed, role, who = about
        if (feed, role) not in self._sorted:
            column = self._facts[feed][role].to_numpy()
            order = np.argsort(column, kind="stable")
            self._sorted[feed, role] = (order, column[order])
        order, column = self._sorted[feed, role]
        start, end = np.searchsorted(column, [who, who + 1])
        facts = [int(fact) for fact in order[start:end]]
        for name, value in (where or {}).items():
            facts = [fact for fact in facts if self._facts[feed][name][fact].as_py() == value]
        return facts


def settle_row_conflicts(lives: Lives, facts: Mapping[str, pa.Table]) -> None:
    """Turn planned conflicts about rows into conflicts about facts, after those have their last numbers."""
    by_feed = defaultdict(list)
    for row in lives.planned["row_conflicts"]:
        by_feed[row["feed"]].append(row)
    for feed, rows in by_feed.items():
        about = [Amendment(feed, "set", row["role"], row["organisation"], where=row["where"]) for row in rows]
        for row, places in zip(rows, rows_concerned(facts[feed], about), strict=True):
            found = tuple((feed, fact) for fact in places.tolist())
            whose, told = row["organisation"], {"period": row["period"], "why": row["why"]}
            lives.conflicts.append(Conflict(row["rule"], row["planted"], (), whose, found, **told))


def settle_overrides(lives: Lives, index: FactIndex) -> None:
    """Turn planned cells into overrides of every fact about the person or organisation."""
    people = lives.people
    for row in lives.planned["written"]:
        facts = index.rows(row["about"], row["where"])
        _override(lives, facts, row["about"], row["column"], row["value"])
    for row in lives.planned["written_numbers"]:
        numbers = people.former_id_number if row["former"] else people.id_number
        number = numbers[row["owner"]].as_py()
        if number is not None:
            facts = index.rows(row["about"], row["where"])
            _override(lives, facts, row["about"], row["column"], number)


def settle_traps(lives: Lives, index: FactIndex) -> None:
    """Turn planned traps into traps about facts; at most three rows of one feed for each person."""
    for row in lives.planned["traps"]:
        about: Sequence[About] = row["about"]
        facts = [
            (feed, fact, role) for feed, role, who in about for fact in index.rows((feed, role, who))[:3]
        ]
        lives.traps.append(Trap(row["number"], row["name"], row["expect"], tuple(facts), row["note"]))


def _override(lives: Lives, facts: Sequence[int], about: About, column: str, value: str | None) -> None:
    lives.overrides.extend(Override(about[0], fact, column, value) for fact in facts)
