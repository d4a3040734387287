import pytest

from resolver.identifiers import county_codes
from resolver.standardize import regions


@pytest.mark.parametrize(
    ("text", "county", "rest"),
    [
        ("山东省威海市环翠区张村镇", "371002", "张村镇"),
        ("中国山东省威海市环翠区张村镇", "371002", "张村镇"),
        ("威海市文登市天福街道", "371003", "天福街道"),
        ("文登县", "371003", ""),
        ("文登市泽头镇", "371003", "泽头镇"),
        ("威海文登泽头镇", "371003", "泽头镇"),
        ("威海市环翠张村镇", "371002", "张村镇"),
        ("山东文登米山镇", "371003", "米山镇"),
        ("荣成县俚岛镇", "371082", "俚岛镇"),
        ("济宁市市中区阜桥街道", "370811", "阜桥街道"),
        ("济宁市邹县太平镇", "370883", "太平镇"),
        ("兖州市新兖镇", "370812", "新兖镇"),
        ("济宁地区兖州县", "370812", ""),
        ("威海市市辖区", None, ""),
        ("威海市张村镇", None, "张村镇"),
        ("市中区共青团路", None, "共青团路"),  # Jinan, Zaozhuang, Neijiang or Leshan
        ("北京市朝阳区建国路", "110105", "建国路"),
        ("上海浦东新区", "310115", ""),
        ("湖北省仙桃市", "429004", ""),
        ("重庆市渝中区", "500103", ""),
        ("新疆维吾尔自治区乌鲁木齐市天山区", "650102", ""),
        ("南京路12号", None, "南京路12号"),
        ("海南路", None, "海南路"),
        ("济宁市梁山街道", None, "梁山街道"),
        ("威海市环翠楼街道", None, "环翠楼街道"),
        ("威海火炬高新区怡园街道", "371002", "怡园街道"),
        ("威海高新区", "371002", ""),
        ("威海市经区", "371002", ""),
        ("环翠区高新区田和街道", "371002", "田和街道"),
        ("济宁市太白湖新区石桥镇", "370811", "石桥镇"),
        ("济宁经济技术开发区疃里镇", "370829", "疃里镇"),
        ("张村镇", None, "张村镇"),
        ("", None, ""),
    ],
)  # fmt: skip
def test_find(text: str, county: str | None, rest: str) -> None:
    found = regions.find(text)
    assert (found.county, text[found.end :]) == (county, rest)


def test_every_county_of_today_is_found_by_its_full_name() -> None:
    wrong = {}
    for code in county_codes.history():
        name = county_codes.full_name(code) or ""
        if (
            county_codes.exists(code)
            and county_codes.is_current(code)
            and not name.endswith(("市辖区", "直辖县级行政单位"))
        ):
            found = regions.find(name)
            if found.county not in (None, county_codes.today(code)):
                wrong[name] = (code, found)
    assert wrong == {}


def test_firms_use_a_citys_short_name_alone() -> None:
    assert regions.find("威海海润渔具", short=True).end == len("威海")
    assert regions.find("威海海润渔具").end == 0
    assert regions.find("朝阳超市", short=True).end == 0
    assert regions.find("中国银行", short=True).end == 0


def test_county_of_town() -> None:
    assert regions.county_of_town("3710", "张村镇") == "371002"
    assert regions.county_of_town("3710", "天福街道") == "371003"
    assert regions.county_of_town("3710", "虚构镇") is None
    assert regions.county_of_town("3708", "张村镇") is None


def test_listed_towns_are_of_counties_of_today() -> None:
    for county, towns in regions._towns().items():
        assert county_codes.is_current(county)
        assert towns


@pytest.mark.parametrize(
    ("code", "county"),
    [
        ("371081", "371003"),
        ("371002", "371002"),
        ("371071", "371002"),
        ("371002001000", "371002"),
        ("371000", None),
        ("", None),
        ("环翠区", None),
        ("999999", None),
    ],
)
def test_trap_32_codes_of_a_region_column(code: str, county: str | None) -> None:
    assert regions.today(code) == county
