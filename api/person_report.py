"""`guiyi person` and `guiyi explain`: one person, or one pair of records, on the terminal. Each look is audited."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pyarrow.compute as pc

from api.console import print_json, print_table
from api.presenting import entity_of, person_from_text, person_node
from api.published import Publications, Published
from api.security import audit
from graph.store import EVERYTHING, Node
from resolver.entities.entity_id import EntityIdError, to_text
from resolver.errors import SnapshotError
from resolver.ledger.ledger import Ledger
from resolver.linkage.explanation import Explanation, explain_pair
from resolver.standardize.records import person_example
from resolver.version import VERSION
from resolver.workspace import Workspace

_SHOWN = 20


@dataclass(frozen=True)
class Example:
    """A person worth showing."""

    person_id: str
    number: str


def example_person(workspace: Workspace, ledger: Ledger) -> Example:
    """A person with a number and a grave finding, for the first requests of a demonstration.

    Raises:
        SnapshotError: Nothing is published, or nobody has a number.
    """
    with _published(workspace, ledger) as published:
        golden = published.snapshot.read("golden", ["person_id", "id_number"])
        known = golden.filter(pc.is_valid(golden["id_number"]))
        numbers = dict(zip(known["person_id"].to_pylist(), known["id_number"].to_pylist(), strict=True))
        found = [f["person_id"] for f in published.finding_index.all if f["rule"] == "L01"]
        for person in (*found, *numbers):
            if person in numbers:
                return Example(to_text(person, "person"), numbers[person])
    raise SnapshotError("nobody has an ID number in what is published")


def show_person(workspace: Workspace, ledger: Ledger, text: str, *, as_json: bool) -> None:
    """Show the person meant by an id, ID number, phone or name; several are listed."""
    with _published(workspace, ledger) as published:
        nodes = _meant(text, published)
        _record(ledger, "cli.person", [entity_of(node.id) for node in nodes], published)
        if not nodes:
            raise SnapshotError(
                f"nobody is found by {text!r}", remedy="Try the name, the ID number or a phone."
            )
        if len(nodes) > 1:
            _list(nodes, as_json=as_json)
            return
        facts = _facts(nodes[0], published)
    if as_json:
        print_json(facts)
        return
    golden = facts["golden"]
    rows = [[k, v] for k, v in golden.items() if v not in (None, []) and not k.endswith("_record_key")]
    print_table(f"Person {facts['person_id']}", ["golden record", ""], rows)
    records = [
        [
            r["record_key"],
            r["feed"],
            r["role"],
            r["name"],
            r["id_number"],
            r["birth_date"],
            r["link_probability"],
        ]
        for r in facts["records"]
    ]
    headers = ["record", "feed", "role", "name", "ID number", "born", "link probability"]
    print_table("Records", headers, [[str(row[0]), *row[1:]] for row in records])
    if facts["findings"]:
        found = [
            [f["rule"], f["title"], f["severity"], f["link_probability"], f["route"]]
            for f in facts["findings"]
        ]
        print_table("Findings", ["rule", "", "severity", "link probability", "route"], found)


def show_pair(workspace: Workspace, ledger: Ledger, left: int, right: int, *, as_json: bool) -> None:
    """Show the waterfall of the match weight of two records."""
    with _published(workspace, ledger) as published:
        records = published.lookup.records([left, right])
        if records.num_rows != 2 or left == right:
            raise SnapshotError(
                "that is not a pair of records of the published snapshot",
                remedy="`guiyi person` shows a person's record keys.",
            )
        explanation = explain_pair(published.model, records, left, right)
        _record(ledger, "cli.explain", [], published)
    if as_json:
        print_json(explanation_facts(explanation))
        return
    rows: list[list[Any]] = [["prior", "", explanation.prior]]
    rows += [[step.comparison, step.label, step.match_weight] for step in explanation.steps]
    rows.append(["sum", f"probability {explanation.match_probability:.4f}", explanation.match_weight])
    print_table("Match weight (bits)", ["comparison", "level", "weight"], rows)


def explanation_facts(explanation: Explanation) -> dict[str, Any]:
    """An explanation for JSON."""
    return {
        "prior": explanation.prior,
        "steps": [
            {
                "comparison": step.comparison,
                "level": step.label,
                "match_weight": step.match_weight,
                "value_l": step.value_l,
                "value_r": step.value_r,
            }
            for step in explanation.steps
        ],
        "match_weight": explanation.match_weight,
        "match_probability": explanation.match_probability,
    }


@contextmanager
def _published(workspace: Workspace, ledger: Ledger) -> Iterator[Published]:
    publications = Publications(workspace, ledger)
    try:
        yield publications.current()
    finally:
        publications.close()


def _meant(text: str, published: Published) -> list[Node]:
    view = published.view(EVERYTHING)
    try:
        node = view.get(person_node(person_from_text(text)))
    except EntityIdError:
        node = None
    if node is not None:
        return [node]
    standard = person_example({"id_number": text, "phone": text}).to_pylist()[0]
    for column, value in (("id_numbers", standard["id_number"]), ("phones", standard["phone"])):
        found = view.find("Person", column, value, limit=_SHOWN) if value else ()
        if found:
            return list(found)
    return [node for node in view.search(text, limit=_SHOWN) if node.label == "Person"]


def _list(nodes: list[Node], *, as_json: bool) -> None:
    names = ("name", "sex", "birth_date", "id_number", "n_records")
    facts = [
        {"person_id": to_text(entity_of(n.id), "person"), **{k: n.properties.get(k) for k in names}}
        for n in nodes
    ]
    if as_json:
        print_json(facts)
    else:
        print_table("Several persons", list(facts[0]), [list(row.values()) for row in facts])


def _facts(node: Node, published: Published) -> dict[str, Any]:
    entity = entity_of(node.id)
    members = {m["record_key"]: m for m in published.lookup.members(entity)}
    records = published.lookup.records(sorted(members)).to_pylist()
    return {
        "person_id": to_text(entity, "person"),
        "golden": {k: v for k, v in (published.lookup.golden(entity) or {}).items() if k != "person_id"},
        "records": [{**r, "link_probability": members[r["record_key"]]["link_probability"]} for r in records],
        "findings": [
            {
                "rule": f["rule"],
                "title": published.rules[f["rule"]].title if f["rule"] in published.rules else "",
                "severity": f["severity"],
                "link_probability": f["link_probability"],
                "route": f["route"],
                "suppressed_by": f["suppressed_by"],
            }
            for f in published.finding_index.of_person(entity)
        ],
    }


def _record(ledger: Ledger, action: str, persons: list[int], published: Published) -> None:
    event = {
        "action": action,
        "caller": getpass.getuser(),
        "purpose": "inspection",
        "persons": [to_text(person, "person") for person in persons],
        "results": len(persons),
        "numbers_shown": True,
        "snapshot": published.snapshot.number,
        "version": VERSION,
    }
    ledger.append_chained(audit.STREAM, [event], datetime.now(UTC))
