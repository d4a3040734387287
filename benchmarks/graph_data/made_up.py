"""A made-up graph of any size, and the same a month later. Shapes as in a city; nobody in it is real.

Persons have 1.6 records, an address, a phone and, three of five, an employer. One phone is shared by 5,000 persons, one
employer has 50,000 (each a tenth of all persons where there are fewer).
"""

from collections.abc import Mapping

import duckdb
import numpy as np
import pyarrow as pa

from graph.projection import edge_schema, node_schema
from graph.store import GraphData

REGIONS = ("371002", "371003", "371082", "371083")
SUPERNODES = {"phone": ("Phone:0", "USES_PHONE"), "employer": ("Employer:0", "EMPLOYED_BY")}
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
_GIVEN = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂红玉梅建国华志文海波春生雪琴永福"
_DEPARTMENTS = ("CIVIL", "HEALTH", "MSB", "MSB,POLICE", "POLICE")

_NODES = {
    "Person": """
        SELECT i::VARCHAR AS key, region AS regions, department AS departments, name, 1 + i % 2 AS sex,
            born AS birth_date, id_number, [id_number] AS id_numbers, [phone_number] AS phones, 2 AS n_records,
            [concat(chr(97 + a % 26), 'ang ', chr(97 + b % 26), 'an ', chr(97 + c % 26), 'eng')] AS pinyin
        FROM people""",
    "Record": """
        SELECT r::VARCHAR AS key, region AS regions, department AS departments,
            ['W29', 'W07', 'J05'][1 + r % 3] AS feed, 'psn_no:' || i AS source_key
        FROM records JOIN people USING (i)""",
    "Phone": "SELECT DISTINCT phone::VARCHAR AS key, phone_number AS number, {everyone} FROM people",
    "Address": "SELECT DISTINCT address::VARCHAR AS key, {everyone} FROM people",
    "Employer": """
        SELECT DISTINCT employer::VARCHAR AS key, '第' || employer || '号机械有限公司' AS name, {everyone}
        FROM people WHERE employed""",
}
_EDGES = {
    "RESOLVES_TO": "SELECT 'Record:' || r AS source, 'Person:' || i AS target, r AS row, region "
    "FROM records JOIN people USING (i)",
    "USES_PHONE": "SELECT 'Person:' || i AS source, 'Phone:' || phone AS target, i AS row, region FROM people",
    "LIVES_AT": "SELECT 'Person:' || i AS source, 'Address:' || address AS target, i AS row, region FROM people",
    "EMPLOYED_BY": "SELECT 'Person:' || i AS source, 'Employer:' || employer AS target, i AS row, region FROM people "
    "WHERE employed",
}


def made_up(persons: int, seed: int = 1) -> GraphData:
    """A graph of so many persons."""
    rng = np.random.default_rng(seed)
    who = np.arange(persons)
    columns = {
        "i": who,
        "region": np.array(REGIONS)[rng.integers(0, len(REGIONS), persons)],
        "department": np.array(_DEPARTMENTS)[rng.integers(0, len(_DEPARTMENTS), persons)],
        "phone": np.where(
            who < min(5000, persons // 10), 0, rng.integers(0, int(persons * 0.8) + 1, persons)
        ),
        "address": rng.integers(0, int(persons * 0.4) + 1, persons),
        "employer": np.where(
            (who % 6 == 0) & (who < 300_000), 0, 1 + rng.integers(0, persons // 20 + 1, persons)
        ),
        "employed": who < persons * 0.6,
        "born": rng.integers(-14600, 18000, persons),
        "a": rng.integers(0, len(_SURNAMES), persons, dtype=np.int32),
        "b": rng.integers(0, len(_GIVEN), persons, dtype=np.int32),
        "c": rng.integers(0, len(_GIVEN), persons, dtype=np.int32),
    }
    records = np.sort(rng.integers(0, persons, int(persons * 1.6)))
    with duckdb.connect() as database:
        database.register("drawn", pa.table(columns))
        database.register("records", pa.table({"r": np.arange(len(records)), "i": records}))
        database.execute(
            f"CREATE TABLE people AS SELECT * REPLACE (DATE '1970-01-01' + born::INTEGER AS born), "
            f"'{_SURNAMES}'[a + 1] || '{_GIVEN}'[b + 1] || '{_GIVEN}'[c + 1] AS name, "
            "format('138{:08d}', phone) AS phone_number, "
            "region || strftime(DATE '1970-01-01' + born::INTEGER, '%Y%m%d') || format('{:04d}', i % 10000) "
            "AS id_number FROM drawn"
        )
        everyone = f"'{','.join(REGIONS)}' AS regions, 'CIVIL,HEALTH,MSB,POLICE' AS departments"
        nodes = {
            label: _table(database, sql.replace("{everyone}", everyone), node_schema(label))
            for label, sql in _NODES.items()
        }
        edges = {name: _table(database, _edges_sql(sql), edge_schema(name)) for name, sql in _EDGES.items()}
    return GraphData(nodes, edges)


def month_later(data: GraphData, persons: int = 5000, first: int = 0) -> GraphData:
    """The same with so many persons, spread evenly, changed: ambiguous now, a record lost, another phone.

    Args:
        data: The graph before.
        persons: How many change.
        first: The number of the first one; with another one others change.
    """
    every = max(data.nodes["Person"].num_rows // persons, 1)
    number = "split_part({}, ':', 2)::BIGINT"
    first %= every
    moved = f"{number.format('source')} % {every} = {first}"
    with duckdb.connect() as database:
        database.register("people", data.nodes["Person"])
        database.register("records", data.edges["RESOLVES_TO"])
        database.register("phones", data.edges["USES_PHONE"])
        people = (
            f"SELECT * REPLACE (CASE WHEN key::BIGINT % {every} = {first} THEN true ELSE ambiguous END AS ambiguous) "
            "FROM people"
        )
        records = (
            f"SELECT * FROM records WHERE {number.format('target')} % {every} <> {first} "
            f"OR {number.format('source')} % 2 = 0"
        )
        phones = (
            "SELECT * REPLACE (CASE WHEN "
            f"{moved} THEN lag(target, 1, target) OVER (ORDER BY {number.format('source')}) "
            "ELSE target END AS target) FROM phones"
        )
        return GraphData(
            {**data.nodes, "Person": _table(database, people, node_schema("Person"))},
            {
                **data.edges,
                "RESOLVES_TO": _table(database, records, edge_schema("RESOLVES_TO")),
                "USES_PHONE": _table(database, phones, edge_schema("USES_PHONE")),
            },
        )


def sizes(tables: Mapping[str, pa.Table]) -> int:
    """Rows of all tables."""
    return sum(table.num_rows for table in tables.values())


def _edges_sql(ends: str) -> str:
    return (
        "SELECT source, target, '' AS key, 0.99 AS probability, DATE '2020-01-01' AS valid_from, "
        "[1000000000000 + row] AS row_ids, region AS regions, 'MSB' AS departments "
        f"FROM ({ends})"
    )


def _table(database: duckdb.DuckDBPyConnection, sql: str, schema: pa.Schema) -> pa.Table:
    """What a query gives, in the columns of a schema; those it lacks are null."""
    found = database.sql(sql).to_arrow_table()
    lacking = {
        field.name: pa.nulls(found.num_rows, field.type)
        for field in schema
        if field.name not in found.column_names
    }
    columns = {name: found[name] for name in found.column_names} | lacking
    return pa.table({name: columns[name] for name in schema.names}).cast(schema)
