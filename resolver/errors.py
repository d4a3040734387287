"""What can go wrong, as the caller sees it.

    GuiyiError
    ├── SettingsError          guiyi.toml, a feed contract or a rule file is wrong
    ├── WorkspaceError         no workspace here, one of a newer version, or in use by another writer
    ├── DeliveryError          a departments' file that cannot be taken; nothing was changed
    ├── LinkageError           a model or its data cannot be used
    ├── SnapshotError          a snapshot is missing, incomplete or damaged
    └── StoreError             the graph store cannot be read or written

Every message says what was wrong and where; `remedy` says what to do about it.
"""


class GuiyiError(Exception):
    """Base of every error that a user can act on.

    Args:
        message: What was wrong and where (file, sheet, row, column).
        remedy: What the user can do; shown on its own line.
    """

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message}\n{self.remedy}" if self.remedy else self.message


class SettingsError(GuiyiError):
    """A settings file, feed contract, model or rule header is wrong."""


class WorkspaceError(GuiyiError):
    """There is no workspace here, it is of a newer version, or another writer holds it."""


class DeliveryError(GuiyiError):
    """A file cannot be received; nothing was changed."""


class LinkageError(GuiyiError):
    """A linkage model or its data cannot be used."""


class SnapshotError(GuiyiError):
    """A snapshot is missing, incomplete or damaged."""


class StoreError(GuiyiError):
    """The graph store cannot be read or written."""
