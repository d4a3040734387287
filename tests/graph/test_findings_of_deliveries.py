"""A delivery reopens what it touches and only that, over random small deliveries; the same inputs give the same bytes.

What stands in the snapshot is the reference: findings come from it alone (docs/decisions/0016), so a late or corrected
row must change them as if it had been there from the start, and what is said of other persons must not move at all.
"""

import dataclasses
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.finding_history import with_history
from graph.findings import run_rules
from graph.rules.catalogue import load_catalogue
from resolver.snapshot import Snapshot

PERIOD = date(2024, 6, 1)
PERSONS = 8
_IDS = (
    "C05", "C06", "D02", "E01", "E02", "E03", "E05", "E11", "L01", "L02", "L03", "L05", "L06", "L08", "P01", "Q01",
)  # fmt: skip
RULES = [load_catalogue().rules[name] for name in _IDS]

# What a row may be about: number of the kind, person, and three small numbers that its values are made from.
_row = st.tuples(
    st.integers(0, 7), st.integers(1, PERSONS), st.integers(0, 5), st.integers(0, 5), st.integers(0, 5)
)
_rows = st.lists(_row, min_size=12, max_size=40)


def _add(town: Any, row: tuple[int, int, int, int, int]) -> Any:
    kind, person, a, b, c = row
    day = date(2024, 1, 5) + timedelta(days=31 * a + b)
    link = (0.99, 0.97, 0.9)[c % 3]
    own = {"id_number": f"{person}-{c % 2}", "id_status": ("valid", "format")[c == 5]}
    if kind == 0:
        return town.add("W01", link, own, deceased=person, certificate_no=f"d{person}{c}", death_time=day)
    if kind == 1:
        ended = {"cancel_date": day, "cancel_reason": ("death", "moved_out")[b % 2]} if c < 3 else {}
        return town.add(
            "W07", link, own, person=person, household_no="h", move_in_date=date(2000, 1, 1), **ended
        )
    if kind == 2:
        scheme = ("310", "390")[b % 2]
        return town.add(
            "W29", link, own, insured=person, psn_no=f"p{person}{c % 2}", insutype=scheme, status="normal",
            start_date=date(2020 + a % 3, 1, 1), insuplc_admdvs=("371002", "371003")[c % 2],
        )  # fmt: skip
    if kind == 3:
        return town.add(
            "W12", link, own, pensioner=person, pension_no=f"n{person}", pay_month=day, amount=100 + b
        )
    if kind == 4:
        return town.add(
            "J05", link, own, patient=person, setl_id=f"s{person}{a}{c}", psn_no=f"p{person}0", med_type="inpatient",
            service_begin=day, service_end=day + timedelta(days=b), settle_time=day, total_amount=100 + a,
            fund_amount=50 + a,
        )  # fmt: skip
    if kind == 5:
        return town.add("W28", link, own, patient=person, service_begin=day, mdtrt_id=f"m{person}{a}{c}")
    if kind == 6:
        return town.add("W16", link, own, recipient=person, certificate_no=f"w{person}", approval_month=day)
    return town.add("W05", link, own, deceased=person, certificate_no=f"k{person}{c}", cremation_time=day)


@settings(
    max_examples=5, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(_rows, st.lists(st.tuples(_row, st.booleans()), min_size=1, max_size=4), st.randoms())
def test_a_delivery_reopens_what_it_touches_and_only_that(
    another_town: Callable[[str], Any],
    tmp_path_factory: Any,
    base: list[Any],
    delivery: list[Any],
    random: Any,
) -> None:
    folder = tmp_path_factory.mktemp("towns")
    before, after = another_town(str(folder / "before")), another_town(str(folder / "after"))
    added: list[tuple[int, Any]] = []
    for row in base:
        _add(before, row)
        added.append((row[1], _add(after, row)))
    touched = set()
    for row, corrects in delivery:
        person = row[1]
        touched.add(person)
        old = next((old for whose, old in added if whose == person), None)
        if corrects and old is not None:
            after.supersede(old)
            added = [(whose, one) for whose, one in added if one != old]
        _add(after, row)
    first = with_history(run_rules(before.snapshot(), RULES), None, PERIOD)
    snapshot = after.snapshot()
    second = run_rules(snapshot, RULES)

    elsewhere = pc.invert(pc.is_in(second["person_id"], pa.array(sorted(touched), pa.int64())))
    unmoved = pc.invert(pc.is_in(first["person_id"], pa.array(sorted(touched), pa.int64())))
    assert second.filter(elsewhere).equals(first.select(second.column_names).filter(unmoved))
    later = with_history(second, first, date(2024, 7, 1))
    assert set(later.filter(elsewhere)["state"].to_pylist()) <= {"continued"}

    other = _written_otherwise(snapshot, folder / "otherwise", np.random.default_rng(random.randrange(2**32)))
    assert _bytes(run_rules(other, RULES), folder) == _bytes(second, folder)


def test_the_random_deliveries_raise_every_kind_of_rule(another_town: Callable[[str], Any]) -> None:
    """So that the test above compares something."""
    town = another_town("many")
    random = np.random.default_rng(1)
    for kind, person, *values in zip(
        *(random.integers(0, n, 300) for n in (8, PERSONS, 6, 6, 6)), strict=True
    ):
        _add(town, (int(kind), 1 + int(person), *map(int, values)))
    _add(town, (6, PERSONS + 1, 0, 0, 0))  # on the aid list, and insured nowhere
    raised = set(run_rules(town.snapshot(), RULES)["rule"].to_pylist())
    assert raised >= {"E01", "E03", "E05", "L01", "L02", "L05", "P01", "Q01"}, raised


def _written_otherwise(snapshot: Snapshot, folder: Path, random: np.random.Generator) -> Snapshot:
    """The same rows in another order and in row groups of a few rows."""
    for name in snapshot.names:
        table = snapshot.read(name)
        path = folder / f"{name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table.take(pa.array(random.permutation(table.num_rows))), path, row_group_size=3)
    return dataclasses.replace(snapshot, folder=folder)


def _bytes(findings: pa.Table, folder: Path) -> bytes:
    pq.write_table(findings, folder / "findings.parquet")
    return (folder / "findings.parquet").read_bytes()
