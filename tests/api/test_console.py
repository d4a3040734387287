import os
import signal
from contextlib import suppress

import pytest

from api.console import progress_shown


def test_a_lost_interrupt_is_heeded_at_the_next_report(capsys: pytest.CaptureFixture[str]) -> None:
    before = signal.getsignal(signal.SIGINT)
    with progress_shown() as report:
        report("one", 0, 2)
        with suppress(KeyboardInterrupt):  # as where Python drops it
            os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            report("two", 1, 2)
    assert signal.getsignal(signal.SIGINT) is before
    assert "one" in capsys.readouterr().err


def test_without_an_interrupt_every_report_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_shown() as report:
        report("one", 0, 2)
        report("two", 1, 2)
    assert [line for line in capsys.readouterr().err.splitlines() if line] == ["one …", "two …"]
