"""Names that several organisations bear, and phones that several use: counted in training, frozen in the model."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from resolver.linkage.hashing import Hashes, mix_columns
from resolver.linkage.organisation.columns import Columns, Flag, Spelt, Word
from resolver.linkage.organisation.settings import ValueSettings
from resolver.linkage.organisation.spelling import characters, one_edit


@dataclass(frozen=True)
class Sharing:
    """Values that more than one organisation has; one that is in no list is taken for one organisation's.

    Attributes:
        names: uint64 (k,), sorted: names without their legal form.
        cores: Likewise without their place.
        phones: Likewise.
    """

    names: Hashes
    cores: Hashes
    phones: Hashes

    def flags(self, columns: Columns) -> NDArray[np.bool_]:
        """Whether each record's name, core and phone are shared: bool (n, 3).

        A name that leaves out its place is one that all bear who have its core, wherever they are.
        """
        words = (Word.PLACE_AND_CORE, Word.CORE, Word.PHONE)
        lists = (self.names, self.cores, self.phones)
        flags = [np.isin(columns.word(word), known) for word, known in zip(words, lists, strict=True)]
        name, core, phone = flags
        return np.stack([name | (core & columns.placeless), core, phone], axis=1)


def count_sharing(columns: Columns, settings: ValueSettings) -> Sharing:
    """Count how many organisation codes stand beside each name and core, and how many cores beside each phone.

    Of the business register, which has everybody once, registration numbers count too.
    """
    codes, cores = _codes(columns), columns.word(Word.CORE)
    names, bearers = _bearers(columns, codes)
    entered = np.flatnonzero(columns.flags[:, Flag.REGISTERED])
    entry, least = _entries(columns, codes)[entered], settings.name_shared
    registered = columns.word(Word.PLACE_AND_CORE)[entered]
    return Sharing(
        names=np.union1d(_of_several(names, bearers, least), _of_several(registered, entry, least)),
        cores=np.union1d(_of_several(cores, codes, least), _of_several(cores[entered], entry, least)),
        phones=_of_several(columns.word(Word.PHONE), cores, settings.phone_shared),
    )


def _codes(columns: Columns) -> Hashes:
    """Of every record whom its code names (n,), 0 = nobody.

    A code that is not valid, and no slip of the key away from one beside the same name, is somebody else's.
    """
    known, name = columns.word(Word.ORGANISATION_CODE), columns.word(Word.PLACE_AND_CORE)
    text = columns.texts[:, Spelt.CODE]
    coded = (text >= 0) & (name != 0)
    damaged = np.flatnonzero(coded & (known == 0))
    valid = np.flatnonzero(coded & (known != 0) & np.isin(name, name[damaged]))
    beside: dict[int, set[int]] = {}
    for row in valid:
        beside.setdefault(int(name[row]), set()).add(int(text[row]))
    chars, starts = characters(columns.values)
    codes = known.copy()
    for row in damaged:
        others = beside.get(int(name[row]), set())
        if others and not any(one_edit(chars, starts, text[row], other) for other in others):
            codes[row] = columns.words[row, Word.CREDIT_CODE]
    return codes


def _entries(columns: Columns, codes: Hashes) -> Hashes:
    """Of every record the code (n,), or else the registration number, if it stands beside no code; 0 = neither."""
    number = columns.word(Word.REGISTRATION_NO)
    beside = (number != 0) & (codes != 0)
    known, first = np.unique(number[beside], return_index=True)
    place = np.searchsorted(known, number)
    whose = np.append(codes[beside][first], np.uint64(0))
    found = np.append(known, np.uint64(0))[place] == number
    return np.where(codes != 0, codes, np.where(found & (number != 0), whose[place], number))


def _bearers(columns: Columns, codes: Hashes) -> tuple[Hashes, Hashes]:
    """Names without their legal form, and a code of whoever may bear each (k,).

    Who is only known without a place may be meant by any name with his core, whatever its place; and whoever once bore
    a name may still be meant by it, though others bear it now.
    """
    names, cores, placeless = columns.word(Word.PLACE_AND_CORE), columns.word(Word.CORE), columns.placeless
    somewhere = np.unique(codes[~placeless])
    nowhere = np.flatnonzero(placeless & (codes != 0) & ~np.isin(codes, somewhere))
    one = pa.table({"core": cores[nowhere], "code": codes[nowhere]})
    other = pa.table({"core": cores, "name": names}).filter(pa.array(cores != 0)).group_by(["core", "name"])
    joined = one.join(other.aggregate([]), "core", join_type="inner")
    former, once = _former_bearers(columns, codes)
    return (
        np.concatenate([names, joined["name"].to_numpy(), former]),
        np.concatenate([codes, joined["code"].to_numpy(), once]),
    )


def _former_bearers(columns: Columns, codes: Hashes) -> tuple[Hashes, Hashes]:
    """Names of records that are somebody's former name, without their legal form, and that one's code (k,)."""
    former = columns.word(Word.FORMER_NAME)
    renamed = np.flatnonzero((former != 0) & (codes != 0))
    one = pa.table({"whole": former[renamed], "code": codes[renamed]})
    other = pa.table({"whole": columns.word(Word.NAME), "name": columns.word(Word.PLACE_AND_CORE)})
    joined = one.join(other.group_by(["whole", "name"]).aggregate([]), "whole", join_type="inner")
    return joined["name"].to_numpy(), joined["code"].to_numpy()


def _of_several(values: Hashes, beside: Hashes, least: int) -> Hashes:
    """Values (sorted) beside which so many different others stand; nulls are left out."""
    both = (values != 0) & (beside != 0)
    _, first = np.unique(mix_columns(values[both], beside[both]), return_index=True)
    found, counts = np.unique(values[both][first], return_counts=True)
    return found[counts >= least]
