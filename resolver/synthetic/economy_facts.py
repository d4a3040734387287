"""Business registration: W08 (enterprises and shops, with later renamings) and W09 (cancellations)."""

import numpy as np
import pyarrow as pa

from resolver.synthetic import columns as c
from resolver.synthetic.economy import CLINIC, HOSPITAL, INSTITUTION, PHARMACY, Organisations
from resolver.synthetic.lives import Lives
from resolver.synthetic.world import Override

_TYPES = ("company", "sole_trader", "cooperative", "institution")
_STATUSES = ("active", "cancelled", "revoked")
_REASONS = ("决议解散", "歇业", "长期停业未经营", "经营期限届满", "其他原因")


def registered(organisations: Organisations) -> np.ndarray:
    """Organisations that the business registry knows: all but hospitals."""
    return np.flatnonzero(organisations.kind != HOSPITAL)


def enterprises(lives: Lives) -> pa.Table:
    """W08: each entity once, and again when it takes a new name."""
    organisations, timeline = lives.organisations, lives.timeline
    every = registered(organisations)
    # A name taken before the first delivery ends is simply the name.
    taken_later = (organisations.renamed > timeline.end(0)) & (organisations.renamed <= timeline.reference)
    renamed = every[taken_later[every]]
    who = np.concatenate([every, renamed])
    again = np.repeat([False, True], [len(every), len(renamed)])
    told = np.where(again, organisations.renamed[who], organisations.established[who])
    period = timeline.period_of(told)
    # The register of the first month shows as cancelled most of those that were gone by then.
    shown = (organisations.cancelled[who] <= timeline.end(0) - 100) & (who % 10 < 7) & (period == 0)
    status = np.where(shown, np.where(organisations.revoked[who], 2, 1), 0)
    kind = organisations.kind[who]
    kind = np.where(kind == PHARMACY, 0, np.where(kind == CLINIC, 1, np.minimum(kind, INSTITUTION)))
    columns = {
        "enterprise": who,
        "representative": organisations.representative[who],
        "shareholder": organisations.shareholder[who],
        "enterprise_type": c.words(kind, _TYPES),
        "capital": c.yuan(organisations.capital[who]),
        "establishment_date": c.dates(organisations.established[who]),
        "status": c.words(status, _STATUSES),
        "op": c.words(again.astype(np.int64), ("add", "change")),
    }
    for fact in np.flatnonzero(~again & taken_later[who]):
        name = organisations.former_name[int(who[fact])].as_py()
        lives.overrides.append(Override("W08", int(fact), "enterprise_name", name))
    return c.assemble("W08", period, columns, timeline)


def cancellations(lives: Lives, rng: np.random.Generator) -> pa.Table:
    """W09: entities that ended."""
    organisations, timeline = lives.organisations, lives.timeline
    every = registered(organisations)
    who = every[organisations.cancelled[every] <= timeline.reference]
    columns = {
        "enterprise": who,
        "cancel_type": c.words(organisations.revoked[who].astype(np.int64), ("cancelled", "revoked")),
        "cancel_date": c.dates(organisations.cancelled[who]),
        "cancel_reason": c.words(rng.integers(len(_REASONS), size=len(who)), _REASONS),
        "op": c.constant("add", len(who)),
    }
    return c.assemble("W09", timeline.period_of(organisations.cancelled[who]), columns, timeline)
