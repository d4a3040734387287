from itertools import combinations
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from resolver.linkage.blocking import rule_keys
from resolver.linkage.columns import encode, in_order
from resolver.linkage.engine import link
from resolver.linkage.explanation import explain_pair
from resolver.linkage.model import Model
from resolver.linkage.quality import Drawn, Frame, Stratum, allocated, draw, quality_frame
from resolver.linkage.quality_report import Label, quality_report

Town = tuple[pa.Table, np.ndarray[Any, np.dtype[np.int64]]]


@pytest.fixture(scope="module")
def linked(small_town: Town, model: Model) -> tuple[pa.Table, pa.Table]:
    found = link(small_town[0], model)
    return found.members.rename_columns({"cluster": "entity_id"}), found.pairs


@pytest.fixture(scope="module")
def frame(small_town: Town, model: Model, linked: tuple[pa.Table, pa.Table]) -> Frame:
    return quality_frame(small_town[0], *linked, model)


def of_kind(frame: Frame, kind: str) -> dict[tuple[int, int], float]:
    strata = [number for number, stratum in enumerate(frame.strata) if stratum.kind == kind]
    inside = np.isin(frame.stratum, strata)
    left, right = frame.record_key[frame.left[inside]], frame.record_key[frame.right[inside]]
    return dict(zip(zip(left.tolist(), right.tolist(), strict=True), frame.probability[inside], strict=True))


def test_each_kind_is_what_it_says(
    small_town: Town, model: Model, linked: tuple[pa.Table, pa.Table], frame: Frame
) -> None:
    members, pairs = linked
    entity = dict(zip(*(members[name].to_pylist() for name in ("record_key", "entity_id")), strict=True))
    of_one: dict[int, list[int]] = {}
    for record in sorted(entity):
        of_one.setdefault(entity[record], []).append(record)
    assert set(of_kind(frame, "linked")) == {p for group in of_one.values() for p in combinations(group, 2)}
    kept = {(p["record_key_l"], p["record_key_r"]): p["match_probability"] for p in pairs.to_pylist()}
    apart = {pair: p for pair, p in kept.items() if entity[pair[0]] != entity[pair[1]]}
    assert of_kind(frame, "apart") == apart
    nearest = of_kind(frame, "nearest")
    assert not set(nearest) & (set(kept) | set(of_kind(frame, "linked")))
    columns = encode(in_order(small_town[0]))
    keys = rule_keys(columns, model.settings.blocking.rules + model.settings.training.wide_rules)
    sizes = [
        dict(zip(*np.unique(keys[:, rule], return_counts=True), strict=True)) for rule in range(keys.shape[1])
    ]
    for record in range(0, len(columns), 97):
        key = int(columns.record_key[record])
        partners = []
        for other in range(len(columns)):
            pair = (min(key, int(columns.record_key[other])), max(key, int(columns.record_key[other])))
            shared = [
                rule
                for rule in np.flatnonzero((keys[record] == keys[other]) & (keys[record] != 0))
                if sizes[rule][keys[record, rule]] <= 100
            ]
            if shared and other != record and entity[pair[0]] != entity[pair[1]] and pair not in kept:
                partners.append((explain_pair(model, small_town[0], *pair).match_probability, pair))
        if partners:
            best = max(p for p, _ in partners)
            assert any(pair in nearest for p, pair in partners if p == pytest.approx(best, rel=1e-9))


def test_probabilities_are_the_models(small_town: Town, model: Model, frame: Frame) -> None:
    for place in range(0, len(frame.left), 501):
        pair = int(frame.record_key[frame.left[place]]), int(frame.record_key[frame.right[place]])
        explained = explain_pair(model, small_town[0], *pair)
        assert frame.probability[place] == pytest.approx(explained.match_probability)
        stratum = frame.strata[frame.stratum[place]]
        assert stratum.low <= frame.probability[place] <= stratum.high
    assert [int((frame.stratum == n).sum()) for n in range(len(frame.strata))] == [
        s.size for s in frame.strata
    ]


def test_the_order_of_records_does_not_matter(
    small_town: Town, model: Model, linked: tuple[pa.Table, pa.Table], frame: Frame
) -> None:
    order = np.random.default_rng(5).permutation(small_town[0].num_rows)
    members, pairs = linked
    other = quality_frame(
        small_town[0].take(order), members.take(order), pairs.take(np.arange(pairs.num_rows)[::-1]), model
    )
    for name in ("record_key", "left", "right", "probability", "stratum"):
        assert np.array_equal(getattr(frame, name), getattr(other, name)), name


def test_a_sample_is_drawn_as_allocated(frame: Frame) -> None:
    drawn = draw(frame, 200, seed=4)
    assert drawn.pairs.num_rows == 200
    assert drawn.pairs.equals(draw(frame, 200, seed=4).pairs)
    assert not drawn.pairs.equals(draw(frame, 200, seed=5).pairs)
    pairs = drawn.pairs.to_pylist()
    assert len({(p["record_key_l"], p["record_key_r"]) for p in pairs}) == 200
    for number, (stratum, n) in enumerate(zip(frame.strata, allocated(frame.strata, 200), strict=True)):
        inside = [p["inclusion_probability"] for p in pairs if p["stratum"] == number]
        assert inside == [n / stratum.size] * n
    whole = draw(frame, 10**9, seed=1)
    assert whole.pairs.num_rows == len(frame.left)
    assert set(whole.pairs["inclusion_probability"].to_pylist()) == {1.0}


def test_every_stratum_gets_some_labels_and_the_uncertain_ones_more() -> None:
    strata = [
        Stratum("linked", 0.999, 1.0, 100_000, 0.9999),
        Stratum("linked", 0.5, 0.85, 100_000, 0.7),
        Stratum("apart", 0.5, 0.85, 4, 0.7),
    ]
    given = allocated(strata, 300)
    assert sum(given) == 300
    assert given[2] == 4
    assert given[1] > 5 * given[0] > 100
    assert allocated(strata, 2) == [1, 1, 0] or sum(allocated(strata, 2)) == 2
    assert allocated([], 10) == []


def labelled(drawn: Drawn, same: Any) -> list[tuple[int, Label | None]]:
    return [
        (p["stratum"], "same" if same(p["record_key_l"], p["record_key_r"]) else "different")
        for p in drawn.pairs.to_pylist()
    ]


def test_with_every_pair_labelled_the_report_is_the_truth(small_town: Town, frame: Frame) -> None:
    records, truth = small_town
    person = dict(zip(records["record_key"].to_pylist(), truth.tolist(), strict=True))
    report = quality_report(
        frame.strata, labelled(draw(frame, 10**9, 1), lambda a, b: person[a] == person[b])
    )
    linked, apart, nearest = (of_kind(frame, kind) for kind in ("linked", "apart", "nearest"))
    found, kept_missed, missed = (
        sum(person[a] == person[b] for a, b in pairs) for pairs in (linked, apart, nearest)
    )
    for name, value in {
        "precision": found / len(linked),
        "recall": found / (found + kept_missed + missed),
        "recall_compared": found / (found + kept_missed),
    }.items():
        assert [*report[name].values()] == pytest.approx([value] * 3), name
    for band in report["calibration"]:
        inside = {
            pair: p
            for pair, p in (linked | apart).items()
            if band["from"] <= p < band["to"] or (p == band["to"] == 1)
        }
        assert band["pairs"] == len(inside)
        assert band["expected"] == pytest.approx(np.mean(list(inside.values())))
        assert band["true"] == pytest.approx(np.mean([person[a] == person[b] for a, b in inside]))


def test_what_nobody_was_sure_of_is_told() -> None:
    strata = [Stratum("linked", 0.5, 0.85, 100, 0.8), Stratum("apart", 0.05, 0.5, 50, 0.2)]
    answers: list[Label | None] = ["same", "same", "same", "unsure", None]
    report = quality_report(strata, [(0, answer) for answer in answers] + [(1, "different"), (1, "unsure")])
    assert report["labels"] == {"same": 3, "different": 1, "unsure": 2}
    assert (report["pairs_drawn"], report["not_labelled"]) == (7, 1)
    assert report["precision"]["estimate"] == 1.0
    as_different, as_same = report["if_unsure"]
    assert as_different["precision"] == 0.75
    assert as_same["precision"] == 1.0
    assert as_same["recall"] == pytest.approx(100 / (100 + 25))
    nothing = quality_report(strata[1:], [(0, None)])
    assert nothing["precision"] is None
    assert nothing["calibration"][0]["low"] == 0.0
