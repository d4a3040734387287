"""docs/analysis.md is true: what it shows is run, in order, on the month that the tests share."""

import re
from pathlib import Path
from typing import Any

import pytest

from api.month import MonthReport
from resolver.workspace import Workspace

_GUIDE = Path(__file__).parents[3] / "docs" / "analysis.md"


def test_everything_shown_runs(
    month: tuple[Workspace, MonthReport], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    # Its three commands are the guide's, whose own test runs them.
    (tmp_path / "ws").symlink_to(month[0].root)
    blocks = re.findall(r"^```python\n(.*?)^```", _GUIDE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert len(blocks) == 6
    made: dict[str, Any] = {}
    for block in blocks:
        exec(compile(block, str(_GUIDE), "exec"), made)
    assert len(made["graph"]) > 800
    assert len(made["edges"]) == made["graph"].number_of_edges()
    assert {"RESOLVES_TO", "USES_PHONE", "EMPLOYED_BY"} <= set(made["by_type"].index)
    assert {label for _, label in made["people"].nodes(data="label")} == {"Person", "Phone", "Employer"}
    assert 0 < len(made["there"]) < len(made["graph"])
    assert "at most 100 are taken at once" in made["refused"]
    assert sorted(node for group in made["groups"] for node in group) == sorted(made["people"])
    assert made["weak"]["cut_off"].is_monotonic_decreasing
    assert made["middle"]["degree"].max() > 3
    assert made["around"].rings
    assert {"person_id", "chance", "kin"} <= set(made["pairs"].columns)
    assert "signs" in made["shells"].columns
    assert all(file.stat().st_size > 100 for file in made["files"])
