from datetime import date
from typing import Any

import pytest

from resolver.linkage.entity_explanation import EntityExplanation, explain_entity
from resolver.linkage.entity_picture import BOX, MOST_DRAWN, entity_page, entity_picture
from resolver.linkage.explanation import explain_pair
from resolver.linkage.explanation_picture import WIDTH, pair_page, waterfall
from resolver.linkage.model import Model

BORN = date(1985, 6, 7)


def test_every_bar_begins_where_the_one_before_ended(small_town, model: Model) -> None:  # type: ignore[no-untyped-def]
    keys = small_town[0]["record_key"].to_pylist()
    for left, right in zip(keys[:30:2], keys[1:31:2], strict=True):
        found = explain_pair(model, small_town[0], left, right)
        fall = waterfall(found)
        begin = fall.prior.end
        for row in fall.rows:
            assert begin == pytest.approx(row.bar.x, abs=1.1) or begin == pytest.approx(
                row.bar.x + row.bar.width, abs=1.1
            )
            assert 0 <= row.bar.x <= row.bar.x + row.bar.width <= WIDTH
            begin = row.bar.end
        assert fall.sum.end == pytest.approx(begin, abs=0.2)
        assert fall.sum.change == found.match_weight
        assert [row.bar.change for row in fall.rows] == [step.match_weight for step in found.steps]
        assert (fall.rows[-1].bar.total if fall.rows else fall.prior.total) == pytest.approx(
            found.match_weight
        )


def test_what_records_say_is_escaped_and_nothing_is_loaded(records, model: Model) -> None:  # type: ignore[no-untyped-def]
    table = records([{"name": "<b>王艳", "phone": "1380"}, {"name": "王燕", "phone": "1380"}])
    found = explain_pair(model, table, 1, 2)
    text = pair_page(found, (1, 2), {1: "W07 <b>王艳", 2: "W29 王燕"}, model.version)
    assert "&lt;b&gt;王艳" in text
    assert "<b>王艳" not in text
    assert found.summary.zh in text
    assert found.summary.en in text
    assert not {"<script", "http:", "https:", "url(", "@import"} & {
        part for part in ("<script", "http:", "https:", "url(", "@import") if part in text
    }


def entity(records: Any, model: Model, n: int, shape: str) -> EntityExplanation:
    row = {"name": "宋丽娟", "sex": 2, "birth_date": BORN}
    rows = [
        {
            "record_key": key,
            "parent_record_key": None if key == 1 else (1 if shape == "star" else key - 1),
            "link_probability": 0.9,
        }
        for key in range(1, n + 1)
    ]
    return explain_entity(model, records([row] * n), rows)


@pytest.mark.parametrize("shape", ["star", "chain"])
@pytest.mark.parametrize("n", [2, 3, 7, 20, MOST_DRAWN])
def test_no_two_boxes_touch_and_all_lie_within(records, model: Model, n: int, shape: str) -> None:  # type: ignore[no-untyped-def]
    found = entity(records, model, n, shape)
    drawn = entity_picture(found, {key: (f"W07 {key}",) for key in found.records})
    assert drawn is not None
    assert len(drawn.nodes) == n
    assert sum(bool(edge.label) for edge in drawn.edges) == n - 1
    for place, node in enumerate(drawn.nodes):
        assert node.x >= 0
        assert node.y >= 0
        assert node.x + BOX[0] <= drawn.width
        assert node.y + BOX[1] <= drawn.height
        for other in drawn.nodes[:place]:
            assert abs(node.x - other.x) >= BOX[0] or abs(node.y - other.y) >= BOX[1]


def test_one_record_and_very_many_are_not_drawn(records, model: Model) -> None:  # type: ignore[no-untyped-def]
    lines = dict.fromkeys(range(1, MOST_DRAWN + 2), ("W07",))
    for n in (1, MOST_DRAWN + 1):
        assert entity_picture(entity(records, model, n, "star"), lines) is None
    text = entity_page(entity(records, model, MOST_DRAWN + 1, "star"), "P-1", lines, model.version)
    assert "Too many records to draw" in text
    assert text.count("<details") == MOST_DRAWN
