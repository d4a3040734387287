"""`guiyi demo`: from nothing to a summary, again and again, and never over somebody else's folder."""

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import urllib.request
from itertools import pairwise
from pathlib import Path
from typing import Any

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
    second, answers = _served(folder)
    assert not (folder / "workspace" / "of the first").exists()
    assert (folder / "notes.txt").read_text("utf-8") == "mine"
    assert _without_costs(second) == _without_costs(summary)
    assert len(answers) == 3
    assert all(answer["items"] for answer in answers)


def _served(folder: Path) -> tuple[str, list[Any]]:
    """What a demo that serves prints, and what the three requests it proposes answer."""
    with socket.socket() as any_port:
        any_port.bind(("127.0.0.1", 0))
        port = any_port.getsockname()[1]
    arguments = ["demo", "--directory", str(folder), "--persons", "600", "--port", str(port)]
    code = "from api.cli import main; main()"
    server = subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        env=dict(os.environ),  # and not the terminal's width, which readline adds behind Python's back
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert server.stderr is not None
    assert any(line.startswith("serving ") for line in server.stderr)
    assert server.stdout is not None
    told = ""
    while told.count("curl ") < 3:
        told += server.stdout.readline()
    answers = [_asked(shlex.split(line)[1:]) for line in told.splitlines() if "curl " in line]
    server.send_signal(signal.SIGINT)
    server.communicate(timeout=30)
    assert server.returncode == 0
    return told, answers


def _asked(words: list[str]) -> Any:
    """The answer to a request written for curl."""
    headers = {}
    body = None
    for option, value in pairwise(words):
        if option == "-H":
            name, _, text = value.partition(": ")
            headers[name] = text
        if option == "-d":
            body = value.encode()
    with urllib.request.urlopen(urllib.request.Request(words[-1], body, headers), timeout=30) as answer:
        return json.load(answer)


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
