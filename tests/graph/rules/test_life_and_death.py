"""L01, L03, L05, L12: rows that must and must not raise them, on the day before, on and after."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest


def at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour))


DEATH = date(2024, 3, 10)


def dead(town: Any, day: date = DEATH, person: int = 1, feed: str = "W01") -> Any:
    if feed == "W01":
        return town.add("W01", deceased=person, certificate_no="c", death_time=day)
    if feed == "W05":
        return town.add("W05", deceased=person, death_date=day, cremation_time=day + timedelta(days=2))
    return town.add("W07", person=person, cancel_date=day, cancel_reason="death")


def enrolled(town: Any, person: int = 1, **values: Any) -> Any:
    spell = {"psn_no": "p1", "insutype": "310", "status": "normal", "start_date": date(2020, 1, 1)}
    return town.add("W29", insured=person, **{**spell, **values})


class TestL01:
    @pytest.mark.parametrize(
        ("days_before_reference", "expected"),
        [(29, False), (30, False), (31, True)],
    )
    def test_open_spell_at_the_boundary(self, town: Any, days_before_reference: int, expected: bool) -> None:
        dead(town, town.reference_date - timedelta(days=days_before_reference))
        enrolled(town)
        assert town.raises("L01") is expected

    @pytest.mark.parametrize(("days", "expected"), [(29, False), (30, False), (31, True)])
    def test_spell_ended_late(self, town: Any, days: int, expected: bool) -> None:
        dead(town)
        enrolled(town, status="ended", end_date=DEATH + timedelta(days=days))
        assert town.raises("L01") is expected

    @pytest.mark.parametrize(("grace", "expected"), [(60, False), (59, True)])
    def test_grace_is_a_parameter(self, town: Any, grace: int, expected: bool) -> None:
        dead(town, town.reference_date - timedelta(days=60))
        enrolled(town)
        assert town.raises("L01", grace_days=grace) is expected

    def test_police_cancellation_counts_as_a_death_only_with_that_reason(self, town: Any) -> None:
        town.add("W07", person=1, cancel_date=DEATH, cancel_reason="moved_out")
        dead(town, person=2, feed="W07")
        enrolled(town, 1)
        enrolled(town, 2)
        assert [f["person_id"] for f in town.find("L01")] == [2]

    def test_a_cremation_alone_is_another_rule(self, town: Any) -> None:
        dead(town, feed="W05")
        enrolled(town)
        assert not town.raises("L01")

    def test_paused_without_a_date_is_silent(self, town: Any) -> None:
        dead(town)
        enrolled(town, status="paused")
        assert not town.raises("L01")

    def test_absent_from_the_last_full_list_is_ended(self, town: Any) -> None:
        dead(town)
        enrolled(town, status="normal", valid_to=DEATH + timedelta(days=20))
        assert not town.raises("L01")

    @pytest.mark.parametrize("day", [date(1900, 1, 1), date(2024, 7, 1)])
    def test_placeholder_and_future_deaths_are_none(self, town: Any, day: date) -> None:
        dead(town, day)
        enrolled(town)
        assert not town.raises("L01")

    def test_one_finding_per_number_and_scheme_with_all_its_rows(self, town: Any) -> None:
        death, police = dead(town), dead(town, DEATH + timedelta(days=5), feed="W07")
        first = enrolled(town)
        second = enrolled(town, start_date=date(2022, 1, 1))
        other = enrolled(town, insutype="390", psn_no="p2")
        findings = town.find("L01")
        assert sorted(f["row_ids"] for f in findings) == sorted(
            [
                [first.row_id, second.row_id, death.row_id, police.row_id],
                [other.row_id, death.row_id, police.row_id],
            ]
        )
        assert {(f["since"], f["until"]) for f in findings} == {(DEATH, None)}


class TestL03:
    def visit(self, town: Any, begin: datetime | date, person: int = 1, **values: Any) -> Any:
        return town.add("W28", patient=person, service_begin=begin, **{"mdtrt_id": "m1", **values})

    def settlement(self, town: Any, begin: datetime | date, **values: Any) -> Any:
        usual = {"setl_id": "s1", "mdtrt_id": "m1", "settle_time": date(2024, 4, 30)}
        return town.add("J05", patient=1, service_begin=begin, **{**usual, **values})

    @pytest.mark.parametrize(("days", "expected"), [(-1, False), (0, False), (1, True)])
    def test_service_day(self, town: Any, days: int, expected: bool) -> None:
        dead(town)
        self.visit(town, DEATH + timedelta(days=days))
        assert town.raises("L03") is expected

    @pytest.mark.parametrize(("hour", "expected"), [(7, False), (8, False), (9, True)])
    def test_the_clock_on_the_day_of_death(self, town: Any, hour: int, expected: bool) -> None:
        town.add("W01", deceased=1, death_time=at(date(2024, 3, 10), 8))
        self.visit(town, at(date(2024, 3, 10), hour))
        assert town.raises("L03") is expected

    def test_a_day_without_clock_is_silent_on_the_day_of_death(self, town: Any) -> None:
        town.add("W01", deceased=1, death_time=at(date(2024, 3, 10), 8))
        self.settlement(town, DEATH)
        assert not town.raises("L03")

    def test_settled_later_is_lawful(self, town: Any) -> None:
        dead(town)
        self.settlement(town, DEATH - timedelta(days=9), service_end=DEATH, fund_amount=900)
        assert not town.raises("L03")

    def test_a_stay_that_began_before_the_death_is_lawful_however_it_is_split(self, town: Any) -> None:
        dead(town)
        self.visit(town, DEATH - timedelta(days=2), service_end=DEATH + timedelta(days=1))
        self.settlement(town, DEATH + timedelta(days=1), fund_amount=900)
        assert not town.raises("L03")

    def test_visit_and_settlement_are_one_finding(self, town: Any) -> None:
        death = dead(town)
        visit = self.visit(town, at(date(2024, 3, 12), 9), facility_name="县医院", credential="social_card")
        settled = self.settlement(town, date(2024, 3, 12), fund_amount=120, account_amount=30)
        self.visit(town, at(date(2024, 4, 1), 9), mdtrt_id="m2")
        first, second = sorted(town.find("L03"), key=lambda f: f["since"])
        assert first["row_ids"] == [visit.row_id, settled.row_id, death.row_id]
        assert (first["amount"], second["amount"]) == (150, None)
        assert first["since"] == date(2024, 3, 12)

    def test_a_reversed_settlement_is_none(self, town: Any) -> None:
        dead(town)
        day = DEATH + timedelta(days=3)
        self.settlement(town, day, mdtrt_id=None, fund_amount=100)
        self.settlement(town, day, mdtrt_id=None, setl_id="s2", reverses="s1", fund_amount=-100)
        assert not town.raises("L03")

    def test_a_settlement_sent_twice_is_paid_once(self, town: Any) -> None:
        dead(town)
        for _ in range(2):
            self.settlement(town, DEATH + timedelta(days=3), fund_amount=100)
        assert [f["amount"] for f in town.find("L03")] == [100]

    @pytest.mark.parametrize(("feed", "expected"), [("W05", True), ("W07", False)])
    def test_which_sources_of_death_count(self, town: Any, feed: str, expected: bool) -> None:
        dead(town, feed=feed)
        self.visit(town, DEATH + timedelta(days=1))
        assert town.raises("L03") is expected

    def test_another_person_is_not_meant(self, town: Any) -> None:
        dead(town)
        self.visit(town, DEATH + timedelta(days=1), person=2)
        assert not town.raises("L03")


class TestL05:
    def paid(self, town: Any, month: date, owed: date | None = None, **values: Any) -> Any:
        usual = {"pension_no": "n1", "amount": 3000, "pay_month": month, "owed_period": owed}
        return town.add("W12", pensioner=1, **{**usual, **values})

    @pytest.mark.parametrize(("month", "expected"), [(2, False), (3, False), (4, True)])
    def test_month_of_payment(self, town: Any, month: int, expected: bool) -> None:
        dead(town)
        self.paid(town, date(2024, month, 1))
        assert town.raises("L05") is expected

    @pytest.mark.parametrize("feed", ["W01", "W05", "W07"])
    def test_every_source_of_death_counts(self, town: Any, feed: str) -> None:
        dead(town, feed=feed)
        self.paid(town, date(2024, 4, 1))
        assert town.raises("L05")

    @pytest.mark.parametrize(("owed_month", "expected"), [(2, False), (3, False), (4, True)])
    def test_the_month_owed_goes_before(self, town: Any, owed_month: int, expected: bool) -> None:
        dead(town)
        self.paid(town, date(2024, 6, 1), owed=date(2024, owed_month, 1))
        assert town.raises("L05") is expected

    def test_one_finding_with_all_months(self, town: Any) -> None:
        death = dead(town)
        rows = [self.paid(town, date(2024, month, 1)) for month in (3, 4, 5)]
        (finding,) = town.find("L05")
        assert finding["row_ids"] == [rows[1].row_id, rows[2].row_id, death.row_id]
        assert finding["amount"] == 6000
        assert (finding["since"], finding["until"]) == (date(2024, 4, 1), date(2024, 5, 1))

    def test_recovered_in_full_is_silent(self, town: Any) -> None:
        dead(town)
        self.paid(town, date(2024, 4, 1))
        self.paid(town, date(2024, 6, 1), owed=date(2024, 4, 1), amount=-3000)
        assert not town.raises("L05")

    def test_a_payment_sent_twice_counts_once(self, town: Any) -> None:
        dead(town)
        self.paid(town, date(2024, 4, 1))
        self.paid(town, date(2024, 4, 1))
        assert [f["amount"] for f in town.find("L05")] == [3000]


class TestL12:
    @pytest.mark.parametrize(("days", "expected"), [(29, False), (30, True), (31, True)])
    @pytest.mark.parametrize("feed", ["W01", "W05", "W07"])
    def test_a_face_is_a_sign_of_life(self, town: Any, feed: str, days: int, expected: bool) -> None:
        dead(town, feed=feed)
        town.add("W28", patient=1, service_begin=DEATH + timedelta(days=days), credential="face")
        assert town.raises("L12") is expected

    def test_a_card_is_none(self, town: Any) -> None:
        dead(town)
        town.add("W28", patient=1, service_begin=DEATH + timedelta(days=40), credential="social_card")
        assert not town.raises("L12")

    @pytest.mark.parametrize("role", ["husband", "wife"])
    @pytest.mark.parametrize(
        ("kind", "days", "expected"),
        [
            ("marriage", 29, False),
            ("marriage", 30, True),
            ("divorce", 30, True),
            ("annulment", 60, False),
        ],
    )
    def test_marriage(self, town: Any, role: str, kind: str, days: int, expected: bool) -> None:
        dead(town)
        day = DEATH + timedelta(days=days)
        town.add("W04", **{role: 1}, registration_type=kind, registration_date=day)
        assert town.raises("L12") is expected

    @pytest.mark.parametrize(("month", "expected"), [(3, False), (4, False), (5, True)])
    def test_contribution(self, town: Any, month: int, expected: bool) -> None:
        dead(town)
        town.add("W11", insured=1, owed_period=date(2024, month, 1), base=5000)
        assert town.raises("L12") is expected

    def test_it_goes_to_those_who_recorded_the_death_and_never_to_a_hold(self, town: Any) -> None:
        deaths = [dead(town), dead(town, feed="W07")]
        sign = town.add("W28", patient=1, service_begin=date(2024, 5, 1), credential="face")
        (finding,) = town.find("L12")
        assert finding["row_ids"] == [deaths[0].row_id, deaths[1].row_id, sign.row_id]
        assert finding["return_to"] == ["HEALTH", "POLICE"]
        assert finding["direction"] == "protect"
        assert '"hold_allowed":false' in finding["facts"]

    def test_it_silences_what_rests_on_the_same_death(self, town: Any) -> None:
        for person in (1, 2):
            dead(town, person=person)
            enrolled(town, person)
            town.add("W12", pensioner=person, pension_no="n", pay_month=date(2024, 5, 1), amount=1)
            town.add("W28", patient=person, service_begin=date(2024, 5, 1), mdtrt_id=f"m{person}")
        town.add("W28", patient=1, service_begin=date(2024, 5, 2), credential="face", mdtrt_id="m3")
        findings = town.find("L12", "L01", "L03", "L05")
        suppressed = {(f["rule"], f["person_id"]): f["suppressed_by"] for f in findings}
        assert suppressed == {
            ("L12", 1): None,
            ("L01", 1): "L12", ("L03", 1): "L12", ("L05", 1): "L12",
            ("L01", 2): None, ("L03", 2): None, ("L05", 2): None,
        }  # fmt: skip
