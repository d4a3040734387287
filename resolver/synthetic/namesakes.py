"""Which rows fit several persons equally well: what no one could link, whatever the method.

A row with the right number is never among them. For the others, what is written rightly (name, birth date, village,
phone, …) is held against the true persons: if another person has all of it too, the row is unlinkable. So is one
whose wrong name and date are exactly someone else's, and one that says nothing of use.
"""

import numpy as np
import numpy.typing as npt

from resolver.synthetic.draws import Bools, Ints, Keys, mix, text_keys
from resolver.synthetic.identities import FIT
from resolver.synthetic.inhabitants import Inhabitants

# The first of these that a row has rightly is looked up; the rest of what it has is then compared.
_ANCHORS = (
    ("name", "birth"), ("name", "phone"), ("name", "household"), ("name", "mother"), ("name", "spouse"),
    ("name", "employer"), ("name", "village"), ("birth", "phone"), ("birth", "mother"), ("birth", "household"),
    ("birth", "spouse"), ("birth", "village"), ("phone", "village"), ("phone", "mother"), ("name",), ("birth",),
    ("phone",), ("household",), ("mother",), ("spouse",), ("employer",), ("village",),
)  # fmt: skip
_MANY = 200  # a group of so many is not compared one by one: some two of them will agree


class Namesakes:
    """Finds persons who share what a row says."""

    def __init__(self, inhabitants: Inhabitants) -> None:
        self._people = inhabitants
        self._codes: dict[str, Keys] = {}
        self._groups: dict[tuple[str, ...], tuple[npt.NDArray[np.intp], Keys]] = {}

    def unlinkable(self, person: Ints, right: Ints, name: Keys | None, birth_days: Ints) -> Bools:
        """Which of some rows cannot be linked by anyone.

        Args:
            person: The true person of each row; all >= 0.
            right: What the row says rightly, a mask of `identities.FITS`.
            name: Key of the name as written (`draws.text_keys`), or None if the feed has none.
            birth_days: Birth date as written, days since 1970-01-01; far below any date where none is written.
        """
        found = np.zeros(len(person), dtype=np.bool_)
        open_rows = (right & FIT["number"]) == 0
        if name is not None:
            found |= open_rows & self._is_another(person, right, name, birth_days)
        for anchor in _ANCHORS:
            mask = _mask(anchor)
            rows = np.flatnonzero(open_rows & ((right & mask) == mask))
            found[rows] |= self._fits_another(person[rows], right[rows], anchor)
            open_rows[rows] = False
        found |= open_rows
        return found

    def _is_another(self, person: Ints, right: Ints, name: Keys, birth_days: Ints) -> Bools:
        """Whose written name and birth date are wrong, and those of someone else."""
        both = _mask(("name", "birth"))
        rows = np.flatnonzero(((right & both) != both) & (birth_days >= -40_000))
        found = np.zeros(len(person), dtype=np.bool_)
        _, size = self._group(("name", "birth"), mix(name[rows], birth_days[rows]))
        found[rows] = size > 0
        return found

    def _fits_another(self, person: Ints, right: Ints, anchor: tuple[str, ...]) -> Bools:
        start, size = self._group(anchor, self._key(anchor, person))
        order, _ = self._groups[anchor]
        found = size >= _MANY
        several = np.flatnonzero((size > 1) & (size < _MANY))
        rows = np.repeat(several, size[several])
        within = np.arange(len(rows)) - np.repeat(np.cumsum(size[several]) - size[several], size[several])
        other = order[start[rows] + within]
        same = other != person[rows]
        for fit in ("name", "birth", "sex", "village", "phone", "employer", "mother", "spouse", "household"):
            codes = self._code(fit)
            same &= ((right[rows] & FIT[fit]) == 0) | (codes[other] == codes[person[rows]])
        found[rows[same]] = True
        return found

    def _group(self, anchor: tuple[str, ...], keys: Keys) -> tuple[Ints, Ints]:
        """Where the persons with these keys begin in the anchor's order, and how many they are."""
        if anchor not in self._groups:
            every = self._key(anchor, np.arange(len(self._people), dtype=np.int64))
            order = np.argsort(every, kind="stable")
            self._groups[anchor] = (order, every[order])
        ordered = self._groups[anchor][1]
        start = np.searchsorted(ordered, keys, side="left")
        return start, np.searchsorted(ordered, keys, side="right") - start

    def _key(self, anchor: tuple[str, ...], person: Ints) -> Keys:
        return mix(*(self._code(fit)[person] for fit in anchor))

    def _code(self, fit: str) -> Keys:
        if fit not in self._codes:
            people = self._people
            code: Ints | Keys
            if fit == "birth":
                code = people.birth_days
            elif fit == "village":
                code = mix(text_keys(people.column("town")), text_keys(people.column("village")))
            elif fit in ("name", "phone"):
                code = text_keys(people.column(fit))
            else:
                code = people.numbers(fit)
            self._codes[fit] = code.astype(np.uint64)
        return self._codes[fit]


def _mask(fits: tuple[str, ...]) -> np.int64:
    return np.int64(sum(int(FIT[fit]) for fit in fits))
