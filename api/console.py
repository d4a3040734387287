"""How commands speak: progress on standard error, results on standard output, errors with what to do about them."""

import errno
import json
import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from types import FrameType
from typing import Any

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Column, Table

from resolver.errors import GuiyiError
from resolver.progress import Progress as Report

_FULL = (errno.ENOSPC, errno.EDQUOT)
_PIPED_WIDTH = 100  # characters; on a terminal its own width counts


def _console(stream: int, *, stderr: bool) -> Console:
    known = os.isatty(stream) or "COLUMNS" in os.environ
    return Console(stderr=stderr, width=None if known else _PIPED_WIDTH, highlight=False)


out = _console(1, stderr=False)
err = _console(2, stderr=True)


@contextmanager
def explained() -> Iterator[None]:
    """Turn an error the user can act on into its message and exit status 1."""
    try:
        yield
    except GuiyiError as error:
        complain(error.message, error.remedy)
        raise typer.Exit(1) from error
    except OSError as error:
        if error.errno == errno.EPIPE:  # nobody reads on, as with `| head`
            raise
        where = f"{error.filename}: " if error.filename else ""
        remedy = "Free some space" if error.errno in _FULL else "Check the path, its rights and the disk"
        complain(f"{where}{error.strerror or error}", f"{remedy}, then run the same command again.")
        raise typer.Exit(1) from error
    except KeyboardInterrupt:
        err.print("stopped; nothing is half done: the same command goes on")
        raise typer.Exit(130) from None


def complain(message: str, remedy: str = "") -> None:
    """Say on standard error what is wrong and, below it, what to do."""
    err.print(f"[bold red]error:[/] {escape(message)}", soft_wrap=True)
    for line in remedy.splitlines():
        err.print(f"  {escape(line)}", soft_wrap=True)


def say(text: str) -> None:
    """Print a line of a result as it is."""
    out.print(text, markup=False, soft_wrap=True)


@contextmanager
def progress_shown() -> Iterator[Report]:
    """Show on standard error what is being done; on a terminal as a moving line, else a line a step.

    The report raises KeyboardInterrupt if Ctrl-C was pressed and got lost.
    """
    if not err.is_terminal:
        with _heeding_interrupts(_step_lines()) as heeding:
            yield heeding
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", table_column=Column(no_wrap=True, ratio=1), markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("", total=None)

        def report(step: str, done: int, total: int) -> None:
            bar.update(task, description=step, completed=done, total=total or None)

        with _heeding_interrupts(report) as heeding:
            yield heeding


@contextmanager
def _heeding_interrupts(report: Report) -> Iterator[Report]:
    """A report that notices a lost Ctrl-C: Python drops what is raised in a finaliser, or under compiled code."""
    if threading.current_thread() is not threading.main_thread():
        yield report
        return
    pressed = threading.Event()

    def press(number: int, frame: FrameType | None) -> None:
        pressed.set()
        signal.default_int_handler(number, frame)

    def heeding(step: str, done: int, total: int) -> None:
        if pressed.is_set():
            raise KeyboardInterrupt
        report(step, done, total)

    before = signal.signal(signal.SIGINT, press)
    try:
        yield heeding
    finally:
        signal.signal(signal.SIGINT, before)


def _step_lines() -> Report:
    last = ""

    def report(step: str, done: int, total: int) -> None:
        nonlocal last
        if step != last and not 0 < total == done:
            err.print(f"{step} …", markup=False, soft_wrap=True)
        last = step

    return report


def print_json(document: Any) -> None:
    """Print a result for scripts: keys in a fixed order; in ASCII where the terminal has nothing better."""
    plain = not (sys.stdout.encoding or "utf-8").lower().startswith("utf")
    sys.stdout.write(json.dumps(document, ensure_ascii=plain, indent=1, default=_jsonable) + "\n")


def print_table(
    title: str, headers: Sequence[str], rows: Sequence[Sequence[Any]], *, decimals: int = 3
) -> None:
    """Print a table for people; columns of numbers are aligned on the right.

    Args:
        title: What it shows.
        headers: One per column.
        rows: The cells; None is shown as a dash.
        decimals: Places of a fraction.
    """
    table = Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD)
    table.pad_edge, table.collapse_padding = False, True
    for at, header in enumerate(headers):
        numeric = all(row[at] is None or _is_number(row[at]) for row in rows)
        table.add_column(header, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(escape(_cell(value, decimals)) for value in row))
    out.print(table)


def print_facts(title: str, facts: Mapping[str, Any]) -> None:
    """Print what is known of one thing, a line each; underscores in the names are shown as spaces."""
    table = Table(title=title, title_justify="left", title_style="bold", box=None, show_header=False)
    table.add_column()
    table.add_column(overflow="fold")
    for name, value in facts.items():
        table.add_row(name.replace("_", " "), escape(_cell(value, decimals=3)))
    out.print(table)
    out.print()


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _cell(value: Any, decimals: int) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.{decimals}f}"
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return str(value)


def _jsonable(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")
