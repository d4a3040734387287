"""`guiyi monitoring`: high-cost monitoring 高额费用监测预警: the month's list, the province's, cost statements."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import pyarrow as pa
import typer

from api.console import print_json, print_table, say
from api.looking import published, recorded
from api.presenting import entity_text
from api.session import JsonOption, OutOption, WorkspaceOption, opened
from graph.monitoring import POPULATIONS, REASONS, Monitoring, monitored, reconciled, statement
from graph.rule_settings import workspace_settings
from graph.rules.catalogue import load_catalogue
from graph.table_files import write_lines
from resolver.feeds.contract import Column
from resolver.feeds.output import outputs
from resolver.snapshot import Snapshot
from resolver.workspace import Workspace

monitoring_app = typer.Typer(
    help="High-cost monitoring 高额费用监测预警: who bears more than the line, the province's list, cost statements.",
    no_args_is_help=True,
)

_WHERE = {"both": "两边都有", "here": "仅本地", "province": "仅省级"}
_RECONCILED = (
    Column("name", "姓名", "name"),
    Column("id_number", "身份证号", "id_number"),
    Column("found_in", "名单", "text"),
    Column("reason", "差异原因", "text"),
    Column("population", "本地人群", "text"),
    Column("provincial_population", "省级人群", "text"),
    Column("burden", "本地负担", "amount"),
    Column("provincial_burden", "省级负担", "amount"),
    Column("line", "本地预警线", "amount"),
    Column("provincial_line", "省级预警线", "amount"),
    Column("n_psn_nos", "参保号数", "integer"),
)


@monitoring_app.command("list")
def monthly_list(
    out: OutOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Who bears more than the line this year, up to the reference date: the month's list.

    Over all insurance numbers and places of a person, reversals netted, by the formula and the shares that rules MW1
    and MW2 have here. What is pushed to civil affairs and rural aid, without identity doubts, is `guiyi outputs` (J09).
    """
    with opened(workspace) as (held, ledger), published(held, ledger).hold() as snapshot:
        found = monitored(snapshot, _monitoring(held))
        recorded(ledger, "cli.monitoring.list", snapshot=snapshot.number, persons=_persons(found))
    lines = _worded(found)
    if out is not None:
        month = _month(snapshot)
        named = [{**line, "warning_month": month} for line in lines]
        write_lines(out, "J09", [*outputs()["J09"].columns.values()], named, month)
    if as_json:
        print_json(lines)
        return
    names = [
        "person_id",
        "name",
        "population",
        "burden",
        "line",
        "share_of_income",
        "n_psn_nos",
        "n_settlements",
    ]
    print_table(
        "Over the line 高额费用预警", [name.replace("_", " ") for name in names],
        [[line[name] for name in names] for line in lines],
    )  # fmt: skip
    for line in lines[:1]:
        sure = " (provisional 暂定)" if line["provisional"] else ""
        say(f"income {line['income_year']}: {line['income']} yuan{sure}; {line['formula']}")
    _written(out)


@monitoring_app.command("reconcile")
def reconcile(
    out: OutOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Hold the province's list of the month (J10) against ours: on both, here only, there only, and why."""
    with opened(workspace) as (held, ledger), published(held, ledger).hold() as snapshot:
        found = reconciled(snapshot, _monitoring(held))
        recorded(ledger, "cli.monitoring.reconcile", snapshot=snapshot.number, persons=_persons(found))
    lines = _worded(found)
    if out is not None:
        write_lines(out, "省级名单核对", _RECONCILED, lines, _month(snapshot))
    if as_json:
        print_json(lines)
        return
    counted: dict[tuple[str, str], int] = {}
    for line in lines:
        key = line["found_in"], line["reason"]
        counted[key] = counted.get(key, 0) + 1
    print_table(
        "The province's list and ours 省级名单核对", ["list", "reason", "persons"],
        [[*key, count] for key, count in counted.items()],
    )  # fmt: skip
    _written(out)


@monitoring_app.command("statement")
def cost_statement(
    application: Annotated[str, typer.Argument(help="Number of the application (J11).")],
    out: OutOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """What an applicant for illness poverty 因病致贫 was charged: every standing settlement, and the sums."""
    with opened(workspace) as (held, ledger), published(held, ledger).hold() as snapshot:
        found = statement(snapshot, application)
        recorded(ledger, "cli.monitoring.statement", snapshot=snapshot.number, application=application)
    lines = found.to_pylist()
    if out is not None:
        write_lines(out, "J11", [*outputs()["J11"].columns.values()], lines, _month(snapshot))
    if as_json:
        print_json(lines)
        return
    names = ["service_begin", "facility_name", "med_type", "total_amount", "pooled_amount", "serious_illness_amount",
             "aid_amount", "personal_amount"]  # fmt: skip
    sums = [sum(line[name] or 0 for line in lines) if name.endswith("amount") else "" for name in names]
    print_table(
        f"Cost statement 医疗费用结算信息 {application}", [name.replace("_", " ") for name in names],
        [*([line[name] for name in names] for line in lines), ["sum 合计", *sums[1:]]],
    )  # fmt: skip
    _written(out)


def _monitoring(workspace: Workspace) -> Monitoring:
    catalogue = load_catalogue(workspace.rules)
    return Monitoring.of(catalogue, workspace_settings(workspace, catalogue))


def _worded(found: pa.Table) -> list[dict[str, Any]]:
    """Lines as people read them: ids as text, codes in words."""
    words: dict[str, dict[str, str]] = {
        "population": POPULATIONS, "provincial_population": POPULATIONS, "reason": REASONS, "found_in": _WHERE
    }  # fmt: skip
    lines: list[dict[str, Any]] = found.to_pylist()
    for line in lines:
        line["person_id"] = entity_text(line["person_id"])
        for name, word in words.items():
            if line.get(name) is not None:
                line[name] = word[line[name]]
    return lines


def _persons(found: pa.Table) -> list[str]:
    return [entity_text(person) for person in found["person_id"].to_pylist()]


def _month(snapshot: Snapshot) -> date:
    return date.fromisoformat(snapshot.manifest["reference_date"]).replace(day=1)


def _written(out: Path | None) -> None:
    if out is not None:
        say(f"written: {out}")
