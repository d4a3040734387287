"""Compile loops over records and pairs with numba, and keep the machine code where it can be kept safely.

numba notices a change only in the file of the function it compiles, not in a function called from another file,
so machine code is kept in a folder named by the content of every module that holds compiled functions.
"""

import hashlib
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])
_NUMBERS = re.compile(r"\b(None|bool|float|int|u?int\d+)\b")


def _cache_folder() -> Path | None:
    """Folder for machine code, or None where none can be written."""
    digest = hashlib.sha256(numba.__version__.encode())
    for module in sorted(Path(__file__).parent.rglob("*.py")):
        text = module.read_bytes()
        if any(mark in text for mark in (b"@compiled", b"@kernel", b"@inlined", b"import intrinsic")):
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
    return _compile(function)


def kernel(function: F) -> F:
    """Compile a loop that works in the arrays it is given: it makes none, gives none back, calls nothing that does.

    For every array that is passed on or sliced, numba counts one reference up and down, with locked instructions
    that cores contend for: two thirds of the time of comparing two records. What only borrows its arrays needs
    no counting. numba does not compile a kernel that makes an array.

    Raises:
        TypeError: The function says that it returns something else than numbers.
    """
    returned = str(function.__annotations__.get("return"))
    if "array" in returned.lower() or not _NUMBERS.search(returned):
        raise TypeError(f"{function.__qualname__} returns {returned}; a kernel returns numbers or nothing")
    return _compile(function, _nrt=False)


def inlined(function: F) -> F:
    """Compile a calculation that becomes part of every loop that calls it, however long it is.

    A loop that calls nothing and has no branch is compiled for several of its turns at once.
    """
    return _compile(function, _nrt=False, forceinline=True)


def _compile(function: F, **how: bool) -> F:
    options = vars(numba.config)
    before = options["CACHE_DIR"]
    try:
        options["CACHE_DIR"] = str(_FOLDER or "")
        wrapped = cast(Any, numba.njit)(cache=_FOLDER is not None, nogil=True, error_model="numpy", **how)(
            function
        )
    finally:
        options["CACHE_DIR"] = before
    return cast(F, wrapped)
