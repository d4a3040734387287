"""Files that cannot be taken: each is named with what is wrong, and neither it nor its neighbours lose anything."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from api.month import MonthReport
from resolver.ledger.ledger import Ledger
from resolver.workspace import Workspace

_MONTH = "2026-09"


def _run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def _empty(_city: Path, folder: Path) -> Path:
    path = folder / "W05火化登记.csv"
    path.touch()
    return path


def _wrong_encoding(city: Path, folder: Path) -> Path:
    content = next((city / "feeds" / _MONTH).glob("W05*.csv")).read_bytes()
    path = folder / "W05火化登记.csv"
    header, _, rest = content.partition(b"\n")
    path.write_bytes(header + b"\n\xff\xff\x80" + rest)
    return path


def _unknown_feed(_city: Path, folder: Path) -> Path:
    path = folder / "神秘文件.csv"
    path.write_text("甲,乙\n1,2\n", "utf-8")
    return path


def _missing_column(city: Path, folder: Path) -> Path:
    path = folder / "W29参保人口.csv"
    source = next((city / "feeds" / _MONTH).glob("W29*.csv"))
    header, _, rest = source.read_bytes().partition(b"\n")
    encoding = "utf-8" if b"psn_name" in header or header.startswith(b"\xef\xbb\xbf") else "gb18030"
    names = header.decode(encoding).strip("\ufeff\r").split(",")
    spoilt = [name if at else "无人认识的列" for at, name in enumerate(names)]
    path.write_bytes(",".join(spoilt).encode(encoding) + b"\n" + rest)
    return path


def _no_workbook(_city: Path, folder: Path) -> Path:
    path = folder / "W22交通事故.xlsx"
    path.write_text("<html><body>请先登录 please log in</body></html>", "utf-8")
    return path


def _no_zip(_city: Path, folder: Path) -> Path:
    path = folder / "W22交通事故.xlsx"
    path.write_bytes(b"PK\x03\x04" + b"no archive follows" * 20)
    return path


def _cut_off(city: Path, folder: Path) -> Path:
    content = next((city / "feeds" / _MONTH).glob("死亡证明*.xlsx")).read_bytes()
    path = folder / "W01死亡证明.xlsx"
    path.write_bytes(content[: len(content) // 2])
    return path


def _no_table(_city: Path, folder: Path) -> Path:
    path = folder / "W01说明.docx"
    path.write_bytes(b"PK\x03\x04")
    return path


_REFUSED: dict[str, tuple[Callable[[Path, Path], Path], str]] = {
    "empty": (_empty, "is empty"),
    "wrong encoding": (_wrong_encoding, "(ff ff) is no character"),
    "unknown feed": (_unknown_feed, "fits no feed"),
    "missing column": (_missing_column, "row 1: the header lacks"),
    "no workbook": (_no_workbook, "not a spreadsheet: text under that name"),
    "no zip": (_no_zip, "not a whole spreadsheet file"),
    "cut off": (_cut_off, "not a whole spreadsheet file"),
    "no table": (_no_table, "is not a table"),
}


@pytest.fixture
def delivered(city: Path, tmp_path: Path) -> Path:
    """A month's folder with one good file."""
    folder = tmp_path / "files" / _MONTH
    folder.mkdir(parents=True)
    shutil.copy(next((city / "feeds" / _MONTH).glob("W08*.csv")), folder)
    return folder


def _archived(workspace: Path) -> list[str]:
    return sorted(str(p.relative_to(workspace)) for p in (workspace / "archive").rglob("*"))


def _deliveries(workspace: Path) -> list[str]:
    with Ledger.open(Workspace.open(workspace).ledger_url) as ledger:
        return [delivery.delivery_id for delivery in ledger.deliveries()]


@pytest.mark.parametrize("kind", _REFUSED)
def test_receive_refuses_the_file_and_takes_the_others(
    kind: str, city: Path, delivered: Path, tmp_path: Path
) -> None:
    good_only, workspace = tmp_path / "good only", tmp_path / "workspace"
    for folder in (good_only, workspace):
        assert _run("init", folder).exit_code == 0
    assert _run("receive", delivered, "-w", good_only).exit_code == 0
    make, why = _REFUSED[kind]
    bad = make(city, delivered)
    result = _run("receive", delivered, "-w", workspace)
    assert result.exit_code == 1
    assert f"{bad} is refused" in result.stderr
    assert why in result.stderr
    assert "Traceback" not in result.stderr
    assert _deliveries(workspace) == _deliveries(good_only) != []
    assert _archived(workspace) == _archived(good_only)
    assert not list((workspace / "returns").rglob(bad.stem))


@pytest.mark.parametrize("kind", _REFUSED)
def test_month_with_nothing_but_such_a_file_publishes_nothing(
    kind: str, city: Path, month: tuple[Workspace, MonthReport], tmp_path: Path
) -> None:
    workspace = Path(shutil.copytree(month[0].root, tmp_path / "workspace"))
    before = _deliveries(workspace), _archived(workspace), _pointer(workspace)
    folder = tmp_path / _MONTH
    folder.mkdir()
    make, why = _REFUSED[kind]
    bad = make(city, folder)
    result = _run("month", folder, "-w", workspace)
    assert result.exit_code == 1
    assert bad.name in result.stderr
    assert why in result.stderr
    assert (_deliveries(workspace), _archived(workspace), _pointer(workspace)) == before


def _pointer(workspace: Path) -> object:
    with Ledger.open(Workspace.open(workspace).ledger_url) as ledger:
        return ledger.pointer_moves()


@pytest.mark.parametrize("command", ["receive", "month"])
@pytest.mark.parametrize("path", ["nothing", "nothing.csv"])
def test_folders_without_files_and_paths_that_are_not_there(command: str, path: str, tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    assert _run("init", workspace).exit_code == 0
    (tmp_path / "nothing").mkdir()
    result = _run(command, tmp_path / path, "-w", workspace)
    assert result.exit_code == 1
    assert str(tmp_path / path) in result.stderr
    assert "Check the" in result.stderr
    assert _deliveries(workspace) == []
    assert not (workspace / "archive").exists()


def test_a_month_that_is_not_there_is_named(city: Path, tmp_path: Path) -> None:
    assert _run("init", tmp_path).exit_code == 0
    result = _run("month", city, "--period", "2031-01", "-w", tmp_path)
    assert result.exit_code == 1
    assert "no file of 2031-01" in result.stderr


def test_a_feed_that_is_not_there_is_named_with_those_that_are(delivered: Path, tmp_path: Path) -> None:
    assert _run("init", tmp_path / "w").exit_code == 0
    result = _run("receive", delivered, "--feed", "X99", "-w", tmp_path / "w")
    assert result.exit_code == 1
    assert "no feed X99" in result.stderr
    assert "W29" in result.stderr


def test_quarantined_rows_go_back_from_receive_and_from_month(city: Path, tmp_path: Path) -> None:
    source = city / "feeds" / _MONTH
    returned = []
    for command in ("receive", "month"):
        workspace = tmp_path / command
        assert _run("init", workspace).exit_code == 0
        result = _run(command, source, "-w", workspace)
        assert result.exit_code == 0
        assert "rows to correct:" in result.stdout
        returned.append({p.name: p.read_bytes() for p in (workspace / "returns" / _MONTH).iterdir()})
    assert returned[0] == returned[1]
    assert len(returned[0]) > 2
