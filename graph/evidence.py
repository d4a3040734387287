"""What it costs to rely on an edge, or on passing through a node: the weights of the best paths.

Costs are integers, thousandths of a bit, so that sums are the same in whatever order a store adds them.

An edge costs `-log2` of its probability, at most 10 bits, and what `graph.schema` says its type costs in itself
(marriage says more than working at one place; a path of many sure steps still says less than a short one). A node
that a path leads through costs `log2(neighbours - 1)`: a phone that only two use joins those two for nothing, an
employer of 50,000 picks one out of 49,999 and costs 15.6 bits. The whole is, up to the types' constants, the
surprise at finding this very path on a walk that turns anywhere with equal chance (random walk with the
probabilities as rates; cf. Adamic and Adar 2003, who weigh a common neighbour by its degree in the same spirit).
"""

from math import log2

from graph.schema import EDGES

UNIT = 1000
"""Costs per bit."""

_MOST_BITS = 10.0


def edge_cost(edge_type: str, probability: float | None) -> int:
    """Cost of an edge of a type; one of unknown probability counts as even."""
    chance = 0.5 if probability is None else probability
    bits = -log2(chance) if chance > 2**-_MOST_BITS else _MOST_BITS
    return round(UNIT * (EDGES[edge_type].cost + bits))


def node_cost(neighbours: int) -> int:
    """Cost of leading through a node with so many visible neighbours."""
    return round(UNIT * log2(neighbours - 1)) if neighbours > 2 else 0
