"""Fetching the Neo4j server: its jars from Maven Central, by Maven, into a cache that later starts use again.

Neo4j Community is licensed under GPL 3; it runs as a process of its own and is no part of this software.
"""

import fcntl
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from resolver.errors import StoreError

SERVER_VERSION = "5.26.30"
"""Of the 5.26 long-term line; any 5.26 and later 5.x server will do."""

_OLDEST_JAVA = 17
_APT = "sudo apt-get install default-jre-headless maven"
_POM = """<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>local.guiyi</groupId>
  <artifactId>neo4j-server</artifactId>
  <version>1</version>
  <dependencies>
    <dependency><groupId>org.neo4j.app</groupId><artifactId>neo4j-server</artifactId><version>{version}</version></dependency>
    <dependency><groupId>org.neo4j</groupId><artifactId>neo4j</artifactId><version>{version}</version></dependency>
  </dependencies>
</project>
"""


def cache_folder() -> Path:
    """Where fetched software is kept: `GUIYI_CACHE`, else `guiyi` in the user's cache folder."""
    named = os.environ.get("GUIYI_CACHE")
    if named:
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "guiyi"


def java() -> str:
    """The command that runs Java.

    Raises:
        StoreError: There is none, or it is too old.
    """
    home = os.environ.get("JAVA_HOME")
    command = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    if command is None:
        raise StoreError("the Neo4j server needs Java, which is not installed", remedy=f"Run: {_APT}")
    try:
        told = subprocess.run([command, "-version"], capture_output=True, text=True, check=True, timeout=60)
    except (OSError, subprocess.SubprocessError) as error:
        raise StoreError(f"{command} does not run: {error}", remedy=f"Run: {_APT}") from error
    found = re.search(r'version "(?:1\.)?(\d+)', told.stderr + told.stdout)
    if found is None or int(found.group(1)) < _OLDEST_JAVA:
        version = found.group(1) if found else "unknown"
        raise StoreError(
            f"the Neo4j server needs Java {_OLDEST_JAVA} or newer; {command} is version {version}",
            remedy=f"Run: {_APT}, or point JAVA_HOME to a newer one.",
        )
    return command


def server_jars(version: str = SERVER_VERSION) -> Path:
    """Folder of the server's jars, fetched when it is not there yet. Safe to call from several processes.

    Raises:
        StoreError: Maven is not installed, or cannot fetch them.
    """
    folder = cache_folder() / f"neo4j-{version}"
    jars = folder / "lib"
    if jars.is_dir():
        return jars
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder / ".lock"):
        if not jars.is_dir():
            _fetch(folder, jars, version)
    return jars


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock file against other processes; it goes with the process."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _fetch(folder: Path, jars: Path, version: str) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise StoreError(
            "fetching the Neo4j server needs Maven, which is not installed", remedy=f"Run: {_APT}"
        )
    (folder / "pom.xml").write_text(_POM.format(version=version), "utf-8")
    partial = folder / "partial"
    shutil.rmtree(partial, ignore_errors=True)
    done = subprocess.run(
        [maven, "-q", "-B", "dependency:copy-dependencies", f"-DoutputDirectory={partial}", "-DincludeScope=runtime"],
        cwd=folder, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    if done.returncode != 0 or not any(partial.glob("neo4j-server-*.jar")):
        said = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        raise StoreError(
            f"the Neo4j server {version} cannot be fetched: {said[0] if said else 'Maven failed'}",
            remedy=f"See what Maven says: cd {folder} && mvn dependency:copy-dependencies",
        )
    partial.rename(jars)
