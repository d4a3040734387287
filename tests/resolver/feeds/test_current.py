# ruff: noqa: DTZ001 (what departments write is a wall clock without a zone)
import random
from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.feeds.archive import archived_files
from resolver.feeds.checks import QUARANTINE, accepted_schema
from resolver.feeds.contract import Contract, contracts
from resolver.feeds.current import SUPERSEDED, current_rows
from resolver.feeds.row_id import ORDINAL_BITS
from resolver.ledger.delivery import Delivery
from resolver.workspace import Workspace

END = date(2026, 12, 31)
RANK = {None: 0, "add": 0, "change": 1, "correct": 1, "exit": 2, "revoke": 3}


@dataclass(frozen=True)
class File:
    """A delivery to be: its rows as columns of the contract, `op` among them."""

    feed: str
    month: int
    rows: tuple[dict[str, Any], ...]
    extent: str = "delta"


def archive(workspace: Workspace, files: list[File]) -> list[Delivery]:
    """Archive files as intake would; the position in the list makes the delivery id."""
    made = []
    for number, file in enumerate(files):
        schema = accepted_schema(contracts()[file.feed])
        delivery_id = f"{number * 7919 % 997:010x}"
        rows = [
            {**row, "row_id": (int(delivery_id, 16) << ORDINAL_BITS) | n, "sheet": "", "row_no": n + 2}
            for n, row in enumerate(file.rows)
        ]
        at = datetime(2027, 1, 1, tzinfo=UTC) - timedelta(days=number)
        n = len(rows)
        delivery = Delivery(
            delivery_id,
            file.feed,
            date(2026, file.month, 1),
            "",
            "",
            file.extent,
            n,
            n,
            0,
            n == 0,
            False,
            at,
            "",
            {},
        )
        path = archived_files(workspace, delivery).rows
        path.parent.mkdir(parents=True, exist_ok=True)
        pa.parquet.write_table(pa.Table.from_pylist(rows, schema), path)
        made.append(delivery)
    return made


def run(
    workspace: Workspace, files: list[File], as_of: date = END
) -> tuple[list[dict[str, Any]], dict[int, Any]]:
    """Current rows, and superseded ones: row id -> (by, reason)."""
    current, superseded = current_rows(workspace, archive(workspace, files), files[0].feed, as_of)
    assert superseded.schema == SUPERSEDED
    ids = current["row_id"].to_pylist()
    assert ids == sorted(ids)
    listed = {row["row_id"]: (row["superseded_by"], row["reason"]) for row in superseded.to_pylist()}
    assert list(listed) == sorted(listed)
    return current.to_pylist(), listed


def death(no: str | None, cause: str, op: str | None = None, day: int = 1) -> dict[str, Any]:
    return {
        "certificate_no": no,
        "name": "王伟",
        "death_cause": cause,
        "op": op,
        "death_time": datetime(2026, 1, day, 5),
    }


def spell(
    psn: str | None, op: str | None = None, end: date | None = None, place: str = "371002"
) -> dict[str, Any]:
    return {
        "psn_no": psn, "name": "王伟", "insutype": "310", "insuplc_admdvs": place, "start_date": date(2020, 1, 1),
        "end_date": end, "op": op,
    }  # fmt: skip


def causes(rows: list[dict[str, Any]]) -> list[str]:
    return sorted(row["death_cause"] for row in rows)


def test_the_newer_month_wins_whatever_the_order(workspace: Workspace) -> None:
    files = [
        File("W01", 11, (death("D1", "新"),)),
        File("W01", 10, (death("D1", "旧"), death("D2", "别"))),
    ]
    rows, superseded = run(workspace, files)
    assert causes(rows) == ["别", "新"]
    new = next(row for row in rows if row["death_cause"] == "新")
    assert list(superseded.values()) == [(new["row_id"], "newer")]
    assert new["period"] == date(2026, 11, 1)
    assert new["received_at"] == datetime(2027, 1, 1, tzinfo=UTC)
    assert (new["valid_from"], new["valid_to"]) == (date(2026, 1, 1), None)


@pytest.mark.parametrize(("op", "reason"), [("correct", "corrected"), ("change", "newer")])
@pytest.mark.parametrize("first", [0, 1])
def test_within_a_month_a_correction_wins_over_an_addition(
    workspace: Workspace, op: str, reason: str, first: int
) -> None:
    files = [File("W01", 10, (death("D1", "更正", op),)), File("W01", 10, (death("D1", "原", "add"),))]
    rows, superseded = run(workspace, files if first else files[::-1])
    assert causes(rows) == ["更正"]
    assert list(superseded.values()) == [(rows[0]["row_id"], reason)]


def test_within_a_month_the_larger_row_id_wins_else(workspace: Workspace) -> None:
    rows, superseded = run(workspace, [File("W01", 10, (death("D1", str(n)),)) for n in range(5)])
    (row,) = rows
    assert row["row_id"] > max(superseded)
    assert {by for by, _ in superseded.values()} == {row["row_id"]}


def test_rows_of_one_delivery_never_supersede_each_other(workspace: Workspace) -> None:
    twice = (death("D1", "一"), death("D1", "二", "correct"))
    rows, superseded = run(workspace, [File("W01", 10, (death("D1", "旧"),)), File("W01", 11, twice)])
    assert causes(rows) == ["一", "二"]
    assert len(superseded) == 1


def test_a_revocation_removes(workspace: Workspace) -> None:
    files = [
        File("W01", 9, (death("D1", "一"), death("D2", "二"))),
        File("W01", 10, (death("D1", "撤", "revoke"), death("D3", "撤", "revoke"))),
    ]
    rows, superseded = run(workspace, files)
    assert causes(rows) == ["二"]
    assert [reason for _, reason in superseded.values()] == ["revoked"] * 3
    assert [by for by, _ in superseded.values()].count(None) == 2  # the revocations themselves


def test_what_comes_after_a_revocation_stands(workspace: Workspace) -> None:
    later = [File("W01", 9, (death("D1", "撤", "revoke"),)), File("W01", 10, (death("D1", "再"),))]
    assert causes(run(workspace, later)[0]) == ["再"]


def test_in_its_own_file_a_revocation_removes_the_rows_above_it(workspace: Workspace) -> None:
    rows = (death("D1", "上"), death("D1", "撤", "revoke"), death("D1", "下"))
    assert causes(run(workspace, [File("W01", 10, rows)])[0]) == ["下"]


def test_an_exit_closes_and_deletes_nothing(workspace: Workspace) -> None:
    files = [
        File("W29", 9, (spell("P1"), spell("P2"), spell("P3")), "delta"),
        File("W29", 10, (spell("P1", "exit"), spell("P2", "exit", date(2026, 10, 15))), "delta"),
    ]
    rows, superseded = run(workspace, files)
    assert {row["psn_no"]: row["valid_to"] for row in rows} == {
        "P1": date(2026, 9, 30), "P2": date(2026, 10, 15), "P3": None,
    }  # fmt: skip
    assert [reason for _, reason in superseded.values()] == ["newer", "newer"]


def many(count: int, skip: tuple[str, ...] = ()) -> tuple[dict[str, Any], ...]:
    return tuple(spell(f"P{n}") for n in range(count) if f"P{n}" not in skip)


def test_a_key_absent_from_a_later_complete_full_delivery_is_closed(workspace: Workspace) -> None:
    files = [
        File("W29", 8, many(100), "full"),
        File("W29", 9, many(100, ("P1", "P2")), "full"),
        File("W29", 10, many(100, ("P1",)), "full"),
    ]
    rows, superseded = run(workspace, files)
    closed = {row["psn_no"]: row["valid_to"] for row in rows if row["valid_to"]}
    assert closed == {"P1": date(2026, 8, 31)}  # P2 came back
    one = next(row["row_id"] for row in rows if row["psn_no"] == "P1")
    assert superseded[one] == (None, "absent")
    assert [reason for _, reason in superseded.values()].count("absent") == 1
    # As of September, P2 is absent; as of August, nobody is.
    rows, _ = run(workspace, files, date(2026, 9, 1))
    assert sorted(row["psn_no"] for row in rows if row["valid_to"]) == ["P1", "P2"]
    rows, superseded = run(workspace, files, date(2026, 8, 15))
    assert (len(rows), superseded) == (100, {})


def test_a_key_in_a_quarantined_row_is_not_absent(workspace: Workspace) -> None:
    files = [File("W29", 8, many(100), "full"), File("W29", 9, many(100, ("P1", "P2")), "full")]
    deliveries = archive(workspace, [*files, File("W29", 10, many(100, ("P1", "P2")), "full")])
    cells = [{"row_id": 1, "cells": '{"人员编号": "王", "姓名": " ｐ1 ", "险种": ""}'}]  # slipped by one
    quarantine = archived_files(workspace, deliveries[1]).quarantine
    pa.parquet.write_table(pa.Table.from_pylist(cells, QUARANTINE), quarantine)
    deliveries[1] = replace(deliveries[1], n_quarantined=1)
    current, _ = current_rows(workspace, deliveries, "W29", date(2026, 9, 30))
    ends = dict(zip(current["psn_no"].to_pylist(), current["valid_to"].to_pylist(), strict=True))
    assert {psn: end for psn, end in ends.items() if end} == {"P2": date(2026, 8, 31)}
    current, _ = current_rows(workspace, deliveries, "W29", END)  # in October it is absent indeed
    ends = dict(zip(current["psn_no"].to_pylist(), current["valid_to"].to_pylist(), strict=True))
    assert {psn: end for psn, end in ends.items() if end} == {
        "P1": date(2026, 9, 30),
        "P2": date(2026, 8, 31),
    }


def test_half_a_snapshot_removes_nobody(workspace: Workspace) -> None:
    files = [File("W29", 9, many(100), "full"), File("W29", 10, many(94), "full")]
    rows, _ = run(workspace, files)
    assert len(rows) == 100
    assert all(row["valid_to"] is None for row in rows)


def test_the_files_of_a_month_are_one_snapshot(workspace: Workspace) -> None:
    whole = many(100)
    parts = [File("W29", 10, whole[start : start + 33], "full") for start in (1, 34, 67)]
    rows, _ = run(workspace, [*parts, File("W29", 9, whole, "full")])
    assert [row["psn_no"] for row in rows if row["valid_to"]] == ["P0"]


def test_absence_from_a_delta_or_an_event_feed_means_nothing(workspace: Workspace) -> None:
    deltas = [File("W29", 9, many(100), "full"), File("W29", 10, many(99, ("P1",)))]
    assert all(row["valid_to"] is None for row in run(workspace, deltas)[0])
    events = [File("W01", 9, (death("D1", "x"),), "full"), File("W01", 10, (death("D2", "y"),), "full")]
    assert all(row["valid_to"] is None for row in run(workspace, events)[0])


def test_an_end_of_its_own_that_is_earlier_stays(workspace: Workspace) -> None:
    early, late = spell("PA", end=date(2026, 3, 1)), spell("PB", end=date(9999, 12, 31))
    files = [File("W29", 9, (*many(100), early, late), "full"), File("W29", 10, many(100), "full")]
    rows, superseded = run(workspace, files)
    ends = {row["psn_no"]: row["valid_to"] for row in rows if row["psn_no"] in ("PA", "PB")}
    assert ends == {"PA": date(2026, 3, 1), "PB": date(2026, 9, 30)}
    assert list(superseded.values()).count((None, "absent")) == 1
    rows, _ = run(workspace, files[:1])
    assert next(row["valid_to"] for row in rows if row["psn_no"] == "PB") is None  # 9999 is open


def test_keys_are_compared_without_width_case_and_space(workspace: Workspace) -> None:
    files = [File("W01", 9, (death("ab 12", "旧"),)), File("W01", 10, (death("ＡＢ１２", "新"),))]
    assert causes(run(workspace, files)[0]) == ["新"]


def test_a_row_without_a_key_is_alone(workspace: Workspace) -> None:
    files = [File("W01", 9, (death(None, "一"),)), File("W01", 10, (death(None, "二"),))]
    assert causes(run(workspace, files)[0]) == ["一", "二"]


def person(number: str | None, name: str = "王伟", birth: date | None = None) -> dict[str, Any]:
    return {"household_no": "H1", "name": name, "birth_date": birth, "id_number": number}


def test_the_second_key_serves_where_the_first_is_empty(workspace: Workspace) -> None:
    day = date(1980, 1, 1)
    files = [
        File("W07", 9, (person(None, birth=day), person(None), person("1"))),
        File("W07", 10, (person(None, birth=day), person(None, "李芳"), person("1", "改名"))),
    ]
    rows, superseded = run(workspace, files)
    assert sorted((row["name"], row["birth_date"] or day, row["period"].month) for row in rows) == sorted(
        [("王伟", day, 10), ("王伟", day, 9), ("李芳", day, 10), ("改名", day, 10)]
    )
    assert len(superseded) == 2


def test_a_gap_in_a_key_is_a_value(workspace: Workspace) -> None:
    pay = {"pension_no": "N1", "name": "王伟", "employer_no": None, "period": date(2026, 9, 1), "base": 1}
    rows, superseded = run(workspace, [File("W11", 9, (pay,)), File("W11", 10, ({**pay, "base": 2},))])
    assert [row["base"] for row in rows] == [2]
    assert rows[0]["owed_period"] == date(2026, 9, 1)
    assert rows[0]["period"] == date(2026, 10, 1)
    assert rows[0]["valid_from"] == date(2026, 9, 1)
    assert len(superseded) == 1


def leaving(number: str | None, category: str, op: str = "add") -> dict[str, Any]:
    return {
        "unit": "环翠区", "change_month": date(2026, 9, 1), "change_type": "exit", "id_number": number, "name": "王伟",
        "birth_date": date(1980, 1, 1), "category_before": category, "op": op,
    }  # fmt: skip


@pytest.mark.parametrize("numbers", [("1", "2"), ("1", "1"), (None, None)])
def test_a_blank_in_a_key_can_be_a_value(
    workspace: Workspace, numbers: tuple[str | None, str | None]
) -> None:
    """Who leaves a list is in no category after: that gap is none, and namesakes are told apart by number."""
    one, two = numbers
    files = [
        File("J07", 9, (leaving(one, "subsistence"), leaving(two, "destitute"))),
        File("J07", 10, (leaving(two, "destitute", "correct"),)),
    ]
    rows, superseded = run(workspace, files)
    assert sorted((row["category_before"], row["period"].month) for row in rows) == [
        ("destitute", 10), ("subsistence", 9),
    ]  # fmt: skip
    assert [reason for _, reason in superseded.values()] == ["corrected"]


def test_namesakes_with_numbers_do_not_replace_each_other(workspace: Workspace) -> None:
    files = [File("J07", 9, (leaving("1", "subsistence"),)), File("J07", 10, (leaving("2", "subsistence"),))]
    rows, superseded = run(workspace, files)
    assert sorted(row["id_number"] for row in rows) == ["1", "2"]
    assert superseded == {}


def test_a_column_that_the_contract_gained_later_is_null(workspace: Workspace) -> None:
    deliveries = archive(workspace, [File("W01", 10, (death("D1", "x"),))])
    path = archived_files(workspace, deliveries[0]).rows
    pa.parquet.write_table(pa.parquet.read_table(path).drop_columns(["death_cause", "op"]), path)
    current, _ = current_rows(workspace, deliveries, "W01", END)
    assert current["death_cause"].to_pylist() == [None]


@pytest.mark.parametrize("feed", list(contracts()))
def test_no_deliveries_no_rows_but_all_columns(workspace: Workspace, feed: str) -> None:
    current, superseded = current_rows(workspace, [], feed, END)
    head = ["row_id", "received_at", "period", "valid_from", "valid_to"]
    own = ["owed_period" if name == "period" else name for name in contracts()[feed].columns]
    assert current.column_names == [*head, *own]
    assert current.schema.field("received_at").type == pa.timestamp("us", "UTC")
    assert all(current.schema.field(name).type == pa.date32() for name in head[2:])
    assert (len(current), len(superseded)) == (0, 0)


# The same once more, row by row.


def month_end_before(month: int) -> date:
    return date(2026, month, 1) - timedelta(days=1)


def reference(
    files: list[File], ids: list[list[int]], contract: Contract
) -> tuple[dict[int, Any], dict[int, Any]]:
    """Row id -> valid_to of the current rows, and of the superseded ones -> (by, reason)."""
    rows = [
        (file.month, RANK[row["op"]], ids[f][n], f, row)
        for f, file in enumerate(files)
        for n, row in enumerate(file.rows)
    ]
    sizes: dict[int, int] = {}
    for file in files:
        if file.extent == "full":
            sizes[file.month] = sizes.get(file.month, 0) + len(file.rows)
    complete: list[int] = []
    for month in sorted(sizes):
        if sizes[month] and (not complete or sizes[month] >= 0.95 * sizes[complete[-1]]):
            complete.append(month)
    current: dict[int, Any] = {}
    superseded: dict[int, Any] = {}
    for month, rank, row_id, f, row in rows:
        key = tuple(row[name] for name in contract.natural_key)
        w_month, w_rank, w_id, w_file, w_row = max(
            (other for other in rows if tuple(other[4][name] for name in contract.natural_key) == key),
            key=lambda o: o[:3],
        )
        if rank == 3 and w_id == row_id:
            superseded[row_id] = (None, "revoked")
        elif f != w_file or rank == 3 or (w_rank == 3 and row_id < w_id):
            reason = {3: "revoked"}.get(w_rank, "corrected" if w_row["op"] == "correct" else "newer")
            superseded[row_id] = (w_id, reason)
        else:
            end = row["end_date"]
            if row["op"] == "exit" and end is None:
                end = month_end_before(month)
            gone = next((m for m in complete if m > w_month), None)
            if (
                gone is not None
                and contract.kind == "snapshot"
                and (end is None or end > month_end_before(gone))
            ):
                end = month_end_before(gone)
                superseded[row_id] = (None, "absent")
            current[row_id] = end
    return current, superseded


ENDS = st.one_of(st.none(), st.dates(date(2026, 5, 1), date(2026, 12, 31)))
ROW = st.builds(
    spell,
    st.sampled_from(["P1", "P2", "P3"]),
    st.sampled_from([None, "add", "change", "correct", "exit", "revoke"]),
    ENDS,
)
FILES = st.lists(
    st.builds(
        File,
        st.just("W29"),
        st.integers(6, 9),
        st.lists(ROW, max_size=5).map(tuple),
        st.sampled_from(["full", "delta"]),
    ),
    min_size=1,
    max_size=6,
)


@given(FILES, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_current_rows_are_those_of_the_slow_reference_in_any_order(
    tmp_path_factory: pytest.TempPathFactory, files: list[File], shuffler: random.Random
) -> None:
    workspace = Workspace.create(tmp_path_factory.getbasetemp() / "reference")
    deliveries = archive(workspace, files)
    ids = [[(int(d.delivery_id, 16) << ORDINAL_BITS) | n for n in range(d.n_rows)] for d in deliveries]
    wanted_current, wanted_superseded = reference(files, ids, contracts()["W29"])
    current, superseded = current_rows(workspace, deliveries, "W29", END)
    found = dict(zip(current["row_id"].to_pylist(), current["valid_to"].to_pylist(), strict=True))
    assert found == wanted_current
    rows = superseded.to_pylist()
    assert {row["row_id"]: (row["superseded_by"], row["reason"]) for row in rows} == wanted_superseded
    shuffled = [replace(d, received_at=d.received_at) for d in deliveries]
    shuffler.shuffle(shuffled)
    again = current_rows(workspace, shuffled, "W29", END)
    assert again[0].equals(current)
    assert again[1].equals(superseded)


def test_every_month_end() -> None:
    assert [month_end_before(month).day for month in range(2, 13)] == [
        monthrange(2026, m)[1] for m in range(1, 12)
    ]


@pytest.mark.parametrize(
    ("feed", "start", "end", "last"),
    [
        ("W16", "approval_month", "stop_month", date(2026, 2, 28)),  # 停发年月: the first month without
        ("W13", "start_month", "end_month", date(2026, 3, 31)),  # 截止年月: the last month with
        ("J02", "determination_date", "end_date", date(2026, 3, 1)),
    ],
)
def test_the_last_day_of_a_row_by_what_its_end_means(
    workspace: Workspace, feed: str, start: str, end: str, last: date
) -> None:
    contract = contracts()[feed]
    given = {"a": date(2026, 3, 1), "b": None, "c": date(9999, 12, 1)}
    rows = tuple({contract.natural_key[0]: n, start: date(2025, 1, 1), end: day} for n, day in given.items())
    found, _ = run(workspace, [File(feed, 1, rows, "full")])
    assert {row[contract.natural_key[0]]: row["valid_to"] for row in found} == {
        "a": last,
        "b": None,
        "c": None,
    }


def resident(number: str | None, name: str, op: str = "add") -> dict[str, Any]:
    return {"household_no": "1", "id_number": number, "name": name, "birth_date": date(1980, 1, 1), "op": op}


@pytest.mark.parametrize("word", ["不详", " 无", "-", None])
def test_a_number_that_says_there_is_none_is_nobodys_key(workspace: Workspace, word: str | None) -> None:
    files = [
        File("W07", 1, (resident(word, "王伟"), resident(word, "李娜")), "full"),
        File("W07", 2, (resident(word, "王伟", "change"),)),
    ]
    current, superseded = run(workspace, files)
    assert sorted((row["name"], row["period"].month) for row in current) == [("李娜", 1), ("王伟", 2)]
    assert [reason for _, reason in superseded.values()] == ["newer"]
