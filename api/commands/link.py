"""`guiyi link` and `guiyi blocking`: any table, with or without insurance."""

import resource
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any

import typer

from api.console import print_facts, print_json, print_table, progress_shown, say
from api.session import JsonOption
from resolver.linkage.generic.blocking_report import count_blocking
from resolver.linkage.generic.engine import TableLinkage, link_table
from resolver.linkage.generic.model import TableModel
from resolver.linkage.generic.output import make_folder, n_links, write_linkage
from resolver.linkage.generic.report import write_report
from resolver.linkage.generic.settings import TableSettings, read_table_settings
from resolver.linkage.generic.table import read_tables
from resolver.memory import for_a_short_run

LeftArgument = Annotated[
    Path, typer.Argument(metavar="LEFT", help="A table: csv (UTF-8, with a header) or Parquet.")
]
RightArgument = Annotated[
    Path | None, typer.Argument(metavar="[RIGHT]", help="A second table to link with the first.")
]
ModelOption = Annotated[
    Path,
    typer.Option(
        "--model",
        help="What is compared: a settings file (.toml), or a model version trained before (.json).",
    ),
]


def link(  # noqa: PLR0913 (options of a command)
    left: LeftArgument,
    right: RightArgument = None,
    *,
    model: ModelOption,
    out: Annotated[Path, typer.Option(help="Folder for pairs, clusters, report and model version.")],
    memory: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="MiB for what is being compared; the rest goes to TMPDIR (default: a quarter of what is free).",
        ),
    ] = None,
    levels: Annotated[
        bool, typer.Option(help="Also write the level of every comparison beside each pair.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Link any table: csv or Parquet, one or two.

    Finds the records of one entity; no labels are needed. Writes pairs.parquet, clusters.parquet, report.html and the
    model version.
    """
    for_a_short_run()
    settings, trained = _model(model)
    make_folder(out)  # now, not after an hour's work
    with progress_shown() as progress:
        since = perf_counter()
        table = read_tables([left, right] if right else [left], settings.columns, settings.record_id)
        read = perf_counter()
        linkage = link_table(table, settings, trained, progress, memory and memory << 20)
        linked = perf_counter()
        write_linkage(out, table, linkage, levels=levels)
        written = perf_counter()
        write_report(out / "report.html", table, linkage)
    linkage.report["seconds"] = {
        "reading": read - since,
        **linkage.report["seconds"],
        "writing": written - linked,
        "report": perf_counter() - written,
        "total": written - since,
    }
    result = _result(linkage)
    if as_json:
        print_json(result)
        return
    say(
        f"{result['records']:,} records, {result['candidate_pairs']:,} candidate pairs, {result['links']:,} links"
    )
    for message in result["messages"]:
        say(f"note: {message}")
    say(f"{result['clusters']:,} clusters in {result['seconds']['total']:.1f} s: {out}")


def _model(path: Path) -> tuple[TableSettings, TableModel | None]:
    if path.suffix.lower() == ".json":
        trained = TableModel.read(path)
        return trained.settings, trained
    return read_table_settings(path), None


def _result(linkage: TableLinkage) -> dict[str, Any]:
    report = linkage.report
    return {
        "records": report["records"],
        "candidate_pairs": report["candidate_pairs"],
        "links": n_links(linkage),
        "clusters": report["clusters"],
        "model_version": report["model_version"],
        "messages": report["messages"],
        "seconds": report["seconds"],
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def blocking(
    left: LeftArgument,
    right: RightArgument = None,
    *,
    model: ModelOption,
    truth: Annotated[
        Path | None,
        typer.Option(help="Table of true entities (record_id, entity_id): then recall is printed too."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Count what the blocking rules of a table yield.

    That is candidate pairs, largest blocks, blocks left out, and with --truth recall. Nothing is compared, so it is
    the quick way to choose rules.
    """
    settings, _ = _model(model)
    table = read_tables([left, right] if right else [left], settings.columns, settings.record_id)
    counts = count_blocking(table, settings, truth)
    if as_json:
        print_json(counts)
        return
    columns = ["rule", "pairs", "new pairs", "blocks", "largest", "left out", "records left out"]
    keys = ["name", "pairs", "new_pairs", "blocks", "largest", "left_out", "left_out_records"]
    if truth:
        columns += ["recall", "only this rule"]
        keys += ["recall", "only"]
    print_table("Blocking rules", columns, [[rule[key] for key in keys] for rule in counts.pop("rules")])
    print_facts("All rules", counts)
