"""Serves the API with uvicorn: one process, threads for requests, JSON log lines without any personal value."""

import logging
import sys

import structlog
import uvicorn

from api.app import create_app
from resolver.workspace import Workspace


def serve(workspace: Workspace, host: str, port: int) -> None:
    """Serve until stopped. TLS ends at the gateway in front, so the default address is the machine itself."""
    log_as_json()
    uvicorn.run(
        create_app(workspace),
        host=host,
        port=port,
        access_log=False,  # its lines would hold whole addresses
        log_level=logging.WARNING,
        server_header=False,
        date_header=True,
    )


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
