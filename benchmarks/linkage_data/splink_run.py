"""One run of Splink 5 over a table of Chinese persons: `python -m benchmarks.linkage_data.splink_run FILE --out DIR`.

A process of its own, so that its memory and CPU seconds are its own. The clock runs from reading the Parquet file to
clusters written; starting Python and importing Splink come before it. Writes `pairs.parquet` (the links at probability
0.9) and `clusters.parquet`, in the columns of `guiyi link`, and prints what it took as JSON. `--all-pairs` scores once
more, after the clock, and writes every pair of probability 0.001 or more as `pairs_all.parquet`, for the calibration.

Tuned as well as we can: DuckDB on all cores; u from 1e6 random pairs; no Damerau distance; phone and address as one
comparison, because families share both; no level of the ID number that only repeats the birth date. `--names jaro`
compares names by Jaro-Winkler at .95, .8, .66 with term frequency; `meaning` by levels such as *same sound* and *same
given name*, which find more where errors are many (F1 .981 for .978 on 100,000 hard records).
"""

import argparse
import json
import logging
import sys
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

from benchmarks.linkage_data.chinese_persons import BLOCKING
from benchmarks.linkage_data.clock import Clock

try:
    import duckdb
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on
    from splink import comparison_level_library as levels
    from splink import comparison_library as comparisons
except ImportError:
    sys.exit(
        "Splink is not installed: it is needed for this benchmark only. Install it with: pip install -e .[bench]"
    )

LINK_PROBABILITY, CLUSTER_PROBABILITY, SEEN_PROBABILITY = 0.9, 0.95, 0.001
_TRAINING = (("id_number",), ("pinyin", "birth_date"), ("phone", "surname"))


def _levels(column: str, *stated: Any) -> Any:
    """A comparison of a column: missing, the stated levels in order, anything else."""
    return comparisons.CustomComparison(
        output_column_name=column,
        comparison_levels=[levels.NullLevel(column), *stated, levels.ElseLevel()],
    )


def _same(column: str, *others: str, frequency: bool = False) -> Any:
    if others:
        sql = " AND ".join(f"{c}_l = {c}_r" for c in (column, *others))
        return levels.CustomLevel(sql, label_for_charts=f"same {' and '.join((column, *others))}")
    return levels.ExactMatchLevel(column, term_frequency_adjustments=frequency)


def _names(kind: str) -> Any:
    if kind == "jaro":
        return comparisons.JaroWinklerAtThresholds("name", [0.95, 0.8, 0.66]).configure(
            term_frequency_adjustments=True
        )
    return _levels(
        "name",
        _same("name", frequency=True),
        _same("pinyin"),
        _same("given"),
        levels.CustomLevel("surname_l = given_r AND given_l = surname_r", "surname and given name swapped"),
        levels.CustomLevel(
            "surname_l = surname_r AND (substr(given_l, 1, 1) = substr(given_r, 1, 1) "
            "OR substr(given_l, -1) = substr(given_r, -1))",
            "same surname and one character",
        ),
        levels.CustomLevel(
            "surname_l = surname_r AND substr(given_l, 1, 1) = substr(given_r, 2, 1) "
            "AND substr(given_l, 2, 1) = substr(given_r, 1, 1)",
            "same surname, given characters swapped",
        ),
        _same("surname"),
    )


def _contact() -> Any:
    """Phone and address as one comparison.

    Families share both. As two comparisons they counted twice, and three pairs of relatives in a hundred were linked
    (F1 at probability 0.9 on 100,000 typical records .968; as one comparison .996).
    """
    house = "village_id_l = village_id_r AND door_l = door_r"
    nothing = "(phone_l IS NULL OR phone_r IS NULL) AND (address_l IS NULL OR address_r IS NULL)"
    return comparisons.CustomComparison(
        output_column_name="contact",
        comparison_levels=[
            levels.CustomLevel(nothing, "missing").configure(is_null_level=True),
            levels.CustomLevel(f"phone_l = phone_r AND {house}", "same phone and house"),
            _same("phone", "village_id"),
            levels.CustomLevel("phone_l = phone_r", "same phone"),
            levels.CustomLevel(house, "same house"),
            levels.CustomLevel("village_id_l = village_id_r", "same village"),
            _same("county", "town"),
            levels.CustomLevel("county_l = county_r", "same county"),
            levels.ElseLevel(),
        ],
    )


def settings(names: str) -> Any:
    """The model: comparisons of every column, the benchmark's blocking rules."""
    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="record_id",
        comparisons=[
            _names(names),
            comparisons.ExactMatch("sex"),
            _levels(
                "birth_date",
                _same("birth_date"),
                levels.CustomLevel(
                    "birth_year_l = birth_year_r AND day(birth_date_l) = month(birth_date_r) "
                    "AND month(birth_date_l) = day(birth_date_r)",
                    "day and month swapped",
                ),
                levels.CustomLevel(
                    "birth_year_l = birth_year_r AND month(birth_date_l) = month(birth_date_r)", "same month"
                ),
                levels.CustomLevel(
                    "month(birth_date_l) = month(birth_date_r) AND day(birth_date_l) = day(birth_date_r)",
                    "same day of the year",
                ),
                levels.CustomLevel("birth_year_l = birth_year_r", "same year"),
            ),
            _levels(
                "id_number",
                _same("id_number"),
                levels.CustomLevel("hamming(id_number_l, id_number_r) <= 2", "one or two characters"),
            ),
            _contact(),
            _levels(
                "employer",
                _same("employer", frequency=True),
                levels.CustomLevel("substr(employer_l, 1, 4) = substr(employer_r, 1, 4)", "same beginning"),
            ),
        ],
        blocking_rules_to_generate_predictions=[block_on(*rule) for rule in BLOCKING],
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=False,
        max_iterations=25,
    )


def run(file: Path, out: Path, asked: argparse.Namespace) -> dict[str, Any]:
    """Link the file's records; returns the figures."""
    clock = Clock()
    connection = duckdb.connect()
    connection.execute(f"SET threads = {asked.threads}")
    connection.execute("SET preserve_insertion_order = false")
    connection.execute(f"CREATE TABLE records AS SELECT * FROM read_parquet('{file}')")
    api = DuckDBAPI(connection)
    linker = Linker(api.register("records"), settings(asked.names))
    clock.step("read")
    _train(linker, asked, clock)
    links = linker.inference.predict(threshold_match_probability=LINK_PROBABILITY, warning_mode="never")
    clock.step("predict")
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(
        links, threshold_match_probability=CLUSTER_PROBABILITY
    )
    clock.step("cluster")
    _write(connection, links.physical_name, out / "pairs.parquet")
    members = f"SELECT record_id, cluster_id AS entity_id FROM {clusters.physical_name}"
    connection.execute(f"COPY ({members}) TO '{out / 'clusters.parquet'}'")
    clock.step("write")
    figures = clock.total()
    blocked = linker.inference.compute_blocked_pairs_for_predict()
    figures["candidate_pairs"] = blocked.as_duckdbpyrelation().count("*").fetchall()[0][0]
    if asked.all_pairs:
        scored = linker.inference.predict(threshold_match_probability=SEEN_PROBABILITY, warning_mode="never")
        _write(connection, scored.physical_name, out / "pairs_all.parquet")
    return figures


def _train(linker: Any, asked: argparse.Namespace, clock: Clock) -> None:
    training = linker.training
    training.estimate_probability_two_random_records_match([block_on("id_number")], recall=asked.recall)
    clock.step("prior")
    training.estimate_u_using_random_sampling(max_pairs=asked.u_pairs, seed=asked.seed)
    clock.step("u")
    for rule in _TRAINING:
        training.estimate_parameters_using_expectation_maximisation(
            block_on(*rule), estimate_without_term_frequencies=True
        )
    clock.step("em")


def _write(connection: Any, table: str, file: Path) -> None:
    columns = "record_id_l, record_id_r, match_weight, match_probability"
    connection.execute(f"COPY (SELECT {columns} FROM {table}) TO '{file}'")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--names", choices=("jaro", "meaning"), default="meaning")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--u-pairs", type=float, default=1e6)
    parser.add_argument(
        "--recall", type=float, default=0.7, help="share of true pairs with the same ID number, a guess"
    )
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--all-pairs", action="store_true")
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    logging.disable(logging.WARNING)
    with redirect_stdout(StringIO()):  # Splink prints what it would like to be done otherwise
        figures = run(asked.file, asked.out, asked)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
