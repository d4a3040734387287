"""Make a model version for a table from its own candidate pairs, without labels."""

import sys
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from resolver.linkage.calibration import learn_calibration
from resolver.linkage.cores import on_all_cores
from resolver.linkage.generic.aliases import Aliases, learn_aliases
from resolver.linkage.generic.candidates import Candidates
from resolver.linkage.generic.comparing import Compared, Comparing, count_patterns
from resolver.linkage.generic.frequency import Frequencies, count_frequencies
from resolver.linkage.generic.model import TableModel
from resolver.linkage.generic.pieces import ListPiece, Piece, Rows, list_pieces
from resolver.linkage.generic.plan import plan
from resolver.linkage.generic.prepared import prepare
from resolver.linkage.generic.repeats import content_hashes
from resolver.linkage.generic.settings import TableSettings
from resolver.linkage.generic.table import Table
from resolver.linkage.generic.training import fit_again, fit_mixture, with_strangers
from resolver.linkage.generic.vocabulary import count_words
from resolver.linkage.patterns import Mixture, log_odds_of_all, mixture_of
from resolver.linkage.tally import Counted, look_up, table_of
from resolver.linkage.third_records import ask_third_records
from resolver.linkage.training import Estimate

_SEED = 20260101
_RANDOM_PER_RECORD = 20
_LIKELY = 3.0
"""Natural log-odds from which a pair is likely enough a match to learn from."""
_ROUNDS = 2
"""How often the mixture is fitted again with what third records said."""


class Trained(NamedTuple):
    """A model version, and the records and pairs compared as it says, with the patterns that these show."""

    model: TableModel
    comparing: Comparing
    found: list[Compared]
    counted: Counted


def comparing_with(table: Table, model: TableModel, room: int) -> Comparing:
    """Records as the comparisons of a model version read them; `room` as for `prepare`."""
    data = prepare(table, model.settings, model.frequencies, model.aliases, room)
    return Comparing(data, plan(model.settings))


def comparing_of(
    table: Table,
    settings: TableSettings,
    known: dict[str, Frequencies],
    room: int = sys.maxsize,
) -> Comparing:
    """Records as the comparisons read them before any alias is learnt; `room` as for `prepare`."""
    return Comparing(prepare(table, settings, known, Aliases.none().keys, room), plan(settings))


def train_table(table: Table, settings: TableSettings, candidates: Candidates, room: int) -> Trained:
    """Train on the candidates; where words are compared, once more with the aliases that were learnt.

    Args:
        table: The records.
        settings: What is compared and how.
        candidates: The blocks.
        room: Bytes of memory that records put side by side may take, and half as much what is kept of compared pairs.

    Raises:
        LinkageError: Beyond that, there is no space on the disk.
    """
    known = count_all_frequencies(table, settings)
    comparing = comparing_of(table, settings, known, room)
    pieces = candidates.pieces()
    found, counted, mixed, estimate = _estimated(pieces, comparing, settings, room // 2)
    aliases = Aliases.none()
    with_words = [row for row, c in enumerate(settings.comparisons) if c.kind == "tokens"]
    if settings.training.aliases and with_words:
        aliases = learn_aliases(comparing.data, comparing.plan, with_words, _likely(found, counted, estimate))
    if len(aliases.keys):
        words = comparing.data.words._replace(aliases=aliases.keys)
        comparing = Comparing(comparing.data._replace(words=words), comparing.plan)
        found, counted, mixed, estimate = _estimated(pieces, comparing, settings, room // 2)
    marks = content_hashes(table)
    asked = ask_third_records(found, counted, _mixture(estimate), marks, comparing.patterns)
    for _ in range(_ROUNDS):
        estimate = fit_again(
            mixed, estimate, asked.heard(_mixture(estimate)), settings.training, settings.described
        )
    fitted = _mixture(estimate)
    asked = ask_third_records(found, counted, fitted, marks, comparing.patterns)  # in doubt by now are others
    model = TableModel(
        settings=settings,
        shares=estimate.shares,
        levels=estimate.levels,
        calibration=learn_calibration(asked.heard(fitted).witnesses(fitted)),
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
    return Trained(model, comparing, found, counted)


def count_all_frequencies(table: Table, settings: TableSettings) -> dict[str, Frequencies]:
    """How common the values of columns are where that matters, and words under the empty name."""
    wanted = sorted({c.columns[0] for c in settings.comparisons if c.options.get("frequency")})
    counted = on_all_cores(lambda name: count_frequencies(table.columns[name]), wanted)
    words = count_words([table.columns[name] for name in settings.with_words], len(table))
    return {**dict(zip(wanted, counted, strict=True)), "": words}


def _estimated(
    pieces: Sequence[Piece], comparing: Comparing, settings: TableSettings, room: int
) -> tuple[list[Compared], Counted, Counted, Estimate]:
    """The candidates compared; their patterns; the same with strangers; and the mixture fitted to them."""
    drawn = _random_pairs(comparing.data.n, settings)
    every = comparing.all([*drawn, *pieces], room)
    random, found = count_patterns(every[: len(drawn)]), every[len(drawn) :]
    counted = count_patterns(found)
    mixed = with_strangers(counted, random, comparing.data.n)
    training = settings.training
    estimate = fit_mixture(mixed, random, settings.described, training, training.prior_match)
    return found, counted, mixed, estimate


def _mixture(estimate: Estimate) -> Mixture:
    return mixture_of(estimate.shares, estimate.levels)


def _random_pairs(n: int, settings: TableSettings) -> list[ListPiece]:
    """Pairs drawn at random, which stand for non-matches."""
    most = min(settings.training.random_pairs, _RANDOM_PER_RECORD * n) if n > 1 else 0
    drawn = np.random.default_rng(_SEED).integers(0, max(n, 1), (2, most), dtype=np.int32)
    two = drawn[:, drawn[0] != drawn[1]]
    return list_pieces(two[0], two[1])


def _likely(found: list[Compared], counted: Counted, estimate: Estimate) -> tuple[Rows, Rows]:
    """Rows of the pairs that are likely matches."""
    patterns, _ = counted
    known = table_of(patterns, log_odds_of_all(patterns, _mixture(estimate)))
    chosen = [part.chosen(look_up(known, part.patterns) > _LIKELY) for part in found]
    left, right = [part[0] for part in chosen], [part[1] for part in chosen]
    return np.concatenate([np.zeros(0, np.int32), *left]), np.concatenate([np.zeros(0, np.int32), *right])
