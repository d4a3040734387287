"""Organisations as linkage sees them: codes, old numbers, names in many wordings, traps 22 and 23."""

from itertools import permutations
from types import SimpleNamespace
from typing import Any

import networkx as nx
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.errors import LinkageError
from resolver.linkage.organisation.engine import link_organisations
from resolver.linkage.organisation.model import OrganisationModel
from resolver.linkage.organisation.trainer import train_organisations
from resolver.linkage.tables import MEMBERS_SCHEMA
from resolver.standardize.schema import ORGANISATION_RECORD_SCHEMA

from .conftest import REGISTER, A, B, C, Row, clusters, credit_code, table

settings.register_profile("compiled", deadline=None)
settings.load_profile("compiled")


def test_trap_22_a_renamed_enterprise_keeps_its_code(untrained: OrganisationModel) -> None:
    old, new = "威海海星食品有限公司", "威海蓝湾供应链管理有限公司"
    assert clusters(untrained, {"name": old, "credit_code": A}, {"name": new, "credit_code": A}) == [1, 1]


def test_trap_22_its_records_without_code_follow_by_the_former_name(untrained: OrganisationModel) -> None:
    new = {
        **REGISTER,
        "name": "威海蓝湾供应链管理有限公司",
        "former_name": "威海海星食品有限公司",
        "credit_code": A,
    }
    assert clusters(untrained, new, {"name": "威海海星食品有限公司"}) == [1, 1]


def test_trap_22_one_department_alone_tells_of_the_change_of_name() -> None:
    """All others have the new name, the old one and a character, and where firms have names that near, against it."""
    cores = [f"{first}{second}地毯" for first in "瑞东天海星蓝新正" for second in "通祥宝润华利"]
    firms = [f"威海{more}{core}有限公司" for core in cores for more in ("", "金")]
    trained = train_organisations(
        table(
            {"name": name, "credit_code": credit_code(10000000 + serial)}
            for serial, name in enumerate(firms)
            for _ in range(3)
        )
    )
    now = {"name": "威海润瑞通地毯有限公司", "credit_code": A}
    told = {**now, "feed": "W10", "role": "enterprise", "former_name": "威海瑞通地毯有限公司"}
    others = [{**now, "feed": feed} for feed in ("W06", "W08", "W11", "X04")]
    assert clusters(trained, {"name": "威海瑞通地毯有限公司"}, *others, told) == [1] * 6


def test_trap_22_the_old_name_goes_with_the_firm_that_bears_it_now(untrained: OrganisationModel) -> None:
    renamed = {"name": "威海润瑞通地毯有限公司", "credit_code": A, "former_name": "威海瑞通地毯有限公司"}
    bearer = {**REGISTER, "name": "威海瑞通地毯有限公司", "credit_code": B}
    found = clusters(untrained, renamed, bearer, {"name": "威海瑞通地毯有限公司"})
    assert found[0] != found[1]
    assert found[2] != found[0]


def test_trap_22_one_name_with_two_codes_is_two(untrained: OrganisationModel) -> None:
    same = {"name": "威海海星食品有限公司"}
    assert clusters(untrained, {**same, "credit_code": A}, {**same, "credit_code": B}) == [1, 2]


def test_trap_22_the_fifteen_digits_of_before_2015(untrained: OrganisationModel) -> None:
    number = "371002200012345"
    entry = {**REGISTER, "name": "威海海星食品有限公司", "credit_code": A, "registration_no": number}
    assert clusters(untrained, entry, {"name": "海星公司", "registration_no": number}) == [1, 1]


def test_trap_23_thousands_of_records_of_a_dispatch_firm_are_one(untrained: OrganisationModel) -> None:
    """Every one of its workers' rows may hold another slip of the key: each is a record of its own."""
    firm = {"name": "威海众诚劳务派遣有限公司"}
    slips = [A[:i] + c + A[i + 1 :] for i in range(8, 17) for c in "0123456789" if c != A[i]]
    rows = [{**firm, "credit_code": A}, firm, *({**firm, "damaged_code": slip} for slip in slips)]
    others = [{"name": f"威海{first}{second}劳务派遣有限公司"} for first in "海众诚" for second in "星月山"]
    found = clusters(untrained, *rows, *others)
    assert found[: len(rows)] == [1] * len(rows)
    assert found[len(rows) :] == [len(rows) + 1 + place for place in range(len(others))]


def test_a_namesake_pair_is_not_bridged_by_a_record_without_code() -> None:
    """文登美泰 of two counties: what bears the name alone may be either's, and joins nobody."""
    firm = {"name": "文登美泰汽车销售有限公司"}
    rows = [
        {**firm, "credit_code": A, "region": "371083"},
        {**firm, "credit_code": B, "region": "371003"},
        firm,
    ]
    assert clusters(train_organisations(table(rows)), *rows) == [1, 2, 3]


def test_a_namesake_that_the_model_never_saw_is_not_bridged_either(untrained: OrganisationModel) -> None:
    firm = {"name": "威海美泰汽车销售有限公司"}
    assert clusters(untrained, {**firm, "credit_code": A}, {**firm, "credit_code": B}, firm) == [1, 2, 3]


def test_an_organisation_code_inside_a_credit_code(untrained: OrganisationModel) -> None:
    assert clusters(untrained, {"credit_code": A}, {"organisation_code": A[8:17]}) == [1, 1]


@pytest.mark.parametrize(
    "other",
    [
        "威海海润渔具有限责任公司",
        "海润渔具有限公司",
        "威海海润渔具",
        "山东省威海市海润渔具有限公司",
        "威海海润渔具(有限公司)",
    ],
)
def test_wordings_of_one_name(other: str, untrained: OrganisationModel) -> None:
    coded = {**REGISTER, "name": "威海海润渔具有限公司", "credit_code": A, "region": "371002"}
    assert clusters(untrained, coded, {"name": other}) == [1, 1]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("威海仁和大药房第3药店", "威海仁和大药房第4药店"),
        ("环翠区第一中学", "环翠区第二中学"),
        ("荣成宏达渔具有限公司", "乳山宏达渔具有限公司"),
        ("威海海润渔具有限公司", "威海东泰水产有限公司"),
    ],
)
def test_names_that_look_alike_and_are_two(one: str, other: str, untrained: OrganisationModel) -> None:
    assert clusters(untrained, {"name": one, "credit_code": A}, {"name": other}) == [1, 2]


def test_the_numeral_of_a_name_in_digits(untrained: OrganisationModel) -> None:
    shop = {"name": "威海仁和大药房第三药店", "credit_code": A}
    assert clusters(untrained, shop, {"name": "威海仁和大药房第3药店"}) == [1, 1]


def test_two_entries_of_the_register_without_a_number_in_common_are_two(untrained: OrganisationModel) -> None:
    """A shop whose code is missing there, and its namesake of the next street, whose the row with the code is."""
    shop = {"name": "文登区益源手机店", "region": "371003"}
    coded = {**shop, **REGISTER, "credit_code": A, "address": "32号"}
    other = {**shop, **REGISTER, "registration_no": "371003239039464", "address": "395号"}
    assert clusters(untrained, coded, {**shop, "credit_code": A}, other) == [1, 1, 3]


def test_an_entry_of_the_register_without_any_number_meets_the_firm_that_was_renamed(
    untrained: OrganisationModel,
) -> None:
    """Its former entry has the code, its new one lost it; others bear the new name with the code."""
    place = {"region": "371002", "address": "316号", "phone": "13526948006"}
    now = {"name": "环翠新区众石建材店", "region": "371002"}
    before = {"name": "环翠区众石建材店", "credit_code": A, **place}
    others = [{**now, "credit_code": A}, {**now, "credit_code": A, "former_name": before["name"]}]
    lost = {**now, **place, **REGISTER}
    assert clusters(untrained, {**before, **REGISTER}, *others, lost) == [1, 1, 1, 1]


def test_a_facility_comes_together_by_its_code_and_meets_the_register_by_name(
    untrained: OrganisationModel,
) -> None:
    rows = [
        {**REGISTER, "name": "石寨镇康德诊所", "region": "371083", "credit_code": A, "address": "209号"},
        {
            "feed": "J05",
            "role": "facility",
            "name": "乳山市石寨镇康德诊所",
            "source_key": "facility_code:H37100061984",
        },
        {"feed": "W28", "role": "facility", "name": "康德诊所", "source_key": "facility_code:H37100061984"},
    ]
    assert clusters(untrained, *rows) == [1, 1, 1]


def test_no_records_and_records_that_say_nothing(untrained: OrganisationModel) -> None:
    assert clusters(untrained) == []
    assert clusters(untrained, {}, {}) == [1, 2]
    assert link_organisations(table([{}]), untrained).members.schema == MEMBERS_SCHEMA


def test_a_missing_column_is_named(untrained: OrganisationModel) -> None:
    with pytest.raises(LinkageError, match="credit_code"):
        link_organisations(pa.table({"record_key": pa.array([1], pa.int64())}), untrained)


def _judged(decision: str, left: int, right: int) -> Any:
    return SimpleNamespace(decision=decision, record_key_l=left, record_key_r=right)


def test_judgements_are_obeyed(untrained: OrganisationModel) -> None:
    rows = table([{"name": "甲乙商贸", "credit_code": A}, {"name": "丙丁商贸", "credit_code": B}])
    same = link_organisations(rows, untrained, [_judged("same", 1, 2)]).members
    assert same["cluster"].to_pylist() == [1, 1]
    assert same["link_probability"].to_pylist() == [1.0, 1.0]
    one = table([{"name": "甲乙商贸", "credit_code": A}, {"name": "甲乙商贸", "credit_code": A}])
    parted = link_organisations(one, untrained, [_judged("different", 1, 2)]).members
    assert parted["cluster"].to_pylist() == [1, 2]
    with pytest.raises(LinkageError, match="1 and 2"):
        link_organisations(rows, untrained, [_judged("same", 1, 2), _judged("different", 1, 2)])


_NAMES = [
    None,
    "威海海润渔具有限公司",
    "海润渔具",
    "荣成海润渔具有限公司",
    "仁和大药房第3药店",
    "仁和大药房第4药店",
]
_ROWS = st.fixed_dictionaries(
    {
        "feed": st.sampled_from(["W08", "W29", "J05"]),
        "name": st.sampled_from(_NAMES),
        "credit_code": st.sampled_from([None, None, A, B, C]),
        "damaged_code": st.sampled_from([None, None, A[:9] + "0" + A[10:]]),
        "registration_no": st.sampled_from([None, None, "371002200012345"]),
        "source_key": st.sampled_from([None, None, "facility_code:H1", "facility_code:H2"]),
        "region": st.sampled_from([None, "371002", "371082"]),
        "phone": st.sampled_from([None, "13300000001"]),
    }
)


@given(st.lists(_ROWS, max_size=9), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_the_order_of_records_does_not_matter(
    untrained: OrganisationModel, rows: list[Row], random: Any
) -> None:
    records = table(rows)
    found = link_organisations(records, untrained)
    members = found.members
    order = pa.array(random.sample(range(len(rows)), len(rows)), pa.int64())
    other = link_organisations(records.take(order), untrained)
    assert (other.members, other.ambiguous) == (members, found.ambiguous)
    trained = train_organisations(records)
    assert train_organisations(records.take(order)).version == trained.version
    again = link_organisations(records.take(order), trained)
    assert again.members == link_organisations(records, trained).members
    assert again.report["clusters"] == len(set(again.members["cluster"].to_pylist()))


@given(st.lists(_ROWS, max_size=9))
@settings(max_examples=40, deadline=None)
def test_every_cluster_hangs_together_by_its_links(untrained: OrganisationModel, rows: list[Row]) -> None:
    members = link_organisations(table(rows), untrained).members.to_pylist()
    graph = nx.Graph()
    graph.add_nodes_from(m["record_key"] for m in members)
    graph.add_edges_from((m["record_key"], m["parent_record_key"]) for m in members if m["parent_record_key"])
    assert {m["record_key"]: m["cluster"] for m in members} == {
        key: min(part) for part in nx.connected_components(graph) for key in part
    }


def _by_equal_codes(rows: list[Row]) -> list[int]:
    """The linker of before, slow and obvious: a code in common is one; else the only organisation of that name."""
    graph = nx.Graph()
    graph.add_nodes_from(range(len(rows)))
    codes = ("credit_code", "registration_no", "source_key")
    for i, a in enumerate(rows):
        graph.add_edges_from(
            (i, j) for j, b in enumerate(rows) if any(a.get(c) and a.get(c) == b.get(c) for c in codes)
        )
    coded = [
        part for part in nx.connected_components(graph) if any(rows[i].get(c) for i in part for c in codes)
    ]
    for i, row in enumerate(rows):
        if not any(row.get(c) for c in codes):
            of_name = [part for part in coded if any(rows[j]["name"] == row["name"] for j in part)]
            if len(of_name) == 1:
                graph.add_edge(i, min(of_name[0]))
    smallest = {i: min(part) + 1 for part in nx.connected_components(graph) for i in part}
    return [smallest[i] for i in range(len(rows))]


# Each description once: rows that say the same are one record. Twice the other name of a firm would outweigh its own.
@given(st.lists(st.tuples(st.integers(0, 11), st.integers(0, 5)), max_size=24, unique=True))
@settings(max_examples=40, deadline=None)
def test_where_codes_are_clean_it_is_as_the_linker_by_equal_codes(
    untrained: OrganisationModel, drawn: list[tuple[int, int]]
) -> None:
    """Twelve firms of names that have nothing in common, as six sources write them, all codes right."""
    trades = ["渔具", "水产", "建材", "服装", "餐饮", "物流", "印刷", "机电", "园林", "家具", "食品", "茶叶"]
    brands = ["海润", "东泰", "宏业", "锦绣", "福满", "顺达", "文汇", "精工", "绿源", "雅居", "味美", "清香"]
    rows: list[Row] = []
    for firm, source in drawn:
        name, code = f"威海{brands[firm]}{trades[firm]}有限公司", credit_code(10_000_000 + 7_919 * firm)
        key, number = f"pension_employer_no:{firm:010d}", f"3710022000{firm:05d}"
        row: Row = {"name": name, "credit_code": code}
        rows.append(
            [
                {**row, **REGISTER, "registration_no": number},
                row,
                {**row, "source_key": key},
                {**row, "name": f"乳山{name[2:4]}新材料有限公司"},
                {**row, "source_key": key, "region": "371082"},
                {"name": name},
            ][source]
        )
    with_code = {row["name"] for row in rows if row.get("credit_code")}
    rows = [row for row in rows if row["name"] in with_code]
    assert clusters(untrained, *rows) == _by_equal_codes(rows)


def test_thirty_firms_are_enough_to_train_on() -> None:
    """Every firm stands in the register, the pension fund and the insured population, which lost a third of codes."""
    rows: list[Row] = []
    for firm in range(30):
        first, second = divmod(firm, 6)
        name = (
            f"威海{'海东宏锦福'[first]}{'润泰业绣满顺'[second]}{'渔具水产建材'[2 * (firm % 3) :][:2]}有限公司"
        )
        code = credit_code(20_000_000 + 104_729 * firm)
        rows += [
            {**REGISTER, "name": name, "credit_code": code, "region": "371002", "address": f"{firm}号"},
            {"feed": "W11", "name": name, "credit_code": code, "source_key": f"pension_employer_no:{firm}"},
            {
                "name": name.removeprefix("威海") if firm % 2 else name,
                "credit_code": None if firm % 3 == 0 else code,
            },
        ]
    expected = [3 * (place // 3) + 1 for place in range(len(rows))]
    model = train_organisations(table(rows))
    assert clusters(model, *rows) == expected
    assert np.isclose(model.shares.sum(), 1.0)


def test_a_pair_is_compared_alike_from_either_side(untrained: OrganisationModel) -> None:
    rows = [{"name": name, "credit_code": code} for name in _NAMES for code in (None, A)]
    for one, other in permutations(rows, 2):
        assert len(set(clusters(untrained, one, other))) == len(set(clusters(untrained, other, one)))


def test_the_schema_is_what_standardisation_makes() -> None:
    assert table([{}]).schema == ORGANISATION_RECORD_SCHEMA
