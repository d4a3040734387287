"""What a graph makes in a database of Neo4j, and what it waits for."""

import re

from graph.neo4j_schema import Names


def test_a_graph_waits_for_the_indexes_that_it_makes() -> None:
    names = Names.of("guiyi")
    made = [re.match(r"CREATE (?:FULLTEXT )?INDEX (\w+)", statement) for statement in names.constraints]
    assert [found[1] for found in made if found] == list(names.indexes)
