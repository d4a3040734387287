import subprocess
import sys

import psutil
import pytest

from resolver import memory
from resolver.errors import SettingsError


@pytest.mark.parametrize(
    ("stated", "size"),
    [
        ("1000", 1000),
        ("900M", 900 << 20),
        ("16G", 16 << 30),
        ("1.5 GiB", 3 << 29),
        ("2t", 2 << 40),
        ("64kB", 64 << 10),
    ],
)
def test_a_size_may_be_stated(monkeypatch: pytest.MonkeyPatch, stated: str, size: int) -> None:
    monkeypatch.setenv(memory.SETTING, stated)
    assert memory.allowed() == size


@pytest.mark.parametrize("stated", ["much", "-1G", "1X", "G"])
def test_what_is_no_size_is_refused(monkeypatch: pytest.MonkeyPatch, stated: str) -> None:
    monkeypatch.setenv(memory.SETTING, stated)
    with pytest.raises(SettingsError, match="GUIYI_MEMORY"):
        memory.allowed()


def test_else_it_is_most_of_what_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(memory.SETTING, raising=False)
    total = psutil.virtual_memory().total
    assert 0 < memory.allowed() < total
    monkeypatch.setattr(memory, "free_memory", lambda: 1_000_000)
    assert memory.allowed() == 800_000


_TWICE = """
import resource
import numpy as np
from resolver.memory import for_a_short_run

for_a_short_run()
np.zeros(1000) + 1
for _ in range(2):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    np.empty(10_000_000, np.int64).fill(1)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(
    memory._SET is None, reason="the C library is not glibc: its allocator decides for itself"
)
def test_in_a_short_run_large_arrays_take_memory_that_was_given_back() -> None:
    run = subprocess.run([sys.executable, "-c", _TWICE], capture_output=True, text=True, check=True)
    first, second = map(int, run.stdout.split())
    assert first > 30 > second
