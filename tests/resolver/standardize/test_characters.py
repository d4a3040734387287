import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.standardize import characters


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("ＡＢＣ１２３", "ABC123"),
        ("王\u200b芳\ufeff", "王芳"),
        ("  王 \t\n 芳　", "王 芳"),
        ("㈱", "(株)"),
        ("\uf9fd", "什"),  # a compatibility form
        ("e\u0301", "é"),
    ],
)
def test_clean(text: str, cleaned: str) -> None:
    assert characters.clean(text) == cleaned


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("FE59", "\u9fb4"),
        ("FE61", "\u9fb5"),
        ("FEA0", "\u9fbb"),
        ("FE51", "\U00020087"),
        ("FE91", "\U000241fe"),
    ],
)
def test_trap_40_what_the_codec_of_2000_misplaces_comes_back(written: str, meant: str) -> None:
    decoded = bytes.fromhex(written).decode("gb18030")
    assert 0xE000 <= ord(decoded) <= 0xF8FF
    assert characters.clean(decoded) == meant


def test_private_characters_that_mean_nothing_are_seen_and_marked() -> None:
    assert characters.has_private_use("王\ue9ff")
    assert not characters.has_private_use("王\ue81e")
    assert characters.mark_unreadable("王\ue9ff") == "王?"


def test_trap_40_wrong_encodings_are_seen() -> None:
    wrong = "王".encode("gbk").decode("utf-8", "replace").encode().decode("gbk", "replace")
    assert characters.is_misdecoded(wrong)
    assert characters.is_misdecoded("王锟斤拷")
    assert not characters.is_misdecoded("李锟")
    assert characters.mark_unreadable("王锟斤拷锟斤拷") == "王?"


@pytest.mark.parametrize(
    ("meant", "repaired"),
    [
        ("王芳", "王芳"),
        ("李强", "李强"),
        ("李东鹏", "李东?"),
        ("欧阳修远", "欧阳??"),
        ("威海市12号", "威海?12?"),
    ],
)
def test_trap_40_utf8_read_as_gbk_is_put_right_as_far_as_it_goes(meant: str, repaired: str) -> None:
    seen = meant.encode().decode("gbk", "replace").replace("\ufffd", "?")
    assert seen != meant
    assert characters.repair(seen) == repaired
    assert characters.clean(seen) == repaired


@settings(deadline=None)
@given(st.text("王芳李强刘娜伟秀英敏静丽婷雯嫣缪娅骞妍姝琪瑶12?·", max_size=6))
def test_what_was_meant_is_not_repaired(text: str) -> None:
    assert characters.repair(text) == text


@settings(deadline=None)
@given(st.text())
def test_cleaning_twice_changes_nothing(text: str) -> None:
    once = characters.clean(text)
    assert characters.clean(once) == once
