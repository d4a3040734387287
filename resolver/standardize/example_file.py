"""Several descriptions of persons in one file as people make it: a spreadsheet or delimited text, any encoding."""

import tomllib
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

from resolver.feeds.contract import Contract, parse_contract
from resolver.feeds.reader import Source, sheets_of

_ATTRIBUTES = {  # column of a file -> attribute of a person
    "name": "name",
    "former_name": "former_name",
    "id_number": "id_number",
    "sex": "sex",
    "birth_date": "birth_date",
    "phone": "phone",
    "address": "address",
    "employer_name": "employer",
}
_OWN = {
    "former_name": {"header": "曾用名", "type": "name"},
    "employer_name": {"aliases": ["单位", "employer"]},
}


def read_examples(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """The descriptions in a file, under the headers that departments' files have (姓名, 身份证号码, …) or in English.

    Returns:
        Number of the row, as a spreadsheet shows it, and attribute of a person -> text, empty ones left out.

    Raises:
        DeliveryError: The file cannot be read, or fewer than two of its columns describe a person.
    """
    contract = _contract()
    source = Source.open(path)
    sheets, _ = sheets_of(source, contract)
    for sheet in sheets:
        places = {
            _ATTRIBUTES[column]: place
            for column, place in sheet.layout.positions.items()
            if column in _ATTRIBUTES
        }
        for batch in source.batches([sheet]):
            columns = {name: batch.columns[place].to_pylist() for name, place in places.items()}
            for number, row in enumerate(batch.row_no.tolist()):
                yield row, {name: texts[number] for name, texts in columns.items() if texts[number]}


def _contract() -> Contract:
    shared = tomllib.loads(
        (resources.files("resolver.feeds") / "contracts" / "columns.toml").read_text("utf-8")
    )
    raw = {
        "feed": "example", "title": "待查人员", "title_en": "persons to look up", "view": "", "department": "you",
        "basis": "", "kind": "event", "default_extent": "full", "natural_key": (), "valid_from": "",
        "columns": {name: _OWN.get(name, {}) for name in _ATTRIBUTES},
    }  # fmt: skip
    return parse_contract(raw, shared, "of a file of descriptions")
