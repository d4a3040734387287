"""What is derived from the text of names, pinyin and numbers, in compiled loops over Arrow's buffers."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.compiled import kernel
from resolver.linkage.hashing import Hashes, finish, hash_bytes

_ZERO = np.uint64(0)
_H, _G, _N, _SPACE = 0x68, 0x67, 0x6E, 0x20
_BEFORE_H = (0x7A, 0x63, 0x73)  # z, c, s


class NameForms(NamedTuple):
    """Forms of a column of names.

    Attributes:
        folded: uint64 (n,): hash of the folded name without dots; 0 for null.
        letters: uint64 (n,): hash that does not depend on the characters' order.
        child_of: uint64 (n,): for a newborn called after a parent (王芳之子), hash of the parent's name; else 0.
        chars: uint32 (total,): folded characters, one name after the other.
        starts: int32 (n + 1,): where each name begins in `chars`.
    """

    folded: Hashes
    letters: Hashes
    child_of: Hashes
    chars: NDArray[np.uint32]
    starts: NDArray[np.int32]


@kernel
def decode(data: NDArray[np.uint8], position: int) -> tuple[np.uint32, int]:
    """Code point of valid UTF-8 at `position`, and where the next one begins."""
    first = np.uint32(data[position])
    if first < 0x80:
        return first, position + 1
    if first < 0xE0:
        return (first & np.uint32(0x1F)) << np.uint32(6) | np.uint32(data[position + 1] & 0x3F), position + 2
    code = np.uint32(data[position + 1] & 0x3F) << np.uint32(6) | np.uint32(data[position + 2] & 0x3F)
    if first < 0xF0:
        return (first & np.uint32(0x0F)) << np.uint32(12) | code, position + 3
    code = code << np.uint32(6) | np.uint32(data[position + 3] & 0x3F)
    return (first & np.uint32(0x07)) << np.uint32(18) | code, position + 4


@kernel
def _parent_bytes(data: NDArray[np.uint8], start: int, stop: int) -> int:
    """Length in bytes of the two or more characters before 之子, 之女 or 之婴, which a mark may follow; else 0."""
    for position in range(start + 6, stop - 5):
        if data[position] == 0xE4 and data[position + 1] == 0xB9 and data[position + 2] == 0x8B:
            child = (data[position + 3], data[position + 4], data[position + 5])
            called = child in ((0xE5, 0xAD, 0x90), (0xE5, 0xA5, 0xB3), (0xE5, 0xA9, 0xB4))  # 子, 女, 婴
            if called and stop - position <= 9:
                return position - start
    return 0


@kernel
def _name_forms(
    data: NDArray[np.uint8],
    offsets: NDArray[np.int32],
    folding: NDArray[np.uint32],
    forms: NameForms,
) -> int:
    used = 0
    forms.starts[0] = 0
    for row in range(offsets.shape[0] - 1):
        position, stop = offsets[row], offsets[row + 1]
        folded, letters = np.uint64(0xCBF29CE484222325), _ZERO
        before = used
        while position < stop:
            code, position = decode(data, position)
            plain = folding[code] if code < folding.shape[0] else code
            if plain == 0:
                continue
            forms.chars[used] = plain
            used += 1
            folded = finish(folded ^ np.uint64(plain))
            letters += finish(np.uint64(plain))
        forms.starts[row + 1] = used
        forms.folded[row] = folded if used > before else _ZERO
        forms.letters[row] = finish(letters) if used > before else _ZERO
        parent = _parent_bytes(data, offsets[row], stop)
        forms.child_of[row] = hash_bytes(data, offsets[row], offsets[row] + parent) if parent else _ZERO
    return used


def name_forms(data: NDArray[np.uint8], offsets: NDArray[np.int32], folding: NDArray[np.uint32]) -> NameForms:
    """Derive the forms of a column of names from its UTF-8 buffers (`hashing.text_buffers`)."""
    n = len(offsets) - 1
    size = int(offsets[-1] - offsets[0])
    hashes = np.zeros((3, n), np.uint64)
    chars, starts = np.zeros(size, np.uint32), np.zeros(n + 1, np.int32)
    forms = NameForms(hashes[0], hashes[1], hashes[2], chars, starts)
    used = _name_forms(data, offsets, folding, forms)
    return forms._replace(chars=forms.chars[:used].copy())


@kernel
def _sounds(data: NDArray[np.uint8], offsets: NDArray[np.int32], out: Hashes) -> None:
    for row in range(offsets.shape[0] - 1):
        value, last = np.uint64(0xCBF29CE484222325), 0
        for position in range(offsets[row], offsets[row + 1]):
            letter = data[position]
            skip = (letter == _H and last in _BEFORE_H) or (letter == _G and last == _N) or letter == _SPACE
            if not skip:
                value = (value ^ np.uint64(letter)) * np.uint64(0x100000001B3)
            last = letter
        out[row] = finish(value) if offsets[row + 1] > offsets[row] else _ZERO


def sounds(data: NDArray[np.uint8], offsets: NDArray[np.int32]) -> Hashes:
    """Hash of pinyin without what many speakers do not tell apart (zh/z, ch/c, sh/s, final ng/n) and without spaces."""
    out = np.empty(len(offsets) - 1, np.uint64)
    _sounds(data, offsets, out)
    return out


@kernel
def _digits(
    data: NDArray[np.uint8], offsets: NDArray[np.int32], packed: Hashes, lengths: NDArray[np.int32]
) -> None:
    for row in range(offsets.shape[0] - 1):
        start, stop = offsets[row], offsets[row + 1]
        length = stop - start
        first, second = _ZERO, _ZERO
        plain = 0 < length <= 32
        for position in range(start, stop):
            letter = data[position]
            if 0x30 <= letter <= 0x39:
                nibble = np.uint64(letter - 0x30)
            elif letter == 0x58 and position == stop - 1:
                nibble = np.uint64(10)
            else:
                plain = False
                break
            place = position - start
            if place < 16:
                first |= nibble << np.uint64(60 - 4 * place)
            elif place < 32:
                second |= nibble << np.uint64(60 - 4 * (place - 16))
        packed[row, 0] = first if plain else _ZERO
        packed[row, 1] = second if plain else _ZERO
        lengths[row] = length if plain else 0


def pack_digits(data: NDArray[np.uint8], offsets: NDArray[np.int32]) -> tuple[Hashes, NDArray[np.int32]]:
    """Pack texts of up to 32 digits (a last X is 10) four bits a digit, left-aligned.

    Returns:
        uint64 (n, 2) packed digits, int32 (n,) number of digits; both 0 where a text is anything else.
    """
    n = len(offsets) - 1
    packed, lengths = np.zeros((n, 2), np.uint64), np.zeros(n, np.int32)
    _digits(data, offsets, packed, lengths)
    return packed, lengths


@kernel
def count_different_digits(one: np.uint64, other: np.uint64) -> int:
    """How many of 16 packed digits differ."""
    difference = one ^ other
    difference |= difference >> np.uint64(2)
    difference |= difference >> np.uint64(1)
    difference &= np.uint64(0x1111111111111111)
    bytewise = (difference + (difference >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return int((bytewise * np.uint64(0x0101010101010101)) >> np.uint64(56))


@kernel
def digit(first: np.uint64, second: np.uint64, place: int) -> int:
    """Digit number `place` (from 0) of up to 32 packed ones."""
    if place < 16:
        return int((first >> np.uint64(60 - 4 * place)) & np.uint64(15))
    return int((second >> np.uint64(60 - 4 * (place - 16))) & np.uint64(15))


@kernel
def _schemes(data: NDArray[np.uint8], offsets: NDArray[np.int32], out: NDArray[np.int32]) -> None:
    for row in range(out.shape[0]):
        for position in range(offsets[row], offsets[row + 1]):
            if data[position] == 0x3A:
                out[row] = np.int32(hash_bytes(data, offsets[row], position) >> np.uint64(34)) + 1
                break


def schemes(data: NDArray[np.uint8], offsets: NDArray[np.int32]) -> NDArray[np.int32]:
    """Number (n,) that stands for what is before the first colon of each source key; 0 without one."""
    out = np.zeros(len(offsets) - 1, np.int32)
    _schemes(data, offsets, out)
    return out
