"""Records of which nothing decides whose they are: flagged, and kept apart where they fit two clusters equally well."""

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.between import between
from resolver.linkage.clustering import FORBIDDEN, UNIT, Edges, connected
from resolver.linkage.compiled import compiled, kernel
from resolver.linkage.hashing import Hashes
from resolver.linkage.runs import numbered
from resolver.linkage.settings import ClusteringSettings

Rows = NDArray[np.int32]
Flags = NDArray[np.bool_]
_Edges = tuple[Rows, Rows, NDArray[np.int64]]
_ROUNDING = 1e-6


def set_apart(
    labels: Rows, edges: Edges, nameless: NDArray[np.bool_], settings: ClusteringSettings, second: float
) -> tuple[Rows, Rows]:
    """Take ambiguous records out of their clusters, until none is left that fits two of what remains.

    Args:
        labels: int32 (n,): smallest row of each row's cluster.
        edges: The edges that were clustered.
        nameless: bool (n,): newborns without a name of their own. Twins fit one description, however much more some
            record of the one happens to say, so a second cluster that fits at all is enough.
        settings: `rival` says how near the second best may come.
        second: Natural log-odds that a second cluster must have for itself to be a rival.

    Returns:
        New labels (n,), in which every cluster is connected by edges, and the ambiguous rows, ascending.
    """
    given = edges.left, edges.right, edges.weight
    apart = np.zeros(len(labels), np.bool_)
    while True:
        more = _rivalled((labels, apart), edges, nameless, settings, second)
        if not len(more):
            break
        apart[more] = True
    left, right = np.empty(len(edges.left), np.int32), np.empty(len(edges.left), np.int32)
    kept = _inside(given, (labels, apart), settings.absent * UNIT, left, right)
    joined = connected(len(labels), left[:kept], right[:kept])
    return joined, np.flatnonzero(apart).astype(np.int32)


def rivalled(labels: Rows, edges: Edges, ambiguous: Rows, settings: ClusteringSettings) -> Rows:
    """Rows (k,) that fit another cluster almost as well as their own, though that one just would not do by itself.

    Args:
        labels: int32 (n,): smallest row of each row's cluster.
        edges: The edges that were clustered.
        ambiguous: int32 (j,): rows set apart, which are nobody's rivals.
        settings: By `rival` the other one may lie below the row's own, and below `stop`.
    """
    apart, nameless = np.zeros((2, len(labels)), np.bool_)
    apart[ambiguous] = True
    return _rivalled((labels, apart), edges, nameless, settings, settings.stop - settings.rival)


def _rivalled(
    rows: tuple[Rows, Flags], edges: Edges, nameless: Flags, settings: ClusteringSettings, second: float
) -> Rows:
    """Rows (k,) that fit two clusters almost equally; those set apart already are in none."""
    labels, apart = rows
    sizes = np.bincount(labels[~apart], minlength=len(labels))
    given = edges.left, edges.right, edges.weight
    suspects = np.zeros(len(labels), np.bool_)
    _suspect(given, rows, (sizes, nameless), (second, settings.rival, settings.absent), suspects)
    if not suspects.any():
        return np.zeros(0, np.int32)
    row, own, similarity = _similarities(rows, sizes, edges, suspects, settings)
    mine = np.full(len(labels), -np.inf)
    mine[row[own]] = similarity[own]
    best = np.full(len(labels), -np.inf)
    np.maximum.at(best, row[~own], similarity[~own])
    return np.flatnonzero(suspects & (best > second) & (nameless | (mine < best + settings.rival))).astype(
        np.int32
    )


@compiled
def _suspect(
    edges: _Edges,
    rows: tuple[Rows, Flags],
    said: tuple[NDArray[np.int64], Flags],
    thresholds: tuple[float, float, float],
    suspects: Flags,
) -> None:
    """Mark rows that may fit another cluster as well as their own: no mean is above the largest of its weights.

    Args:
        edges: The edges that were clustered.
        rows: Labels, and who is set apart.
        said: Sizes of clusters, and who has no name.
        thresholds: What another cluster must be above, by how much it may lie below the own, and what an absent pair
            counts.
        suspects: Marked here; begins with False.
    """
    labels, apart = rows
    sizes, nameless = said
    second, rival, absent = thresholds
    own, inside = np.zeros(labels.shape[0], np.int64), np.zeros(labels.shape[0], np.int32)
    most = np.full(labels.shape[0], FORBIDDEN, np.int64)
    for edge in range(edges[0].shape[0]):
        left, right, weight = edges[0][edge], edges[1][edge], edges[2][edge]
        if labels[left] != labels[right]:
            if not apart[left] and not apart[right]:
                most[left], most[right] = max(most[left], weight), max(most[right], weight)
            continue
        if not apart[right]:
            own[left] += weight
            inside[left] += 1
        if not apart[left]:
            own[right] += weight
            inside[right] += 1
    for row in range(labels.shape[0]):
        others = sizes[labels[row]] - 1
        if others > 0 and most[row] > second * UNIT:
            mean = (own[row] / UNIT + absent * (others - inside[row])) / others
            best = max(most[row] / UNIT, absent)
            suspects[row] = nameless[row] or mean < best + rival + _ROUNDING


@kernel
def _inside(edges: _Edges, rows: tuple[Rows, Flags], above: float, left: Rows, right: Rows) -> int:
    """List the edges above that within clusters, but for those of rows that are taken out of them."""
    labels, apart = rows
    found = 0
    for edge in range(edges[0].shape[0]):
        one, other = edges[0][edge], edges[1][edge]
        inside = labels[one] == labels[other] and edges[2][edge] > above
        if inside and not apart[one] and not apart[other]:
            left[found], right[found] = one, other
            found += 1
    return found


def _similarities(
    rows: tuple[Rows, Flags],
    sizes: NDArray[np.int64],
    edges: Edges,
    suspects: NDArray[np.bool_],
    settings: ClusteringSettings,
) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.float64]]:
    """Mean log-odds of each suspect with each cluster it has an edge to: rows, whether it is its own, means."""
    labels = rows[0]
    towards, weight = np.empty(2 * len(edges.left), np.uint64), np.empty(2 * len(edges.left), np.int64)
    found = _towards((edges.left, edges.right, edges.weight), rows, suspects, (towards, weight))
    keys, places = numbered(towards[:found])
    totals, counts = np.bincount(places, weight[:found] / UNIT, len(keys)), np.bincount(places)
    row, cluster = (keys >> 32).astype(np.int64), (keys & 0xFFFFFFFF).astype(np.int64)
    own = labels[row] == cluster
    size = sizes[cluster] - own
    return row, own, (totals + settings.absent * (size - counts)) / size


@kernel
def _towards(
    edges: _Edges, rows: tuple[Rows, Flags], suspects: Flags, out: tuple[Hashes, NDArray[np.int64]]
) -> int:
    """List the edges from suspects to rows that are in a cluster: suspect and cluster as one number, and the weight."""
    labels, apart = rows
    found = 0
    for edge in range(edges[0].shape[0]):
        left, right = edges[0][edge], edges[1][edge]
        for row, other in ((left, right), (right, left)):
            if suspects[row] and not apart[other]:
                out[0][found] = np.uint64(row) << np.uint64(32) | np.uint64(labels[other])
                out[1][found] = edges[2][edge]
                found += 1
    return found


def near_misses(labels: Rows, edges: Edges, settings: ClusteringSettings) -> Rows:
    """Rows of clusters that stay apart from another one, though it is doubtful whether they should.

    Two clusters are a near miss if their mean log-odds, absent pairs charged, are between `doubt` and `stop`, or if
    some pair of their rows is more likely one person than not, and nothing forbids that they are one. The rows of the
    smaller one are named, of both if they are equally large. Depends on one connected component only.

    Args:
        labels: int32 (n,): smallest row of each row's cluster.
        edges: The edges that were clustered.
        settings: Thresholds.

    Returns:
        int32 (k,), ascending.
    """
    found = between(labels, edges)
    left, right = found.left, found.right
    sizes = np.bincount(labels, minlength=len(labels))
    pairs = sizes.take(left) * sizes.take(right)
    mean = (found.total / UNIT + settings.absent * (pairs - found.edges)) / np.maximum(pairs, 1)
    near = (found.most > 0) | ((mean > settings.doubt) & (mean <= settings.stop))
    near &= found.least != FORBIDDEN
    left, right = left[near], right[near]
    named = np.zeros(len(labels), np.bool_)
    named[left[sizes[left] <= sizes[right]]] = named[right[sizes[right] <= sizes[left]]] = True
    return np.flatnonzero(named[labels]).astype(np.int32)


def contested(
    labels: Rows, edges: Edges, with_number: NDArray[np.bool_], settings: ClusteringSettings
) -> Rows:
    """Rows without a valid number that, together, fit those with one in another cluster nearly as well as their own.

    Numbers say that two namesakes are two, and not whose the records are that have none. Each of these may fit its
    own kind best, so that only all of them together show that they would do as well elsewhere. Nearly as well means
    by no more than `doubt` lies below `stop`, or by `rival` where the other cluster just would not do by itself.

    Args:
        labels: int32 (n,): smallest row of each row's cluster.
        edges: The edges that were clustered.
        with_number: bool (n,): the row has a valid number.
        settings: Thresholds.

    Returns:
        int32 (k,), ascending.
    """
    row, other, weight = _towards_numbers(labels, edges, with_number, settings.stop - settings.rival)
    if not len(row):
        return row
    n = len(labels)
    cluster_pairs = labels[row].astype(np.uint64) << np.uint64(32) | labels[other].astype(np.uint64)
    keys, places = numbered(cluster_pairs)
    of, to = (keys >> 32).astype(np.int64), (keys & 0xFFFFFFFF).astype(np.int64)
    ends = np.zeros(n, np.bool_)
    _mark(edges.left, edges.right, ends)
    size = np.bincount(labels[ends & ~with_number], minlength=n)[of]
    size *= np.bincount(labels[ends & with_number], minlength=n)[to]
    absent = size - np.bincount(places, minlength=len(keys))
    mean = (np.bincount(places, weight / UNIT, len(keys)) + settings.absent * absent) / np.maximum(size, 1)
    own, best = np.full(n, np.inf), np.full(n, -np.inf)
    own[of[of == to]] = mean[of == to]
    np.maximum.at(best, of[of != to], mean[of != to])
    nearly = np.where(best > settings.stop, settings.stop - settings.doubt, settings.rival)
    doubtful = np.isfinite(own) & (best > settings.stop - settings.rival) & (own < best + nearly)
    return np.flatnonzero(doubtful[labels] & ~with_number).astype(np.int32)


@kernel
def _mark(left: Rows, right: Rows, ends: Flags) -> None:
    """Mark the rows that have an edge."""
    for edge in range(left.shape[0]):
        ends[left[edge]] = ends[right[edge]] = True


def _towards_numbers(
    labels: Rows, edges: Edges, with_number: NDArray[np.bool_], least: float
) -> tuple[Rows, Rows, NDArray[np.int64]]:
    """Edges from a row without a number to one with it, of clusters that have such an edge above `least` to another.

    Returns:
        The row without, the row with a number, the weight.
    """
    drawn, chosen = np.zeros(len(labels), np.bool_), np.zeros(len(edges.left), np.bool_)
    between = edges.left, edges.right, edges.weight
    _choose(labels, between, with_number, round(least * UNIT), drawn, chosen)
    place = np.flatnonzero(chosen)
    left, right = edges.left[place], edges.right[place]
    turned = with_number[left]
    return np.where(turned, right, left), np.where(turned, left, right), edges.weight[place]


@kernel
def _choose(
    labels: Rows,
    edges: tuple[Rows, Rows, NDArray[np.int64]],
    with_number: NDArray[np.bool_],
    least: int,
    drawn: NDArray[np.bool_],
    chosen: NDArray[np.bool_],
) -> None:
    """Which edges `_towards_numbers` gives, into `chosen` (m,), and their clusters into `drawn` (n,), by label."""
    left, right, weight = edges
    for edge in range(left.shape[0]):
        a, b = left[edge], right[edge]
        if weight[edge] > least and labels[a] != labels[b] and with_number[a] != with_number[b]:
            drawn[labels[b if with_number[a] else a]] = True
    for edge in range(left.shape[0]):
        a, b = left[edge], right[edge]
        if with_number[a] != with_number[b]:
            chosen[edge] = drawn[labels[b if with_number[a] else a]]


def as_near_elsewhere(
    labels: Rows, edges: Edges, with_number: NDArray[np.bool_], settings: ClusteringSettings
) -> Rows:
    """Rows (k,) without a number to which some record with one in another cluster is as near as any of their own.

    On the mean that other cluster may be farther off, because others of its records write their name in another way;
    that one of them writes it as this row does is enough to make it doubtful whose the row is.

    Args:
        labels: int32 (n,): smallest row of each row's cluster.
        edges: The edges that were clustered.
        with_number: bool (n,): the row has a valid number.
        settings: As near means within `rival`, and no worse than that below `stop`.
    """
    best = np.full((2, len(labels)), FORBIDDEN, np.int64)
    _nearest((edges.left, edges.right, edges.weight), labels, with_number, best)
    rival = round(settings.rival * UNIT)
    near = (best[0] > FORBIDDEN) & (best[1] > settings.stop * UNIT - rival) & (best[0] < best[1] + rival)
    return np.flatnonzero(near & ~with_number).astype(np.int32)


@kernel
def _nearest(edges: _Edges, labels: Rows, with_number: NDArray[np.bool_], best: NDArray[np.int64]) -> None:
    """Of each row the strongest edge to a row with a number in its own and in another cluster, into `best` (2, n)."""
    for edge in range(edges[0].shape[0]):
        left, right = edges[0][edge], edges[1][edge]
        other = 1 if labels[left] != labels[right] else 0
        if with_number[right]:
            best[other, left] = max(best[other, left], edges[2][edge])
        if with_number[left]:
            best[other, right] = max(best[other, right], edges[2][edge])


def barely_held(labels: Rows, edges: Edges, settings: ClusteringSettings) -> Rows:
    """Rows that joined a cluster none of whose rows is better than `rival` for them: as doubtful as a near miss.

    Args:
        labels: int32 (n,): smallest row of each row's cluster.
        edges: The edges that were clustered.
        settings: Thresholds.

    Returns:
        int32 (k,), ascending.
    """
    best = np.full(len(labels), FORBIDDEN, np.int64)
    _best_inside(labels, edges.left, edges.right, edges.weight, best)
    alone = np.bincount(labels, minlength=len(labels))[labels] == 1
    return np.flatnonzero(~alone & (best <= settings.rival * UNIT)).astype(np.int32)


@kernel
def _best_inside(
    labels: Rows, left: Rows, right: Rows, weight: NDArray[np.int64], best: NDArray[np.int64]
) -> None:
    """Of each row the strongest edge to a row of its own cluster, into `best` (n,)."""
    for edge in range(left.shape[0]):
        a, b = left[edge], right[edge]
        if labels[a] == labels[b]:
            best[a] = max(best[a], weight[edge])
            best[b] = max(best[b], weight[edge])


def held_against(labels: Rows, two: Edges, settings: ClusteringSettings) -> Rows:
    """Rows (k,) of one cluster that call themselves two, and are not clearly one by what they say: others joined them.

    Args:
        labels: int32 (n,): smallest row of each row's cluster.
        two: Edges between records that name themselves two.
        settings: Up to `rival` the rest of what they say does not outweigh that.
    """
    inside = (labels[two.left] == labels[two.right]) & (two.weight <= settings.rival * UNIT)
    return np.unique(np.concatenate([two.left[inside], two.right[inside]]))


def lacking(labels: Rows, given: NDArray[np.bool_]) -> Rows:
    """Rows (k,) of clusters none of whose rows has something that is given.

    Args:
        labels: int32 (n,): smallest row of each row's cluster.
        given: bool (n,): the row has it.
    """
    known = np.zeros(len(labels), np.bool_)
    known[labels[given]] = True
    return np.flatnonzero(~known[labels]).astype(np.int32)


def joined_by_name(labels: Rows, name_alone: Flags) -> Rows:
    """Rows (k,) that say nothing but a name and were joined to others by it.

    However rare the name is among those who are known: a slip in it makes it somebody else's, and a stranger may bear
    it. The police's register of accidents has many such parties, who are candidates and no more (rule T06).

    Args:
        labels: int32 (n,): smallest row of each row's cluster.
        name_alone: bool (n,): the record says nothing but a name.
    """
    sizes = np.bincount(labels, minlength=len(labels))
    return np.flatnonzero(name_alone & (sizes[labels] > 1)).astype(np.int32)


def registered_twice(labels: Rows, entries: Hashes, households: Hashes) -> Rows:
    """Rows (k,) of one cluster: entries of the household register in two households or names, not under one number.

    The register has everybody once. Whether such two are somebody who moved or was registered twice, two people of one
    name and birth date, or twins, the register's owner must say.

    Args:
        labels: int32 (n,): smallest row of each row's cluster.
        entries: uint64 (n,): the number of an entry of the register, if valid; else 0.
        households: uint64 (n,): household and name of an entry of the register; else 0.
    """
    rows = np.flatnonzero(households)
    rows = rows[np.bincount(labels[rows], minlength=len(labels))[labels[rows]] > 1]
    cluster = np.unique(labels[rows], return_inverse=True)[1]
    one_home, number = (_the_same(values[rows], cluster) for values in (households, entries))
    return np.asarray(rows[~one_home & ~(number & (entries[rows] != 0))], np.int32)


def _the_same(values: Hashes, group: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether all values of each value's group are equal: bool (n,)."""
    first = np.zeros(group.max(initial=-1) + 1, np.uint64)
    first[group] = values
    return np.asarray(np.bincount(group, values != first[group], len(first))[group] == 0)
