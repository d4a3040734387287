"""`guiyi synthesize`, `evaluate` and `demo`: a made-up city, and how well it is understood."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from api import demo as demonstration
from api import reports
from api.commands.service import PortOption
from api.console import print_json, print_table, progress_shown, say
from api.evaluation import evaluate as evaluate_published
from api.session import JsonOption, WorkspaceOption, opened
from resolver.synthetic.city import synthesize as synthesize_city


def synthesize(
    directory: Annotated[Path, typer.Argument(help="Where the city goes.")],
    persons: Annotated[int, typer.Option(min=200, help="How many people live in it.")] = 20_000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same files.")] = 1,
    months: Annotated[
        int, typer.Option(min=1, max=24, help="Months of deliveries; the first has the history.")
    ] = 1,
    profile: Annotated[Literal["typical", "hard"], typer.Option(help="How many errors.")] = "typical",
    as_json: JsonOption = False,
) -> None:
    """Make up a city: departments' files, and the truth.

    The files are in DIRECTORY/feeds, the truth in DIRECTORY/truth. Nobody in it exists.
    """
    with progress_shown() as progress:
        manifest = synthesize_city(directory, persons, seed, months, profile, progress)
    if as_json:
        print_json(manifest)
        return
    say(f"a made-up city of {manifest['persons']:,} persons: {directory}")
    rows = [[feed, count] for feed, count in sorted(manifest["rows_written"].items())]
    print_table("Rows by feed", ["feed", "rows"], rows)


def evaluate(
    truth: Annotated[Path, typer.Option(help="Folder that `guiyi synthesize` wrote.")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Hold what is published against a made-up city's truth.

    With --json also every conflict that was missed and every finding that is not true, each with a reason.
    """
    with opened(workspace) as (held, ledger), progress_shown() as progress:
        progress("comparing with the truth", 0, 0)
        measured = evaluate_published(held, ledger, truth)
    if as_json:
        print_json(measured)
    else:
        reports.evaluated(measured)


def demo(
    directory: Annotated[Path, typer.Option(help="Where; replaced if it is an earlier demo.")] = Path("demo"),
    persons: Annotated[int, typer.Option(min=500, help="How many people live in the city.")] = 20_000,
    serve_after: Annotated[bool, typer.Option("--serve/--no-serve", help="Serve the API at the end.")] = True,
    port: PortOption = 8600,
    graph_server: Annotated[
        Path | None,
        typer.Option(help="Keep the graph in the server of this folder (`guiyi neo4j start`), not embedded."),
    ] = None,
) -> None:
    """A made-up city from files to findings, then the API to try."""
    demonstration.run(directory, persons, port if serve_after else None, graph_server)
