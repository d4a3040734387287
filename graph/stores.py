"""The graph store of a workspace: the embedded one, or a graph on a Neo4j server, as `[graph]` of guiyi.toml says."""

import os
import stat
from collections.abc import Mapping

from graph.neo4j_connection import Address
from graph.neo4j_store import Neo4jStore
from graph.sqlite_store import SqliteStore
from graph.store import GraphStore
from resolver.errors import SettingsError
from resolver.workspace import SETTINGS_FILE, Workspace

PASSWORD_VARIABLE = "GUIYI_GRAPH_PASSWORD"

_EMBEDDED = "sqlite"
_KNOWN = ("uri", "user", "password_file", "database", "name", "server")


def open_store(workspace: Workspace) -> GraphStore:
    """The graph store of a workspace; a server is not asked before its first use.

    Raises:
        SettingsError: `[graph]` of its settings cannot be used, or the password is missing.
    """
    settings = graph_settings(workspace)
    if settings.get("uri", _EMBEDDED) == _EMBEDDED:
        return SqliteStore(workspace.graph_db)
    server = settings.get("server")
    folder = None if server is None else workspace.root / server
    return Neo4jStore(_address(workspace, settings), folder, workspace.identity())


def graph_settings(workspace: Workspace) -> dict[str, str]:
    """The settings in `[graph]`.

    Raises:
        SettingsError: One is unknown or no text.
    """
    settings = workspace.settings.get("graph", {})
    for name, value in settings.items() if isinstance(settings, Mapping) else [("graph", settings)]:
        if name not in _KNOWN or not isinstance(value, str):
            raise SettingsError(
                f"{workspace.root / SETTINGS_FILE}: graph.{name} is not a setting, or not a text",
                remedy=f"[graph] may have, as texts: {', '.join(_KNOWN)}.",
            )
    return dict(settings)


def _address(workspace: Workspace, settings: Mapping[str, str]) -> Address:
    optional = {
        field: settings[name] for name, field in (("user", "user"), ("database", "database"), ("name", "graph"))
        if name in settings
    }  # fmt: skip
    return Address(settings["uri"], password=_password(workspace, settings.get("password_file")), **optional)


def _password(workspace: Workspace, file: str | None) -> str:
    """The password, from the environment or from a file that only its owner can read; it is never shown."""
    given = os.environ.get(PASSWORD_VARIABLE)
    if given:
        return given
    if file is None:
        raise SettingsError(
            f"{workspace.root / SETTINGS_FILE} names a graph server, but there is no password for it",
            remedy=f"Set {PASSWORD_VARIABLE}, or name a file with graph.password_file (chmod 600).",
        )
    path = workspace.root / file  # an absolute one stays as it is
    try:
        mode = path.stat().st_mode
        password = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"the password of the graph server cannot be read from {path}: {_reason(error)}",
            remedy=f"Correct graph.password_file, or set {PASSWORD_VARIABLE}.",
        ) from error
    if stat.S_IMODE(mode) & 0o077:
        raise SettingsError(
            f"{path} holds a password and can be read by others", remedy=f"Run: chmod 600 {path}"
        )
    return password


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
