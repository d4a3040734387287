"""Characters that the departments' own files show to be mistaken for one another.

Where two records of one ID number give names that differ in one character, somebody read, wrote or typed it wrongly.
A pair of characters that turns up for several people, far more often than chance would have it, is a confusion;
twins whose numbers were swapped differ in a character too, but hardly ever in the same two.
"""

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.blocking import Blocking, Rows, expand
from resolver.linkage.columns import Columns, Word
from resolver.linkage.comparison import Comparable, compare
from resolver.linkage.levels import BesideNumber, Comparison, IdNumber, Name

LEAST_PEOPLE = 3
LEAST_LIFT = 4.0
_SUBSTITUTED = (Name.ONE_CHARACTER, Name.SURNAME_ONLY, Name.GIVEN_ONLY)


def learn_confusions(columns: Columns, data: Comparable, blocking: Blocking, rule: int) -> NDArray[np.uint64]:
    """Pairs of characters that are mistaken for one another, both ways, as in `characters.look_alikes`.

    Args:
        columns: The records.
        data: The same, as they are compared.
        blocking: Blocks of the rules.
        rule: Number of the rule whose blocks hold records of one ID number.
    """
    left, right = expand(blocking, rule, slice(None))
    place, one, other = _substitutions(data, left, right)
    pair = np.minimum(one, other) << np.uint64(32) | np.maximum(one, other)
    people = np.unique(np.stack([pair, columns.words[left[place], Word.ID_NUMBER]]), axis=1)[0]
    pairs, counts = np.unique(people, return_counts=True)
    first, second = pairs >> np.uint64(32), pairs & np.uint64(0xFFFFFFFF)
    expected = len(people) * 2.0 * _share(data, first) * _share(data, second)
    learnt = (counts >= LEAST_PEOPLE) & (counts >= LEAST_LIFT * expected)
    first, second = first[learnt], second[learnt]
    return np.sort(np.concatenate([first << np.uint64(32) | second, second << np.uint64(32) | first]))


def _substitutions(
    data: Comparable, left: Rows, right: Rows
) -> tuple[NDArray[np.intp], NDArray[np.uint64], NDArray[np.uint64]]:
    """Of pairs with one number, those whose names differ in one character: their places, and the two characters."""
    levels = compare(data, left, right)
    same = (levels[:, Comparison.ID_NUMBER] == IdNumber.SAME) & np.isin(
        levels[:, Comparison.NAME], _SUBSTITUTED
    )
    same &= ~np.isin(levels[:, Comparison.BESIDE_NUMBER], (BesideNumber.SEX, BesideNumber.CONFLICTS))
    sizes = np.diff(data.starts)
    places = np.flatnonzero(same & (sizes[left] == sizes[right]))
    longest = int(sizes[left[places]].max()) if len(places) else 0
    steps = np.arange(longest)
    inside = steps < sizes[left[places]][:, None]
    one = _characters(data, left[places], steps)
    other = _characters(data, right[places], steps)
    differs = inside & (one != other)
    single = differs.sum(axis=1) == 1
    return places[single], one[single][differs[single]], other[single][differs[single]]


def _characters(data: Comparable, rows: Rows, steps: NDArray[np.intp]) -> NDArray[np.uint64]:
    """Characters of names (k, longest); what lies beyond a name's end is any character."""
    last = max(len(data.chars) - 1, 0)
    characters: NDArray[np.uint64] = data.chars[np.minimum(data.starts[rows][:, None] + steps, last)].astype(
        np.uint64
    )
    return characters


def _share(data: Comparable, characters: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Share of each character among the characters of all names."""
    known, counts = np.unique(data.chars, return_counts=True)
    return counts[np.searchsorted(known, characters)] / len(data.chars)
