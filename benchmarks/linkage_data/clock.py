"""Wall and CPU seconds and peak memory of one process, as every engine of a benchmark is measured."""

import resource
import time
from typing import Any


class Clock:
    """Wall and CPU seconds of the steps of a run."""

    def __init__(self) -> None:
        self.steps: dict[str, float] = {}
        self._wall = self._step = time.perf_counter()
        self._cpu = time.process_time()

    def step(self, name: str) -> None:
        now = time.perf_counter()
        self.steps[name] = round(now - self._step, 3)
        self._step = now

    def total(self) -> dict[str, Any]:
        """Everything so far, with the peak memory of the process."""
        return {
            "wall_seconds": round(time.perf_counter() - self._wall, 3),
            "cpu_seconds": round(time.process_time() - self._cpu, 3),
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
            "steps": self.steps,
        }
