from typing import Any

import pytest

from resolver.errors import SettingsError
from resolver.feeds.contract import contracts, parse_contract
from resolver.feeds.headers import comparable

MINIMAL: dict[str, Any] = {
    "feed": "X01", "title": "测试", "title_en": "Test", "view": "tests", "department": "D", "basis": "",
    "kind": "event", "default_extent": "delta", "natural_key": ["no"], "valid_from": "day",
    "columns": {"no": {"header": "编号", "type": "code"}, "day": {"header": "日期", "type": "date"}},
}  # fmt: skip


def test_every_feed_has_a_contract() -> None:
    assert list(contracts()) == sorted(contracts())
    assert len(contracts()) == 16
    assert len({contract.view for contract in contracts().values()}) == 16
    assert len({contract.title for contract in contracts().values()}) == 16


def test_no_header_means_two_columns_of_a_feed() -> None:
    for contract in contracts().values():
        headers = [comparable(column.header) for column in contract.columns.values()]
        assert len(set(headers)) == len(headers), contract.feed


def test_no_word_means_two_choices_of_a_column() -> None:
    for contract in contracts().values():
        for column in contract.columns.values():
            words = [word for code, meanings in column.choices.items() for word in {code, *meanings}]
            assert len(set(words)) == len(words), (contract.feed, column.name)


def test_a_contract_may_have_no_end_and_no_entities() -> None:
    contract = parse_contract(MINIMAL, {}, "x.toml")
    assert contract.valid_to == ""
    assert contract.entities == ()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"natural_key": ["nr"]}, "'nr' is not one of its columns"),
        ({"valid_from": "when"}, "'when' is not one of its columns"),
        (
            {"columns": {"no": {"header": "编号", "type": "number"}}, "valid_from": ""},
            "unknown type 'number'",
        ),
        (
            {"columns": {"no": {"header": "编号", "type": "code", "required": True}}, "valid_from": ""},
            "not mandatory",
        ),
        ({"columns": {"no": {"type": "code"}}}, "header"),
    ],
)
def test_a_wrong_contract_is_named(change: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError, match=words) as error:
        parse_contract({**MINIMAL, **change}, {}, "x.toml")
    assert "x.toml" in str(error.value)
