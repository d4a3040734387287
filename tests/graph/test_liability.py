"""Leads for third-party liability: what stands in one, and which come first."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pyarrow.parquet as pq
import pytest

from graph.findings import run_rules
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
    day = DAY + timedelta(days=days)
    usual = {"mdtrt_id": f"m{person}", "facility_name": "县医院", "med_type": "outpatient"}
    town.add("W28", patient=person, service_begin=day, **{**usual, **visit})
    town.add(
        "J05", patient=person, setl_id=f"s{person}", mdtrt_id=f"m{person}", service_begin=day, fund_amount=1000
    )  # fmt: skip


def checked(town: Any) -> Snapshot:
    snapshot: Snapshot = town.snapshot()
    findings = run_rules(snapshot, [load_catalogue().rules["T01"]])
    pq.write_table(findings, snapshot.folder / "findings.parquet")
    files = {**snapshot.manifest["files"], "findings": {}}
    return Snapshot(snapshot.folder, 1, {**snapshot.manifest, "files": files})


def test_a_lead(town: Any) -> None:
    hurt(town, 1, 2, liability="minor", trauma_flag=True, med_type="inpatient", third_party_flag=False)
    leads = liability_leads(checked(town))
    assert leads.schema == LEAD_SCHEMA
    (lead,) = leads.to_pylist()
    assert lead.pop("finding_key") > 0
    assert lead == {
        "person_id": 1, "accident_no": "a1", "accident_time": ACCIDENT, "injury": "minor", "liability": "minor",
        "others_share": 0.7, "insurers": ["甲保险"], "visits": ["m1"], "facilities": ["县医院"],
        "first_service": DAY + timedelta(days=2), "days_after": 2, "trauma": True, "hospital": True,
        "third_party_declared": False, "fund_paid": Decimal("1000.00"), "recoverable": Decimal("700.00"),
        "strength": 4, "link_probability": 0.99, "route": "department", "row_ids": [1, 3, 4],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("liability", "recoverable"),
    [("main", "300.00"), ("equal", "500.00"), ("minor", "700.00"), ("none", "1000.00"), (None, None)],
)
def test_what_others_owe(town: Any, liability: str | None, recoverable: str | None) -> None:
    hurt(town, 1, 1, liability=liability)
    (found,) = liability_leads(checked(town))["recoverable"].to_pylist()
    assert found == (None if recoverable is None else Decimal(recoverable))


def test_the_best_evidence_first(town: Any) -> None:
    hurt(town, 1, 5, trauma_flag=True)
    hurt(town, 2, 1)
    hurt(town, 3, 5, trauma_flag=True, med_type="emergency")
    hurt(town, 4, 1, liability="minor", diagnosis_code="S82", med_type="inpatient")
    hurt(town, 5, 1, liability="minor")
    leads = liability_leads(checked(town))
    persons = leads["person_id"].to_pylist()
    assert (persons[0], sorted(persons[1:3]), persons[3:]) == (4, [2, 3], [5, 1])
    assert leads["strength"].to_pylist() == [4, 2, 2, 2, 1]


def test_other_treatments_of_the_person_are_left_out(town: Any) -> None:
    hurt(town, 1, 1)
    town.add("W28", patient=1, service_begin=DAY + timedelta(days=90), mdtrt_id="later")
    assert liability_leads(checked(town))["visits"].to_pylist() == [["m1"]]


def test_no_lead(town: Any) -> None:
    leads = liability_leads(checked(town))
    assert (leads.num_rows, leads.schema) == (0, LEAD_SCHEMA)


def test_without_findings(town: Any) -> None:
    with pytest.raises(SnapshotError, match="no findings"):
        liability_leads(town.snapshot())
