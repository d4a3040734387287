import mmap

import pytest

from api.measure import Measurements


def test_a_step_repeated_is_one_step_with_the_sum() -> None:
    measured = Measurements()
    for rows in (2, 3):
        with measured.step("receive") as step:
            step.rows = rows
    assert [(s["step"], s["rows"]) for s in measured.as_dicts()] == [("receive", 5)]


def test_the_peak_is_that_of_the_step_not_of_the_process() -> None:
    measured = Measurements()
    with measured.step("large"):
        # Not of the heap, which a short run before may have told to keep all.
        block = mmap.mmap(-1, 320_000_000)
        for _ in range(320):
            block.write(bytes(1_000_000))
        block.close()
    with measured.step("small"):
        pass
    large, small = (measured.steps[name].peak_memory_mb for name in ("large", "small"))
    if large == 0:
        pytest.fail("the kernel tells no peak memory on this machine")
    assert large > small + 200


def test_a_step_that_fails_is_measured_too() -> None:
    measured = Measurements()
    with pytest.raises(ValueError, match="no"), measured.step("fails"):
        raise ValueError("no")
    assert "fails" in measured.steps
