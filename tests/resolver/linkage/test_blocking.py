from datetime import date
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
from resolver.linkage.hashing import hash_numbers
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


def test_every_atom_of_an_empty_record_is_missing(records) -> None:  # type: ignore[no-untyped-def]
    columns = encode(records([{}, {}]))
    assert {name for name in ATOMS if atom(columns, name).any()} == set()


def test_parts_of_a_number_are_hashed_to_their_last_digit(records) -> None:  # type: ignore[no-untyped-def]
    """A model refers to keys by their hashes, so these never change; as floats the last digits would be lost."""
    columns = encode(
        records([{"id_number": "371002198001010017", "id_type": "resident", "id_status": "valid"}])
    )
    for name, digits in (("number_head", "37100219800101"), ("number_tail", "01010017")):
        assert atom(columns, name).tolist() == hash_numbers(np.array([int(digits, 16)], np.int64)).tolist()


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


_BORN = date(1953, 12, 20)
_LUNAR = date(1953, 11, 15)  # the same day by the lunar calendar, read as a solar date
_AT_HOME = {"region": "371082", "town": "北亭镇", "village": "石家埠村"}
_TWO_FAULTS: list[tuple[str, str, date, dict[str, str]]] = [
    # the name as it is, as it is written, the birth date written, and what else is written
    *(
        ("余梓宁", name, _BORN, place)
        for name in ("余梓宁宁", "余梓龷", "余宁", "余梓", "余辛宁", "余梓?", "余宁梓", "余子宁", "佘梓宁")
        for place in ({}, _AT_HOME)
    ),
    *(("余梓宁", name, _LUNAR, _AT_HOME) for name in ("余梓宁宁", "余梓龷", "余宁", "余子宁", "余梓?")),
    ("余梓宁", "余子宁", date(1971, 3, 4), _AT_HOME),
    ("陈杰", "陈洋杰", _BORN, {}),
    ("梁翔", "梁文翔", _LUNAR, _AT_HOME),
    ("彭欣", "彭心", date(1953, 12, 21), {"employer": "永隆物业"}),
]
_LEAP_DAY = date(2016, 2, 29)


@pytest.mark.parametrize(("name", "written", "born", "more"), _TWO_FAULTS)
def test_a_slip_in_the_name_beside_another_fault_is_still_a_candidate(
    name: str, written: str, born: date, more: dict[str, str], records: Any
) -> None:
    """Another birth date as well, or neither number nor phone nor place: some rule brings the two together."""
    entry = {"name": name, "sex": 1, "birth_date": _BORN, **_AT_HOME, "employer": "永隆物业"}
    other = {"name": written, "sex": 1, "birth_date": born, **more}
    assert _are_candidates(records, entry, other)
    assert _are_candidates(records, other, entry)


@pytest.mark.parametrize("born", [date(2006, 2, 28), date(2006, 3, 1), _LEAP_DAY])
def test_characters_in_another_order_meet_on_a_leap_day_whose_year_has_none(born: date, records: Any) -> None:
    entry = {"name": "刘浩煜", "sex": 1, "birth_date": _LEAP_DAY, **_AT_HOME}
    assert _are_candidates(records, entry, {"name": "刘煜浩", "sex": 1, "birth_date": born})
    assert not _are_candidates(records, entry, {"name": "刘煜浩", "sex": 1, "birth_date": date(2006, 2, 27)})


def test_a_changed_name_meets_the_former_one_at_home_whatever_the_birth_date(records: Any) -> None:
    now = {"name": "孙安翰", "former_name": "王锦骏", "birth_date": _BORN, **_AT_HOME}
    assert _are_candidates(records, now, {"name": "王锦骏", "birth_date": date(1961, 2, 7), **_AT_HOME})
    assert not _are_candidates(records, now, {"name": "王锦驰", "birth_date": date(1961, 2, 7), **_AT_HOME})


def _are_candidates(records: Any, *rows: dict[str, Any]) -> bool:
    columns = encode(records([{"record_key": place, **row} for place, row in enumerate(rows)]))
    keys = rule_keys(columns, person_settings().blocking.rules)
    return bool(((keys[0] == keys[1]) & (keys[0] != 0)).any())


def test_two_characters_of_a_name_are_none_where_one_cannot_be_read(records: Any) -> None:
    names = ("余梓宁", "余梓凝", "余安宁", "余?宁", "余梓?", "余", None, "?宁")
    columns = encode(records([{"record_key": place, "name": name} for place, name in enumerate(names)]))
    head, ends = (atom(columns, name).tolist() for name in ("name_head", "name_ends"))
    assert head[0] == head[1] == head[4] != head[2]
    assert ends[0] == ends[2] == ends[3] != ends[1]
    assert [place for place, key in enumerate(head) if key == 0] == [3, 5, 6, 7]
    assert [place for place, key in enumerate(ends) if key == 0] == [4, 5, 6, 7]
