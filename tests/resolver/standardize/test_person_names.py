import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.standardize import names


def name_of(text: str) -> str | None:
    return names.normalize(text)


@pytest.mark.parametrize("dot", ["·", "•", "・", "‧", "●", ".", "．", "﹒", " · ", "··"])
def test_trap_18_every_dot_is_one_dot(dot: str) -> None:
    assert name_of(f"阿卜杜拉{dot}买买提") == "阿卜杜拉·买买提"


def test_trap_18_a_space_between_long_parts_was_a_dot() -> None:
    assert name_of("阿卜杜拉 买买提") == "阿卜杜拉·买买提"
    assert name_of("欧阳 小明") == "欧阳小明"
    assert name_of("司马 相如意") == "司马相如意"
    assert name_of("王  芳") == "王芳"


def test_trap_18_ethnic_names_have_no_surname() -> None:
    for text in ("阿卜杜拉·买买提", "阿卜杜拉买买提"):
        found = names.parse(text)
        assert found is not None
        assert (found.surname, found.given) == (None, None)
        assert found.pinyin == "a bo du la mai mai ti"


@pytest.mark.parametrize(
    "text", ["张?", "张？", "张□", "张*", "张■", "张YING", "张 ying", "张(莹加王旁)", "张锟斤拷", "张\ue9ff"]
)
def test_trap_17_a_character_that_could_not_be_written_is_a_wildcard(text: str) -> None:
    found = names.parse(text)
    assert found is not None
    assert (found.name, found.surname, found.given) == ("张?", "张", "?")
    assert found.pinyin == ("zhang ying" if "ying" in text.lower() else "zhang ?")


@pytest.mark.parametrize(
    "text", ["王芳(大)", "王芳（小）", "王芳2", "王芳 1", "王芳A", "王\u200b芳", "王芳。", "【王芳】王芳"]
)
def test_what_departments_add_goes(text: str) -> None:
    assert name_of(text) == "王芳"


@pytest.mark.parametrize(
    ("text", "name", "pinyin"),
    [
        ("Smith, John", "SMITH JOHN", "smith john"),
        ("ＪＯＨＮ　Smith", "JOHN SMITH", "john smith"),
        ("J. Smith", "J SMITH", "j smith"),
        ("José García-López", "JOSE GARCIA LOPEZ", "jose garcia lopez"),
    ],
)
def test_latin_names(text: str, name: str, pinyin: str) -> None:
    assert names.parse(text) == names.PersonName(name, None, None, pinyin)


@pytest.mark.parametrize(
    ("text", "surname", "given"),
    [
        ("王芳", "王", "芳"),
        ("欧阳修", "欧阳", "修"),
        ("欧阳", "欧", "阳"),
        ("张李氏", "张", "李氏"),
        ("诸葛孔明", "诸葛", "孔明"),
        ("?芳", None, None),
        ("芳", None, None),
    ],
)
def test_surname_and_given_name(text: str, surname: str | None, given: str | None) -> None:
    found = names.parse(text)
    assert found is not None
    assert (found.surname, found.given) == (surname, given)


@pytest.mark.parametrize("text", ["王芳之子", "王芳之女双", "王芳之女大"])
def test_trap_12_a_newborns_stand_in_is_nobodys_surname(text: str) -> None:
    found = names.parse(text)
    assert found is not None
    assert found.surname is None
    assert names.is_newborn_placeholder(found.name)


@pytest.mark.parametrize(
    "text",
    ["", " ", "无名氏", "不详", "无", "/", "—", "??", "□□", "锟斤拷", "11010519491231002X", "null", "·"],
)
def test_nobody(text: str) -> None:
    assert names.parse(text) is None


def test_trap_40_a_name_in_utf8_read_as_gbk_is_read_again() -> None:
    for meant, name in (("李强", "李强"), ("李东鹏", "李东?")):
        seen = meant.encode().decode("gbk", "replace").replace("\ufffd", "?")
        assert name_of(seen) == name


def test_rare_characters_stay() -> None:
    for character in "㼆䶮㛃𬭩":
        assert name_of(f"王{character}") == f"王{character}"


def test_variants_stay_apart() -> None:
    assert name_of("王昇") != name_of("王升")


def test_heteronym_surnames_have_several_readings() -> None:
    assert names.readings("曾国藩") == ("zeng guo fan", "ceng guo fan")
    assert names.readings("王芳") == ("wang fang",)
    assert names.readings("无名氏") == ()


anything = st.one_of(
    st.text(max_size=12),
    st.text("王芳欧阳买提之子女双大锟斤拷?□*·.• ABYING()（）12加旁", max_size=12),
)


@settings(deadline=None)
@given(anything)
def test_normalizing_twice_changes_nothing(text: str) -> None:
    once = names.normalize(text)
    assert once is None or names.normalize(once) == once


@settings(deadline=None)
@given(anything)
def test_the_sound_has_a_syllable_per_character(text: str) -> None:
    found = names.parse(text)
    if (
        found
        and any(c >= "\u3400" for c in found.name)
        and not any(c.isascii() and c.isalpha() for c in found.name)
    ):
        assert len(found.pinyin.split(" ")) == len(found.name.replace("·", ""))


@settings(deadline=None)
@given(st.lists(st.none() | anything, max_size=10), st.booleans())
def test_a_column_as_one_by_one(texts: list[str | None], encoded: bool) -> None:
    column = pa.array(texts, pa.string())
    column = column.dictionary_encode() if encoded else column
    one_by_one = [names.parse(text) if text is not None else None for text in texts]
    assert [
        None if row is None or row["name"] is None else names.PersonName(**row)
        for row in names.parse_column(column).to_pylist()
    ] == one_by_one
    assert names.normalize_column(column).to_pylist() == [one.name if one else None for one in one_by_one]
