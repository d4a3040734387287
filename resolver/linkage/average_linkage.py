"""Average linkage of one connected component, as a compiled loop over its edges.

Edges come sorted, the strongest first, and are taken one by one; a pair of clusters whose similarity has fallen since
goes to a heap with its present one. Similarities only fall as clusters grow (average linkage is reducible), so
whatever is taken and still holds is the best there is. When two clusters become one, the edges of that with fewer are
given to the other. Altogether about m log m steps for m edges; ties go to the smaller rows.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.compiled import kernel

Rows = NDArray[np.int32]
Longs = NDArray[np.int64]
Floats = NDArray[np.float64]
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_GONE = -1


class Nodes(NamedTuple):
    """Clusters of a component of n rows, named by one of their places in it.

    Attributes:
        sizes: int64 (n,): how many records each stands for.
        degrees: int64 (n,): edges of the rows in it.
        parents: int32 (n,): the cluster that a place went into, itself if none.
        heads: int32 (n,): first link of each cluster's list of edges; -1 = none.
        tails: int32 (n,): last link.
    """

    sizes: Longs
    degrees: Longs
    parents: Rows
    heads: Rows
    tails: Rows


class Links(NamedTuple):
    """Edges of a component (m,), sorted by similarity, the highest first.

    Attributes:
        pairs: int64 (m,): `pair_of` the two clusters; -1 once the edge was added to another.
        excess: int64 (m,): sum of weights, less what that many absent pairs would count for.
        similarity: float64 (m,): at the beginning.
        posted: float64 (m,): with which the pair was last put on the heap.
        first: int64 (m,): `pairs` at the beginning.
        nexts: int32 (2 m,): next link in a list; edge e has the links 2 e and 2 e + 1.
        slots: int32 (a power of two): open hash table, pair -> edge; -1 = free.
    """

    pairs: Longs
    excess: Longs
    similarity: Floats
    posted: Floats
    first: Longs
    nexts: Rows
    slots: Rows


class Heap(NamedTuple):
    """Pairs whose similarity has fallen, the best on top: similarity, pair and edge of each; room for m."""

    similarity: Floats
    pairs: Longs
    edges: Rows


@kernel
def pair_of(one: int, other: int) -> int:
    """One number for a pair of clusters; in the order of the smaller, then the larger."""
    return one << 32 | other if one < other else other << 32 | one


@kernel
def _home(links: Links, pair: int) -> int:
    spread = np.uint64(pair) * _SPREAD
    place: int = np.int64(spread >> np.uint64(32)) & (links.slots.shape[0] - 1)
    return place


@kernel
def _slot(links: Links, pair: int) -> int:
    """Where a pair stands in the table, or the free slot where it would be put."""
    mask = links.slots.shape[0] - 1
    slot = _home(links, pair)
    while links.slots[slot] != -1 and links.pairs[links.slots[slot]] != pair:
        slot = (slot + 1) & mask
    return slot


@kernel
def _remove(links: Links, slot: int) -> None:
    """Free a slot and move those behind it up, so that no search is cut short."""
    mask = links.slots.shape[0] - 1
    links.slots[slot] = -1
    gap, behind = slot, (slot + 1) & mask
    while links.slots[behind] != -1:
        home = _home(links, links.pairs[links.slots[behind]])
        if ((behind - home) & mask) >= ((behind - gap) & mask):
            links.slots[gap] = links.slots[behind]
            links.slots[behind] = -1
            gap = behind
        behind = (behind + 1) & mask


@kernel
def root_of(parents: Rows, place: int) -> int:
    """The cluster that a place is in."""
    while parents[place] != place:
        parents[place] = parents[parents[place]]
        place = parents[place]
    return place


@kernel
def _better(heap: Heap, one: int, similarity: float, pair: int) -> bool:
    """Whether an entry of the heap comes before a pair with that similarity."""
    if heap.similarity[one] != similarity:
        return bool(heap.similarity[one] > similarity)
    return bool(heap.pairs[one] < pair)


@kernel
def _push(heap: Heap, size: int, similarity: float, pair: int, edge: int) -> None:
    place = size
    while place > 0 and not _better(heap, (place - 1) >> 1, similarity, pair):
        above = (place - 1) >> 1
        heap.similarity[place], heap.pairs[place] = heap.similarity[above], heap.pairs[above]
        heap.edges[place] = heap.edges[above]
        place = above
    heap.similarity[place], heap.pairs[place], heap.edges[place] = similarity, pair, edge


@kernel
def _pop(heap: Heap, size: int) -> None:
    """Take the top off a heap of that size."""
    last = size - 1
    similarity, pair, place = heap.similarity[last], heap.pairs[last], 0
    while 2 * place + 1 < last:
        below = 2 * place + 1
        if below + 1 < last and _better(heap, below + 1, heap.similarity[below], heap.pairs[below]):
            below += 1
        if not _better(heap, below, similarity, pair):
            break
        heap.similarity[place], heap.pairs[place] = heap.similarity[below], heap.pairs[below]
        heap.edges[place] = heap.edges[below]
        place = below
    heap.similarity[place], heap.pairs[place], heap.edges[place] = similarity, pair, heap.edges[last]


@kernel
def enter(nodes: Nodes, links: Links) -> None:
    """Put all edges, whose `first` is known, into the table and into the lists of their ends."""
    links.slots[:] = -1
    nodes.heads[:] = -1
    for edge in range(links.pairs.shape[0]):
        pair = links.first[edge]
        links.pairs[edge], links.posted[edge] = pair, links.similarity[edge]
        links.slots[_slot(links, pair)] = edge
        for link, end in ((2 * edge, pair >> 32), (2 * edge + 1, pair & 0xFFFFFFFF)):
            links.nexts[link] = nodes.heads[end]
            if nodes.heads[end] == -1:
                nodes.tails[end] = link
            nodes.heads[end] = link


@kernel
def _absorb(nodes: Nodes, links: Links, a: int, b: int) -> None:
    """Make cluster b a part of cluster a."""
    link = nodes.heads[b]
    while link != -1:
        edge = link >> 1
        link = links.nexts[link]
        pair = links.pairs[edge]
        if pair == _GONE:
            continue
        _remove(links, _slot(links, pair))
        other = (pair >> 32) + (pair & 0xFFFFFFFF) - b
        if other == a:
            links.pairs[edge] = _GONE
            continue
        target = _slot(links, pair_of(a, other))
        if links.slots[target] == -1:
            links.slots[target], links.pairs[edge], links.posted[edge] = edge, pair_of(a, other), np.nan
        else:
            links.excess[links.slots[target]] += links.excess[edge]
            links.pairs[edge] = _GONE
    links.nexts[nodes.tails[b]] = nodes.heads[a]
    nodes.heads[a] = nodes.heads[b]
    nodes.parents[b] = a
    nodes.sizes[a] += nodes.sizes[b]
    nodes.degrees[a] += nodes.degrees[b]


@kernel
def _present(nodes: Nodes, links: Links, pair: int, edge: int) -> int:
    """The edge that now stands between two former clusters, given the one that did; -1 if they are one."""
    if links.pairs[edge] != _GONE:
        return edge
    a, b = root_of(nodes.parents, pair >> 32), root_of(nodes.parents, pair & 0xFFFFFFFF)
    return -1 if a == b else int(links.slots[_slot(links, pair_of(a, b))])


@kernel
def agglomerate(nodes: Nodes, links: Links, heap: Heap, absent: int, stop: float) -> None:
    """Merge the most alike clusters until none are more alike than `stop`; what went where is in `nodes.parents`.

    Args:
        nodes: One cluster per row; `parents` names each itself.
        links: All edges entered.
        heap: Empty.
        absent: What a pair without an edge counts for.
        stop: Similarity of clusters that stay apart.
    """
    taken, waiting = 0, 0
    while True:
        more = taken < links.similarity.shape[0] and links.similarity[taken] > stop
        if not more and waiting == 0:
            return
        if more and not (waiting and _better(heap, 0, links.similarity[taken], links.first[taken])):
            similarity, pair, edge = links.similarity[taken], links.first[taken], taken
            taken += 1
        else:
            similarity, pair, edge = heap.similarity[0], heap.pairs[0], int(heap.edges[0])
            _pop(heap, waiting)
            waiting -= 1
        edge = _present(nodes, links, pair, edge)
        if edge == -1:
            continue
        now = links.pairs[edge]
        a, b = now >> 32, now & 0xFFFFFFFF
        pairs = nodes.sizes[a] * nodes.sizes[b]
        present = (links.excess[edge] + absent * pairs) / pairs
        if now == pair and present >= similarity:
            if nodes.degrees[a] < nodes.degrees[b]:
                a, b = b, a
            _absorb(nodes, links, a, b)
        elif present > stop and links.posted[edge] != present:
            links.posted[edge] = present
            _push(heap, waiting, present, now, edge)
            waiting += 1
