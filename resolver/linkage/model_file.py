"""Model versions as files: one readable JSON file, named by the hash of its content, never changed."""

import base64
import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from resolver.errors import LinkageError, SettingsError
from resolver.parquet_file import bring_to_disk

FORMAT = 1
_PLAIN_LIST = re.compile(r"\[\s+(?:[-+.\deE]+,?\s+)+\]")
"""A list of numbers over several lines; no text can look so, for JSON writes a line's end in a text as an escape."""


class Versioned(Protocol):
    """A model that knows its version."""

    @property
    def version(self) -> str:
        """Hash of its content, 12 hex digits."""


M = TypeVar("M", bound=Versioned)


def content_version(content: dict[str, Any]) -> str:
    """Hash of a model's content, 12 hex digits: models that say the same are the same version."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def write_model(folder: Path, content: dict[str, Any], version: str) -> Path:
    """Write `<version>.json` into the folder, whole or not at all; an existing one is left as it is.

    Args:
        folder: Where to.
        content: What the model holds.
        version: Its `content_version`.

    Raises:
        LinkageError: There is no space or right to write it.
    """
    path = folder / f"{version}.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            text = _readable({"format": FORMAT, "version": version, **content})
            partial = path.with_suffix(".partial")
            partial.write_text(text, "utf-8")
            bring_to_disk(partial)
            partial.replace(path)
            bring_to_disk(folder)
    except OSError as error:
        raise LinkageError(
            f"cannot write the model {path}: {error.strerror or error}",
            remedy="Check the path, its rights and the free space, then try again.",
        ) from error
    return path


def read_model(
    path: Path,
    parse: Callable[[dict[str, Any], str], M],
    again: str = "run `guiyi train` to make a new model version",
) -> M:
    """Read a model version and check that it is what was written.

    Args:
        path: The file.
        parse: Makes the model of the document; given the file's name for messages.
        again: How a new one is made, for messages.

    Raises:
        LinkageError: The file is missing, damaged, changed, or of a newer version of Guiyi.
    """
    try:
        raw = json.loads(path.read_text("utf-8"))
        if not isinstance(raw, dict) or "format" not in raw:
            raise ValueError("it is no model version")
        if raw["format"] != FORMAT:
            raise ValueError(f"format {raw['format']}, this software reads {FORMAT}")
        model = parse(raw, path.name)
    except (OSError, UnicodeDecodeError, ValueError, KeyError, TypeError, SettingsError) as error:
        raise LinkageError(
            f"model {path} cannot be read: {type(error).__name__}: {error}",
            remedy=f"{again[0].upper()}{again[1:]}.",
        ) from error
    if raw.get("version") != model.version:
        raise LinkageError(
            f"model {path} was changed after it was made",
            remedy=f"Restore the file, or {again}.",
        )
    return model


def _readable(document: dict[str, Any]) -> str:
    """JSON with an entry a line, but lists of plain numbers or words on one."""
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, indent=1)
    return _PLAIN_LIST.sub(lambda found: " ".join(found[0].split()), text) + "\n"


def encode_array(values: NDArray[Any]) -> str:
    """An array's bytes as text, in little-endian order."""
    return base64.b64encode(values.astype(values.dtype.newbyteorder("<")).tobytes()).decode("ascii")


def decode_array(text: str, kind: type[Any]) -> NDArray[Any]:
    """The array (n,) of `encode_array`."""
    little = np.dtype(kind).newbyteorder("<")
    return np.frombuffer(base64.b64decode(text, validate=True), little).astype(kind)
