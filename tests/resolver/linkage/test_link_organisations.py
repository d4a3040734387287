from typing import Any

import networkx as nx
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.errors import LinkageError
from resolver.linkage.organisations import link_organisations
from resolver.linkage.tables import MEMBERS_SCHEMA
from resolver.standardize.schema import ORGANISATION_RECORD_SCHEMA

CODE = "91371000MA3C9YXK2X"


def linked(*rows: dict[str, Any]) -> list[int]:
    listed = [
        {"record_key": place + 1, "feed": "W08", "role": "enterprise", **row}
        for place, row in enumerate(rows)
    ]
    found = link_organisations(pa.Table.from_pylist(listed, schema=ORGANISATION_RECORD_SCHEMA))
    assert found.schema == MEMBERS_SCHEMA
    return [int(c) for c in found["cluster"].to_pylist()]


def test_one_code_is_one_organisation_whatever_its_name() -> None:
    assert linked({"credit_code": CODE, "name": "旧名"}, {"credit_code": CODE, "name": "新名"}) == [1, 1]


def test_one_name_with_two_codes_is_two() -> None:
    rows = [
        {"credit_code": code, "core": "宏达", "region": "371002"} for code in (CODE, "91371000MA3C9YXK3Y")
    ]
    assert linked(*rows, {"core": "宏达", "region": "371002"}) == [1, 2, 3]


def test_a_record_without_code_goes_to_the_only_one_of_its_name() -> None:
    one = {"credit_code": CODE, "core": "宏达", "region": "371002"}
    assert linked(one, {"core": "宏达", "region": "371002"}, {"core": "宏达", "region": "371003"}) == [
        1,
        1,
        3,
    ]


def test_the_organisation_code_inside_a_credit_code() -> None:
    assert linked({"credit_code": CODE}, {"organisation_code": CODE[8:17]}) == [1, 1]


def test_no_records_and_no_codes() -> None:
    assert linked() == []
    assert linked({}, {}) == [1, 2]


def test_a_missing_column_is_named() -> None:
    with pytest.raises(LinkageError, match="credit_code"):
        link_organisations(pa.table({"record_key": pa.array([1], pa.int64())}))


@given(
    st.lists(
        st.tuples(st.sampled_from([None, "a:1", "a:2", "b:1"]), st.sampled_from([None, "1", "2"])),
        max_size=12,
    )
)
def test_records_with_a_code_in_common_are_one(codes: list[tuple[str | None, str | None]]) -> None:
    found = linked(*({"source_key": key, "registration_no": number} for key, number in codes))
    graph = nx.Graph()
    graph.add_nodes_from(range(len(codes)))
    graph.add_edges_from(
        (i, j)
        for i, a in enumerate(codes)
        for j, b in enumerate(codes)
        if i < j and any(x is not None and x == y for x, y in zip(a, b, strict=True))
    )
    expected = {row: min(c) + 1 for c in nx.connected_components(graph) for row in c}
    assert found == [expected[row] for row in range(len(codes))]


def test_a_whole_name_that_two_bear_joins_nobody_even_in_its_county() -> None:
    firm = {"name": "文登美泰汽车销售有限公司", "core": "美泰汽车销售"}
    one = {**firm, "region": "371083", "credit_code": "91371083947151688M"}
    other = {**firm, "region": "371003", "credit_code": "91371003186297067N"}
    assert linked(one, other, {**firm, "region": "371003"}) == [1, 2, 3]


def test_a_row_without_county_goes_to_the_one_of_its_whole_name() -> None:
    one = {"name": "威海海腾服装", "core": "海腾服装", "region": "371002", "credit_code": CODE}
    other = {"name": "荣成海腾服装", "core": "海腾服装", "credit_code": "91371003186297067N"}
    assert linked(one, other, {"name": "威海海腾服装", "core": "海腾服装"}) == [1, 2, 1]
