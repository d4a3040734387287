"""One number under which one person is written by several names (Q03)."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from resolver.synthetic.batches import clean_number
from resolver.synthetic.draws import Bools, Ints, Keys, text_keys
from resolver.synthetic.identities import FIT
from resolver.synthetic.identity_errors import BIT
from resolver.synthetic.inhabitants import Inhabitants
from resolver.synthetic.rendering_traps import misdecoded
from resolver.synthetic.world import Conflict
from resolver.synthetic.written_cells import LOST, Look, comparable, matches, nameless, same
from resolver.synthetic.written_numbers import NO_NUMBER, is_malformed

_LOOK_ALIKES = 100  # that are listed
_MANY = 50  # files after which what was noted is put together
_CHILD = r"之.?[子女婴]$"
_MISNAMED = sum(
    int(BIT[f"name:{kind}"])
    for kind in ("homophone", "look_alike", "swapped", "added", "lost", "planted", "former")
)

_Noted = tuple[Ints, Keys, Keys, Ints]
"""Persons, their numbers (0 = the right one), names (0 = the right one) and months, of one length."""


class SpeltNames:
    """Notes, file by file, who is written under which number by which name."""

    def __init__(self, inhabitants: Inhabitants) -> None:
        self._people = inhabitants
        self._noted: list[_Noted] = []

    def add(self, look: Look, names: pa.Array, numbers: pa.Array) -> None:
        """Look at one role of one written file."""
        one = look.one
        right = (one.right & FIT["number"]) != 0
        other = _well_formed(look, numbers)
        rows = np.flatnonzero(look.sound & (right | (other != 0)))
        wrong = (one.errors[rows] & _MISNAMED) != 0
        texts = comparable(names.take(pa.array(rows[wrong])))
        subject = one.subject[rows[wrong]]
        codes = np.zeros(len(rows), np.uint64)
        spelt_right = same(texts, comparable(self._people.of("name", subject)))
        codes[wrong] = np.where(spelt_right, np.uint64(0), text_keys(texts))
        keep = np.ones(len(rows), np.bool_)
        keep[wrong] = ~self._unfit(look, texts, rows[wrong])
        rows, codes = rows[keep], codes[keep]
        period = np.full(len(rows), look.batch.period, np.int64)
        under = np.where(right[rows], np.uint64(0), other[rows])
        self._noted.append(_distinct([(one.subject[rows], under, codes, period)]))
        if len(self._noted) > _MANY:
            self._noted = [_distinct(self._noted)]

    def conflicts(self) -> Iterator[Conflict]:
        """Persons with two names under one number, and some whose other name is a former one."""
        several: set[int] = set()
        for person, month in self._several():
            several.add(person)
            yield Conflict("Q03", True, (person,), period=month, why="one number, two names")
        former = np.flatnonzero(self._people.column("former_name").is_valid().to_numpy(zero_copy_only=False))
        for person in former[:_LOOK_ALIKES].tolist():
            if person not in several:
                yield Conflict("Q03", False, (person,), why="a former name")

    def _several(self) -> Iterator[tuple[int, int]]:
        """Each such person once, with the month in which there are two names."""
        if not self._noted:
            return
        subject, under, _, period = _distinct(self._noted)
        order = np.lexsort((period, under, subject))
        subject, under, period = subject[order], under[order], period[order]
        again = np.zeros(len(subject), np.bool_)
        again[1:] = (subject[1:] == subject[:-1]) & (under[1:] == under[:-1])
        rows = np.flatnonzero(again)
        rows = rows[np.lexsort((period[rows], subject[rows]))]
        rows = rows[np.diff(subject[rows], prepend=-1) != 0]
        yield from zip(subject[rows].tolist(), period[rows].tolist(), strict=True)

    def _unfit(self, look: Look, texts: pa.Array, rows: Ints) -> Bools:
        """Names that are no other spelling: former ones, children's by their mother, and what cannot be read."""
        subject = look.one.subject[rows]
        unfit = matches(texts, f"{LOST}|{_CHILD}") | nameless(texts)
        unfit |= same(texts, comparable(self._people.of("former_name", subject)))
        planted = np.flatnonzero((look.one.errors[rows] & BIT["name:planted"]) != 0)
        true = self._people.of("name", subject[planted]).to_pylist()
        pairs = zip(texts.take(pa.array(planted)).to_pylist(), true, strict=True)
        # A name read in the wrong encoding is read again by whoever knows it.
        unfit[planted] |= np.array(
            [name is not None and text == misdecoded(name) for text, name in pairs], np.bool_
        )
        return unfit


def _well_formed(look: Look, numbers: pa.Array) -> Keys:
    """Keys of the numbers with a wording of their own that may be somebody's; 0 for all others."""
    keys = np.zeros(len(look.sound), np.uint64)
    rows = np.flatnonzero(look.sound & look.has("id_number:planted"))
    texts = [clean_number(text or "") for text in numbers.take(pa.array(rows)).to_pylist()]
    fit = np.array([text not in NO_NUMBER and not is_malformed(text) for text in texts], np.bool_)
    keys[rows] = np.where(fit, text_keys(pa.array(texts, pa.string())), np.uint64(0))
    return keys


def _distinct(parts: list[_Noted]) -> _Noted:
    """Each person, number and name once, with the first month."""
    subject, under, names, period = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((period, names, under, subject))
    subject, under, names, period = subject[order], under[order], names[order], period[order]
    first = np.ones(len(subject), np.bool_)
    first[1:] = (subject[1:] != subject[:-1]) | (under[1:] != under[:-1]) | (names[1:] != names[:-1])
    return subject[first], under[first], names[first], period[first]
