import threading
import time

import pytest

from api import watch as watching
from api.watch import Watch
from resolver.errors import WorkspaceError


def test_it_looks_by_itself(monkeypatch):
    monkeypatch.setattr(watching, "_EVERY", 0.01)
    looked = threading.Semaphore(0)
    watch = Watch([looked.release], lambda: None)
    try:
        for _ in range(5):
            assert looked.acquire(timeout=5)
    finally:
        watch.close()


def test_what_is_held_grows_old_when_the_ledger_cannot_be_read(monkeypatch):
    monkeypatch.setattr(watching, "_EVERY", 0.01)
    monkeypatch.setattr(watching, "MAX_AGE", 0.2)
    works = True

    def refresher() -> None:
        if not works:
            raise WorkspaceError("cannot be read")

    watch = Watch([refresher], lambda: None)
    try:
        watch.refresh()
        assert watch.is_fresh
        works = False
        time.sleep(0.4)
        assert not watch.is_fresh
        with pytest.raises(WorkspaceError):
            watch.refresh()
        works = True
        watch.refresh()
        assert watch.is_fresh
    finally:
        watch.close()


def test_a_request_looks_itself_when_the_thread_is_held_up(monkeypatch):
    monkeypatch.setattr(watching, "_EVERY", 0.01)
    monkeypatch.setattr(watching, "MAX_AGE", 0.1)
    release = threading.Event()
    looks = []
    watch = Watch([lambda: looks.append(1)], lambda: release.wait(5) and None)
    try:
        time.sleep(0.3)
        assert not watch.is_fresh
        before = len(looks)
        watch.refresh()
        assert len(looks) == before + 1
        assert watch.is_fresh
    finally:
        release.set()
        watch.close()
