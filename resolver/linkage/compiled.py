"""Compile loops over records and pairs with numba, and keep the machine code where it can be kept safely.

numba notices a change only in the file of the function it compiles, not in a function called from another file,
so machine code is kept in a folder named by the content of every module that holds compiled functions.
"""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])


def _cache_folder() -> Path | None:
    """Folder for machine code, or None where none can be written."""
    digest = hashlib.sha256(numba.__version__.encode())
    for module in sorted(Path(__file__).parent.rglob("*.py")):
        text = module.read_bytes()
        if b"@compiled" in text:
            digest.update(text)
    root = os.environ.get("NUMBA_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    folder = Path(root).expanduser() / "guiyi" / "numba" / digest.hexdigest()[:16]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


_FOLDER = _cache_folder()


def compiled(function: F) -> F:
    """Compile `function` on its first call; it runs without the interpreter's lock."""
    options = vars(numba.config)
    before = options["CACHE_DIR"]
    try:
        options["CACHE_DIR"] = str(_FOLDER or "")
        wrapped = numba.njit(cache=_FOLDER is not None, nogil=True, error_model="numpy")(function)
    finally:
        options["CACHE_DIR"] = before
    return cast(F, wrapped)
