"""The model versions of a workspace: found by their name, or by enough of its beginning."""

from collections.abc import Sequence
from pathlib import Path

from resolver.errors import LinkageError
from resolver.linkage.model import Model
from resolver.linkage.organisation.model import FOLDER, OrganisationModel


def versions(folder: Path) -> list[str]:
    """All model versions in the folder, the newest file last."""
    if not folder.is_dir():
        return []
    files = sorted(folder.glob("*.json"), key=lambda file: (file.stat().st_mtime_ns, file.name))
    return [file.stem for file in files]


def read_version(folder: Path, version: str) -> Model:
    """Read a model version for persons.

    Args:
        folder: Where the versions lie.
        version: Its 12 hex digits, or as many of the first as no other version begins with.

    Raises:
        LinkageError: There is none, several begin so, or its file cannot be read.
    """
    return Model.read(folder / f"{_full(folder, version, versions(folder))}.json")


def read_organisation_version(folder: Path, version: str) -> OrganisationModel:
    """Read a model version for organisations; arguments and errors as of `read_version`."""
    return OrganisationModel.read(folder, _full(folder, version, versions(folder / FOLDER)))


def read_any_version(folder: Path, version: str) -> Model | OrganisationModel:
    """Read a model version, for persons or for organisations; arguments and errors as of `read_version`."""
    persons, organisations = versions(folder), versions(folder / FOLDER)
    full = _full(folder, version, [*persons, *organisations])
    return read_version(folder, full) if full in persons else read_organisation_version(folder, full)


def by_kind(folder: Path, asked: Sequence[str]) -> dict[str, str]:
    """Sort versions by what they are for: `person` or `organisation` -> full version.

    Args:
        folder: Where the versions lie.
        asked: Versions or their beginnings, one for each kind at most.

    Raises:
        LinkageError: There is none that begins so, several do, or two are for one kind.
    """
    persons, organisations = versions(folder), versions(folder / FOLDER)
    found: dict[str, str] = {}
    for version in asked:
        full = _full(folder, version, [*persons, *organisations])
        kind = "person" if full in persons else "organisation"
        if found.get(kind, full) != full:
            raise LinkageError(
                f"two model versions for {kind}s: {found[kind]} and {full}", remedy="Name one for each kind."
            )
        found[kind] = full
    return found


def _full(folder: Path, version: str, known: list[str]) -> str:
    """The only known version that begins so."""
    found = [name for name in known if name.startswith(version)] if version else []
    if len(found) != 1:
        wrong = f"several model versions begin with {version!r}" if found else f"no model version {version!r}"
        raise LinkageError(
            f"{wrong} in {folder} (there: {', '.join(found or known) or 'none'})",
            remedy="Name one of these, or make one with `guiyi train`.",
        )
    return found[0]
