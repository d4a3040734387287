from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from api.training_labels import judged_labels, read_labels
from resolver.errors import LinkageError
from resolver.ledger.judgement import Judgement
from resolver.linkage.trainer import LABELS_SCHEMA

KNOWN = [
    {"record_key_l": 4611686018427387905, "record_key_r": 7, "is_match": True},
    {"record_key_l": 8, "record_key_r": 9, "is_match": False},
]


@pytest.mark.parametrize("words", [("true", "FALSE"), ("1", "0"), ("same", "different"), ("是", " 否 ")])
def test_a_csv_file_in_any_of_the_words(words: tuple[str, str], tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    text = f"note,record_key_l,record_key_r,is_match\na,4611686018427387905,7,{words[0]}\nb,8,9,{words[1]}\n"
    path.write_text(text, "utf-8-sig")
    found = read_labels(path)
    assert found.schema == LABELS_SCHEMA
    assert found.to_pylist() == KNOWN


def test_a_parquet_file(tmp_path: Path) -> None:
    path = tmp_path / "labels.parquet"
    pq.write_table(pa.Table.from_pylist(KNOWN).append_column("note", pa.array(["x", "y"])), path)
    assert read_labels(path).to_pylist() == KNOWN


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("record_key_l,is_match\n1,true\n", "lack the columns record_key_r"),
        ("record_key_l,record_key_r,is_match\n1,2,true\n3,4,perhaps\n", "line 3"),
        ("record_key_l,record_key_r,is_match\n1,x,true\n", "line 2"),
        ("record_key_l,record_key_r,is_match\n1,2\n", "line 2"),
        ("", "lack the columns"),
        (b"\xff\xfe\x00", "labels"),
    ],
)
def test_what_cannot_be_read_is_named(text: str | bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(LinkageError, match=said) as refused:
        read_labels(path)
    assert "is_match is true or false" in refused.value.remedy
    other = tmp_path / "labels.parquet"
    other.write_bytes(b"no parquet")
    with pytest.raises(LinkageError, match="labels"):
        read_labels(other)


def test_judgements_are_labels() -> None:
    at = datetime(2026, 11, 3, tzinfo=UTC)
    judgements = [
        Judgement("same", 4611686018427387905, 7, "li", "seen", at),
        Judgement("different", 8, 9, "li", "seen", at),
    ]
    assert judged_labels(judgements).to_pylist() == KNOWN
    assert judged_labels([]).schema == LABELS_SCHEMA
