"""Packed numbers, names and dates against comparisons character by character."""

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from resolver.linkage.generic.comparison import han_name_level
from resolver.linkage.generic.packed import pack_dates, pack_digits, pack_names
from resolver.linkage.generic.packed_levels import date_level, digits_level, name_level
from resolver.linkage.hashing import text_buffers

numerals = st.text("0123456789x-", min_size=1, max_size=32)
names = st.text("王李伟芳丽小", min_size=1, max_size=4)


@st.composite
def near(draw: st.DrawFn, texts: st.SearchStrategy[str], letters: str, longest: int) -> tuple[str, str]:
    """A text and what a slip or two make of it."""
    one = other = draw(texts)
    for _ in range(draw(st.integers(0, 2))):
        place = draw(st.integers(0, len(other)))
        letter = draw(st.sampled_from(letters))
        head, tail = other[:place], other[place:]
        other = draw(
            st.sampled_from(
                [
                    head + letter + tail,
                    head + letter + tail[1:],
                    head + tail[1:],
                    head + tail[1::-1] + tail[2:],
                ]
            )
        )
    return (one, other[:longest]) if other else (one, one)


def slow_number(one: str, other: str) -> tuple[int, int]:
    front = 0
    while one[: front + 1] == other[: front + 1] and front < min(len(one), len(other)):
        front += 1
    swapped = [one[:p] + one[p + 1] + one[p] + one[p + 2 :] for p in range(len(one) - 1)]
    if len(one) == len(other) and sum(a != b for a, b in zip(one, other, strict=True)) == 1:
        return 0, front
    if other in swapped:
        return 1, front
    longer, shorter = sorted((one, other), key=len, reverse=True)
    if shorter in [longer[:p] + longer[p + 1 :] for p in range(len(longer))]:
        return 2, front
    return 3, front


@given(st.one_of(near(numerals, "0123456789x", 32), st.tuples(numerals, numerals)))
@example(("1" * 32, "1" * 31))
@example(("1" * 16, "1" * 17))
@example(("1234567890123456", "1234567890123465"))
@example(("12345678901234567", "12345678901234576"))
@example(("123456789012345670", "123456789012345607"))
def test_numbers(pair: tuple[str, str]) -> None:
    one, other = pair
    if one == other:
        return
    words, whole = pack_digits(*text_buffers(pa.array(pair)))
    assert whole
    found = int(digits_level(*words[0], *words[1]))
    assert (found & 255, found >> 8) == slow_number(one, other)


@pytest.mark.parametrize("text", ["12a", "1" * 33, "１２", ""])
def test_what_is_no_number_is_not_packed(text: str) -> None:
    words, whole = pack_digits(*text_buffers(pa.array([text, "12"])))
    assert words[0].tolist() == [0, 0]
    assert words[1, 0] != 0
    assert whole == (text == "")


@given(st.one_of(near(names, "王李伟芳", 4), st.tuples(names, names)))
def test_names(pair: tuple[str, str]) -> None:
    one, other = pair
    if one == other:
        return
    words, whole = pack_names(*text_buffers(pa.array(pair)))
    assert whole
    chars = np.array([ord(c) for c in one + other], np.uint32)
    expected = han_name_level(chars, (0, len(one)), (len(one), len(other)))
    assert name_level(words[0, 0], words[1, 0]) == expected


@pytest.mark.parametrize(("text", "packed"), [("欧阳小伟", True), ("阿依古丽买", False), ("𠮷田", False)])
def test_long_names_and_rare_characters_are_not_packed(text: str, packed: bool) -> None:
    words, whole = pack_names(*text_buffers(pa.array([text])))
    assert (words[0, 0] != 0) == whole == packed


def slow_date(one: int, other: int) -> int:
    (ya, ma, da), (yb, mb, db) = ((d // 10000, d // 100 % 100, d % 100) for d in (one, other))
    years = abs(ya - yb)
    if one == other:
        return 0 if da else 1
    if 0 in (da, db, ma, mb):
        if years == 0:
            return 1 if ma == mb or 0 in (ma, mb) else 6
        return 7 if years <= 2 else 8
    a, b = f"{one:08}", f"{other:08}"
    if years == 0 and (ma, da) == (db, mb):
        return 2
    if sum(x != y for x, y in zip(a, b, strict=True)) == 1 or b in [
        a[:p] + a[p + 1] + a[p] + a[p + 2 :] for p in range(7)
    ]:
        return 3
    if abs((ya - yb) * 365 + (ma - mb) * 30 + da - db) <= 31:
        return 4
    if (ma, da) == (mb, db):
        return 5
    return 6 if years == 0 else 7 if years <= 2 else 8


days = st.dates(date(1900, 1, 1), date(2025, 12, 31))


@st.composite
def dates_near(draw: st.DrawFn) -> tuple[int, int]:
    one = draw(days)
    other = draw(
        st.one_of(
            days,
            st.integers(-40, 40).map(lambda n: one + timedelta(n)),
            days.map(lambda d: d.replace(year=one.year, day=min(d.day, 28))),
        )
    )
    numbers = [int(d.strftime("%Y%m%d")) for d in (one, other)]
    for place in range(2):
        known = draw(st.sampled_from([1, 1, 1, 100, 10000]))
        numbers[place] = numbers[place] // known * known
    return numbers[0], numbers[1]


@given(dates_near())
def test_dates(pair: tuple[int, int]) -> None:
    words = pack_dates(np.array(pair, np.int32))
    assert date_level(words[0, 0], words[1, 0]) == slow_date(*pair)
