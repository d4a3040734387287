"""Training with labels: pairs that people decided."""

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from resolver.errors import LinkageError
from resolver.linkage.levels import MISSING, BirthDate, Comparison, Name
from resolver.linkage.model import Model
from resolver.linkage.patterns import log_odds_of_all, pack
from resolver.linkage.trainer import LABELS_SCHEMA, train

Town = tuple[pa.Table, np.ndarray[Any, np.dtype[np.int64]]]


def labels(*rows: tuple[int, int, bool]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [(), (), ()]
    return pa.table(dict(zip(LABELS_SCHEMA.names, columns, strict=True)), schema=LABELS_SCHEMA)


def test_labels_are_counted_and_change_the_model(small_town: Town, model: Model) -> None:
    records, truth = small_town
    keys = records["record_key"].to_numpy()
    rng = np.random.default_rng(5)
    pairs = rng.integers(0, len(keys), (4000, 2))
    pairs = pairs[pairs[:, 0] < pairs[:, 1]]
    decided = [(int(keys[a]), int(keys[b]), bool(truth[a] == truth[b])) for a, b in pairs]
    taught = train(records, labels=labels(*decided, decided[0], (7, 7, True), (1, 2, True)))
    assert model.trained_on["labels"] == 0
    assert taught.trained_on["labels"] == len({row[:2] for row in decided})
    assert taught.version != model.version
    learnt, before = (m.levels[Comparison.NAME][:, -1] @ m.shares for m in (taught, model))
    assert learnt != before


def test_without_labels_the_model_is_the_same(small_town: Town, model: Model) -> None:
    assert train(small_town[0], labels=labels()).version == model.version


def test_labels_that_contradict_one_another_are_named(small_town: Town) -> None:
    one, other = small_town[0]["record_key"].to_pylist()[:2]
    with pytest.raises(LinkageError, match=f"{one} and {other}"):
        train(small_town[0], labels=labels((one, other, True), (other, one, False)))


def test_labels_need_their_columns(small_town: Town) -> None:
    with pytest.raises(LinkageError, match="is_match"):
        train(small_town[0], labels=labels().drop_columns(["is_match"]))


def test_training_sees_strangers_whose_names_differ_in_a_character(small_town: Town, model: Model) -> None:
    """No rule of runs yields them; groups have them, and they must not pass for one person."""
    settings = model.settings
    rules = tuple(r for r in settings.training.wide_rules if r.name not in ("name_start", "name_ends"))
    blind = train(small_town[0], replace(settings, training=replace(settings.training, wide_rules=rules)))
    levels = np.full((1, len(settings.comparisons)), MISSING, np.uint8)
    for comparison, level in (
        (Comparison.NAME, Name.LOOK_ALIKE),
        (Comparison.BIRTH_DATE, BirthDate.DIFFERENT),
        (Comparison.SEX, 0),
    ):
        levels[0, comparison] = level
    seen, unseen = (log_odds_of_all(pack(levels), each.mixture)[0] for each in (model, blind))
    assert seen < min(-2.5, unseen - 0.5)
