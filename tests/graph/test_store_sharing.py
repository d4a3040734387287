"""The contract of the graph store: what nodes hold in common."""

import random
from datetime import date, timedelta

import pytest

from graph.store import ANY_DAY, EVERYTHING, GraphStore, GraphView, Interval, Scope, stable_number
from tests.graph.sketch import EAST, IN_EAST, WEST, Sketch, family, ids, random_sketch


def test_who_shares_a_phone_an_employer_an_address(store: GraphStore) -> None:
    sketch = family()
    home = sketch.node("Address:h", address="文化路1号")
    alone = sketch.node("Address:alone", address="世昌大道9号")
    sketch.edge("LIVES_AT", "Person:1", home, valid_to=date(2019, 12, 31))
    sketch.edge("LIVES_AT", "Person:1", alone)
    sketch.edge("LIVES_AT", "Person:2", home)
    store.publish(1, sketch.data())
    view = store.view()

    def shared(view: GraphView, node: str, edge_type: str) -> list[tuple[str, list[str]]]:
        return [(s.via.id, ids(s.others)) for s in view.sharing(node, edge_type)]

    assert shared(view, "Person:1", "USES_PHONE") == [("Phone:p", ["Person:2", "Person:3"])]
    assert shared(view, "Person:1", "EMPLOYED_BY") == [("Employer:9", ["Person:2", "Person:3"])]
    assert shared(view, "Person:1", "LIVES_AT") == [("Address:h", ["Person:2"])]
    assert shared(store.view(scope=IN_EAST), "Person:1", "USES_PHONE") == [("Phone:p", ["Person:2"])]
    assert shared(view.as_of(date(2019, 12, 31)), "Person:2", "LIVES_AT") == [("Address:h", ["Person:1"])]
    assert shared(view.as_of(date(2020, 1, 1)), "Person:2", "LIVES_AT") == []
    assert shared(view, "Person:2", "SPOUSE_OF") == []
    assert shared(view, "Person:404", "USES_PHONE") == []
    assert shared(view, "Phone:p", "USES_PHONE") == []  # one phone is all that these persons use


def clinic(seed: int) -> Sketch:
    """Persons and their treatments at three facilities on ten days; some stand on records out of scope."""
    rng = random.Random(seed)
    sketch = Sketch()
    places = [EAST, EAST, f"{EAST},{WEST}", WEST]
    for i in range(3):
        sketch.node(f"Facility:{i}", f"{EAST},{WEST}", name=f"卫生院{i}")
    for i in range(12):
        sketch.node(f"Person:{i}", rng.choice(places), name="患者")
    for i in range(60):
        treatment = sketch.node(f"Treatment:v{i}", rng.choice(places), med_type="outpatient")
        begin = date(2024, 1, 1) + timedelta(days=rng.randrange(10))
        span = {"valid_from": begin, "valid_to": rng.choice([begin, begin + timedelta(days=4), None])}
        who, where = f"Person:{rng.randrange(12)}", f"Facility:{rng.randrange(3)}"
        sketch.edge("RECEIVED", who, treatment, rng.choice(places), **span)
        sketch.edge("PROVIDED_BY", treatment, where, rng.choice(places), **(span if i % 10 else {}))
    return sketch


def attended(sketch: Sketch, scope: Scope, when: Interval) -> dict[tuple[date, str], set[str]]:
    """The obvious reference: (day, facility) -> persons."""
    graph = sketch.visible(scope, when)
    found: dict[tuple[date, str], set[str]] = {}
    for (edge_type, treatment, facility, key), values in sketch.edges.items():
        name = f"PROVIDED_BY:{treatment}>{facility}{key}"
        if edge_type != "PROVIDED_BY" or not graph.has_edge(treatment, facility, name):
            continue
        patients = {n for n in graph.neighbors(treatment) if n.startswith("Person:")}
        if values.get("valid_from"):
            found.setdefault((values["valid_from"], facility), set()).update(patients)
    return found


@pytest.mark.parametrize("scope", [EVERYTHING, IN_EAST])
@pytest.mark.parametrize("when", [ANY_DAY, Interval(date(2024, 1, 4), date(2024, 1, 6))])
def test_who_was_treated_at_the_same_facility_on_the_same_day(
    store: GraphStore, scope: Scope, when: Interval
) -> None:
    sketch = clinic(1)
    store.publish(1, sketch.data())
    view = store.view(scope=scope).as_of(when)
    reference, visible = attended(sketch, scope, when), sketch.visible(scope)
    somebody = 0
    for i in range(12):
        person = f"Person:{i}"
        expected = [
            (day, facility, sorted(people - {person}))
            for (day, facility), people in sorted(
                reference.items(), key=lambda p: (-p[0][0].toordinal(), p[0][1])
            )
            if person in people and people != {person}
        ]
        found = view.attendances(person)
        assert [(a.day, a.via.id, ids(a.others)) for a in found] == expected
        assert all(a.count == len(a.others) and not a.truncated for a in found)
        assert person in visible or found == ()
        somebody += len(found)
    assert somebody > 2


def test_attendances_are_capped_the_latest_first(store: GraphStore) -> None:
    sketch = Sketch()
    for name in ("Facility:a", "Facility:b"):
        sketch.node(name, name="医院")
    for i in range(8):
        sketch.node(f"Person:{i}", name="患者")
        for facility in "ab":
            for day in (1, 2):
                span = {"valid_from": date(2024, 1, day), "valid_to": date(2024, 1, day)}
                treatment = sketch.node(f"Treatment:{i}{facility}{day}")
                sketch.edge("RECEIVED", f"Person:{i}", treatment, **span)
                sketch.edge("PROVIDED_BY", treatment, f"Facility:{facility}", **span)
    store.publish(1, sketch.data())
    found = store.view().attendances("Person:0", days=3, limit=2)
    first = min(("Facility:a", "Facility:b"), key=stable_number)
    assert [(a.day.day, a.via.id) for a in found] == [(2, "Facility:a"), (2, "Facility:b"), (1, first)]
    others = sorted((f"Person:{i}" for i in range(1, 8)), key=stable_number)
    for a in found:
        assert (a.count, a.truncated, ids(a.others)) == (7, True, sorted(others[:2]))
    assert store.view().attendances("Facility:a") == ()
    assert store.view().attendances("Person:404") == ()


@pytest.mark.parametrize("scope", [EVERYTHING, IN_EAST])
def test_common_neighbours(store: GraphStore, scope: Scope) -> None:
    sketch = random_sketch(9, people=25)
    store.publish(1, sketch.data())
    when = Interval(date(2020, 6, 1), date(2021, 6, 1))
    view, reference = store.view(scope=scope).as_of(when), sketch.visible(scope, when)
    most = 0
    for seed in range(80):
        a, b = random.Random(seed).sample(sorted(sketch.nodes), 2)
        known = a in reference and b in reference
        common = set(reference.neighbors(a)) & set(reference.neighbors(b)) if known else set()
        found = view.common_neighbours(a, b)
        assert ids(found.nodes) == sorted(common)
        assert (found.count, found.truncated) == (len(common), False)
        joining = {key for end in (a, b) if known for _, other, key in reference.edges(end, keys=True)
                   if other in common}  # fmt: skip
        assert ids(found.edges) == sorted(joining)
        assert view.common_neighbours(b, a) == found
        most = max(most, len(common))
    assert most > 0


def test_common_neighbours_are_capped_and_of_the_types_asked_for(store: GraphStore) -> None:
    sketch = Sketch()
    for i in "ab":
        sketch.node(f"Person:{i}", name="人")
    for i in range(6):
        sketch.node(f"Phone:{i}", number=str(i))
        sketch.node(f"Address:{i}", address=str(i))
        for who in "ab":
            sketch.edge("USES_PHONE", f"Person:{who}", f"Phone:{i}")
            sketch.edge("LIVES_AT", f"Person:{who}", f"Address:{i}")
    store.publish(1, sketch.data())
    found = store.view().common_neighbours("Person:a", "Person:b", types=["USES_PHONE"], limit=4)
    kept = sorted((f"Phone:{i}" for i in range(6)), key=stable_number)[:4]
    assert (ids(found.nodes), found.count, found.truncated, len(found.edges)) == (sorted(kept), 6, True, 8)
    itself = store.view().common_neighbours("Person:a", "Person:a")
    assert (itself.count, len(itself.edges)) == (12, 12)
