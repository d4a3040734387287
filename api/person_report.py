"""`guiyi person`: one person on the terminal. Each look is audited."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pyarrow.compute as pc

from api.console import print_facts, print_json, print_table, say
from api.presenting import entity_of, person_from_text, person_node
from api.published import Publications, Published
from api.security import audit
from graph.store import EVERYTHING, Node
from resolver.entities.entity_id import EntityIdError, to_text
from resolver.errors import SnapshotError
from resolver.identifiers.identity_number import classify
from resolver.ledger.ledger import Ledger
from resolver.standardize.phones import normalize
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
        findings = published.findings
        found = findings.filter(pc.equal(findings["rule"], "L01"))["person_id"].to_pylist()
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
    shown = {k: v for k, v in golden.items() if v not in (None, []) and not k.endswith("_record_key")}
    print_facts(f"Person {facts['person_id']}", {**shown, "sex": _sex(golden["sex"])})
    of_record = ("record_key", "feed", "role", "name", "id_number", "birth_date", "link_probability")
    headers = ["record", "feed", "role", "name", "ID number", "born", "link"]
    print_table("Records", headers, [[r[name] for name in of_record] for r in facts["records"]])
    if facts["findings"]:
        found = [
            [f["rule"], f"{f['title']} {f['title_en']}", f["severity"], f["link_probability"], _route(f)]
            for f in facts["findings"]
        ]
        print_table("Findings", ["rule", "finding", "severity", "link", "goes to"], found)
    say("link: of a record, that it belongs to the others, by its surest link to one of them;")
    say("of a finding, that its rows are of one person, by the weakest link between them")


@contextmanager
def _published(workspace: Workspace, ledger: Ledger) -> Iterator[Published]:
    publications = Publications(workspace, ledger)
    try:
        publications.refresh()
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
    for column, value in (("id_numbers", classify(text).number), ("phones", normalize(text))):
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
        rows = [[*row.values()] for row in facts]
        for row in rows:
            row[2] = _sex(row[2])
        print_table("Several persons", ["person", "name", "sex", "born", "ID number", "records"], rows)


def _facts(node: Node, published: Published) -> dict[str, Any]:
    entity = entity_of(node.id)
    links = _surest_links(published.lookup.members(entity))
    records = published.lookup.records(sorted(links)).to_pylist()
    return {
        "person_id": to_text(entity, "person"),
        "golden": _with_texts(published.lookup.golden(entity) or {}),
        "records": [{**_with_texts(r), "link_probability": links[r["record_key"]]} for r in records],
        "findings": [
            {
                "rule": f["rule"],
                **_titles(published, f["rule"]),
                "severity": f["severity"],
                "link_probability": f["link_probability"],
                "route": f["route"],
                "suppressed_by": f["suppressed_by"],
            }
            for f in published.findings_of(entity)
        ],
    }


def _surest_links(members: list[dict[str, Any]]) -> dict[int, float]:
    """Record -> probability of its surest link to another record of the person, 1 for an only one.

    The links are those of the maximum spanning tree, which has the surest one of every record.
    """
    surest = {member["record_key"]: 0.0 if len(members) > 1 else 1.0 for member in members}
    for member in members:
        if (parent := member["parent_record_key"]) is not None:
            for key in (member["record_key"], parent):
                surest[key] = max(surest[key], member["link_probability"])
    return surest


def _sex(code: Any) -> str | None:
    return {1: "male 男", 2: "female 女"}.get(code)  # GB 2261.1


def _with_texts(values: dict[str, Any]) -> dict[str, Any]:
    """Keys as text: 64 bits are more than the numbers of many JSON readers hold."""
    texts: dict[str, Any] = {}
    for name, value in values.items():
        if name == "employer_id" and value is not None:
            texts[name] = to_text(value, "organisation")
        elif name.endswith("record_key") and value is not None:
            texts[name] = str(value)
        elif name != "person_id":
            texts[name] = value
    return texts


def _titles(published: Published, rule_id: str) -> dict[str, str]:
    rule = published.rules.get(rule_id)
    return {"title": rule.title if rule else "", "title_en": rule.title_en if rule else ""}


def _route(finding: dict[str, Any]) -> str:
    if finding["suppressed_by"]:
        return f"nobody: {finding['suppressed_by']} says it"
    return str(finding["route"]).replace("_", " ")


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
