import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from resolver.synthetic.draws import mix, pick, salt, text_keys, uniform


def test_a_draw_belongs_to_its_key_whatever_the_order():
    keys = mix(salt("register"), np.arange(1000))
    shuffled = np.random.default_rng(1).permutation(1000)
    assert np.array_equal(uniform(keys, "name")[shuffled], uniform(keys[shuffled], "name"))


def test_draws_are_even_and_independent_between_labels():
    keys = mix(salt("register"), np.arange(100_000))
    one, other = uniform(keys, "name"), uniform(keys, "phone")
    assert np.all((one >= 0) & (one < 1))
    assert np.abs(np.histogram(one, 10, (0, 1))[0] - 10_000).max() < 500
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.02
    assert set(pick(keys, "kind", 3).tolist()) == {0, 1, 2}


def test_salts_do_not_depend_on_the_process():
    assert int(salt("a", 1)) == 13924241962069754241
    assert salt(7, "W29") != salt(72, "W9")


@given(st.lists(st.text(max_size=12) | st.none(), max_size=20), st.integers(0, 5))
def test_text_keys_are_those_of_each_text_alone(texts, cut):
    array = pa.array(texts, pa.string())
    alone = [int(text_keys(pa.array([text], pa.string()))[0]) for text in texts]
    assert text_keys(array).tolist() == alone
    assert text_keys(array.slice(cut)).tolist() == alone[cut:]
    assert text_keys(pa.chunked_array([array.slice(0, cut), array.slice(cut)])).tolist() == alone


@given(st.text(min_size=1, max_size=8), st.text(min_size=1, max_size=8))
def test_different_texts_have_different_keys(left, right):
    one, other = text_keys(pa.array([left, right]))
    assert (one == other) == (left == right)
