"""`guiyi aid`: aid identities 救助身份: the month's review."""

from collections import Counter
from datetime import date
from typing import Annotated, Any

import typer

from api.console import print_json, print_table, say
from api.looking import published, recorded
from api.presenting import entity_text
from api.session import JsonOption, OutOption, WorkspaceOption, opened
from graph.aid import CHANGES, NOTES, aid_review
from graph.rule_settings import workspace_settings
from graph.rules.catalogue import load_catalogue
from graph.table_files import write_lines
from resolver.feeds.contract import Column, contracts

aid_app = typer.Typer(
    help="Aid identities 救助身份: the month's review of entries, exits and changes.", no_args_is_help=True
)

_COLUMNS = (
    Column("name", "姓名", "name"),
    Column("id_number", "身份证号", "id_number"),
    Column("region", "行政区划", "code"),
    Column("change", "本月变动", "text"),
    Column("best_before", "上月最优类别", "text"),
    Column("best", "最优类别", "text"),
    Column("categories", "全部类别", "text"),
    Column("department", "认定部门", "text"),
    Column("benefit_from", "待遇开始", "date"),
    Column("benefit_to", "待遇结束", "date"),
    Column("flag", "资助标识", "text"),
    Column("flag_from", "标识开始", "date"),
    Column("n_rows", "名单行数", "integer"),
    Column("n_reported", "变动上报行数", "integer"),
    Column("year", "本年最优类别变化", "text"),
    Column("notes", "待核事项", "text"),
)


@aid_app.command("review")
def review(
    everybody: Annotated[
        bool, typer.Option("--all", help="Also those without a change and with nothing to see to.")
    ] = False,
    out: OutOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """The month's review: entered, left, changed; the best benefit and its period; what has to be seen to.

    Each person once, over all lists and departments, by the lists as they stand at the reference date.
    """
    with opened(workspace) as (held, ledger), published(held, ledger).hold() as snapshot:
        catalogue = load_catalogue(held.rules)
        found = aid_review(snapshot, workspace_settings(held, catalogue))
        lines: list[dict[str, Any]] = [
            line for line in found.to_pylist() if everybody or line["change"] != "none" or line["notes"]
        ]
        for line in lines:
            line["person_id"] = entity_text(line["person_id"])
        recorded(
            ledger, "cli.aid.review", snapshot=snapshot.number, persons=[line["person_id"] for line in lines]
        )
        month = date.fromisoformat(snapshot.manifest["reference_date"]).replace(day=1)
    if out is not None:
        write_lines(out, "救助身份月度复核", _COLUMNS, [_worded(line) for line in lines], month)
    if as_json:
        print_json(lines)
        return
    counts = Counter(line["change"] for line in lines)
    print_table(
        f"Changes of {month:%Y-%m} 本月变动", ["change", "persons"],
        [[f"{CHANGES[name]} {name}", counts[name]] for name in CHANGES],
    )  # fmt: skip
    noted = Counter(note for line in lines for note in line["notes"])
    seen_to = [[f"{NOTES[name]} {name}", noted[name]] for name in NOTES if noted[name]]
    print_table("To see to 待核事项", ["note", "persons"], seen_to)
    if out is not None:
        say(f"written: {out}")


def _worded(line: dict[str, Any]) -> dict[str, Any]:
    """A line in the words that departments use."""
    words = {code: names[0] for code, names in contracts()["J07"].columns["category_after"].choices.items()}

    def word(category: str | None) -> str | None:
        return None if category is None else words.get(category, category)

    return {
        **line,
        **{name: word(line[name]) for name in ("best_before", "best", "flag")},
        "change": CHANGES[line["change"]],
        "year": "；".join(f"{step['day']} {word(step['category']) or '无'}" for step in line["year"]),
        "categories": "、".join(str(word(category)) for category in line["categories"]),
        "notes": "；".join(NOTES[note] for note in line["notes"]),
    }
