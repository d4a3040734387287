import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.identifiers import county_codes
from resolver.standardize import addresses
from resolver.standardize.addresses import Address


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("山东省威海市环翠区张村镇张村村123号", ("371002", "张村镇", "张村", "123号")),
        (
            "山东省威海市环翠区鲸园街道光明社区文化中路12号3单元502室",
            ("371002", "鲸园街道", "光明社区", "文化中路12-3-502"),
        ),
        ("威海市文登市天福街道办事处文山路10号", ("371003", "天福街道", None, "文山路10号")),
        ("威海市环翠张村镇王家庄村委会12#", ("371002", "张村镇", "王家庄村", "12号")),
        ("威海市环翠区张村镇王家庄村村委会12号", ("371002", "张村镇", "王家庄村", "12号")),
        ("环翠区文化西路180号", ("371002", None, None, "文化西路180号")),
        ("济宁市市中区阜桥街道海景苑三号楼二单元五〇一室", ("370811", "阜桥街道", None, "海景苑3-2-501")),
        ("兖州市新兖镇", ("370812", "新兖镇", None, None)),
        ("威海市张村镇", ("371002", "张村镇", None, None)),
        ("荣成县俚岛镇王家疃", ("371082", "俚岛镇", "王家疃村", None)),
        ("荣成市俚岛镇王家疃村12号", ("371082", "俚岛镇", "王家疃村", "12号")),
        ("山东省济宁市邹县太平镇平阳社区居委会", ("370883", "太平镇", "平阳社区", None)),
        ("大疃镇张家村十二号", (None, "大疃镇", "张家村", "12号")),
        ("石里街道张村社区长江社区3#楼2单元501室", (None, "石里街道", "张村社区", "长江社区3-2-501")),
        ("文登市泽头镇泽头村 12号 ", ("371003", "泽头镇", "泽头村", "12号")),
        ("文登市泽头镇人民政府", ("371003", "泽头镇", None, None)),
        ("乳山市乡镇企业局家属院3号", ("371083", None, None, "乡镇企业局家属院3号")),
        ("威海市环翠区古镇村5号", ("371002", None, "古镇村", "5号")),
        ("威海市环翠区新村路5号", ("371002", None, None, "新村路5号")),
        ("ＷＨ市", (None, None, None, "WH市")),
        ("无", (None, None, None, None)),
        ("", (None, None, None, None)),
    ],
)
def test_parse(text: str, expected: tuple[str | None, ...]) -> None:
    assert addresses.parse(text) == Address(*expected)


@pytest.mark.parametrize("county", ["环翠区", "环翠"])
@pytest.mark.parametrize(
    "village", ["王家庄村", "王家庄村委会", "王家庄村民委员会", "王家庄行政村", "王家庄"]
)
@pytest.mark.parametrize("door", ["12号", "12#", "十二号", " 12号", "12"])
def test_one_place_however_worded(county: str, village: str, door: str) -> None:
    text = f"山东省威海市{county}张村镇{village}{door}"
    if village == "王家庄" and door == "十二号":
        return  # without a kind and without a digit nothing shows where the village ends
    assert addresses.parse(text) == Address("371002", "张村镇", "王家庄村", "12号")


@pytest.mark.parametrize(
    ("once", "twice"),
    [
        ("山东省威海市环翠区张村镇王家庄村12号", "山东省省威海市市环翠区区张村镇镇王家庄村村12号号"),
        ("威海市环翠区张村镇石哥村", "威海市环翠区张村镇石哥村村"),
        ("威海市环翠区张村镇石哥村村委会", "威海市环翠区张村镇石哥村村"),
        ("威海市环翠区张村镇石哥村三组", "威海市环翠区张村镇石哥村三组组"),
        ("文登市泽头镇泽头村", "文登市市泽头镇镇泽头村村"),
        ("鲸园街道光明社区", "鲸园街道街道光明社区社区"),
        ("鲸园街道办事处光明社区居委会", "鲸园街道街道办事处光明社区居委会居委会"),
        ("张村镇人民政府", "张村镇镇政府"),
        ("某某乡王家村", "某某乡乡王家村"),
        ("海景苑3号楼2单元501室", "海景苑3号楼楼2单元单元501室室"),
    ],
)
def test_a_kind_written_twice_counts_once(once: str, twice: str) -> None:
    assert addresses.parse(twice) == addresses.parse(once)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("中山市古镇镇古一村5号", (None, "古镇镇", "古一村", "5号")),
        ("文安县新镇镇新镇村", ("131026", "新镇镇", "新镇村", None)),
        ("济宁市市中区阜桥街道", ("370811", "阜桥街道", None, None)),
        ("青岛市市北区敦化路5号", ("370203", None, None, "敦化路5号")),
        ("荣成市市中街道", ("371082", "市中街道", None, None)),
        ("威海市市中心花园3号", (None, None, None, "市中心花园3号")),
        ("环翠区区委家属院3号", ("371002", None, None, "区委家属院3号")),
        ("汶上县县城路5号", ("370830", None, None, "县城路5号")),
        ("村村通路5号", (None, None, None, "村村通路5号")),
        ("环翠区鼓楼楼上5号", ("371002", None, None, "鼓楼楼上5号")),
    ],
)
def test_a_name_that_looks_doubled_stays(text: str, expected: tuple[str | None, ...]) -> None:
    assert addresses.parse(text) == Address(*expected)


def test_old_and_new_names_of_a_county_agree() -> None:
    found = {
        addresses.parse(f"{name}泽头镇泽头村").region
        for name in ("文登县", "文登市", "文登区", "山东省烟台市文登县")
    }
    assert found == {"371003"}


PIECES = st.sampled_from(
    [
        "山东省",
        "威海市",
        "威海",
        "环翠区",
        "文登市",
        "济宁市",
        "市中区",
        "高新区",
        "张村镇",
        "鲸园街道",
        "办事处",
        "王家庄",
        "村",
        "村村",
        "社区",
        "居委会",
        "村委会",
        "文化路",
        "街",
        "12",
        "三",
        "十二",
        "号",
        "号楼",
        "单元",
        "501",
        "室",
        "#",
        "-",
        " ",
        "(租)",
        "小区",
        "A",
        "镇",
        "乡",
        "?",
        "，",
    ]
)
texts = st.lists(PIECES, max_size=9).map("".join) | st.text(max_size=10)


def write(address: Address) -> str:
    region = county_codes.full_name(address.region) if address.region else ""
    return "".join(part or "" for part in (region, address.town, address.village, address.address))


@settings(deadline=None)
@given(
    st.sampled_from(["山东省威海市环翠区", "文登市", "济宁市任城区", ""]),
    st.sampled_from(["张村镇", "鲸园街道", "鲸园街道办事处", "泊于镇", "古镇镇", "张村镇镇", "鲸园街道街道"]),
    st.sampled_from(["王家庄村", "王家庄村委会", "张村社区", "张村村", "光明居委会", "王家疃", ""]),
    st.sampled_from(["", "12号", "12", "海景苑3号楼2单元501室", "文化路十二号", "3#"]),
)
def test_an_address_written_out_and_read_again_stays(region: str, town: str, village: str, door: str) -> None:
    once = addresses.parse(region + town + village + door)
    assert addresses.parse(write(once)) == once


@settings(deadline=None)
@given(st.lists(st.none() | texts, max_size=10), st.booleans())
def test_a_column_as_one_by_one(cells: list[str | None], encoded: bool) -> None:
    column = pa.array(cells, pa.string())
    found = addresses.parse_column(column.dictionary_encode() if encoded else column).to_pylist()
    assert [Address(**row) for row in found] == [addresses.parse(text or "") for text in cells]


@settings(deadline=None)
@given(texts)
def test_the_parts_are_never_empty(text: str) -> None:
    found = addresses.parse(text)
    assert "" not in (found.region, found.town, found.village, found.address)
