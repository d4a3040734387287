"""What a name and a number say together: whose name stands beside whose number, and who has two numbers."""

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.compiled import kernel
from resolver.linkage.hashing import Hashes
from resolver.linkage.levels import MISSING, Comparison, IdNumber, Name
from resolver.linkage.scoring import Kept, Scored

Rows = NDArray[np.int32]
Flags = NDArray[np.bool_]
Levels = NDArray[np.uint8]
Seen = NDArray[np.uint8]
"""Of each row, by what it seems to be one with others: bits, made by `seen_as`."""

_TWIN = (IdNumber.SAME_DAY_AND_PLACE, IdNumber.SAME_DAY)
_BY_NAME, _NEARLY_BY_NAME, _BY_NUMBER, _BY_BOTH, _BY_NUMBER_AND_NEARLY_BY_NAME, _RENUMBERED = (
    1 << bit for bit in range(6)
)
_UNDER_ANOTHER_NAME, _UNDER_A_LIKE_NAME = 1 << 6, 1 << 7


def _seen_in() -> NDArray[np.uint8]:
    """By what two records with some level (256, 256) of name and number seem to be one."""
    seen = np.zeros((256, 256), np.uint8)
    for same, near in ((Name.VARIANT, _BY_NAME), (Name.ORDER, _NEARLY_BY_NAME)):
        for twin in _TWIN:
            seen[: same + 1, twin] |= near
    seen[: Name.FORMER + 1, IdNumber.SAME_DAY_AND_PLACE] |= _RENUMBERED
    seen[: Name.FORMER + 1, IdNumber.SAME] |= _BY_BOTH
    seen[: Name.ORDER + 1, IdNumber.SAME] |= _BY_NUMBER_AND_NEARLY_BY_NAME
    seen[Name.FORMER + 1 : MISSING, IdNumber.SAME] |= _BY_NUMBER
    seen[Name.GIVEN_ONLY + 1 : MISSING, IdNumber.SAME] |= _UNDER_ANOTHER_NAME
    seen[: Name.GIVEN_ONLY + 1, IdNumber.SAME] |= _UNDER_A_LIKE_NAME
    return seen


_SEEN = _seen_in()


def kept_of_persons(keep: float) -> Kept:
    """Keeps pairs with natural log-odds of at least `keep`, and those of one name under two numbers of a place and day.

    Namesakes of one birth date are told apart by their numbers alone, and so is whoever was given a second number, who
    is the rarer of the two. Whatever the weight says, such records must be looked at together.
    """

    def kept(scored: Scored) -> Flags:
        out = np.empty(len(scored), np.bool_)
        _keep(scored.log_odds, scored.levels, _SEEN, keep, out)
        return out

    return kept


@kernel
def _keep(log_odds: NDArray[np.float64], levels: Levels, seen_in: Seen, keep: float, out: Flags) -> None:
    for pair in range(out.shape[0]):
        bits = seen_in[levels[pair, Comparison.NAME], levels[pair, Comparison.ID_NUMBER]]
        out[pair] = log_odds[pair] >= keep or bits & _RENUMBERED != 0


def seen_as(scored: Scored, n: int) -> Seen:
    """By what each of n rows seems to be one with others (n,), of the pairs that were kept."""
    seen = np.zeros(n, np.uint8)
    _see(scored.left, scored.right, scored.levels, _SEEN, seen)
    return seen


@kernel
def _see(
    left: Rows, right: Rows, levels: Levels, seen_in: NDArray[np.uint8], seen: NDArray[np.uint8]
) -> None:
    for pair in range(left.shape[0]):
        bits = seen_in[levels[pair, Comparison.NAME], levels[pair, Comparison.ID_NUMBER]]
        seen[left[pair]] |= bits
        seen[right[pair]] |= bits


def contradicted(seen: Seen) -> Flags:
    """Rows (n,) that are one person by the name and another one by the number: twins seen under each other's number.

    Such a row shares its number with other rows whose names are farther from its own than that of a row born on the
    same day under a number of its own: it has that one's name and not theirs, or it has a name that sounds or looks
    like that one's and not like theirs. Either the name or the number is wrong, and nothing written says which; in a
    cluster such rows would be the bridge over which the two become one.
    """
    by_name = (seen & _BY_NAME != 0) & (seen & _BY_BOTH == 0)
    nearly = (seen & _NEARLY_BY_NAME != 0) & (seen & _BY_NUMBER_AND_NEARLY_BY_NAME == 0)
    return np.asarray((by_name | nearly) & (seen & _BY_NUMBER != 0))


def renumbered(labels: Rows, seen: Seen, entries: Hashes) -> Rows:
    """Rows (k,) of clusters unknown to the household register that have another one's name, and a number like his.

    Two valid numbers of one place and birth date under one name are of two namesakes or of one person who was given a
    new number. Whom the register has under his number is himself; of the other, nothing says which.

    Args:
        labels: int32 (n,): smallest row of each row's cluster.
        seen: What each row seems to be.
        entries: uint64 (n,): the number of an entry of the register, if valid; else 0.
    """
    registered = np.zeros(len(labels), np.bool_)
    registered[labels[entries != 0]] = True
    return np.flatnonzero((seen & _RENUMBERED != 0) & ~registered[labels]).astype(np.int32)


def under_another_name(labels: Rows, seen: Seen) -> Rows:
    """Rows (k,) that joined others by a number under which nobody else has a name like theirs, a surname at most.

    Either the number is a relative's (an informant's in a death certificate, a payer's) or the name was written from
    another line. What else the record says is little, or the probability would have been clear.

    Args:
        labels: int32 (n,): smallest row of each row's cluster.
        seen: What each row seems to be.
    """
    another = seen & _UNDER_ANOTHER_NAME != 0
    # Of such a pair both are marked: who stayed apart from the others is the only one in its cluster.
    joined = np.bincount(labels[another], minlength=len(labels))[labels] > 1
    return np.flatnonzero(joined & another & (seen & _UNDER_A_LIKE_NAME == 0)).astype(np.int32)
