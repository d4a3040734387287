"""A model version from the records themselves; pairs that people decided can teach it too."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from resolver.errors import LinkageError, SettingsError
from resolver.linkage.blocking import Blocking, block_records
from resolver.linkage.characters import look_alikes
from resolver.linkage.columns import Columns, encode, in_order
from resolver.linkage.comparison import Comparable, comparable, compare
from resolver.linkage.confusions import learn_confusions
from resolver.linkage.descriptions import description_hashes
from resolver.linkage.hashing import Hashes
from resolver.linkage.hidden_numbers import hide_numbers
from resolver.linkage.model import Model
from resolver.linkage.patterns import Mixture, Patterns, count, mixture_of, pack
from resolver.linkage.person_calibration import learn_calibrations
from resolver.linkage.rarity import count_rarity
from resolver.linkage.sample import candidate_sample, random_shares, with_strangers
from resolver.linkage.settings import LinkageSettings, person_settings
from resolver.linkage.tally import tally
from resolver.linkage.third_records import Heard, Pairs, Rows, ask_third_records
from resolver.linkage.training import Known, fit, starting_mixture

LABELS_SCHEMA = pa.schema(
    [("record_key_l", pa.int64()), ("record_key_r", pa.int64()), ("is_match", pa.bool_())]
)
"""Pairs whose truth is known: judgements, or a sample that people labelled."""


def train(
    records: pa.Table, settings: LinkageSettings | None = None, labels: pa.Table | None = None
) -> Model:
    """Make a model version from the records themselves, without labels or with some.

    A labelled pair is a certain member of the match class, or of the classes of non-matches together, in every round
    of EM, worth one pair each; the pairs without a label stay what they were. So a few labels change little, and
    thousands much. They teach the level probabilities, not the share of matches.

    Args:
        records: Columns of `PERSON_RECORD_SCHEMA`, in any order, one row a record.
        settings: What is compared and how; default `person.toml`.
        labels: Columns of `LABELS_SCHEMA`; pairs of a record that is not here, or of one with itself, are left aside.

    Raises:
        LinkageError: A column is missing, or one pair is labelled both ways.
        SettingsError: No blocking rule is that of the ID number alone.
    """
    settings = settings or person_settings()
    columns = encode(in_order(records))
    rarity = count_rarity(columns, settings.values)
    blocking = _training_blocks(columns, settings)
    data = comparable(columns, rarity.bands(columns), look_alikes())
    confusions = learn_confusions(columns, data, blocking, _rule_of_one_number(settings))
    data = data._replace(look_alikes=np.union1d(data.look_alikes, confusions))
    sample = candidate_sample(
        blocking, data, _training_pairs(blocking, settings), len(settings.blocking.rules)
    )
    counted = with_strangers(sample.counted, data)
    start = starting_mixture(*counted, random_shares(data, settings), settings)
    known = _known(labels, columns.record_key, data)
    estimate = fit(*counted, start, settings.training, settings.comparisons, known)
    mixture = mixture_of(estimate.shares, estimate.levels)
    heard = _heard(sample.pairs, mixture, description_hashes(columns), data)
    hidden = hide_numbers(blocking, settings.blocking.rules, data)
    numbered, unnumbered = learn_calibrations(heard, hidden, known, mixture)
    return Model(
        settings=settings,
        shares=estimate.shares,
        levels=estimate.levels,
        calibration=numbered,
        rarity=rarity,
        confusions=confusions,
        oversized=blocking.oversized[: len(settings.blocking.rules)],
        trained_on={
            "records": len(columns),
            "pairs": round(float(counted.counts.sum())),
            "patterns": len(counted.patterns),
            "matches": float(estimate.shares[0]),
            "iterations": estimate.iterations,
            "labels": len(known.is_match),
        },
        calibration_unnumbered=unnumbered,
    )


def _heard(pairs: list[Pairs], mixture: Mixture, marks: Hashes, data: Comparable) -> Heard:
    """What third records say of candidate pairs."""

    def patterns(left: Rows, right: Rows) -> Patterns:
        return pack(compare(data, left, right))

    counted = count([tally(part.patterns) for part in pairs])
    return ask_third_records(pairs, counted, mixture, marks, patterns).heard(mixture)


def _known(labels: pa.Table | None, record_key: NDArray[np.int64], data: Comparable) -> Known:
    """Levels of labelled pairs, each pair once.

    Raises:
        LinkageError: A column is missing, or a pair is labelled both ways.
    """
    labels = LABELS_SCHEMA.empty_table() if labels is None else labels
    if missing := sorted(set(LABELS_SCHEMA.names) - set(labels.column_names)):
        raise LinkageError(
            f"labels lack the columns {', '.join(missing)}", remedy="Name the pairs by record key."
        )
    labels = labels.select(LABELS_SCHEMA.names).cast(LABELS_SCHEMA).drop_null()
    keys = np.stack([labels["record_key_l"].to_numpy(), labels["record_key_r"].to_numpy()], axis=1)
    place = np.minimum(np.searchsorted(record_key, keys), max(len(record_key) - 1, 0))
    here = np.zeros(len(keys), np.bool_)
    if len(record_key):
        here = (record_key[place] == keys).all(axis=1) & (keys[:, 0] != keys[:, 1])
    rows = np.sort(place[here], axis=1).astype(np.int32)
    decided = np.unique(np.column_stack([rows, labels["is_match"].to_numpy()[here]]), axis=0)
    pairs, times = np.unique(decided[:, :2], axis=0, return_counts=True)
    if (times > 1).any():
        named = "; ".join(f"{record_key[a]} and {record_key[b]}" for a, b in pairs[times > 1])
        raise LinkageError(
            f"labelled both as one person and as two: {named}", remedy="Keep one label of each pair."
        )
    left, right = decided[:, 0].astype(np.int32), decided[:, 1].astype(np.int32)
    return Known(compare(data, left.copy(), right.copy()), decided[:, 2].astype(np.bool_))


def _rule_of_one_number(settings: LinkageSettings) -> int:
    """Number of the blocking rule whose blocks hold records of one ID number.

    Raises:
        SettingsError: There is none.
    """
    for number, rule in enumerate(settings.blocking.rules):
        if rule.atoms == ("id_number",):
            return number
    raise SettingsError(
        "the blocking rules lack one with the atom id_number alone", remedy="Add it to the linkage settings."
    )


def _training_blocks(columns: Columns, settings: LinkageSettings) -> Blocking:
    """Blocks of the rules, then those of the wide rules."""
    rules, wide = settings.blocking.rules, settings.training.wide_rules
    caps = [settings.blocking.cap] * len(rules) + [settings.training.wide_cap] * len(wide)
    return block_records(columns, rules + wide, caps)


def _training_pairs(blocking: Blocking, settings: LinkageSettings) -> list[int]:
    """About how many pairs to look at, per rule."""
    pairs = [int((b.sizes * (b.sizes - 1) // 2).sum()) for b in blocking.blocks]
    candidates = pairs[: len(settings.blocking.rules)]
    share = min(1.0, settings.training.sample_pairs / max(sum(candidates), 1))
    wide = [settings.training.wide_pairs] * len(settings.training.wide_rules)
    return [int(share * n) for n in candidates] + wide
