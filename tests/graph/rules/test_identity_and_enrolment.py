"""E01, E05, E06, E07, Q01: rows that must and must not raise them, on the boundary."""

from datetime import date, timedelta
from typing import Any

import pytest

NUMBER = "371002198001011234"


class TestE01:
    def spell(self, town: Any, start: date, end: date | None = None, person: int = 1, **values: Any) -> Any:
        usual = {"psn_no": "p1", "insutype": "310", "status": "normal", "insuplc_admdvs": "371002"}
        return town.add("W29", insured=person, start_date=start, end_date=end, **{**usual, **values})

    @pytest.mark.parametrize(("days", "expected"), [(-1, True), (0, False), (1, False)])
    def test_spells_that_touch(self, town: Any, days: int, expected: bool) -> None:
        end = date(2023, 5, 1)
        self.spell(town, date(2020, 1, 1), end)
        self.spell(town, end + timedelta(days=days), insuplc_admdvs="371083")
        assert town.raises("E01") is expected

    @pytest.mark.parametrize(("grace", "expected"), [(9, True), (10, False), (11, False)])
    def test_grace(self, town: Any, grace: int, expected: bool) -> None:
        self.spell(town, date(2020, 1, 1), date(2023, 5, 11))
        self.spell(town, date(2023, 5, 1), insuplc_admdvs="371083")
        assert town.raises("E01", grace_days=grace) is expected

    @pytest.mark.parametrize(
        "second",
        [{"insutype": "390"}, {"status": "paused"}, {"status": "ended"}, {"person": 2}],
    )
    def test_another_scheme_status_or_person(self, town: Any, second: dict[str, Any]) -> None:
        self.spell(town, date(2020, 1, 1))
        self.spell(town, date(2021, 1, 1), **{"insuplc_admdvs": "371083", **second})
        assert not town.raises("E01")

    def test_one_spell_sent_twice_is_one(self, town: Any) -> None:
        self.spell(town, date(2020, 1, 1))
        self.spell(town, date(2020, 1, 1))
        assert not town.raises("E01")

    def test_a_spell_to_come_does_not_overlap_yet(self, town: Any) -> None:
        self.spell(town, date(2020, 1, 1))
        self.spell(town, town.reference_date + timedelta(days=1), insuplc_admdvs="371083")
        assert not town.raises("E01")
        self.spell(town, town.reference_date, insuplc_admdvs="371081")
        assert town.raises("E01")

    def test_one_finding_per_person_and_scheme(self, town: Any) -> None:
        rows = [self.spell(town, date(2020 + i, 1, 1), insuplc_admdvs=f"37100{i}") for i in range(3)]
        apart = self.spell(town, date(2010, 1, 1), date(2012, 1, 1))
        for i in range(2):
            self.spell(town, date(2020, 1, 1), insutype="390", insuplc_admdvs=f"37100{i}")
        findings = town.find("E01")
        assert len(findings) == 2
        (employee,) = [f for f in findings if '"310"' in f["facts"]]
        assert employee["row_ids"] == [row.row_id for row in rows]
        assert apart.row_id not in employee["row_ids"]
        assert employee["since"] == date(2021, 1, 1)
        assert employee["until"] is None


class TestE05:
    def test_two_numbers_of_one_person(self, town: Any) -> None:
        first = town.add("W29", insured=1, psn_no="p1", status="ended", start_date=date(2010, 1, 1))
        second = town.add("W29", insured=1, psn_no="p2", status="normal", start_date=date(2020, 1, 1))
        town.add("W29", insured=1, psn_no="p1", status="ended", start_date=date(2005, 1, 1))
        (finding,) = town.find("E05")
        assert finding["row_ids"] == [first.row_id, second.row_id]

    def test_one_number_or_two_persons(self, town: Any) -> None:
        town.add("W29", insured=1, psn_no="p1", start_date=date(2010, 1, 1))
        town.add("W29", insured=1, psn_no="p1", start_date=date(2020, 1, 1))
        town.add("W29", insured=2, psn_no="p2", start_date=date(2020, 1, 1))
        assert not town.raises("E05")

    def test_the_path_is_that_between_different_numbers(self, town: Any) -> None:
        """A weak link between two records with the same number is no doubt of this finding."""
        town.add("W29", insured=1, psn_no="p1", status="normal", start_date=date(2020, 1, 1))
        town.add("W29", insured=1, psn_no="p2", start_date=date(2020, 1, 1), link=0.97, record={"name": "b"})
        town.add("W29", insured=1, psn_no="p1", start_date=date(2010, 1, 1), link=0.2, record={"name": "c"})
        assert [f["link_probability"] for f in town.find("E05")] == [0.97]


class TestE06:
    def bearer(self, town: Any, person: int, name: str | None, born: date | None, **record: Any) -> Any:
        usual = {"id_number": NUMBER, "id_status": "valid", "name": name, "birth_date": born}
        return town.add("W29", insured=person, psn_no=name, record={**usual, **record})

    def test_one_number_two_persons(self, town: Any) -> None:
        rows = [
            self.bearer(town, 5, "王伟", date(1980, 1, 1)),
            self.bearer(town, 4, "李娜", date(1975, 3, 4)),
        ]
        (finding,) = town.find("E06")
        assert (finding["person_id"], finding["other_person_id"]) == (4, 5)
        assert finding["row_ids"] == [rows[1].row_id, rows[0].row_id]
        assert finding["record_keys"] == [rows[1].record_key, rows[0].record_key]
        assert finding["link_probability"] == 1.0
        assert finding["return_to"] == ["POLICE"]

    @pytest.mark.parametrize(
        ("name", "born", "record"),
        [
            ("王伟", date(1975, 3, 4), {}),  # the name agrees
            ("李娜", date(1980, 1, 1), {}),  # the birth date agrees
            ("汪伟", date(1975, 3, 4), {"pinyin": "wang wei"}),  # a homophone
            ("王维", date(1975, 3, 4), {"former_name": "王伟"}),
            ("王娜", None, {}),  # no birth date, and the surname agrees
            (None, date(1975, 3, 4), {}),
            ("李娜", date(1975, 3, 4), {"id_status": "checksum"}),
            ("王伟之子", date(2010, 3, 4), {}),  # a newborn under a parent's number
            ("李娜", date(2024, 3, 4), {}),
        ],
    )
    def test_silent(self, town: Any, name: str | None, born: date | None, record: dict[str, Any]) -> None:
        self.bearer(town, 1, "王伟", date(1980, 1, 1), pinyin="wang wei")
        self.bearer(town, 2, name, born, **record)
        assert not town.raises("E06")

    @pytest.mark.parametrize(("days", "expected"), [(365, False), (366, True), (367, True)])
    def test_how_old_a_newborn_is(self, town: Any, days: int, expected: bool) -> None:
        self.bearer(town, 1, "王伟", date(1980, 1, 1))
        self.bearer(town, 2, "李娜", town.reference_date - timedelta(days=days))
        assert town.raises("E06") is expected

    @pytest.mark.parametrize(("born", "expected"), [(date(1991, 12, 31), True), (date(1992, 1, 1), False)])
    def test_how_much_younger_a_child_is(self, town: Any, born: date, expected: bool) -> None:
        town.reference_date = date(1992, 6, 30)
        self.bearer(town, 1, "王伟", date(1980, 1, 1))
        self.bearer(town, 2, "李娜", born)
        assert town.raises("E06") is expected

    def test_without_a_birth_date_all_of_the_name_must_differ(self, town: Any) -> None:
        self.bearer(town, 1, "王伟", date(1980, 1, 1))
        self.bearer(town, 2, "李娜", None)
        assert town.raises("E06")

    def test_a_number_beside_a_person_is_not_theirs(self, town: Any) -> None:
        self.bearer(town, 1, "王伟", date(1980, 1, 1))
        town.add(
            "W07", person=2, record={"name": "李娜", "spouse_id": NUMBER, "birth_date": date(1975, 3, 4)}
        )
        assert not town.raises("E06")

    def test_rows_no_longer_current_are_forgotten(self, town: Any) -> None:
        self.bearer(town, 1, "王伟", date(1980, 1, 1))
        town.supersede(self.bearer(town, 2, "李娜", date(1975, 3, 4)))
        assert not town.raises("E06")

    def test_a_row_absent_from_the_last_list_is_still_there(self, town: Any) -> None:
        self.bearer(town, 1, "王伟", date(1980, 1, 1))
        town.absent(self.bearer(town, 2, "李娜", date(1975, 3, 4)))
        assert town.raises("E06")

    def test_doubt_that_they_are_two(self, town: Any) -> None:
        a = self.bearer(town, 1, "王伟", date(1980, 1, 1))
        b = self.bearer(town, 2, "李娜", date(1975, 3, 4))
        town.pair(a.record_key, b.record_key, 0.25)
        (finding,) = town.find("E06")
        assert (finding["link_probability"], finding["route"]) == (0.75, "identity_review")

    def test_a_third_person_does_not_change_the_key(self, town: Any) -> None:
        self.bearer(town, 5, "王伟", date(1980, 1, 1))
        self.bearer(town, 4, "李娜", date(1975, 3, 4))
        (before,) = town.find("E06")
        self.bearer(town, 2, "赵敏", date(1990, 3, 4))
        (after,) = town.find("E06")
        assert before["finding_key"] == after["finding_key"]
        assert len(after["row_ids"]) == 3


class TestE07:
    CANCELLED = date(2024, 2, 20)

    def cancelled(self, town: Any, organisation: int = 7) -> Any:
        return town.add("W09", enterprise=organisation, cancel_date=self.CANCELLED, cancel_type="revoked")

    @pytest.mark.parametrize(("month", "expected"), [(1, False), (2, False), (3, True)])
    def test_pension_contribution(self, town: Any, month: int, expected: bool) -> None:
        self.cancelled(town)
        town.add("W11", insured=1, employer=7, owed_period=date(2024, month, 1))
        assert town.raises("E07") is expected

    @pytest.mark.parametrize(("month", "expected"), [(1, False), (2, False), (3, True)])
    def test_medical_contribution(self, town: Any, month: int, expected: bool) -> None:
        self.cancelled(town)
        town.add("W29", insured=1, employer=7, psn_no="p", paid_through=date(2024, month, 1))
        assert town.raises("E07") is expected

    def test_another_employer(self, town: Any) -> None:
        self.cancelled(town)
        town.add("W11", insured=1, employer=8, owed_period=date(2024, 5, 1))
        assert not town.raises("E07")

    def test_one_finding_per_organisation(self, town: Any) -> None:
        cancelled = self.cancelled(town)
        rows = [
            town.add("W11", insured=person, employer=7, owed_period=date(2024, month, 1), link=0.96)
            for person in (1, 2)
            for month in (3, 4)
        ]
        (finding,) = town.find("E07")
        assert finding["organisation_id"] == 7
        assert finding["person_id"] is None
        assert finding["row_ids"] == [cancelled.row_id, *(row.row_id for row in rows)]
        keys = [cancelled.record_keys["enterprise"], *(row.record_keys["employer"] for row in rows)]
        assert finding["record_keys"] == keys
        assert finding["link_probability"] == 0.96
        assert (finding["since"], finding["until"]) == (self.CANCELLED, date(2024, 4, 1))


class TestQ01:
    @pytest.mark.parametrize(
        ("status", "expected"),
        [
            ("checksum", True), ("format", True), ("rounded", True), ("placeholder", True),
            ("valid", False), ("legacy", False), ("missing", False), (None, False),
        ],
    )  # fmt: skip
    def test_status(self, town: Any, status: str | None, expected: bool) -> None:
        town.add("W16", recipient=1, record={"id_status": status, "id_number": "x"})
        assert town.raises("Q01") is expected

    def test_one_finding_per_record_with_all_its_rows(self, town: Any) -> None:
        wrong = {"id_status": "checksum", "id_number": "x", "source_key": "pension_no:1"}
        rows = [
            town.add("W12", pensioner=1, pay_month=date(2024, month, 1), record=wrong, link=0.3)
            for month in (1, 2, 3)
        ]
        town.supersede(rows.pop())
        town.add("W16", recipient=1, record={"id_status": "checksum", "id_number": "x"})
        findings = town.find("Q01")
        (pension,) = [f for f in findings if f["return_to"] == ["HRSS"]]
        assert len(findings) == 2
        assert pension["row_ids"] == [row.row_id for row in rows]
        assert (pension["link_probability"], pension["route"]) == (1.0, "department")

    def test_a_new_phone_keeps_the_key(self, town: Any) -> None:
        wrong = {"id_status": "checksum", "id_number": "x", "source_key": "pension_no:1"}
        town.add("W12", pensioner=1, pay_month=date(2024, 1, 1), record={**wrong, "phone": "1"})
        (before,) = town.find("Q01")
        town.add("W12", pensioner=1, pay_month=date(2024, 2, 1), record={**wrong, "phone": "2"})
        (after,) = town.find("Q01")
        assert before["finding_key"] == after["finding_key"]

    def test_each_role_of_a_row_for_itself(self, town: Any) -> None:
        town.add(
            "W04", husband=1, wife=2, registration_date=date(2024, 1, 1),
            record={"id_status": "format", "id_number": "x"},
        )  # fmt: skip
        assert [f["person_id"] for f in town.find("Q01")] == [1]
