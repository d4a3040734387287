"""Terms made in bulk are those made of one node; `search_terms.index_terms` is the slow, obvious reference."""

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.projection import node_schema
from graph.search_terms import index_terms
from graph.staged_terms import stage_terms
from graph.staging import Staging
from graph.store import GraphData

_TEXTS = st.text("张三丰·•A a1X９ü-'，\"", max_size=6)
_NUMBERS = st.one_of(
    st.from_regex(r"3710021987051200[0-9]{1,2}[0-9Xx]?", fullmatch=True),
    st.from_regex(r"[0-9A-Za-z]{1,12}", fullmatch=True),
    st.text("0123456789-转 ９", min_size=1, max_size=8),
)
_PERSONS = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.none() | _TEXTS,
            "former_names": st.lists(_TEXTS, max_size=2),
            "pinyin": st.lists(st.sampled_from(["zhang san feng", "zhang", "", "a bu du la mai mai ti"])),
            "birth_date": st.none() | st.dates(date(1900, 1, 1), date(2025, 1, 1)),
            "id_numbers": st.lists(_NUMBERS, max_size=3),
            "phones": st.lists(_NUMBERS, max_size=3),
        }
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=40, deadline=None)
@given(_PERSONS, st.lists(st.tuples(_TEXTS, _NUMBERS), max_size=2))
def test_terms_in_bulk_are_those_of_each_node(
    people: list[dict[str, Any]], employers: list[tuple[str, str]]
) -> None:
    rows = [{"key": str(i), **values} for i, values in enumerate(people)]
    firms = [{"key": str(i), "name": name, "credit_code": code} for i, (name, code) in enumerate(employers)]
    data = {
        "Person": pa.Table.from_pylist(rows, node_schema("Person")),
        "Employer": pa.Table.from_pylist(firms, node_schema("Employer")),
    }
    with Staging(GraphData(data, {}), Path()) as staging:
        stage_terms(staging)
        found = staging.database.execute(
            "SELECT label, key, terms FROM opened_nodes LEFT JOIN node_terms USING (n)"
        ).fetchall()
    made = {(label, key): set((terms or "").split(" ")) - {""} for label, key, terms in found}
    expected = {("Person", row["key"]): set(index_terms("Person", row)) - {""} for row in rows}
    expected |= {("Employer", firm["key"]): set(index_terms("Employer", firm)) - {""} for firm in firms}
    assert made == expected


def test_a_graph_without_persons_has_no_terms() -> None:
    phones = pa.Table.from_pylist([{"key": "p", "number": "13806310001"}], node_schema("Phone"))
    with Staging(GraphData({"Phone": phones}, {}), Path()) as staging:
        stage_terms(staging)
        assert staging.count("SELECT count(*) FROM node_terms") == 0


def test_terms_of_values_that_an_earlier_version_had_are_left_out() -> None:
    def people(**values: Any) -> pa.Table:
        rows = [{"key": "1", **values}, {"key": "2", "name": "李四"}]
        return pa.Table.from_pylist(rows, node_schema("Person"))

    before = people(name="张三", phones=["13806310001"], id_numbers=["1"])
    after = people(name="张三", phones=["13806310001", "13806310002"], former_names=["李四"], id_numbers=[])
    with Staging(GraphData({"Person": before}, {}), Path()) as staging:
        ended = staging.database.sql("SELECT n, label, properties FROM opened_nodes").to_arrow_table()
    with Staging(GraphData({"Person": after}, {}), Path()) as staging:
        staging.database.register("ended", ended)
        stage_terms(staging, "ended")
        ((key, terms),) = staging.database.execute(
            "SELECT key, terms FROM node_terms JOIN opened_nodes USING (n)"
        ).fetchall()
    new = index_terms("Person", {"phones": ["13806310002"], "former_names": ["李四"]})
    assert (key, {*terms.split()}) == ("1", {*new})
