import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.errors import LinkageError
from resolver.linkage.spilling import Columns, Spill


def pairs(m: int, seed: int) -> Columns:
    """Distinct pairs in any order, with a weight and three levels each."""
    rng = np.random.default_rng(seed)
    keys = rng.permutation(40 * m + 1)[:m]
    left, right = (keys // 7).astype(np.int32), (keys % 7 + 1000).astype(np.int32)
    return left, right, rng.random(m), rng.integers(0, 9, (m, 3), dtype=np.uint8)


def collected(given_: Columns, cuts: list[int], room: int, ordered: bool) -> Columns:
    spill = Spill(room, ordered)
    for start, stop in zip([0, *cuts], [*cuts, len(given_[0])], strict=True):
        spill.add(tuple(column[start:stop] for column in given_))
    return spill.all()


@given(
    st.integers(0, 300),
    st.lists(st.integers(0, 300), max_size=8),
    st.sampled_from([1, 400, 3_000, 1 << 40]),
    st.booleans(),
)
def test_what_was_spilled_comes_back_the_same(m: int, cuts: list[int], room: int, ordered: bool) -> None:
    columns = pairs(m, m)
    found = collected(columns, sorted(min(cut, m) for cut in cuts), room, ordered)
    order = np.lexsort((columns[1], columns[0])) if ordered else np.arange(m)
    for one, other in zip(found, columns, strict=True):
        assert one.dtype == other.dtype
        assert (one == other[order]).all()


def mapped(array: np.ndarray[Any, Any]) -> bool:
    while array is not None:
        if isinstance(array, np.memmap):
            return True
        array = array.base  # type: ignore[assignment]
    return False


def test_only_what_exceeds_the_room_goes_to_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    columns = pairs(2_000, 1)
    assert not any(map(mapped, collected(columns, [1_000], 1 << 30, True)))
    files = len(list(Path("/proc/self/fd").iterdir()))
    found = collected(columns, list(range(100, 2_000, 100)), 10_000, True)
    assert all(map(mapped, found))
    assert list(tmp_path.iterdir()) == []  # files without a name
    del found
    assert len(list(Path("/proc/self/fd").iterdir())) <= files


def test_a_full_disk_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(LinkageError, match="No space left on device"):
        collected(pairs(100, 1), [50], 10, True)
