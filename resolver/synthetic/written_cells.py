"""Looking at what was written: one role of one file, and names as they are compared."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from resolver.synthetic.batches import Batch, Page, Said
from resolver.synthetic.draws import Bools, Ints
from resolver.synthetic.identity_errors import BIT

# What stands for a character that could not be written; E815-E864 of the private use area are characters of GBK.
LOST = r"[\x{E000}-\x{E814}\x{E865}-\x{F8FF}?？□▢■◻☐▯〓○◯*\x{FFFD}]"


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
