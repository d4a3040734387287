"""Serves the API with uvicorn: one process, threads for requests, JSON log lines without any personal value."""

import logging
import socket
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

import structlog
import uvicorn

from api.app import create_app
from api.console import err
from resolver.errors import SettingsError
from resolver.workspace import Workspace


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """Take an address, so that nobody else does before it is served on.

    Raises:
        SettingsError: It is taken, or not one of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with closing(socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)) as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind((host, port))
        except OSError as error:
            raise SettingsError(
                f"cannot listen on {host}:{port}: {error.strerror or error}",
                remedy="Stop what listens there, or name another address with --host or --port.",
            ) from error
        yield taken


def serve_on(taken: socket.socket, workspace: Workspace) -> None:
    """Serve until stopped. TLS ends at the gateway in front, so the default address is the machine itself."""
    log_as_json()
    config = uvicorn.Config(
        create_app(workspace, warm=True),
        access_log=False,  # its lines would hold whole addresses
        log_level=logging.WARNING,
        server_header=False,
        date_header=True,
    )
    taken.listen()  # from here on nobody is turned away
    host, port = taken.getsockname()[:2]
    err.print(f"serving {workspace.root} on http://{host}:{port}; Ctrl+C ends it", soft_wrap=True)
    with suppress(KeyboardInterrupt):  # the server has ended in good order and passes the signal on
        uvicorn.Server(config).run(sockets=[taken])


def log_as_json() -> None:
    """Log one JSON object a line to standard error."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
