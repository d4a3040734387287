"""What humans decided about pairs of records, and which decisions cannot stand together."""

from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise, product
from typing import Literal

import pyarrow as pa

from resolver.errors import LinkageError

Decision = Literal["same", "different", "undo"]


@dataclass(frozen=True)
class Witness:
    """A row that gave a judged record: finds it again when a later software version gives it another key.

    Attributes:
        feed: The feed, for people.
        role: Which of the row's persons.
        row_id: As in `docs/data.md`: it follows from the content of the department's file alone.
    """

    feed: str
    role: str
    row_id: int


@dataclass(frozen=True)
class Judgement:
    """A decision about two records; `undo` takes an earlier one back.

    Attributes:
        decision: `same` (must link), `different` (must not link) or `undo`.
        record_key_l: The one record.
        record_key_r: The other.
        actor: Account of who decided.
        reason: Why, in words.
        at: When, with time zone.
        undoes: For `undo`: number of the judgement taken back.
        judgement_id: Number given by the ledger; 0 before.
        statement_id: Number of the first judgement of the statement it belongs to (what was said of two persons is
            several judgements of records), its own when it stands alone; 0 before.
        witness_l: A row of the one record; None when not known.
        witness_r: A row of the other.
    """

    decision: Decision
    record_key_l: int
    record_key_r: int
    actor: str
    reason: str
    at: datetime
    undoes: int | None = None
    judgement_id: int = 0
    statement_id: int = 0
    witness_l: Witness | None = None
    witness_r: Witness | None = None


class ContradictionError(LinkageError):
    """A judgement that cannot stand beside earlier ones.

    Attributes:
        new: The one that was refused.
        judgements: The earlier ones, all that are involved.
    """

    def __init__(self, new: Judgement, involved: tuple[Judgement, ...]) -> None:
        named = "; ".join(
            f"judgement {j.judgement_id}: {j.record_key_l} and {j.record_key_r} {j.decision} "
            f"(by {j.actor}, {j.at.isoformat(timespec='seconds')})"
            for j in involved
        )
        super().__init__(
            f"records {new.record_key_l} and {new.record_key_r} cannot be judged {new.decision}: {named}",
            remedy="Undo the one that is wrong, then judge again.",
        )
        self.new = new
        self.judgements = involved


def effective(judgements: Iterable[Judgement]) -> list[Judgement]:
    """The judgements that hold: `same` and `different` that were not undone, in the order they were made."""
    every = list(judgements)
    undone = {j.undoes for j in every if j.decision == "undo"}
    return [j for j in every if j.decision != "undo" and j.judgement_id not in undone]


def statement_pairs(
    decision: Decision, records_l: Sequence[int], records_r: Sequence[int]
) -> list[tuple[int, int]]:
    """The pairs of records that a statement about two persons judges.

    `same` says that all records of both are of one person: a chain through all of them. `different` says that no
    record of the one is of the other: every pair across. It says nothing of whether either is rightly one person.

    Args:
        decision: `same` or `different`.
        records_l: Record keys of the one person, at least one; for a judgement of two records these alone.
        records_r: Record keys of the other, none of them the one's.
    """
    if decision == "same":
        return list(pairwise([*sorted(records_l), *sorted(records_r)]))
    return list(product(sorted(records_l), sorted(records_r)))


def judged_labels(holding: Iterable[Judgement]) -> pa.Table:
    """Judgements as labels for training.

    Args:
        holding: What `effective` gave.

    Returns:
        `record_key_l` int64 < `record_key_r` int64, `is_match` bool; each pair once, sorted.
    """
    decided = {
        (min(j.record_key_l, j.record_key_r), max(j.record_key_l, j.record_key_r)): j.decision == "same"
        for j in holding
    }
    pairs = sorted(decided)
    return pa.table(
        {
            "record_key_l": pa.array([left for left, _ in pairs], pa.int64()),
            "record_key_r": pa.array([right for _, right in pairs], pa.int64()),
            "is_match": pa.array([decided[pair] for pair in pairs], pa.bool_()),
        }
    )


class Standing:
    """Judgements that stand together, with the next one checked in about constant time."""

    def __init__(self, holding: Iterable[Judgement]) -> None:
        """Begin with judgements that are known to stand together."""
        self._holding: list[Judgement] = []
        self._parent: dict[int, int] = {}
        self._apart: dict[int, set[int]] = defaultdict(set)
        for judgement in holding:
            self._take(judgement)

    def add(self, new: Judgement) -> None:
        """Take one more in.

        Raises:
            ContradictionError: Those in it say otherwise; the error names all that are involved.
        """
        left, right = self._root(new.record_key_l), self._root(new.record_key_r)
        contradicts = right in self._apart[left] if new.decision == "same" else left == right
        if contradicts:
            raise ContradictionError(new, contradiction(new, self._holding))
        self._take(new)

    def _take(self, judgement: Judgement) -> None:
        self._holding.append(judgement)
        left, right = self._root(judgement.record_key_l), self._root(judgement.record_key_r)
        if judgement.decision == "different":
            self._apart[left].add(right)
            self._apart[right].add(left)
        elif left != right:
            self._join(left, right)

    def _join(self, left: int, right: int) -> None:
        small, large = sorted((left, right), key=lambda root: len(self._apart[root]))
        self._parent[small] = large
        for other in self._apart.pop(small):
            self._apart[other].discard(small)
            self._apart[other].add(large)
            self._apart[large].add(other)

    def _root(self, record: int) -> int:
        while (parent := self._parent.get(record, record)) != record:
            self._parent[record] = self._parent.get(parent, parent)
            record = parent
        return record


def contradiction(new: Judgement, holding: list[Judgement]) -> tuple[Judgement, ...]:
    """Earlier judgements with which `new` cannot stand; empty when it can.

    Args:
        new: A `same` or `different`.
        holding: What `effective` gave; free of contradictions.
    """
    links: dict[int, list[tuple[int, Judgement]]] = defaultdict(list)
    for judgement in holding:
        if judgement.decision == "same":
            links[judgement.record_key_l].append((judgement.record_key_r, judgement))
            links[judgement.record_key_r].append((judgement.record_key_l, judgement))
    left = _chains(new.record_key_l, links)
    if new.decision == "different":
        return left.get(new.record_key_r, ())
    right = _chains(new.record_key_r, links)
    for judgement in holding:
        if judgement.decision != "different":
            continue
        for a, b in (
            (judgement.record_key_l, judgement.record_key_r),
            (judgement.record_key_r, judgement.record_key_l),
        ):
            if a in left and b in right:
                return (*left[a], judgement, *right[b])
    return ()


def _chains(start: int, links: dict[int, list[tuple[int, Judgement]]]) -> dict[int, tuple[Judgement, ...]]:
    """Every record held to be the same as `start` -> the shortest chain of judgements that says so."""
    chains: dict[int, tuple[Judgement, ...]] = {start: ()}
    waiting = deque([start])
    while waiting:
        record = waiting.popleft()
        for other, judgement in links.get(record, []):
            if other not in chains:
                chains[other] = (*chains[record], judgement)
                waiting.append(other)
    return chains
