"""The guide is true: the commands it shows for the made-up city are run, in order."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app

_GUIDE = Path(__file__).parents[1] / "docs" / "guide.md"


def test_every_command_shown_for_the_made_up_city_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"^```console\n(.*?)^```", _GUIDE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    assert len(lines) > 15
    for line in lines:
        words = shlex.split(line)
        if words[0] == "guiyi":
            result = CliRunner().invoke(app, words[1:])
            assert result.exit_code == 0, f"{line}\n{result.stderr}"
        else:
            subprocess.run(words, check=True)
