"""How fast rows become records: python benchmarks/standardize.py [persons]; half as many rows again as persons."""

import sys
import time
from datetime import date

import numpy as np
import pyarrow as pa

from resolver.feeds.contract import contracts
from resolver.identifiers import person_number
from resolver.standardize.records import extract_records

SEED = 20240101
SURNAMES = list("王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧曾查单")
GIVEN = list(
    "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂文辉玲红华国建波宁福林梅鑫志晨宇浩轩欣怡子涵雨泽"
)
VILLAGES = list("王李张刘于孙丛毕邢姜马林草崖羊竹")
COUNTIES = ["环翠区", "文登区", "荣成市", "乳山市", "文登市"]


def rows(persons: int) -> pa.Table:
    """Rows of the enrolment feed, W29."""
    rng = np.random.default_rng(SEED)

    def pick(words: list[str]) -> np.ndarray:
        return np.array(words, dtype=object)[rng.integers(len(words), size=persons)]

    days = rng.integers(0, 25_000, persons).astype("datetime64[D]") - 8_000
    orders = rng.integers(1, 1000, persons)
    numbers = []
    for day, order in zip(days.astype(str).tolist(), orders.tolist(), strict=True):
        first17 = f"371002{day.replace('-', '')}{order:03d}"
        numbers.append(first17 + person_number.check_character(first17))
    names = pick(SURNAMES) + pick(GIVEN) + np.where(rng.random(persons) < 0.7, pick(GIVEN), "")
    place = rng.integers(6000, size=persons)  # a city has some thousand villages
    door = np.where(
        rng.random(persons) < 0.4,
        "阳光花园" + rng.integers(1, 40, persons).astype(str).astype(object) + "号楼"
        + rng.integers(1, 5, persons).astype(str).astype(object) + "单元"
        + (rng.integers(1, 19, persons) * 100 + rng.integers(1, 4, persons)).astype(str).astype(object) + "室",
        rng.integers(1, 400, persons).astype(str).astype(object) + "号",
    )  # fmt: skip
    address = np.array([_village(number) for number in range(6000)], dtype=object)[place] + door
    serial = np.arange(persons).astype(str).astype(object)
    table = pa.table(
        {
            "psn_no": pa.array("3710" + serial, pa.string()),
            "name": pa.array(names, pa.string()),
            "id_number": pa.array(numbers),
            "sex": pa.array((2 - orders % 2).astype(np.int8)),
            "birth_date": pa.array(days),
            "insuplc_admdvs": pa.array(np.full(persons, "371002", object), pa.string()),
            "employer_name": pa.array(
                "海润" + (rng.integers(0, 20_000, persons).astype(str).astype(object)) + "有限公司"
            ),
            "address": pa.array(address, pa.string()),
            "phone": pa.array((13_100_000_000 + rng.integers(0, 800_000_000, persons)).astype(str)),
        }
    )
    again = pa.concat_tables([table, table.slice(0, persons // 2)])
    return again.append_column("row_id", pa.array(np.arange(len(again)), pa.int64()))


def _village(number: int) -> str:
    town, county = number // 20, number // 1200
    parts = (VILLAGES[number % 15], "家格哥"[number % 3], "庄村疃夼埠泊屯口"[number % 8], VILLAGES[town % 15])
    return (
        f"山东省威海市{COUNTIES[county]}{parts[3]}{'村店山集庄'[town % 5]}镇{parts[0]}{parts[1]}{parts[2]}村"
    )


def main() -> None:
    persons = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    table = rows(persons)
    contract = contracts()["W29"]
    started = time.process_time()
    found = extract_records(table, contract, as_of=date(2024, 1, 1))
    seconds = time.process_time() - started
    print(
        f"{len(table):,} rows -> {len(found.persons):,} person and {len(found.organisations):,} organisation records: "
        f"{seconds:.1f} CPU s, {len(found.persons) / seconds:,.0f} person records per CPU second"
    )


if __name__ == "__main__":
    main()
