import json
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.linkage.calibration import Calibration
from resolver.linkage.engine import link
from resolver.linkage.model import Model
from resolver.linkage.model_diff import diff
from resolver.linkage.model_effect import compare_groups, effect
from resolver.linkage.rarity import ValueTable


def moved_at(calibration: Calibration, probability: float) -> Calibration:
    """The same map but for a bump at one match probability."""
    at = np.log(probability / (1 - probability))
    raw = np.array([at - 0.01, at, at + 0.01])
    to = calibration(raw)
    to[1] += (to[2] - to[1]) / 2
    kept = np.abs(calibration.raw - at) > 0.01
    order = np.argsort(np.append(calibration.raw[kept], raw))
    return Calibration(
        np.append(calibration.raw[kept], raw)[order], np.append(calibration.corrected[kept], to)[order]
    )


@pytest.fixture(scope="module")
def changed(model: Model) -> Model:
    """Another level weight, threshold, share, oversized key and rare name."""
    levels = [table.copy() for table in model.levels]
    levels[1][0, 0] /= 16.0
    names = model.rarity.names
    fewer = ValueTable(names.hashes[1:], names.bands[1:])
    first, *others = model.oversized
    return replace(
        model,
        settings=replace(model.settings, clustering=replace(model.settings.clustering, stop=3.0)),
        shares=np.array([model.shares[0] / 2, *model.shares[1:]]),
        levels=tuple(levels),
        calibration=moved_at(model.calibration, 0.9),
        rarity=replace(model.rarity, names=fewer),
        oversized=(np.append(first, np.uint64(2**64 - 1)), *others),
        trained_on={**model.trained_on, "records": 7},
    )


def test_a_version_does_not_differ_from_itself(model: Model) -> None:
    found = diff(model, model)
    assert (
        found.settings,
        found.levels,
        found.shares,
        found.calibration,
        found.values,
        found.trained_on,
    ) == (
        (),
        (),
        (),
        (),
        (),
        (),
    )


def test_whatever_changes_is_told(model: Model, changed: Model) -> None:
    found = diff(model, changed)
    assert [(c.what, c.before, c.after) for c in found.settings] == [
        ("clustering.stop", model.settings.clustering.stop, 3.0)
    ]
    (level,) = found.levels
    assert (level.comparison, level.level) == ("id_number", "same")
    assert level.size == pytest.approx(4.0)
    assert [c.what for c in found.shares] == ["matches"]
    values = {c.what: (c.new, c.gone) for c in found.values}
    band = model.rarity.names.bands[0]
    assert values == {"oversized blocks: id_number": (1, 0), f"names of band {band}": (0, 1)}
    assert [c.what for c in found.calibration] == ["a match probability of 0.9 is corrected to"]
    two = replace(model, calibration_unnumbered=model.calibration)
    (moved,) = diff(two, replace(two, calibration_unnumbered=moved_at(model.calibration, 0.9))).calibration
    assert moved.what == "a match probability without numbers of 0.9 is corrected to"
    assert [(c.what, c.after) for c in found.trained_on] == [("records", 7)]
    assert json.loads(json.dumps(found.to_json()))["after"] == changed.version


def test_the_largest_change_comes_first_and_new_levels_before_all(model: Model, changed: Model) -> None:
    comparisons = list(changed.settings.comparisons)
    *kept, last = comparisons[0].levels
    comparisons[0] = replace(comparisons[0], levels=(*kept, replace(last, key="renamed")))
    other = replace(changed, settings=replace(changed.settings, comparisons=tuple(comparisons)))
    found = diff(model, other)
    assert {(c.level, c.before is None, c.after is None) for c in found.levels[:2]} == {
        ("different", False, True), ("renamed", True, False),
    }  # fmt: skip
    assert found.levels[2].level == "same"
    assert "comparisons.name.levels.renamed.label_zh" in [c.what for c in found.settings]


def test_the_effect_is_that_of_two_runs(small_town, model: Model, changed: Model) -> None:  # type: ignore[no-untyped-def]
    records: pa.Table = small_town[0].slice(0, 800)
    assert effect(records, model, model).records_regrouped == 0
    found = effect(records, model, changed)
    groups = [link(records, m).members["cluster"].to_pylist() for m in (model, changed)]
    assert (found.persons_before, found.persons_after) == tuple(len(set(g)) for g in groups)
    assert found.records == 800


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=14))
def test_groupings_are_compared_as_pairs_would_be(both: list[tuple[int, int]]) -> None:
    one, other = ([pair[side] for pair in both] for side in (0, 1))
    found = compare_groups(np.array(one, np.int64), np.array(other, np.int64))
    rows = range(len(both))
    pairs = [{(a, b) for a in rows for b in rows if a < b and g[a] == g[b]} for g in (one, other)]
    sets = [{frozenset(r for r in rows if g[r] == v) for v in g} for g in (one, other)]
    assert (found.pairs_before, found.pairs_after) == (len(pairs[0]), len(pairs[1]))
    assert (found.pairs_joined, found.pairs_parted) == (len(pairs[1] - pairs[0]), len(pairs[0] - pairs[1]))
    assert (found.persons_before, found.persons_after) == (len(sets[0]), len(sets[1]))
    unchanged = sets[0] & sets[1]
    assert found.persons_unchanged == len(unchanged)
    assert found.records_regrouped == len(both) - sum(map(len, unchanged))
