"""Make a model version for a table from its own candidate pairs, without labels."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from resolver.linkage.calibration import learn_calibration
from resolver.linkage.generic.aliases import Aliases, learn_aliases
from resolver.linkage.generic.candidates import Candidates, Piece
from resolver.linkage.generic.comparing import (
    Compared,
    Comparing,
    Counted,
    Rows,
    count_patterns,
    in_parts,
    on_all_cores,
)
from resolver.linkage.generic.frequency import Frequencies, count_frequencies
from resolver.linkage.generic.model import TableModel
from resolver.linkage.generic.prepared import plan, prepare
from resolver.linkage.generic.repeats import content_hashes
from resolver.linkage.generic.settings import TableSettings
from resolver.linkage.generic.table import Table
from resolver.linkage.generic.training import fit_again, fit_mixture, with_strangers
from resolver.linkage.generic.vocabulary import count_words
from resolver.linkage.patterns import log_odds_of_all, mixture_of
from resolver.linkage.tally import look_up, table_of
from resolver.linkage.third_records import Heard, ask_third_records
from resolver.linkage.training import Estimate

_SEED = 20260101
_RANDOM_PER_RECORD = 20
_LIKELY = 3.0
"""Natural log-odds from which a pair is likely enough a match to learn from."""
_ROUNDS = 2
"""How often the mixture is fitted again with what third records said."""


class Trained(NamedTuple):
    """A model version, and the records and pairs compared as it says."""

    model: TableModel
    comparing: Comparing
    found: list[Compared]


def comparing_with(table: Table, model: TableModel) -> Comparing:
    """Records as the comparisons of a model version read them."""
    return Comparing(prepare(table, model.settings, model.frequencies, model.aliases), plan(model.settings))


def comparing_of(
    table: Table, settings: TableSettings, known: dict[str, Frequencies] | None = None
) -> Comparing:
    """Records as the comparisons read them before any alias is learnt."""
    known = count_all_frequencies(table, settings) if known is None else known
    return Comparing(prepare(table, settings, known, Aliases.none().keys), plan(settings))


def train_table(
    table: Table, settings: TableSettings, candidates: Candidates, pieces: Sequence[Piece]
) -> Trained:
    """Train on the pairs of some pieces; where words are compared, once more with the aliases that were learnt.

    Args:
        table: The records.
        settings: What is compared and how.
        candidates: The blocks.
        pieces: The candidates, or as many of them as training is to look at.
    """
    known = count_all_frequencies(table, settings)
    comparing = comparing_of(table, settings, known)
    found = on_all_cores(comparing.piece, pieces)
    counted, mixed, estimate = _estimated(found, comparing, settings)
    aliases = Aliases.none()
    with_words = [row for row, c in enumerate(settings.comparisons) if c.kind == "tokens"]
    if settings.training.aliases and with_words:
        aliases = learn_aliases(comparing.data, comparing.plan, with_words, _likely(found, counted, estimate))
    if len(aliases.keys):
        words = comparing.data.words._replace(aliases=aliases.keys)
        comparing = Comparing(comparing.data._replace(words=words), comparing.plan)
        found = on_all_cores(comparing.piece, pieces)
        counted, mixed, estimate = _estimated(found, comparing, settings)
    heard = _heard(table, found, counted, comparing, estimate)
    for _ in range(_ROUNDS):
        estimate = fit_again(mixed, estimate, heard, settings.training, settings.described)
        heard = _heard(table, found, counted, comparing, estimate)
    model = TableModel(
        settings=settings,
        shares=estimate.shares,
        levels=estimate.levels,
        calibration=learn_calibration(heard.witnesses(mixture_of(estimate.shares, estimate.levels))),
        frequencies=known,
        aliases=aliases.keys,
        alias_words=aliases.words,
        oversized=candidates.oversized,
        trained_on={
            "records": len(table),
            "pairs": float(counted[1].sum()),
            "patterns": len(counted[0]),
            "matches": float(estimate.shares[0]),
            "iterations": estimate.iterations,
        },
    )
    return Trained(model, comparing, found)


def count_all_frequencies(table: Table, settings: TableSettings) -> dict[str, Frequencies]:
    """How common the values of columns are where that matters, and words under the empty name."""
    wanted = sorted({c.columns[0] for c in settings.comparisons if c.options.get("frequency")})
    counted = on_all_cores(lambda name: count_frequencies(table.columns[name]), wanted)
    words = count_words([table.columns[name] for name in settings.with_words], len(table))
    return {**dict(zip(wanted, counted, strict=True)), "": words}


def _estimated(
    found: list[Compared], comparing: Comparing, settings: TableSettings
) -> tuple[Counted, Counted, Estimate]:
    """Patterns of the candidates; the same with strangers; and the mixture fitted to them."""
    counted, random = count_patterns(found), _random_pairs(comparing, settings)
    mixed = with_strangers(counted, random, comparing.data.codes.shape[1])
    training = settings.training
    return counted, mixed, fit_mixture(mixed, random, settings.described, training, training.prior_match)


def _heard(
    table: Table, found: list[Compared], counted: Counted, comparing: Comparing, estimate: Estimate
) -> Heard:
    """What third records say of the candidates."""
    return ask_third_records(
        found,
        counted,
        mixture_of(estimate.shares, estimate.levels),
        content_hashes(table),
        lambda left, right: comparing.pairs(left, right).patterns,
    )


def _random_pairs(comparing: Comparing, settings: TableSettings) -> Counted:
    """Patterns of pairs drawn at random, which stand for non-matches."""
    n = comparing.data.codes.shape[1]
    most = min(settings.training.random_pairs, _RANDOM_PER_RECORD * n) if n > 1 else 0
    drawn = np.random.default_rng(_SEED).integers(0, max(n, 1), (2, most), dtype=np.int32)
    return count_patterns(on_all_cores(comparing.rows, in_parts(drawn[:, drawn[0] != drawn[1]])))


def _likely(found: list[Compared], counted: Counted, estimate: Estimate) -> tuple[Rows, Rows]:
    """Rows of the pairs that are likely matches."""
    patterns, _ = counted
    known = table_of(patterns, log_odds_of_all(patterns, mixture_of(estimate.shares, estimate.levels)))
    chosen = [look_up(known, part.patterns) > _LIKELY for part in found]
    left = [part.left[high] for part, high in zip(found, chosen, strict=True)]
    right = [part.right[high] for part, high in zip(found, chosen, strict=True)]
    return np.concatenate([np.zeros(0, np.int32), *left]), np.concatenate([np.zeros(0, np.int32), *right])
