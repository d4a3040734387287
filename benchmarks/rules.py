"""All rules over a snapshot of random rows: time of each rule, and peak memory.

    python -m benchmarks.rules 1000000

The snapshot is written by SQL, without resolving anybody: every row knows its person. Its size follows the feeds of a
city (about 14 rows a person), so that what is measured is the rules alone.
"""

import argparse
import os
import resource
import sys
import time
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from graph.findings import run_rules
from graph.rule_settings import default_settings
from graph.rule_views import frozen_tables, view_columns
from graph.rules.catalogue import load_catalogue
from resolver.feeds.contract import contracts
from resolver.snapshot import Snapshot

REFERENCE_DATE = date(2024, 6, 30)
PERIOD = date(2024, 6, 1)
_MONTH = "DATE '2024-01-01' + to_months(CAST(i % 6 AS INTEGER))"
_DAY = "DATE '2024-01-01' + CAST(hash(i, 3) % 180 AS INTEGER)"
_FACILITY = "hash(i, 5) % 2000"
_CODE = "'37' || lpad(CAST(p AS VARCHAR), 16, '0')"

# Feed -> rows per person, and the columns that matter: name -> SQL over i (row) and p (person).
_ROWS: dict[str, tuple[float, dict[str, str]]] = {
    "W07": (1.0, {
        "household_no": "'h' || CAST(p // 3 AS VARCHAR)", "move_in_date": "DATE '2000-01-01'", "sex": "1 + p % 2",
        "birth_date": "DATE '1940-01-01' + CAST(hash(p) % 30000 AS INTEGER)", "marital_status": "'married'",
        "cancel_date": "CASE WHEN p % 90 = 0 THEN DATE '2024-03-01' END",
        "cancel_reason": "CASE WHEN p % 90 = 0 THEN 'death' END", "address": "'x'",
    }),
    "W29": (1.05, {
        "psn_no": _CODE, "insutype": "CASE WHEN p % 3 = 0 THEN '310' ELSE '390' END", "status": "'normal'",
        "psn_type": "CASE WHEN p % 3 = 0 THEN 'working' ELSE 'resident' END", "start_date": "DATE '2018-01-01'",
        "contribution_base": "5000", "employer_organisation_id": "CASE WHEN p % 3 = 0 THEN p % 20000 END",
        "employer_name": "'e' || CAST(p % 20000 AS VARCHAR)", "name": "'x'", "id_number": _CODE, "address": "'x'",
    }),
    "W11": (1.5, {
        "pension_no": _CODE, "owed_period": _MONTH, "base": "5000",
        "employer_organisation_id": "p % 20000", "employer_name": "'e' || CAST(p % 20000 AS VARCHAR)",
    }),
    "W12": (1.2, {"pension_no": _CODE, "pay_month": _MONTH, "owed_period": _MONTH, "amount": "2800"}),
    "W13": (0.3, {
        "fund_account": _CODE, "employer_account": "'a'", "year": "2023", "start_month": "DATE '2023-07-01'",
        "base": "5200", "status": "'active'", "employer_organisation_id": "p % 20000",
        "paid_through": "DATE '2024-05-01'",
    }),
    "J05": (2.5, {
        "setl_id": "'s' || CAST(i AS VARCHAR)", "mdtrt_id": "'m' || CAST(i AS VARCHAR)", "psn_no": _CODE,
        "service_begin": _DAY, "service_end": _DAY, "settle_time": _DAY, "total_amount": "hash(i, 7) % 3000",
        "fund_amount": "hash(i, 7) % 2000", "self_amount": "900", "facility_organisation_id": f"100000 + {_FACILITY}",
        "facility_code": f"'H' || CAST({_FACILITY} AS VARCHAR)", "med_type": "CASE WHEN i % 20 = 0 THEN 'inpatient' "
        "WHEN i % 3 = 0 THEN 'pharmacy' ELSE 'outpatient' END", "bill_code": "'b'", "bill_no": "CAST(i AS VARCHAR)",
        "diagnosis_code": "CASE WHEN i % 40 = 0 THEN 'S82.1' ELSE 'J18.9' END",
    }),
    "W28": (1.5, {
        "mdtrt_id": "'m' || CAST(i AS VARCHAR)", "service_begin": _DAY, "service_end": _DAY,
        "facility_organisation_id": f"100000 + {_FACILITY}", "facility_code": f"'H' || CAST({_FACILITY} AS VARCHAR)",
        "med_type": "CASE WHEN i % 20 = 0 THEN 'inpatient' ELSE 'outpatient' END",
        "diagnosis_code": "CASE WHEN i % 40 = 0 THEN 'S82.1' ELSE 'J18.9' END",
        "trauma_flag": "i % 40 = 0", "third_party_flag": "false", "diagnosis_name": "'x'",
    }),
    "W28L": (1.5, {
        "mdtrt_id": "'m' || CAST(i AS VARCHAR)", "line_no": "'1'", "fee_time": _DAY, "med_list_codg":
        "'X' || CAST(hash(i, 9) % 300 AS VARCHAR)", "quantity": "1", "amount": "20", "item_kind": "'drug'",
        "facility_organisation_id": f"100000 + {_FACILITY}", "days_supply": "7", "item_name": "'x'",
    }),
    "W23": (2.5, {
        "bill_code": "'b'", "bill_no": "CAST(i AS VARCHAR)", "setl_id": "'s' || CAST(i AS VARCHAR)",
        "issue_time": _DAY, "amount": "hash(i, 7) % 3000", "facility_organisation_id": f"100000 + {_FACILITY}",
        "bill_type": "'outpatient'",
    }),
    "W27": (0.5, {
        "movement_no": "CAST(i AS VARCHAR)", "movement_type": "CASE WHEN i % 5 = 0 THEN 'stocktake' ELSE 'purchase' "
        "END", "movement_time": _DAY, "med_list_codg": "'X' || CAST(hash(i, 9) % 300 AS VARCHAR)",
        "quantity": "50", "item_kind": "'drug'", "facility_organisation_id": f"100000 + {_FACILITY}",
        "facility_code": f"'H' || CAST({_FACILITY} AS VARCHAR)", "item_name": "'x'",
    }),
    "W01": (0.02, {"certificate_no": "CAST(i AS VARCHAR)", "death_time": _DAY, "address": "'x'"}),
    "W05": (0.01, {"certificate_no": "CAST(i AS VARCHAR)", "cremation_time": _DAY, "address": "'x'"}),
    "W02": (0.02, {
        "certificate_no": "CAST(i AS VARCHAR)", "birth_time": _DAY, "mother_person_id": "p + 1", "address": "'x'",
    }),
    "W04": (0.02, {
        "certificate_no": "CAST(i AS VARCHAR)", "registration_type": "'marriage'", "registration_date": _DAY,
        "wife_person_id": "p + 1",
    }),
    "W06": (0.01, {"pension_no": _CODE, "exit_month": "DATE '2024-03-01'", "reason": "'death'"}),
    "W16": (0.03, {
        "certificate_no": "'d' || CAST(p // 3 AS VARCHAR)", "approval_month": "DATE '2022-01-01'", "id_number": _CODE,
        "address": "'x'", "category": "'urban'", "amount": "700",
    }),
    "J04": (0.02, {
        "roster_no": "'r'", "identified_date": "DATE '2022-01-01'", "id_number": _CODE, "address": "'x'",
        "list_status": "'active'",
    }),
    "W21": (0.03, {
        "certificate_no": f"{_CODE} || '43'", "issue_date": "DATE '2018-01-01'", "grade": "'3'", "address": "'x'",
    }),
    "W20": (0.01, {
        "certificate_no": f"{_CODE} || '43'", "start_date": "DATE '2018-01-01'", "grade": "'2'", "address": "'x'",
    }),
    "J06": (0.05, {
        "psn_no": _CODE, "year": "2024", "category": "'subsistence'", "begin_date": "DATE '2024-01-01'",
        "subsidy": "380",
    }),
    "J07": (0.01, {
        "unit": "'u'", "change_month": "DATE '2024-04-01'", "change_type": "'enter'", "category_after":
        "'subsistence'", "id_number": _CODE, "address": "'x'",
    }),
    "W22": (0.004, {
        "accident_no": "CAST(i // 2 AS VARCHAR)", "party_no": "CAST(i % 2 AS VARCHAR)", "accident_time": _DAY,
        "injury": "'minor'", "liability": "CASE WHEN i % 2 = 0 THEN 'none' ELSE 'full' END",
    }),
}  # fmt: skip


def main() -> None:
    """Make the snapshot, run the rules, print seconds per rule."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("persons", type=int)
    parser.add_argument("--folder", type=Path, help="Keep the snapshot here, or use the one that lies here.")
    parser.add_argument("--rules", nargs="*", help="Only these.")
    options = parser.parse_args()
    with TemporaryDirectory() as scratch:
        folder = options.folder or Path(scratch)
        snapshot = _snapshot(folder, options.persons)
        rows = sum(f["rows"] for name, f in snapshot.manifest["files"].items() if name.startswith("rows/"))
        print(f"{options.persons:,} persons, {rows:,} rows, {os.cpu_count()} cores")
        _measure(snapshot, options.rules)


def _measure(snapshot: Snapshot, only: list[str] | None) -> None:
    catalogue = load_catalogue()
    settings = default_settings(catalogue)
    rules = [rule for rule in settings.chosen(catalogue) if not only or rule.id in only]
    last: list[tuple[str, float]] = []

    def tick(step: str, _done: int, _total: int) -> None:
        now = time.perf_counter()
        if last and now - last[-1][1] > 0.5:
            print(f"{now - last[-1][1]:7.1f} s  {last[-1][0]}", flush=True)
        last.append((step, now))

    problems: list[object] = []
    not_run: dict[str, str] = {}
    started = time.perf_counter()
    findings = run_rules(snapshot, rules, settings, tick, problems, not_run)
    ended = time.perf_counter()
    print(f"{ended - last[-1][1]:7.1f} s  links and evidence")
    for problem in problems:
        print(problem, file=sys.stderr)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{len(rules) - len(not_run)} rules, {findings.num_rows:,} findings, not run: {', '.join(not_run)}")
    print(f"{ended - started:.1f} s in all, peak {peak:,.0f} MiB")


def _snapshot(folder: Path, persons: int) -> Snapshot:
    files: dict[str, dict[str, int]] = {}
    (folder / "rows").mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        for n, (feed, (per_person, columns)) in enumerate(_ROWS.items(), 1):
            path = folder / "rows" / f"{feed}.parquet"
            rows = int(per_person * persons)
            if not path.exists():
                _write(connection, path, _feed_sql(feed, n, rows, persons, columns))
            files[f"rows/{feed}"] = {"rows": rows}
        for name, sql in _other_files(folder, persons).items():
            path = folder / f"{name}.parquet"
            if not path.exists():
                _write(connection, path, sql)
            files[name] = {"rows": 1}
    manifest = {"reference_date": f"{REFERENCE_DATE}", "period": f"{PERIOD}", "files": files}
    return Snapshot(folder, 1, manifest)


def _feed_sql(feed: str, n: int, rows: int, persons: int, columns: dict[str, str]) -> str:
    contract = contracts()[feed]
    given = {
        "row_id": f"({n}::BIGINT << 40) + i", "period": f"DATE '{PERIOD}'", "op": "'add'",
        "record_key": f"({n}::BIGINT << 40) + p", "link_probability": "0.99", **columns,
    }  # fmt: skip
    if contract.entities and contract.main.kind == "person":
        given |= {"person_id": "p", f"{contract.main.role}_person_id": "p"}
    elif contract.entities:
        given |= {"organisation_id": columns[f"{contract.main.role}_organisation_id"]}
    for bound, column in (("valid_from", contract.valid_from), ("valid_to", contract.valid_to)):
        name = "owed_period" if column == "period" else column
        if name in columns:
            given[bound] = f"CAST({columns[name]} AS DATE)"
    selected = ", ".join(
        f'CAST({given.get(name, "NULL")} AS {type_}) AS "{name}"'
        for name, type_ in view_columns(contract).items()
    )
    # Feeds of everybody go through all persons in turn, employers' through every third, others through a sample.
    stride = 3 if feed in ("W11", "W13") else 1 if rows >= persons else 7919
    return f"SELECT {selected} FROM (SELECT i, (i * {stride}) % {persons} AS p FROM range({rows}) t(i))"


def _other_files(folder: Path, persons: int) -> dict[str, str]:
    records = "\nUNION ALL\n".join(
        f"SELECT DISTINCT record_key, person_id, '{feed}' AS feed, '{contracts()[feed].main.role}' AS role "
        f"FROM '{folder}/rows/{feed}.parquet' WHERE record_key % 7 = 0 OR '{feed}' IN ('W07', 'W29')"
        for feed in _ROWS
        if contracts()[feed].entities and contracts()[feed].main.kind == "person"
    )
    row_records = "\nUNION ALL\n".join(
        f"SELECT row_id, '{contracts()[feed].main.role}' AS role, record_key FROM '{folder}/rows/{feed}.parquet'"
        for feed in _ROWS
    )
    golden = (
        "SELECT i AS person_id, 'x' AS name, 1 + i % 2 AS sex, DATE '1980-01-01' AS birth_date "
        f"FROM range({persons}) t(i)"
    )
    texts = (
        "source_key", "surname", "given", "pinyin", "former_name", "phone", "region", "town", "village", "address",
        "employer", "employer_code", "household_no", "aid_household_no", "spouse_name", "spouse_id", "mother_name",
        "mother_id", "father_name", "father_id", "kin_name",
    )  # fmt: skip
    nulls = ", ".join(f"NULL::VARCHAR AS {name}" for name in texts)
    files = {
        "golden": golden,
        "records": (
            "SELECT record_key, feed, role, 'x' AS name, NULL::TINYINT AS sex, NULL::DATE AS birth_date, "
            f"'resident' AS id_type, {_CODE.replace('CAST(p', 'CAST(person_id')} AS id_number, 'valid' AS id_status, "
            f"{nulls} FROM ({records})"
        ),
        "members": (
            "SELECT record_key, person_id AS entity_id, NULL::BIGINT AS parent_record_key, 1.0 AS link_probability, "
            f"1.0 AS path_probability, 0::SMALLINT AS depth FROM ({records})"
        ),
        "row_records": row_records,
        "organisation_members": (
            "SELECT i AS record_key, i AS entity_id, NULL::BIGINT AS parent_record_key, 1.0 AS link_probability, "
            "1.0 AS path_probability, 0::SMALLINT AS depth FROM range(102000) t(i)"
        ),
        "organisation_records": (
            "SELECT i AS record_key, 'W29' AS feed, 'employer' AS role, CAST(i AS VARCHAR) AS name, "
            "CAST(i AS VARCHAR) AS core FROM range(102000) t(i)"
        ),
        "golden_organisations": "SELECT i AS organisation_id, 'employer' AS kind FROM range(102000) t(i)",
        "pairs": (
            f"SELECT i AS record_key_l, i + 1 AS record_key_r, 1.0 AS match_weight, 0.1 AS match_probability "
            f"FROM range({persons}) t(i)"
        ),
        "superseded": "SELECT 1::BIGINT AS row_id, 'W01' AS feed, NULL::BIGINT AS superseded_by, 'newer' AS reason",
        "deliveries": (
            f"SELECT unnest({sorted(contracts())}) AS feed, 'MSB' AS department, DATE '{PERIOD}' AS period, "
            "'x' AS delivery_id, 'delta' AS extent, 1::BIGINT AS n_rows, 1::BIGINT AS n_accepted, "
            "0::BIGINT AS n_quarantined, false AS zero, true AS complete"
        ),
    }
    for name in ("households", "kinship"):
        columns = [column.strip().split(" ", 1) for column in frozen_tables()[name].split(",")]
        files[name] = f"SELECT {', '.join(f'NULL::{t} AS {c}' for c, t in columns)} WHERE false"
    return files


def _write(connection: duckdb.DuckDBPyConnection, path: Path, sql: str) -> None:
    connection.execute(f"COPY ({sql}) TO '{path}' (FORMAT parquet, COMPRESSION zstd)")


if __name__ == "__main__":
    main()
