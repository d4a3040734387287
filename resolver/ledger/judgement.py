"""What humans decided about pairs of records, and which decisions cannot stand together."""

from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from resolver.errors import LinkageError

Decision = Literal["same", "different", "undo"]


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
    """

    decision: Decision
    record_key_l: int
    record_key_r: int
    actor: str
    reason: str
    at: datetime
    undoes: int | None = None
    judgement_id: int = 0


class ContradictionError(LinkageError):
    """A judgement that cannot stand beside earlier ones.

    Attributes:
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
        self.judgements = involved


def effective(judgements: Iterable[Judgement]) -> list[Judgement]:
    """The judgements that hold: `same` and `different` that were not undone, in the order they were made."""
    every = list(judgements)
    undone = {j.undoes for j in every if j.decision == "undo"}
    return [j for j in every if j.decision != "undo" and j.judgement_id not in undone]


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
