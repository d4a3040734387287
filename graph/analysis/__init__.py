"""Analysis of parts of the graph, for people who hunt fraud: networks in networkx, patterns over a whole snapshot.

`network` turns what the store gave, a walk or a whole view, into a networkx graph, `structure` looks at its shape,
`export` writes it for other tools; `attendance` and `shell_employers` look for patterns among all persons of a
snapshot.
"""
