# ruff: noqa: DTZ001 (what departments write is a wall clock without a zone)
"""What becomes a node and what an edge, from hand-written rows; and who may see it."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graph.findings import run_rules
from graph.households import households
from graph.projection import edge_schema, node_schema, project
from graph.rules.catalogue import load_catalogue
from graph.schema import EDGES, NODES
from graph.sqlite_store import SqliteStore
from graph.store import GraphData, Scope, opaque_key
from resolver.entities.golden_record import GOLDEN_ORGANISATION_SCHEMA, GOLDEN_SCHEMA
from resolver.snapshot import Snapshot

EAST, WEST = "371002", "371083"

_GOLDEN = """
SELECT entity_id AS person_id, min(name) AS name, min(sex) AS sex, min(birth_date) AS birth_date,
    min(id_type) AS id_type, min(id_number) AS id_number, min(phone) AS phone, min(region) AS region,
    coalesce(list(DISTINCT former_name) FILTER (former_name IS NOT NULL), []) AS former_names,
    coalesce(list(DISTINCT phone) FILTER (phone IS NOT NULL), []) AS phones,
    coalesce(list(DISTINCT id_number) FILTER (id_number IS NOT NULL), []) AS id_numbers,
    count(*) AS n_records, false AS ambiguous
FROM '{0}/members.parquet' JOIN '{0}/records.parquet' USING (record_key) GROUP BY 1"""
_GOLDEN_ORGANISATIONS = """
SELECT entity_id AS organisation_id, CASE WHEN min(role) = 'facility' THEN 'facility' ELSE 'employer' END AS kind,
    '机构' || entity_id AS name, min(region) AS region, count(*) AS n_records, entity_id = 50 AS ambiguous
FROM '{0}/organisation_members.parquet' JOIN '{0}/organisation_records.parquet' USING (record_key) GROUP BY 1"""


def whole(town: Any, findings: pa.Table | None = None) -> Snapshot:
    """The town's snapshot with golden records, households, kinship and findings."""
    snapshot: Snapshot = town.snapshot()
    files = snapshot.manifest["files"]

    def write(name: str, table: pa.Table, schema: pa.Schema | None = None) -> None:
        if schema is not None:
            columns = [
                table[f.name].cast(f.type)
                if f.name in table.column_names
                else pa.nulls(table.num_rows, f.type)
                for f in schema
            ]
            table = pa.table(columns, schema=schema)
        pq.write_table(table, snapshot.folder / f"{name}.parquet")
        files[name] = {"rows": table.num_rows}

    with duckdb.connect() as database:
        for name, sql, schema in (
            ("golden", _GOLDEN, GOLDEN_SCHEMA),
            ("golden_organisations", _GOLDEN_ORGANISATIONS, GOLDEN_ORGANISATION_SCHEMA),
        ):
            write(name, database.sql(sql.format(snapshot.folder)).to_arrow_table(), schema)
    members, kin = households(snapshot)
    write("households", members)
    write("kinship", kin)
    if findings is not None:
        write("findings", findings)
    return snapshot


def edges(data: GraphData, edge_type: str) -> dict[tuple[str, str], dict[str, Any]]:
    return {(e["source"], e["target"]): e for e in data.edges[edge_type].to_pylist()}


def nodes(data: GraphData, label: str) -> dict[str, dict[str, Any]]:
    return {n["key"]: n for n in data.nodes[label].to_pylist()}


def test_an_empty_snapshot_gives_an_empty_graph(town: Any) -> None:
    data = project(whole(town))
    assert all(table.num_rows == 0 for table in (*data.nodes.values(), *data.edges.values()))
    assert set(data.nodes) == set(NODES) - {"Finding"}
    assert set(data.edges) == set(EDGES) - {"CAUSED_BY", "ABOUT", "EVIDENCED_BY"}
    for label, table in data.nodes.items():
        assert table.schema == node_schema(label)
    for name, table in data.edges.items():
        assert table.schema == edge_schema(name)


def test_a_person_and_its_records(town: Any) -> None:
    first = town.add("W29", insured=1, record={"name": "张三", "pinyin": "zhang san", "region": EAST})
    second = town.add("W07", person=1, record={"name": "张三", "region": WEST}, link=0.8)
    town.add("W11", insured=1, link=0.9)
    town.pair(first.record_key, second.record_key, 0.8, weight=12.5)
    data = project(whole(town))
    person = nodes(data, "Person")["1"]
    assert (person["name"], person["pinyin"], person["n_records"]) == ("张三", ["zhang san"], 3)
    assert (person["regions"], person["departments"]) == (f"{EAST},{WEST}", "HRSS,MSB,POLICE")
    records = nodes(data, "Record")
    assert records[str(second.record_key)]["regions"] == WEST
    assert records[str(second.record_key)]["departments"] == "POLICE"
    hrss = next(r for r in records.values() if r["feed"] == "W11")
    assert hrss["regions"] == EAST  # gives none: its person's
    resolved = edges(data, "RESOLVES_TO")[f"Record:{second.record_key}", "Person:1"]
    assert (resolved["probability"], resolved["row_ids"], resolved["n_rows"]) == (0.8, [second.row_id], 1)
    same = edges(data, "SAME_AS")[f"Record:{second.record_key}", f"Record:{first.record_key}"]
    assert (same["probability"], same["match_weight"], same["regions"]) == (0.8, 12.5, f"{EAST},{WEST}")
    assert len(data.edges["SAME_AS"]) == 2


def test_addresses_phones_and_numbers(town: Any) -> None:
    home = {"region": EAST, "town": "竹岛街道", "village": "甲村", "address": "1号", "phone": "13806310001"}
    town.add(
        "W29",
        insured=1,
        record={**home, "id_number": "N1", "id_status": "valid"},
        start_date=date(2018, 1, 1),
    )
    town.add("W07", person=2, record={**home, "id_number": "N1", "id_status": "checksum"},
             move_in_date=date(2010, 1, 1), cancel_date=date(2020, 1, 1))  # fmt: skip
    town.add("W01", deceased=3, record={"phone": "13806310001", "id_number": "0", "id_status": "placeholder"})
    town.add("W08", representative=3, record={"address": "1号", "village": "甲村"})
    data = project(whole(town))
    (phone,) = nodes(data, "Phone")
    assert phone == opaque_key("13806310001")
    assert set(edges(data, "USES_PHONE")) == {("Person:1", f"Phone:{phone}"), ("Person:2", f"Phone:{phone}")}
    (place,) = data.nodes["Address"].to_pylist()
    assert (place["town"], place["address"], place["departments"]) == ("竹岛街道", "1号", "MSB,POLICE")
    lives = edges(data, "LIVES_AT")
    assert set(lives) == {("Person:1", f"Address:{place['key']}"), ("Person:2", f"Address:{place['key']}")}
    stay = lives["Person:2", f"Address:{place['key']}"]
    assert (stay["valid_from"], stay["valid_to"], stay["basis"]) == (
        date(2010, 1, 1),
        date(2020, 1, 1),
        "W07",
    )
    assert lives["Person:1", f"Address:{place['key']}"]["valid_to"] is None
    (number,) = data.nodes["IdentityNumber"].to_pylist()
    assert (number["number"], number["status"]) == ("N1", "valid")
    holds = edges(data, "HOLDS_NUMBER")
    assert {source for source, _ in holds} == {"Person:1", "Person:2"}
    assert all(edge["surviving"] for edge in holds.values())


def test_employment_ownership_and_their_ends(town: Any) -> None:
    town.add("W29", insured=1, employer=50, start_date=date(2018, 1, 1), end_date=date(2019, 6, 30))
    for month in (3, 4):
        town.add("W11", insured=1, employer=50, owed_period=date(2020, month, 1))
    town.add("W29", insured=2, employer=50, start_date=date(2021, 1, 1))
    town.add("W08", enterprise=50, representative=1, shareholder=2, establishment_date=date(2015, 1, 1))
    town.add("W09", enterprise=50, cancel_date=date(2023, 5, 5))
    data = project(whole(town))
    works = edges(data, "EMPLOYED_BY")
    first = works["Person:1", "Employer:50"]
    assert (first["valid_from"], first["valid_to"]) == (date(2018, 1, 1), date(2020, 4, 30))
    assert (first["basis"], first["n_rows"], first["row_ids"]) == ("W11,W29", 3, [1, 2, 3])
    assert first["probability"] == pytest.approx(0.99**2)
    assert works["Person:2", "Employer:50"]["valid_to"] is None
    leads = edges(data, "REPRESENTS")["Person:1", "Employer:50"]
    assert (leads["valid_from"], leads["valid_to"]) == (date(2015, 1, 1), date(2023, 5, 5))
    assert set(edges(data, "OWNS")) == {("Person:2", "Employer:50")}
    assert data.nodes["Employer"]["ambiguous"].to_pylist() == [True]


def test_treatments_join_visits_and_settlements(town: Any) -> None:
    began, ended = datetime(2024, 3, 1, 9), datetime(2024, 3, 4, 12)
    town.add(
        "W28", patient=1, facility=70, mdtrt_id="V1", service_begin=began, service_end=ended, trauma_flag=True
    )
    for number, amount, reverses in (("S1", 100, None), ("S1", 100, None), ("S2", 50, None), ("S3", 9, "S2")):
        town.add("J05", patient=1, facility=70, mdtrt_id="V1", setl_id=number, service_begin=began,
                 total_amount=amount, fund_amount=amount / 2, reverses=reverses)  # fmt: skip
    town.add("J05", patient=2, facility=70, mdtrt_id="V1", setl_id="S4", service_begin=began, total_amount=1)
    town.add("J05", patient=2, facility=70, setl_id="S5", service_begin=began, total_amount=7)
    data = project(whole(town))
    found = {n["visit_no"]: n for n in data.nodes["Treatment"].to_pylist()}
    assert set(found) == {"V1", None}
    visit = found["V1"]
    assert visit["settlement_nos"] == ["S1", "S4"]
    assert (visit["total_amount"], visit["fund_amount"], visit["trauma"]) == (101.0, 50.0, True)
    assert (visit["begin"], visit["departments"]) == ("2024-03-01 09:00:00", "FACILITY,MSB")
    received = edges(data, "RECEIVED")
    assert {source for source, target in received if target == f"Treatment:{visit['key']}"} == {
        "Person:1",
        "Person:2",
    }
    assert received["Person:1", f"Treatment:{visit['key']}"]["valid_to"] == date(2024, 3, 4)
    assert {target for _, target in edges(data, "PROVIDED_BY")} == {"Facility:70"}


def test_accidents_and_vehicles(town: Any) -> None:
    when = datetime(2024, 5, 1, 8, 30)
    about = {"accident_no": "A1", "accident_time": when, "place": "海滨路"}
    town.add(
        "W22", party=1, party_no="1", plate_no="鲁K·12345", party_role="driver", liability="full", **about
    )
    town.add("W22", party=2, party_no="2", party_role="pedestrian", injury="serious", **about)
    town.add("W22", party_no="3", plate_no="鲁k99999", **about)  # the plate only
    town.add("W22", party=2, party_no="4", party_role="passenger", **about)
    data = project(whole(town))
    (accident,) = data.nodes["Accident"].to_pylist()
    assert (accident["accident_no"], accident["time"], accident["departments"]) == (
        "A1",
        "2024-05-01 08:30:00",
        "POLICE",
    )
    assert {n["plate_no"] for n in data.nodes["Vehicle"].to_pylist()} == {"鲁K12345", "鲁K99999"}
    involved = data.edges["INVOLVED_IN"].to_pylist()
    assert sorted((e["source"][:8], e["key"] != "") for e in involved) == [
        ("Person:1", False), ("Person:2", False), ("Person:2", True), ("Vehicle:", False), ("Vehicle:", False)
    ]  # fmt: skip
    driver = next(e for e in involved if e["source"] == "Person:1")
    assert (driver["liability"], driver["valid_from"], driver["plate_no"]) == (
        "full",
        date(2024, 5, 1),
        "鲁K12345",
    )


def test_families(town: Any) -> None:
    for person, relation, region in ((1, "户主", EAST), (2, "妻", WEST), (3, "子", None)):
        town.add("W07", person=person, household_no="H1", relation=relation, record={"region": region})
    town.add("W04", husband=1, wife=2, registration_type="marriage", registration_date=date(2010, 1, 1))
    town.add("W04", husband=1, wife=2, registration_type="divorce", registration_date=date(2012, 1, 1))
    town.add("W04", husband=1, wife=2, registration_type="marriage", registration_date=date(2014, 1, 1))
    town.add("W02", child=3, mother=2, father=1, birth_time=datetime(2011, 1, 1))
    data = project(whole(town))
    (home,) = data.nodes["Household"].to_pylist()
    assert (home["kind"], home["n_members"], home["regions"]) == ("registered", 3, f"{EAST},{WEST}")
    assert set(edges(data, "MEMBER_OF")) == {(f"Person:{i}", f"Household:{home['key']}") for i in (1, 2, 3)}
    spouses = data.edges["SPOUSE_OF"].to_pylist()
    assert sorted((e["source"], e["target"], e["key"]) for e in spouses) == [
        ("Person:1", "Person:2", "2010-01-01/2012-01-01"),
        ("Person:1", "Person:2", "2014-01-01/"),
    ]
    assert {(e["regions"], e["departments"]) for e in spouses} == {(f"{EAST},{WEST}", "CIVIL")}
    assert set(edges(data, "PARENT_OF")) == {("Person:1", "Person:3"), ("Person:2", "Person:3")}


def test_findings(town: Any) -> None:
    row = town.add("W29", insured=1, employer=50, record={"region": EAST})
    other = town.add("W01", deceased=1)
    findings = pa.table(
        {
            "finding_key": pa.array([77], pa.int64()),
            "rule": ["L01"],
            "severity": ["A"],
            "direction": ["recover"],
            "person_id": pa.array([1], pa.int64()),
            "organisation_id": pa.array([50], pa.int64()),
            "other_person_id": pa.array([None], pa.int64()),
            "row_ids": [[row.row_id, other.row_id]],
            "record_keys": [[row.record_key, other.record_key]],
            "link_probability": [0.97],
            "route": ["department"],
            "return_to": [["MSB", "CIVIL"]],
            "amount": pa.array([None], pa.decimal128(16, 2)),
            "since": [date(2024, 1, 1)],
            "until": pa.array([None], pa.date32()),
            "suppressed_by": pa.array([None], pa.string()),
        }
    )
    data = project(whole(town, findings))
    (finding,) = data.nodes["Finding"].to_pylist()
    assert (finding["key"], finding["rule"], finding["regions"], finding["departments"]) == (
        "77",
        "L01",
        EAST,
        "CIVIL,MSB",
    )
    assert {target for _, target in edges(data, "ABOUT")} == {"Person:1", "Employer:50"}
    evidence = edges(data, "EVIDENCED_BY")
    assert set(evidence) == {("Finding:77", f"Record:{r.record_key}") for r in (row, other)}
    assert evidence["Finding:77", f"Record:{row.record_key}"]["row_ids"] == [row.row_id]


def test_a_treatment_is_caused_by_the_accident_of_a_liability_lead(town: Any) -> None:
    day = date(2024, 3, 10)
    accident = {"accident_no": "a1", "accident_time": datetime(2024, 3, 10, 12), "injury": "minor"}
    at_east = {"region": EAST}
    hurt = town.add("W22", party=1, party_no="1", liability="none", record=at_east, **accident)
    town.add("W22", party=9, party_no="2", liability="main", **accident)
    visit = town.add(
        "W28", patient=1, mdtrt_id="m1", med_type="inpatient",
        service_begin=day + timedelta(days=2), service_end=day + timedelta(days=6), record=at_east,
    )  # fmt: skip
    paid = town.add(
        "J05", patient=1, mdtrt_id="m1", setl_id="s1", fund_amount=900, service_begin=day + timedelta(days=2)
    )
    town.add(
        "W28", patient=1, mdtrt_id="before", med_type="outpatient", service_begin=day - timedelta(days=9)
    )
    findings = run_rules(town.snapshot(), [load_catalogue().rules["T01"]])
    data = project(whole(town, findings))
    ends = f"Treatment:v{opaque_key('m1')}", f"Accident:{opaque_key('a1')}"
    (edge,) = data.edges["CAUSED_BY"].to_pylist()
    assert (edge["source"], edge["target"]) == ends
    assert (edge["valid_from"], edge["valid_to"]) == (day + timedelta(days=2), day + timedelta(days=6))
    assert edge["row_ids"] == sorted([hurt.row_id, visit.row_id, paid.row_id])
    assert (edge["regions"], edge["departments"], edge["days_after"]) == (EAST, "MSB,POLICE", 2)
    (finding,) = data.nodes["Finding"].to_pylist()
    assert (edge["finding"], [edge["probability"]]) == (
        finding["key"],
        findings["link_probability"].to_pylist(),
    )


def test_it_is_published_and_seen_within_its_scope(town: Any, tmp_path: Path) -> None:
    town.add("W29", insured=1, employer=50, record={"name": "张三", "region": EAST, "phone": "13806310001"})
    town.add("W29", insured=2, employer=50, record={"name": "李四", "region": WEST, "phone": "13806310001"})
    store = SqliteStore(tmp_path / "graph.db")
    store.publish(1, project(whole(town)))
    east = store.view(scope=Scope(regions=frozenset({EAST})))
    assert [n.id for n in store.view().search("13806310001")] != []
    assert [n.id for n in east.search("13806310001")] == ["Person:1"]
    assert east.neighbour_counts("Employer:50") == {"EMPLOYED_BY": 1}
    assert east.sharing("Person:1", "USES_PHONE") == ()
    assert east.shortest_path("Person:1", "Person:2") is None
    around = store.view().shortest_path("Person:1", "Person:2")
    assert around is not None
    assert around.length == 2
    store.close()
