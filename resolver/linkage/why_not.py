"""Explain why two records are not one person: never compared, too unlike, or kept apart by all the other records."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from resolver.linkage.atoms import atom
from resolver.linkage.blocking import rule_keys
from resolver.linkage.columns import Columns, encode
from resolver.linkage.entity_explanation import WeighedPair, pair_weights
from resolver.linkage.explanation import Explanation, explain_pair, pick
from resolver.linkage.grouping import Numbered
from resolver.linkage.judged import Judged
from resolver.linkage.model import Model
from resolver.linkage.scoring import LN2
from resolver.linkage.settings import BlockingRule
from resolver.linkage.wording import Text, atom_label

MOST_RECORDS = 150
"""Records of each person that are looked at."""
_NEAREST = 3
_MOST_NAMED = 5

Kind = Literal["judged", "not_compared", "oversized", "below", "registers", "outvoted", "ambiguous", "nearer"]


@dataclass(frozen=True)
class RuleNeed:
    """A blocking rule, and what keeps two records from sharing its key.

    Attributes:
        name: Of the rule.
        shared: Atoms that both records have, and alike.
        differing: Atoms that both have, but not alike.
        missing: Atoms that one of them does not have.
    """

    name: str
    shared: tuple[str, ...]
    differing: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def text(self) -> Text:
        """What would have been needed, in words."""
        atoms = (*self.shared, *self.differing, *self.missing)
        zh = "＋".join(atom_label(name).zh for name in atoms)
        en = " + ".join(atom_label(name).en for name in atoms)
        for names, because_zh, because_en in (
            (self.differing, "不同", "differs"),
            (self.missing, "至少一方没有", "is missing in one of them"),
        ):
            if names:
                zh += f"，其中{'、'.join(atom_label(name).zh for name in names)}{because_zh}"
                en += f", but the {' and the '.join(atom_label(name).en for name in names)} {because_en}"
        return Text(zh, en)

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "rule": self.name,
            "shared": list(self.shared),
            "differing": list(self.differing),
            "missing": list(self.missing),
            "text_zh": self.text.zh,
            "text_en": self.text.en,
        }


@dataclass(frozen=True)
class Reason:
    """One reason why two records are not one person.

    Attributes:
        kind: `judged` (by a human), `not_compared` (no blocking rule), `oversized` (only in blocks left out), `below`
            (their own weight is too low), `registers` (two entries of the household register), `outvoted` (by the
            other records of the two), `ambiguous`, `nearer` (each is more like the records it was joined to).
        text: In words.
        speaking: Pairs of records on which the reason stands, the strongest first.
    """

    kind: Kind
    text: Text
    speaking: tuple[WeighedPair, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "kind": self.kind,
            "text_zh": self.text.zh,
            "text_en": self.text.en,
            "speaking": [pair.to_json() for pair in self.speaking],
        }


@dataclass(frozen=True)
class WhyNot:
    """Why two records are not taken for one person.

    Attributes:
        explanation: The waterfall of their pair.
        rules: Blocking rules whose keys they share.
        oversized: Those of these rules whose block is too large to be looked at.
        nearest: Rules whose keys they do not share, the nearest to it first; empty when they share one.
        reasons: The deciding one first.
    """

    explanation: Explanation
    rules: tuple[str, ...]
    oversized: tuple[str, ...]
    nearest: tuple[RuleNeed, ...]
    reasons: tuple[Reason, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain values, without the waterfall."""
        return {
            "rules": list(self.rules),
            "oversized": list(self.oversized),
            "nearest": [need.to_json() for need in self.nearest],
            "reasons": [reason.to_json() for reason in self.reasons],
        }


@dataclass(frozen=True)
class Side:
    """One of the two records and the person it belongs to.

    Attributes:
        record_key: The record.
        records: Person records of that person, the record itself among them.
        ambiguous: Records of that person were flagged as doubtful.
    """

    record_key: int
    records: pa.Table
    ambiguous: bool = False

    def limited(self) -> pa.Table:
        """The record, then others of its person, at most `MOST_RECORDS`."""
        others = self.records.filter(pa.compute.not_equal(self.records["record_key"], self.record_key))
        return pa.concat_tables([pick(self.records, [self.record_key]), others.slice(0, MOST_RECORDS - 1)])


def why_not(model: Model, left: Side, right: Side, judgements: Sequence[Judged] = ()) -> WhyNot:
    """Explain why two records are not taken for one person.

    Args:
        model: The model version that made the snapshot.
        left: The one record.
        right: The other, of another person.
        judgements: Human decisions that hold.

    Raises:
        LinkageError: A record is not among those of its person.
    """
    sides = left.limited(), right.limited()
    pair = pa.concat_tables([side.slice(0, 1) for side in sides])
    columns = encode(pair)
    rules = model.settings.blocking.rules
    keys = rule_keys(columns, rules)
    shared = np.flatnonzero((keys[0] == keys[1]) & (keys[0] != 0))
    oversized = [n for n in shared if np.isin(keys[0, n], model.oversized[n])]
    explanation = explain_pair(model, pair, left.record_key, right.record_key)
    nearest = () if len(shared) else _nearest(columns, rules)
    named = tuple(rules[n].name for n in oversized)
    reasons = [
        *_judged(sides, judgements),
        *_blocked(len(shared), named, nearest),
        *_weighed(model, sides, explanation),
    ]
    if left.ambiguous or right.ambiguous:
        reasons.append(_AMBIGUOUS)
    if not reasons:
        reasons.append(_NEARER)
    return WhyNot(explanation, tuple(rules[n].name for n in shared), named, nearest, tuple(reasons))


_AMBIGUOUS = Reason(
    "ambiguous",
    Text(
        "这里有记录已标为存疑：与两个人几乎同样相像、自相矛盾、所写不足以认人，或只差一点就会合为一人；"
        "为避免认错而分开，等待人工判定。",
        "Records here are flagged for a human to judge: they fit two persons almost equally well, contradict "
        "themselves, say too little to tell whose they are, or came close to being joined; in doubt they are kept "
        "apart.",
    ),
)
_NEARER = Reason(
    "nearer",
    Text(
        "两条记录各自与另外的记录更相像，先与那些记录合为一人。",
        "Each of the two is more like other records, and was joined to those first.",
    ),
)


def _judged(sides: tuple[pa.Table, pa.Table], judgements: Sequence[Judged]) -> list[Reason]:
    one, other = (set(side["record_key"].to_pylist()) for side in sides)
    for judgement in judgements:
        ends = judgement.record_key_l, judgement.record_key_r
        across = (ends[0] in one and ends[1] in other) or (ends[1] in one and ends[0] in other)
        if judgement.decision == "different" and across:
            text = Text(
                f"经人工判定，记录 {ends[0]} 与 {ends[1]} 不是同一人。",
                f"A human judged that records {ends[0]} and {ends[1]} are of two persons.",
            )
            return [Reason("judged", text)]
    return []


def _blocked(shared: int, oversized: tuple[str, ...], nearest: tuple[RuleNeed, ...]) -> list[Reason]:
    if shared and len(oversized) < shared:
        return []
    if shared:
        text = Text(
            f"两条记录只在过大的分组里相遇（{'、'.join(oversized)}）；有这些共同点的记录太多，没有逐对比较。",
            f"The two share only what far too many records share ({', '.join(oversized)}), so such pairs are left out.",
        )
        return [Reason("oversized", text)]
    zh = "；".join(need.text.zh for need in nearest)
    en = "; ".join(need.text.en for need in nearest)
    text = Text(
        f"两条记录没有任何一组足以被拿来比较的共同点。最接近的是：{zh}。",
        f"The two have none of the things in common for which records are compared. The nearest would be: {en}.",
    )
    return [Reason("not_compared", text)]


def _nearest(columns: Columns, rules: tuple[BlockingRule, ...]) -> tuple[RuleNeed, ...]:
    """Rules by how few of their atoms stand in the way; differing ones count more than missing ones."""
    names = sorted({name for rule in rules for name in rule.atoms})
    values = {name: atom(columns, name) for name in names}
    needs = []
    for rule in rules:
        states: dict[str, list[str]] = {"shared": [], "differing": [], "missing": []}
        for name in rule.atoms:
            one, other = values[name]
            state = "missing" if one == 0 or other == 0 else "shared" if one == other else "differing"
            states[state].append(name)
        needs.append(RuleNeed(rule.name, **{state: tuple(found) for state, found in states.items()}))
    needs.sort(key=lambda need: (not need.shared, 2 * len(need.differing) + len(need.missing)))
    return tuple(needs[:_NEAREST])


def _weighed(model: Model, sides: tuple[pa.Table, pa.Table], explanation: Explanation) -> list[Reason]:
    """Reasons that lie in weights: of the pair itself, and of all pairs between the two persons."""
    settings = model.settings.clustering
    stop = settings.stop / LN2
    own = explanation.match_weight
    reasons = []
    if own <= stop:
        text = Text(
            f"两条记录本身不够相像：权重 {own:+.1f} 比特，低于所需的 {stop:+.1f}。",
            f"The two are not alike enough: a weight of {own:+.1f} bits, below the {stop:+.1f} needed.",
        )
        reasons.append(Reason("below", text))
    both = pa.concat_tables(sides)
    cut = sides[0].num_rows
    limit = settings.clip / LN2
    weights = np.clip(pair_weights(model, both)[:cut, cut:], -limit, limit)
    numbered = Numbered.of(encode(both))
    reasons += _registers(numbered, weights, cut, both)
    deciding = _deciding(numbered, weights, cut)
    if own > stop and float(weights[deciding].mean()) <= stop:
        reasons.append(_outvoted(weights, deciding, both, stop))
    return reasons


def _registers(numbered: Numbered, weights: NDArray[np.float64], cut: int, both: pa.Table) -> list[Reason]:
    left, right = (side.ravel().astype(np.int32) for side in np.indices(weights.shape))
    apart = numbered.apart(left, right + np.int32(cut), np.sign(weights).ravel().astype(np.int64))
    if not apart.any():
        return []
    pairs = _pairs(weights, apart.reshape(weights.shape), both)
    text = Text(
        "两人在户籍中各有一条登记，号码均有效且不同；除非登记本身有换号的证据，否则不会合为一人。",
        "Each has an entry of their own in the household register, under different valid numbers; such two are not "
        "joined unless the entries themselves show that the number was changed.",
    )
    return [Reason("registers", text, pairs)]


def _deciding(numbered: Numbered, weights: NDArray[np.float64], cut: int) -> NDArray[np.bool_]:
    """Pairs whose average decides: those of records with a valid number where both persons have such, else all."""
    rows = numbered.rows
    if rows[:cut].any() and rows[cut:].any():
        return np.asarray(rows[:cut, None] & rows[None, cut:])
    return np.ones_like(weights, np.bool_)


def _outvoted(
    weights: NDArray[np.float64], deciding: NDArray[np.bool_], both: pa.Table, stop: float
) -> Reason:
    against = deciding & (weights < 0)
    mean, many, of = float(weights[deciding].mean()), int(against.sum()), int(deciding.sum())
    some = not deciding.all()
    zh = f"要看两人{'带有效号码的' if some else '的'}全部记录：{of} 对中有 {many} 对不像同一人，平均 {mean:+.1f} 比特"
    which = "records with a valid number" if some else "records"
    en = f"all pairs of their {which} count: {many} of {of} speak against one person, {mean:+.1f} bits on average"
    text = Text(
        f"单看这两条记录是相像的，但{zh}，低于所需的 {stop:+.1f}。",
        f"Taken alone the two records look alike, but {en}, below the {stop:+.1f} needed.",
    )
    return Reason("outvoted", text, _pairs(weights, against, both))


def _pairs(
    weights: NDArray[np.float64], chosen: NDArray[np.bool_], both: pa.Table
) -> tuple[WeighedPair, ...]:
    """The pairs that speak most against one person."""
    keys = both["record_key"].to_pylist()
    left, right = np.nonzero(chosen)
    order = np.argsort(weights[left, right], kind="stable")[:_MOST_NAMED]
    cut = weights.shape[0]
    return tuple(
        WeighedPair(keys[left[n]], keys[cut + right[n]], float(weights[left[n], right[n]])) for n in order
    )
