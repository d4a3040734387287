from datetime import date

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.feeds.row_id import MAX_ROWS, delivery_hash, delivery_id, pack, unpack


@given(st.binary(min_size=32, max_size=32), st.integers(0, MAX_ROWS - 1))
@settings(deadline=None)
def test_a_row_id_holds_delivery_and_ordinal(digest: bytes, ordinal: int) -> None:
    delivery = delivery_id(digest)
    row_id = int(pack(delivery, np.array([ordinal]))[0])
    assert row_id >= 0
    assert unpack(row_id) == (delivery, ordinal)


def test_a_delivery_id_is_forty_bits_without_the_top_one() -> None:
    assert delivery_id(b"\xff" * 32) == "7fffffffff"
    assert delivery_id(b"\x00" * 32) == "0000000000"


def test_a_delivery_is_its_feed_period_and_content() -> None:
    def made(feed: str, period: date, content: bytes) -> str:
        state = delivery_hash(feed, period)
        state.update(content)
        return delivery_id(state.digest())

    one = made("W01", date(2026, 10, 1), b"x")
    assert one == made("W01", date(2026, 10, 1), b"x")
    others = {
        made("W02", date(2026, 10, 1), b"x"),
        made("W01", date(2026, 11, 1), b"x"),
        made("W01", date(2026, 10, 1), b"y"),
    }
    assert one not in others
    assert len(others) == 3


def test_row_ids_of_a_delivery_are_in_the_order_of_its_rows() -> None:
    assert np.all(np.diff(pack("7fffffffff", np.arange(100))) == 1)
