"""The model versions of a workspace: found by their name, or by enough of its beginning."""

from pathlib import Path

from resolver.errors import LinkageError
from resolver.linkage.model import Model


def versions(folder: Path) -> list[str]:
    """All model versions in the folder, the newest file last."""
    if not folder.is_dir():
        return []
    files = sorted(folder.glob("*.json"), key=lambda file: (file.stat().st_mtime_ns, file.name))
    return [file.stem for file in files]


def read_version(folder: Path, version: str) -> Model:
    """Read a model version.

    Args:
        folder: Where the versions lie.
        version: Its 12 hex digits, or as many of the first as no other version begins with.

    Raises:
        LinkageError: There is none, several begin so, or its file cannot be read.
    """
    known = versions(folder)
    found = [name for name in known if name.startswith(version)] if version else []
    if len(found) != 1:
        wrong = f"several model versions begin with {version!r}" if found else f"no model version {version!r}"
        raise LinkageError(
            f"{wrong} in {folder} (there: {', '.join(found or known) or 'none'})",
            remedy="Name one of these, or make one with `guiyi train`.",
        )
    return Model.read(folder / f"{found[0]}.json")
