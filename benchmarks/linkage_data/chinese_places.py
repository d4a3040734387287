"""Where people live and work: counties, towns, villages, doors, employers, and how differently that is written."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from benchmarks.linkage_data.chinese_names import _RARE_SURNAMES

Ints = NDArray[np.int64]

# County codes (public code table) of three provinces, counties of one prefecture together.
_COUNTIES = """
3710 02 03 82 83; 3706 02 11 12 13 14 81 82 83 85 86 87; 3702 02 03 11 12 13 14 15 81 83 85;
3707 02 03 04 05 24 25 81 82 83 84 85 86; 3701 02 03 04 05 12 13 14 15 16 17 24 26;
3713 02 11 12 21 22 23 24 25 26 27 28 29; 3708 11 12 26 27 28 29 30 31 32 81 83; 3703 02 03 04 05 06 21 22 23;
3704 02 03 04 05 06 81; 3705 02 03 05 22 23; 3709 02 11 21 23 82 83; 3711 02 03 21 22;
3714 02 03 22 23 24 25 26 27 28 81 82; 3715 02 03 21 22 23 24 25 26 81; 3716 02 03 21 22 23 25 81;
3717 02 03 21 22 23 24 25 26 28; 3201 02 04 05 06 11 13 14 15 16 17 18; 3202 05 06 11 13 14 81 82;
3203 02 03 05 11 12 21 22 24 81 82; 3204 02 04 11 12 13 81; 3205 05 06 07 08 09 81 82 83 85;
3206 12 13 14 23 81 82 85; 3207 03 06 07 22 23 24; 3208 03 04 12 13 26 30 31; 3209 02 03 04 21 22 23 24 25 81;
3210 02 03 12 23 81 84; 3211 02 11 12 81 82 83; 3212 02 03 04 81 82 83; 3213 02 11 22 23 24;
4101 02 03 04 05 06 08 22 81 82 83 84 85; 4102 02 03 04 05 12 21 22 23 25;
4103 02 03 04 05 07 08 11 23 24 25 26 27 28 29;
4104 02 03 04 10 11 21 22 23 25 81 82; 4105 02 03 05 06 22 23 26 27 81
"""
COUNTIES = tuple(
    prefecture + county
    for prefecture, *counties in (entry.split() for entry in _COUNTIES.split(";"))
    for county in counties
)
PERSONS_PER_COUNTY = 20_000
TOWNS, VILLAGES = 12, 20  # of a county, of a town
_TOWN_WORDS = (
    "临河 石桥 大水泊 泽头 宋村 高村 侯家 张家产 米山 葛家 界石 苘山 草庙子 羊亭 温泉 崮山 泊于 桥头 虎山 "
    "荫子 大柳 黄山 马山 城西 城东 港湾"
)
_PLACE_WORDS = (
    "东 西 南 北 前 后 大 小 上 下 新 老 河东 河西 沟南 沟北 岭上 山前 山后 桥头 泉水 柳林 松树 石岭 海滨 "
    "阳光 幸福 金海 龙泉 凤凰"
)
_VILLAGE_FORMS = ("家庄", "家村", "格庄", "家疃", "村", "庄", "家夼", "家埠", "小区", "花园", "社区", "家泊")
_TRADES = (
    "纺织 机械 食品 建筑 商贸 物流 电子 渔业 化工 印刷 医疗器械 服装 房地产 劳务 广告 汽车销售 家具 餐饮 "
    "酒店 水产 果品 装饰 科技 园林"
)
_FORMS = ("有限公司", "有限责任公司", "股份有限公司", "厂", "合作社", "经营部")
_FIRM_WORDS = "华海金鑫宏达盛泰顺通联合兴旺恒信嘉祥鸿远博大新东方瑞丰永安正康天和"


@dataclass(frozen=True)
class Addresses:
    """Four parallel columns; -1 (door: 0) for a part that is not written."""

    county: Ints
    town: Ints
    village: Ints
    door: Ints

    def take(self, rows: Ints) -> "Addresses":
        return Addresses(self.county[rows], self.town[rows], self.village[rows], self.door[rows])


def county_count(persons: int) -> int:
    """Counties grow with the persons, so that a village stays a village: at least three."""
    return int(np.clip(round(persons / PERSONS_PER_COUNTY), 3, len(COUNTIES)))


def draw_addresses(count: int, counties: int, rng: np.random.Generator) -> Addresses:
    """Dwellings, each its own door of a village; towns and villages of unequal size.

    Villages are numbered over the whole area: `county * TOWNS * VILLAGES + town * VILLAGES + village`.
    """
    county = rng.integers(0, counties, count)
    town = (TOWNS * rng.beta(1.1, 1.4, count)).astype(np.int64)
    village = (VILLAGES * rng.beta(1.1, 1.3, count)).astype(np.int64)
    place = (county * TOWNS + town) * VILLAGES + village
    order = np.argsort(place, kind="stable")
    begins = np.concatenate(([0], np.flatnonzero(np.diff(place[order])) + 1))
    door = np.empty(count, np.int64)
    door[order] = np.arange(count) - np.repeat(begins, np.diff(np.append(begins, count))) + 1
    return Addresses(county, county * TOWNS + town, place, door)


def rewrite(homes: Addresses, counties: int, rng: np.random.Generator) -> Addresses:
    """Every address written otherwise: a part left out, another door, or the place the person moved to "
    "or from."""
    count = len(homes.county)
    kind = rng.choice(5, count, p=(0.28, 0.22, 0.12, 0.18, 0.20))
    there = draw_addresses(count, counties, rng)
    near = rng.random(count) < 0.6
    moved = kind == 4
    county = np.where(moved & ~near, there.county, homes.county)
    town = np.where(moved, county * TOWNS + there.town % TOWNS, homes.town)
    village = np.where(moved, town * VILLAGES + there.village % VILLAGES, homes.village)
    door = np.where(moved | (kind == 3), rng.integers(1, 90, count), homes.door)
    town = np.where(kind == 0, -1, town)
    door = np.where(kind == 1, 0, door)
    village = np.where(kind == 2, -1, village)
    return Addresses(county, town, village, door)


@cache
def town_names(counties: int) -> list[str]:
    """Names of the towns in the order of their numbers; the same name may stand in several counties."""
    rng = np.random.default_rng(71)
    words = _TOWN_WORDS.split()
    return [
        words[w] + ("镇", "镇", "街道", "乡")[rng.integers(4)]
        for _ in range(counties)
        for w in rng.permutation(len(words))[:TOWNS]
    ]


@cache
def village_names(counties: int) -> list[str]:
    """Names of the villages in the order of their numbers: a family's, or the lie of the land."""
    rng = np.random.default_rng(72)
    families = list("王李张刘陈杨赵黄周吴徐孙马朱胡郭何林高罗" + _RARE_SURNAMES)
    falling = 1.0 / (np.arange(len(families)) + 4.0)
    count = counties * TOWNS * VILLAGES
    family = rng.choice(len(families), count, p=falling / falling.sum())
    words = _PLACE_WORDS.split()
    word, form = rng.integers(0, len(words), count), rng.integers(0, len(_VILLAGE_FORMS), count)
    kind = rng.random(count)
    return [
        (words[w] if k < 0.45 else "")
        + (families[f] if k > 0.2 or len(words[w]) == 1 else "")
        + _VILLAGE_FORMS[s]
        for f, w, s, k in zip(family.tolist(), word.tolist(), form.tolist(), kind.tolist(), strict=True)
    ]


@cache
def employer_names(count: int) -> list[str]:
    """Names of so many firms, schools and offices."""
    rng = np.random.default_rng(73)
    trades = _TRADES.split()
    names = []
    for number in range(count):
        first, second = rng.integers(0, len(_FIRM_WORDS), 2)
        trade, form = (
            trades[rng.integers(len(trades))],
            _FORMS[min(int(rng.exponential(1.3)), len(_FORMS) - 1)],
        )
        if number % 9 == 0:
            town = town_names(3)[rng.integers(3 * TOWNS)]
            names.append(
                f"{town}第{'一二三四五六'[rng.integers(6)]}{('小学', '中学', '幼儿园')[rng.integers(3)]}"
            )
        else:
            names.append(f"{_FIRM_WORDS[first]}{_FIRM_WORDS[second]}{trade}{form}")
    return names


def short_employer_names(count: int) -> list[str]:
    """The same firms as people write them in a hurry: without the legal form."""
    out = []
    for name in employer_names(count):
        form = next((f for f in sorted(_FORMS, key=len, reverse=True) if name.endswith(f)), "")
        out.append(name[: len(name) - len(form)] if form else name)
    return out
