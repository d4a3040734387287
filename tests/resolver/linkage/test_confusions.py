from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pyarrow as pa

from resolver.linkage.blocking import block, rule_keys
from resolver.linkage.characters import look_alikes
from resolver.linkage.columns import encode
from resolver.linkage.comparison import comparable
from resolver.linkage.confusions import LEAST_PEOPLE, learn_confusions
from resolver.linkage.explanation import explain_pair
from resolver.linkage.rarity import count_rarity
from resolver.linkage.settings import BlockingRule, person_settings
from resolver.linkage.trainer import train

Build = Callable[[list[dict[str, Any]]], pa.Table]
Number = Callable[[str, date, int], str]


def learnt(table: pa.Table) -> set[str]:
    columns = encode(table)
    data = comparable(columns, count_rarity(columns, person_settings().values).bands(columns), look_alikes())
    blocking = block(rule_keys(columns, (BlockingRule("one", ("id_number",)),)), [60])
    found = learn_confusions(columns, data, blocking, 0)
    return {chr(int(pair) >> 32) + chr(int(pair) & 0xFFFFFFFF) for pair in found}


def people(resident_number: Number, names: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """Two records for each, one under each name."""
    born = [date(1960, 1, 1) + timedelta(days=37 * place) for place in range(len(names))]
    return [
        {"name": name, "id_number": resident_number("371002", day, 11), "birth_date": day}
        for day, both in zip(born, names, strict=True)
        for name in both
    ]


def test_what_several_people_show_is_a_confusion(records: Build, resident_number: Number) -> None:
    several = [("王翊文", "王诩文"), ("李诩", "李翊"), ("张小翊", "张小诩")][:LEAST_PEOPLE]
    others = [("赵一二", "赵一二"), ("钱三四", "钱三五"), ("孙六七", "孙八七")]
    assert learnt(records(people(resident_number, several + others))) == {"诩翊", "翊诩"}
    assert learnt(records(people(resident_number, several[1:] + others))) == set()


def test_one_person_does_not_make_a_confusion(records: Build, resident_number: Number) -> None:
    rows = people(resident_number, [("王翊文", "王诩文")])
    assert learnt(records(rows * 5)) == set()


def test_people_who_share_a_number_make_none(records: Build, resident_number: Number) -> None:
    """Their birth dates or sexes differ."""
    rows = people(resident_number, [("王翊文", "王诩文"), ("李诩", "李翊"), ("张小翊", "张小诩")])
    for row in rows[::2]:
        row["birth_date"] = date(2001, 9, 9)
    assert learnt(records(rows)) == set()


def test_nothing(records: Build) -> None:
    assert learnt(records([])) == set()
    assert learnt(records([{"name": "王伟"}, {}])) == set()


def test_a_model_knows_what_it_learnt(records: Build, resident_number: Number) -> None:
    rows = people(resident_number, [("王翊文", "王诩文"), ("李诩", "李翊"), ("张小翊", "张小诩")])
    model = train(records(rows))
    pair = records([{"name": "陈翊莲", "pinyin": None}, {"name": "陈诩莲", "pinyin": None}])
    (step,) = explain_pair(model, pair, 1, 2).compared
    assert step.level == "look_alike"
