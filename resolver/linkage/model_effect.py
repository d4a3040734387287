"""What another model version would do to persons: the same records linked with both, and the outcomes compared."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from resolver.linkage.engine import link
from resolver.linkage.judged import Judged
from resolver.linkage.model import Model
from resolver.progress import Progress, silent


@dataclass(frozen=True)
class Effect:
    """How two groupings of the same records differ.

    Attributes:
        records: How many there are.
        persons_before: Groups in the first.
        persons_after: Groups in the second.
        persons_unchanged: Groups of exactly the same records in both.
        records_regrouped: Records in other groups.
        pairs_before: Pairs of records of one group in the first.
        pairs_after: In the second.
        pairs_joined: In the second only.
        pairs_parted: In the first only.
    """

    records: int
    persons_before: int
    persons_after: int
    persons_unchanged: int
    records_regrouped: int
    pairs_before: int
    pairs_after: int
    pairs_joined: int
    pairs_parted: int

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def effect(
    records: pa.Table,
    before: Model,
    after: Model,
    judgements: Sequence[Judged] = (),
    progress: Progress = silent,
) -> Effect:
    """Link the records with both versions and compare who is with whom.

    Args:
        records: Person records.
        before: The one version.
        after: The other.
        judgements: Human decisions that hold; both obey them.
        progress: Told how far it is.

    Raises:
        LinkageError: A column is missing, or judgements contradict one another.
    """
    groups = []
    for model in (before, after):
        members = link(records, model, judgements, progress).members
        groups.append(members["cluster"].to_numpy())
    return compare_groups(groups[0], groups[1])


def compare_groups(before: NDArray[np.int64], after: NDArray[np.int64]) -> Effect:
    """Compare two groupings of n records, each given as the group of every record (n,)."""
    one, sizes_one = _numbered(before)
    other, sizes_other = _numbered(after)
    both, sizes_both = _numbered(one.astype(np.int64) << 32 | other)
    same = (sizes_one[one] == sizes_both[both]) & (sizes_other[other] == sizes_both[both])
    together = _pairs(sizes_both)
    return Effect(
        records=len(before),
        persons_before=len(sizes_one),
        persons_after=len(sizes_other),
        persons_unchanged=len(np.unique(both[same])),
        records_regrouped=int((~same).sum()),
        pairs_before=_pairs(sizes_one),
        pairs_after=_pairs(sizes_other),
        pairs_joined=_pairs(sizes_other) - together,
        pairs_parted=_pairs(sizes_one) - together,
    )


def _numbered(groups: NDArray[np.int64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Groups (n,) numbered from 0, and the size of each."""
    _, numbers, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    return numbers, sizes


def _pairs(sizes: NDArray[np.intp]) -> int:
    return int((sizes.astype(np.int64) * (sizes - 1) // 2).sum())
