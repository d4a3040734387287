"""What the control groups (cgroups) of this process leave it of memory: a container's limit, a service's."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path("/sys/fs/cgroup")
OWN = Path("/proc/self/cgroup")
UNLIMITED = 1 << 62


class _Names(NamedTuple):
    """Files of a group: its limit, what it uses, and which lines of `memory.stat` say what it could do without."""

    limit: str
    used: str
    spare: str


_FIRST = _Names("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
_SECOND = _Names("memory.max", "memory.current", "inactive_file")


def free_memory(root: Path = ROOT, own: Path = OWN) -> int:
    """Bytes left below the lowest limit of the process's groups, `UNLIMITED` where there is none.

    File cache that the kernel would drop first counts as free, as it does for the machine.

    Args:
        root: Where the groups are mounted.
        own: Which groups the process is in, one line per hierarchy (cgroups(7)).
    """
    return min((_free_in(folder, names) for folder, names in _groups(root, own)), default=UNLIMITED)


def _groups(root: Path, own: Path) -> Iterator[tuple[Path, _Names]]:
    """The groups of both versions that limit memory, and those around them.

    Inside a container the path is often the host's, while the container's own group is mounted as the root.
    """
    yield root, _SECOND
    yield root / "memory", _FIRST
    try:
        lines = own.read_text().splitlines()
    except OSError:  # not Linux
        return
    for line in lines:
        number, controllers, path = line.split(":", 2)
        inside = Path(path.lstrip("/"))
        for group in (inside, *inside.parents):
            if number == "0":
                yield root / group, _SECOND
            elif "memory" in controllers.split(","):
                yield root / "memory" / group, _FIRST


def _free_in(folder: Path, names: _Names) -> int:
    try:
        limit = int((folder / names.limit).read_text())
        used = int((folder / names.used).read_text())
        stat = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
    except (OSError, ValueError):  # no such group, or the limit is "max"
        return UNLIMITED
    return max(limit - used + int(stat.get(names.spare, 0)), 0)
