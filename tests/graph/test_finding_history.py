"""New, continued, changed, gone."""

from datetime import date

import pyarrow as pa

from graph.finding_history import GONE_SCHEMA, gone, with_history

MARCH, APRIL, MAY = date(2024, 3, 1), date(2024, 4, 1), date(2024, 5, 1)


def findings(**hashes: int) -> pa.Table:
    """Findings k1, k2, … with the hash of their evidence."""
    keys = [int(name[1:]) for name in hashes]
    n = len(keys)
    return pa.table(
        {
            "finding_key": pa.array(keys, pa.int64()),
            "rule": ["L01"] * n,
            "person_id": pa.array(keys, pa.int64()),
            "organisation_id": pa.array([None] * n, pa.int64()),
            "amount": pa.array([None] * n, pa.decimal128(16, 2)),
            "evidence_hash": pa.array(list(hashes.values()), pa.int64()),
        }
    )


def states(table: pa.Table) -> dict[int, tuple[str, date]]:
    columns = (table[name].to_pylist() for name in ("finding_key", "state", "first_seen"))
    return {key: (state, seen) for key, state, seen in zip(*columns, strict=True)}


def test_three_months() -> None:
    march = with_history(findings(k1=10, k2=20), None, MARCH)
    assert states(march) == {1: ("new", MARCH), 2: ("new", MARCH)}
    april = with_history(findings(k1=10, k2=21, k3=30), march, APRIL)
    assert states(april) == {1: ("continued", MARCH), 2: ("changed", MARCH), 3: ("new", APRIL)}
    may = with_history(findings(k2=21, k3=30), april, MAY)
    assert states(may) == {2: ("continued", MARCH), 3: ("continued", APRIL)}
    (lost,) = gone(may, april, APRIL).to_pylist()
    assert (lost["finding_key"], lost["first_seen"], lost["last_seen"]) == (1, MARCH, APRIL)


def test_a_month_that_is_checked_again() -> None:
    march = with_history(findings(k1=10), None, MARCH)
    again = with_history(findings(k1=10, k2=20), march, MARCH)
    assert states(again) == {1: ("new", MARCH), 2: ("new", MARCH)}


def test_nothing_before() -> None:
    table = with_history(findings(), None, MARCH)
    assert table.num_rows == 0
    assert gone(table, None, None).schema == GONE_SCHEMA
    older = findings(k1=10)  # of a version that kept no history
    assert states(with_history(findings(k1=10), older, MARCH)) == {1: ("new", MARCH)}
    assert gone(table, older, MARCH).num_rows == 0
