"""W22, traffic accidents: the parties the police named on request."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from resolver.synthetic import columns as c
from resolver.synthetic import numbers
from resolver.synthetic.lives import Lives
from resolver.synthetic.timeline import DAY, Ints, year_of

ROLES = ("driver", "rider", "passenger", "pedestrian")
INJURIES = ("none", "minor", "serious", "fatal")
LIABILITIES = ("full", "main", "equal", "minor", "none")
UNHURT, MINOR, SERIOUS, FATAL = range(4)
FULL, MAIN, EQUAL, LESSER, BLAMELESS = range(5)
_INSURERS = ("人保财险威海分公司", "平安产险山东分公司", "太平洋产险", "国寿财险", "阳光财险")
_ROADS = ("世昌大道", "青岛路", "香山路", "珠海路", "文山路", "昆嵛路", "成山大道", "黎明路")

_SHARES = (100.0, 70.0, 50.0, 30.0, 0.0)  # per cent, by liability

PARTY_DEFAULTS = {
    "accident": 0,
    "party": -1,
    "number": 1,
    "second": 0,
    "role": 0,
    "injury": UNHURT,
    "liability": FULL,
    "told": -1,
}
"""A planned party: accident and its second, person, number within the accident."""


def accident_parties(lives: Lives, rng: np.random.Generator) -> pa.Table:
    """W22: one row per party of an accident."""
    rows = c.planned_columns(lives.planned["W22"], PARTY_DEFAULTS)
    count = len(rows["second"])
    accidents = int(rows["accident"].max(initial=0)) + 1
    day = rows["second"] // DAY
    period = np.where(rows["told"] >= 0, rows["told"], lives.timeline.period_of(day))
    road = rng.integers(len(_ROADS), size=accidents)[rows["accident"]]
    spot = c.words(road, _ROADS)
    columns = {
        "party": rows["party"],
        "accident_no": accident_numbers(lives, rows["accident"], day),
        "party_no": pc.cast(pa.array(rows["number"]), pa.string()),
        "accident_time": c.moments(rows["second"]),
        "place": pc.binary_join_element_wise(pa.scalar(lives.places.city.name), spot, pa.scalar("路口"), ""),
        "plate_no": _plates(rows, rng),
        "party_role": c.words(rows["role"], ROLES),
        "injury": c.words(rows["injury"], INJURIES),
        "liability": c.words(rows["liability"], LIABILITIES),
        "insurer": c.words(
            np.where(rows["role"] == 0, rng.integers(len(_INSURERS), size=count), -1), _INSURERS
        ),
        "accident_type": c.words(_types(rows, accidents), ("single", "vehicles", "pedestrian")),
        "liability_share": c.yuan(np.array(_SHARES)[rows["liability"]]),
        "recognition_no": numbers.prefixed("认", rows["accident"] + 1, 8),
        "request_no": numbers.prefixed("协", rows["accident"] + 1, 8),
        "answer_date": c.dates(lives.timeline.ends(np.minimum(period, lives.timeline.months))),
        "op": c.constant("add", count),
    }
    return c.assemble("W22", period, columns, lives.timeline)


def accident_numbers(lives: Lives, accident: Ints, day: Ints) -> pa.Array:
    """The numbers of accidents on these days; whoever else writes of an accident knows it by the same number."""
    serials = numbers.scattered(10**5, 10**6, np.random.default_rng([lives.people.count, 22]))
    year = pc.cast(pa.array(year_of(day)), pa.string())
    serial = numbers.padded(serials[accident % len(serials)], 6)
    return pc.binary_join_element_wise(pa.scalar(str(lives.places.city.code)), year, serial, "")


def _types(rows: dict[str, Ints], accidents: int) -> Ints:
    """A single vehicle, several of them, or one with somebody on foot."""
    parties = np.bincount(rows["accident"], minlength=accidents)
    on_foot = np.bincount(rows["accident"], rows["role"] == ROLES.index("pedestrian"), accidents)
    kinds: Ints = np.where(on_foot > 0, 2, np.where(parties > 1, 1, 0))
    return kinds[rows["accident"]]


def _plates(rows: dict[str, Ints], rng: np.random.Generator) -> pa.Array:
    serial = rng.integers(10_000, 99_999, len(rows["role"]))
    plate = pc.binary_join_element_wise(pa.scalar("鲁K"), pc.cast(pa.array(serial), pa.string()), "")
    return pc.if_else(pa.array(rows["role"] == 0), plate, pa.scalar(None, pa.string()))
