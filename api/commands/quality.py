"""`guiyi quality …`: how good the links are, measured on real data by labelling a sample."""

import getpass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from api.console import err, print_facts, print_json, print_table, progress_shown, say
from api.judging import speaker, statement
from api.looking import published, recorded
from api.quality_sheet import ANSWER, ANSWERS, check_name, read_answers, sample_of, sheet_rows, write_sheet
from api.session import JsonOption, WorkspaceOption, opened
from resolver.entities.entity_id import to_text
from resolver.errors import LinkageError
from resolver.ledger.judgement import Judgement
from resolver.ledger.labels import Label, Sample, add_labels, add_sample, read_labels, read_sample
from resolver.ledger.ledger import Ledger
from resolver.linkage.model import Model
from resolver.linkage.quality import Drawn, Stratum, draw, quality_frame
from resolver.linkage.quality_report import quality_report
from resolver.lookup import Lookup
from resolver.snapshot import Snapshot
from resolver.workspace import Workspace

quality_app = typer.Typer(
    help="Quality of links, measured without a truth: draw a sample, label it, report.", no_args_is_help=True
)

SampleOption = Annotated[int | None, typer.Option("--sample", help="Number of a sample; default the newest.")]
FullOption = Annotated[
    bool, typer.Option("--full", help="Show ID numbers and phones in full; it is audited.")
]


@quality_app.command("sample")
def sample(
    out: Annotated[Path, typer.Option("--out", "-o", help="The sheet to write, .xlsx or .csv.")],
    pairs: Annotated[int, typer.Option(min=1, max=20_000, help="How many pairs to label.")] = 300,
    seed: Annotated[int, typer.Option(min=0, help="The same seed draws the same pairs.")] = 1,
    full: FullOption = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Draw pairs of records to be labelled, from the published snapshot, into a sheet.

    Drawn are links, pairs that linkage kept apart, and near misses of looser blocking; of each sort in bands of match
    probability. Fill in the yellow column (是 / 否 / 不确定), then run `guiyi quality label SHEET`.
    """
    check_name(out)
    with opened(workspace) as (held, ledger), published(held, ledger).hold() as snapshot:
        model = _model(held, snapshot)
        with progress_shown() as progress:
            progress("finding pairs to draw from", 0, 0)
            drawn = draw(_frame(snapshot, model), pairs, seed)
        about = {"snapshot": snapshot.number, "model_version": model.version, "seed": seed, "pairs": pairs}
        lookup = Lookup(snapshot)
        made = _recorded_sample(ledger, drawn, about)
        recorded(
            ledger,
            "cli.quality.sample",
            sample=made.number,
            persons=_persons(made, lookup),
            numbers_shown=full,
        )
        write_sheet(out, sheet_rows(made, lookup, model, full=full))
    if as_json:
        print_json({"sample": made.number, "pairs": len(made.pairs), "file": out, **made.about})
    else:
        say(f"sample {made.number}: {len(made.pairs):,} pairs in {out}")


@quality_app.command("label")
def label(
    file: Annotated[
        Path | None, typer.Argument(help="A labelled sheet; without one pairs are asked for here.")
    ] = None,
    number: SampleOption = None,
    as_judgements: Annotated[
        bool,
        typer.Option("--as-judgements", help="Record the answers as judgements too: later runs obey them."),
    ] = False,
    full: FullOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Take labels in, from a sheet or here, pair by pair. Linkage does not obey them, unless --as-judgements.

    A sheet may come back half filled, and again. Pairs labelled again count as they were labelled last.
    """
    actor = f"{getpass.getuser()} (command line)"
    with opened(workspace) as (held, ledger):
        drawn = read_sample(ledger, number or (sample_of(file) if file else None))
        answers = read_answers(file, drawn) if file else _asked(held, ledger, drawn, full=full)
        new = add_labels(ledger, drawn, answers, actor, datetime.now(UTC))
        recorded(ledger, "cli.quality.label", sample=drawn.number, results=new)
        if as_judgements:
            _judge(held, ledger, drawn, answers)
        known = read_labels(ledger, drawn)
    say(f"sample {drawn.number}: {new:,} new labels, {len(known):,} of {len(drawn.pairs):,} pairs labelled")


@quality_app.command("report")
def report(
    number: SampleOption = None, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """Precision and recall of links with 95 % intervals, and how true the match probabilities are."""
    with opened(workspace) as (_, ledger):
        drawn = read_sample(ledger, number)
        labels = read_labels(ledger, drawn)
    strata = [Stratum(**stratum) for stratum in drawn.about["strata"]]
    answers = [(stratum, labels.get(pair)) for pair, (_, _, stratum) in enumerate(drawn.pairs, 1)]
    measured = quality_report(strata, answers)
    about = {name: drawn.about[name] for name in ("snapshot", "model_version", "seed")}
    if as_json:
        print_json({"sample": drawn.number, **about, **measured})
    else:
        _print_report(drawn, about, measured)


def _model(workspace: Workspace, snapshot: Snapshot) -> Model:
    return Model.read(workspace.models / f"{snapshot.manifest['model_version']}.json")


def _frame(snapshot: Snapshot, model: Model) -> Any:
    pairs = snapshot.read("pairs", ["record_key_l", "record_key_r", "match_probability"])
    members = snapshot.read("members", ["record_key", "entity_id"])
    return quality_frame(snapshot.read("records"), members, pairs, model)


def _recorded_sample(ledger: Ledger, drawn: Drawn, about: dict[str, Any]) -> Sample:
    columns = [drawn.pairs[name].to_pylist() for name in ("record_key_l", "record_key_r", "stratum")]
    facts = {**about, "strata": [vars(stratum) for stratum in drawn.strata]}
    number = add_sample(ledger, facts, list(zip(*columns, strict=True)), datetime.now(UTC))
    return read_sample(ledger, number)


def _persons(drawn: Sample, lookup: Lookup) -> list[str]:
    owners = {lookup.entity_of(key) for left, right, _ in drawn.pairs for key in (left, right)}
    return [to_text(owner, "person") for owner in sorted(owner for owner in owners if owner is not None)]


def _asked(workspace: Workspace, ledger: Ledger, drawn: Sample, *, full: bool) -> dict[int, Label]:
    """Ask for the label of every pair that has none; q ends."""
    snapshot = Snapshot.open(workspace, drawn.about["snapshot"])
    known = read_labels(ledger, drawn)
    answers: dict[int, Label] = {}
    with snapshot.hold():
        lookup = Lookup(snapshot)
        rows = sheet_rows(drawn, lookup, _model(workspace, snapshot), full=full)
        recorded(ledger, "cli.quality.look", persons=_persons(drawn, lookup), numbers_shown=full)
    for number, row in enumerate(rows, 1):
        if number in known:
            continue
        print_table(f"Pair {number} of {len(rows)}", ["", "甲", "乙"], _compared(row))
        answer = _answer()
        if answer is None:
            break
        answers[number] = answer
    return answers


def _compared(row: dict[str, str]) -> list[list[str]]:
    """The two records of a pair side by side; what neither says is left out."""
    names = [heading[2:] for heading in row if heading.startswith("甲 ")]
    sides = [[name, row[f"甲 {name}"], row[f"乙 {name}"]] for name in names]
    hints = [[heading, cell, ""] for heading, cell in row.items() if "比较" in heading and cell]
    return [cells for cells in sides if any(cells[1:])] + hints


def _answer() -> Label | None:
    while True:
        text = typer.prompt("one person? y, n, ? (not sure), q (end)", err=True).strip().lower()
        if text == "q":
            return None
        found = ANSWERS.get(text)
        if found is not None:
            return found
        err.print(f"{ANSWER}, or q")


def _judge(workspace: Workspace, ledger: Ledger, drawn: Sample, answers: dict[int, Label]) -> None:
    """Record answers as judgements, those that hold already left out; all or none."""
    said = speaker(
        f"{getpass.getuser()} (command line)", f"质量抽样 quality sample {drawn.number}", datetime.now(UTC)
    )
    holding = {(j.decision, frozenset((j.record_key_l, j.record_key_r))) for j in ledger.judgements()}
    wanted: list[Judgement] = []
    with published(workspace, ledger).hold() as snapshot:
        lookup = Lookup(snapshot)
        for number, answer in sorted(answers.items()):
            left, right, _ = drawn.pairs[number - 1]
            if answer != "unsure" and (answer, frozenset((left, right))) not in holding:
                wanted += statement(answer, ([left], [right]), said, lookup)
    if wanted:
        made = ledger.state_judgements(wanted)
        recorded(ledger, "cli.judgements.add", judgements=[j.judgement_id for j in made])
        say(f"{len(made):,} judgements recorded; the next run obeys them")


def _print_report(drawn: Sample, about: dict[str, Any], measured: dict[str, Any]) -> None:
    labels = measured["labels"]
    if not sum(labels.values()):
        raise LinkageError(
            f"no pair of sample {drawn.number} is labelled", remedy="Run `guiyi quality label SHEET` first."
        )
    counts = {"pairs drawn": measured["pairs_drawn"], **labels, "not labelled": measured["not_labelled"]}
    print_facts(f"Sample {drawn.number}", {**about, **counts})
    names = {
        "precision": "精确率 precision of links",
        "recall": "召回率 recall of links",
        "recall_compared": "  of these, among kept pairs",
    }
    rows = []
    for name, shown in names.items():
        fact = measured[name] or dict.fromkeys(("estimate", "low", "high"))
        rows.append([shown, *fact.values(), *(side[name] for side in measured["if_unsure"])])
    headers = ["", "estimate", "from", "to", "unsure=否", "unsure=是"]
    print_table("Links, with 95 % intervals", headers, rows, decimals=4)
    bands = [[f"{b['from']:g} – {b['to']:g}", *list(b.values())[2:]] for b in measured["calibration"]]
    headers = ["match probability", "pairs", "labelled", "expected", "true", "from", "to"]
    print_table("Calibration: of pairs so probable, how many are matches", headers, bands)
    if labels["unsure"]:
        say(
            "unsure pairs are left out; the last two columns say what all of them, different or same, would make"
        )
    say(f"method: {measured['method']}")
    say(measured["covers"])
