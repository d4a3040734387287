from typing import Any

import pytest

from resolver.errors import SettingsError
from resolver.feeds.contract import Contract, contracts, parse_contract
from resolver.feeds.headers import comparable

MINIMAL: dict[str, Any] = {
    "feed": "X01", "title": "测试", "title_en": "Test", "view": "tests", "department": "D", "basis": "",
    "kind": "event", "default_extent": "delta", "natural_key": ["no"], "valid_from": "day",
    "columns": {"no": {"header": "编号", "type": "code"}, "day": {"header": "日期", "type": "date"}},
}  # fmt: skip
FIRM: dict[str, Any] = {"kind": "organisation", "role": "firm", "values": {"name": "no"}}


INPUTS = [
    *(f"W{n:02}" for n in range(1, 30)), "W28L", "W32",
    *(f"J{n:02}" for n in (1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 13)),
    *(f"X{n:02}" for n in range(1, 7)),
]  # fmt: skip


def test_every_feed_has_a_contract() -> None:
    assert list(contracts()) == sorted(INPUTS)
    assert {file for file, contract in contracts().items() if file != contract.feed} == set()
    assert len({contract.view for contract in contracts().values()}) == len(INPUTS)
    assert {feed for feed, contract in contracts().items() if contract.optional} == {
        feed for feed in INPUTS if feed[0] == "X"
    }


def test_no_title_holds_another() -> None:
    titles = [contract.title for contract in contracts().values()]
    assert [(a, b) for a in titles for b in titles if a is not b and a in b] == []


@pytest.mark.parametrize("contract", contracts().values(), ids=lambda contract: contract.feed)
def test_no_header_means_two_columns_of_a_feed(contract: Contract) -> None:
    meant: dict[str, set[str]] = {}
    for column in contract.columns.values():
        for text in (column.header, column.name, *column.aliases):
            meant.setdefault(comparable(text), set()).add(column.name)
    assert {text: names for text, names in meant.items() if len(names) > 1} == {}


@pytest.mark.parametrize("contract", contracts().values(), ids=lambda contract: contract.feed)
def test_a_contract_says_all_that_is_needed(contract: Contract) -> None:
    assert contract.title_en
    assert contract.department.isupper()
    assert contract.basis.startswith(("威医保发〔2020〕60号", "济医保发〔2023〕13号", "设计 design"))
    assert contract.kind in ("event", "state", "snapshot")
    assert contract.default_extent in ("full", "delta", "full_then_delta")
    assert contract.columns[contract.valid_from].type in ("date", "datetime", "month")
    assert not contract.valid_to or contract.columns[contract.valid_to].type in ("date", "datetime", "month")
    assert "op" in contract.columns
    # The columns that name what a row is about come with every file; only a second key may lean on others.
    assert any(contract.columns[name].mandatory for name in contract.natural_key)
    assert len({entity.role for entity in contract.entities}) == len(contract.entities)


def test_the_national_platforms_field_names_are_headers() -> None:
    known = {
        text
        for c in contracts().values()
        for column in c.columns.values()
        for text in (column.name, *column.aliases)
    }
    fields = """psn_no psn_cert_type certno psn_name gend naty brdy insutype psn_type psn_insu_stas psn_insu_date
    paus_insu_date insuplc_admdvs emp_name psn_idet_type begntime endtime mdtrt_id setl_id med_type fixmedins_code
    trum_flag rel_ttp_flag die_date dscg_way med_list_codg fixmedins_bchno manu_lotnum inv_cnt drug_trac_codg"""
    assert set(fields.split()) - known == set()
    types = contracts()["W27"].columns["movement_type"].choices
    assert sorted(words[-1] for words in types.values()) == [str(number) for number in range(3501, 3508)]


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
        ({"key_blanks": ["day"]}, "'day' may be blank in a key but is in none"),
        ({"elements": {"amount": "sum"}}, "'sum' is not one of its columns"),
        ({"elements": {"money": "no"}}, "'money' is not a required element"),
        (
            {"entities": [{**FIRM, "only": {"former_name": ["item", "name"]}}]},
            "'former_name' has a condition and no column",
        ),
        ({"entities": [{**FIRM, "only": {"name": ["item", "name"]}}]}, "'item' is not one of its columns"),
        ({"entities": [{**FIRM, "only": {"name": ["no", "name"]}}]}, "'name' is no choice of no"),
    ],
)
def test_a_wrong_contract_is_named(change: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError, match=words) as error:
        parse_contract({**MINIMAL, **change}, {}, "x.toml")
    assert "x.toml" in str(error.value)
