"""A model version from the records themselves, without labels."""

import numpy as np
import pyarrow as pa

from resolver.errors import SettingsError
from resolver.linkage.blocking import Blocking, block_records
from resolver.linkage.characters import look_alikes
from resolver.linkage.columns import Columns, encode, in_order
from resolver.linkage.comparison import comparable
from resolver.linkage.confusions import learn_confusions
from resolver.linkage.model import Model
from resolver.linkage.rarity import count_rarity
from resolver.linkage.sample import candidate_patterns, random_shares, with_strangers
from resolver.linkage.settings import LinkageSettings, person_settings
from resolver.linkage.training import fit, starting_mixture


def train(records: pa.Table, settings: LinkageSettings | None = None) -> Model:
    """Make a model version from the records themselves, without labels.

    Args:
        records: Columns of `PERSON_RECORD_SCHEMA`, in any order, one row a record.
        settings: What is compared and how; default `person.toml`.

    Raises:
        LinkageError: A column is missing.
        SettingsError: No blocking rule is that of the ID number alone.
    """
    settings = settings or person_settings()
    columns = encode(in_order(records))
    rarity = count_rarity(columns, settings.values)
    blocking = _training_blocks(columns, settings)
    data = comparable(columns, rarity.bands(columns), look_alikes())
    confusions = learn_confusions(columns, data, blocking, _rule_of_one_number(settings))
    data = data._replace(look_alikes=np.union1d(data.look_alikes, confusions))
    counted = with_strangers(candidate_patterns(blocking, data, _training_pairs(blocking, settings)), data)
    random = random_shares(data, settings)
    start = starting_mixture(*counted, random, settings)
    estimate = fit(*counted, start, settings.training, settings.comparisons)
    return Model(
        settings=settings,
        shares=estimate.shares,
        levels=estimate.levels,
        rarity=rarity,
        confusions=confusions,
        oversized=blocking.oversized[: len(settings.blocking.rules)],
        trained_on={
            "records": len(columns),
            "pairs": round(float(counted.counts.sum())),
            "patterns": len(counted.patterns),
            "matches": float(estimate.shares[0]),
            "iterations": estimate.iterations,
        },
    )


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
