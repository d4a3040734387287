"""The recipe of the Neo4j server: fetched, started, found again, stopped; nothing is left behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from graph import neo4j_install
from graph.neo4j_install import cache_folder, java, server_jars
from graph.neo4j_server import Server, running, start, stop
from resolver.errors import StoreError

_ROOT = Path(__file__).parents[2]


def test_the_server_listens_on_this_machine_only(neo4j_server: Server) -> None:
    listening = {
        c.laddr[:2] for c in psutil.Process(neo4j_server.pid).net_connections() if c.status == "LISTEN"
    }
    assert ("127.0.0.1", neo4j_server.bolt) in {(ip.removeprefix("::ffff:"), port) for ip, port in listening}
    assert all(ip.removeprefix("::ffff:") in ("127.0.0.1", "::1") for ip, _ in listening)


def test_the_password_is_generated_and_for_its_owner_only(neo4j_server: Server) -> None:
    assert neo4j_server.password_file.stat().st_mode & 0o777 == 0o600
    password = neo4j_server.password_file.read_text("ascii").strip()
    assert len(password) >= 30
    assert password not in neo4j_server.settings
    command = " ".join(psutil.Process(neo4j_server.pid).cmdline())
    assert password not in command


def test_starting_again_finds_the_one_that_runs(neo4j_server: Server) -> None:
    assert start(neo4j_server.folder) == neo4j_server == running(neo4j_server.folder)


def test_nothing_is_told_to_the_makers_and_no_query_is_logged(neo4j_server: Server) -> None:
    conf = (neo4j_server.folder / "home" / "conf" / "neo4j.conf").read_text("utf-8").splitlines()
    for line in ("dbms.usage_report.enabled=false", "db.logs.query.enabled=OFF"):
        assert line in conf


def test_a_folder_without_a_server(tmp_path: Path) -> None:
    assert running(tmp_path) is None
    assert stop(tmp_path) is False
    assert stop(tmp_path / "nowhere") is False


def test_another_process_with_the_number_of_the_server_is_not_taken_for_it(
    neo4j_server: Server, tmp_path: Path
) -> None:
    told = (neo4j_server.folder / "server.json").read_text("utf-8")
    (tmp_path / "server.json").write_text(told.replace(str(neo4j_server.pid), str(os.getpid())), "utf-8")
    assert running(tmp_path) is None
    assert stop(tmp_path) is False


@pytest.mark.parametrize("how", ["killed", "ended"])
def test_a_server_ends_with_its_owner(how: str) -> None:
    """The guard, with a sleeping process in the place of the server: it takes half a minute to start one."""
    owner = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    server = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    guard = subprocess.Popen(
        [sys.executable, "-m", "graph.neo4j_guard", str(owner.pid), str(server.pid)], cwd=_ROOT
    )
    time.sleep(0.3)
    assert server.poll() is None
    owner.send_signal(signal.SIGKILL if how == "killed" else signal.SIGTERM)
    owner.wait(10)
    assert server.wait(10) == -signal.SIGTERM
    assert guard.wait(10) == 0


def test_the_guard_ends_with_the_server() -> None:
    server = subprocess.Popen([sys.executable, "-c", ""])
    guard = subprocess.Popen(
        [sys.executable, "-m", "graph.neo4j_guard", str(os.getpid()), str(server.pid)], cwd=_ROOT
    )
    server.wait(10)
    assert guard.wait(10) == 0


def test_a_server_that_does_not_come_up_is_told(
    neo4j_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graph.neo4j_server._set_password", lambda _: None)
    monkeypatch.setattr(
        "graph.neo4j_server._CONFIGURATION",
        "no.such.setting=true\nserver.config.strict_validation.enabled=true\n",
    )
    with pytest.raises(StoreError, match="ended at once"):
        start(tmp_path / "broken")
    assert running(tmp_path / "broken") is None


def test_the_cache_can_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GUIYI_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.delenv("GUIYI_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "guiyi"


def test_no_java_and_an_old_java_are_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StoreError, match="needs Java") as error:
        java()
    assert "apt-get install" in error.value.remedy
    old = tmp_path / "java"
    old.write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\"' >&2\n", "utf-8")
    old.chmod(0o755)
    with pytest.raises(StoreError, match="version 11"):
        java()


def test_maven_that_is_missing_or_fails_is_told_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GUIYI_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StoreError, match="needs Maven"):
        server_jars()
    maven = tmp_path / "mvn"
    maven.write_text("#!/bin/sh\necho '[ERROR] there is no network'\nexit 1\n", "utf-8")
    maven.chmod(0o755)
    with pytest.raises(StoreError, match="there is no network"):
        server_jars()
    assert not (tmp_path / "cache" / f"neo4j-{neo4j_install.SERVER_VERSION}" / "lib").exists()
