"""Keeps what every request needs, keys and publication, in memory and no older than two seconds.

Reading the ledger at every request would cost more than the answer. A thread looks into it twice a second instead;
a request that finds what is held older than `MAX_AGE` looks itself before it goes on, so a key that was revoked is
refused after two seconds at most, even while that thread is held up.
"""

import time
from collections.abc import Callable, Sequence
from threading import Event, Lock, Thread

import structlog

from resolver.errors import GuiyiError

MAX_AGE = 2.0
"""Seconds after which nobody is answered from what was last read of the ledger."""

_EVERY = 0.5
_log = structlog.get_logger("guiyi")


class Watch:
    """Calls functions that bring something up to date. Safe to use from several threads."""

    def __init__(
        self, refreshers: Sequence[Callable[[], object]], after_change: Callable[[], object]
    ) -> None:
        """Start watching.

        Args:
            refreshers: Each brings one thing up to date; all are called about twice a second.
            after_change: Called on the watching thread after each look, for work that no request should wait for.
        """
        self._refreshers = refreshers
        self._after_change = after_change
        self._looked_at = float("-inf")
        self._lock = Lock()
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="watch", daemon=True)
        self._thread.start()

    @property
    def is_fresh(self) -> bool:
        """Whether what is held is recent enough to answer from."""
        return time.monotonic() - self._looked_at <= MAX_AGE

    def refresh(self) -> None:
        """Look now, unless another thread just did.

        Raises:
            GuiyiError: The ledger cannot be read, or nothing can be served; what is held stays as it is.
        """
        asked_at = time.monotonic()
        with self._lock:
            if self._looked_at >= asked_at:
                return
            looking_at = time.monotonic()
            for refresher in self._refreshers:
                refresher()
            self._looked_at = looking_at

    def close(self) -> None:
        """Stop watching."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self.refresh()
                self._after_change()
            except GuiyiError as error:
                _log.warning("watch", problem=type(error).__name__)
            self._stopping.wait(_EVERY)
