"""Words of names and addresses: how common each is, what it is made of, and which stand for one another."""

from collections import Counter
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from resolver.linkage.generic.encoding import Column
from resolver.linkage.generic.forms import characters, words
from resolver.linkage.generic.frequency import Frequencies, from_counts
from resolver.linkage.hashing import Hashes, hash_texts

MOST_WORDS = 12
"""Words of one value that are looked at."""


class Words(NamedTuple):
    """Words of values: those of value v are `ids[starts[v]:starts[v + 1]]`.

    Attributes:
        starts: int64 (d + 1,).
        ids: int32 (total,).
        bits: float32 (w,): how rare each word is.
        chars: uint32: characters of words, one after the other.
        char_starts: int64 (w + 1,).
        hashes: uint64 (w,).
        aliases: uint64 (a,), sorted: `hashing.mix` of pairs of words that stand for one another, smaller hash first.
    """

    starts: NDArray[np.int64]
    ids: NDArray[np.int32]
    bits: NDArray[np.float32]
    chars: NDArray[np.uint32]
    char_starts: NDArray[np.int64]
    hashes: Hashes
    aliases: Hashes


def list_words(columns: list[tuple[pa.Array, str]], frequencies: Frequencies, aliases: Hashes) -> Words:
    """Words of the values of several columns, one below the other.

    Args:
        columns: Distinct values, and their form: `words`, `items` with a separator behind it, or one without words.
        frequencies: Of words.
        aliases: See `Words`.
    """
    if not any(form == "words" or form.startswith("items") for _, form in columns):
        columns = []
    lists: list[list[str]] = []
    counts = []
    for values, form in columns:
        found: list[list[str]] = []
        if form == "words":
            found = [listed[:MOST_WORDS] for listed in words(values)]
        elif form.startswith("items"):
            found = [_items(text, form[5:]) for text in values.to_pylist()]
        lists += found
        counts.append(
            np.array([len(f) for f in found], np.int64) if found else np.zeros(len(values), np.int64)
        )
    texts = pa.array([word for found in lists for word in found], pa.string()).dictionary_encode()
    spelt = characters(texts.dictionary)
    hashes = hash_texts(texts.dictionary)
    return Words(
        starts=np.concatenate(
            [np.zeros(1, np.int64), np.cumsum(np.concatenate([np.zeros(0, np.int64), *counts]))]
        ),
        ids=texts.indices.to_numpy().astype(np.int32),
        bits=frequencies.of(hashes),
        chars=spelt.chars,
        char_starts=spelt.starts,
        hashes=hashes,
        aliases=aliases,
    )


def _items(text: str, separator: str) -> list[str]:
    return sorted({item.strip() for item in text.split(separator)} - {""})[:MOST_WORDS]


def count_words(columns: list[Column], n: int) -> Frequencies:
    """Count in how many of n records each word of some columns stands."""
    counts: Counter[str] = Counter()
    for column in columns:
        for found, many in zip(words(column.values), column.counts.tolist(), strict=True):
            for word in set(found):
                counts[word] += many
    hashes = hash_texts(pa.array(list(counts), pa.string()))
    return from_counts(hashes, np.array(list(counts.values()), np.int64), max(n, 2))
