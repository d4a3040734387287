from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from resolver.errors import LinkageError
from resolver.linkage.engine import link
from resolver.linkage.explanation import explain_entity, explain_pair, why_not
from resolver.linkage.model import Model

Town = tuple[pa.Table, Any]


def test_steps_add_up_to_the_weight_of_the_snapshot(small_town: Town, model: Model) -> None:
    pairs = link(small_town[0], model).pairs
    for pair in pairs.take(np.linspace(0, pairs.num_rows - 1, 60).astype(int)).to_pylist():
        found = explain_pair(model, small_town[0], pair["record_key_l"], pair["record_key_r"])
        assert found.match_weight == pytest.approx(pair["match_weight"], abs=1e-9)
        assert found.match_probability == pytest.approx(pair["match_probability"], abs=1e-12)
        total = found.prior + sum(step.match_weight for step in found.steps)
        assert total == pytest.approx(found.match_weight, abs=1e-9)
        said = {c.key: pair[f"level_{c.key}"] for c in model.settings.comparisons}
        assert {s.comparison for s in found.steps} == {key for key, level in said.items() if level != 255}


def test_a_step_says_what_both_records_say(records, model: Model) -> None:  # type: ignore[no-untyped-def]
    table = records([{"name": "王艳", "phone": "1380"}, {"name": "王燕"}])
    (step,) = explain_pair(model, table, 1, 2).steps
    assert (step.comparison, step.level, step.comparison_zh) == ("name", "homophone", "姓名")
    assert (step.value_l, step.value_r) == ("王艳", "王燕")
    assert step.label == "同音 / sounds the same"
    (back,) = explain_pair(model, table, 2, 1).steps
    assert (back.value_l, back.match_weight) == ("王燕", step.match_weight)


def test_records_without_anything_in_common_have_the_prior(records, model: Model) -> None:  # type: ignore[no-untyped-def]
    found = explain_pair(model, records([{"name": "王艳"}, {"phone": "1380"}]), 1, 2)
    assert found.steps == ()
    assert found.match_weight == found.prior < 0


def test_an_unknown_record_is_named(small_town: Town, model: Model) -> None:
    with pytest.raises(LinkageError, match="no record 99999999"):
        explain_pair(model, small_town[0], 3, 99999999)


def test_an_entity_is_held_by_its_tree(small_town: Town, model: Model) -> None:
    members = link(small_town[0], model).members
    cluster = members["cluster"][0].as_py()
    of_one = members.filter(pa.compute.equal(members["cluster"], cluster))
    found = explain_entity(model, small_town[0], of_one)
    assert len(found.links) == of_one.num_rows - 1 > 0
    assert found.weakest is not None
    assert found.weakest.link_probability == min(link.link_probability for link in found.links)
    assert explain_entity(model, small_town[0], of_one.slice(0, 0)).weakest is None


def test_why_not(records, model: Model) -> None:  # type: ignore[no-untyped-def]
    table = records(
        [{"name": "王伟", "phone": "13812345678"}, {"name": "李娜", "phone": "13812345678"}, {"name": "赵敏"}]
    )
    found = why_not(model, table, 1, 2)
    assert found.explanation.against[0].comparison == "name"
    assert found.rules == ()
    assert why_not(model, records([{"name": "王伟"}, {"name": "王伟"}]), 1, 2).rules == ("name",)
