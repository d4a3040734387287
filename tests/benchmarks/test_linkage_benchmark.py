import json
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks import linkage
from benchmarks.linkage_data import guiyi_run
from benchmarks.linkage_data.chart import chart
from benchmarks.linkage_data.chinese_persons import BLOCKING, write
from benchmarks.linkage_data.measures import Truth, measure_clusters, measure_pairs


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    file = tmp_path_factory.mktemp("persons") / "persons.parquet"
    write(file, 2500, "typical", 1)
    return file


@pytest.fixture
def truth():
    return Truth(np.array([7, 7, 7, 3, 3, 5]))


def pairs_file(folder: Path, pairs: list[tuple[int, int, float]]) -> Path:
    left, right, probability = (list(column) for column in zip(*pairs, strict=True))
    weight = np.log2(np.array(probability) / (1 - np.array(probability)))
    columns = {
        "record_id_l": left,
        "record_id_r": right,
        "match_weight": weight,
        "match_probability": probability,
    }
    pq.write_table(pa.table(columns), folder / "pairs.parquet")
    return folder / "pairs.parquet"


def equal_pairs(file: Path) -> int:
    """Pairs of records equal in all columns of a rule, one by one."""
    rows = pq.read_table(file).to_pylist()
    found = set()
    for rule in BLOCKING:
        blocks: dict[tuple[object, ...], list[int]] = {}
        for row in rows:
            if None not in (key := tuple(row[c] for c in rule)):
                blocks.setdefault(key, []).append(row["record_id"])
        found |= {(a, b) for block in blocks.values() for a in block for b in block if a < b}
    return len(found)


def test_truth_counts_its_pairs(truth):
    assert truth.pairs == 3 + 1
    assert truth.same(np.array([1, 4, 1]), np.array([3, 5, 4])).tolist() == [True, True, False]


def test_pairs_are_measured_at_thresholds_and_at_the_best(tmp_path, truth):
    file = pairs_file(tmp_path, [(1, 2, 0.99), (4, 5, 0.8), (1, 6, 0.95), (2, 3, 0.7), (3, 6, 0.1)])
    found = measure_pairs(file, truth, (0.9, 0.5))
    assert found["at"]["0.9"] == {"precision": 0.5, "recall": 0.25, "f1": pytest.approx(2 / 6)}
    assert found["at"]["0.5"]["f1"] == pytest.approx(6 / 8)
    assert found["best_f1"] == pytest.approx(6 / 8)
    assert found["best_probability"] == 0.7
    assert sum(b["pairs"] for b in found["calibration"]) == 5


def test_clusters_are_measured_and_must_hold_every_record(tmp_path, truth):
    clusters = {"record_id": [6, 5, 4, 3, 2, 1], "entity_id": ["f", "d", "d", "c", "a", "a"]}
    pq.write_table(pa.table(clusters), tmp_path / "all.parquet")
    assert measure_clusters(tmp_path / "all.parquet", truth)["f1"] == pytest.approx(2 * 2 / (2 + 4))
    pq.write_table(pa.table({"record_id": [1], "entity_id": [1]}), tmp_path / "one.parquet")
    with pytest.raises(ValueError, match="leaves out 5 records"):
        measure_clusters(tmp_path / "one.parquet", truth)


def test_this_engine_compares_the_pairs_that_the_rules_name(file, tmp_path):
    figures = guiyi_run.link(file, tmp_path)
    assert figures["candidate_pairs"] == equal_pairs(file)
    truth = Truth.read(file.with_suffix(".truth.parquet"))
    assert measure_clusters(tmp_path / "clusters.parquet", truth)["f1"] > 0.98
    assert measure_pairs(tmp_path / "pairs.parquet", truth, (0.5,))["at"]["0.5"]["f1"] > 0.95
    assert {"read", "training", "write"} <= set(figures["steps"])


@pytest.mark.soak
def test_all_engines_compare_the_pairs_that_the_rules_name(file, tmp_path):
    pytest.importorskip(
        "splink", reason="Splink is a dependency of the benchmark only: pip install -e .[bench]"
    )
    engines = ("guiyi", "splink_jaro", "splink_meaning")
    results = linkage.compare(file, tmp_path, engines, runs=1)
    assert tuple(r["engine"] for r in results) == engines
    assert {r["candidate_pairs"] for r in results} == {equal_pairs(file)}
    for result in results:
        assert result["clusters"]["f1"] > 0.9
        assert result["wall_seconds"] > 0
    assert results[0]["startup_seconds"] > 0


def test_engines_that_compared_different_pairs_are_refused(file, tmp_path, monkeypatch):
    counts = iter((10, 11))
    monkeypatch.setattr(
        linkage, "run_engine", lambda *_: {"candidate_pairs": next(counts), "wall_seconds": 1.0}
    )
    with pytest.raises(RuntimeError, match="different pairs"):
        linkage.compare(file, tmp_path, ("guiyi", "splink_jaro"), runs=1)


def test_an_engine_that_fails_is_named_with_what_it_said(tmp_path):
    with pytest.raises(RuntimeError, match=r"guiyi ended with 1:(.|\n)*nothing\.parquet"):
        linkage.run_engine("guiyi", tmp_path / "nothing.parquet", tmp_path)


def result(engine: str, profile: str, wall: float, f1: float = 0.97) -> dict[str, object]:
    at = {"precision": 1.0, "recall": 0.9, "f1": 0.95}
    bins = [{"from": 0.85, "to": 0.95, "pairs": 40, "expected": 0.9, "true": 0.89},
            {"from": 0.95, "to": 1.0, "pairs": 400, "expected": 0.99, "true": 1.0}]  # fmt: skip
    return {
        "records": 1000, "profile": profile, "engine": engine, "wall_seconds": wall, "cpu_seconds": wall / 2,
        "peak_mb": 100, "candidate_pairs": 5000, "clusters": {"f1": f1},
        "pairs": {"at": {"0.9": at, "0.5": at}, "best_f1": 0.96, "best_probability": 0.7, "calibration": bins},
    }  # fmt: skip


def test_report_holds_this_engine_against_the_faster_and_the_better_of_the_others():
    results = [
        result("guiyi", "hard", 2.0, 0.98),
        result("splink_jaro", "hard", 9.0, 0.95),
        result("splink_meaning", "hard", 11.0, 0.96),
        result("splink_jaro", "typical", 1.0, 0.99),
    ]
    report = {"machine": "m", "runs": 1, "results": results, "scaling": results[:1], "one_record": None}
    text = linkage.markdown(json.loads(json.dumps(report)))
    assert "| 0.9800 | 4.5, 4.5 | +0.0000, +0.0200 |" in text
    assert text.count("| – | – |") == 3
    assert "| 0.85–0.95 | 40 | 0.900 | 0.890 |" in text
    assert "This engine alone" in text


def test_chart_is_one_whole_picture():
    results = [result(e, p, 2.0) for p in ("typical", "hard") for e in ("guiyi", "splink_meaning")]
    root = ElementTree.fromstring(chart(results))
    shapes = [element.tag.rpartition("}")[2] for element in root.iter()]
    assert shapes.count("polyline") == 4
    assert shapes.count("rect") == 1 + 4
    assert "http" not in chart(results).replace("http://www.w3.org/2000/svg", "")
