"""P01, P08, T01: rows that must and must not raise them, on the boundary."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest


def at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour))


ACCIDENT = at(date(2024, 3, 10), 12)


def allowance(town: Any, person: int = 1, **values: Any) -> Any:
    return town.add("W16", recipient=person, **{"approval_month": date(2023, 1, 1), **values})


def enrolled(town: Any, person: int = 1, **values: Any) -> Any:
    spell = {"psn_no": f"p{person}", "insutype": "390", "status": "normal", "start_date": date(2020, 1, 1)}
    return town.add("W29", insured=person, **{**spell, **values})


class TestP01:
    def test_in_both_lists_and_not_insured(self, town: Any) -> None:
        aid = allowance(town)
        card = town.add("W21", holder=1, certificate_no="c", issue_date=date(2022, 1, 1))
        (finding,) = town.find("P01")
        assert finding["row_ids"] == [aid.row_id, card.row_id]
        assert (finding["direction"], finding["due"]) == ("protect", "m10")

    @pytest.mark.parametrize(("days", "expected"), [(-1, True), (0, False), (1, False)])
    def test_when_the_spell_ends(self, town: Any, days: int, expected: bool) -> None:
        allowance(town)
        enrolled(town, end_date=town.reference_date + timedelta(days=days))
        assert town.raises("P01") is expected

    @pytest.mark.parametrize(("days", "expected"), [(-1, False), (0, False), (1, True)])
    def test_when_the_spell_begins(self, town: Any, days: int, expected: bool) -> None:
        allowance(town)
        enrolled(town, start_date=town.reference_date + timedelta(days=days))
        assert town.raises("P01") is expected

    @pytest.mark.parametrize(("days", "expected"), [(0, False), (1, True), (2, True)])
    def test_when_the_aid_stops(self, town: Any, days: int, expected: bool) -> None:
        allowance(town, stop_month=town.reference_date + timedelta(days=days))
        assert town.raises("P01") is expected

    @pytest.mark.parametrize(("days", "expected"), [(0, True), (1, False)])
    def test_when_the_aid_begins(self, town: Any, days: int, expected: bool) -> None:
        allowance(town, approval_month=town.reference_date + timedelta(days=days))
        assert town.raises("P01") is expected

    @pytest.mark.parametrize("status", ["paused", "ended"])
    def test_a_paused_spell_is_no_cover(self, town: Any, status: str) -> None:
        allowance(town)
        enrolled(town, status=status)
        assert town.raises("P01")

    def test_the_dead_are_left_out(self, town: Any) -> None:
        allowance(town)
        town.add("W05", deceased=1, cremation_time=at(date(2024, 6, 30), 9))
        assert not town.raises("P01")

    def test_a_death_to_come_is_a_slip_and_no_death(self, town: Any) -> None:
        allowance(town)
        town.add("W01", deceased=1, death_time=town.reference_date + timedelta(days=1))
        assert town.raises("P01")

    @pytest.mark.parametrize(("days", "expected"), [(0, False), (1, True)])
    def test_those_who_moved_out_are_left_out(self, town: Any, days: int, expected: bool) -> None:
        allowance(town)
        moved = town.reference_date + timedelta(days=days)
        town.add("W07", person=1, cancel_date=moved, cancel_reason="moved_out")
        assert town.raises("P01") is expected

    def test_a_cleared_duplicate_registration_is_no_removal(self, town: Any) -> None:
        allowance(town)
        town.add("W07", person=1, cancel_date=date(2020, 1, 1), cancel_reason="duplicate")
        town.add("W07", person=1)
        assert town.raises("P01")

    def test_doubt_that_the_insured_neighbour_is_the_same_person(self, town: Any) -> None:
        aid, spell = allowance(town), enrolled(town, 2)
        town.pair(aid.record_key, spell.record_key, 0.75)
        assert [f["link_probability"] for f in town.find("P01")] == [0.25]

    def test_two_registered_persons_are_two(self, town: Any) -> None:
        aid, spell = allowance(town), enrolled(town, 2)
        town.pair(aid.record_key, spell.record_key, 0.75)
        for person in (1, 2):
            town.add("W07", person=person)
        assert [f["link_probability"] for f in town.find("P01")] == [1.0]


class TestP08:
    def business(self, town: Any, **values: Any) -> Any:
        usual = {
            "enterprise": 7, "representative": 1, "credit_code": "u1", "status": "active",
            "establishment_date": date(2020, 1, 1),
        }  # fmt: skip
        return town.add("W08", **{**usual, **values})

    @pytest.mark.parametrize("role", ["representative", "shareholder"])
    def test_active_role(self, town: Any, role: str) -> None:
        aid, business = allowance(town), self.business(town, **{"representative": 9, role: 1})
        (finding,) = town.find("P08")
        assert finding["row_ids"] == [aid.row_id, business.row_id]
        assert finding["record_keys"] == [aid.record_key, business.record_keys[role]]

    @pytest.mark.parametrize("status", ["cancelled", "revoked"])
    def test_a_business_that_is_no_more(self, town: Any, status: str) -> None:
        allowance(town)
        self.business(town, status=status)
        assert not town.raises("P08")

    @pytest.mark.parametrize(("days", "expected"), [(0, False), (1, True)])
    def test_cancelled_in_the_other_feed(self, town: Any, days: int, expected: bool) -> None:
        allowance(town)
        self.business(town)
        town.add("W09", enterprise=7, cancel_date=town.reference_date + timedelta(days=days))
        assert town.raises("P08") is expected

    @pytest.mark.parametrize(("days", "expected"), [(0, False), (1, True), (2, True)])
    def test_when_the_aid_stops(self, town: Any, days: int, expected: bool) -> None:
        allowance(town, stop_month=town.reference_date + timedelta(days=days))
        self.business(town)
        assert town.raises("P08") is expected

    def test_a_disability_certificate_is_no_aid(self, town: Any) -> None:
        town.add("W21", holder=1, certificate_no="c", issue_date=date(2022, 1, 1))
        self.business(town)
        assert not town.raises("P08")

    def test_one_finding_per_business(self, town: Any) -> None:
        allowance(town)
        self.business(town, shareholder=1)
        self.business(town, enterprise=8, credit_code="u2")
        assert len(town.find("P08")) == 2


class TestT01:
    def accident(self, town: Any, other: dict[str, Any] | None = None, **values: Any) -> Any:
        usual = {"party": 1, "injury": "minor", "liability": "none", "accident_time": ACCIDENT}
        row = town.add("W22", accident_no="a1", party_no="1", **{**usual, **values})
        if other is not None:
            usual = {"party": 2, "liability": "full", "insurer": "甲保险", "accident_time": ACCIDENT}
            town.add("W22", accident_no="a1", party_no="2", **{**usual, **other})
        return row

    def visit(self, town: Any, begin: datetime | date, **values: Any) -> Any:
        return town.add("W28", patient=1, service_begin=begin, **{"mdtrt_id": "m1", **values})

    @pytest.mark.parametrize(
        ("days", "medical", "expected"),
        [
            (-1, {}, False), (0, {}, True), (3, {}, True), (4, {}, False),
            (4, {"diagnosis_code": "S82.101"}, True), (30, {"diagnosis_code": "T14.9"}, True),
            (30, {"trauma_flag": True}, True), (31, {"trauma_flag": True}, False),
            (10, {"diagnosis_code": "J20.9", "trauma_flag": False}, False),
        ],
    )  # fmt: skip
    def test_windows(self, town: Any, days: int, medical: dict[str, Any], expected: bool) -> None:
        self.accident(town, {})
        self.visit(town, ACCIDENT.date() + timedelta(days=days), **medical)
        assert town.raises("T01") is expected

    @pytest.mark.parametrize(("hour", "expected"), [(11, False), (12, True), (13, True)])
    def test_the_clock_on_the_day(self, town: Any, hour: int, expected: bool) -> None:
        self.accident(town, {})
        self.visit(town, at(date(2024, 3, 10), hour))
        assert town.raises("T01") is expected

    @pytest.mark.parametrize(
        ("own", "other", "expected"),
        [
            ({}, {}, True),
            ({"injury": "none"}, {}, False),
            ({"liability": "full"}, {"liability": "none"}, False),
            ({"liability": "main"}, {"liability": "minor"}, True),
            ({"liability": None}, {"liability": None}, True),
            ({}, None, False),  # nobody else in it
            ({"liability": "main"}, {"liability": "none"}, False),  # nobody else at fault
            ({}, {"party": 1}, False),  # the same person under two numbers
            ({}, {"party": None}, True),  # the other one fled
        ],
    )
    def test_whose_fault(
        self, town: Any, own: dict[str, Any], other: dict[str, Any] | None, expected: bool
    ) -> None:
        self.accident(town, other, **own)
        self.visit(town, ACCIDENT + timedelta(hours=1))
        assert town.raises("T01") is expected

    def test_one_finding_per_accident_and_person(self, town: Any) -> None:
        party = self.accident(town, {})
        visit = self.visit(town, ACCIDENT + timedelta(days=1), declared_cause="自行摔伤")
        settled = town.add(
            "J05", patient=1, setl_id="s1", mdtrt_id="m1", fund_amount=500,
            service_begin=ACCIDENT.date() + timedelta(days=1),
        )  # fmt: skip
        later = town.add(
            "J05", patient=1, setl_id="s2", fund_amount=70,
            service_begin=ACCIDENT.date() + timedelta(days=2),
        )  # fmt: skip
        (finding,) = town.find("T01")
        assert finding["row_ids"] == [party.row_id, visit.row_id, settled.row_id, later.row_id]
        assert finding["amount"] == 570
        assert "甲保险" in finding["facts"]

    def test_days_are_parameters(self, town: Any) -> None:
        self.accident(town, {})
        self.visit(town, ACCIDENT + timedelta(days=5))
        assert town.raises("T01", any_days=5)
        assert not town.raises("T01", any_days=4)
