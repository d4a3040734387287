"""Columns that are touched beforehand."""

import numpy as np
import pytest

from resolver.linkage.patches import Patch, patched_columns
from resolver.linkage.room import Room


@pytest.mark.parametrize("thought", [0, 3, 5000])
def test_columns_are_of_the_length_asked_for_whatever_was_thought(thought: int) -> None:
    like = {"key": np.zeros(1, np.int64), "level": np.zeros(1, np.uint8)}
    columns = Room(like, thought).columns(1000)
    assert {name: (len(column), column.dtype) for name, column in columns.items()} == {
        "key": (1000, np.int64),
        "level": (1000, np.uint8),
    }


def test_what_is_put_there_is_what_would_be_put_elsewhere() -> None:
    old = {"key": np.arange(9000, dtype=np.int64), "level": np.arange(9000).astype(np.uint8)}
    new = {"key": np.array([-1, -2]), "level": np.array([7, 8], np.uint8)}
    patch = Patch(np.array([3, 4, 8999]), np.array([0, 4]))
    expected = patched_columns(old, patch, new)
    found = patched_columns(old, patch, new, Room(old, 9001))
    assert {name: column.tolist() for name, column in found.items()} == {
        name: column.tolist() for name, column in expected.items()
    }
