"""Names that several organisations bear, and phones that several use: counted in training, frozen in the model."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.hashing import Hashes, mix_columns
from resolver.linkage.organisation.columns import Columns, Word
from resolver.linkage.organisation.settings import ValueSettings


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
    """Count how many organisation codes stand beside each name and core, and how many cores beside each phone."""
    codes, cores = columns.word(Word.ORGANISATION_CODE), columns.word(Word.CORE)
    return Sharing(
        names=_of_several(columns.word(Word.PLACE_AND_CORE), codes, settings.name_shared),
        cores=_of_several(cores, codes, settings.name_shared),
        phones=_of_several(columns.word(Word.PHONE), cores, settings.phone_shared),
    )


def _of_several(values: Hashes, beside: Hashes, least: int) -> Hashes:
    """Values (sorted) beside which so many different others stand; nulls are left out."""
    both = (values != 0) & (beside != 0)
    _, first = np.unique(mix_columns(values[both], beside[both]), return_index=True)
    found, counts = np.unique(values[both][first], return_counts=True)
    return found[counts >= least]
