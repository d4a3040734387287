"""What a step cost: seconds, rows, and the most memory the process held during it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

_CLEAR_REFS = Path("/proc/self/clear_refs")
_STATUS = Path("/proc/self/status")


@dataclass
class Step:
    """One measured step.

    Attributes:
        name: What was done.
        seconds: Wall time.
        rows: Rows handled, of whatever kind the step handles.
        peak_memory_mb: Highest resident memory of the process during the step, in MiB; 0 where not known.
    """

    name: str
    seconds: float = 0.0
    rows: int = 0
    peak_memory_mb: int = 0


@dataclass
class Measurements:
    """The steps of a run, in order; a step done several times is one, with the sum of its seconds and rows."""

    steps: dict[str, Step] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """Measure what happens inside; set `rows` on what this gives."""
        total = self.steps.setdefault(name, Step(name))
        now = Step(name)
        _forget_peak()
        started = time.perf_counter()
        try:
            yield now
        finally:
            total.seconds += time.perf_counter() - started
            total.rows += now.rows
            total.peak_memory_mb = max(total.peak_memory_mb, _peak_memory_mb())

    def as_dicts(self) -> list[dict[str, str | float | int]]:
        """The steps for JSON."""
        return [
            {
                "step": s.name,
                "seconds": round(s.seconds, 3),
                "rows": s.rows,
                "peak_memory_mb": s.peak_memory_mb,
            }
            for s in self.steps.values()
        ]


def _forget_peak() -> None:
    """Set the kernel's high-water mark of this process back to what it holds now (Linux)."""
    try:
        _CLEAR_REFS.write_text("5", "ascii")
    except OSError:  # not Linux, or not allowed: the mark is then that of the whole process
        return


def _peak_memory_mb() -> int:
    try:
        lines = _STATUS.read_text("ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM:")), 0)
