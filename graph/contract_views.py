"""Views whose SQL follows from the contracts: what every feed has, whatever its columns are called."""

from resolver.feeds.contract import Contract, contracts
from resolver.identifiers.number_text import MISSING_WORDS

_FILLERS = ", ".join(f"'{word}'" for word in sorted(MISSING_WORDS))


def row_keys() -> str:
    """SELECT of `row_keys`: `feed`, `row_id`, `person_id`, `natural_key` of every current row that has a key.

    Rows that correct or take back (`op`) are left out: they name a key a second time on purpose.
    """
    return "\nUNION ALL\n".join(_keys(contract) for contract in contracts().values())


def row_elements() -> str:
    """SELECT of `row_elements`: rows that lack an element the policy requires (S1 §三(二)), with `missing`."""
    return "\nUNION ALL\n".join(_elements(contract) for contract in contracts().values() if contract.elements)


def roles() -> str:
    """SELECT of `roles`: of every role of every feed, whether it is the main one and what a row can say of it."""
    rows = [
        f"('{contract.feed}', '{entity.role}', {entity is contract.main}, {'name' in entity.values}, "
        f"{'id_number' in entity.values}, {'address' in entity.values}, {'employer' in entity.values})"
        for contract in contracts().values()
        for entity in contract.entities
        if entity.kind == "person"
    ]
    columns = "feed, role, main, has_name, has_number, has_address, has_employer"
    return f"SELECT * FROM (VALUES {', '.join(rows)}) t({columns})"


def residence_feeds() -> str:
    """SELECT of `residence_feeds`: feeds whose rows must say where the person is registered or lives."""
    feeds = [f"('{contract.feed}')" for contract in contracts().values() if "residence" in contract.elements]
    return f"SELECT * FROM (VALUES {', '.join(feeds)}) t(feed)"


def _keys(contract: Contract) -> str:
    key, there = _joined(contract, contract.natural_key), _all_there(contract, contract.natural_key)
    if contract.natural_key_else:
        key = f"coalesce({key}, {_joined(contract, contract.natural_key_else)})"
        there = f"({there} OR {_all_there(contract, contract.natural_key_else)})"
    repeated = "AND coalesce(op, 'add') = 'add'" if "op" in contract.columns else ""
    return (
        f"SELECT '{contract.feed}' AS feed, row_id, {_person(contract)} AS person_id, {key} AS natural_key "
        # asked of the columns, not of the key: who only counts rows does not write every key
        f"FROM {contract.view} WHERE {there} {repeated}"
    )


def _elements(contract: Contract) -> str:
    cases = ", ".join(
        f"CASE WHEN {_name(column)} IS NULL THEN '{element}' END"
        for element, column in contract.elements.items()
    )
    lacking = " OR ".join(f"{_name(column)} IS NULL" for column in contract.elements.values())
    return (
        f"SELECT '{contract.feed}' AS feed, row_id, period, {_person(contract)} AS person_id, "
        f"list_filter([{cases}], lambda element: element IS NOT NULL) AS missing "
        f"FROM {contract.view} WHERE {lacking}"
    )


def _person(contract: Contract) -> str:
    return "person_id" if contract.entities and contract.main.kind == "person" else "NULL::BIGINT"


def _joined(contract: Contract, columns: tuple[str, ...]) -> str:
    """The columns as one text; null when one of them is missing, or a number that only says so (不详)."""
    return " || '|' || ".join(_key_part(contract, name) for name in columns) or "NULL"


def _key_part(contract: Contract, column: str) -> str:
    text = f"upper(trim(CAST({_name(column)} AS VARCHAR)))"
    if column in contract.key_blanks:
        return f"coalesce({text}, '')"
    if contract.columns[column].type != "id_number":
        return text
    return f"CASE WHEN {text} NOT IN ({_FILLERS}) THEN {text} END"


def _all_there(contract: Contract, columns: tuple[str, ...]) -> str:
    """Whether none of the columns is missing that must be there; without columns there is no key."""
    asked = [name for name in columns if name not in contract.key_blanks]
    return f"({' AND '.join(_is_there(contract, name) for name in asked) or 'false'})"


def _is_there(contract: Contract, column: str) -> str:
    name = _name(column)
    if contract.columns[column].type != "id_number":
        return f"{name} IS NOT NULL"
    return f"coalesce(upper(trim({name})) NOT IN ({_FILLERS}), false)"


def _name(column: str) -> str:
    # `period` is the delivery's in a view; the contract's own column of that name is the month owed
    return '"owed_period"' if column == "period" else f'"{column}"'
