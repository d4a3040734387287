"""Pairs whose numbers are hidden, against records that were given no numbers."""

from collections import Counter
from itertools import combinations
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from resolver.linkage import hidden_numbers
from resolver.linkage.atoms import ATOMS, atom
from resolver.linkage.blocking import block_records, rule_keys
from resolver.linkage.calibration import EDGES
from resolver.linkage.characters import look_alikes
from resolver.linkage.columns import Columns, Fact, NumberState, encode, in_order
from resolver.linkage.comparison import N_BANDS, NUMBER_BAND, Comparable, comparable, compare, without_numbers
from resolver.linkage.hidden_numbers import OF_BIRTHS, OF_NUMBERS, OF_SEXES, Hidden, hide_numbers
from resolver.linkage.levels import MISSING, Comparison
from resolver.linkage.model import Model
from resolver.linkage.patterns import log_odds_of_all, mixture_of, pack
from resolver.linkage.settings import person_settings
from resolver.standardize.schema import PERSON_RECORD_SCHEMA

Town = tuple[pa.Table, Any]
RULES = person_settings().blocking.rules


def unnumbered(records: pa.Table) -> pa.Table:
    """The same records, none of which gave a number."""
    for name, kind in (("id_number", pa.string()), ("id_type", None), ("id_status", None)):
        place = records.schema.get_field_index(name)
        field = records.schema.field(place)
        records = records.set_column(place, field, pa.nulls(len(records), kind or field.type))
    return records


def told(records: pa.Table) -> tuple[Columns, Comparable]:
    columns = encode(in_order(records))
    return columns, comparable(columns, np.zeros((len(columns), N_BANDS), np.uint8), look_alikes())


@pytest.fixture(scope="module")
def some(small_town: Town) -> pa.Table:
    """Few enough records that all pairs can be listed."""
    return small_town[0].slice(0, 600)


def plainly(records: pa.Table, cap: int) -> Counter[tuple[int, int]]:
    """Every pair of records with valid numbers that a rule yields without these, one by one."""
    columns, data = told(records)
    hidden, without = told(unnumbered(records))
    valid = columns.facts[:, Fact.NUMBER_STATE] == NumberState.VALID
    rules = tuple(rule for rule in RULES if not OF_NUMBERS.intersection(rule.atoms))
    left_out = block_records(columns, rules, [cap] * len(rules)).keys == 0
    keys = np.where(left_out, 0, rule_keys(hidden, rules))
    pairs = [
        (one, other)
        for one, other in combinations(np.flatnonzero(valid).tolist(), 2)
        if ((keys[one] == keys[other]) & (keys[one] != 0)).any()
    ]
    left, right = (np.array([pair[side] for pair in pairs], np.int32) for side in (0, 1))
    both = zip(pack(compare(without, left, right)), pack(compare(data, left, right)), strict=True)
    return Counter((int(a), int(b)) for a, b in both)


@pytest.mark.parametrize("cap", [60, 4])
def test_pairs_are_those_of_records_that_gave_no_number(some: pa.Table, cap: int) -> None:
    columns, data = told(some)
    found = hide_numbers(block_records(columns, RULES, [cap] * len(RULES)), RULES, data)
    rows = zip(found.patterns.tolist(), found.whole.tolist(), found.pairs.tolist(), strict=True)
    listed = {(hidden, whole): pairs for hidden, whole, pairs in rows}
    assert len(listed) > 20
    assert listed == plainly(some, cap)


def test_levels_are_those_of_records_that_gave_no_number(small_town: Town) -> None:
    columns, data = told(small_town[0])
    valid = np.flatnonzero(columns.facts[:, Fact.NUMBER_STATE] == NumberState.VALID).astype(np.int32)
    drawn = np.sort(np.random.default_rng(3).choice(valid, (2, 20_000)), axis=0)
    left, right = drawn[:, drawn[0] != drawn[1]]
    names = np.argsort(columns.word(0)[valid], kind="stable")  # neighbours have the same name
    left, right = np.append(left, valid[names[:-1]]), np.append(right, valid[names[1:]])
    levels = compare(data, left, right)
    before = levels.copy()
    found = without_numbers(data, left, right, levels)
    assert (levels == before).all()
    assert (found == compare(told(unnumbered(small_town[0]))[1], left, right)).all()
    assert (found[:, Comparison.ID_NUMBER] == MISSING).all()
    assert (found != levels).any(axis=1).mean() > 0.5


def test_every_atom_that_needs_a_number_is_known(some: pa.Table) -> None:
    columns, without = encode(in_order(some)), encode(in_order(unnumbered(some)))
    valid = columns.facts[:, Fact.NUMBER_STATE] == NumberState.VALID
    birth = valid & (columns.facts[:, Fact.BIRTH_OWN] != 0)
    sex = valid & (columns.facts[:, Fact.SEX_OWN] != 0)
    assert birth.any()
    for name in ATOMS:
        changed = atom(columns, name) != atom(without, name)
        if name in OF_NUMBERS:
            continue
        known = birth if name in OF_BIRTHS else sex if name in OF_SEXES else valid
        assert not changed[known].any(), name
    assert set(ATOMS) >= OF_NUMBERS | OF_BIRTHS | OF_SEXES


def test_a_number_that_a_clerk_made_up_hides_nothing(some: pa.Table) -> None:
    columns, data = told(some)
    data.bands[:, NUMBER_BAND] = 1
    found = hide_numbers(block_records(columns, RULES, [60] * len(RULES)), RULES, data)
    assert len(found.pairs) == 0


def test_of_many_blocks_some_are_looked_at_whatever_the_order(
    some: pa.Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found(records: pa.Table) -> Hidden:
        columns, data = told(records)
        return hide_numbers(block_records(columns, RULES, [60] * len(RULES)), RULES, data)

    everything = found(some).pairs.sum()
    monkeypatch.setattr(hidden_numbers, "_MOST_PAIRS", 3_000)
    keys = some["record_key"].to_numpy()
    turned = some.set_column(
        some.schema.get_field_index("record_key"), "record_key", pa.array(keys.max() + 1 - keys)
    )
    one, other = found(some), found(turned)
    assert 100 < one.pairs.sum() < everything
    assert all((a == b).all() for a, b in zip(one, other, strict=True))


def test_no_record_at_all() -> None:
    columns, data = told(PERSON_RECORD_SCHEMA.empty_table())
    found = hide_numbers(block_records(columns, RULES, [60] * len(RULES)), RULES, data)
    assert [len(column) for column in found] == [0, 0, 0]


def test_what_is_decided_stands_at_what_is_said_without_the_number(model: Model) -> None:
    mixture = mixture_of(model.shares, model.levels)
    patterns = np.array([0xFFFFFFFFFFF0F0F1, 0xFFFFFFFFFFF0F0F1], np.uint64)
    whole = np.array([0xFFFFFFFFFFFFFF01, 0xFFFFFFFFFFFFFF91], np.uint64)
    matches, others = Hidden(patterns, whole, np.array([30, 10])).decided(mixture, np.log([9.0, 1 / 9]))
    place = int(np.searchsorted(EDGES, log_odds_of_all(patterns[:1], mixture)[0], side="right"))
    assert matches[place] == pytest.approx(28.0)
    assert others[place] == pytest.approx(12.0)
    assert (matches.sum(), others.sum()) == (pytest.approx(28.0), pytest.approx(12.0))
