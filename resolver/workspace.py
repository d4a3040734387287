"""The workspace: one folder that holds everything the service keeps.

guiyi.toml                  settings; every one has a default
ledger.db                   the ledger (or a PostgreSQL URL in guiyi.toml)
archive/<feed>/<period>/    received rows as Parquet beside the department's original file; immutable
returns/<period>/           files back to the departments with the rows to correct
models/<version>.json       immutable model versions
snapshots/<n>/              what a run made; see `docs/data.md`
graph.db                    the embedded graph store (or the URI of a Neo4j server in guiyi.toml)
rules/<id>.sql              rules of its own, if it has any
workspace.id                tells this workspace from others that use the same Neo4j server
"""

import fcntl
import os
import secrets
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from resolver.errors import SettingsError, WorkspaceError

SETTINGS_FILE = "guiyi.toml"
FORMAT = 1  # raised when a workspace of this version can no longer be read by the version before
_LOCK_FILE = ".writer.lock"

_TEMPLATE = """# Settings of this Guiyi workspace. Every one has a default; a line left out keeps it.
format = {format}

# [ledger]
# url = "postgresql+psycopg://user@host/guiyi"     # default: ledger.db in this folder

# [graph]
# uri = "bolt://127.0.0.1:7687"                     # default: graph.db in this folder; see docs/neo4j.md
# password_file = "graph.password"                  # or the variable GUIYI_GRAPH_PASSWORD

# [rules]
# profile = "weihai"                                # or jining, or a .toml file; default: the rules' own defaults
#
# [rules.L01]
# grace_days = 45                                   # `guiyi rules show L01` lists what can be set
"""


@dataclass(frozen=True)
class Workspace:
    """A workspace folder and its settings.

    Attributes:
        root: The folder.
        settings: The parsed `guiyi.toml`.
    """

    root: Path
    settings: dict[str, Any]

    @classmethod
    def create(cls, root: Path) -> "Workspace":
        """Make a new, empty workspace; an existing one is left as it is and opened.

        Raises:
            WorkspaceError: The folder cannot be made or written.
        """
        try:
            root.mkdir(parents=True, exist_ok=True)
            settings = root / SETTINGS_FILE
            if not settings.exists():
                partial = settings.with_suffix(".partial")
                partial.write_text(_TEMPLATE.format(format=FORMAT), "utf-8")
                partial.replace(settings)
        except OSError as error:
            raise WorkspaceError(
                f"cannot make a workspace in {root}: {error.strerror}",
                remedy="Check the path, its rights and the free space.",
            ) from error
        return cls.open(root)

    @classmethod
    def open(cls, root: Path) -> "Workspace":
        """Open the workspace in `root`.

        Raises:
            WorkspaceError: There is none, or a newer version of Guiyi made it.
            SettingsError: Its settings cannot be read.
        """
        path = root / SETTINGS_FILE
        try:
            settings = tomllib.loads(path.read_text("utf-8"))
        except (FileNotFoundError, NotADirectoryError):
            raise WorkspaceError(
                f"{root} is not a workspace: it has no {SETTINGS_FILE}", remedy=f"Run: guiyi init {root}"
            ) from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsError(
                f"{path}: {error}",
                remedy="Correct the file; `guiyi init` in an empty folder shows a fresh one.",
            ) from error
        found = settings.get("format", FORMAT)
        if not isinstance(found, int) or found > FORMAT:
            raise WorkspaceError(
                f"{root} was made by a newer Guiyi (format {found}; this one reads up to {FORMAT})",
                remedy="Update Guiyi, then try again.",
            )
        return cls(root.resolve(), settings)

    @classmethod
    def find(cls, start: Path) -> "Workspace":
        """Open the nearest workspace at or above `start`.

        Raises:
            WorkspaceError: No folder upward is a workspace.
        """
        for folder in (start.resolve(), *start.resolve().parents):
            if (folder / SETTINGS_FILE).is_file():
                return cls.open(folder)
        raise WorkspaceError(
            f"no workspace at {start} or above it",
            remedy="Run `guiyi init DIR`, or name one with --workspace DIR.",
        )

    @property
    def ledger_url(self) -> str:
        """SQLAlchemy URL of the ledger."""
        return str(self.settings.get("ledger", {}).get("url") or f"sqlite:///{self.root / 'ledger.db'}")

    def identity(self) -> str:
        """16 hex digits that tell this workspace from every other one.

        Made by the first call and kept in `workspace.id`: whoever copies a workspace to go on with both deletes it in
        one of the two.

        Raises:
            WorkspaceError: The file cannot be made or read.
        """
        file = self.root / "workspace.id"
        try:
            if not file.exists():
                made = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
                made.write_text(secrets.token_hex(8) + "\n", "ascii")
                with suppress(FileExistsError):  # another process was quicker
                    file.hardlink_to(made)
                made.unlink()
            return file.read_text("ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise WorkspaceError(
                f"{file} cannot be made or read: {error}",
                remedy="Check the rights of the folder and the free space.",
            ) from error

    @property
    def archive(self) -> Path:
        """Folder of received rows."""
        return self.root / "archive"

    @property
    def returns(self) -> Path:
        """Folder of files that go back to the departments."""
        return self.root / "returns"

    @property
    def models(self) -> Path:
        """Folder of model versions."""
        return self.root / "models"

    @property
    def snapshots(self) -> Path:
        """Folder of snapshots."""
        return self.root / "snapshots"

    @property
    def rules(self) -> Path:
        """Folder of rules of its own, `<id>.sql`; need not be there."""
        return self.root / "rules"

    @property
    def graph_record(self) -> Path:
        """What the graph published last is compared with, to publish the next as a delta."""
        return self.root / "graph.record"

    @property
    def graph_db(self) -> Path:
        """File of the embedded graph store."""
        return self.root / "graph.db"

    @contextmanager
    def writer(self) -> Iterator[None]:
        """Hold the workspace as its only writer; readers are not hindered.

        The lock goes with the process, however it ends.

        Raises:
            WorkspaceError: Another process is writing, or the folder cannot be written.
        """
        try:
            handle = os.open(self.root / _LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise WorkspaceError(
                f"cannot write to {self.root}: {error.strerror}",
                remedy="Check its rights and the free space.",
            ) from error
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = os.pread(handle, 32, 0).decode("ascii", "replace").strip()
                raise WorkspaceError(
                    f"another process{f' ({holder})' if holder else ''} is writing to {self.root}",
                    remedy="Wait until it has ended, then try again.",
                ) from None
            os.ftruncate(handle, 0)
            os.pwrite(handle, f"pid {os.getpid()}".encode("ascii"), 0)
            yield
        finally:
            os.close(handle)
