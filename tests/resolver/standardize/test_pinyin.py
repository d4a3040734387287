import pytest

from resolver.standardize import pinyin


@pytest.mark.parametrize(
    ("surname", "own", "dictionary"),
    [
        ("单", "shan", "dan"),
        ("仇", "qiu", "chou"),
        ("解", "xie", "jie"),
        ("曾", "zeng", "ceng"),
        ("查", "zha", "cha"),
        ("区", "ou", "qu"),
        ("盖", "ge", "gai"),
        ("翟", "zhai", "di"),
        ("缪", "miao", "mou"),
        ("朴", "piao", "pu"),
        ("员", "yun", "yuan"),
        ("乐", "yue", "le"),
    ],
)
def test_surnames_that_dictionaries_read_wrongly(surname: str, own: str, dictionary: str) -> None:
    assert pinyin.surname_readings(surname)[0] == own
    assert dictionary in pinyin.surname_readings(surname)


def test_the_table_is_large_and_its_readings_are_syllables() -> None:
    assert len(pinyin.SURNAMES) >= 70
    for surname, readings in pinyin.SURNAMES.items():
        for reading in readings:
            assert len(reading.split()) == len(surname)
            assert all(s in pinyin.syllables() or s in "ae" for s in reading.split()), surname


def test_to_pinyin() -> None:
    assert pinyin.to_pinyin("王", "芳") == "wang fang"
    assert pinyin.to_pinyin("尉迟", "恭") == "yu chi gong"
    assert pinyin.to_pinyin("吕", "?") == "lv ?"
    assert pinyin.to_pinyin("", "买买提") == "mai mai ti"


def test_readings_are_all_of_the_surname() -> None:
    assert pinyin.readings("单", "雄信") == ("shan xiong xin", "dan xiong xin")
    assert pinyin.readings("", "芳") == ("fang",)
