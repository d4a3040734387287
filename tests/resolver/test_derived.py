import threading
import time
from pathlib import Path

import pytest

from resolver.derived import made_once
from resolver.errors import SnapshotError


def test_it_is_made_once_however_many_ask_at_once(tmp_path: Path) -> None:
    made: list[Path] = []

    def make(target: Path) -> None:
        made.append(target)
        target.mkdir()
        time.sleep(0.05)
        (target / "content").write_text("whole", "utf-8")

    def ask() -> None:
        found = made_once(tmp_path / "derived" / "index", make)
        assert (found / "content").read_text("utf-8") == "whole"

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1


def test_what_a_killed_process_left_is_made_anew(tmp_path: Path) -> None:
    left = tmp_path / "index.partial"
    left.mkdir()
    (left / "half").touch()
    found = made_once(tmp_path / "index", lambda target: target.mkdir())
    assert list(found.iterdir()) == []


def test_a_failure_leaves_nothing_that_is_taken_for_whole(tmp_path: Path) -> None:
    def fails(target: Path) -> None:
        target.write_text("half", "utf-8")
        raise OSError(28, "No space left on device")

    with pytest.raises(SnapshotError, match="No space left"):
        made_once(tmp_path / "file", fails)
    assert not (tmp_path / "file").exists()
    made_once(tmp_path / "file", lambda target: target.write_text("whole", "utf-8") and None)
    assert (tmp_path / "file").read_text("utf-8") == "whole"
