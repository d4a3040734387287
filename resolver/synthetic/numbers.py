"""The numbers people and organisations carry, made independently of the code that later checks them.

Sources: GB 11643-1999 (resident identity number), GB 32100-2015 (credit code) with GB 11714-1997 (its embedded
organisation code), GS 15-2006 (15-digit registration number).
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from resolver.synthetic.timeline import Ints

_ID_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2], np.int64)
_ID_CHECK = pa.array(list("10X98765432"))
_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS = np.array([1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28], np.int64)
_ORGANISATION_WEIGHTS = np.array([3, 7, 9, 10, 5, 8, 4, 2], np.int64)
_MOBILE_PREFIXES = np.array(
    [131, 132, 135, 136, 137, 138, 139, 150, 151, 152, 156, 157, 158, 159, 166, 176, 178, 182, 183, 186, 187, 188],
    np.int64,
)  # fmt: skip


def digits_of(numbers: Ints, width: int) -> Ints:
    """The decimal digits of each number, most significant first; shape (n, width)."""
    powers = 10 ** np.arange(width - 1, -1, -1, dtype=np.int64)
    return numbers[:, None] // powers % 10


def padded(numbers: Ints, width: int) -> pa.StringArray:
    """Each number as text, filled with zeros on the left."""
    return pc.utf8_lpad(pc.cast(pa.array(numbers), pa.string()), width, "0")


def prefixed(prefix: str, numbers: Ints, width: int) -> pa.StringArray:
    """A fixed prefix and the zero-filled number."""
    return pc.binary_join_element_wise(pa.scalar(prefix), padded(numbers, width), "")


def resident_numbers(codes: Ints, births: Ints, orders: Ints) -> pa.StringArray:
    """Numbers of GB 11643: county code, birth date, order code and check character.

    Args:
        codes: 6-digit county codes (or 810000, 820000, 830000).
        births: Birth dates as YYYYMMDD.
        orders: Order codes 0-999, odd for men.
    """
    body = codes * 10**11 + births * 1000 + orders
    check = (digits_of(body, 17) * _ID_WEIGHTS).sum(axis=1) % 11
    return pc.binary_join_element_wise(
        pc.cast(pa.array(body), pa.string()), _ID_CHECK.take(pa.array(check)), ""
    )


def order_codes(codes: Ints, births: Ints, sexes: Ints) -> Ints:
    """Order codes as a registry hands them out: odd for men, even for women, never twice for a code and date.

    Persons who follow each other in the arrays, such as twins, get neighbouring codes.
    """
    cell = codes * 10**8 + births
    group = cell * 2 + sexes % 2
    by_group = np.argsort(group, kind="stable")
    ordered = group[by_group]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    rank = np.empty(len(group), np.int64)
    rank[by_group] = np.arange(len(group)) - np.repeat(starts, np.diff(np.r_[starts, len(group)]))
    # 996-999 once marked centenarians; a start below 200 leaves room for about 400 births a day and sex.
    first = ((cell * 7919) % 97 + 1) * 2
    return first + 2 * rank + sexes % 2


def credit_codes(kinds: NDArray[np.str_], regions: Ints, serials: Ints) -> pa.StringArray:
    """Codes of GB 32100: two kind characters, county, organisation code with its own check, check character.

    Args:
        kinds: Two characters each: 91 company, 92 sole trader, 93 cooperative, 12 institution …
        regions: 6-digit county codes.
        serials: Distinct numbers below 10^8, the first eight characters of the organisation code.
    """
    head = np.array([[_CREDIT_ALPHABET.index(c) for c in kind] for kind in kinds.tolist()], np.int64)
    organisation = digits_of(serials, 8)
    check = 11 - (organisation * _ORGANISATION_WEIGHTS).sum(axis=1) % 11
    # The organisation code writes 10 as X and 11 as 0; X has the value 29 in the credit code's alphabet.
    check = np.where(check == 10, _CREDIT_ALPHABET.index("X"), check % 11)
    body = np.concatenate(
        [head.reshape(len(serials), 2), digits_of(regions, 6), organisation, check[:, None]], axis=1
    )
    last = (31 - (body * _CREDIT_WEIGHTS).sum(axis=1) % 31) % 31
    letters = np.frombuffer(_CREDIT_ALPHABET.encode(), np.uint8)
    text = letters[np.concatenate([body, last[:, None]], axis=1)]
    return pa.array(np.ascontiguousarray(text).view("S18").ravel().astype(str), pa.string())


def registration_numbers(regions: Ints, serials: Ints) -> pa.StringArray:
    """Old 15-digit registration numbers: county, eight-digit serial, check digit by ISO 7064 MOD 11,10."""
    body = regions * 10**8 + serials
    product = np.full(len(serials), 10, np.int64)
    for digit in digits_of(body, 14).T:
        total = (product + digit) % 10
        product = np.where(total == 0, 10, total) * 2 % 11
    return pc.cast(pa.array(body * 10 + (11 - product) % 10), pa.string())


def scattered(count: int, size: int, rng: np.random.Generator) -> Ints:
    """`count` distinct numbers below `size`, spread over it without order.

    `size` is a power of ten, so a factor ending in 1, 3, 7 or 9 permutes the numbers below it. `count * size`
    must stay below 2^63.
    """
    factor = int(rng.integers(size // 20, size // 10)) * 10 + 3
    return (np.arange(count, dtype=np.int64) * factor + int(rng.integers(size))) % size


def mobile_numbers(count: int, rng: np.random.Generator) -> pa.StringArray:
    """Distinct 11-digit mobile numbers."""
    numbers = scattered(count, 10**8, rng)
    prefix = _MOBILE_PREFIXES[rng.integers(len(_MOBILE_PREFIXES), size=count)]
    return pc.cast(pa.array(prefix * 10**8 + numbers), pa.string())
