"""The contract of the graph store: finding nodes by their values, and by full text."""

from datetime import date

import pytest

from graph.store import GraphStore, GraphView
from resolver.errors import StoreError
from tests.graph.sketch import IN_EAST, WEST, Sketch, family, ids


def test_find_by_indexed_properties(family_view: GraphView) -> None:
    view = family_view
    assert ids(view.find("Person", "phones", "13806310001")) == ["Person:1", "Person:2"]
    assert ids(view.find("Person", "id_numbers", "37100219870512001X")) == ["Person:1"]
    assert ids(view.find("Phone", "number", "13806310001")) == ["Phone:p"]
    assert ids(view.find("Employer", "credit_code", "91371002MA3C000000")) == ["Employer:9"]
    assert view.find("Person", "phones", "0") == ()
    with pytest.raises(StoreError, match=r"Person\.town"):
        view.find("Person", "town", "x")


def test_find_takes_a_value_for_what_it_is(store: GraphStore) -> None:
    sketch = Sketch()
    for i, number in enumerate(("13806310001", "0631-5200001", "--", "Ab12", "ab12", "１２３")):
        sketch.node(f"Person:{i}", phones=[number], id_numbers=[number + "9"])
    sketch.node("Employer:e", credit_code="13806310001", phone="Ab12")
    sketch.node("Phone:p", number="Ab12")
    store.publish(1, sketch.data())
    view = store.view()
    found = {
        (label, name, value): ids(view.find(label, name, value))
        for label, name in (("Person", "phones"), ("Employer", "credit_code"), ("Phone", "number"))
        for value in ("13806310001", "0631-5200001", "06315200001", "--", "Ab12", "ab12", "１２３", "123", "")
    }
    assert {asked: ids for asked, ids in found.items() if ids} == {
        ("Person", "phones", "13806310001"): ["Person:0"],
        ("Person", "phones", "0631-5200001"): ["Person:1"],
        ("Person", "phones", "--"): ["Person:2"],
        ("Person", "phones", "Ab12"): ["Person:3"],
        ("Person", "phones", "ab12"): ["Person:4"],
        ("Person", "phones", "１２３"): ["Person:5"],
        ("Employer", "credit_code", "13806310001"): ["Employer:e"],
        ("Phone", "number", "Ab12"): ["Phone:p"],
    }
    assert ids(view.find("Person", "id_numbers", "138063100019")) == ["Person:0"]


FOUND: dict[str, set[str]] = {
    "张": {"Person:1", "Person:3"},
    "张三": {"Person:3", "Person:1"},
    "三丰": {"Person:1"},
    "张丰": set(),
    "张君宝": {"Person:1"},
    "zhang san": {"Person:1", "Person:3"},
    "ZhangSan": {"Person:1", "Person:3"},
    "san feng": {"Person:1"},
    "san zhang": set(),
    "zhang 三丰": {"Person:1"},
    "371002": {"Person:1"},
    "37100219870512001x": {"Person:1"},
    "001X": {"Person:1"},
    "19870512": {"Person:1"},
    "13806310001": {"Person:1", "Person:2"},
    "0631-5200001": {"Person:1"},
    "张 19870512": {"Person:1"},
    "12": set(),
    "机械": {"Employer:9"},
    "abc": {"Employer:9"},
    "91371002MA3C000000": {"Employer:9"},
    "": set(),
    '" OR *': set(),
    "(张": {"Person:1", "Person:3"},
    "𠮷": {"Person:4"},
    "𠮷田": {"Person:4"},
    "龘": {"Person:4"},
}


def test_search(store: GraphStore) -> None:
    sketch = family()
    sketch.node("Person:4", name="𠮷田龘", pinyin=["ji tian da"])
    store.publish(1, sketch.data())
    assert {text: set(ids(store.view().search(text))) for text in FOUND} == FOUND


def test_the_last_four_digits_with_the_birth_date(store: GraphStore) -> None:
    sketch = family()
    for i, born in enumerate((date(1987, 5, 12), date(1987, 5, 13))):
        number = f"371083{born:%Y%m%d}001X"
        sketch.node(f"Person:2{i}", name="同尾号", birth_date=born, id_number=number, id_numbers=[number])
    store.publish(1, sketch.data())
    view = store.view()
    assert set(ids(view.search("001X"))) == {"Person:1", "Person:20", "Person:21"}
    assert set(ids(view.search("001x", birth_date=date(1987, 5, 12)))) == {"Person:1", "Person:20"}
    assert set(ids(view.search("张 001X", birth_date=date(1987, 5, 12)))) == {"Person:1"}
    assert view.search("9999", birth_date=date(1987, 5, 12)) == ()


def test_search_finds_only_what_a_scope_may_see_and_before_the_limit(store: GraphStore) -> None:
    sketch = Sketch()
    for i in range(30):
        sketch.node(f"Person:{i}", WEST if i % 3 else "371002", name="欧阳某")
    store.publish(1, sketch.data())
    in_east = store.view(scope=IN_EAST)
    assert set(ids(in_east.search("欧阳", limit=20))) == {f"Person:{i}" for i in range(0, 30, 3)}


def test_a_name_of_an_older_generation_finds_nobody_in_a_newer_one(store: GraphStore) -> None:
    store.publish(1, family().data())
    renamed = family()
    renamed.nodes["Person:1"] |= {"name": "李鱻", "pinyin": ["li xian"], "former_names": []}
    store.publish(2, renamed.data())
    views = store.view(1), store.view(2)
    for text, expected in (
        ("三丰", (["Person:1"], [])),
        ("张君宝", (["Person:1"], [])),
        ("san feng", (["Person:1"], [])),
        ("鱻", ([], ["Person:1"])),
        ("0631-5200001", (["Person:1"], ["Person:1"])),
    ):
        assert tuple(ids(view.search(text)) for view in views) == expected


def test_search_puts_the_exact_name_first_and_keeps_to_limit_and_birth_date(store: GraphStore) -> None:
    sketch = Sketch()
    for i in range(30):
        sketch.node(
            f"Person:{i}",
            name="张三" if i in (7, 8) else f"张三{'甲乙丙'[i % 3]}",
            birth_date=date(2000, 1, 1 + i),
        )
    store.publish(1, sketch.data())
    view = store.view()
    assert set(ids(view.search("张三", limit=5))[:2]) == {"Person:7", "Person:8"}
    assert len(view.search("张三", limit=5)) == 5
    assert ids(view.search("张三", limit=3)) == ids(view.search("张三", limit=30))[:3]
    assert ids(view.search("张", birth_date=date(2000, 1, 4))) == ["Person:3"]


def test_search_by_label(store: GraphStore) -> None:
    sketch = Sketch()
    for i in range(20):
        sketch.node(f"Employer:{i}", name=f"张记{i}号饭店")
    sketch.node("Person:1", name="张三")
    store.publish(1, sketch.data())
    assert ids(store.view().search("张", limit=1, labels=["Person"])) == ["Person:1"]
    assert store.view().search("张", labels=["Facility"]) == ()
    assert len(store.view().search("张", limit=50)) == 21
