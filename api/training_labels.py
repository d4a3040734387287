"""Pairs of records whose truth is known, for training: from a file, or from the judgements that hold."""

import csv
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from resolver.errors import LinkageError
from resolver.ledger.judgement import Judgement
from resolver.ledger.judgement_file import record_from_text
from resolver.linkage.trainer import LABELS_SCHEMA

_ANSWERS = {
    "true": True, "1": True, "same": True, "是": True,
    "false": False, "0": False, "different": False, "否": False,
}  # fmt: skip
_REMEDY = f"It needs the columns {', '.join(LABELS_SCHEMA.names)}; is_match is true or false; a record is surest as R…."


def read_labels(path: Path) -> pa.Table:
    """Labels from a CSV file (UTF-8) or a Parquet file with the columns of `LABELS_SCHEMA`.

    Raises:
        LinkageError: A column is missing, or a line is not readable; the line is named.
    """
    try:
        if path.suffix.lower() == ".parquet":
            return pq.read_table(path, columns=LABELS_SCHEMA.names).cast(LABELS_SCHEMA)
        with path.open(encoding="utf-8-sig", newline="") as file:
            return _rows(csv.DictReader(file), path)
    except (pa.ArrowException, UnicodeDecodeError, csv.Error) as error:
        raise LinkageError(f"labels {path}: {error}", remedy=_REMEDY) from error


def judged_labels(judgements: Iterable[Judgement]) -> pa.Table:
    """Labels from judgements that hold, none undone."""
    rows = [
        {"record_key_l": j.record_key_l, "record_key_r": j.record_key_r, "is_match": j.decision == "same"}
        for j in judgements
    ]
    return pa.Table.from_pylist(rows, schema=LABELS_SCHEMA)


def _rows(reader: "csv.DictReader[str]", path: Path) -> pa.Table:
    if missing := sorted(set(LABELS_SCHEMA.names) - set(reader.fieldnames or ())):
        raise LinkageError(f"labels {path} lack the columns {', '.join(missing)}", remedy=_REMEDY)
    rows = []
    for row in reader:
        try:
            rows.append(
                {
                    "record_key_l": record_from_text(row["record_key_l"]),
                    "record_key_r": record_from_text(row["record_key_r"]),
                    "is_match": _ANSWERS[str(row["is_match"]).strip().lower()],
                }
            )
        except (ValueError, KeyError, AttributeError) as error:
            why = f": {error}" if isinstance(error, ValueError) else ""
            raise LinkageError(
                f"labels {path}, line {reader.line_num} cannot be read{why}", remedy=_REMEDY
            ) from error
    return pa.Table.from_pylist(rows, schema=LABELS_SCHEMA)
