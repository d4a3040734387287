"""Ends a server when the process that it was started for has ended: `python neo4j_guard.py OWNER SERVER`.

A program of its own, since who started the server may be killed at any moment. It imports nothing of the project.
"""

import os
import select
import signal
import sys
from contextlib import suppress

_PATIENCE = 20_000  # milliseconds


def guard(owner: int, server: int) -> None:
    """Wait until either has ended; then end the server."""
    with suppress(ProcessLookupError):
        watched = os.pidfd_open(server)
        poll = select.poll()
        poll.register(watched, select.POLLIN)
        with suppress(ProcessLookupError):
            poll.register(os.pidfd_open(owner), select.POLLIN)
            poll.poll()
        for ending in (signal.SIGTERM, signal.SIGKILL):
            signal.pidfd_send_signal(watched, ending)
            alive = select.poll()
            alive.register(watched, select.POLLIN)
            if alive.poll(_PATIENCE):
                return


if __name__ == "__main__":
    guard(int(sys.argv[1]), int(sys.argv[2]))
