"""From what somebody says of two records or entities to the judgements that are recorded, for API and commands."""

from collections.abc import Sequence
from datetime import datetime

from resolver.errors import LinkageError
from resolver.ledger.judgement import Decision, Judgement, Witness, statement_pairs
from resolver.lookup import Lookup

MOST_PAIRS = 2_500
"""Judgements in one statement: two persons (or organisations) of fifty records each."""


def statement(
    decision: Decision, sides: tuple[Sequence[int], Sequence[int]], said: Judgement, lookup: Lookup
) -> list[Judgement]:
    """The judgements of records that a statement consists of.

    Args:
        decision: `same` or `different`.
        sides: Record keys of the one and of the other; all known to the snapshot.
        said: Gives actor, reason and time.
        lookup: Of the published snapshot: says which row gave which record.

    Raises:
        LinkageError: Both sides share a record, or it would be more than `MOST_PAIRS` judgements.
    """
    if set(sides[0]) & set(sides[1]):
        raise LinkageError("a judgement needs two: both sides are the same record, person or organisation")
    pairs = statement_pairs(decision, *sides)
    if len(pairs) > MOST_PAIRS:
        raise LinkageError(
            f"that would be {len(pairs):,} judgements; at most {MOST_PAIRS:,} are made at once",
            remedy="Judge some of the records instead.",
        )
    witness = _witnesses(sorted({*sides[0], *sides[1]}), lookup)
    return [
        Judgement(
            decision, left, right, said.actor, said.reason, said.at,
            witness_l=witness.get(left), witness_r=witness.get(right),
        )
        for left, right in pairs
    ]  # fmt: skip


def speaker(actor: str, reason: str, at: datetime) -> Judgement:
    """Who says something, why and when; records and decision are still to come."""
    return Judgement("undo", 0, 0, actor, reason, at)


def _witnesses(record_keys: Sequence[int], lookup: Lookup) -> dict[int, Witness]:
    """The first row that gave each record."""
    feeds = lookup.feeds(record_keys)
    found = {}
    for key in record_keys:
        rows = lookup.rows([key])
        if rows:
            first = min(rows, key=lambda row: (row["row_id"], row["role"]))
            found[key] = Witness(str(feeds[key]), str(first["role"]), int(first["row_id"]))
    return found
