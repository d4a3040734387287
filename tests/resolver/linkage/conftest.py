"""Records for the linkage tests: written out one by one, or a small town with errors of its own."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import settings
from pypinyin import lazy_pinyin

from resolver.linkage.model import Model
from resolver.linkage.trainer import train
from resolver.standardize.schema import PERSON_RECORD_SCHEMA

# The first call of a compiled function compiles it, which no deadline foresees.
settings.register_profile("compiled", deadline=None)
settings.load_profile("compiled")

Row = dict[str, Any]
Build = Callable[[Iterable[Row]], pa.Table]

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红建国文斌鹏飞宇浩然子涵雨欣怡"


def number(region: str, born: date, order: int) -> str:
    """A valid resident number (GB 11643)."""
    body = f"{region}{born:%Y%m%d}{order:03d}"
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, _WEIGHTS, strict=True)) % 11]


def person_row(values: Row) -> Row:
    """A whole record row: what follows from name and number is filled in unless given."""
    name: str = values.get("name") or ""
    han = len(name) > 1 and all("一" <= c <= "龥" for c in name)
    derived: Row = {
        "feed": "W29",
        "role": "person",
        "surname": name[0] if han else None,
        "given": name[1:] if han else None,
        "pinyin": " ".join(lazy_pinyin(name)) if name else None,
        "id_type": "resident" if values.get("id_number") else None,
        "id_status": "valid" if values.get("id_number") else "missing",
    }
    return {**derived, **values}


def build(rows: Iterable[Row]) -> pa.Table:
    """Records from rows; a row without `record_key` gets the next number from 1."""
    listed = [{"record_key": place + 1, **person_row(row)} for place, row in enumerate(rows)]
    return pa.Table.from_pylist(listed, schema=PERSON_RECORD_SCHEMA)


@pytest.fixture(scope="session")
def records() -> Build:
    return build


@pytest.fixture(scope="session")
def resident_number() -> Callable[[str, date, int], str]:
    return number


def _damage_name(name: str, chance: Random) -> str:
    place = chance.randrange(1, len(name))
    same_sound = [c for c in _GIVEN if c != name[place] and lazy_pinyin(c) == lazy_pinyin(name[place])]
    kind = chance.randrange(3)
    if kind == 0 and same_sound:
        return name[:place] + chance.choice(same_sound) + name[place + 1 :]
    if kind == 1 and len(name) == 3:
        return name[:1] + name[2] + name[1]
    return name[:place] + "?" + name[place + 1 :]


def _damage_number(text: str, chance: Random) -> str:
    place = chance.randrange(6, 17)
    digit = str((int(text[place]) + chance.randrange(1, 10)) % 10)
    return text[:place] + digit + text[place + 1 :]


def _described(feed: str, person: Mapping[str, Any], chance: Random) -> Row:
    row: Row = {"feed": feed, "name": person["name"], "sex": person["sex"]}
    if chance.random() < 0.05:
        row["name"] = _damage_name(row["name"], chance)
    if chance.random() > 0.1:
        row["id_number"] = person["id_number"]
        if chance.random() < 0.05:
            row |= {"id_number": _damage_number(row["id_number"], chance), "id_status": "checksum"}
    if feed != "W11":
        row["birth_date"] = person["birth_date"]
        if chance.random() < 0.03:
            row["birth_date"] += timedelta(days=chance.randrange(1, 400))
    if feed in ("W07", "W28"):
        row |= {key: person[key] for key in ("region", "town", "village", "address")}
    if feed in ("W28", "W29") and chance.random() > 0.2:
        row["phone"] = person["phone"]
    if feed == "W07":
        row |= {"household_no": person["household_no"], "spouse_name": person["spouse_name"]}
    return row


def town(n: int, seed: int) -> tuple[pa.Table, np.ndarray[Any, np.dtype[np.int64]]]:
    """About 4.5 records for each of n persons in families, with errors; and the true person of each record."""
    chance = Random(seed)
    persons: list[Row] = []
    while len(persons) < n:
        home = {
            "region": chance.choice(["371002", "371003", "371082"]),
            "town": f"镇{chance.randrange(12)}",
            "village": f"村{chance.randrange(30)}",
            "address": f"{chance.randrange(300)}号",
            "household_no": f"H{len(persons):06d}",
            "phone": f"13{chance.randrange(10**9):09d}",
        }
        surname = chance.choice(_SURNAMES)
        family: list[Row] = []
        for place in range(chance.choice([1, 2, 2, 3, 3, 3, 3, 4])):
            year = 1950 + chance.randrange(40) if place < 2 else 1995 + chance.randrange(25)
            born = date(year, 1, 1) + timedelta(days=chance.randrange(365))
            sex = place + 1 if place < 2 else chance.choice([1, 2])
            first = chance.choice(_SURNAMES) if place == 1 else surname
            given = "".join(chance.choice(_GIVEN) for _ in range(chance.choice([1, 2, 2])))
            order = 2 * chance.randrange(400) + sex  # odd for men
            family.append(
                {
                    **home,
                    "name": first + given,
                    "sex": sex,
                    "birth_date": born,
                    "id_number": number(home["region"], born, order),
                    "phone": home["phone"] if place else f"15{chance.randrange(10**9):09d}",
                    "spouse_name": None,
                }
            )
        if persons and chance.random() < 0.03:  # a namesake born on the same day
            like = chance.choice(persons)
            region = chance.choice(["371002", "371003"])
            family[0] |= {key: like[key] for key in ("name", "sex", "birth_date")}
            family[0]["id_number"] = number(
                region, like["birth_date"], 800 + like["sex"] + 2 * chance.randrange(9)
            )
        if len(family) == 4:  # a twin, with one character of the name in common
            elder = family[2]
            order = int(elder["id_number"][14:17]) + 2
            twin_name = elder["name"][:2] + chance.choice(_GIVEN)
            family[3] |= {key: elder[key] for key in ("sex", "birth_date")}
            family[3] |= {"name": twin_name, "id_number": number(home["region"], elder["birth_date"], order)}
        if len(family) > 1:
            family[0]["spouse_name"], family[1]["spouse_name"] = family[1]["name"], family[0]["name"]
        persons += family
    rows: list[Row] = []
    truth: list[int] = []
    for place, person in enumerate(persons[:n]):
        for feed in ("W07", "W29", "J05", "W28", "W11"):
            if chance.random() < 0.9:
                rows.append({"record_key": len(rows) * 7 + 3, **_described(feed, person, chance)})
                truth.append(place)
    return build(rows), np.array(truth, np.int64)


@pytest.fixture(scope="session")
def small_town() -> tuple[pa.Table, np.ndarray[Any, np.dtype[np.int64]]]:
    return town(500, seed=3)


@pytest.fixture(scope="session")
def model(small_town: tuple[pa.Table, Any]) -> Model:
    return train(small_town[0])
