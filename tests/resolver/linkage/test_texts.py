import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from resolver.linkage.characters import folding
from resolver.linkage.hashing import hash_texts, text_buffers
from resolver.linkage.texts import (
    count_different_digits,
    digit,
    name_forms,
    pack_digits,
    schemes,
    sounds,
)

DIGITS = st.text("0123456789", min_size=1, max_size=32)


def forms(*names: str | None) -> tuple[list[int], list[int], list[int]]:
    found = name_forms(*text_buffers(pa.array(names, pa.string())), folding())
    return found.folded.tolist(), found.letters.tolist(), found.child_of.tolist()


@given(st.text(max_size=12))
def test_decoding_gives_the_characters(text: str) -> None:
    identity = np.arange(0x110000, dtype=np.uint32)
    identity[0] = 1
    found = name_forms(*text_buffers(pa.array([text])), identity)
    assert found.chars.tolist() == [ord(c) or 1 for c in text]
    assert found.starts.tolist() == [0, len(text)]


def test_folding_unites_variants_and_dots_but_not_other_names() -> None:
    folded, _, _ = forms("鍾偉", "钟伟", "阿依·古丽", "阿依古丽", "王伟", None)
    assert folded[0] == folded[1]
    assert folded[2] == folded[3]
    assert len({folded[0], folded[2], folded[4]}) == 3
    assert folded[5] == 0


def test_letters_do_not_depend_on_the_order() -> None:
    _, letters, _ = forms("王小明", "王明小", "王明明")
    assert letters[0] == letters[1] != letters[2]


def test_a_newborn_called_after_its_mother() -> None:
    _, _, child_of = forms("王芳之子", "欧阳小芳之女双", "王之子", "王芳之", "王芳")
    parents = hash_texts(pa.array(["王芳", "欧阳小芳"])).tolist()
    assert child_of == [*parents, 0, 0, 0]


def test_sounds_that_many_do_not_tell_apart_are_one() -> None:
    found = sounds(*text_buffers(pa.array(["zhang ying", "zang yin", "zhang yang", "zhangying", None])))
    assert found[0] == found[1] == found[3] != found[2]
    assert found[4] == 0


@given(st.lists(DIGITS, min_size=1, max_size=5))
def test_packed_digits_unpack(texts: list[str]) -> None:
    packed, lengths = pack_digits(*text_buffers(pa.array(texts)))
    for text, (first, second), length in zip(texts, packed, lengths, strict=True):
        assert length == len(text)
        assert [digit(first, second, place) for place in range(len(text))] == [int(c) for c in text]


def test_only_digits_and_a_last_x_are_packed() -> None:
    texts = ["12X", "1X2", "A12", "", None, "1" * 33]
    packed, lengths = pack_digits(*text_buffers(pa.array(texts, pa.string())))
    assert lengths.tolist() == [3, 0, 0, 0, 0, 0]
    assert digit(packed[0, 0], packed[0, 1], 2) == 10
    assert not packed[1:].any()


@given(st.text("0123456789", min_size=16, max_size=16), st.text("0123456789", min_size=16, max_size=16))
def test_different_digits_are_counted(one: str, other: str) -> None:
    packed, _ = pack_digits(*text_buffers(pa.array([one, other])))
    assert count_different_digits(packed[0, 0], packed[1, 0]) == sum(
        a != b for a, b in zip(one, other, strict=True)
    )


def test_schemes_of_source_keys() -> None:
    found = schemes(*text_buffers(pa.array(["psn_no:1", "psn_no:2", "pension_no:1", "bare", None])))
    assert found[0] == found[1] != found[2]
    assert found[0] > 0
    assert found[3:].tolist() == [0, 0]
