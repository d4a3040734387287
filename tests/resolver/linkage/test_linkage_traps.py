"""Traps of Chinese identity data, record by record: who must meet, and who must not (numbers are those of the list)."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from resolver.ledger.judgement import Judgement
from resolver.linkage.engine import link
from resolver.linkage.model import Model
from resolver.linkage.trainer import train

Build = Callable[[list[dict[str, Any]]], pa.Table]
Number = Callable[[str, date, int], str]
Groups = Callable[..., list[int]]
Flagged = tuple[list[int], list[int]]

BORN = date(1985, 6, 7)
HOME = {"region": "371002", "town": "镇3", "village": "村7", "address": "77号"}


@pytest.fixture
def flagged(small_town: tuple[pa.Table, Any], records: Build, model: Model) -> Callable[..., Flagged]:
    """Put records into the town and link; cluster of each, counted from 0 as they appear, and who is flagged."""

    def run(*rows: dict[str, Any], judgements: tuple[Judgement, ...] = ()) -> tuple[list[int], list[int]]:
        first = 10**9
        ours = records([{"record_key": first + place, **row} for place, row in enumerate(rows)])
        found = link(pa.concat_tables([small_town[0], ours]), model, judgements)
        members = found.members.filter(pa.compute.greater_equal(found.members["record_key"], first))
        clusters = members["cluster"].to_pylist()
        doubtful = sorted(key - first for key in found.ambiguous.to_pylist() if key >= first)
        return [clusters.index(cluster) for cluster in clusters], doubtful

    return run


@pytest.fixture
def groups(flagged: Callable[..., Flagged]) -> Groups:
    """Put records into the town and link; cluster of each, counted from 0 in order of appearance."""
    return lambda *rows: flagged(*rows)[0]


def whole(name: str, sex: int, born: date, number: str | None, **more: Any) -> dict[str, Any]:
    return {"name": name, "sex": sex, "birth_date": born, "id_number": number, **more}


def test_01_same_name_and_birth_date(groups: Groups, resident_number: Number) -> None:
    one, other = (resident_number("371002", BORN, order) for order in (102, 346))
    assert groups(
        whole("王秀英", 2, BORN, one, **HOME, phone="13905321178"),
        whole("王秀英", 2, BORN, other, region="371082", town="镇9", village="村1", phone="15066873342"),
        whole("王秀英", 2, BORN, one),
        whole("王秀英", 2, BORN, other),
    ) == [0, 1, 0, 1]


def test_02_twins(groups: Groups, resident_number: Number) -> None:
    one, other = (resident_number("371002", BORN, order) for order in (111, 113))
    parents = {"mother_name": "刘娟", "father_name": "赵磊"}
    shared = {**HOME, "phone": "18763149920"}
    assert groups(
        whole("赵建军", 1, BORN, one, feed="W07", household_no="T1", **shared, **parents),
        whole("赵建国", 1, BORN, other, feed="W07", household_no="T1", **shared, **parents),
        whole("赵建军", 1, BORN, one, **shared),
        whole("赵建国", 1, BORN, other, **shared),
        whole("赵建军", 1, BORN, one, feed="J05"),
        whole("赵建国", 1, BORN, other, feed="J05"),
    ) == [0, 1, 0, 1, 0, 1]


def test_02_twins_seen_under_each_others_number(groups: Groups, resident_number: Number) -> None:
    one, other = (resident_number("371002", BORN, order) for order in (111, 113))
    parents = {"mother_name": "刘娟", "father_name": "赵磊"}
    shared = {**HOME, "phone": "18763149920"}
    found = groups(
        whole("赵建军", 1, BORN, one, feed="W07", household_no="T1", **shared, **parents),
        whole("赵建国", 1, BORN, other, feed="W07", household_no="T1", **shared, **parents),
        whole("赵建军", 1, BORN, one, **shared),
        whole("赵建国", 1, BORN, other, **shared),
        whole("赵建军", 1, BORN, other, feed="W28", **shared),
        whole("赵建国", 1, BORN, one, feed="W28", **shared),
    )
    assert found[0] != found[1]
    assert found[2:4] == found[:2]


def test_03_old_form_of_the_number(groups: Groups, resident_number: Number) -> None:
    number = resident_number("371002", BORN, 121)
    assert groups(whole("周文斌", 1, BORN, number), whole("周文斌", 1, BORN, number, id_status="legacy")) == [
        0,
        0,
    ]


def test_04_one_number_two_people(groups: Groups, resident_number: Number) -> None:
    number = resident_number("371002", BORN, 131)
    other_born = date(1962, 11, 30)
    assert groups(
        whole("黄丽", 1, BORN, number, **HOME, phone="13356310087"),
        whole("黄丽", 1, BORN, number, phone="13356310087"),
        whole(
            "郭桂英", 2, other_born, number, region="371082", town="镇1", village="村2", phone="15866778899"
        ),
        whole("郭桂英", 2, other_born, number, region="371082", phone="15866778899"),
    ) == [0, 0, 2, 2]


def test_05_old_and_new_number(groups: Groups, resident_number: Number) -> None:
    """Other evidence is strong, so a changed number does not keep one person apart."""
    old, new = (resident_number("371002", BORN, order) for order in (141, 143))
    shared = {**HOME, "phone": "17806450563", "spouse_name": "高静", "employer": "威海渔具有限公司"}
    assert groups(
        whole("马志强", 1, BORN, old, **shared),
        whole("马志强", 1, BORN, new, **shared, feed="W07", household_no="T2"),
        whole("马志强", 1, BORN, None, **shared),
    ) == [0, 0, 0]


def test_06_one_keystroke_wrong(groups: Groups, resident_number: Number) -> None:
    number = resident_number("371002", BORN, 151)
    wrong = number[:16] + str((int(number[16]) + 4) % 10) + number[17]
    assert groups(
        whole("徐海燕", 2, BORN, number), whole("徐海燕", 2, BORN, wrong, id_status="checksum")
    ) == [0, 0]


def test_08_rounded_by_a_spreadsheet(groups: Groups, resident_number: Number) -> None:
    number = resident_number("371002", BORN, 161)
    rounded = {"id_number": number[:15] + "000", "id_status": "rounded"}
    assert groups(whole("孙晓东", 1, BORN, number), {**whole("孙晓东", 1, BORN, None), **rounded}) == [0, 0]


def test_11_newborn_under_its_mothers_number(groups: Groups, resident_number: Number) -> None:
    mother, born = resident_number("371002", BORN, 162), date(2025, 3, 9)
    shared = {**HOME, "phone": "18263129911"}
    assert groups(
        whole("何丽娜", 2, BORN, mother, **shared),
        whole("何丽娜", 2, BORN, mother),
        whole("何丽娜之子", 1, born, mother, **shared),
        {**whole("何丽娜之子", 1, born, None), "mother_name": "何丽娜", "mother_id": mother},
    )[:3] == [0, 0, 2]


def test_13_number_of_the_informant(groups: Groups, resident_number: Number) -> None:
    son_born, father_born = date(1975, 4, 5), date(1948, 1, 2)
    son, father = resident_number("371002", son_born, 171), resident_number("371002", father_born, 173)
    assert groups(
        whole("林国庆", 1, father_born, father, **HOME),
        whole("林晓峰", 1, son_born, son, **HOME),
        whole("林国庆", 1, father_born, son, **HOME),
        whole("林晓峰", 1, son_born, son),
        whole("林国庆", 1, father_born, father),
    ) == [0, 1, 0, 1, 0]


def test_16_homophone_shape_and_variant(groups: Groups, resident_number: Number) -> None:
    names = ["罗艳", "罗燕", "罗艶"]
    number = resident_number("371002", BORN, 182)
    assert groups(*(whole(name, 2, BORN, number) for name in names)) == [0, 0, 0]


def test_17_and_18_unreadable_characters_and_lost_dots(groups: Groups, resident_number: Number) -> None:
    number = resident_number("371002", BORN, 191)
    assert groups(
        whole("高龑", 1, BORN, number), whole("高?", 1, BORN, number), whole("高□", 1, BORN, None, phone="1")
    )[:2] == [0, 0]
    names = ["阿依古丽·买买提", "阿依古丽买买提", "阿依古丽"]
    number = resident_number("371002", BORN, 192)
    assert groups(*(whole(name, 2, BORN, number) for name in names)) == [0, 0, 0]


def test_19_changed_name(groups: Groups, resident_number: Number) -> None:
    number = resident_number("371002", BORN, 194)
    assert groups(
        whole("朱娜", 2, BORN, number), whole("朱欣怡", 2, BORN, number, former_name="朱娜", feed="W07")
    ) == [0, 0]


def test_20_lunar_birth_date(groups: Groups) -> None:
    shared = {**HOME, "phone": "15588307746"}
    assert groups(
        whole("杨桂兰", 2, date(1987, 2, 10), None, **shared),
        whole("杨桂兰", 2, date(1987, 1, 13), None, **shared),
    ) == [0, 0]


def test_38_brother_with_the_fathers_pension_number(groups: Groups, resident_number: Number) -> None:
    born = [date(1950, 5, 5), date(1978, 8, 8)]
    numbers = [resident_number("371002", day, order) for day, order in zip(born, (201, 203), strict=True)]
    pension = "pension_no:77"
    assert groups(
        whole("胡永忠", 1, born[0], numbers[0], **HOME, source_key=pension, feed="W12"),
        whole("胡军", 1, born[1], numbers[1], **HOME, source_key=pension, feed="W11"),
        whole("胡永忠", 1, born[0], numbers[0]),
        whole("胡军", 1, born[1], numbers[1]),
    ) == [0, 1, 0, 1]


def test_family_at_one_door_with_one_phone(groups: Groups, resident_number: Number) -> None:
    shared = {**HOME, "phone": "13010525864", "household_no": "T3"}
    family = [("郑伟", 1, 1960), ("吴芳", 2, 1962), ("郑杰", 1, 1988), ("郑伟杰", 1, 2012)]
    rows = [
        whole(name, sex, date(year, 2, 3), resident_number("371002", date(year, 2, 3), 300 + sex), **shared)
        for name, sex, year in family
    ]
    without = [{**row, "id_number": None} for row in rows]
    assert groups(*rows, *without) == [0, 1, 2, 3, 0, 1, 2, 3]


def test_clerk_whose_phone_stands_for_a_village(small_town: tuple[pa.Table, Any], records: Build) -> None:
    """14 and 15: one phone and one address for many people join nobody."""
    surnames, rng = "王李张刘陈杨赵黄周吴", np.random.default_rng(1)
    rows = [
        {
            "record_key": 10**9 + place,
            "name": surnames[place % 10] + chr(0x5000 + 37 * place),
            "birth_date": date(*(int(rng.integers(*part)) for part in ((1940, 2020), (1, 13), (1, 29)))),
            "phone": "13905321100",
            **HOME,
            "address": None,
        }
        for place in range(200)
    ]
    table = pa.concat_tables([small_town[0], records(rows)])
    members = link(table, train(table)).members
    ours = members.filter(pa.compute.greater_equal(members["record_key"], 10**9))
    assert len(pa.compute.unique(ours["cluster"])) >= 198


def test_ambiguous_record_is_left_alone(
    small_town: tuple[pa.Table, Any], records: Build, resident_number: Number, model: Model
) -> None:
    one, other = (resident_number("371002", BORN, order) for order in (402, 404))
    rows = [
        whole("宋丽娟", 2, BORN, one, region="371002"),
        whole("宋丽娟", 2, BORN, one, region="371002", feed="J05"),
        whole("宋丽娟", 2, BORN, other, region="371002"),
        whole("宋丽娟", 2, BORN, other, region="371002", feed="J05"),
        whole("宋丽娟", 2, BORN, None, region="371002"),
    ]
    ours = records([{"record_key": 10**9 + place, **row} for place, row in enumerate(rows)])
    found = link(pa.concat_tables([small_town[0], ours]), model)
    members = dict(zip(*(found.members[c].to_pylist() for c in ("record_key", "cluster")), strict=True))
    assert [members[10**9 + place] - 10**9 for place in range(5)] == [0, 0, 2, 2, 4]
    assert 10**9 + 4 in found.ambiguous.to_pylist()


def test_24_who_was_joined_by_a_name_alone_is_flagged(
    flagged: Callable[..., Flagged], resident_number: Number
) -> None:
    number = resident_number("371002", BORN, 418)
    known = whole("欧阳璟雯", 2, BORN, number, feed="W07", **HOME)
    party = {"name": "欧阳璟雯", "feed": "W22", "role": "party"}
    assert flagged(known, party) == ([0, 0], [1])
    assert flagged(known, {**party, "region": "371002", "sex": 2}) == ([0, 0], [1])
    assert flagged(known, {**party, "birth_date": BORN}) == ([0, 0], [])
    verified = Judgement("same", 10**9, 10**9 + 1, "bo", "seen", datetime(2026, 11, 27, tzinfo=UTC))
    assert flagged(known, party, judgements=(verified,)) == ([0, 0], [])


def test_who_is_alone_without_number_and_register_is_flagged(
    flagged: Callable[..., Flagged], resident_number: Number
) -> None:
    number = resident_number("371002", BORN, 419)
    visit = whole("欧阳璟雯", 2, BORN, None, feed="W28", **HOME)
    assert flagged(visit) == ([0], [0])
    assert flagged({**visit, "id_number": "3.71002E+17", "id_status": "rounded"}) == ([0], [0])
    assert flagged(visit, {**visit, "feed": "J05"}) == ([0, 0], [0, 1])
    assert flagged({**visit, "feed": "W07"}) == ([0], [])
    assert flagged({**visit, "id_number": number}) == ([0], [])
    assert flagged({**visit, "id_number": "E12345678", "id_type": "passport"}) == ([0], [])
    assert flagged(visit, whole("欧阳璟雯", 2, BORN, number)) == ([0, 0], [])


def test_10_a_passport_with_the_names_in_another_order_and_another_birth_date(groups: Groups) -> None:
    """The date is a lunar one; place and employer are the same."""
    home = {"region": "371002", "town": "镇3", "village": "村7", "employer": "环翠区实验小学"}
    silva = {"name": "SILVA PEDRO", "pinyin": "silva pedro", "sex": 1, "birth_date": date(1995, 12, 25)}
    permit = {"id_number": "937840199512252878", "id_type": "foreign_permanent"}
    passport = {"id_number": "E19730077", "id_type": "passport", "birth_date": date(1995, 11, 4)}
    assert groups(
        {**silva, **home, **permit, "feed": "W29"},
        {**silva, **home, **permit, "feed": "X02"},
        {**silva, **home, **passport, "name": "PEDRO SILVA", "pinyin": "pedro silva", "feed": "W28"},
    ) == [0, 0, 0]
