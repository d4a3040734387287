"""One run of this engine over a table of Chinese persons: `python -m benchmarks.linkage_data.guiyi_run FILE --out DIR`.

The steps of `guiyi link`, in a process of its own. The clock runs from reading the Parquet file to pairs and clusters
written; before it, and reported apart as `startup_seconds`, Python starts and the compiled code is loaded by linking
a few records made up anew. The comparisons are those of `docs/models/chinese_persons.toml`, the blocking rules the
benchmark's.
"""

import argparse
import json
import tempfile
import time
import tomllib
from pathlib import Path
from typing import Any

import psutil

from benchmarks.linkage_data.chinese_persons import BLOCKING, write
from benchmarks.linkage_data.clock import Clock
from resolver.linkage.generic.engine import link_table
from resolver.linkage.generic.output import write_linkage
from resolver.linkage.generic.settings import TableSettings, parse_table_settings
from resolver.linkage.generic.table import read_tables
from resolver.memory import for_a_short_run

_MODEL = Path(__file__).parents[2] / "docs" / "models" / "chinese_persons.toml"
_NO_CAP = 10**8
_WARM_RECORDS = 5_000


def settings() -> TableSettings:
    """The model's settings, with the benchmark's blocking rules and no cap on blocks."""
    raw = tomllib.loads(_MODEL.read_text("utf-8"))
    raw["blocking"] = {"cap": _NO_CAP, "rules": [list(rule) for rule in BLOCKING]}
    return parse_table_settings(raw, str(_MODEL))


def link(file: Path, out: Path) -> dict[str, Any]:
    """Link the file's records; returns the figures."""
    clock = Clock()
    model = settings()
    table = read_tables([file], model.columns, model.record_id)
    clock.step("read")
    linkage = link_table(table, model)
    clock.step("link")
    write_linkage(out, table, linkage)
    clock.step("write")
    steps = linkage.report["seconds"]
    clock.steps = {"read": clock.steps["read"], **steps, "write": clock.steps["write"]}
    return {**clock.total(), "candidate_pairs": linkage.report["candidate_pairs"]}


def warm_up() -> None:
    """Link a few records that are made up anew, so that compiled code is loaded, that for doubtful clusters too."""
    with tempfile.TemporaryDirectory() as folder:
        few = Path(folder) / "few.parquet"
        write(few, _WARM_RECORDS, "hard", 0)
        link(few, Path(folder))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    asked = parser.parse_args()
    for_a_short_run()
    warm_up()
    startup = time.time() - psutil.Process().create_time()
    figures = link(asked.file, asked.out)
    print(json.dumps({**figures, "startup_seconds": round(startup, 2)}))


if __name__ == "__main__":
    main()
