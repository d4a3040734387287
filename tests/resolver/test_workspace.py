import subprocess
import sys
from pathlib import Path

import pytest

from resolver.errors import SettingsError, WorkspaceError
from resolver.workspace import FORMAT, SETTINGS_FILE, Workspace


def test_create_makes_a_folder_that_opens_and_keeps_its_settings(tmp_path: Path) -> None:
    first = Workspace.create(tmp_path / "a" / "b")
    (first.root / SETTINGS_FILE).write_text("format = 1\n[graph]\nuri = 'x'\n", "utf-8")
    assert Workspace.create(first.root).settings["graph"] == {"uri": "x"}


def test_find_goes_upward(tmp_path: Path) -> None:
    made = Workspace.create(tmp_path)
    below = tmp_path / "feeds" / "2026-01"
    below.mkdir(parents=True)
    assert Workspace.find(below).root == made.root


def test_find_without_a_workspace_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="guiyi init"):
        Workspace.find(tmp_path)


def test_a_newer_workspace_is_refused(tmp_path: Path) -> None:
    (tmp_path / SETTINGS_FILE).write_text(f"format = {FORMAT + 1}\n", "utf-8")
    with pytest.raises(WorkspaceError, match="newer Guiyi"):
        Workspace.open(tmp_path)


def test_broken_settings_name_the_file(tmp_path: Path) -> None:
    (tmp_path / SETTINGS_FILE).write_text("format = = 1", "utf-8")
    with pytest.raises(SettingsError, match=SETTINGS_FILE):
        Workspace.open(tmp_path)


def test_a_folder_that_cannot_be_made_is_a_workspace_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(WorkspaceError, match="cannot make a workspace"):
        Workspace.create(tmp_path / "file" / "inside")


def test_only_one_process_writes_and_the_lock_goes_with_it(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path)
    hold = (
        "import sys; from pathlib import Path; from resolver.workspace import Workspace\n"
        "with Workspace.open(Path(sys.argv[1])).writer():\n    print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(WorkspaceError, match=f"pid {other.pid}"), workspace.writer():
            pass
        other.kill()
    with workspace.writer():
        pass
