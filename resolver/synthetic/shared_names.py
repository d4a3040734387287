"""Which rows fit several organisations equally well: those that give nothing but a name that two of them may write.

A row with the right credit code is never among them. An employer's and a registration number do not save a row: each is
known to one register alone, so beyond it there is but the name. A facility's code is known wherever facilities are
spoken of: with it, a row without a name or with a short one is brought to those with the full name, so only a facility
whose full name another organisation may write is shut off from the registers without such codes.
"""

from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from resolver.synthetic.draws import Bools, Ints
from resolver.synthetic.inhabitants import Inhabitants


class SharedNames:
    """Finds names, in any wording, that more than one organisation has."""

    def __init__(self, inhabitants: Inhabitants) -> None:
        self._inhabitants = inhabitants

    def unlinkable(self, names: pa.Array) -> Bools:
        """Which of some names, as written beside no number, may be those of two organisations."""
        return np.asarray(
            pc.is_in(_plain(names), value_set=self._shared).to_numpy(zero_copy_only=False), np.bool_
        )

    def unlinkable_facilities(self, organisation: Ints) -> Bools:
        """Which of some organisations, each known by its facility's code, may be called what another is called."""
        return self._full_name_shared[organisation] & (organisation >= 0)

    @cached_property
    def _full_name_shared(self) -> Bools:
        return self.unlinkable(self._inhabitants.wordings[0])

    @cached_property
    def _shared(self) -> pa.Array:
        wordings = self._inhabitants.wordings
        numbers = pa.array(np.arange(len(wordings[0])))
        parts = [pa.table({"name": _plain(names), "organisation": numbers}) for names in wordings]
        counted = pa.concat_tables(parts).group_by("name").aggregate([("organisation", "count_distinct")])
        return counted.filter(pc.greater(counted["organisation_count_distinct"], 1))["name"].combine_chunks()


def _plain(names: pa.Array) -> pa.Array:
    """Names without spaces, and with one kind of brackets."""
    names = pc.replace_substring_regex(pc.fill_null(names, ""), "[ \u3000]+", "")
    return pc.replace_substring(pc.replace_substring(names, "（", "("), "）", ")")
