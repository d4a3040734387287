"""Entity ids: 64-bit numbers inside, short text such as `P-2707QDQX2XHR5K` for people and other systems.

The text is a letter for the kind, 13 digits of Crockford's base 32 (no I, L, O, U; https://www.crockford.com/base32.html)
and one check digit. Crockford's own check needs the signs `*~$=`, which do not belong in an address; ours is a sum
over GF(32) that takes the letter in, so it finds every single wrong character and every two that were swapped.
"""

from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from resolver.errors import GuiyiError

Kind = Literal["person", "organisation", "household"]

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LETTERS: dict[Kind, str] = {"person": "P", "organisation": "O", "household": "H"}
_SYMBOLS: dict[Kind, int] = {"person": 1, "organisation": 2, "household": 3}  # what the check takes in
_N_DIGITS = 13
_TEXT_LENGTH = 2 + _N_DIGITS + 1
_MASK = (1 << 63) - 1
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})


class EntityIdError(GuiyiError, ValueError):
    """A text is no entity id, or is one of another kind."""


def _products() -> npt.NDArray[np.uint8]:
    """`[position, value]`: value times the position's weight in GF(32), polynomial x^5 + x^2 + 1."""
    table = np.zeros((_N_DIGITS + 2, 32), dtype=np.uint8)
    table[0] = np.arange(32)
    for position in range(1, _N_DIGITS + 2):
        doubled = table[position - 1].astype(np.uint16) << 1
        table[position] = np.where(doubled & 32, doubled ^ 0b100101, doubled)
    return table


_PRODUCTS = _products()  # position 0 is the check digit, 1 the kind, 2… the digits from the left
_PRODUCT_ROWS: list[list[int]] = _PRODUCTS.tolist()


def new_entity_id(record_key: int) -> int:
    """The id of a new entity, from the smallest record key of its cluster.

    Args:
        record_key: Not negative.

    Returns:
        A number of 63 bits. Different keys give different ids, and an id does not look like its key, so that the
        one taken for the other finds nothing.
    """
    return int(new_entity_ids(np.array([record_key], dtype=np.int64))[0])


def new_entity_ids(record_keys: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """`new_entity_id` of many.

    A permutation of the numbers of 63 bits: xor-shifts and odd multipliers, the finaliser of SplitMix64 (Steele,
    Lea and Flood, 2014) kept to 63 bits.
    """
    mask = np.uint64(_MASK)
    x = record_keys.astype(np.uint64) & mask
    x ^= x >> np.uint64(30)
    x = (x * np.uint64(0xBF58476D1CE4E5B9)) & mask
    x ^= x >> np.uint64(27)
    x = (x * np.uint64(0x94D049BB133111EB)) & mask
    x ^= x >> np.uint64(31)
    return x.astype(np.int64)


def to_text(entity_id: int, kind: Kind) -> str:
    """Write an id for people, e.g. `P-2707QDQX2XHR5K`.

    Raises:
        EntityIdError: It is negative.
    """
    if entity_id < 0:
        raise EntityIdError(f"{entity_id} is no entity id: it is negative")
    digits = [entity_id >> 5 * place & 31 for place in range(_N_DIGITS - 1, -1, -1)]
    check = _check_of_one(digits, kind)
    return f"{_LETTERS[kind]}-{''.join(_ALPHABET[digit] for digit in digits)}{_ALPHABET[check]}"


def to_texts(entity_ids: npt.NDArray[np.int64], kind: Kind) -> pa.StringArray:
    """`to_text` of many.

    Raises:
        EntityIdError: An id is negative.
    """
    if entity_ids.size and int(entity_ids.min()) < 0:
        raise EntityIdError(f"{int(entity_ids.min())} is no entity id: it is negative")
    shifts = 5 * np.arange(_N_DIGITS - 1, -1, -1, dtype=np.uint64)
    digits = ((entity_ids.astype(np.uint64)[:, None] >> shifts) & np.uint64(31)).astype(np.uint8)
    alphabet = np.frombuffer(_ALPHABET.encode("ascii"), dtype=np.uint8)
    text = np.empty((len(entity_ids), _TEXT_LENGTH), dtype=np.uint8)
    text[:, 0] = ord(_LETTERS[kind])
    text[:, 1] = ord("-")
    text[:, 2:-1] = alphabet[digits]
    text[:, -1] = alphabet[_check(digits, kind)]
    fixed = pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(_TEXT_LENGTH), len(entity_ids), [None, pa.py_buffer(np.ascontiguousarray(text))]
    )
    return fixed.cast(pa.binary()).cast(pa.string())


def from_text(text: str) -> tuple[int, Kind]:
    """Read an id as people write it: small letters, O for 0, I or L for 1, spaces and hyphens do not matter.

    Raises:
        EntityIdError: It is no entity id; a wrong or swapped character is always found.
    """
    body = text.strip().upper().replace("-", "").replace(" ", "")
    kinds = {letter: kind for kind, letter in _LETTERS.items()}
    kind = kinds.get(body[:1])
    values = [_ALPHABET.find(sign) for sign in body[1:].translate(_READ_AS)]
    if kind is None or len(values) != _N_DIGITS + 1 or -1 in values or values[0] > 7:
        raise EntityIdError(f"{text!r} is no entity id", remedy="It looks like P-2707QDQX2XHR5K.")
    if _check_of_one(values[:-1], kind) != values[-1]:
        raise EntityIdError(f"{text!r} is no entity id: a character is wrong", remedy="Compare it again.")
    number = 0
    for value in values[:-1]:
        number = number << 5 | value
    return number, kind


def _check(digits: npt.NDArray[np.uint8], kind: Kind) -> npt.NDArray[np.uint8]:
    terms = _PRODUCTS[np.arange(2, _N_DIGITS + 2), digits]
    total = np.bitwise_xor.reduce(terms, axis=1) ^ _PRODUCTS[1, _SYMBOLS[kind]]
    return np.asarray(total, dtype=np.uint8)


def _check_of_one(digits: list[int], kind: Kind) -> int:
    """`_check` of one id, without the cost of an array."""
    total = _PRODUCT_ROWS[1][_SYMBOLS[kind]]
    for row, digit in zip(_PRODUCT_ROWS[2:], digits, strict=True):
        total ^= row[digit]
    return total
