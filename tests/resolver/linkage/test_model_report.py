import json
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from resolver.linkage.calibration import Calibration
from resolver.linkage.model import Model
from resolver.linkage.model_picture import model_page
from resolver.linkage.model_report import non_match_mix, report
from resolver.linkage.patterns import LEAST_PROBABILITY


def test_m_and_u_are_those_of_the_model(model: Model) -> None:
    found = report(model)
    assert found.version == model.version
    for comparison, labels, table in zip(
        found.comparisons, model.settings.comparisons, model.levels, strict=True
    ):
        assert [level.key for level in comparison.levels] == [level.key for level in labels.levels]
        assert [level.m for level in comparison.levels] == table[0].tolist()
        assert sum(level.u for level in comparison.levels) == pytest.approx(1.0)
        floored = np.maximum(table, LEAST_PROBABILITY)
        weights = np.log2(floored[0] / non_match_mix(model.shares, floored))
        assert [level.match_weight for level in comparison.levels] == pytest.approx(weights.tolist())
    assert [rule.oversized for rule in found.rules] == [len(keys) for keys in model.oversized]
    assert sum(band.count for band in found.bands) == sum(
        len(table.hashes) for table in vars(model.rarity).values()
    )
    assert json.loads(json.dumps(found.to_json()))["thresholds"]["stop"] == model.settings.clustering.stop


def test_the_mix_weighs_classes_by_their_shares() -> None:
    table = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]])
    assert non_match_mix(np.array([0.5, 0.4, 0.1]), table) == pytest.approx([0.28, 0.72])


class Tags(HTMLParser):
    """Counts tags, and sees that each is closed."""

    VOID = ("meta", "br", "input", "rect", "line", "col")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: dict[str, int] = {}
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen[tag] = self.seen.get(tag, 0) + 1
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag


def test_the_page_is_whole_and_needs_nothing_else(model: Model) -> None:
    text = model_page(report(model))
    tags = Tags()
    tags.feed(text)
    assert tags.open == []
    assert tags.addresses == []
    assert not {"script", "link", "img", "iframe"} & set(tags.seen)
    assert "url(" not in text
    assert "@import" not in text
    levels = sum(len(c.levels) for c in model.settings.comparisons)
    assert len(report(model).calibration) > 10
    assert tags.seen["svg"] == 2 + len(model.shares) + 2 * levels
    assert tags.seen["polyline"] == 1
    for comparison in model.settings.comparisons:
        assert comparison.label_zh in text
        assert all(level.label_en.replace("'", "&#39;") in text for level in comparison.levels)


def test_the_page_draws_both_calibrations(model: Model) -> None:
    tags = Tags()
    found = report(
        replace(model, calibration_unnumbered=Calibration(np.array([-9.0, 9.0]), np.array([-8.0, 8.0])))
    )
    tags.feed(model_page(found))
    assert tags.open == []
    assert tags.seen["polyline"] == 2
    assert len(found.calibration_unnumbered) == len(found.calibration) > 10


def test_labels_are_escaped(model: Model) -> None:
    first, *others = model.settings.comparisons
    evil = replace(first, label_zh="<script>alert(1)</script>")
    text = model_page(report(replace(model, settings=replace(model.settings, comparisons=(evil, *others)))))
    assert "<script>" not in text
    assert "&lt;script&gt;" in text
