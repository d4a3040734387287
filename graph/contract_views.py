"""Views whose SQL follows from the contracts: what every feed has, whatever its columns are called."""

from resolver.feeds.contract import Contract, contracts


def row_keys() -> str:
    """SELECT of `row_keys`: `feed`, `row_id`, `person_id`, `natural_key` of every current row that has a key."""
    return "\nUNION ALL\n".join(_keys(contract) for contract in contracts().values())


def _keys(contract: Contract) -> str:
    person = "person_id" if contract.entities and contract.main.kind == "person" else "NULL::BIGINT"
    key = _joined(contract.natural_key)
    if contract.natural_key_else:
        key = f"coalesce({key}, {_joined(contract.natural_key_else)})"
    return (
        f"SELECT '{contract.feed}' AS feed, row_id, {person} AS person_id, {key} AS natural_key "
        f"FROM {contract.view} WHERE natural_key IS NOT NULL"
    )


def _joined(columns: tuple[str, ...]) -> str:
    """The columns as one text; null when one of them is missing."""
    # `period` is the delivery's in a view; the contract's own column of that name is the month owed
    names = ["owed_period" if name == "period" else name for name in columns]
    return " || '|' || ".join(f'upper(trim(CAST("{name}" AS VARCHAR)))' for name in names) or "NULL"
