import json
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.errors import LinkageError
from resolver.linkage.atoms import ATOMS
from resolver.linkage.calibration import Calibration
from resolver.linkage.engine import link
from resolver.linkage.explanation import CALIBRATION, Explanation, explain_levels, explain_pair, level_weight
from resolver.linkage.levels import MISSING
from resolver.linkage.model import Model
from resolver.linkage.patterns import LEAST_PROBABILITY, Mixture
from resolver.linkage.scoring import LN2
from resolver.linkage.wording import atom_label, person_clause

Town = tuple[pa.Table, Any]


def corrections(model: Model, found: Explanation) -> Calibration:
    """The map for pairs like this one: with numbers that can be compared, or without."""
    numbered = any(step.comparison == "id_number" for step in found.compared)
    apart = None if numbered else model.calibration_unnumbered
    return model.calibration if apart is None else apart


@pytest.fixture(params=[False, True], ids=["one map", "two maps"])
def mapped(request: pytest.FixtureRequest, model: Model) -> Model:
    """A model version with one calibration, and one with another for pairs without numbers."""
    lower = Calibration(model.calibration.raw, model.calibration.corrected * 0.75)
    return replace(model, calibration_unnumbered=lower) if request.param else model


def test_steps_add_up_to_the_weight_of_the_snapshot(small_town: Town, model: Model) -> None:
    pairs = link(small_town[0], model).pairs
    for pair in pairs.take(np.linspace(0, pairs.num_rows - 1, 60).astype(int)).to_pylist():
        found = explain_pair(model, small_town[0], pair["record_key_l"], pair["record_key_r"])
        assert found.match_weight == pytest.approx(pair["match_weight"], abs=1e-9)
        assert found.match_probability == pytest.approx(pair["match_probability"], abs=1e-12)
        total = found.prior + sum(step.match_weight for step in found.steps)
        assert total == pytest.approx(found.match_weight, abs=1e-9)
        said = {c.key: pair[f"level_{c.key}"] for c in model.settings.comparisons}
        assert {s.comparison for s in found.compared} == {key for key, level in said.items() if level != 255}


def test_a_step_says_what_both_records_say(records, model: Model) -> None:  # type: ignore[no-untyped-def]
    table = records([{"name": "王艳", "phone": "1380"}, {"name": "王燕"}])
    (step,) = explain_pair(model, table, 1, 2).compared
    assert (step.comparison, step.level, step.comparison_zh) == ("name", "homophone", "姓名")
    assert (step.value_l, step.value_r) == ("王艳", "王燕")
    assert step.label == "同音 / sounds the same"
    (back,) = explain_pair(model, table, 2, 1).compared
    assert (back.value_l, back.match_weight) == ("王燕", step.match_weight)


def test_records_without_anything_in_common_have_the_prior(records, model: Model) -> None:  # type: ignore[no-untyped-def]
    found = explain_pair(model, records([{"name": "王艳"}, {"phone": "1380"}]), 1, 2)
    assert found.compared == ()
    corrected = corrections(model, found)(np.array([found.prior * LN2]))[0] / LN2
    assert found.match_weight == pytest.approx(corrected, abs=1e-12)
    assert found.match_weight < 0


def test_the_last_step_is_the_calibration(small_town: Town, mapped: Model) -> None:
    model = mapped
    pairs = link(small_town[0], model).pairs
    doubtful = pairs.filter(pc.less(pc.abs(pairs["match_weight"]), 6.0)).slice(0, 40).to_pylist()
    assert doubtful
    for pair in doubtful:
        found = explain_pair(model, small_town[0], pair["record_key_l"], pair["record_key_r"])
        raw = found.prior + sum(step.match_weight for step in found.compared)
        assert found.match_weight == pytest.approx(
            corrections(model, found)(np.array([raw * LN2]))[0] / LN2, abs=1e-9
        )
        *_, last = found.steps
        assert (last.comparison, last.level) == (
            CALIBRATION,
            "raised" if last.match_weight > 0 else "lowered",
        )
        assert last.text.zh.startswith("校准")
        assert last not in found.strongest_first


def test_an_unknown_record_is_named(small_town: Town, model: Model) -> None:
    with pytest.raises(LinkageError, match="no record 99999999"):
        explain_pair(model, small_town[0], 3, 99999999)


@given(st.data())
def test_whatever_the_levels_prior_and_steps_add_up(records, model: Model, data) -> None:  # type: ignore[no-untyped-def]
    chosen = [
        data.draw(st.sampled_from([MISSING, *range(len(comparison.levels))]))
        for comparison in model.settings.comparisons
    ]
    levels = np.array(chosen, np.uint8)
    found = explain_levels(model, levels, *records([{"name": "王艳"}, {"name": "王燕"}]).to_pylist())
    total = found.prior + sum(step.match_weight for step in found.steps)
    assert abs(total - found.match_weight) <= 1e-9
    assert [step.match_weight for step in found.against] == sorted(
        step.match_weight for step in found.compared if step.match_weight < 0
    )
    strengths = [abs(step.match_weight) for step in found.strongest_first]
    assert strengths == sorted(strengths, reverse=True)
    document = json.loads(json.dumps(found.to_json()))
    assert len(found.compared) == sum(level != MISSING for level in chosen)
    assert len(document["steps"]) == len(found.steps)
    assert all(document["steps"][n]["text_zh"].endswith("。") for n in range(len(found.steps)))


def test_every_level_has_a_clause_of_its_own(model: Model) -> None:
    for comparison in model.settings.comparisons:
        clauses = [person_clause(comparison.key, level.key) for level in comparison.levels]
        assert None not in clauses, comparison.key
        assert len({c.text for c in clauses if c}) == len(clauses), comparison.key
    assert all(atom_label(name).en != "" and atom_label(name).zh != name for name in ATOMS)


def test_a_level_by_itself_weighs_m_over_the_mix_of_non_matches(model: Model) -> None:
    shares, table = model.shares, np.maximum(model.levels[0], LEAST_PROBABILITY)  # as the mixture takes them
    for level in range(table.shape[1]):
        u = (shares[1:] * table[1:, level]).sum() / shares[1:].sum()
        assert level_weight(model.mixture, 0, level) == pytest.approx(np.log2(table[0, level] / u), abs=1e-6)


def test_a_model_of_other_things_explains_itself_by_its_labels(records) -> None:  # type: ignore[no-untyped-def]
    levels = (Labels("same", "相同", "same"), Labels("other", "不同", "different"))
    comparison = Comparison("title", "书名", "title", ("name",), levels)
    table = np.zeros((2, 1, 16))
    table[0, 0, :2], table[1, 0, :2] = np.log([0.9, 0.1]), np.log([0.01, 0.99])
    model = Books(BookSettings((comparison,)), Mixture(np.log([0.2, 0.8]), table))
    pair = records([{"name": "红楼梦"}, {"name": "西游记"}])
    (step,) = explain_levels(model, np.array([1], np.uint8), *pair.to_pylist()).steps
    assert step.text.en == "Title: different: this speaks clearly against one person."
    assert step.text.zh == "书名：不同：较明显地表明是两个人。"
    assert (step.value_l, step.value_r) == ("红楼梦", "西游记")


@dataclass(frozen=True)
class Labels:
    key: str
    label_zh: str
    label_en: str


@dataclass(frozen=True)
class Comparison:
    key: str
    label_zh: str
    label_en: str
    values: tuple[str, ...]
    levels: tuple[Labels, ...]


@dataclass(frozen=True)
class BookSettings:
    comparisons: tuple[Comparison, ...]


@dataclass(frozen=True)
class Books:
    settings: BookSettings
    mixture: Mixture
