"""Current rows of a feed: what its deliveries, taken together, say up to a date.

Corrections, repeats and late files are settled by natural key and period, never by order of arrival; see
*Current rows* in `docs/data.md`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from resolver.feeds.archive import archived_files
from resolver.feeds.checks import accepted_schema
from resolver.feeds.completeness import complete_periods
from resolver.feeds.contract import Contract, contracts
from resolver.identifiers.number_text import MISSING_WORDS
from resolver.ledger.delivery import Delivery
from resolver.workspace import Workspace

SUPERSEDED = pa.schema(
    [
        ("row_id", pa.int64()),
        ("feed", pa.string()),
        ("superseded_by", pa.int64()),
        ("reason", pa.string()),
    ]
)

_Ints = npt.NDArray[np.int64]
_Bools = npt.NDArray[np.bool_]

# Within one month a later step of a row's life wins: added, then changed or corrected, then ended, then revoked.
_RANKS = {"add": 0, "change": 1, "correct": 1, "exit": 2, "revoke": 3}
_REVOKE = _RANKS["revoke"]
_NEVER = 1 << 40  # days: after every date
_OPEN_END = int(np.datetime64("2200-01-01", "D").astype(np.int64))  # an end beyond it (9999-12-31) means none
_SEPARATOR, _MISSING = "\x1f", "\x1e"


@dataclass(frozen=True)
class _Stock:
    """All accepted rows of a feed up to a date, by row id. The arrays are aligned with them.

    Attributes:
        rows: As archived, but only the columns that decide what becomes of a row.
        delivery: Number of the row's delivery.
        month: Month of its period, since 1970-01.
        rank: Rank of its verb.
        corrects: Whether its verb is `correct`.
    """

    rows: pa.Table
    delivery: _Ints
    month: _Ints
    rank: _Ints
    corrects: _Bools


@dataclass(frozen=True)
class _Fate:
    """What becomes of each row.

    Attributes:
        current: Whether it is a current row.
        winner: Position of the row that decides about its key, which may be itself.
        valid_to: Last day of a current row, since 1970-01-01; `_NEVER` where it is open.
        absent: Current rows that are closed because a later full delivery lacks their key.
    """

    current: _Bools
    winner: _Ints
    valid_to: _Ints
    absent: _Bools


def current_rows(
    workspace: Workspace, deliveries: list[Delivery], feed: str, as_of: date
) -> tuple[pa.Table, pa.Table]:
    """Current and superseded rows of a feed.

    Args:
        workspace: Where the rows are archived.
        deliveries: Deliveries recorded, in any order; those of other feeds and of months after `as_of` are left out.
        feed: Id of the feed's contract.
        as_of: Reference date.

    Returns:
        Current rows by `row_id`: `row_id`, `received_at` timestamp[us, UTC], `period`, `valid_from`, `valid_to`
        date32 and the contract's columns (a column `period` is called `owed_period`); and superseded rows by
        `row_id`, of schema `SUPERSEDED`. A row whose key is absent from a later complete full delivery is in both:
        closed among the current ones, and listed as `absent`.
    """
    contract = contracts()[feed]
    used = [d for d in deliveries if d.feed == feed and d.period <= as_of]
    used.sort(key=lambda delivery: delivery.delivery_id)
    stock = _stock(workspace, used, contract)
    codes = _keys(stock.rows, contract)
    complete = complete_periods(used) if contract.kind == "snapshot" else []
    unread = {month: _quarantined_texts(workspace, used, month) for month in complete}
    fate = _fate(stock, codes, contract, unread)
    return _current(workspace, used, contract, stock, fate), _superseded(stock, fate, feed)


def _stock(workspace: Workspace, used: Sequence[Delivery], contract: Contract) -> _Stock:
    decisive = {"row_id", "op", *contract.natural_key, *contract.natural_key_else, contract.valid_to}
    schema = pa.schema([field for field in accepted_schema(contract) if field.name in decisive])
    tables = [_archived_rows(workspace, delivery, schema) for delivery in used]
    rows = _without_fillers(pa.concat_tables([schema.empty_table(), *tables]), contract)
    counts = [len(table) for table in tables]
    months = [(d.period.year - 1970) * 12 + d.period.month - 1 for d in used]
    ops = rows["op"] if "op" in contract.columns else pa.chunked_array([pa.nulls(len(rows), pa.string())])
    known = pa.array(list(_RANKS))
    coded = pc.fill_null(pc.index_in(ops, known), 0).to_numpy()
    return _Stock(
        rows=rows,
        delivery=np.repeat(np.arange(len(used)), counts),
        month=np.repeat(np.array(months, dtype=np.int64), counts),
        rank=np.array(list(_RANKS.values()), dtype=np.int64)[coded],
        corrects=coded == list(_RANKS).index("correct"),
    )


def _without_fillers(rows: pa.Table, contract: Contract) -> pa.Table:
    """The rows, null where a number says no more than that there is none (不详): nobody is the same by that."""
    fillers = pa.array(sorted(MISSING_WORDS))
    for name in dict.fromkeys((*contract.natural_key, *contract.natural_key_else)):
        if contract.columns[name].type != "id_number":
            continue
        written = pc.utf8_upper(pc.utf8_trim_whitespace(rows[name]))
        known = pc.if_else(pc.is_in(written, fillers), pa.scalar(None, pa.string()), rows[name])
        rows = rows.set_column(rows.schema.get_field_index(name), name, known)
    return rows


def _archived_rows(workspace: Workspace, delivery: Delivery, schema: pa.Schema) -> pa.Table:
    """Accepted rows under today's contract: a column that it gained since then is null."""
    path = archived_files(workspace, delivery).rows
    with pq.ParquetFile(path) as file:
        present = set(file.schema_arrow.names)
        table = file.read([field.name for field in schema if field.name in present])
    columns = [
        table[field.name].cast(field.type) if field.name in present else pa.nulls(len(table), field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)


def _quarantined_texts(workspace: Workspace, used: Sequence[Delivery], month: date) -> pa.Array:
    """Every cell of the rows of a month's full deliveries that are in quarantine, as keys are compared."""
    texts: set[str] = set()
    for delivery in used:
        if delivery.period == month and delivery.extent == "full" and delivery.n_quarantined:
            cells = pq.read_table(archived_files(workspace, delivery).quarantine, columns=["cells"])["cells"]
            for row in cells.to_pylist():
                texts.update(json.loads(row).values())
    found = pa.chunked_array([pa.array(sorted(texts - {""}), pa.string())])
    return _key_text(found).combine_chunks()


def _keys(rows: pa.Table, contract: Contract) -> _Ints:
    """Code of each row's natural key; a row without one has a code of its own.

    A key counts if all its columns are filled but those of `key_blanks`, else the contract's second key if its first
    column is, else the first key if its first column is: a gap is then a value like any other.
    """
    natural, other = contract.natural_key, contract.natural_key_else
    filled = np.ones(len(rows), dtype=bool)
    for name in natural:
        if name not in contract.key_blanks:
            filled &= _valid(rows[name])
    codes = np.full(len(rows), -1, dtype=np.int64)
    next_code = _encode(rows, natural, filled | _valid(rows[natural[0]]), codes, 0)
    if other and not filled.all():
        next_code = _encode(rows, other, ~filled & _valid(rows[other[0]]), codes, next_code)
    keyless = codes < 0
    codes[keyless] = next_code + np.arange(np.count_nonzero(keyless))
    return codes


def _encode(rows: pa.Table, columns: Sequence[str], where: _Bools, codes: _Ints, first: int) -> int:
    """Give the rows `where` codes from `first` on, equal for equal keys; returns the next free code."""
    texts = [_key_text(rows[name] if where.all() else rows[name].filter(pa.array(where))) for name in columns]
    joined = pc.binary_join_element_wise(*texts, _SEPARATOR) if len(texts) > 1 else texts[0]
    coded = joined.combine_chunks().dictionary_encode()
    codes[where] = first + coded.indices.to_numpy()
    return first + len(coded.dictionary)


def _key_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A key column as compared: text in NFKC, upper case, without white space; other values by their number."""
    if pa.types.is_temporal(column.type):
        column = column.cast(pa.int32() if pa.types.is_date32(column.type) else pa.int64())
    if pa.types.is_string(column.type):
        column = pc.utf8_upper(pc.utf8_normalize(column, form="NFKC"))
        column = pc.replace_substring_regex(column, r"\s+", "")
    return pc.fill_null(column.cast(pa.string()), _MISSING)


def _valid(column: pa.ChunkedArray) -> _Bools:
    return np.asarray(column.is_valid().to_numpy(), dtype=bool)


def _fate(stock: _Stock, codes: _Ints, contract: Contract, unread: Mapping[date, pa.Array]) -> _Fate:
    position = np.arange(len(codes), dtype=np.int64)
    # Newest month, then rank, then row id, packed into one number; the largest of each key decides.
    order = ((stock.month << 2 | stock.rank) << 40) | position
    best = np.full(int(codes.max(initial=-1)) + 1, -1, dtype=np.int64)
    np.maximum.at(best, codes, order)
    winner = best[codes] & ((1 << 40) - 1)

    revoked = (stock.rank[winner] == _REVOKE) & (position <= winner)
    current = (stock.delivery == stock.delivery[winner]) & ~revoked & (stock.rank != _REVOKE)
    valid_to = _own_end(stock, contract)
    gone = _absent_since(stock, stock.month[winner], contract, unread)
    absent = current & (gone < valid_to)
    return _Fate(current, winner, np.where(absent, gone, valid_to), absent)


def _own_end(stock: _Stock, contract: Contract) -> _Ints:
    """Last day as the row itself says; a row that ends something says at least the end of the month before."""
    ends = np.full(len(stock.month), _NEVER, dtype=np.int64)
    if contract.valid_to:
        days = _days(stock.rows[contract.valid_to])
        last = days - 1 if contract.stops else _last_day(days) if _is_month(contract) else days
        ends = np.where(days < _OPEN_END, last, _NEVER)
    exits = (stock.rank == _RANKS["exit"]) & (ends == _NEVER)
    return np.where(exits, _first_day(stock.month) - 1, ends)


def _absent_since(
    stock: _Stock, last_seen: _Ints, contract: Contract, unread: Mapping[date, pa.Array]
) -> _Ints:
    """Per row the day before the first complete month that lacks its key; `_NEVER` if there is none.

    A key whose first column stands in a quarantined row of the month is not absent: its row could not be read.

    Args:
        stock: The rows.
        last_seen: Per row the last month with its key.
        contract: The feed's contract.
        unread: The complete months, oldest first -> texts in their quarantined rows.
    """
    gone = np.full(len(last_seen), _NEVER, dtype=np.int64)
    for complete, texts in unread.items():
        month = (complete.year - 1970) * 12 + complete.month - 1
        lacking = (gone == _NEVER) & (last_seen < month)
        for key in (contract.natural_key, contract.natural_key_else):
            if len(texts) and key and lacking.any():
                where = np.flatnonzero(lacking)
                first = _key_text(stock.rows[key[0]].take(pa.array(where)))
                lacking[where] &= ~pc.is_in(first, texts).to_numpy()
        gone[lacking] = (complete - timedelta(days=1) - date(1970, 1, 1)).days
    return gone


def _first_day(months: _Ints) -> _Ints:
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


def _is_month(contract: Contract) -> bool:
    return contract.columns[contract.valid_to].type == "month"


def _last_day(first_days: _Ints) -> _Ints:
    """Last day of the months that begin on these days; `_NEVER` stays."""
    known = np.where(first_days < _NEVER, first_days, 0)
    months = known.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return np.where(first_days < _NEVER, _first_day(months + 1) - 1, first_days)


def _days(column: pa.ChunkedArray) -> _Ints:
    """Days since 1970-01-01; `_NEVER` for null."""
    days = pc.fill_null(column.cast(pa.date32()).cast(pa.int32()).cast(pa.int64()), _NEVER)
    return np.asarray(days.to_numpy(), dtype=np.int64)


def _current(
    workspace: Workspace, used: Sequence[Delivery], contract: Contract, stock: _Stock, fate: _Fate
) -> pa.Table:
    """The current rows with all their columns; only their deliveries are read."""
    archived = accepted_schema(contract)
    schema = pa.schema([field for field in archived if field.name not in ("sheet", "row_no")])
    tables = [schema.empty_table()]
    for number, delivery in enumerate(used):
        keep = fate.current[stock.delivery == number]
        if keep.any():
            tables.append(_archived_rows(workspace, delivery, schema).filter(pa.array(keep)))
    rows = pa.concat_tables(tables)
    delivery_of = pa.array(stock.delivery[fate.current])
    ends = fate.valid_to[fate.current]
    received = pa.array([d.received_at for d in used], pa.timestamp("us", "UTC"))
    periods = pa.array([d.period for d in used], pa.date32())
    valid_to = pa.array(ends.clip(max=_OPEN_END).astype(np.int32), pa.int32(), mask=ends == _NEVER)
    columns = {
        "row_id": rows["row_id"],
        "received_at": received.take(delivery_of),
        "period": periods.take(delivery_of),
        "valid_from": rows[contract.valid_from].cast(pa.date32()),
        "valid_to": valid_to.cast(pa.date32()),
    }
    columns |= {_row_name(name): rows[name] for name in contract.columns}
    return pa.table(columns)


def _row_name(column: str) -> str:
    """`period` is the delivery's month; a column of that name is the month owed (W11, W12)."""
    return "owed_period" if column == "period" else column


def _superseded(stock: _Stock, fate: _Fate, feed: str) -> pa.Table:
    listed = np.flatnonzero(~fate.current | fate.absent)
    winner = fate.winner[listed]
    by_itself = (winner == listed) | fate.absent[listed]
    reason = np.select(
        [fate.absent[listed], stock.rank[winner] == _REVOKE, stock.corrects[winner]],
        ["absent", "revoked", "corrected"],
        "newer",
    )
    row_ids = stock.rows["row_id"].to_numpy()
    return pa.table(
        [
            pa.array(row_ids[listed]),
            pa.repeat(pa.scalar(feed), len(listed)),
            pa.array(row_ids[winner], pa.int64(), mask=by_itself),
            pa.array(reason.tolist(), pa.string()),
        ],
        schema=SUPERSEDED,
    )
