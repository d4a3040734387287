import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.standardize import doors


@pytest.mark.parametrize(
    "text",
    [
        "3号楼2单元501室",
        "3号楼2单元501",
        "三号楼二单元五〇一室",
        "3#楼2单元501室",
        "3栋2单元501户",
        "3幢2单元501号",
        "3-2-501",
        "3－2－501室",
        "03号楼2单元501室",
        "3#2单元501",
    ],
)
def test_one_door_however_written(text: str) -> None:
    assert doors.normalize(text) == "3-2-501"


@pytest.mark.parametrize(
    ("text", "door"),
    [
        ("", None),
        ("12号", "12号"),
        ("12#", "12号"),
        ("十二号", "12号"),
        ("12", "12号"),
        ("一百二十三号", "123号"),
        ("一二三号", "123号"),
        ("二十号", "20号"),
        ("文化中路012号", "文化中路12号"),
        ("海景苑3号楼501室", "海景苑3-501"),
        ("海景苑3-2-501(租房)", "海景苑3-2-501"),
        ("三组5号", "3组5号"),
        ("一品苑3号楼2单元501室", "一品苑3-2-501"),
    ],
)
def test_doors(text: str, door: str | None) -> None:
    assert doors.normalize(text) == door


@settings(deadline=None)
@given(st.text("0123十二百〇号楼单元室#-栋座一A()路", max_size=14) | st.text(max_size=10))
def test_normalizing_twice_changes_nothing(text: str) -> None:
    once = doors.normalize(text)
    assert once is None or doors.normalize(once) == once
