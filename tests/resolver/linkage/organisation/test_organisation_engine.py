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
from resolver.linkage.organisation.columns import encode
from resolver.linkage.organisation.comparison import CORE_SHARED, NAME_SHARED
from resolver.linkage.organisation.engine import link_organisations
from resolver.linkage.organisation.levels import Comparison, CreditCode
from resolver.linkage.organisation.model import OrganisationModel
from resolver.linkage.organisation.settings import organisation_settings
from resolver.linkage.organisation.sharing import count_sharing
from resolver.linkage.organisation.trainer import train_organisations
from resolver.linkage.scoring import Scorer
from resolver.linkage.tables import MEMBERS_SCHEMA
from resolver.standardize.schema import ORGANISATION_RECORD_SCHEMA

from .conftest import Row, clusters, credit_code, table

A, B, C = (credit_code(serial) for serial in (12345678, 87654321, 55500055))
REGISTER: Row = {"feed": "W08", "role": "enterprise"}
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


_PLACE = {"region": "371002"}
_TRAP_22_IN_CITIES: dict[str, tuple[list[Row], Row]] = {
    "its firm is just no match, another one just is": (
        [
            {**REGISTER, **_PLACE, "name": "环翠区威腾海鲜店", "credit_code": A, "address": "33号"},
            {"name": "环翠区威腾海鲜店", "credit_code": A},
            {
                "feed": "W09",
                "name": "环翠区威腾海鲜店",
                "credit_code": B,
                "registration_no": "371002943977411",
            },
            {
                **REGISTER,
                **_PLACE,
                "name": "威腾海鲜店",
                "damaged_code": B[:11] + "4" + B[12:],
                "registration_no": "371002943977411",
                "address": "323号",
            },
        ],
        {"feed": "W11", "name": "环翠区威腾海鲜店"},
    ),
    "its firm is in another county than it says": (
        [
            {"name": "兴石手机店", "credit_code": A},
            {"feed": "W11", "name": "兴石手机店", "credit_code": A},
            {**REGISTER, "region": "371083", "name": "环翠区兴石手机店", "credit_code": A, "address": "75号"},
            {**REGISTER, **_PLACE, "name": "环翠区兴石手机店", "credit_code": B, "address": "112号"},
            {"feed": "W11", "name": "环翠区兴石手机店", "credit_code": B},
            {"name": "环翠区兴石手机店", "damaged_code": B[:15] + "2" + B[16:]},
        ],
        {"feed": "W09", "name": "环翠区兴石手机店"},
    ),
    "neither it nor one of two firms says where it is": (
        [
            {**REGISTER, **_PLACE, "name": "荣成市中通快餐店", "credit_code": A, "address": "126号"},
            {
                **REGISTER,
                "region": "371082",
                "name": "荣成市中通快餐店",
                "credit_code": B,
                "address": "262号",
            },
            {"name": "荣成市中通快餐店", "credit_code": B},
            {"feed": "W11", "name": "中通快餐店", "credit_code": B},
        ],
        {"feed": "W09", "name": "中通快餐店"},
    ),
    "one of two firms is known by its registration number alone": (
        [
            {"name": "远福海鲜店", "credit_code": A},
            {**REGISTER, "region": "371083", "name": "乳山市远福海鲜店", "credit_code": A, "address": "57号"},
            {
                **REGISTER,
                "region": "371082",
                "name": "乳山市远福海鲜店",
                "registration_no": "371082617369144",
                "address": "187号",
            },
            {
                "feed": "W09",
                "region": "371083",
                "name": "乳山市远福海鲜店",
                "registration_no": "371082617369144",
            },
        ],
        {"feed": "W11", "region": "371083", "name": "乳山市远福海鲜店"},
    ),
}


@pytest.mark.parametrize("case", _TRAP_22_IN_CITIES)
def test_trap_22_a_record_without_code_under_a_name_that_two_bear_is_flagged(case: str) -> None:
    firms, record = _TRAP_22_IN_CITIES[case]
    rows = table([*firms, record])
    found = link_organisations(rows, train_organisations(rows))
    assert found.members["cluster"].to_pylist()[-1] == len(firms) + 1
    flagged = found.ambiguous.to_pylist()
    assert len(firms) + 1 in flagged
    assert len(flagged) == found.report["ambiguous_records"] < 3


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 1, 0, 2), (2, 3, 1, 0)])
def test_two_entries_of_the_register_that_others_joined_are_flagged(
    order: tuple[int, ...], untrained: OrganisationModel
) -> None:
    """A namesake's entry lost its code: by its name it is the firm's, by its address and phone it is not."""
    shop = {"name": "环翠区远瑞洗衣店", **_PLACE}
    coded = {**shop, **REGISTER, "credit_code": A, "address": "79号", "phone": "13864024087"}
    lost = {**shop, **REGISTER, "address": "84号", "phone": "17875822571"}
    rows = [coded, lost, {**shop, "feed": "W11", "credit_code": A}, {**shop, "feed": "W09"}]
    rows = [{"record_key": place + 1, **rows[old]} for place, old in enumerate(order)]
    found = link_organisations(table(rows), untrained)
    together = len(set(found.members["cluster"].to_pylist())) == 1
    assert together
    assert {order.index(0) + 1, order.index(1) + 1} <= set(found.ambiguous.to_pylist())


def test_one_entry_of_the_register_told_twice_under_one_code_is_not_flagged(
    untrained: OrganisationModel,
) -> None:
    moved = {**REGISTER, "name": "环翠区远瑞洗衣店", "credit_code": A}
    found = link_organisations(table([{**moved, "address": "79号"}, {**moved, "address": "84号"}]), untrained)
    assert found.members["cluster"].to_pylist() == [1, 1]
    assert found.ambiguous.to_pylist() == []


def test_records_that_fit_two_firms_are_flagged_even_where_they_exclude_each_other() -> None:
    """Two firms of one name, two pension numbers without a code: each would do for either."""
    firm = {"name": "荣成中信船舶修造有限公司", "region": "371082"}
    pension = [{**firm, "feed": "W11", "source_key": f"pension_employer_no:{n}"} for n in (1, 2)]
    for of_one, of_other in ((2, 2), (2, 4), (4, 2)):
        feeds = ("W08", "W29", "W13", "W25")
        firms = [{**firm, "credit_code": A, "feed": feed} for feed in feeds[:of_one]]
        firms += [{**firm, "credit_code": B, "feed": feed} for feed in feeds[:of_other]]
        rows = table([*firms, *pension])
        found = link_organisations(rows, train_organisations(rows))
        clusters_of_firms = found.members["cluster"].to_pylist()[: len(firms)]
        assert clusters_of_firms == [1] * of_one + [of_one + 1] * of_other
        assert found.ambiguous.to_pylist() == [len(firms) + 1, len(firms) + 2]


@pytest.mark.parametrize("spoken_of", [True, False])
@pytest.mark.parametrize("number", [None, "371083517240226"])
def test_a_cancellation_by_name_alone_of_a_firm_that_others_speak_of_is_flagged(
    spoken_of: bool, number: str | None, untrained: OrganisationModel
) -> None:
    """The firm that was cancelled may be an earlier one of the name, cut short alike."""
    entry = {**REGISTER, "name": "乳山市永通农民", "region": "371083", "credit_code": A, "address": "145号"}
    entry["registration_no"] = "371083517240226"
    others = [{"feed": "W11", "name": "乳山市永通农民专业合作社", "credit_code": A}] * spoken_of
    gone = {"feed": "W09", "role": "enterprise", "name": entry["name"], "registration_no": number}
    rows = table([entry, *others, gone])
    found = link_organisations(rows, untrained)
    assert found.members["cluster"].to_pylist() == [1] * rows.num_rows
    assert found.ambiguous.to_pylist() == [rows.num_rows] * (spoken_of and number is None)


@pytest.mark.parametrize("feed", ["W09", "W29"])
def test_a_name_that_one_record_of_each_of_two_firms_bears_is_flagged_whatever_their_others_say(
    feed: str,
) -> None:
    """The one firm's entry leaves out the place and stands in another county: on the mean it is farther off."""
    shop = {"name": "乳山市泰邦蛋糕房", "region": "371083"}
    entry = {**REGISTER, "name": "泰邦蛋糕房", "region": "371003", "credit_code": A, "address": "370号"}
    other = [{**shop, **REGISTER, "credit_code": B, "address": "386号"}]
    other += [{**shop, "credit_code": B, "feed": "W11"}, {**shop, "credit_code": B}]
    rows = table([entry, {**shop, "credit_code": A, "feed": "W11"}, *other, {**shop, "feed": feed}])
    found = link_organisations(rows, train_organisations(rows))
    assert found.members["cluster"].to_pylist()[:5] == [1, 1, 3, 3, 3]
    assert found.ambiguous.to_pylist() == [6]


def test_a_damaged_code_that_is_no_slip_of_the_known_one_makes_the_name_a_shared_one() -> None:
    """Its firm is known by damaged codes alone; by the name it would have gone to the only one with a valid code."""
    shop = {"name": "荣成市昌腾洗衣店", "region": "371082"}
    coded = [{**shop, "credit_code": A, "feed": feed} for feed in ("W08", "W11", "W29")]
    other = {**shop, "feed": "W09", "damaged_code": B[:11] + "0" + B[12:]}
    slip = {**shop, "feed": "W13", "damaged_code": A[:11] + ("0" if A[11] != "0" else "1") + A[12:]}
    rows = table([*coded, other, slip])
    assert link_organisations(rows, train_organisations(rows)).members["cluster"].to_pylist() == [
        1,
        1,
        1,
        4,
        1,
    ]


def test_two_damaged_copies_of_one_code_differ_in_two_characters(untrained: OrganisationModel) -> None:
    one, other = A[:9] + "Z" + A[10:], A[:12] + "Z" + A[13:]
    rows = [{"name": "荣成市昌腾洗衣店", "damaged_code": code} for code in (one, other)]
    assert clusters(untrained, *rows) == [1, 1]
    columns = encode(table([*rows, {"name": "荣成市昌腾洗衣店", "damaged_code": B[:9] + "Z" + B[10:]}]))
    levels = (
        Scorer(3, untrained.comparison(columns), untrained.mixture)
        .score(np.array([0, 0], np.int32), np.array([1, 2], np.int32))
        .levels[:, Comparison.CREDIT_CODE]
    )
    assert levels.tolist() == [CreditCode.ONE_CHARACTER, CreditCode.DAMAGED_DIFFERENT]


def test_whoever_is_known_without_a_place_alone_may_bear_every_name_with_his_core() -> None:
    """诚腾 may be 荣成诚腾, so a record under that name is not surely the other's; 兴石 of two names is one firm's."""
    named = {"name": "荣成市诚腾农民专业合作社", "credit_code": A}
    nowhere = {"name": "诚腾农民专业合作社", "credit_code": B}
    both = [{"name": "环翠区兴石手机店", "credit_code": C}, {"name": "兴石手机店", "credit_code": C}]
    columns = encode(table([named, nowhere, *both]))
    shared = count_sharing(columns, organisation_settings().values).flags(columns)
    assert shared[:, NAME_SHARED].tolist() == [True, True, False, False]


def test_what_nearly_came_to_a_firm_is_flagged_and_what_surely_came_or_did_not_is_not(
    untrained: OrganisationModel,
) -> None:
    firm = {**REGISTER, **_PLACE, "name": "威海海润渔具有限公司", "credit_code": A, "phone": "13300000001"}
    sure, none = {"name": firm["name"], **_PLACE}, {"name": "威海蓝湾供应链管理有限公司", "credit_code": B}
    near = {"name": "荣成海润渔具有限公司", **_PLACE, "feed": "W11"}
    found = link_organisations(table([firm, sure, none, near]), untrained)
    assert found.members["cluster"].to_pylist() == [1, 1, 3, 4]
    assert found.ambiguous.to_pylist() == [4]


def test_a_name_without_place_is_shared_by_all_who_have_its_core() -> None:
    """Of two firms one writes its name without the place; that does not make the short name its own."""
    firms = [
        {**_PLACE, "name": "荣成市中通快餐店", "credit_code": A},
        {"name": "中通快餐店", "credit_code": B},
    ]
    columns = encode(table([*firms, {"name": "文登区中通快餐店"}, {"name": "兴石手机店"}]))
    shared = count_sharing(columns, organisation_settings().values).flags(columns)
    assert shared[:, NAME_SHARED].tolist() == [True, True, False, False]
    assert shared[:, CORE_SHARED].tolist() == [True, True, True, False]


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
