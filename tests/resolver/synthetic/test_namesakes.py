from types import SimpleNamespace

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.synthetic.draws import text_keys
from resolver.synthetic.identities import FIT
from resolver.synthetic.inhabitants import Inhabitants
from resolver.synthetic.namesakes import Namesakes

TEXTS = ("name", "town", "village", "phone")
WHOLE = ("birth", "sex", "employer", "mother", "spouse", "household")
NO_BIRTH = -(10**6)


def inhabitants(people):
    columns = {name: pa.array([person[name] for person in people], pa.string()) for name in TEXTS}
    columns |= {name: pa.array([person[name] for person in people], pa.int64()) for name in WHOLE[1:]}
    columns["birth_date"] = pa.array([person["birth"] for person in people], pa.int32()).cast(pa.date32())
    empty = pa.table({"name": pa.array([], pa.string())})
    return Inhabitants(SimpleNamespace(persons=pa.table(columns), organisations=empty))


def slow(people, person, right, name, birth):
    """One row, by the definition: does anyone else have all that is rightly said, or exactly what is wrongly said?"""
    if right & int(FIT["number"]):
        return False
    said = [fit for fit in FIT if fit != "number" and right & int(FIT[fit])]
    others = [other for i, other in enumerate(people) if i != person]
    if not set(said) - {"sex"}:
        return True
    both_right = {"name", "birth"} <= set(said)
    if (
        not both_right
        and birth != NO_BIRTH
        and any(p["name"] == name and p["birth"] == birth for p in people)
    ):
        return True
    keys = {fit: ("town", "village") if fit == "village" else (fit,) for fit in said}
    return any(all(o[k] == people[person][k] for fit in said for k in keys[fit]) for o in others)


PERSON = st.fixed_dictionaries(
    {name: st.sampled_from("ab") for name in TEXTS} | {name: st.integers(0, 1) for name in WHOLE}
)


@settings(max_examples=150, deadline=None)
@given(st.lists(PERSON, min_size=1, max_size=8), st.data())
def test_unlinkable_rows_are_those_the_definition_names(people, data):
    person = data.draw(st.integers(0, len(people) - 1))
    fits = data.draw(st.sets(st.sampled_from(list(FIT))))
    right = sum(int(FIT[fit]) for fit in fits)
    name = people[person]["name"] if "name" in fits else data.draw(st.sampled_from("xab"))
    birth = people[person]["birth"] if "birth" in fits else data.draw(st.sampled_from([0, 1, 5, NO_BIRTH]))
    found = Namesakes(inhabitants(people)).unlinkable(
        np.array([person]), np.array([right]), text_keys(pa.array([name])), np.array([birth])
    )
    assert found[0] == slow(people, person, right, name, birth)


def test_namesakes_of_one_day_are_told_apart_by_the_village():
    twin = {
        "name": "王秀英",
        "town": "a",
        "phone": "1",
        "birth": 9,
        "sex": 2,
        "employer": -1,
        "mother": 3,
        "spouse": 4,
    }
    people = [{**twin, "village": "x", "household": 1}, {**twin, "village": "y", "household": 2}]
    found = Namesakes(inhabitants(people)).unlinkable(
        np.array([0, 0, 0]),
        np.array([FIT["name"] | FIT["birth"], FIT["name"] | FIT["birth"] | FIT["village"], FIT["number"]]),
        text_keys(pa.array(["王秀英"] * 3)),
        np.array([9, 9, 9]),
    )
    assert found.tolist() == [True, False, False]
