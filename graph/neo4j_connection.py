"""Speaking to a Neo4j server: where it is, how it is asked, and what is said when it does not answer.

The only module that imports the driver. No query text comes from outside `graph.neo4j_*`; values are parameters.
"""

import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import neo4j
from neo4j.exceptions import (
    AuthError,
    ConfigurationError,
    DriverError,
    Neo4jError,
    ServiceUnavailable,
    SessionExpired,
)

from resolver.errors import SettingsError, StoreError

OLDEST_SERVER = (5, 26)
"""Of the 5 line; servers numbered by the year (2025.01 and later) are newer."""

FETCH = 20_000  # rows the server sends at a time

_CONNECT_SECONDS = 5.0
_ACQUIRE_SECONDS = 20.0
_RETRY_SECONDS = 15.0
_URI = re.compile(r"(bolt|neo4j)(\+s|\+ssc)?://[^/@\s]+(:\d+)?/?")

_T = TypeVar("_T")
Row = Sequence[Any]


class Runner(Protocol):
    """What runs a query: a session, or a transaction."""

    def run(self, query: str, parameters: dict[str, Any] | None = None) -> neo4j.Result:
        """Run it."""
        ...


@dataclass(frozen=True)
class Address:
    """Where a graph lies.

    Attributes:
        uri: `bolt://host:port`; `bolt+s://` with TLS.
        user: Account.
        password: Its password; never shown.
        database: Name of the database on the server.
        graph: Name of the graph in that database; several may share one.

    Raises:
        SettingsError: One of them cannot be.
    """

    uri: str
    user: str = "neo4j"
    password: str = field(default="", repr=False)
    database: str = "neo4j"
    graph: str = "guiyi"

    def __post_init__(self) -> None:
        if not _URI.fullmatch(self.uri):
            raise SettingsError(
                "graph.uri is not an address such as bolt://127.0.0.1:7687",
                remedy="Correct it in guiyi.toml; user and password do not belong into it.",
            )
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,40}", self.graph):
            raise SettingsError(
                f"graph.name {self.graph!r} cannot name a graph",
                remedy="Use up to 41 small letters, digits and underscores, a letter first.",
            )


class Connection:
    """The driver of one address, opened at first use; safe to use from several threads."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._lock = threading.Lock()
        self._driver: neo4j.Driver | None = None

    def read(self, work: Callable[[neo4j.Session], _T]) -> _T:
        """Do reading work in a session; once more when the connection is lost underway.

        Raises:
            StoreError: The server does not answer, or not as it should.
        """
        with self._told():
            try:
                return self._once(work)
            except (SessionExpired, ServiceUnavailable):
                return self._once(work)

    def write(self, work: Callable[[neo4j.ManagedTransaction], _T]) -> _T:
        """Do writing work in one transaction, again when the server asks for it.

        Raises:
            StoreError: It cannot be done.
        """
        with self._told(), self._session(neo4j.WRITE_ACCESS) as session:
            return session.execute_write(work)

    def command(self, query: str, **parameters: Any) -> None:
        """Run a query that makes its own transactions, or changes the schema.

        Raises:
            StoreError: It cannot be done.
        """
        with self._told(), self._session(neo4j.WRITE_ACCESS) as session:
            try:
                session.run(query, parameters).consume()
            except Neo4jError as error:
                # IF NOT EXISTS looks and then makes: of two graphs that begin at one moment one finds it made.
                if not _code(error).endswith("EquivalentSchemaRuleAlreadyExists"):
                    raise

    def close(self) -> None:
        """Close all connections; a later use opens them again."""
        with self._lock:
            if self._driver is not None:
                self._driver.close()
                self._driver = None

    def _once(self, work: Callable[[neo4j.Session], _T]) -> _T:
        with self._session(neo4j.READ_ACCESS) as session:
            return work(session)

    def _session(self, mode: str) -> neo4j.Session:
        return self._open().session(
            database=self.address.database, default_access_mode=mode, fetch_size=FETCH
        )

    def _open(self) -> neo4j.Driver:
        with self._lock:
            if self._driver is None:
                driver = neo4j.GraphDatabase.driver(
                    self.address.uri,
                    auth=(self.address.user, self.address.password),
                    connection_timeout=_CONNECT_SECONDS,
                    connection_acquisition_timeout=_ACQUIRE_SECONDS,
                    max_transaction_retry_time=_RETRY_SECONDS,
                    liveness_check_timeout=30.0,
                    notifications_min_severity="OFF",
                    telemetry_disabled=True,
                    user_agent="guiyi",
                )
                try:
                    check_server(driver.get_server_info().agent, self.address.uri)
                except BaseException:
                    driver.close()
                    raise
                self._driver = driver
            return self._driver

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Tell the driver's errors as ours."""
        try:
            yield
        except (DriverError, Neo4jError, OSError, ValueError) as error:
            raise explained(error, self.address) from error


def rows(runner: Runner, query: str, parameters: Mapping[str, Any] | None = None) -> Iterator[Row]:
    """The rows a query gives, as they arrive."""
    result = runner.run(query, dict(parameters or {}))
    for record in result:
        yield record.values()


def check_server(agent: str, uri: str) -> None:
    """See that a server is a Neo4j that is new enough.

    Args:
        agent: What it calls itself, such as `Neo4j/5.26.30`.
        uri: Its address.

    Raises:
        StoreError: It is not.
    """
    found = re.match(r"Neo4j/(\d+)\.(\d+)", agent)
    if found is None:
        raise StoreError(
            f"{uri} is not a Neo4j server: it calls itself {agent!r}",
            remedy="Correct graph.uri in guiyi.toml.",
        )
    if (int(found.group(1)), int(found.group(2))) < OLDEST_SERVER:
        oldest = ".".join(map(str, OLDEST_SERVER))
        raise StoreError(
            f"{uri} is {agent.replace('/', ' ')}; this software needs {oldest} or newer",
            remedy="Update the server, or leave graph.uri out to use the embedded store.",
        )


def explained(error: Exception, address: Address) -> StoreError:
    """What an error of the driver means to who runs the service. Passwords and parameters do not come into it."""
    where = f"graph store {address.uri}"
    if isinstance(error, AuthError) or _code(error).endswith("AuthenticationRateLimit"):
        return StoreError(
            f"{where} refuses user {address.user!r} with the password given",
            remedy="Set the password in GUIYI_GRAPH_PASSWORD, or in the file that graph.password_file names.",
        )
    text = _text(error)
    for words, message, remedy in _KNOWN:
        if any(word in text for word in words):
            return StoreError(f"{where} {message}", remedy=remedy)
    if isinstance(error, ServiceUnavailable | SessionExpired | OSError | DriverError):
        if isinstance(error, ConfigurationError):
            return StoreError(f"{where} cannot be used: {error}", remedy="Correct graph.uri in guiyi.toml.")
        return StoreError(
            f"{where} does not answer",
            remedy="See that Neo4j runs and that graph.uri in guiyi.toml is right, then try again; "
            "nothing was changed in the workspace.",
        )
    code = _code(error)
    return StoreError(
        f"{where} failed ({code or type(error).__name__})",
        remedy="Look into the log of the server, then try again; nothing was changed in the workspace.",
    )


_KNOWN = (
    (
        ("no space left", "file too large", "disk quota", "not enough space", "transactionlogerror"),
        "cannot write: its disk is full, or fails",
        "Make space on the disk of the server and start it again, then try again; "
        "readers go on with what was published before.",
    ),
    (
        ("readonlyaccessdatabase", "read-only", "readonly", "read only"),
        "can only be read",
        "Make the database writable (server.databases.default_to_read_only, server.databases.read_only), "
        "then try again.",
    ),
    (
        ("databasenotfound", "database does not exist", "graph not found"),
        "does not have the database named",
        "Correct graph.database in guiyi.toml; the usual one is neo4j.",
    ),
    (
        ("databaseunavailable", "database unavailable", "is unavailable", "transactionstartfailed", "panic"),
        "has stopped its database, perhaps because its disk is full",
        "Look into the log of the server, make space and start it again, then try again.",
    ),
    (
        ("memorypooloutofmemory", "outofmemory", "out of memory", "memory limit"),
        "has too little memory",
        "Give the server more heap (server.memory.heap.max_size), then try again.",
    ),
    (
        ("handshake", "looks like http", "does not support communication", "unsupported server product"),
        "does not speak the protocol of Neo4j",
        "Correct graph.uri in guiyi.toml: it names the Bolt port, usually 7687.",
    ),
)


def _code(error: Exception) -> str:
    return str(getattr(error, "code", None) or "") if isinstance(error, Neo4jError) else ""


def _text(error: BaseException | None) -> str:
    """All that an error and its causes say, in small letters, to look for known words in."""
    parts: list[str] = []
    while error is not None and len(parts) < 12:
        parts.append(f"{type(error).__name__} {getattr(error, 'code', '') or ''} {error}")
        error = error.__cause__ or error.__context__
    return " ".join(parts).lower()
