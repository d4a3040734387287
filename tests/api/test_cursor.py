import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.cursor import decode_cursor, encode_cursor, open_cursor, page_of, seal_cursor
from api.errors import ApiError


@given(st.integers(0, 999_999_999), st.integers(0, 999_999_999))
def test_a_cursor_comes_back_as_it_was(snapshot, position):
    assert decode_cursor(encode_cursor(snapshot, position), snapshot) == position


@given(st.text(min_size=1, max_size=30))
def test_what_is_no_cursor_is_refused(text):
    with pytest.raises(ApiError) as refused:
        decode_cursor(text, snapshot=10**10)  # no cursor is made from that one
    assert refused.value.status in (409, 422)
    assert len(text) < 3 or text not in refused.value.message


@given(st.lists(st.integers(), max_size=30), st.integers(1, 7))
def test_pages_hold_everything_once_and_end(items, limit):
    seen, cursor = [], None
    for _ in range(len(items) + 1):
        page, cursor = page_of(items, decode_cursor(cursor, 3), limit, 3)
        seen += page
        if cursor is None:
            break
    assert seen == items
    assert cursor is None


def test_a_cursor_of_another_snapshot_is_out_of_date():
    with pytest.raises(ApiError) as refused:
        decode_cursor(encode_cursor(2, 10), 3)
    assert refused.value.status == 409


@given(st.integers(0, 999_999_999), st.text(min_size=1, max_size=30))
def test_a_sealed_cursor_comes_back_as_it_was(snapshot, after):
    assert open_cursor(seal_cursor(snapshot, after), snapshot) == after


@pytest.mark.parametrize("text", ["x", "Phone:1", "张"])
def test_what_was_not_sealed_here_is_refused(text):
    with pytest.raises(ApiError) as refused:
        open_cursor(text, 1)
    assert refused.value.status == 422
    assert open_cursor(None, 1) is None


def test_a_sealed_cursor_of_another_snapshot_is_out_of_date():
    with pytest.raises(ApiError) as refused:
        open_cursor(seal_cursor(2, "Person:1"), 3)
    assert refused.value.status == 409
