"""How commands speak: progress on standard error, results on standard output, errors with what to do about them."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from resolver.errors import GuiyiError
from resolver.progress import Progress as Report

out = Console()
err = Console(stderr=True)


@contextmanager
def explained() -> Iterator[None]:
    """Turn an error the user can act on into its message and exit status 1."""
    try:
        yield
    except GuiyiError as error:
        err.print(f"[bold red]error:[/] {_plain(error.message)}", highlight=False)
        if error.remedy:
            err.print(f"  {_plain(error.remedy)}", highlight=False)
        raise typer.Exit(1) from error
    except KeyboardInterrupt:
        err.print("stopped; run the same command again to go on", highlight=False)
        raise typer.Exit(130) from None


@contextmanager
def progress_shown() -> Iterator[Report]:
    """Show on standard error what is being done; on a terminal as a moving line, else a line a step."""
    if not err.is_terminal:
        yield _step_lines()
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("", total=None)

        def report(step: str, done: int, total: int) -> None:
            bar.update(task, description=step, completed=done, total=total or None)

        yield report


def _step_lines() -> Report:
    last = ""

    def report(step: str, _done: int, _total: int) -> None:
        nonlocal last
        if step != last:
            err.print(f"{step} …", highlight=False)
            last = step

    return report


def print_json(document: Any) -> None:
    """Print a result for scripts: UTF-8, keys in a fixed order."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=1, default=_jsonable) + "\n")


def print_table(title: str, headers: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print a table for people."""
    table = Table(title=title, title_justify="left", header_style="bold")
    numeric = [all(isinstance(row[at], int | float) for row in rows) for at in range(len(headers))]
    for header, right in zip(headers, numeric, strict=True):
        table.add_column(header, justify="right" if right else "left")
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    out.print(table)


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.3f}" if abs(value) < 100 else f"{value:,.1f}"
    return _plain(str(value))


def _plain(text: str) -> str:
    """Text in which square brackets mean nothing to the console."""
    return text.replace("[", r"\[")


def _jsonable(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")
