"""What a user should know of a run besides its result: rules that yield nothing, columns that say nothing."""

from resolver.linkage.generic.candidates import Candidates
from resolver.linkage.generic.settings import TableSettings
from resolver.linkage.generic.table import Table


def messages(
    table: Table, settings: TableSettings, candidates: Candidates, counted: tuple[int, int, int]
) -> list[str]:
    """Sentences, one for each thing that is odd.

    Args:
        table: The records.
        settings: What was compared.
        candidates: The blocks.
        counted: Pairs compared; records that say the same as another in every column, more than `repeats.FEW`
            together; how many of these were linked with it.
    """
    n_candidates, repeated, linked = counted
    out = []
    for comparison in settings.comparisons:
        if all(len(table.columns[name].values) <= 1 for name in comparison.columns):
            out.append(f"comparison {comparison.key!r} tells nothing: its column has one value at most")
    if repeated > linked:
        out.append(
            f"{repeated - linked:,} records say in every column the same as another, and too little to be linked"
        )
    for rule in candidates.counts:
        if rule.left_out:
            blocks = "1 block" if rule.left_out == 1 else f"{rule.left_out:,} blocks"
            out.append(
                f"blocking rule {rule.name!r}: {blocks} of more than {settings.blocking.cap} records "
                f"({rule.left_out_records:,} records in all) left out"
            )
        elif rule.blocks == 0 and n_candidates:  # else the last sentence says it of all
            out.append(f"blocking rule {rule.name!r} yields no pair: no two records agree on it")
    if n_candidates == 0:
        out.append("no blocking rule yields a pair: no two records were compared, nothing can be linked")
    return out
