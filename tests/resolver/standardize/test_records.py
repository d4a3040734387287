from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.errors import SettingsError
from resolver.feeds.contract import Contract, EntityRole, contracts
from resolver.identifiers import person_number
from resolver.standardize.records import Extracted, extract_records, merge_records
from resolver.standardize.schema import ORGANISATION_RECORD_SCHEMA, PERSON_RECORD_SCHEMA, ROW_RECORD_SCHEMA

AS_OF = date(2024, 6, 30)
TYPES = {
    "sex": pa.int8(),
    "birth_date": pa.date32(),
    "husband_birth_date": pa.date32(),
    "birth_time": pa.timestamp("s"),
}


def number(county: str = "371002", born: str = "19800101", order: str = "123") -> str:
    first17 = county + born + order
    return first17 + person_number.check_character(first17)


GOOD = number()


def table(*rows: dict[str, Any]) -> pa.Table:
    names = dict.fromkeys(name for row in rows for name in row)
    columns = {
        name: pa.array([row.get(name) for row in rows], TYPES.get(name, pa.string())) for name in names
    }
    return pa.table({"row_id": pa.array(range(1, len(rows) + 1), pa.int64()), **columns})


def extract(feed: str, *rows: dict[str, Any]) -> Extracted:
    return extract_records(table(*rows), contracts()[feed], as_of=AS_OF)


def by_row(found: Extracted, role: str) -> dict[int, dict[str, Any]]:
    """Row -> the record it gave in a role, nulls left out."""
    records = {r["record_key"]: r for r in (*found.persons.to_pylist(), *found.organisations.to_pylist())}
    return {
        link["row_id"]: {k: v for k, v in records[link["record_key"]].items() if v is not None}
        for link in found.row_records.to_pylist()
        if link["role"] == role
    }


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("威海市环翠区张村镇王家疃村12号", "张村镇王家疃村12号"),
        ("环翠区张村镇12号", "张村镇12号"),
        ("环翠区12号", "12号"),
        ("环翠区张村镇王家疃村", None),
        (None, None),
    ],
)
def test_an_organisations_address_says_where_the_door_is(text: str | None, address: str | None) -> None:
    (firm,) = extract(
        "W08", {"credit_code": "91371002MA3C0AAA0X", "enterprise_name": "威海新华有限公司", "address": text}
    ).organisations.to_pylist()
    assert firm["address"] == address


def test_a_full_row() -> None:
    found = extract(
        "W29",
        {
            "psn_no": "3710 0001",
            "name": "单 雄信",
            "id_type": "居民身份证",
            "id_number": GOOD.lower(),
            "sex": 1,
            "birth_date": date(1980, 1, 1),
            "insuplc_admdvs": "371071",
            "employer_name": "威海海润渔具有限公司",
            "credit_code": "91110000600037341L",
            "address": "威海市文登市天福街道光明社区3号楼2单元501室",
            "phone": "138-1234-1233",
        },
    )
    (person,) = found.persons.to_pylist()
    key = person.pop("record_key")
    assert {name: value for name, value in person.items() if value is not None} == {
        "feed": "W29",
        "role": "insured",
        "source_key": "psn_no:37100001",
        "name": "单雄信",
        "surname": "单",
        "given": "雄信",
        "pinyin": "shan xiong xin",
        "sex": 1,
        "birth_date": date(1980, 1, 1),
        "id_type": "resident",
        "id_number": GOOD,
        "id_status": "valid",
        "phone": "13812341233",
        "region": "371003",
        "town": "天福街道",
        "village": "光明社区",
        "address": "3-2-501",
        "employer": "威海海润渔具有限公司",
        "employer_code": "91110000600037341L",
    }
    (firm,) = found.organisations.to_pylist()
    assert (firm["core"], firm["credit_code"], firm["organisation_code"]) == (
        "海润渔具",
        "91110000600037341L",
        "600037341",
    )
    assert found.row_records.to_pylist() == [
        {"row_id": 1, "role": "insured", "record_key": key},
        {"row_id": 1, "role": "employer", "record_key": firm["record_key"]},
    ]


def test_rows_that_say_the_same_are_one_record() -> None:
    found = extract(
        "W12",
        {"pension_no": "1", "name": "王芳", "id_number": GOOD},
        {"pension_no": "1", "name": "王 芳", "id_number": GOOD + " "},
        {"pension_no": "2", "name": "王芳", "id_number": GOOD},
    )
    keys = found.row_records.column("record_key").to_pylist()
    assert keys[0] == keys[1] != keys[2]
    assert len(found.persons) == 2


def test_trap_3_an_old_number_is_the_same_number_but_known_to_be_old() -> None:
    found = by_row(extract("W12", {"name": "王芳", "id_number": GOOD[:6] + GOOD[8:17]}), "pensioner")
    assert (found[1]["id_number"], found[1]["id_status"]) == (GOOD, "legacy")


def test_trap_8_a_rounded_number_is_known() -> None:
    found = by_row(extract("W12", {"name": "王芳", "id_number": GOOD[:15] + "000"}), "pensioner")
    assert found[1]["id_status"] == "rounded"


def test_trap_10_numbers_of_people_from_elsewhere() -> None:
    found = by_row(
        extract(
            "W29",
            {"name": "陈大文", "id_number": number("810000"), "id_type": "港澳台居民居住证"},
            {"name": "陈大文", "id_number": "H1234567801", "id_type": "港澳居民来往内地通行证"},
            {"name": "SMITH JOHN", "id_number": number("937840"), "id_type": "外国人永久居留身份证"},
            {"name": "SMITH JOHN", "id_number": "C01X00T47", "id_type": "护照"},
            {"name": "SMITH JOHN", "id_number": "H12345678", "id_type": "护照"},
        ),
        "insured",
    )
    assert [found[row]["id_type"] for row in range(1, 6)] == [
        "residence_permit", "travel_permit", "foreign_permanent", "passport", "passport",
    ]  # fmt: skip
    assert {found[row]["id_status"] for row in range(1, 6)} == {"valid"}


def test_trap_11_a_mothers_number_on_a_newborn_keeps_both() -> None:
    found = by_row(
        extract("W29", {"name": "王芳之子", "id_number": GOOD, "birth_date": date(2024, 5, 1)}), "insured"
    )
    assert (found[1]["id_number"], found[1]["birth_date"]) == (GOOD, date(2024, 5, 1))


def test_a_missing_birth_date_stays_missing() -> None:
    assert "birth_date" not in by_row(extract("W29", {"name": "王芳", "id_number": GOOD}), "insured")[1]


def test_trap_21_placeholders_are_missing() -> None:
    found = by_row(
        extract(
            "W29",
            {"name": "王芳", "birth_date": date(1900, 1, 1), "phone": "13800138000", "id_number": "1" * 18},
        ),
        "insured",
    )
    assert set(found[1]) == {"record_key", "feed", "role", "name", "surname", "given", "pinyin", "id_status"}
    assert found[1]["id_status"] == "placeholder"


def test_trap_24_a_role_without_name_and_number_gives_no_record() -> None:
    found = extract(
        "W22", {"name": "无名氏", "id_number": "/", "phone": "13812341233"}, {"plate_no": "鲁K12345"}
    )
    assert len(found.persons) == 0
    assert len(found.row_records) == 0
    assert found.persons.schema == PERSON_RECORD_SCHEMA


def test_trap_39_columns_shifted_by_one() -> None:
    found = by_row(
        extract(
            "W12",
            {"name": GOOD, "id_number": "王芳"},
            {"name": GOOD, "id_number": None},
            {"name": "王芳", "id_number": GOOD},
            {"name": GOOD, "id_number": number(order="457")},
        ),
        "pensioner",
    )
    assert [(found[row].get("name"), found[row]["id_number"]) for row in range(1, 5)] == [
        ("王芳", GOOD), (None, GOOD), ("王芳", GOOD), (None, number(order="457")),
    ]  # fmt: skip
    assert found[1]["record_key"] == found[3]["record_key"]


def test_two_persons_in_a_row_know_each_other() -> None:
    found = extract(
        "W04",
        {"husband_name": "李强", "husband_id_number": number(order="011"), "husband_birth_date": date(1980, 1, 1),
         "wife_name": "王芳", "wife_id_number": number(order="022")},
    )  # fmt: skip
    husband, wife = by_row(found, "husband")[1], by_row(found, "wife")[1]
    assert (husband["sex"], husband["spouse_name"], husband["spouse_id"]) == (1, "王芳", number(order="022"))
    assert (wife["sex"], wife["spouse_name"], wife["spouse_id"]) == (2, "李强", number(order="011"))


def test_a_birth_time_is_a_birth_date() -> None:
    found = extract(
        "W02",
        {
            "certificate_no": "t371000123",
            "name": "王芳之子",
            "birth_time": np.datetime64("2024-05-01T23:59", "s"),
        },
    )
    assert by_row(found, "child")[1]["birth_date"] == date(2024, 5, 1)
    assert by_row(found, "child")[1]["source_key"] == "birth_certificate:T371000123"


def test_a_disability_certificate_stands_in_for_a_missing_number() -> None:
    found = by_row(
        extract(
            "W21",
            {"certificate_no": GOOD + "44", "name": "王芳", "id_number": "无"},
            {"certificate_no": GOOD + "44", "name": "王芳", "id_number": number(order="457")},
            {"certificate_no": "残0001", "name": "王芳", "id_number": None},
        ),
        "holder",
    )
    assert [found[row].get("id_number") for row in (1, 2, 3)] == [GOOD, number(order="457"), None]


def test_the_region_column_stands_in_for_an_address_without_county() -> None:
    found = by_row(
        extract(
            "W07",
            {"name": "王芳", "address": "张村镇张村", "region": "371081"},
            {"name": "王芳", "address": "荣成市", "region": "371081"},
        ),
        "person",
    )
    assert [found[row]["region"] for row in (1, 2)] == ["371003", "371082"]


def test_trap_22_an_old_number_in_the_credit_codes_place() -> None:
    found = by_row(
        extract(
            "W08",
            {"enterprise_name": "海润渔具有限公司", "credit_code": "110108000000016"},
            {"enterprise_name": "海润渔具有限公司", "credit_code": "D2143569-X"},
            {
                "enterprise_name": "海润渔具有限公司",
                "credit_code": "9111",
                "registration_no": "1101080000000",
            },
            {"credit_code": "9111"},
        ),
        "enterprise",
    )
    assert found[1]["registration_no"] == "110108000000016"
    assert found[2]["organisation_code"] == "D2143569X"
    assert found[3]["registration_no"] == "1101080000000"
    assert 4 not in found


def test_a_code_that_is_none_is_kept_as_the_damaged_code() -> None:
    valid = "91110000600037341L"
    written = [
        valid,
        valid.replace("0003", "0008"),
        f" {valid[:-1]} ",
        "37100220001234",
        "无",
        "1" * 18,
        "海润渔具有限公司",
    ]
    found = by_row(
        extract("W08", *({"enterprise_name": "海润渔具有限公司", "credit_code": code} for code in written)),
        "enterprise",
    )
    codes = [(found[row].get("credit_code"), found[row].get("damaged_code")) for row in sorted(found)]
    assert codes[0] == (valid, None)
    assert codes[1:4] == [(None, "91110000600087341L"), (None, valid[:-1]), (None, "37100220001234")]
    assert codes[4:] == [(None, None)] * 3


def test_a_facility_may_have_its_code_only() -> None:
    found = by_row(extract("J05", {"facility_code": "h37100200012"}), "facility")
    assert found[1]["source_key"] == "facility_code:H37100200012"


ROWS = [
    {"psn_no": str(place % 4), "name": name, "id_number": GOOD if place % 3 else None, "sex": place % 2 + 1,
     "address": f"环翠区张村镇张村{place % 2}号", "phone": "13812341233", "employer_name": "海润"}
    for place, name in enumerate(["王芳", "王芳", "李强", None, "王芳", "单雄信", "李强", "SMITH JOHN"])
]  # fmt: skip


def same(one: Extracted, other: Extracted) -> bool:
    pairs = zip(vars(one).values(), vars(other).values(), strict=True)
    return all(bool(table.equals(other_table)) for table, other_table in pairs)


@settings(max_examples=30, deadline=None)
@given(st.permutations(range(len(ROWS))), st.integers(0, len(ROWS)), st.booleans())
def test_order_chunks_and_encoding_do_not_matter(order: list[int], cut: int, encoded: bool) -> None:
    whole = table(*ROWS)
    contract = contracts()["W29"]
    expected = extract_records(whole, contract, as_of=AS_OF)
    shuffled = whole.take(pa.array(order))
    shuffled = pa.concat_tables([shuffled.slice(0, cut), shuffled.slice(cut)])
    if encoded:
        for place, field in enumerate(shuffled.schema):
            if field.name in ("name", "address", "employer_name", "id_number"):
                shuffled = shuffled.set_column(place, field.name, shuffled.column(place).dictionary_encode())
    assert same(extract_records(shuffled, contract, as_of=AS_OF), expected)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, len(ROWS)), st.booleans())
def test_pieces_merge_to_the_whole(cut: int, swapped: bool) -> None:
    whole = table(*ROWS)
    contract = contracts()["W29"]
    parts = [extract_records(part, contract, as_of=AS_OF) for part in (whole.slice(0, cut), whole.slice(cut))]
    merged = merge_records(parts[::-1] if swapped else parts)
    assert same(merged, extract_records(whole, contract, as_of=AS_OF))


def test_records_are_sorted_and_of_the_documented_form() -> None:
    found = merge_records([extract("W29", *ROWS), extract("W12", *ROWS)])
    for records, schema in (
        (found.persons, PERSON_RECORD_SCHEMA),
        (found.organisations, ORGANISATION_RECORD_SCHEMA),
    ):
        assert records.schema == schema
        keys = records.column("record_key").to_pylist()
        assert keys == sorted(set(keys))
    assert found.row_records.schema == ROW_RECORD_SCHEMA
    assert set(found.persons.column("feed").to_pylist()) == {"W29", "W12"}


def test_nothing_merges_to_nothing() -> None:
    merged = merge_records([])
    assert (len(merged.persons), len(merged.organisations), len(merged.row_records)) == (0, 0, 0)


def test_every_contract_can_be_extracted_even_from_no_rows() -> None:
    for contract in contracts().values():
        found = extract_records(pa.table({"row_id": pa.array([], pa.int64())}), contract, as_of=AS_OF)
        assert len(found.persons) == 0


def test_what_was_before_a_change_is_a_former_name_only_if_the_name_changed() -> None:
    firm = {"enterprise_name": "威海海润渔具有限公司", "credit_code": "91371002MA3C000G4K"}
    rows = table(
        {**firm, "item": "name", "before": "威海 海洋渔具有限公司"},
        {**firm, "item": "capital", "before": "100万元"},
        {**firm, "item": None, "before": "威海海洋渔具有限公司"},
    )
    coded = rows.set_column(rows.schema.get_field_index("item"), "item", rows["item"].dictionary_encode())
    for given_rows in (rows, coded):
        found = by_row(extract_records(given_rows, contracts()["W10"], as_of=AS_OF), "enterprise")
        assert [found[row].get("former_name") for row in (1, 2, 3)] == ["威海海洋渔具有限公司", None, None]
    without = extract_records(rows.drop_columns(["item"]), contracts()["W10"], as_of=AS_OF)
    assert without.organisations["former_name"].null_count == len(without.organisations)


def test_an_unknown_attribute_in_a_contract_is_refused() -> None:
    w12 = contracts()["W12"]
    role = EntityRole("person", "pensioner", {"nmae": "name"}, {})
    wrong = Contract(**{**vars(w12), "entities": (role,)})
    with pytest.raises(SettingsError, match=r"W12.*nmae"):
        extract_records(table({"name": "王芳"}), wrong, as_of=AS_OF)
