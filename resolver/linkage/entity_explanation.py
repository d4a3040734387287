"""Explain an entity: which links hold its records together, which is weakest, what would fall apart without it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import networkx as nx
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from resolver.linkage.columns import encode
from resolver.linkage.comparison import compare
from resolver.linkage.explanation import Explanation, explain_pair, pick
from resolver.linkage.judged import Judged
from resolver.linkage.model import Model
from resolver.linkage.patterns import new_memory, weigh
from resolver.linkage.scoring import LN2
from resolver.linkage.wording import Text, percent

MOST_COMPARED = 300
"""Records of an entity up to which all of its pairs are looked at."""
MOST_LINKS = 100
"""Links of an entity that are explained."""


@dataclass(frozen=True)
class Link:
    """An edge of an entity's spanning tree, and why it holds.

    Attributes:
        record_key: Record at the end away from the tree's root.
        parent_record_key: Record at the other end.
        link_probability: That the two are of one person, as linkage used it.
        judged: A human decided that the two are the same.
        explanation: The waterfall of their pair.
        beyond: Records that hang on the others by this link in the tree: the smaller of the two parts.
        next_best: Match weight of the strongest other pair between the two parts; None when there is none, or the
            entity is too large to look at all of its pairs.
    """

    record_key: int
    parent_record_key: int
    link_probability: float
    judged: bool
    explanation: Explanation
    beyond: tuple[int, ...]
    next_best: float | None

    @property
    def text(self) -> Text:
        """What would be without it, in words."""
        many = len(self.beyond)
        records = f"{many} record{'s' * (many > 1)}"
        if self.next_best is not None and self.next_best > 0:
            zh = f"即使没有这条连接，另有一对记录（{self.next_best:+.1f} 比特）仍把两部分连在一起。"
            en = f"Without this link another pair of records ({self.next_best:+.1f} bits) would still hold both parts."
        else:
            zh = f"没有这条连接，就没有别的记录对支持这 {many} 条记录属于此人。"
            en = f"Without this link no other pair of records would speak for the {records} beyond it."
        return (
            Text(f"经人工判定为同一人。{zh}", f"Judged the same by a human. {en}")
            if self.judged
            else Text(zh, en)
        )

    def to_json(self) -> dict[str, Any]:
        """Plain values; record keys as text, for they have more digits than many JSON readers keep."""
        return {
            "record_key": str(self.record_key),
            "parent_record_key": str(self.parent_record_key),
            "link_probability": self.link_probability,
            "judged": self.judged,
            "beyond": [str(key) for key in self.beyond],
            "next_best": self.next_best,
            "text_zh": self.text.zh,
            "text_en": self.text.en,
            "explanation": self.explanation.to_json(),
        }


@dataclass(frozen=True)
class WeighedPair:
    """Two records and their match weight, in bits."""

    record_key_l: int
    record_key_r: int
    match_weight: float

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "record_key_l": str(self.record_key_l),
            "record_key_r": str(self.record_key_r),
            "match_weight": self.match_weight,
        }


@dataclass(frozen=True)
class EntityExplanation:
    """What holds an entity together.

    Attributes:
        records: Keys of its records, ascending.
        n_links: Edges of its spanning tree.
        links: The weakest of them, at most `MOST_LINKS`, the weakest first.
        opposed: Pairs of its records that by themselves speak against one person, the strongest first.
    """

    records: tuple[int, ...]
    n_links: int
    links: tuple[Link, ...]
    opposed: tuple[WeighedPair, ...]

    @property
    def weakest(self) -> Link | None:
        """The weakest link; None for an entity of one record."""
        return self.links[0] if self.links else None

    @property
    def summary(self) -> Text:
        """What holds it together, in words."""
        if self.weakest is None:
            return Text(
                "只有一条记录，没有需要成立的连接。", "There is one record only: no link has to hold."
            )
        count, odd = len(self.records), len(self.opposed)
        sure = percent(self.weakest.link_probability)
        zh = f"{count} 条记录由 {self.n_links} 条连接合为一人；最弱的一条成立的概率为 {sure}。"
        en = (
            f"{count} records are one person by {self.n_links} link{'s' * (self.n_links > 1)}; the weakest holds with "
            f"probability {sure}."
        )
        if odd:
            zh += f"其中有 {odd} 对记录单独看并不像同一人，靠其余记录合在一起。"
            en += f" {odd} pair{'s' * (odd > 1)} taken alone would look like two people; the other records join them."
        return Text(zh + self.weakest.text.zh, f"{en} {self.weakest.text.en}")

    def to_json(self) -> dict[str, Any]:
        """Plain values, the weakest link first."""
        return {
            "summary_zh": self.summary.zh,
            "summary_en": self.summary.en,
            "records": [str(key) for key in self.records],
            "n_links": self.n_links,
            "links": [link.to_json() for link in self.links],
            "opposed": [pair.to_json() for pair in self.opposed],
        }


def explain_entity(
    model: Model,
    records: pa.Table,
    members: Sequence[Mapping[str, Any]],
    judgements: Sequence[Judged] = (),
) -> EntityExplanation:
    """Explain what holds an entity together.

    Args:
        model: The model version that made the snapshot.
        records: Person records, those of the entity among them.
        members: The entity's rows of `members.parquet`. Links to records that are not among them are left out.
        judgements: Human decisions that hold.

    Raises:
        LinkageError: A record is not there.
    """
    rows = sorted(members, key=lambda row: int(row["record_key"]))
    keys = tuple(int(row["record_key"]) for row in rows)
    own = pick(records, keys)
    weights = pair_weights(model, own) if len(keys) <= MOST_COMPARED else None
    edges = _edges(rows)
    tree = nx.Graph((row["parent_record_key"], row["record_key"]) for row in edges)
    same = _judged_same(judgements)
    links = []
    for row in edges[:MOST_LINKS]:
        ends = int(row["parent_record_key"]), int(row["record_key"])
        beyond = _beyond(tree, ends)
        links.append(
            Link(
                record_key=ends[1],
                parent_record_key=ends[0],
                link_probability=row["link_probability"],
                judged=frozenset(ends) in same,
                explanation=explain_pair(model, own, *ends),
                beyond=beyond,
                next_best=None if weights is None else _next_best(keys, weights, beyond, ends),
            )
        )
    links.sort(key=lambda link: (link.link_probability, link.explanation.match_weight, link.record_key))
    opposed = () if weights is None else _opposed(keys, weights)
    return EntityExplanation(keys, len(edges), tuple(links), opposed)


def pair_weights(model: Model, records: pa.Table) -> NDArray[np.float64]:
    """Match weight of every pair of n records, in bits: float64 (n, n), symmetric, 0 on the diagonal."""
    left, right = (side.astype(np.int32) for side in np.triu_indices(records.num_rows, 1))
    levels = compare(model.comparable(encode(records)), left, right)
    weights = np.zeros((records.num_rows, records.num_rows))
    weights[left, right] = weights[right, left] = weigh(levels, model.mixture, new_memory()) / LN2
    return weights


def _edges(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Members with their parent among them, the weakest link first."""
    known = {row["record_key"] for row in rows}
    edges = [row for row in rows if row["parent_record_key"] in known]
    return sorted(edges, key=lambda row: (row["link_probability"], row["record_key"]))


def _judged_same(judgements: Sequence[Judged]) -> set[frozenset[int]]:
    return {frozenset((j.record_key_l, j.record_key_r)) for j in judgements if j.decision == "same"}


def _beyond(tree: nx.Graph, ends: tuple[int, int]) -> tuple[int, ...]:
    """The smaller part of the tree when the edge is taken away; the farther one of two equal parts."""
    tree = nx.restricted_view(tree, [], [ends])
    near, far = (sorted(nx.node_connected_component(tree, end)) for end in ends)
    return tuple(far if len(far) <= len(near) else near)


def _next_best(
    keys: tuple[int, ...], weights: NDArray[np.float64], beyond: tuple[int, ...], ends: tuple[int, int]
) -> float | None:
    """The strongest weight across the cut but for the link itself."""
    inside = np.isin(keys, beyond)
    across = np.where(inside[:, None] & ~inside[None, :], weights, -np.inf)
    one, other = keys.index(ends[0]), keys.index(ends[1])
    across[one, other] = across[other, one] = -np.inf
    best = float(across.max())
    return best if np.isfinite(best) else None


def _opposed(keys: tuple[int, ...], weights: NDArray[np.float64]) -> tuple[WeighedPair, ...]:
    left, right = np.nonzero(np.triu(weights < 0, 1))
    order = np.argsort(weights[left, right], kind="stable")
    pairs = zip(left[order].tolist(), right[order].tolist(), strict=True)
    return tuple(WeighedPair(keys[a], keys[b], float(weights[a, b])) for a, b in pairs)
