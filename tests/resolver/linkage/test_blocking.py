from itertools import combinations
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from resolver.errors import SettingsError
from resolver.linkage.atoms import ATOMS, atom
from resolver.linkage.blocking import block, block_records, expand, parts, rule_keys
from resolver.linkage.columns import encode
from resolver.linkage.settings import BlockingRule, person_settings

KEYS = hnp.arrays(np.uint64, st.tuples(st.integers(0, 40), st.integers(1, 4)), elements=st.integers(0, 6))
Pair = tuple[int, int]


def listed(
    keys: np.ndarray[tuple[int, int], np.dtype[np.uint64]], cap: int, most: int
) -> list[tuple[Pair, int]]:
    """Every pair yielded, with its rule."""
    blocking = block(keys.copy(), [cap] * keys.shape[1])
    found = []
    for rule, part in parts(blocking, most):
        left, right = expand(blocking, rule, part)
        found += [((int(a), int(b)), rule) for a, b in zip(left, right, strict=True)]
    return found


def slow(keys: np.ndarray[tuple[int, int], np.dtype[np.uint64]], cap: int) -> dict[Pair, int]:
    """Every pair of rows with an equal key in a block within the cap, and the first such rule."""
    pairs: dict[Pair, int] = {}
    for rule in range(keys.shape[1]):
        for key in set(keys[:, rule].tolist()) - {0}:
            rows = np.flatnonzero(keys[:, rule] == key).tolist()
            if len(rows) <= cap:
                for pair in combinations(rows, 2):
                    pairs.setdefault(pair, rule)
    return pairs


@given(KEYS, st.integers(2, 12), st.integers(1, 50))
def test_each_pair_comes_once_from_its_first_rule(
    keys: np.ndarray[tuple[int, int], np.dtype[np.uint64]], cap: int, most: int
) -> None:
    found = listed(keys, cap, most)
    assert len({pair for pair, _ in found}) == len(found)
    assert all(a < b for (a, b), _ in found)
    assert dict(found) == slow(keys, cap)


@given(KEYS, st.integers(2, 6))
def test_known_oversized_keys_are_left_out_again(
    keys: np.ndarray[tuple[int, int], np.dtype[np.uint64]], cap: int
) -> None:
    learnt = block(keys.copy(), [cap] * keys.shape[1])
    again = block(keys.copy(), [len(keys) + 2] * keys.shape[1], learnt.oversized)
    assert (again.keys == learnt.keys).all()
    assert again.left_out == learnt.left_out
    for rule in range(keys.shape[1]):
        values, sizes = np.unique(keys[:, rule][keys[:, rule] != 0], return_counts=True)
        assert learnt.oversized[rule].tolist() == values[sizes > cap].tolist()
        assert learnt.left_out[rule] == sizes[sizes > cap].sum()


def test_a_rule_is_a_conjunction(records) -> None:  # type: ignore[no-untyped-def]
    rows = [
        {"name": "王伟", "phone": "1"},
        {"name": "王伟", "phone": "2"},
        {"name": "王伟", "phone": "1"},
        {"name": "王伟"},
    ]
    keys = rule_keys(encode(records(rows)), (BlockingRule("both", ("name", "phone")),))[:, 0]
    assert keys[0] == keys[2] != keys[1]
    assert keys[3] == 0


def test_names_that_differ_in_a_character_share_their_start_or_their_ends(records) -> None:  # type: ignore[no-untyped-def]
    names = ["王小明", "王小朋", "王?明", "王小", "王明", "王"]
    columns = encode(records([{"name": name} for name in names]))
    start, ends = atom(columns, "name_start").tolist(), atom(columns, "name_ends").tolist()
    assert [place for place, key in enumerate(start) if key == start[0]] == [0, 1, 3]
    assert [place for place, key in enumerate(ends) if key == ends[0]] == [0, 2, 4]
    assert start[5] == ends[5] == 0


def test_every_atom_of_an_empty_record_is_missing(records) -> None:  # type: ignore[no-untyped-def]
    columns = encode(records([{}, {}]))
    assert {name for name in ATOMS if atom(columns, name).any()} == set()


def test_rules_name_atoms_that_exist() -> None:
    assert {a for rule in person_settings().blocking.rules for a in rule.atoms} <= set(ATOMS)


def test_an_unknown_atom_is_named(records) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(SettingsError, match="'shoe_size'"):
        atom(encode(records([{}])), "shoe_size")


def test_blocks_of_records_are_those_of_their_keys(small_town: tuple[pa.Table, Any]) -> None:
    columns = encode(small_town[0])
    rules = person_settings().blocking.rules
    caps = [12] * len(rules)
    expected, found = block(rule_keys(columns, rules), caps), block_records(columns, rules, caps)
    assert found.left_out == expected.left_out
    for rule in range(len(rules)):
        assert found.oversized[rule].tolist() == expected.oversized[rule].tolist()
        for one, other in zip(
            expand(found, rule, slice(None)), expand(expected, rule, slice(None)), strict=True
        ):
            assert one.tolist() == other.tolist()
    again = block_records(columns, rules, [10**6] * len(rules), expected.oversized)
    assert again.left_out == expected.left_out


def test_records_left_aside_stand_in_no_block(small_town: tuple[pa.Table, Any]) -> None:
    columns = encode(small_town[0])
    aside = np.arange(len(columns)) % 3 == 0
    blocking = block_records(columns, person_settings().blocking.rules, [60] * 28, None, aside)
    assert not blocking.keys[aside].any()
    for rule, part in parts(blocking):
        assert not aside[np.concatenate(expand(blocking, rule, part))].any()
    whole = block_records(columns, person_settings().blocking.rules, [60] * 28)
    assert whole.keys[aside].any()


def test_a_rule_that_yields_everything_is_left_out_and_counted() -> None:
    keys = np.full((10_000, 2), 7, np.uint64)
    keys[:, 1] = np.arange(10_000) // 2 + 1
    blocking = block(keys, [240, 240])
    assert blocking.left_out == (10_000, 0)
    assert blocking.oversized[0].tolist() == [7]
    assert sum(len(expand(blocking, rule, part)[0]) for rule, part in parts(blocking)) == 5_000
