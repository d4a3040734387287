"""What a finding's rows say, as one number: it changes when a row is corrected, comes or goes, and only then.

A list that is sent again whole each month gives its rows new ids; their content decides here, and which of them are
there, not their ids, when they came, or to whom they were linked. Of a rule whose rows each speak for themselves
(`joins_rows = false`) the records count: they are what it finds fault with, however many rows repeat them.
"""

from concurrent.futures import ThreadPoolExecutor

import duckdb

from graph.rule_views import THREADS, column_name
from resolver.feeds.contract import Contract, contracts

# Most findings are about records as such (a wrong number in each row that repeats it); their rows need not be read.
_ROW_HASHES = """
CREATE TABLE rows_to_read AS SELECT DISTINCT row_id FROM evidence_records WHERE joins_rows OR record_key IS NULL;
CREATE TABLE row_hashes (row_id BIGINT, hash UBIGINT);
"""

_EVIDENCE_HASHES = """
CREATE TEMP TABLE evidence_hashes AS
WITH said AS (
    SELECT DISTINCT e.finding,
        CASE WHEN e.joins_rows OR e.record_key IS NULL THEN CAST(h.hash AS VARCHAR)
            ELSE CAST(e.record_key AS VARCHAR) END AS what
    FROM evidence_records e
    LEFT JOIN row_hashes h ON h.row_id = e.row_id
)
SELECT finding, CAST(md5_number_lower(string_agg(what, ' ' ORDER BY what)) & 9223372036854775807 AS BIGINT)
    AS evidence_hash
FROM said
WHERE what IS NOT NULL
GROUP BY finding
"""


def hash_evidence(connection: duckdb.DuckDBPyConnection, feeds: frozenset[str]) -> None:
    """Make the table `evidence_hashes` (`finding`, `evidence_hash`); a finding without rows has none.

    Args:
        connection: With the views for rules and the table `evidence_records`.
        feeds: Feeds that evidence can come from.
    """
    connection.execute(_ROW_HASHES)
    wanted = [contract for feed, contract in contracts().items() if feed in feeds]
    parts = [(connection.cursor(), wanted[part::THREADS]) for part in range(THREADS)]
    with ThreadPoolExecutor(THREADS) as pool:  # planning one keeps a single core busy only
        list(pool.map(_read_rows, parts))
    connection.execute(_EVIDENCE_HASHES)


def _read_rows(part: tuple[duckdb.DuckDBPyConnection, list[Contract]]) -> None:
    cursor, some = part
    with cursor:
        for contract in some:
            cursor.execute(f"INSERT INTO row_hashes {_hashes(contract)}")


def _hashes(contract: Contract) -> str:
    values = ", ".join(
        f"coalesce(CAST(\"{column_name(name)}\" AS VARCHAR), '')" for name in contract.columns if name != "op"
    )
    return (
        f"SELECT row_id, md5_number_lower(concat_ws(chr(31), '{contract.feed}', {values})) "
        f"FROM {contract.view} WHERE row_id IN (SELECT row_id FROM rows_to_read)"
    )
