from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from resolver.linkage.columns import Word, encode
from resolver.linkage.comparison import DOOR_BAND, EMPLOYER_BAND, GENERIC, NAME_BAND, PHONE_BAND, SHARED
from resolver.linkage.rarity import ValueTable, count_rarity
from resolver.linkage.settings import person_settings

Build = Callable[[list[dict[str, Any]]], pa.Table]
Number = Callable[[str, date, int], str]
VALUES = person_settings().values


def bands(table: pa.Table) -> np.ndarray[Any, np.dtype[np.uint8]]:
    columns = encode(table)
    return count_rarity(columns, VALUES).bands(columns)


def test_names_of_many_people_are_common(records: Build, resident_number: Number) -> None:
    born = date(1980, 1, 1)
    numbers = [resident_number("371002", born, order) for order in range(1, 900)]
    rows = [{"name": "王秀英", "id_number": number} for number in numbers[:500]]
    rows += [
        {"name": f"李{chr(0x5000 + place)}", "id_number": number}
        for place, number in enumerate(numbers[500:])
    ]
    found = bands(records(rows))[:, NAME_BAND]
    assert set(found[:500]) == {3}
    assert set(found[500:]) == {0}


def test_one_person_with_many_records_has_no_common_name(records: Build, resident_number: Number) -> None:
    row = {"name": "王秀英", "id_number": resident_number("371002", date(1980, 1, 1), 2)}
    assert set(bands(records([row] * 500))[:, NAME_BAND]) == {0}


def test_phones_doors_and_employers_of_many(records: Build) -> None:
    def people(n: int, **values: Any) -> list[dict[str, Any]]:
        return [{"name": f"王{chr(0x5000 + place)}", **values} for place in range(n)]

    family = people(VALUES.phone_shared - 1, phone="1")
    shared = people(VALUES.phone_shared, phone="2")
    clerk = people(VALUES.phone_generic, phone="3", region="371002", town="镇", village="村", address="1号")
    firm = people(VALUES.employer_large, employer="大厂")
    found = bands(records(family + shared + clerk + firm))
    sizes = np.cumsum([len(family), len(shared), len(clerk)])
    parts = np.split(found, sizes)
    assert [set(part[:, PHONE_BAND]) for part in parts] == [{0}, {SHARED}, {GENERIC}, {0}]
    assert [set(part[:, DOOR_BAND]) for part in parts] == [{0}, {0}, {1}, {0}]
    assert [set(part[:, EMPLOYER_BAND]) for part in parts] == [{0}, {0}, {0}, {1}]


def test_values_a_table_never_saw_are_ordinary(records: Build) -> None:
    values = encode(records([{"phone": "1"}, {"phone": "2"}, {}])).word(Word.PHONE)
    table = ValueTable(values[:1], np.array([2], np.uint8))
    assert table.look_up(values).tolist() == [2, 0, 0]
    empty = ValueTable(values[:0], np.zeros(0, np.uint8))
    assert empty.look_up(values).tolist() == [0, 0, 0]
