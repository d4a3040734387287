"""Candidate pairs against a slow definition: pairs that share all atoms of some rule, in blocks within the cap."""

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resolver.errors import SettingsError
from resolver.linkage.generic.atoms import atom_values
from resolver.linkage.generic.blocking_report import count_blocking
from resolver.linkage.generic.candidates import find_candidates
from resolver.linkage.generic.repeats import FEW, first_of_repeated
from resolver.linkage.generic.settings import BlockingChoice, TableSettings
from resolver.linkage.generic.table import Table
from resolver.linkage.settings import BlockingRule

MakeTable = Callable[[Mapping[str, Sequence[Any]]], Table]
SettingsOf = Callable[..., TableSettings]
RULES = (("name", "year"), ("name:words",), ("year",), ("name:first2", "year"))


def found(table: Table, rules: Sequence[tuple[str, ...]], cap: int) -> list[tuple[int, int]]:
    choice = BlockingChoice(tuple(BlockingRule(" & ".join(r), r) for r in rules), cap)
    candidates = find_candidates(table, choice, np.arange(len(table), dtype=np.int32))
    return [(int(a), int(b)) for left, right in candidates.pairs() for a, b in zip(left, right, strict=True)]


def slow(table: Table, rules: Sequence[tuple[str, ...]], cap: int) -> set[tuple[int, int]]:
    out = set()
    for rule in rules:
        values = [
            [set(v) - {0} for v in zip(*(h.tolist() for h in atom_values(table, a)), strict=True)]
            for a in rule
        ]
        keys = {}
        for row in range(len(table)):
            chosen = [()]
            for atom in values:
                chosen = [(*c, v) for c in chosen for v in (atom[row] if atom else ())]
            for key in chosen:
                keys.setdefault(key, set()).add(row)
        for rows in keys.values():
            if len(rows) <= cap:
                out |= set(combinations(sorted(rows), 2))
    return out


names = st.sampled_from(["anna berg", "anna", "berg anna", "bo", "ann", None])
years = st.sampled_from(["1900", "1901", None])


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(names, years), min_size=1, max_size=14), st.permutations(RULES), st.integers(2, 20))
def test_each_pair_that_a_rule_yields_once(
    make_table: MakeTable, rows: list[tuple[Any, Any]], rules: list[tuple[str, ...]], cap: int
) -> None:
    table = make_table({"name": [r[0] for r in rows], "year": [r[1] for r in rows]})
    pairs = found(table, rules, cap)
    assert len(pairs) == len(set(pairs))
    assert set(pairs) == slow(table, rules, cap)


def test_atoms(make_table: MakeTable) -> None:
    table = make_table(
        {"name": ["Jon Smith", "john smyth", "Smith"], "born": ["1850-03-12", "1851-03-12", "1850"]}
    )

    def same(atom: str) -> list[tuple[int, int]]:
        return sorted(slow(table, [(atom,)], 9))

    assert same("name") == []
    assert same("name:first2") == [(0, 1)]
    assert same("name:last2") == [(0, 1), (0, 2), (1, 2)]
    assert same("name:words") == [(0, 2)]
    assert same("name:sounds") == [(0, 1), (0, 2), (1, 2)]
    assert same("name:heads") == [(0, 2)]
    assert same("born:year") == [(0, 2)]
    assert same("born:day") == [(0, 1)]
    assert same("born:month") == []


def test_an_unknown_part_is_named(make_table: MakeTable) -> None:
    with pytest.raises(SettingsError, match="name:frist3"):
        atom_values(make_table({"name": ["a"]}), "name:frist3")


def test_repeated_records_point_at_the_first(make_table: MakeTable) -> None:
    n = FEW + 1
    table = make_table({"name": ["a"] * n + ["b"] * FEW, "year": ["1"] * n + ["2"] * FEW})
    assert first_of_repeated(table).tolist() == [0] * n + list(range(n, n + FEW))


def test_counts_with_truth(make_table: MakeTable, settings_of: SettingsOf, tmp_path: Any) -> None:
    table = make_table({"name": ["a", "a", "b", "b", "c"], "year": ["1", "1", "1", "2", "2"]})
    truth = tmp_path / "truth.csv"
    truth.write_text("record_id,entity_id\n1,x\n2,x\n3,y\n4,y\n5,z\n", "utf-8")
    chosen = settings_of(
        {"kind": "exact", "columns": ["name"]}, blocking={"rules": [["name"], ["year"]], "cap": 3}
    )
    counts = count_blocking(table, chosen, truth)
    assert counts["candidate_pairs"] == 5
    assert counts["true_pairs"] == 2
    assert counts["recall"] == 1.0
    assert [(r["pairs"], r["new_pairs"], r["recall"], r["only"]) for r in counts["rules"]] == [
        (2, 2, 1.0, 0.5),
        (4, 3, 0.5, 0.0),
    ]
    tight = settings_of({"kind": "exact", "columns": ["name"]}, blocking={"rules": [["year"]], "cap": 2})
    assert count_blocking(table, tight)["rules"][0]["left_out_records"] == 3
