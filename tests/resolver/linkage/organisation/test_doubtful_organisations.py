"""Organisations of which nothing decides whose a record is: flagged, not joined in silence."""

import numpy as np
import pytest

from resolver.linkage.organisation.columns import encode
from resolver.linkage.organisation.comparison import CORE_SHARED, NAME_SHARED
from resolver.linkage.organisation.engine import link_organisations
from resolver.linkage.organisation.levels import Comparison, CreditCode
from resolver.linkage.organisation.model import OrganisationModel
from resolver.linkage.organisation.settings import organisation_settings
from resolver.linkage.organisation.sharing import count_sharing
from resolver.linkage.organisation.trainer import train_organisations
from resolver.linkage.scoring import Scorer

from .conftest import REGISTER, A, B, C, Row, clusters, table

_PLACE = {"region": "371002"}
_TRAP_22_IN_CITIES: dict[str, tuple[list[Row], Row]] = {
    "its firm was renamed, and the name it had is now another one's": (
        [
            {**REGISTER, **_PLACE, "name": "威海昌美化工", "credit_code": A, "address": "44号"},
            {"name": "威海昌美化工有限公司", "credit_code": A},
            {
                **REGISTER,
                "region": "371003",
                "name": "威海新昌美化工有限公司",
                "credit_code": B,
                "address": "32号",
            },
            {
                "feed": "W10",
                "name": "新昌美化工有限公司",
                "former_name": "威海昌美化工有限公司",
                "credit_code": B,
            },
        ],
        {"feed": "W11", "name": "威海昌美化工有限公司"},
    ),
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


def test_a_former_name_is_shared_with_whoever_bears_it_now() -> None:
    """兴石手机店 is a former name that nobody bears now; its own records under it do not make it a shared one."""
    renamed = {
        "feed": "W10",
        "name": "威海新昌美化工有限公司",
        "former_name": "威海昌美化工有限公司",
        "credit_code": B,
    }
    one = {"feed": "W10", "name": "环翠区兴达手机店", "former_name": "环翠区兴石手机店", "credit_code": C}
    others = [
        {"name": "威海昌美化工有限责任公司", "credit_code": A},
        {"name": "环翠区兴石手机店", "credit_code": C},
    ]
    by_name = {"name": "威海昌美化工有限公司"}
    columns = encode(table([renamed, one, *others, by_name]))
    shared = count_sharing(columns, organisation_settings().values).flags(columns)
    assert shared[:, NAME_SHARED].tolist() == [False, False, True, False, True]
