"""What a user should know of a run besides its result: rules that yield nothing, columns that say nothing."""

import numpy as np

from resolver.linkage.generic.candidates import Candidates
from resolver.linkage.generic.model import TableModel

_ONE_LEVEL = 0.9999
"""A comparison whose pairs show one level to this share, in every class of pairs, tells nothing."""


def messages(
    candidates: Candidates, model: TableModel, n_candidates: int, repeats: tuple[int, int]
) -> list[str]:
    """Sentences, one for each thing that is odd.

    Args:
        candidates: The blocks.
        model: What was learnt.
        n_candidates: Pairs compared.
        repeats: Records that say the same as another in every column, more than `repeats.FEW` together; and how
            many of them were linked with it.
    """
    out = []
    if repeats[0] > repeats[1]:
        out.append(
            f"{repeats[0] - repeats[1]:,} records say in every column the same as another, and too little to be linked"
        )
    for rule in candidates.counts:
        if rule.left_out:
            out.append(
                f"blocking rule {rule.name!r}: {rule.left_out:,} blocks of more than {model.settings.blocking.cap} "
                f"records ({rule.left_out_records:,} records in all) were left out"
            )
        elif rule.blocks == 0:
            out.append(f"blocking rule {rule.name!r} yields no pair: no two records agree on it")
    if n_candidates == 0:
        return [*out, "no two records were compared: nothing can be linked"]
    for comparison, levels in zip(model.comparisons, model.levels, strict=True):
        shares = np.average(levels, axis=0, weights=model.shares)
        if shares.max() > _ONE_LEVEL:
            level = comparison.levels[int(shares.argmax())].label_en
            out.append(
                f"comparison {comparison.key!r} tells nothing: all pairs are {level!r}, or lack the value"
            )
    return out
