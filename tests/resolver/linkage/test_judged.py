from dataclasses import dataclass
from typing import Literal

import numpy as np
import pytest

from resolver.errors import LinkageError
from resolver.linkage.judged import judged_pairs

KEYS = np.array([3, 10, 17, 24], np.int64)


@dataclass(frozen=True)
class Said:
    decision: Literal["same", "different", "undo"]
    record_key_l: int
    record_key_r: int


def test_rows_are_found_whatever_the_order_of_keys() -> None:
    found = judged_pairs([Said("same", 17, 3), Said("same", 3, 17), Said("different", 24, 10)], KEYS)
    assert found.same.tolist() == [[0, 2]]
    assert found.different.tolist() == [[1, 3]]


def test_unknown_records_and_undone_judgements_are_left_aside() -> None:
    found = judged_pairs([Said("same", 3, 4), Said("different", 99, 3), Said("undo", 3, 10)], KEYS)
    assert found.same.shape == found.different.shape == (0, 2)
    assert judged_pairs([Said("same", 3, 10)], KEYS[:0]).same.shape == (0, 2)


def test_a_contradiction_over_several_steps_names_its_records() -> None:
    said = [Said("same", 3, 10), Said("same", 10, 17), Said("different", 17, 3), Said("different", 24, 3)]
    with pytest.raises(LinkageError, match="other judgements: 3 and 17\n"):
        judged_pairs(said, KEYS)
