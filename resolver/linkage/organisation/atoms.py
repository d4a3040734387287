"""Atoms of blocking keys: what a rule may ask two organisations to have in common, each a 64-bit hash (0 = nothing)."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from resolver.linkage.hashing import Hashes, mix_columns
from resolver.linkage.organisation.columns import Columns, Spelt, Word
from resolver.linkage.settings import BlockingRule

_HEAD, _TAIL = 4, 4
"""Characters of a core's head and tail: the name of the firm, and its trade."""

_CODE_HEAD, _CODE_TAIL = 13, 5
_COUNTY = 8


def _word(word: Word) -> Callable[[Columns], Hashes]:
    return lambda columns: columns.word(word)


def _slice(start: int, stop: int | None, longer_than: int) -> Callable[[pa.Array], pa.Array]:
    def cut(values: pa.Array) -> pa.Array:
        part = pc.utf8_slice_codeunits(values, start, stop)
        return pc.if_else(pc.greater(pc.utf8_length(values), longer_than), part, pa.scalar(None, pa.string()))

    return cut


def _code_head(columns: Columns) -> Hashes:
    """All but the last five characters of a code: a key wrong in those."""
    return columns.cut(Spelt.CODE, _slice(0, _CODE_HEAD, _CODE_HEAD))


def _code_ends(columns: Columns) -> Hashes:
    """The first eight and the last five characters of a code: a key wrong between them."""
    head = columns.cut(Spelt.CODE, _slice(0, _COUNTY, _CODE_HEAD))
    return mix_columns(head, columns.cut(Spelt.CODE, _slice(-_CODE_TAIL, None, _CODE_HEAD)))


def _former_name(columns: Columns) -> Hashes:
    """The former name, or else the name: a renamed firm meets its records of before."""
    former = columns.word(Word.FORMER_NAME)
    return np.where(former != 0, former, columns.word(Word.NAME))


ATOMS: dict[str, Callable[[Columns], Hashes]] = {
    "name": _word(Word.NAME),
    "former_name": _former_name,
    "core": _word(Word.CORE),
    "core_head": lambda columns: columns.cut(Spelt.CORE, _slice(0, _HEAD, _HEAD - 1)),
    "core_tail": lambda columns: columns.cut(Spelt.CORE, _slice(-_TAIL, None, _TAIL)),
    "credit_code": _word(Word.CREDIT_CODE),
    "code_head": _code_head,
    "code_ends": _code_ends,
    "organisation_code": _word(Word.ORGANISATION_CODE),
    "registration_no": _word(Word.REGISTRATION_NO),
    "source_key": _word(Word.SOURCE_KEY),
    "region": _word(Word.REGION),
    "address": _word(Word.ADDRESS),
    "phone": _word(Word.PHONE),
}
"""Atom -> its hash for every record."""


def rule_keys(columns: Columns, rules: tuple[BlockingRule, ...]) -> NDArray[np.uint64]:
    """Key of every record under every rule: uint64 (n, rules), 0 where an atom is missing."""
    atoms = {name: ATOMS[name](columns) for name in dict.fromkeys(a for rule in rules for a in rule.atoms)}
    keys = np.zeros((len(columns), len(rules)), np.uint64)
    for place, rule in enumerate(rules):
        keys[:, place] = mix_columns(*(atoms[name] for name in rule.atoms))
    return keys
