from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resolver.errors import LinkageError
from resolver.linkage.engine import Linkage, link
from resolver.linkage.evaluation import calibration, evaluate_clusters
from resolver.linkage.model import Model
from resolver.linkage.tables import MEMBERS_SCHEMA
from resolver.linkage.trainer import train

Build = Callable[[list[dict[str, Any]]], pa.Table]
Number = Callable[[str, date, int], str]
Town = tuple[pa.Table, np.ndarray[tuple[int], np.dtype[np.int64]]]


@dataclass(frozen=True)
class Said:
    decision: Literal["same", "different", "undo"]
    record_key_l: int
    record_key_r: int


def clusters(linkage: Linkage) -> dict[int, int]:
    members = linkage.members
    return dict(zip(members["record_key"].to_pylist(), members["cluster"].to_pylist(), strict=True))


@pytest.fixture(scope="module")
def linked(small_town: Town, model: Model) -> Linkage:
    return link(small_town[0], model)


def test_a_town_is_resolved(linked: Linkage, small_town: Town) -> None:
    found = evaluate_clusters(linked.members["cluster"].to_numpy(), small_town[1])
    assert found["f1"] >= 0.99
    assert found["precision"] >= 0.999


def test_probabilities_mean_what_they_say(linked: Linkage, small_town: Town) -> None:
    records, truth = small_town
    keys = records["record_key"].to_numpy()
    left, right = (
        np.searchsorted(keys, linked.pairs[c].to_numpy()) for c in ("record_key_l", "record_key_r")
    )
    rows = calibration(
        linked.pairs["match_probability"].to_numpy(), truth[left] == truth[right], (0.0, 0.5, 0.95, 1.0)
    )
    assert rows[-1]["true"] >= 0.98
    assert rows[0]["true"] <= 0.5
    weight = linked.pairs["match_weight"].to_numpy()
    assert linked.pairs["match_probability"].to_numpy() == pytest.approx(1 / (1 + 2.0**-weight))


def test_tables_are_those_of_the_contract(linked: Linkage, model: Model) -> None:
    assert linked.members.schema == MEMBERS_SCHEMA
    levels = [f"level_{c.key}" for c in model.settings.comparisons]
    assert linked.pairs.column_names == [
        "record_key_l",
        "record_key_r",
        "match_weight",
        "match_probability",
        "blocking_rule",
        *levels,
    ]
    left, right = linked.pairs["record_key_l"].to_numpy(), linked.pairs["record_key_r"].to_numpy()
    assert (left < right).all()
    assert len(set(zip(left.tolist(), right.tolist(), strict=True))) == len(left)
    assert linked.pairs["blocking_rule"].type == pa.int16()


def test_members_hang_on_pairs(linked: Linkage) -> None:
    pairs = {
        (a, b): p
        for a, b, p in zip(
            *(linked.pairs[c].to_pylist() for c in linked.pairs.column_names[:2]),
            linked.pairs["match_probability"].to_pylist(),
            strict=True,
        )
    }
    by_key = {m["record_key"]: m for m in linked.members.to_pylist()}
    for key, member in by_key.items():
        assert member["cluster"] <= key
        parent = member["parent_record_key"]
        if parent is None:
            assert (member["link_probability"], member["path_probability"], member["depth"]) == (1.0, 1.0, 0)
            assert member["cluster"] == key
        else:
            above = by_key[parent]
            assert above["cluster"] == member["cluster"]
            assert member["depth"] == above["depth"] + 1
            assert member["link_probability"] == pairs[min(key, parent), max(key, parent)]
            assert member["path_probability"] == min(member["link_probability"], above["path_probability"])


@given(st.randoms(use_true_random=False))
@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_order_of_records_does_not_matter(
    small_town: Town, model: Model, linked: Linkage, random: Any
) -> None:
    order = list(range(small_town[0].num_rows))
    random.shuffle(order)
    shuffled = small_town[0].take(order)
    again = link(shuffled, model)
    assert again.members.equals(linked.members)
    assert again.pairs.equals(linked.pairs)
    assert train(shuffled).version == model.version


def test_fewer_records_give_the_same_weights(small_town: Town, model: Model, linked: Linkage) -> None:
    """A pair's weight depends on the model and the two records alone."""
    half = link(small_town[0].slice(0, small_town[0].num_rows // 2), model)
    columns = ["record_key_l", "record_key_r", "match_weight"]
    whole = {row[:2]: row[2] for row in zip(*(linked.pairs[c].to_pylist() for c in columns), strict=True)}
    part = [(row[:2], row[2]) for row in zip(*(half.pairs[c].to_pylist() for c in columns), strict=True)]
    assert len(part) > 100
    assert all(whole[pair] == weight for pair, weight in part if pair in whole)


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_few_records(records: Build, n: int) -> None:
    table = records([{"name": "王伟"}] * n)
    model = train(table)
    found = link(table, model)
    assert found.members.num_rows == n
    assert found.report["records"] == n


def test_records_that_say_nothing(records: Build, model: Model) -> None:
    table = records([{}] * 50)
    train(table)
    assert len(set(clusters(link(table, model)).values())) == 50


def test_constant_columns(records: Build) -> None:
    table = records([{"name": "王伟", "sex": 1, "region": "371002"}] * 300)
    found = link(table, train(table))
    assert len(set(clusters(found).values())) == 300, "a common name alone joins nobody"


def test_ten_thousand_times_the_same_person(records: Build, resident_number: Number) -> None:
    born = date(1980, 3, 4)
    row = {"name": "王伟", "sex": 1, "birth_date": born, "id_number": resident_number("371002", born, 11)}
    rows = [{**row, "source_key": f"visit:{place}" if place % 2 else None} for place in range(10_000)]
    table = records(rows)
    found = link(table, train(table))
    assert set(clusters(found).values()) == {1}
    assert found.pairs.num_rows < 50_000


def test_a_phone_of_five_thousand(records: Build, small_town: Town, model: Model) -> None:
    rows = [
        {
            "record_key": 10**9 + place,
            "name": f"{'王李张刘陈'[place % 5]}{chr(0x4E00 + place % 997)}",
            "sex": 1 + place % 2,
            "phone": "13000000001",
        }
        for place in range(5_000)
    ]
    table = pa.concat_tables([small_town[0], records(rows)])
    fresh = train(table)
    for used in (model, fresh):
        found = clusters(link(table, used))
        shared = [found[10**9 + place] for place in range(5_000)]
        assert len(set(shared)) >= 4_900


def test_a_missing_column_is_named(small_town: Town, model: Model) -> None:
    with pytest.raises(LinkageError, match="lack the columns phone"):
        link(small_town[0].drop_columns(["phone"]), model)


def test_progress_is_told(small_town: Town, model: Model) -> None:
    told: list[tuple[str, int, int]] = []
    link(small_town[0], model, progress=lambda *step: told.append(step))
    assert {step for step, _, _ in told} >= {"comparing pairs", "clustering"}


def test_judgements_hold(small_town: Town, model: Model, linked: Linkage) -> None:
    before = clusters(linked)
    one, other = sorted(set(before.values()))[:2]
    assert before[one] != before[other]
    joined = next(key for key, cluster in before.items() if cluster == one and key != one)
    after = link(small_town[0], model, [Said("same", one, other)])
    assert clusters(after)[one] == clusters(after)[other]
    member = {m["record_key"]: m for m in after.members.to_pylist()}
    assert member[other]["link_probability"] == pytest.approx(1.0)
    after = link(small_town[0], model, [Said("different", joined, one)])
    assert clusters(after)[one] != clusters(after)[joined]


def test_judgements_about_unknown_records_are_left_aside(
    small_town: Town, model: Model, linked: Linkage
) -> None:
    unknown = [Said("same", 1, 2), Said("different", -5, 10**12), Said("undo", 3, 10)]
    assert link(small_town[0], model, unknown).members.equals(linked.members)


def test_contradictory_judgements_are_refused_and_named(small_town: Town, model: Model) -> None:
    said = [Said("same", 3, 10), Said("same", 17, 10), Said("different", 17, 3)]
    with pytest.raises(LinkageError, match="3 and 17"):
        link(small_town[0], model, said)
