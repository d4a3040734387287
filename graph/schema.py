"""Nodes and edges of the person graph, declared once, as data.

Stores build their tables, constraints and indexes from this, the projection is checked against it, and the API
serves it. Node ids are `Label:key`; keys of nodes that stand for a personal value are opaque
(`graph.store.opaque_key`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

PropertyType = Literal["text", "texts", "integer", "number", "flag", "date"]
Searched = Literal["", "name", "former_name", "pinyin", "number", "phone"]

MAX_ROW_IDS = 8
"""An edge names at most so many of the rows it stands on; `n_rows` says how many there are."""


@dataclass(frozen=True)
class Property:
    """A property of a node label or edge type.

    Attributes:
        name: Its name.
        type: `texts` is a list; `date` comes as ISO text out of JSON; a time is a text (`2023-01-02 10:00:00`).
        indexed: Nodes can be found by it exactly (`GraphView.find`).
        searched: Which kind of search term it feeds (`graph.search_terms`).
    """

    name: str
    type: PropertyType = "text"
    indexed: bool = False
    searched: Searched = ""


@dataclass(frozen=True)
class NodeLabel:
    """A kind of node.

    Attributes:
        name: The label.
        title: In Chinese, for people.
        about: What it stands for.
        key: What the key of its id is made of.
        properties: In the order of the tables.
    """

    name: str
    title: str
    about: str
    key: str
    properties: tuple[Property, ...]


@dataclass(frozen=True)
class EdgeType:
    """A kind of edge.

    Attributes:
        name: The type.
        title: In Chinese, for people; reads from source to target.
        about: What it says, and from when to when.
        sources: Labels it may start from.
        targets: Labels it may lead to.
        properties: Beside those every edge has (probability, validity, rows).
        cost: How much a step of this type weakens a path, in bits (`graph.evidence`): 0.5 for what is one thing
            or one event, 1 for kin and household, 2 for what people share, 3 for where many meet.
    """

    name: str
    title: str
    about: str
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    properties: tuple[Property, ...] = ()
    cost: float = 2.0


_REGION = Property("region")
_N_ROWS = Property("n_rows", "integer")
_BASIS = Property("basis")

_LABELS = (
    NodeLabel(
        "Person",
        "人员",
        "a person: one golden record over all records that were found to be of one",
        "entity id",
        (
            Property("name", searched="name"),
            Property("former_names", "texts", searched="former_name"),
            Property("pinyin", "texts", searched="pinyin"),
            Property("sex", "integer"),
            Property("birth_date", "date"),
            Property("id_type"),
            Property("id_number"),
            Property("id_numbers", "texts", indexed=True, searched="number"),
            Property("phone"),
            Property("phones", "texts", indexed=True, searched="phone"),
            _REGION,
            Property("town"),
            Property("village"),
            Property("address"),
            Property("n_records", "integer"),
            Property("ambiguous", "flag"),
        ),
    ),
    NodeLabel(
        "Record",
        "记录",
        "one description of a person in one feed",
        "record key",
        (Property("feed"), Property("role"), Property("source_key"), Property("name")),
    ),
    NodeLabel(
        "Household",
        "家庭户",
        "people who live or count as one home: as registered (户号), inferred, or receiving aid",
        "household id",
        (
            Property("kind"),
            Property("n_members", "integer"),
            Property("flagged", "flag"),
        ),
    ),
    NodeLabel(
        "Employer",
        "用人单位",
        "an enterprise, office or other organisation that is no facility",
        "entity id",
        (
            Property("name", searched="name"),
            Property("credit_code", indexed=True, searched="number"),
            _REGION,
            Property("address"),
            Property("phone", searched="phone"),
            Property("ambiguous", "flag"),
        ),
    ),
    NodeLabel(
        "Facility",
        "定点医药机构",
        "a hospital, clinic or pharmacy under contract with the insurance",
        "entity id",
        (
            Property("name", searched="name"),
            Property("credit_code", indexed=True, searched="number"),
            Property("facility_code", indexed=True, searched="number"),
            _REGION,
            Property("address"),
            Property("phone", searched="phone"),
            Property("ambiguous", "flag"),
        ),
    ),
    NodeLabel(
        "Address",
        "地址",
        "a place that records give as somebody's address",
        "opaque key of region, town, village and address",
        (_REGION, Property("town"), Property("village"), Property("address")),
    ),
    NodeLabel(
        "Phone",
        "电话",
        "a number that records give as somebody's phone",
        "opaque key of the number",
        (Property("number", indexed=True),),
    ),
    NodeLabel(
        "IdentityNumber",
        "证件号码",
        "a resident or other identity number that records give",
        "opaque key of the number",
        (Property("number", indexed=True), Property("id_type"), Property("status")),
    ),
    NodeLabel(
        "Accident",
        "交通事故",
        "a traffic accident of the police's list",
        "opaque key of the accident number",
        (Property("accident_no", indexed=True), Property("time"), Property("place")),
    ),
    NodeLabel(
        "Vehicle",
        "车辆",
        "a vehicle by its plate, as the police write it",
        "opaque key of the plate",
        (Property("plate_no", indexed=True),),
    ),
    NodeLabel(
        "Treatment",
        "诊疗",
        "a visit or admission with its settlements; or a settlement without a visit",
        "`v` and the opaque key of the visit, or `s` and that of a settlement without a visit",
        (
            Property("visit_no"),
            Property("settlement_nos", "texts"),
            Property("med_type"),
            Property("begin"),
            Property("end"),
            Property("diagnosis"),
            Property("trauma", "flag"),
            Property("third_party", "flag"),
            Property("total_amount", "number"),
            Property("fund_amount", "number"),
        ),
    ),
    NodeLabel(
        "Finding",
        "疑点",
        "what a rule found; see the catalogue of rules",
        "finding key",
        (
            Property("rule", indexed=True),
            Property("severity"),
            Property("direction"),
            Property("route"),
            Property("since", "date"),
            Property("until", "date"),
            Property("amount", "number"),
            Property("suppressed_by"),
        ),
    ),
)

_TYPES = (
    EdgeType(
        "RESOLVES_TO",
        "归为",
        "the record is of this person; as long as its rows hold",
        ("Record",),
        ("Person",),
        (_N_ROWS,),
        cost=0.5,
    ),
    EdgeType(
        "SAME_AS",
        "同一人依据",
        "the link by which the record was joined to the rest of its person's records",
        ("Record",),
        ("Record",),
        (Property("match_weight", "number"),),
        cost=0.5,
    ),
    EdgeType(
        "MEMBER_OF",
        "户成员",
        "lives in, or counts to, the household",
        ("Person",),
        ("Household",),
        (Property("relation"), _BASIS),
        cost=1.0,
    ),
    EdgeType(
        "SPOUSE_OF",
        "配偶",
        "married, from the wedding to divorce or death; points from the smaller entity id to the larger",
        ("Person",),
        ("Person",),
        (_BASIS,),
        cost=1.0,
    ),
    EdgeType("PARENT_OF", "父母", "father or mother of", ("Person",), ("Person",), (_BASIS,), cost=1.0),
    EdgeType(
        "EMPLOYED_BY",
        "就业",
        "insured through, or paid by; from enrolment to leaving, or month by month",
        ("Person",),
        ("Employer", "Facility"),
        (_BASIS, _N_ROWS),
        cost=3.0,
    ),
    EdgeType("OWNS", "股东", "holds a share of", ("Person",), ("Employer", "Facility"), (_BASIS, _N_ROWS)),
    EdgeType(
        "REPRESENTS",
        "法定代表人",
        "is the legal representative (法定代表人) of",
        ("Person",),
        ("Employer", "Facility"),
        (_BASIS, _N_ROWS),
    ),
    EdgeType("LIVES_AT", "住址", "gives this address", ("Person",), ("Address",), (_BASIS, _N_ROWS)),
    EdgeType("USES_PHONE", "使用电话", "gives this phone", ("Person",), ("Phone",), (_BASIS, _N_ROWS)),
    EdgeType(
        "HOLDS_NUMBER",
        "持有证件",
        "has, or once had, this number",
        ("Person",),
        ("IdentityNumber",),
        (_BASIS, _N_ROWS, Property("surviving", "flag")),
        cost=1.0,
    ),
    EdgeType(
        "INVOLVED_IN",
        "涉及事故",
        "was a party to the accident, or the vehicle was in it; on that day",
        ("Person", "Vehicle"),
        ("Accident",),
        (Property("party_role"), Property("liability"), Property("injury"), Property("plate_no")),
        cost=1.0,
    ),
    EdgeType(
        "RECEIVED",
        "就诊",
        "was treated; from the first day to the last",
        ("Person",),
        ("Treatment",),
        (_BASIS,),
        cost=0.5,
    ),
    EdgeType(
        "PROVIDED_BY",
        "诊疗机构",
        "who treated; from the first day to the last",
        ("Treatment",),
        ("Facility", "Employer"),
        cost=3.0,
    ),
    EdgeType(
        "CAUSED_BY",
        "由事故所致",
        "a lead for third-party liability (T01) says that the accident led to this treatment; its days",
        ("Treatment",),
        ("Accident",),
        (Property("finding"), Property("days_after", "integer")),
        cost=0.5,
    ),
    EdgeType(
        "ABOUT",
        "疑点对象",
        "whom or what the finding concerns; over the days it speaks of",
        ("Finding",),
        ("Person", "Employer", "Facility"),
        cost=1.0,
    ),
    EdgeType(
        "EVIDENCED_BY",
        "疑点依据",
        "a record whose rows the finding stands on",
        ("Finding",),
        ("Record",),
        cost=0.5,
    ),
)

NODES: Mapping[str, NodeLabel] = {label.name: label for label in _LABELS}
"""Every node label, by name."""

EDGES: Mapping[str, EdgeType] = {edge_type.name: edge_type for edge_type in _TYPES}
"""Every edge type, by name."""

NODE_COLUMNS = ("key", "regions", "departments")
"""Columns that every node table of `GraphData` has before its properties."""

EDGE_COLUMNS = (
    "source", "target", "key", "probability", "valid_from", "valid_to", "row_ids", "regions", "departments",
)  # fmt: skip
"""Columns that every edge table of `GraphData` has before its properties."""


def indexed_properties(label: str) -> tuple[str, ...]:
    """Names of the properties by which nodes of a label can be found exactly."""
    return tuple(p.name for p in NODES[label].properties if p.indexed)


def is_searched(label: str) -> bool:
    """Whether full text finds nodes of this label."""
    return any(p.searched for p in NODES[label].properties)
