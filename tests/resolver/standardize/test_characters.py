import pytest
from hypothesis import given
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


@given(st.text())
def test_cleaning_twice_changes_nothing(text: str) -> None:
    once = characters.clean(text)
    assert characters.clean(once) == once
