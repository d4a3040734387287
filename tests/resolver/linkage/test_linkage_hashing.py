import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from resolver.linkage.hashing import hash_numbers, hash_texts, mix_columns

TEXTS = st.lists(st.one_of(st.none(), st.text(max_size=8)), max_size=30)


@given(TEXTS)
def test_equal_texts_have_equal_hashes_and_others_differ(texts: list[str | None]) -> None:
    hashes = hash_texts(pa.array(texts, pa.string()))
    known = {text or "" for text in texts}
    assert len(set(hashes.tolist())) == len(known)
    assert all((h == 0) == (not text) for h, text in zip(hashes.tolist(), texts, strict=True))


def test_a_hash_does_not_depend_on_the_column_around_the_text() -> None:
    whole = hash_texts(pa.array(["王伟", "李娜", None, "张三"]))
    assert hash_texts(pa.array(["王伟", "李娜", None, "张三"]).slice(1, 3)).tolist() == whole[1:].tolist()
    assert hash_texts(pa.chunked_array([["李娜"], ["张三"]])).tolist() == [whole[1], whole[3]]
    assert hash_texts(pa.array(["张三", "王伟"]).dictionary_encode()).tolist() == [whole[3], whole[0]]


def test_hashes_stay_the_same_for_ever() -> None:
    """Models keep hashes, so another value here breaks every model version there is."""
    assert hash_texts(pa.array(["王伟"])).tolist() == [HASH_OF_WANG_WEI]


HASH_OF_WANG_WEI = 9949831650863528154


def test_mixing_keeps_order_and_null() -> None:
    one, other = hash_texts(pa.array(["a", "b", None])), hash_texts(pa.array(["b", "a", "c"]))
    mixed = mix_columns(one, other)
    assert mixed[2] == 0
    assert mixed[0] != mixed[1]


def test_numbers_hash_apart_and_negative_ones_are_null() -> None:
    hashes = hash_numbers(np.array([-1, 0, 1, 2, 2], np.int64))
    assert hashes[0] == 0
    assert len(set(hashes[1:].tolist())) == 3
