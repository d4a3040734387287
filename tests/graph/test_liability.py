"""Leads for third-party liability: what stands in one, who owes what, and which come first."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from hashlib import md5
from math import log2
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graph.casework import CASE_EVENT_SCHEMA
from graph.findings import run_rules
from graph.lead_evidence import POINTS
from graph.liability import LEAD_SCHEMA, liability_leads
from graph.rules.catalogue import load_catalogue
from resolver.errors import SnapshotError
from resolver.snapshot import Snapshot

DAY = date(2024, 3, 10)
ACCIDENT = datetime.combine(DAY, time(12))


def hurt(town: Any, person: int, days: int, liability: str | None = "none", **visit: Any) -> None:
    """A person hurt in an accident of their own, and treated some days later for 1,000 yuan."""
    accident = {"accident_no": f"a{person}", "accident_time": ACCIDENT, "injury": "minor"}
    town.add("W22", party=person, party_no="1", liability=liability, **accident)
    town.add("W22", party=900, party_no="2", liability="main", insurer="甲保险", **accident)
    treated(town, person, days, f"m{person}", **visit)


def treated(town: Any, person: int, days: int, visit_no: str, **visit: Any) -> None:
    day = DAY + timedelta(days=days)
    usual = {"mdtrt_id": visit_no, "facility_name": "县医院", "med_type": "outpatient", "service_begin": day}
    town.add("W28", patient=person, **{**usual, **visit})
    town.add(
        "J05", patient=person, setl_id=f"s{visit_no}", mdtrt_id=visit_no, service_begin=day, fund_amount=1000
    )


def checked(town: Any) -> Snapshot:
    snapshot: Snapshot = town.snapshot()
    rules = load_catalogue().rules
    findings = run_rules(snapshot, [rules[name] for name in ("T01", "T03", "T05", "T06")])
    pq.write_table(findings, snapshot.folder / "findings.parquet")
    files = {**snapshot.manifest["files"], "findings": {}}
    return Snapshot(snapshot.folder, 1, {**snapshot.manifest, "files": files})


def leads_of(town: Any, events: pa.Table | None = None) -> list[dict[str, Any]]:
    leads = liability_leads(checked(town), events)
    assert leads.schema == LEAD_SCHEMA
    rows: list[dict[str, Any]] = leads.to_pylist()
    return rows


def node(label: str, prefix: str, number: str) -> str:
    return f"{label}:{prefix}{md5(number.encode()).hexdigest()[:16]}"


def test_a_lead(town: Any) -> None:
    hurt(town, 1, 2, liability="minor", trauma_flag=True, med_type="inpatient", third_party_flag=False)
    (lead,) = leads_of(town)
    assert lead.pop("finding_key") > 0
    assert [reason["reason"] for reason in lead.pop("reasons")] == [
        "treated within three days", "injury (ICD-10 S, T, V-Y, or the flag)", "admitted, or an emergency",
        "hurt, by the police",
    ]  # fmt: skip
    assert lead == {
        "kind": "accident", "person_id": 1, "incident": "a1", "incident_day": DAY, "accident_time": ACCIDENT,
        "injury": "minor", "liability": "minor", "others_share": 0.7,
        "liable": [{"kind": "insurer", "name": "甲保险", "share": 0.7, "node": "Person:900"}],
        "visits": ["m1"], "follow_ups": [], "facilities": ["县医院"], "diagnoses": [],
        "first_service": DAY + timedelta(days=2), "days_after": 2, "trauma": True, "hospital": True,
        "third_party_declared": False, "declared_causes": [], "fund_paid": Decimal("1000.00"),
        "third_party_paid": Decimal("0.00"), "recoverable": Decimal("700.00"), "state": "open",
        "strength": round(3 + 3 + 2 + 1 + log2(0.99), 2), "link_probability": 0.99, "route": "department",
        "path": ["Person:900", node("Accident", "", "a1"), "Person:1", node("Treatment", "v", "m1")],
        "row_ids": [1, 3, 4],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("liability", "recoverable"),
    [("main", "300.00"), ("equal", "500.00"), ("minor", "700.00"), ("none", "1000.00"), (None, None)],
)
def test_what_others_owe(town: Any, liability: str | None, recoverable: str | None) -> None:
    hurt(town, 1, 1, liability=liability)
    (lead,) = leads_of(town)
    assert lead["recoverable"] == (None if recoverable is None else Decimal(recoverable))


def test_a_share_that_the_police_state_goes_before_the_degree(town: Any) -> None:
    about = {"accident_no": "a1", "accident_time": ACCIDENT, "injury": "minor"}
    town.add("W22", party=1, party_no="1", liability="minor", liability_share=20, **about)
    town.add("W22", party=900, party_no="2", liability="main", insurer="甲保险", **about)
    treated(town, 1, 1, "m1")
    (lead,) = leads_of(town)
    assert (lead["others_share"], lead["recoverable"]) == (0.8, Decimal("800.00"))


def test_others_share_what_they_bear_by_their_degrees(town: Any) -> None:
    hurt(town, 1, 1)
    about = {"accident_no": "a1", "accident_time": ACCIDENT, "injury": "none"}
    town.add("W22", party_no="3", liability="minor", plate_no="鲁K·12345", **about)
    town.add("W22", party=902, party_no="4", liability="none", **about)
    (lead,) = leads_of(town)
    assert lead["liable"] == [
        {"kind": "insurer", "name": "甲保险", "share": 0.7, "node": "Person:900"},
        {"kind": "party", "name": None, "share": 0.3, "node": node("Vehicle", "", "鲁K12345")},
    ]


def test_the_best_evidence_first(town: Any) -> None:
    hurt(town, 1, 5, trauma_flag=True)
    hurt(town, 2, 1)
    hurt(town, 3, 5, trauma_flag=True, med_type="emergency")
    hurt(town, 4, 1, liability="minor", diagnosis_code="S82", med_type="inpatient")
    hurt(town, 5, 1, liability="minor")
    leads = leads_of(town)
    assert [lead["person_id"] for lead in leads] == [4, 3, 1, 2, 5]
    for lead in leads:
        points = sum(reason["points"] for reason in lead["reasons"])
        assert lead["strength"] == round(points + log2(lead["link_probability"]), 2)
        assert all(POINTS[reason["reason"]] == reason["points"] for reason in lead["reasons"])


@pytest.mark.parametrize(
    ("visit", "reason"),
    [
        ({"declared_cause": "被轿车撞伤"}, "declared as another's doing"),
        ({"third_party_flag": True}, "declared as another's doing"),
        ({"declared_cause": "自行摔伤"}, "declared as nobody else's doing"),
        ({"diagnosis_code": "V03.1"}, "external cause by another (V01-V99, X85-Y09)"),
        ({"diagnosis_code": "Y04.0"}, "external cause by another (V01-V99, X85-Y09)"),
        ({"diagnosis_code": "W01.0"}, "external cause of one's own (W00-W19, X60-X84)"),
        ({"diagnosis_code": "X60.0"}, "external cause of one's own (W00-W19, X60-X84)"),
    ],
)
def test_what_speaks_for_a_lead(town: Any, visit: dict[str, Any], reason: str) -> None:
    hurt(town, 1, 1, **visit)
    (lead,) = leads_of(town)
    said = {found["reason"] for found in lead["reasons"]}
    named = {name for name in POINTS if name.startswith(("declared", "external"))}
    assert said & named == {reason}


def test_what_follows_the_first_treatment(town: Any) -> None:
    hurt(town, 1, 1, diagnosis_code="S82.1", med_type="inpatient")
    treated(town, 1, 90, "again", diagnosis_code="S82.3")
    treated(town, 1, 365, "plate out", diagnosis_code="Z47.0")
    treated(town, 1, 366, "too late", diagnosis_code="S82.1")
    treated(town, 1, 90, "other", diagnosis_code="I10")
    (lead,) = leads_of(town)
    assert (lead["visits"], lead["follow_ups"]) == (["m1"], ["again", "plate out"])
    assert (lead["fund_paid"], lead["diagnoses"]) == (Decimal("3000.00"), ["S82.1", "S82.3", "Z47.0"])


def test_other_treatments_of_the_person_are_left_out(town: Any) -> None:
    hurt(town, 1, 1)
    town.add("W28", patient=1, service_begin=DAY + timedelta(days=90), mdtrt_id="later")
    assert [lead["visits"] for lead in leads_of(town)] == [["m1"]]


def nameless(town: Any, name: str = "王伟", **more: Any) -> None:
    """An accident of which the police know the injured by name only."""
    about = {"accident_no": "n", "accident_time": ACCIDENT}
    record = {"name": name, "id_status": "missing"}
    town.add("W22", party=800, party_no="1", liability="none", injury="minor", name=name, record=record,
             **{**about, **more})  # fmt: skip
    town.add("W22", party=900, party_no="2", liability="full", injury="none", **about)


def persons(*described: tuple[int, str, date | None]) -> pa.Table:
    rows = [{"person_id": n, "name": name, "sex": None, "birth_date": born} for n, name, born in described]
    types = [
        ("person_id", pa.int64()),
        ("name", pa.string()),
        ("sex", pa.int8()),
        ("birth_date", pa.date32()),
    ]
    return pa.Table.from_pylist(rows, pa.schema(types))


def test_candidates_for_a_party_without_a_number(town: Any) -> None:
    nameless(town)
    town.extra["golden"] = persons((1, "王伟", None), (2, "王伟", None), (3, "王伟", None), (4, "李强", None))
    treated(town, 1, 1, "m1", diagnosis_code="S82")
    treated(town, 2, 3, "m2", diagnosis_code="S06")
    treated(town, 3, 4, "m3", diagnosis_code="S06")  # too late
    treated(town, 4, 1, "m4", diagnosis_code="S06")  # another name
    leads = leads_of(town)
    assert [(lead["kind"], lead["person_id"], lead["route"]) for lead in leads] == [
        ("candidate", 1, "identity_review"), ("candidate", 2, "identity_review"),
    ]  # fmt: skip
    assert {lead["link_probability"] for lead in leads} == {1 / 3}
    assert {lead["finding_key"] for lead in leads} != {None}


def test_a_candidate_is_not_contradicted_by_the_birth_date(town: Any) -> None:
    nameless(town, birth_date=date(1980, 1, 1))
    town.extra["golden"] = persons((1, "王伟", date(1980, 1, 1)), (2, "王伟", date(1980, 1, 2)))
    for person in (1, 2):
        treated(town, person, 1, f"m{person}", diagnosis_code="S82")
    assert [(lead["person_id"], lead["finding_key"]) for lead in leads_of(town)] == [(1, None)]


def test_a_work_injury_is_the_employers(town: Any) -> None:
    town.add("X04", injured=1, employer=7, decision_no="d", accident_date=DAY, decision="recognised",
             decision_date=DAY, employer_name="甲公司")  # fmt: skip
    treated(town, 1, 1, "m1", diagnosis_code="S82")
    (lead,) = leads_of(town)
    assert (lead["kind"], lead["incident"], lead["recoverable"]) == ("work_injury", "d", Decimal("1000.00"))
    assert lead["liable"] == [{"kind": "employer", "name": "甲公司", "share": 1.0, "node": "Employer:7"}]
    assert lead["path"][:2] == ["Employer:7", "Person:1"]


def test_an_accident_on_the_way_to_work_is_one_lead(town: Any) -> None:
    hurt(town, 1, 1, diagnosis_code="S82")
    town.add("X04", injured=1, employer=7, decision_no="d", accident_date=DAY, decision="recognised",
             decision_date=DAY, employer_name="甲公司")  # fmt: skip
    (lead,) = leads_of(town)
    assert lead["kind"] == "accident"
    assert [who["kind"] for who in lead["liable"]] == ["insurer", "employer"]


def paid(town: Any, person: int, **more: Any) -> None:
    usual = {"document_no": "x", "accident_date": DAY, "paid_date": DAY + timedelta(days=60), "amount": 900}
    town.add("X03", injured=person, payer_name="乙保险", payer_kind="insurer", **{**usual, **more})


def test_a_payment_without_an_accident(town: Any) -> None:
    paid(town, 1, medical_amount=600)
    treated(town, 1, 1, "m1", diagnosis_code="S82")
    (lead,) = leads_of(town)
    assert (lead["kind"], lead["recoverable"], lead["state"]) == (
        "payment",
        Decimal("600.00"),
        "third_party_paid",
    )
    assert lead["liable"] == [{"kind": "insurer", "name": "乙保险", "share": None, "node": None}]


def test_a_payment_for_a_known_accident_is_part_of_its_lead(town: Any) -> None:
    hurt(town, 1, 1, diagnosis_code="S82")
    paid(town, 1)
    (lead,) = leads_of(town)
    assert (lead["kind"], lead["third_party_paid"]) == ("accident", Decimal("900.00"))
    assert lead["state"] == "third_party_paid"


def test_a_facility_declares_a_third_party_and_no_accident_is_known(town: Any) -> None:
    treated(town, 1, 1, "m1", diagnosis_code="S82", third_party_flag=True)
    treated(town, 2, 1, "m2", diagnosis_code="S82", third_party_flag=False)
    (lead,) = leads_of(town)
    assert (lead["kind"], lead["person_id"], lead["recoverable"], lead["liable"]) == ("declared", 1, None, [])


def test_the_state_is_that_of_the_last_step(town: Any) -> None:
    hurt(town, 1, 1)
    (lead,) = leads_of(town)
    steps = [("issued", 1), ("urged", 2), ("returned", 3)]
    rows = [
        {"finding_key": lead["finding_key"], "rule": "T01", "event": event, "day": DAY + timedelta(days=n)}
        for event, n in steps
    ]
    (lead,) = leads_of(town, pa.Table.from_pylist(rows, CASE_EVENT_SCHEMA))
    assert lead["state"] == "urged"


def test_no_lead(town: Any) -> None:
    assert leads_of(town) == []


def test_without_findings(town: Any) -> None:
    with pytest.raises(SnapshotError, match="no findings"):
        liability_leads(town.snapshot())
