"""Looking at what was written: one role of one file, and names as they are compared."""

import re
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from resolver.synthetic.batches import NO_BIRTH, Batch, Page, Said
from resolver.synthetic.draws import Bools, Ints
from resolver.synthetic.identity_errors import BIT, EPOCH

# What stands for a character that could not be written; E815-E864 of the private use area are characters of GBK.
LOST = r"[\x{E000}-\x{E814}\x{E865}-\x{F8FF}?？□▢■◻☐▯〓○◯*\x{FFFD}]"
_NO_BIRTHS = (date(1900, 1, 1), date(1970, 1, 1))  # what is written where none is known


@dataclass(frozen=True)
class Look:
    """One role of one written file; `sound` says which rows are about somebody and must be accepted."""

    batch: Batch
    page: Page
    one: Said
    truth_rows: Ints
    sound: Bools

    def texts(self, attribute: str) -> pa.Array | None:
        """What is written of the role; None where the file has no column for it."""
        column = self.one.column(attribute)
        return self.page.texts[column] if column else None

    def has(self, error: str) -> Bools:
        """Which rows have an error of `identity_errors.ERRORS`."""
        found: Bools = (self.one.errors & BIT[error]) != 0
        return found


def nameless(names: pa.Array) -> Bools:
    """Where no name stands, or only what is left of one (锟斤拷)."""
    found: Bools = names.is_null().to_numpy(zero_copy_only=False) | matches(names, "斤拷")
    return found


def comparable(names: pa.Array) -> pa.Array:
    """Names without what is no other spelling: width, spaces, the kind of the dot, capitals."""
    names = pc.replace_substring_regex(pc.utf8_normalize(names, "NFKC"), r"\s+", "")
    return pc.utf8_upper(pc.replace_substring_regex(names, "[•・.‧∙]", "·"))


def matches(texts: pa.Array, pattern: str) -> Bools:
    """Where a text has a part that a regular expression describes."""
    found = pc.fill_null(pc.match_substring_regex(texts, pattern), False)
    return np.asarray(found.to_numpy(zero_copy_only=False), np.bool_)


def same(texts: pa.Array, others: pa.Array) -> Bools:
    """Where two texts are there and the same."""
    same = pc.fill_null(pc.equal(texts, others), False)
    return np.asarray(same.to_numpy(zero_copy_only=False), np.bool_)


def written_births(look: Look) -> Ints:
    """Birth dates as written, those with a wording of their own read from the cell."""
    days = look.one.birth_days
    texts = look.texts("birth_date")
    planted = np.flatnonzero(look.has("birth_date:planted"))
    if texts is None or not len(planted):
        return days
    days = days.copy()
    days[planted] = [
        written_day(text or "") for text in texts.take(pa.array(planted)).cast(pa.string()).to_pylist()
    ]
    return days


def written_day(text: str) -> int:
    """A date as days since 1970-01-01, in whatever way it is written."""
    digits = re.sub(r"[^0-9]+", " ", text).split()
    if len(digits) == 1 and len(digits[0]) == 8:
        digits = [digits[0][:4], digits[0][4:6], digits[0][6:]]
    try:
        found = date(*(int(part) for part in digits[:3]))
    except (TypeError, ValueError):
        return NO_BIRTH
    return NO_BIRTH if found in _NO_BIRTHS else (found - EPOCH).days
