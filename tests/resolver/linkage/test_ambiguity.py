"""What is flagged because nothing decides whose it is: on single edges, and against a slow, obvious reference."""

import math
from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from resolver.linkage.ambiguity import (
    as_near_elsewhere,
    barely_held,
    contested,
    held_against,
    joined_by_name,
    lacking,
    registered_twice,
    rivalled,
    set_apart,
)
from resolver.linkage.clustering import FORBIDDEN, UNIT, Edges
from resolver.linkage.settings import person_settings

SETTINGS = person_settings().clustering
settings.register_profile("compiled", deadline=None)
settings.load_profile("compiled")


def edges(weighted: dict[tuple[int, int], float]) -> Edges:
    pairs = np.array(sorted(weighted), np.int32).reshape(-1, 2)
    weight = np.array([weighted[pair] * UNIT for pair in sorted(weighted)], np.int64)
    return Edges(pairs[:, 0].copy(), pairs[:, 1].copy(), weight)


def labels(*clusters: int) -> NDArray[np.int32]:
    return np.array(clusters, np.int32)


def apart(second: float, alternative: float) -> list[int]:
    """Rows set apart of 0 and 1, and 2 and 3, which are one each, and 4, which joined 0 by 0.5 a row."""
    weighted = {(0, 1): 9.0, (2, 3): 9.0, (0, 4): 0.5, (1, 4): 0.5, (2, 4): alternative, (3, 4): alternative}
    nameless = np.zeros(5, np.bool_)
    return set_apart(labels(0, 0, 2, 2, 0), edges(weighted), nameless, SETTINGS, second)[1].tolist()


def test_a_rival_need_not_do_by_itself_where_that_is_asked_for() -> None:
    assert apart(second=0.0, alternative=-0.1) == []
    assert apart(second=-1.0, alternative=-0.1) == [4]
    assert apart(second=-1.0, alternative=-0.6) == []  # more than `rival` behind
    assert apart(second=0.0, alternative=0.1) == [4]


def test_of_two_that_fit_both_clusters_neither_stays_because_of_the_other() -> None:
    """Rows 8 and 9 fit 0 and 1, and 2 to 7, alike; each joined one, and there speaks against the other."""
    of_two, of_six = (0, 1), tuple(range(2, 8))
    weighted = dict.fromkeys([*combinations(of_two, 2), *combinations(of_six, 2)], 9.0) | {(8, 9): -4.0}
    weighted |= {(row, doubtful): 0.1 for row in range(8) for doubtful in (8, 9)}
    for one, other in ((0, 2), (2, 0)):
        joined = labels(0, 0, *([2] * 6), one, other)
        found, apart = set_apart(joined, edges(weighted), np.zeros(10, np.bool_), SETTINGS, -1.0)
        assert apart.tolist() == [8, 9]
        assert found.tolist() == [0, 0, *([2] * 6), 8, 9]


def test_a_row_set_apart_is_nobodys_rival() -> None:
    """Row 4 fits two; 1 has 4 and 0 alike, but 4 is nobody."""
    weighted = {(0, 1): 1.0, (2, 3): 9.0, (0, 4): 1.0, (1, 4): 1.0, (2, 4): 1.0, (3, 4): 1.0}
    nameless = np.zeros(5, np.bool_)
    found, apart = set_apart(labels(0, 0, 2, 2, 0), edges(weighted), nameless, SETTINGS, SETTINGS.stop)
    assert apart.tolist() == [4]
    assert found.tolist() == [0, 0, 2, 2, 4]
    assert rivalled(found, edges(weighted), apart, SETTINGS).tolist() == []


def test_what_just_joined_one_and_just_not_another_is_rivalled() -> None:
    def found(mine: float, elsewhere: float) -> list[int]:
        weighted = {
            (0, 1): 9.0,
            (2, 3): 9.0,
            (0, 4): mine,
            (1, 4): mine,
            (2, 4): elsewhere,
            (3, 4): elsewhere,
        }
        nobody = np.zeros(0, np.int32)
        return rivalled(labels(0, 0, 2, 2, 0), edges(weighted), nobody, SETTINGS).tolist()

    assert found(SETTINGS.stop + 0.1, SETTINGS.stop - 0.1) == [4]
    assert found(SETTINGS.stop + 0.1, SETTINGS.stop - SETTINGS.rival - 0.1) == []
    assert found(SETTINGS.stop + SETTINGS.rival, SETTINGS.stop - 0.1) == []


WEIGHTS = st.one_of(st.just(float(FORBIDDEN // UNIT)), st.integers(-24, 24).map(lambda quarter: quarter / 4))


@given(
    st.lists(st.tuples(st.integers(0, 2), st.booleans()), min_size=2, max_size=7),
    st.dictionaries(st.tuples(st.integers(0, 6), st.integers(0, 6)), WEIGHTS, max_size=21),
)
@settings(max_examples=300)
def test_rivals_are_those_whom_the_means_show(
    rows: list[tuple[int, bool]], weighted: dict[tuple[int, int], float]
) -> None:
    weighted = {(a, b): weight for (a, b), weight in weighted.items() if a < b < len(rows)}
    smallest = {cluster: min(n for n, row in enumerate(rows) if row[0] == cluster) for cluster, _ in rows}
    of, out = [smallest[cluster] for cluster, _ in rows], [apart for _, apart in rows]

    def mean(row: int, cluster: int) -> float | None:
        members = [n for n, mine in enumerate(of) if mine == cluster and n != row and not out[n]]
        known = [weighted.get((min(row, n), max(row, n))) for n in members]
        if all(weight is None for weight in known):
            return None
        return sum(SETTINGS.absent if weight is None else weight for weight in known) / len(known)

    expected = []
    for row in range(len(rows)):
        means = {cluster: found for cluster in {*of} if (found := mean(row, cluster)) is not None}
        mine, best = means.pop(of[row], -math.inf), max(means.values(), default=-math.inf)
        company = [n for n, cluster in enumerate(of) if cluster == of[row] and not out[n]]
        linked = not out[row] and len(company) > 1
        if linked and best > SETTINGS.stop - SETTINGS.rival and mine < best + SETTINGS.rival:
            expected.append(row)
    apart = np.flatnonzero(out).astype(np.int32)
    assert rivalled(labels(*of), edges(weighted), apart, SETTINGS).tolist() == expected


def test_a_row_without_number_is_as_near_to_one_record_elsewhere_as_to_its_own() -> None:
    """Rows 0 and 1 have a number, 2 and 3 another one; 4 has none, and 3 writes its name in another way."""

    def found(mine: float, elsewhere: float, with_number: bool = False) -> list[int]:
        weighted = {(0, 1): 9.0, (2, 3): 9.0, (0, 4): mine, (1, 4): mine, (2, 4): elsewhere, (3, 4): -6.0}
        numbers = np.array([True, True, True, True, with_number])
        return as_near_elsewhere(labels(0, 0, 2, 2, 0), edges(weighted), numbers, SETTINGS).tolist()

    assert found(0.1, 0.1) == [4]
    assert found(0.1 + SETTINGS.rival, 0.1) == []
    assert found(SETTINGS.stop, SETTINGS.stop - SETTINGS.rival) == []
    assert found(0.1, 0.1, with_number=True) == []


def test_those_who_call_themselves_two_are_doubtful_in_one_cluster_unless_they_clearly_are_one() -> None:
    two = edges({(0, 1): -4.0, (0, 2): SETTINGS.rival + 0.1, (3, 4): -4.0})
    assert held_against(labels(0, 0, 0, 3, 4), two, SETTINGS).tolist() == [0, 1]
    assert held_against(labels(), edges({}), SETTINGS).tolist() == []


def test_what_no_record_of_its_cluster_clearly_supports_is_barely_held() -> None:
    joined = labels(0, 0, 0, 0, 4, 5)
    weighted = {(0, 1): 9.0, (0, 2): SETTINGS.rival, (1, 2): 0.2, (0, 3): 1.1, (1, 3): -0.5, (3, 4): 0.5}
    assert barely_held(joined, edges(weighted), SETTINGS).tolist() == [2]
    assert barely_held(labels(), edges({}), SETTINGS).tolist() == []


def test_records_without_number_are_contested_by_another_number_only_together() -> None:
    """Rows 0 and 1 have a number, 5 another one; 2, 3 and 4 have none and are surely one: whose, is open."""
    among = dict.fromkeys(((0, 1), (2, 3), (2, 4), (3, 4)), 12.0)
    own = {(number, row): weight for row in (2, 3, 4) for number, weight in ((0, 8.0), (1, 6.0))}
    joined, with_number = labels(0, 0, 0, 0, 0, 5), np.array([True, True, False, False, False, True])

    def found(elsewhere: float) -> list[int]:
        other = {(row, 5): elsewhere for row in (2, 3, 4)}
        return contested(joined, edges(among | own | other), with_number, SETTINGS).tolist()

    nearly = SETTINGS.stop - SETTINGS.doubt
    assert found(7.0 - nearly + 0.1) == [2, 3, 4]
    assert found(7.0 - nearly - 0.1) == []
    assert (
        set_apart(joined, edges(among | own), np.zeros(6, np.bool_), SETTINGS, SETTINGS.stop)[1].tolist()
        == []
    )
    assert contested(labels(), edges({}), np.zeros(0, np.bool_), SETTINGS).tolist() == []


def test_where_neither_number_fits_well_the_other_must_be_nearer() -> None:
    def found(mine: float, elsewhere: float) -> list[int]:
        weighted = {(0, 2): mine, (1, 2): elsewhere}
        with_number = np.array([True, True, False])
        return contested(labels(0, 1, 0), edges(weighted), with_number, SETTINGS).tolist()

    low = SETTINGS.stop - 0.1
    assert found(low + SETTINGS.rival - 0.1, low) == [2]
    assert found(low + SETTINGS.rival + 0.1, low) == []
    assert found(low, SETTINGS.stop - SETTINGS.rival - 0.1) == []


def test_one_record_that_has_it_is_enough_for_its_cluster() -> None:
    known = np.array([False, True, False, False])
    assert lacking(labels(0, 0, 2, 2), known).tolist() == [2, 3]
    assert lacking(labels(), known[:0]).tolist() == []


def test_who_has_a_name_alone_and_was_joined() -> None:
    name_alone = np.array([True, False, True, True, True])
    assert joined_by_name(labels(0, 0, 2, 3, 3), name_alone).tolist() == [0, 3, 4]
    assert joined_by_name(labels(), name_alone[:0]).tolist() == []


ENTRIES = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from([0, 7, 8]), st.sampled_from([0, 11, 12])), max_size=12
)


@given(ENTRIES)
@settings(max_examples=200)
def test_two_entries_in_two_households_without_one_number(rows: list[tuple[int, int, int]]) -> None:
    """Row: person, number or 0, household or 0 (no entry of the register)."""
    people = [person for person, _, _ in rows]
    cluster = labels(*(people.index(person) for person in people))
    entries, households = (np.array([row[i] for row in rows], np.uint64) for i in (1, 2))
    expected = set()
    for person in set(people):
        mine = [i for i, row in enumerate(rows) if row[0] == person and row[2]]
        numbers = {rows[i][1] for i in mine}
        if any(rows[i][2] != rows[j][2] for i, j in combinations(mine, 2)) and (
            len(numbers) > 1 or 0 in numbers
        ):
            expected |= set(mine)
    assert registered_twice(cluster, entries, households).tolist() == sorted(expected)
