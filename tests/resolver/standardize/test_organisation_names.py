import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.standardize import organisations


@pytest.mark.parametrize(
    "text",
    [
        "山东省威海市环翠区海润渔具有限公司",
        "威海市环翠区海润渔具有限责任公司",
        "威海海润渔具有限公司",
        "海润渔具",
        "环翠区海润渔具（集团）有限公司",
        "海润渔具股份有限公司",
    ],
)
def test_rewordings_of_a_firm_share_their_core(text: str) -> None:
    found = organisations.parse(text)
    assert found is not None
    assert found.core == "海润渔具"


@pytest.mark.parametrize(
    ("text", "core", "region"),
    [
        ("荣成市俚岛水产股份有限公司", "俚岛水产", "371082"),
        ("文登市于家五金店", "于家五金店", "371003"),
        ("济宁众诚劳务派遣有限公司", "众诚劳务派遣", None),
        ("乳山新凯酒店管理有限公司", "新凯酒店管理", "371083"),
        ("乳山路小卖部", "乳山路小卖部", None),
        ("嘉祥超市", "嘉祥超市", None),
        ("朝阳超市", "朝阳超市", None),
        ("威海市立医院", "威海市立医院", None),
        ("环翠区张三小吃店(个体工商户)", "张三小吃店", "371002"),
        ("海润渔具有限公司文登分公司", "海润渔具有限公司文登分公司", None),
        ("威海市", "威海市", None),
    ],
)
def test_core_and_region(text: str, core: str, region: str | None) -> None:
    found = organisations.parse(text)
    assert found is not None
    assert (found.core, found.region) == (core, region)


def test_trap_22_other_names_have_other_cores() -> None:
    cores = [organisations.parse(text) for text in ("海润渔具有限公司", "海顺渔具有限公司")]
    assert [found.core for found in cores if found] == ["海润渔具", "海顺渔具"]


def test_the_comparison_form_unites_width_and_brackets() -> None:
    assert organisations.normalize("海润（威海） 渔具 有限公司") == organisations.normalize(
        "海润(威海)渔具有限公司"
    )


@pytest.mark.parametrize("text", ["", "无", "无业", "灵活就业人员", "个体", "-", "123", "退休"])
def test_no_organisation(text: str) -> None:
    assert organisations.parse(text) is None


texts = st.text(max_size=12) | st.text("山东威海市环翠区公司有限责任(个体)（）A1?店", max_size=14)


@settings(deadline=None)
@given(texts)
def test_normalizing_twice_changes_nothing(text: str) -> None:
    once = organisations.normalize(text)
    assert once is None or organisations.normalize(once) == once


@settings(deadline=None)
@given(texts)
def test_the_core_of_a_core_is_itself_or_shorter(text: str) -> None:
    found = organisations.parse(text)
    if found is not None:
        again = organisations.parse(found.core)
        assert again is None or len(again.core) <= len(found.core)


@settings(deadline=None)
@given(st.lists(st.none() | texts, max_size=8))
def test_a_column_as_one_by_one(cells: list[str | None]) -> None:
    found = [
        row or {"name": None, "core": None, "region": None}
        for row in organisations.parse_column(pa.array(cells, pa.string())).to_pylist()
    ]
    expected = [organisations.parse(text) if text is not None else None for text in cells]
    assert [(row["name"], row["core"], row["region"]) for row in found] == [
        (one.name, one.core, one.region) if one else (None, None, None) for one in expected
    ]
    assert organisations.normalize_column(pa.array(cells, pa.string())).to_pylist() == [
        one.name if one else None for one in expected
    ]
