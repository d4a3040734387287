import numpy as np
import pytest
from numpy.typing import NDArray

from resolver.linkage.levels import MISSING, Comparison, IdNumber, Name
from resolver.linkage.scoring import Scored, split
from resolver.linkage.two_numbers import (
    contradicted,
    kept_of_persons,
    renumbered,
    seen_as,
    under_another_name,
)

_ONE_NAME = set(Name) - {name for name in Name if name > Name.FORMER}


def pairs(ends: list[tuple[int, int]], said: list[tuple[int, int]], log_odds: float = -9.0) -> Scored:
    """Pairs of rows with levels of name and number."""
    levels = np.full((len(ends), len(Comparison)), MISSING, np.uint8)
    levels[:, [Comparison.NAME, Comparison.ID_NUMBER]] = said
    left, right = np.array(ends, np.int32).reshape(-1, 2).T.copy()
    return Scored(left, right, np.full(len(ends), log_odds), np.zeros(len(ends), np.int16), levels)


def labels(*found: int) -> NDArray[np.int32]:
    return np.array(found, np.int32)


@pytest.mark.parametrize(
    "of_twin", [Name.SAME_RARE, Name.VARIANT, Name.HOMOPHONE, Name.LOOK_ALIKE, Name.ORDER]
)
@pytest.mark.parametrize(
    "of_owner", [Name.SAME_COMMON, Name.HOMOPHONE, Name.ONE_CHARACTER, Name.SURNAME_ONLY]
)
def test_a_row_is_contradicted_if_its_name_is_nearer_to_a_twin_than_to_its_number(
    of_twin: Name, of_owner: Name
) -> None:
    """Row 2 has the number of 0 and was born on the day of 1, who has another one."""
    levels = np.full((2, len(Comparison)), MISSING, np.uint8)
    levels[0, [Comparison.NAME, Comparison.ID_NUMBER]] = of_owner, IdNumber.SAME
    levels[1, [Comparison.NAME, Comparison.ID_NUMBER]] = of_twin, IdNumber.SAME_DAY_AND_PLACE
    ends = np.array([0, 1], np.int32), np.array([2, 2], np.int32)
    found = contradicted(seen_as(Scored(*ends, np.zeros(2), np.zeros(2, np.int16), levels), 3))
    rank = {name: 0 if name <= Name.VARIANT else 1 if name <= Name.ORDER else 2 for name in Name}
    assert found.tolist() == [False, False, rank[of_twin] < rank[of_owner]]


def test_namesakes_with_two_numbers_of_one_place_and_day_are_kept_whatever_they_weigh() -> None:
    said = [(name, number) for name in [*Name, MISSING] for number in [*IdNumber, MISSING]]
    ends = [(place, place + 1) for place in range(len(said))]
    kept, dropped = split(pairs(ends, said), kept_of_persons(-3.0))
    expected = [name in _ONE_NAME and number == IdNumber.SAME_DAY_AND_PLACE for name, number in said]
    assert kept.left.tolist() == np.flatnonzero(expected).tolist()
    assert len(kept) + len(dropped) == len(said)
    assert len(split(pairs(ends, said, -3.0), kept_of_persons(-3.0))[1]) == 0


def test_whoever_the_register_does_not_know_beside_a_namesake_of_such_a_number_is_doubtful() -> None:
    """Rows 0 and 1 are of one cluster, 2 and 3 of another one; 4 is alone. The register knows 1, by its number."""
    entries = np.array([0, 7, 0, 0, 0], np.uint64)
    of_one_name = (Name.SAME_COMMON, IdNumber.SAME_DAY_AND_PLACE)

    def found(*said: tuple[int, int]) -> list[int]:
        seen = seen_as(pairs([(0, 2), (1, 4)], list(said)), 5)
        return renumbered(labels(0, 0, 2, 2, 4), seen, entries).tolist()

    assert found(of_one_name, of_one_name) == [2, 4]
    assert found(of_one_name, (Name.HOMOPHONE, IdNumber.SAME_DAY_AND_PLACE)) == [2]
    assert found((Name.SAME_RARE, IdNumber.SAME_DAY), (Name.FORMER, IdNumber.SAME_DAY_AND_PLACE)) == [4]
    assert found((Name.SAME_RARE, IdNumber.SAME), (Name.SAME_RARE, MISSING)) == []


@pytest.mark.parametrize("name", list(Name))
def test_a_name_that_nobody_else_under_its_number_bears_is_doubtful(name: Name) -> None:
    """Row 2 has the number of 0 and 1, who have one name; as near to it as `name` is to that of 1. 3 has its name."""
    ends = [(0, 1), (0, 2), (1, 2), (2, 3)]

    def found(of: NDArray[np.int32], number: IdNumber) -> list[int]:
        said = [(Name.SAME_RARE, IdNumber.SAME), (Name.SURNAME_ONLY, IdNumber.SAME), (name, number)]
        said.append((Name.SAME_RARE, MISSING))
        return under_another_name(of, seen_as(pairs(ends, said), 4)).tolist()

    strange = name in (Name.SURNAME_ONLY, Name.DIFFERENT)
    assert found(labels(0, 0, 0, 0), IdNumber.SAME) == ([2] if strange else [])
    assert found(labels(0, 0, 0, 3), IdNumber.ONE_DIGIT) == [2]  # that name has another number
    assert found(labels(0, 0, 2, 2), IdNumber.SAME) == []  # stayed apart, with its own kind
