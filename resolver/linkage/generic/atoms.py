"""Atoms of blocking rules for any table: what two records may be asked to have in common.

    surname            the whole value
    surname:first3     its first three characters; last4 its last four
    surname:sound      how it sounds (Soundex); for Chinese names block on a column of pinyin
    surname:letters    its characters in any order
    name:words         any one of its words; heads the first three letters of one; sounds how one of them sounds
    born:year          parts of a date: year, month (with the year), day (month and day, without the year)
    phone:digits       its digits only

Each atom is a 64-bit hash per record, 0 where the record has nothing to say; `words`, `heads`
and `sounds` give several per record.
"""

import re
from collections.abc import Callable

import jellyfish
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from resolver.errors import SettingsError
from resolver.linkage.generic.encoding import Column, of_rows
from resolver.linkage.generic.forms import dates, words
from resolver.linkage.generic.table import Table
from resolver.linkage.hashing import Hashes, hash_numbers, hash_texts

_MOST_WORDS = 5
_PART = re.compile(r"(first|last)([1-9]\d?)")


def _sliced(values: pa.Array, part: str) -> Hashes:
    match = _PART.fullmatch(part)
    assert match is not None
    length = int(match[2])
    long_enough = pc.greater_equal(pc.utf8_length(values), min(length, 2))
    start, stop = (0, length) if match[1] == "first" else (-length, None)
    cut = pc.utf8_slice_codeunits(values, start, stop)
    return hash_texts(pc.if_else(long_enough, cut, pa.scalar(None, pa.string())))


def _sound(values: pa.Array) -> Hashes:
    return hash_texts(pa.array([_soundex(text) for text in values.to_pylist()], pa.string()))


def _soundex(text: str) -> str | None:
    letters = [word for found in words(pa.array([text])) for word in found if word.isalpha()]
    return _sound_of(letters[0]) if letters else None


def _sound_of(word: str) -> str | None:
    return jellyfish.soundex(word) if word.isascii() and word.isalpha() else None


def _letters(values: pa.Array) -> Hashes:
    return hash_texts(
        pa.array(["".join(sorted(text.replace(" ", ""))) for text in values.to_pylist()], pa.string())
    )


def _digits(values: pa.Array) -> Hashes:
    return hash_texts(pc.replace_substring_regex(values, r"\D+", ""))


def _date_part(part: Callable[[NDArray[np.int64]], NDArray[np.int64]]) -> Callable[[pa.Array], Hashes]:
    def atom(values: pa.Array) -> Hashes:
        return hash_numbers(part(dates(values).astype(np.int64)))

    return atom


def _year(days: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.where(days > 0, days // 10000, -1)


def _month(days: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.where(days // 100 % 100 > 0, days // 100, -1)


def _day(days: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.where((days % 100 > 0) & (days // 100 % 100 > 0), days % 10000, -1)


_PARTS: dict[str, Callable[[pa.Array], Hashes]] = {
    "sound": _sound,
    "letters": _letters,
    "digits": _digits,
    "year": _date_part(_year),
    "month": _date_part(_month),
    "day": _date_part(_day),
}


_OF_WORDS: dict[str, Callable[[str], str | None]] = {
    "words": lambda word: word,
    "heads": lambda word: word[:3],
    "sounds": _sound_of,
}


def is_several(atom: str) -> bool:
    """Whether a record may have more than one value of the atom."""
    return atom.partition(":")[2] in _OF_WORDS


def check_atom(atom: str) -> None:
    """Check the part of an atom.

    Raises:
        SettingsError: There is no such part.
    """
    _, _, part = atom.partition(":")
    if part and part not in _OF_WORDS and part not in _PARTS and not _PART.fullmatch(part):
        raise SettingsError(
            f"blocking rules name {atom!r}; there is no part {part!r}",
            remedy=f"Use the column alone, or with one of: first<n>, last<n>, {', '.join([*_PARTS, *_OF_WORDS])}.",
        )


def atom_values(table: Table, atom: str) -> list[Hashes]:
    """Values of one atom, each (n,): one array, or one for each word.

    Raises:
        SettingsError: There is no such part.
    """
    check_atom(atom)
    name, _, part = atom.partition(":")
    column = table.columns[name]
    if part in _OF_WORDS:
        return _each_word(column, _OF_WORDS[part])
    return [of_rows(atom_of_values(column, atom), column.codes)]


def atom_of_values(column: Column, atom: str) -> Hashes:
    """Values (d,) of an atom that is not of words, of the distinct values of its column.

    Raises:
        SettingsError: There is no such part.
    """
    check_atom(atom)
    part = atom.partition(":")[2]
    if not part:
        return column.hashes
    return _PARTS[part](column.values) if part in _PARTS else _sliced(column.values, part)


def _each_word(column: Column, form: Callable[[str], str | None]) -> list[Hashes]:
    lists = [_forms(found, form) for found in words(column.values)]
    longest = min(max((len(found) for found in lists), default=0), _MOST_WORDS)
    out = []
    for place in range(longest):
        texts = pa.array([found[place] if place < len(found) else None for found in lists], pa.string())
        out.append(of_rows(hash_texts(texts), column.codes))
    return out


def _forms(found: list[str], form: Callable[[str], str | None]) -> list[str]:
    """Forms of a value's longest words, each once."""
    longest = sorted({word for word in found if len(word) > 1}, key=lambda word: (-len(word), word))
    return list(dict.fromkeys(text for word in longest if (text := form(word))))
