"""The graph's schema is consistent in itself."""

from graph.schema import EDGE_COLUMNS, EDGES, NODE_COLUMNS, NODES, indexed_properties, is_searched


def test_edges_join_declared_labels() -> None:
    for edge_type in EDGES.values():
        assert set(edge_type.sources) | set(edge_type.targets) <= set(NODES)
        assert edge_type.title


def test_properties_are_named_once_and_beside_the_fixed_columns() -> None:
    for declared, fixed in [(n.properties, NODE_COLUMNS) for n in NODES.values()] + [
        (e.properties, EDGE_COLUMNS) for e in EDGES.values()
    ]:
        names = [*fixed, *(p.name for p in declared)]
        assert len(names) == len(set(names))


def test_persons_are_found_by_number_and_phone_and_searched() -> None:
    assert indexed_properties("Person") == ("id_numbers", "phones")
    assert [label for label in NODES if is_searched(label)] == ["Person", "Employer", "Facility"]
