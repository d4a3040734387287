"""Candidate pairs by plain values: `recordlinkage.index.Block` on the values that each rule asks for."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from recordlinkage import Index
from recordlinkage.index import Block

from resolver.errors import LinkageError
from resolver.linkage.settings import BlockingRule
from resolver.toolkit.plain.keys import Key, rule_key
from resolver.toolkit.plain.person import Person

MOST_PAIRS = 2_000_000
"""Most pairs in all blocks of all rules together; with more of them that toolkit takes hours and all memory."""


@dataclass(frozen=True)
class Candidates:
    """Candidate pairs of rows, left < right.

    Attributes:
        left: int32 (m,).
        right: int32 (m,).
        rule: int16 (m,): number of the first rule that yields the pair.
    """

    left: NDArray[np.int32]
    right: NDArray[np.int32]
    rule: NDArray[np.int16]


def key_frame(persons: Sequence[Person], rules: Sequence[BlockingRule]) -> pd.DataFrame:
    """Keys of records: one row a record, one column a rule; equal numbers for equal values, NA where one is missing."""
    return pd.DataFrame(
        {rule.name: _numbers([rule_key(person, rule) for person in persons]) for rule in rules},
        dtype="Int64",
    )


def _numbers(keys: Sequence[Key]) -> list[int | None]:
    known: dict[Key, int] = {}
    return [None if key is None else known.setdefault(key, len(known)) for key in keys]


def without_oversized(keys: pd.DataFrame, most: int, left_out: NDArray[np.bool_]) -> pd.DataFrame:
    """Keys without those of too many records.

    Args:
        keys: See `key_frame`.
        most: Records that a key may have.
        left_out: bool (n, rules): keys that the model leaves out, however few records have them now.
    """
    sizes = pd.DataFrame({name: keys.groupby(name)[name].transform("size") for name in keys.columns})
    return keys.mask((sizes > most).fillna(False).to_numpy(np.bool_) | left_out)


def candidates(keys: pd.DataFrame) -> Candidates:
    """Pairs of records that have a key in common.

    Raises:
        LinkageError: There are too many for this toolkit.
    """
    _check_size(keys)
    nothing = np.zeros(0, np.int32)
    if len(keys) < 2:  # their Index divides by the number of possible pairs
        return Candidates(nothing, nothing, nothing.astype(np.int16))
    pairs = Index([Block(name) for name in keys.columns]).index(keys)
    ends = [pairs.get_level_values(level).to_numpy(np.int32) for level in (0, 1)]
    left, right = np.minimum(*ends), np.maximum(*ends)
    order = np.lexsort((right, left))
    left, right = left[order], right[order]
    return Candidates(left, right, _first_rule(keys, left, right))


def _first_rule(keys: pd.DataFrame, left: NDArray[np.int32], right: NDArray[np.int32]) -> NDArray[np.int16]:
    rule = np.full(len(left), -1, np.int16)
    for number, name in reversed(list(enumerate(keys.columns))):
        key = keys[name].fillna(-1).to_numpy(np.int64)
        rule[(key[left] == key[right]) & (key[left] >= 0)] = number
    return rule


def _check_size(keys: pd.DataFrame) -> None:
    sizes = np.concatenate([keys[name].value_counts().to_numpy(np.int64) for name in keys.columns])
    pairs = int((sizes * (sizes - 1) // 2).sum())
    if pairs > MOST_PAIRS:
        raise LinkageError(
            f"the blocks hold {pairs:,} pairs of records; recordlinkage can take {MOST_PAIRS:,}",
            remedy="Use the engine guiyi, or fewer records.",
        )
