"""The engine against the same model run whole through recordlinkage."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pytest

from resolver.errors import LinkageError
from resolver.linkage.columns import encode, in_order
from resolver.linkage.engine import Linkage, link
from resolver.linkage.model import Model
from resolver.linkage.patterns import new_memory, weigh
from resolver.linkage.scoring import Scored
from resolver.linkage.trainer import train
from resolver.toolkit import link_with_toolkit, reference, to_frame
from resolver.toolkit.kinds import kind_of
from resolver.toolkit.plain import candidates as plain_candidates
from resolver.toolkit.reference import Reference

City = tuple[pa.Table, Model]


@dataclass(frozen=True)
class Said:
    decision: Literal["same", "different", "undo"]
    record_key_l: int
    record_key_r: int


def is_same(one: Linkage, other: Linkage) -> None:
    """Both found the same pairs, levels, weights and clusters; weights may differ in their last bits."""
    assert one.pairs.column_names == other.pairs.column_names
    for name in one.pairs.column_names:
        a, b = one.pairs[name].to_numpy(), other.pairs[name].to_numpy()
        if name.startswith("match"):
            assert b == pytest.approx(a, rel=0, abs=1e-9)
        else:
            assert np.array_equal(a, b), name
    for name in one.members.column_names:
        a, b = one.members[name].to_pylist(), other.members[name].to_pylist()
        assert a == (pytest.approx(b, rel=0, abs=1e-9) if name.endswith("probability") else b), name
    assert one.ambiguous.equals(other.ambiguous)
    common = set(one.report) & set(other.report)
    assert common >= {"candidate_pairs", "pairs_kept", "clusters", "model_version", "pairs_kept_by_rule"}
    assert {key: one.report[key] for key in common} == {key: other.report[key] for key in common}


@dataclass(frozen=True)
class Compared:
    reference: Scored
    engine: tuple[np.ndarray[Any, Any], ...]


@pytest.fixture(scope="module")
def compared(two_thousand: City) -> Compared:
    """All candidate pairs of the city, compared and weighed both ways."""
    ours = Reference(two_thousand[0], two_thousand[1])
    found = ours.candidates(np.arange(len(ours.persons), dtype=np.int32))
    records = in_order(two_thousand[0])
    left, right = kind_of(two_thousand[1]).candidates([to_frame(records)])
    order = np.lexsort((right, left))
    left, right = left[order], right[order]
    levels = two_thousand[1].comparison(encode(records))(left, right)
    odds = weigh(levels, two_thousand[1].mixture, new_memory())
    return Compared(ours.score(found.left, found.right, found.rule), (left, right, levels, odds))


def test_both_find_the_same_candidate_pairs(compared: Compared) -> None:
    left, right, _, _ = compared.engine
    assert len(left) > 20_000
    assert np.array_equal(compared.reference.left, left)
    assert np.array_equal(compared.reference.right, right)


def test_both_see_the_same_levels(compared: Compared, two_thousand: City) -> None:
    levels = compared.engine[2]
    for place, comparison in enumerate(two_thousand[1].settings.comparisons):
        assert len(np.unique(levels[:, place])) > 1
        assert np.array_equal(compared.reference.levels[:, place], levels[:, place]), comparison.key


def test_both_give_the_same_match_weights(compared: Compared) -> None:
    assert compared.reference.log_odds == pytest.approx(compared.engine[3], rel=0, abs=1e-9)


def test_both_find_the_same_links(two_thousand: City) -> None:
    is_same(
        link(two_thousand[0], two_thousand[1]),
        link_with_toolkit(two_thousand[0], two_thousand[1]),
    )


def judged(linkage: Linkage) -> list[Said]:
    """Three links that somebody rejects, and three pairs of strangers who are said to be one."""
    members = linkage.members.to_pylist()
    linked = [m for m in members if m["parent_record_key"] is not None][:60:20]
    firsts = sorted({m["cluster"] for m in members})[:12:2]
    return [Said("different", m["record_key"], m["parent_record_key"]) for m in linked] + [
        Said("same", one, other) for one, other in zip(firsts[::2], firsts[1::2], strict=True)
    ]


def test_both_obey_judgements(two_thousand: City) -> None:
    records = two_thousand[0].slice(0, 1_500)
    said = judged(link(records, two_thousand[1]))
    expected = link(records, two_thousand[1], said)
    is_same(expected, link_with_toolkit(records, two_thousand[1], said))
    cluster = dict(zip(*(expected.members[n].to_pylist() for n in ("record_key", "cluster")), strict=True))
    together = [cluster[s.record_key_l] == cluster[s.record_key_r] for s in said]
    assert together == [False] * 3 + [True] * 3


def with_small_blocks(model: Model, records: pa.Table) -> Model:
    """A model that leaves out every key of more than two records, and of more than three later on."""
    settings = replace(model.settings, blocking=replace(model.settings.blocking, cap=2, hard_cap=3))
    return train(records, settings)


def test_both_leave_out_the_same_blocks(two_thousand: City) -> None:
    records = two_thousand[0].slice(0, 2_500)
    model = with_small_blocks(two_thousand[1], records.slice(0, 2_000))
    expected = link(records, model)
    oversized = expected.report["oversized_blocks"].values()
    assert sum(rule["keys"] for rule in oversized) > sum(rule["outgrown"] for rule in oversized) > 0
    is_same(expected, link_with_toolkit(records, model))


def repeated(records: pa.Table, times: int) -> pa.Table:
    """Every record so many times, with keys of their own."""
    copies = [records] * times
    table = pa.concat_tables(copies).drop_columns("record_key")
    return table.add_column(0, records.schema.field("record_key"), pa.array(np.arange(table.num_rows) * 3))


def test_both_take_repeated_descriptions_for_one(two_thousand: City) -> None:
    records = repeated(two_thousand[0].slice(0, 60), 13)
    is_same(link(records, two_thousand[1]), link_with_toolkit(records, two_thousand[1]))


@pytest.mark.parametrize("n", [0, 1, 2])
def test_hardly_any_records(two_thousand: City, n: int) -> None:
    records = two_thousand[0].slice(0, n)
    is_same(link(records, two_thousand[1]), link_with_toolkit(records, two_thousand[1]))


def test_the_order_of_records_does_not_matter(two_thousand: City) -> None:
    records = two_thousand[0].slice(0, 400)
    shuffled = records.take(np.random.default_rng(5).permutation(400))
    is_same(link_with_toolkit(records, two_thousand[1]), link_with_toolkit(shuffled, two_thousand[1]))


def test_too_many_records_are_refused(two_thousand: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reference, "MOST_RECORDS", 10)
    with pytest.raises(LinkageError, match=r"11 records; recordlinkage can take 10"):
        link_with_toolkit(two_thousand[0].slice(0, 11), two_thousand[1])


def test_too_many_pairs_are_refused(two_thousand: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain_candidates, "MOST_PAIRS", 100)
    with pytest.raises(LinkageError, match=r"pairs of records; recordlinkage can take 100"):
        link_with_toolkit(two_thousand[0].slice(0, 500), two_thousand[1])


@pytest.mark.soak
@pytest.mark.parametrize("profile", ["typical", "hard"])
def test_both_agree_on_a_larger_city(make_city: Callable[[int, str], City], profile: str) -> None:
    city = make_city(5_000, profile)
    is_same(link(*city), link_with_toolkit(*city))
