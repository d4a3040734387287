"""Candidate pairs of any table: pairs of records with equal keys, each pair once, in pieces.

Rules whose atoms have one value per record go through `resolver.linkage.blocking`: sort, expand, and a pair belongs
to the first rule that yields it. Rules on words come after them: a record stands in a block for every word, so their
pairs are listed and sorted to drop what was there before.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import product

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.blocking import Blocking, Blocks, block_keys
from resolver.linkage.compiled import kernel
from resolver.linkage.cores import on_all_cores
from resolver.linkage.generic.atoms import atom_of_values, atom_values, is_several
from resolver.linkage.generic.encoding import of_rows
from resolver.linkage.generic.numbering import Codes
from resolver.linkage.generic.pieces import Pairs, Piece, Rows, block_pieces, list_pieces, pairs_of
from resolver.linkage.generic.settings import BlockingChoice
from resolver.linkage.generic.table import Table
from resolver.linkage.hashing import Hashes, mix, mix_columns
from resolver.linkage.settings import BlockingRule


@dataclass(frozen=True)
class RuleCount:
    """What one rule yields.

    Attributes:
        name: Of the rule.
        blocks: Blocks of two records or more that are looked at.
        largest: Records in the largest of these.
        pairs: Pairs in them, also those that an earlier rule yields.
        left_out: Blocks above the cap.
        left_out_records: Records in these.
    """

    name: str
    blocks: int
    largest: int
    pairs: int
    left_out: int
    left_out_records: int


@dataclass(frozen=True)
class Candidates:
    """Blocks of all rules.

    Attributes:
        plain: Blocks of the rules with one key per record.
        of_words: Pairs of the rules on words that no plain rule yields, sorted.
        counts: Per rule.
        oversized: Keys of blocks left out, sorted, per rule, in the order of `counts`.
        n_left: Records of the left table; pairs within one table are no candidates when there are two.
        n: Records of both.
    """

    plain: Blocking
    of_words: Pairs
    counts: tuple[RuleCount, ...]
    oversized: tuple[Hashes, ...]
    n_left: int
    n: int

    def pieces(self) -> list[Piece]:
        """The work in pieces, in the order of the rules."""
        between = self.n_left if self.n_left < self.n else None
        return [*block_pieces(self.plain, between), *list_pieces(*self.of_words)]

    def pairs(self) -> Iterator[Pairs]:
        """Rows of all pairs, left < right, piece by piece."""
        for piece in self.pieces():
            yield pairs_of(piece)

    @property
    def most(self) -> int:
        """Pairs there are at most: those that several rules yield are counted for each."""
        return sum(count.pairs for count in self.counts)


def find_candidates(
    table: Table, choice: BlockingChoice, first: Rows, oversized: tuple[Hashes, ...] | None = None
) -> Candidates:
    """Form the blocks of all rules.

    Args:
        table: The records.
        choice: Rules and cap.
        first: `repeats.first_of_repeated`: only the first of repeated records stands in blocks.
        oversized: Keys known to be left out, per rule, plain rules first; None while they are being learnt.
    """
    plain = [r for r in choice.rules if not any(is_several(a) for a in r.atoms)]
    several = [r for r in choice.rules if any(is_several(a) for a in r.atoms)]
    left_aside = first != np.arange(len(first), dtype=np.int32)
    known = None if oversized is None else oversized[: len(plain)]
    blocking = block_keys(
        _keys(table, plain),
        len(table),
        [choice.cap] * len(plain),
        known,
        left_aside if left_aside.any() else None,
    )
    counts = [
        _count(rule.name, blocks, out, left)
        for rule, blocks, out, left in zip(
            plain, blocking.blocks, blocking.oversized, blocking.left_out, strict=True
        )
    ]
    found = []
    left_out = list(blocking.oversized)
    for number, rule in enumerate(several):
        before = np.zeros(0, np.uint64) if oversized is None else oversized[len(plain) + number]
        blocks, out, dropped = _word_blocks(table, rule, (choice.cap, before), left_aside)
        counts.append(_count(rule.name, blocks, out, dropped))
        left_out.append(out)
        found.append(_pairs_of(blocks, table))
    return Candidates(
        blocking, _new_pairs(found, blocking.keys), tuple(counts), tuple(left_out), table.n_left, len(table)
    )


def _keys(table: Table, rules: list[BlockingRule]) -> list[Callable[[], Hashes]]:
    """What gives the keys of each rule: hashes of its atoms' values, mixed."""
    names = list(dict.fromkeys(a for rule in rules for a in rule.atoms))
    columns = {name: table.columns[name.partition(":")[0]] for name in names}
    values = on_all_cores(lambda name: atom_of_values(columns[name], name), names)
    atoms = dict(zip(names, values, strict=True))

    def keys(rule: BlockingRule) -> Hashes:
        first, *others = rule.atoms
        out = of_rows(atoms[first], columns[first].codes)
        for name in others:
            _mix_in(out, atoms[name], columns[name].codes)
        return out

    return [partial(keys, rule) for rule in rules]


@kernel
def _mix_in(keys: Hashes, values: Hashes, codes: Codes) -> None:
    """Mix keys (n,) with the values of another atom."""
    for row in range(keys.shape[0]):
        keys[row] = mix(keys[row], values[codes[row]]) if codes[row] >= 0 else np.uint64(0)


def _count(name: str, blocks: Blocks, oversized: Hashes, left_out: int) -> RuleCount:
    pairs = int((blocks.sizes * (blocks.sizes - 1) // 2).sum())
    largest = int(blocks.sizes.max()) if len(blocks.sizes) else 0
    return RuleCount(name, len(blocks.sizes), largest, pairs, len(oversized), left_out)


def _word_blocks(
    table: Table, rule: BlockingRule, limits: tuple[int, Hashes], left_aside: NDArray[np.bool_]
) -> tuple[Blocks, Hashes, int]:
    """Blocks of a rule in which a record may have several keys; limits are the cap and keys known to be left out."""
    cap, known = limits
    values = [atom_values(table, name) for name in rule.atoms]
    rows, keys = [], []
    for chosen in product(*values):
        key = np.where(left_aside, np.uint64(0), mix_columns(*chosen))
        present = np.flatnonzero(key).astype(np.int32)
        rows.append(present)
        keys.append(key[present])
    row, key = np.concatenate([np.zeros(0, np.int32), *rows]), np.concatenate([np.zeros(0, np.uint64), *keys])
    order = np.lexsort((row, key))
    row, key = row[order], key[order]
    once = np.ones(len(row), np.bool_)
    once[1:] = (row[1:] != row[:-1]) | (key[1:] != key[:-1])
    row, key = row[once], key[once]
    starts = np.flatnonzero(np.concatenate([[len(key) > 0], key[1:] != key[:-1]]))
    sizes = np.diff(np.append(starts, len(key)))
    too_large = (sizes > cap) | np.isin(key[starts], known)
    kept = ~too_large & (sizes > 1)
    blocks = Blocks(row, starts[kept].astype(np.int64), sizes[kept].astype(np.int64))
    return blocks, key[starts[too_large]], int(sizes[too_large].sum())


def _pairs_of(blocks: Blocks, table: Table) -> NDArray[np.int64]:
    """Pairs of all blocks as left << 32 | right, each once, sorted."""
    nothing = np.zeros((int(blocks.order.max()) + 1 if len(blocks.order) else 0, 0), np.uint32)
    whole = Blocking(nothing, (blocks,), (), ())
    pairs = [pairs_of(piece) for piece in block_pieces(whole, table.n_left if table.of_two else None)]
    keys = [left.astype(np.int64) << 32 | right for left, right in pairs]
    return _distinct(np.concatenate([np.zeros(0, np.int64), *keys]))


def _distinct(pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    pairs = np.sort(pairs)
    once = np.ones(len(pairs), np.bool_)
    once[1:] = pairs[1:] != pairs[:-1]
    return pairs[once]


def _new_pairs(found: list[NDArray[np.int64]], keys: NDArray[np.uint32]) -> Pairs:
    """Pairs of several rules, each once, without those that share a key of a plain rule."""
    pairs = _distinct(np.concatenate([np.zeros(0, np.int64), *found]))
    left, right = (pairs >> 32).astype(np.int32), (pairs & 0xFFFFFFFF).astype(np.int32)
    known = np.zeros(len(left), np.bool_)
    _share_a_key(keys, left, right, known)
    return left[~known], right[~known]


@kernel
def _share_a_key(keys: NDArray[np.uint32], left: Rows, right: Rows, out: NDArray[np.bool_]) -> None:
    for pair in range(left.shape[0]):
        for rule in range(keys.shape[1]):
            if keys[left[pair], rule] != 0 and keys[left[pair], rule] == keys[right[pair], rule]:
                out[pair] = True
                break
