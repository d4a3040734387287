"""Conflicts that errors in ID numbers make: numbers that cannot be (Q01), one number of two persons (E06)."""

from collections import defaultdict
from datetime import date

import numpy as np
import pyarrow as pa

from resolver.synthetic.batches import Batch, Page, Said, clean_number
from resolver.synthetic.draws import Ints
from resolver.synthetic.identities import FIT
from resolver.synthetic.identity_errors import BIT, check_digit
from resolver.synthetic.inhabitants import Inhabitants
from resolver.synthetic.world import Conflict

_LOOK_ALIKES = 200  # innocent numbers of old or foreign form that are listed
_SUSPECT = BIT["id_number:mistyped"] | BIT["id_number:planted"]
NO_NUMBER = frozenset({"", "无", "不详", "-", "/"})


def is_malformed(text: str) -> bool:
    """Whether a written number breaks the rules of its own scheme.

    A missing number does not, nor do the 15 digits of before 1999, nor passports, cards and permits of other forms.
    """
    number = clean_number(text)
    if number in NO_NUMBER or number[0].isalpha():
        return False
    if len(number) in (8, 15) and number.isdigit():  # eight are those of a travel permit of Taiwan
        return False
    if len(number) == 18 and number[:17].isdigit():
        return check_digit(number[:17]) != number[17]
    return True


class NumberConflicts:
    """Gathers, file by file, the stored identities whose number is wrong in a way that a rule can see."""

    def __init__(self, inhabitants: Inhabitants, reference_date: date) -> None:
        self._people = inhabitants
        self._reference = (reference_date - date(1970, 1, 1)).days
        self._malformed: dict[int, tuple[int, int, list[int]]] = {}
        self._innocent: dict[int, tuple[int, int, list[int]]] = {}
        self._borrowed: dict[int, set[int]] = defaultdict(set)
        self._known = np.zeros(len(inhabitants), dtype=np.bool_)

    def add(self, batch: Batch, page: Page, one: Said, truth_rows: Ints) -> None:
        """Look at one role of one written file."""
        column = one.column("id_number")
        if not column or one.role.kind != "person":
            return
        sound = (one.subject >= 0) & ~page.refused
        self._known[one.subject[sound & ((one.right & FIT["number"]) != 0)]] = True
        rows = np.flatnonzero(sound & ((one.errors & _SUSPECT) != 0))
        texts = page.texts[column].take(pa.array(rows)).to_pylist()
        for row, text in zip(rows.tolist(), texts, strict=True):
            if text and is_malformed(text):
                _take_down(self._malformed, batch, one, row, truth_rows)
        self._take_innocent(batch, one, np.flatnonzero(sound), truth_rows)
        family = np.flatnonzero(sound & ((one.errors & BIT["id_number:family"]) != 0))
        persons = one.subject[family]
        for person, owner in zip(persons.tolist(), self._people.family[persons].tolist(), strict=True):
            self._borrowed[owner].add(person)

    def _take_innocent(self, batch: Batch, one: Said, sound: Ints, truth_rows: Ints) -> None:
        if len(self._innocent) >= _LOOK_ALIKES:
            return
        right = (one.right[sound] & FIT["number"]) != 0
        foreign = right & ~self._people.resident[one.subject[sound]]
        legacy = (one.errors[sound] & BIT["id_number:legacy"]) != 0
        for row in sound[legacy | foreign][:20].tolist():
            _take_down(self._innocent, batch, one, row, truth_rows)

    def conflicts(self) -> list[tuple[Conflict, list[int]]]:
        """All conflicts with the truth rows that carry them (none for E06: any rows of its persons will do)."""
        found: list[tuple[Conflict, list[int]]] = []
        for planted, identities in ((True, self._malformed), (False, self._innocent)):
            for key, (person, period, rows) in sorted(identities.items()):
                if not planted and key in self._malformed:
                    continue
                why = (
                    "the number breaks its check digit or form"
                    if planted
                    else "an old or foreign form, not an error"
                )
                found.append((Conflict("Q01", planted, (person,), period=period, why=why), rows))
        found += [(conflict, []) for conflict in self._of_two()]
        return found

    def _of_two(self) -> list[Conflict]:
        names, birth = self._people.column("name"), self._people.birth_days
        found = []
        for owner, borrowers in sorted(self._borrowed.items()):
            if not self._known[owner]:
                continue
            differing = [
                person
                for person in sorted(borrowers)
                if birth[person] != birth[owner] and names[person] != names[owner]
            ]
            if differing:
                newborn = all(self._reference - birth[person] < 366 for person in differing)
                why = "a newborn under a parent's number" if newborn else "a family member's number"
                found.append(Conflict("E06", not newborn, (owner, differing[0]), why=why))
        return found


def _take_down(
    identities: dict[int, tuple[int, int, list[int]]], batch: Batch, one: Said, row: int, truth_rows: Ints
) -> None:
    key = int(one.keys[row])
    entry = identities.setdefault(key, (int(one.subject[row]), batch.period, []))
    entry[2].append(int(truth_rows[row]))
