from datetime import date
from random import Random
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.entities.golden_record import (
    GOLDEN_ORGANISATION_SCHEMA,
    GOLDEN_SCHEMA,
    golden_organisations,
    golden_records,
)
from resolver.errors import LinkageError

ADDRESS = ("region", "town", "village", "address")
TEXTS = ("name", "former_name", "id_type", "id_number", "id_status", "phone", *ADDRESS)
Record = dict[str, Any]


def record(key: int, feed: str, **values: Any) -> Record:
    """A record of person 1, last seen in January 2025 in one row, unless `values` says otherwise."""
    defaults = {"entity": 1, "role": "person", "last": date(2025, 1, 1), "rows": 1, "id_status": "missing"}
    if "id_number" in values:
        defaults |= {"id_status": "valid", "id_type": "resident"}
    return {"record_key": key, "feed": feed} | defaults | values


def tables(records: list[Record]) -> tuple[pa.Table, pa.Table, pa.Table]:
    def column(name: str, kind: pa.DataType) -> pa.Array:
        return pa.array([r.get(name) for r in records], kind)

    word = pa.dictionary(pa.int32(), pa.string())
    people = pa.table(
        {
            "record_key": column("record_key", pa.int64()),
            "feed": column("feed", word),
            "role": column("role", word),
            "sex": column("sex", pa.int8()),
            "birth_date": column("birth_date", pa.date32()),
            **{name: column(name, pa.string()) for name in (*TEXTS, "source_key", "credit_code")},
        }
    )
    keys = people.select(["record_key"])
    members = keys.append_column("entity_id", column("entity", pa.int64()))
    recency = keys.append_column("last_period", column("last", pa.date32()))
    return people, members, recency.append_column("n_rows", column("rows", pa.int64()))


def golden(*records: Record) -> dict[str, Any]:
    table = golden_records(*tables(list(records)))
    assert table.schema == GOLDEN_SCHEMA
    assert table.num_rows == 1
    return dict(table.to_pylist()[0])


NEW = date(2025, 3, 1)


def test_the_register_comes_before_the_insured_before_the_many() -> None:
    many = [record(k, "W11", name="王玮", sex=1, birth_date=date(1980, 1, 3)) for k in (1, 2, 3)]
    insured = record(4, "W29", name="王韦", birth_date=date(1980, 1, 2))
    register = record(5, "W07", name="王伟")
    found = golden(*many, insured, register)
    assert (found["name"], found["name_record_key"]) == ("王伟", 5)
    assert (found["birth_date"], found["birth_date_record_key"]) == (date(1980, 1, 2), 4)
    assert (found["sex"], found["sex_record_key"]) == (1, 1)
    assert found["n_records"] == 5


def test_elsewhere_most_records_come_before_the_newest_before_most_rows() -> None:
    two = [record(1, "W11", name="王伟"), record(2, "W12", name="王伟")]
    assert golden(*two, record(3, "W28", name="王玮", last=NEW, rows=50))["name"] == "王伟"
    assert golden(two[0], record(3, "W28", name="王玮", last=NEW))["name"] == "王玮"
    assert golden(two[0], record(3, "W28", name="王玮", rows=2))["name"] == "王玮"
    assert golden(two[0], record(3, "W28", name="王玮"))["name_record_key"] == 1


def test_in_the_register_the_newest_comes_first() -> None:
    old = [record(k, "W07", name="张小妹") for k in (1, 2)]
    found = golden(*old, record(3, "W07", name="张敏", last=NEW), record(4, "W12", name="张民"))
    assert found["name"] == "张敏"
    assert found["former_names"] == ["张小妹"]  # what another feed calls her is an error, not a former name


def test_former_names_as_stated() -> None:
    found = golden(record(1, "W07", name="张敏", former_name="张民"), record(2, "W11", former_name="张敏"))
    assert found["former_names"] == ["张民"]


def test_an_illegible_name_comes_last() -> None:
    assert golden(record(1, "W07", name="王?"), record(2, "W12", name="王㛃"))["name"] == "王㛃"
    assert golden(record(1, "W07", name="王\ue864"), record(2, "W12", name="王㛃"))["name"] == "王㛃"
    assert golden(record(1, "W07", name="王?"))["name"] == "王?"


@pytest.mark.parametrize("better", ["valid", "legacy"])
@pytest.mark.parametrize("worse", ["checksum", "format", "rounded"])
def test_a_damaged_number_comes_after_a_whole_one(better: str, worse: str) -> None:
    found = golden(
        record(1, "W07", id_number="B", id_status=worse),
        record(2, "W12", id_number="A", id_status=better, id_type="passport"),
    )
    assert (found["id_number"], found["id_number_record_key"]) == ("A", 2)
    assert (found["id_type"], found["id_type_record_key"]) == ("passport", 2)
    assert found["id_numbers"] == ["A"]


def test_a_placeholder_is_no_number() -> None:
    found = golden(record(1, "W07", id_number="0", id_status="placeholder"))
    assert (found["id_number"], found["id_number_record_key"], found["id_numbers"]) == (None, None, [])


def test_every_whole_number_once_in_order() -> None:
    found = golden(
        record(1, "W11", id_number="B"),
        record(2, "W12", id_number="A", id_status="legacy"),
        record(3, "W29", id_number="B"),
    )
    assert found["id_numbers"] == ["A", "B"]


def test_the_newest_phone_of_the_person() -> None:
    found = golden(
        record(1, "W07", phone="13900000001"),
        record(2, "W28", phone="13900000002", last=NEW),
        record(3, "W01", phone="13900000003", last=date(2025, 4, 1), role="deceased"),
    )
    assert (found["phone"], found["phone_record_key"]) == ("13900000002", 2)
    assert found["phones"] == ["13900000001", "13900000002"]


def test_an_address_is_taken_whole() -> None:
    found = golden(
        record(1, "W07", region="371002", village="望岛村"),
        record(2, "W29", region="371003", town="龙山", address="3号", last=NEW),
    )
    assert [found[part] for part in ADDRESS] == ["371002", None, "望岛村", None]
    assert [found[f"{part}_record_key"] for part in ADDRESS] == [1, None, 1, None]


def test_elsewhere_the_fullest_address_of_the_person() -> None:
    fullest = record(1, "W16", region="371002", town="孙家疃")
    firm = record(3, "W08", region="371003", town="龙山", address="3号", role="representative")
    found = golden(fullest, record(2, "W12", region="371081", last=NEW), firm)
    assert found["town"] == "孙家疃"


def test_nothing_is_known() -> None:
    found = golden(record(1, "W12"))
    assert found == dict.fromkeys(GOLDEN_SCHEMA.names) | {
        "person_id": 1, "former_names": [], "phones": [], "id_numbers": [], "n_records": 1, "ambiguous": False,
    }  # fmt: skip


def test_ambiguous_where_any_record_is() -> None:
    people = tables([record(1, "W12"), record(2, "W12", entity=2), record(3, "W12", entity=2)])
    found = golden_records(*people, ambiguous=pa.array([3]))
    assert found["ambiguous"].to_pylist() == [False, True]
    firms = tables([record(n, "W29", role="employer", entity=1 + (n > 1)) for n in (1, 2, 3)])
    assert golden_organisations(*firms, ambiguous=pa.array([3]))["ambiguous"].to_pylist() == [False, True]
    assert golden_organisations(*firms)["ambiguous"].to_pylist() == [False, False]


def test_no_records() -> None:
    assert golden_records(*tables([])).equals(GOLDEN_SCHEMA.empty_table())
    empty = golden_organisations(*tables([]))
    assert empty.equals(GOLDEN_ORGANISATION_SCHEMA.empty_table())


def test_a_record_without_entity_is_refused() -> None:
    people, members, recency = tables([record(1, "W12"), record(2, "W12")])
    with pytest.raises(LinkageError, match="record 2 has no entity"):
        golden_records(people, members.slice(0, 1), recency)


def test_a_record_never_seen_counts_as_oldest() -> None:
    people, members, recency = tables([record(1, "W12", name="甲"), record(2, "W12", name="乙", rows=9)])
    assert golden_records(people, members, recency.slice(0, 1))["name"].to_pylist() == ["甲"]


NAMES = st.sampled_from([None, "王伟", "王玮", "王?"])
RECORDS: st.SearchStrategy[list[Record]] = st.lists(
    st.builds(
        dict,
        entity=st.integers(1, 3),
        feed=st.sampled_from(["W07", "W29", "W11", "W12"]),
        name=NAMES,
        former_name=NAMES,
        phone=st.sampled_from([None, "1", "2"]),
        last=st.sampled_from([date(2025, 1, 1), NEW]),
        rows=st.integers(1, 3),
    ),
    max_size=12,
)


def reference_name(records: list[Record]) -> Record | None:
    named = [r for r in records if r["name"] is not None]

    def preference(r: Record) -> tuple[Any, ...]:
        tier = {"W07": 0, "W29": 1}.get(r["feed"], 2)
        same = sum(other["name"] == r["name"] for other in named)
        return (
            "?" in r["name"],
            tier,
            -same if tier == 2 else 0,
            -r["last"].toordinal(),
            -r["rows"],
            r["record_key"],
        )

    return min(named, key=preference, default=None)


@settings(deadline=None)
@given(RECORDS, st.randoms())
def test_agrees_with_the_reference_in_any_order(drawn: list[Record], random: Random) -> None:
    records = [record(key, **r) for key, r in enumerate(drawn)]
    shuffled = [random.sample(records, len(records)) for _ in range(3)]
    parts = [tables(order)[i] for i, order in enumerate(shuffled)]
    found = golden_records(*parts).to_pylist()
    assert [row["person_id"] for row in found] == sorted({r["entity"] for r in records})
    for row in found:
        own = [r for r in records if r["entity"] == row["person_id"]]
        best = reference_name(own)
        assert row["name_record_key"] == (best and best["record_key"])
        assert row["name"] == (best and best["name"])
        assert row["phones"] == sorted({r["phone"] for r in own if r["phone"]})
        former = {r["former_name"] for r in own} | {r["name"] for r in own if r["feed"] == "W07"}
        assert row["former_names"] == sorted(former - {None, row["name"]})


def test_organisations() -> None:
    records = [
        record(1, "W11", role="employer", name="环翠区制衣厂", last=NEW),
        record(2, "W29", role="employer", name="环翠区制衣厂", last=NEW, phone="06315200000"),
        record(3, "W08", role="enterprise", name="威海制衣有限公司", region="371002", credit_code="9137"),
        record(
            4, "J05", role="facility", name="市立医院", entity=2, source_key="facility_code:H371002", last=NEW
        ),
        record(5, "W28", role="facility", name="市立医院", entity=2, source_key="facility_code:H379999"),
    ]
    found = golden_organisations(*tables(records))
    assert found.schema == GOLDEN_ORGANISATION_SCHEMA
    employer, facility = found.to_pylist()
    assert employer == {
        "organisation_id": 1, "kind": "employer", "name": "威海制衣有限公司", "credit_code": "9137",
        "facility_code": None, "region": "371002", "address": None, "phone": "06315200000", "n_records": 3,
        "ambiguous": False,
    }  # fmt: skip
    assert (facility["kind"], facility["facility_code"], facility["name"]) == (
        "facility",
        "H371002",
        "市立医院",
    )
