"""docs/toolkit.md is true: what it shows is run, in order."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from api.cli import app

_GUIDE = Path(__file__).parents[3] / "docs" / "toolkit.md"


def test_everything_shown_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(
        r"^```(console|python)\n(.*?)^```", _GUIDE.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    assert len(blocks) == 8
    made: dict[str, Any] = {}
    for language, text in blocks:
        if language == "python":
            exec(compile(text, str(_GUIDE), "exec"), made)
            continue
        for line in text.splitlines():
            result = CliRunner().invoke(app, shlex.split(line)[1:])
            assert result.exit_code == 0, f"{line}\n{result.stderr}"
    found = set(made["found"])
    assert made["to_table"](made["frame"]).num_rows == made["records"].num_rows
    assert made["labels"][0] == "相同（少见姓名）"
    assert made["probability"].between(0, 1).all()
    assert made["worth"] > 5
    assert len(found & set(made["by_mixture"])) > 0.9 * len(found)
    assert len(found & set(made["by_ecm"])) > 0.7 * len(found)
    assert made["precision"] > 0.97
    assert made["recall"] > 0.97
    assert made["f"] > 0.97
    assert made["same"]
