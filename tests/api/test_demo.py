"""`guiyi demo`: from nothing to a summary, again and again, and never over somebody else's folder."""

import re
import socket
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli import app


def _demo(folder: Path, *more: str) -> Result:
    return CliRunner().invoke(app, ["demo", "--directory", str(folder), "--persons", "600", *more])


def test_demo_tells_what_it_did_and_a_second_one_takes_its_place(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    first = _demo(folder, "--no-serve")
    assert first.exit_code == 0, first.stderr
    summary = first.stdout
    for part in (
        "records ",
        "persons ",
        "F1 of persons",
        "planted",
        "missed",
        "死亡仍参保",
        "seconds",
        "peak MiB",
    ):
        assert part in summary
    for step in ("synthesize", "receive", "resolve", "check", "publish", "evaluate"):
        assert re.search(rf"^ {step} +[\d.]+ +[\d,]+ +[\d,]+", summary, re.MULTILINE)
    f1 = re.search(r"F1 of persons against the truth +([\d.]+)", summary)
    assert f1
    assert float(f1[1]) > 0.9
    (folder / "workspace" / "of the first").touch()
    (folder / "notes.txt").write_text("mine", "utf-8")
    second = _demo(folder, "--no-serve")
    assert second.exit_code == 0
    assert not (folder / "workspace" / "of the first").exists()
    assert (folder / "notes.txt").read_text("utf-8") == "mine"
    assert _without_costs(second.stdout) == _without_costs(summary)


def _without_costs(text: str) -> str:
    return text.partition("Time and memory")[0]


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_demo_does_not_touch_what_is_not_its_own(kind: str, tmp_path: Path) -> None:
    place = tmp_path / "place"
    if kind == "file":
        place.write_text("mine", "utf-8")
    else:
        (place / "workspace").mkdir(parents=True)
        (place / "workspace" / "mine").touch()
    result = _demo(place, "--no-serve")
    assert result.exit_code == 1
    assert "is not an earlier demo" in result.stderr
    assert "--directory" in result.stderr
    assert place.is_file() or (place / "workspace" / "mine").exists()


def test_a_taken_port_is_told_before_the_work(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = _demo(tmp_path / "demo", "--port", str(port))
    assert result.exit_code == 1
    assert f"127.0.0.1:{port}" in result.stderr
    assert not (tmp_path / "demo").exists()
