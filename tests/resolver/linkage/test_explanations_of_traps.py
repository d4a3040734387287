"""What a pair of records of each of the forty traps is told, held against a file that a person has read and found good.

The classes of pairs are those that training found in a made-up city (`classes_of_a_city.json`), frozen here so that the
texts change only with the words, the comparisons or the way of weighing. When they do, the new file is written beside
the test's temporary files: read it, then put it in the old one's place. Traps that are about files or days and not
about who is who show the pair of records that they leave behind.
"""

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from resolver.linkage.calibration import Calibration
from resolver.linkage.columns import encode
from resolver.linkage.explanation import Explanation, explain_pair
from resolver.linkage.model import Model
from resolver.linkage.rarity import count_rarity
from resolver.linkage.settings import person_settings

GOOD = Path(__file__).with_name("explanations_of_traps.md")
BORN, OLD = date(1985, 6, 7), date(1948, 1, 2)
CROWD_PHONE, CROWD_FIRM = "13905321100", "威海劳务派遣有限公司"
HOME = {"region": "371002", "town": "镇3", "village": "村7", "address": "77号"}
CROWD_DOOR = {"region": "371082", "town": "镇1", "village": "村1", "address": None}
AWAY = {"region": "371082", "town": "镇9", "village": "村1", "address": "3号"}
ALIKE = {"name": "马志强", "sex": 1, "birth_date": BORN}
Row = dict[str, Any]


def traps(number: Any) -> Iterable[tuple[int, str, Row, Row]]:
    """Number of the trap, what it is, and the two records."""
    own, other = number("371002", BORN, 141), number("371002", BORN, 143)
    wife = {"name": "何丽娜", "sex": 2, "birth_date": BORN, "id_number": number("371002", BORN, 162)}
    same = {**ALIKE, "id_number": own}
    twin = {**HOME, "sex": 1, "birth_date": BORN, "feed": "W07", "household_no": "T1", "mother_name": "刘娟"}
    newborn = {"sex": 1, "birth_date": date(2025, 3, 9), **HOME}
    father, son = number("371002", OLD, 173), number("371002", BORN, 171)
    yield (
        1,
        "同名同日生的两个人 / same name and birth date, two people",
        {"name": "王秀英", "sex": 2, "birth_date": BORN, "id_number": number("371002", BORN, 102), **HOME},
        {"name": "王秀英", "sex": 2, "birth_date": BORN, "id_number": number("370811", BORN, 346), **AWAY},
    )
    yield (
        2,
        "双胞胎 / twins",
        {"name": "赵建军", "id_number": own, **twin},
        {"name": "赵建国", "id_number": other, **twin},
    )
    yield (
        2,
        "双胞胎号码互换 / a twin under the other's number",
        {"name": "赵建军", "id_number": own, **twin},
        {"name": "赵建国", "id_number": own, **twin, "feed": "W28"},
    )
    yield (3, "15位与18位号码 / old and new form of one number", same, {**same, "id_status": "legacy"})
    yield (
        4,
        "一号两人 / one number, two people",
        {"name": "黄丽", "sex": 1, "birth_date": BORN, "id_number": own, **HOME},
        {"name": "郭桂英", "sex": 2, "birth_date": date(1962, 11, 30), "id_number": own, **AWAY},
    )
    yield (
        5,
        "一人新旧两号 / one person, old and new number",
        {**same, **HOME, "phone": "17806450563", "spouse_name": "高静", "feed": "W07"},
        {**ALIKE, "id_number": other, **HOME, "phone": "17806450563", "spouse_name": "高静"},
    )
    yield (
        6,
        "号码错一位 / one keystroke wrong",
        same,
        {**same, "id_number": own[:16] + "9" + own[17], "id_status": "checksum"},
    )
    yield (
        7,
        "X 的写法 / the X at the end",
        {**same, "id_number": "37100219850607141X"},
        {**same, "id_number": "37100219850607141X"},
    )
    yield (
        8,
        "被电子表格取整 / rounded by a spreadsheet",
        same,
        {**same, "id_number": own[:15] + "000", "id_status": "rounded"},
    )
    yield (
        9,
        "区划代码变更前后 / the county's code changed",
        {**same, "region": "371081"},
        {**same, "region": "371003", "town": "镇3"},
    )
    yield (
        10,
        "先用护照、后用居留证 / passport, then residence permit",
        {"name": "SMITH JOHN", "sex": 1, "birth_date": BORN, "id_type": "passport", "id_number": "E12345678"},
        {
            "name": "SMITH JOHN",
            "sex": 1,
            "birth_date": BORN,
            "id_type": "foreign",
            "id_number": "911124198506071230",
        },
    )
    yield (
        11,
        "新生儿用母亲号码 / newborn under its mother's number",
        wife,
        {"name": "何丽娜之子", "id_number": wife["id_number"], **newborn},
    )
    yield (
        12,
        "未取名的双胞胎 / twins without a name yet",
        {"name": "何丽娜之子", "mother_name": "何丽娜", **newborn},
        {"name": "何丽娜之子", "mother_name": "何丽娜", **newborn},
    )
    yield (
        13,
        "死亡证上填了报告人号码 / the informant's number on a death certificate",
        {"name": "林国庆", "sex": 1, "birth_date": OLD, "id_number": father, **HOME},
        {"name": "林国庆", "sex": 1, "birth_date": OLD, "id_number": son, **HOME, "feed": "W01"},
    )
    yield (
        14,
        "众人共用的电话 / a phone of very many",
        {"name": "李娜", "phone": CROWD_PHONE},
        {"name": "张伟", "phone": CROWD_PHONE},
    )
    yield (
        15,
        "全村一个地址 / a whole village at one address",
        {"name": "李娜", **CROWD_DOOR},
        {"name": "张伟", **CROWD_DOOR},
    )
    yield 16, "同音字 / a homophone", {**same, "name": "罗艳"}, {**same, "name": "罗燕"}
    yield 16, "异体字 / a variant", {**same, "name": "钟华"}, {**same, "name": "锺华"}
    yield 17, "生僻字写作问号 / a rare character as ?", {**same, "name": "高龑"}, {**same, "name": "高?"}
    yield (
        18,
        "间隔号丢失 / the dot lost",
        {**same, "name": "阿依古丽·买买提"},
        {**same, "name": "阿依古丽买买提"},
    )
    yield (
        18,
        "姓名被截断 / the name cut short",
        {**same, "name": "阿依古丽·买买提"},
        {**same, "name": "阿依古丽"},
    )
    yield (
        19,
        "改名 / the name changed",
        {**same, "name": "朱娜"},
        {**same, "name": "朱欣怡", "former_name": "朱娜"},
    )
    yield (
        20,
        "农历生日 / a lunar birth date",
        {"name": "杨桂兰", "sex": 2, "birth_date": date(1987, 2, 10), **HOME},
        {"name": "杨桂兰", "sex": 2, "birth_date": date(1987, 1, 13), **HOME},
    )
    yield (
        21,
        "占位的出生日期 / a birth date that stands for none",
        same,
        {**same, "birth_date": date(1970, 1, 1)},
    )
    yield (
        22,
        "单位改名 / the employer was renamed",
        {**ALIKE, "employer": "威海渔具有限公司", "employer_code": "91371000111"},
        {**ALIKE, "employer": "威海光威股份有限公司", "employer_code": "91371000111"},
    )
    yield (
        23,
        "劳务派遣公司 / a labour-dispatch firm",
        {"name": "李娜", "employer": CROWD_FIRM},
        {"name": "张伟", "employer": CROWD_FIRM},
    )
    yield (
        24,
        "事故当事人只有车牌 / an accident party known by a plate only",
        same,
        {"name": None, "feed": "W21", "region": "371002"},
    )
    yield 25, "死亡次日结算 / settled the day after death", {**same, "feed": "W01"}, {**same, "feed": "J05"}
    yield (
        26,
        "异地火化 / cremated in another city",
        {**same, **HOME, "feed": "W01"},
        {**same, **AWAY, "region": "370811", "feed": "W05"},
    )
    yield (
        27,
        "被误记死亡 / wrongly dead",
        {**same, "phone": "13356310087", "feed": "W07"},
        {
            **ALIKE,
            "id_number": number("370811", date(1951, 11, 30), 141),
            "birth_date": date(1951, 11, 30),
            "feed": "W01",
        },
    )
    yield (
        28,
        "迟报改正了姓名 / a late batch corrects the name",
        {**same, "name": "马志强"},
        {**same, "name": "马志刚"},
    )
    yield 29, "半份快照 / half a snapshot", same, {**same, "phone": "17806450563"}
    yield 30, "同一批送了两次 / the same batch twice", {**same, **HOME}, {**same, **HOME}
    yield (
        31,
        "户主变更、户号重用 / the household number used again",
        {"name": "孙晓东", "sex": 1, "birth_date": OLD, "household_no": "H9", "feed": "W07", **HOME},
        {"name": "孙浩然", "sex": 1, "birth_date": BORN, "household_no": "H9", "feed": "W07", **HOME},
    )
    yield (
        32,
        "功能区代码 / the code of a functional zone",
        {**same, "region": "371002"},
        {**same, "region": "371071"},
    )
    yield (
        33,
        "部门改名后换了编号 / a renamed department gave new numbers",
        {**same, "source_key": "pension_no:77"},
        {**same, "source_key": "pension_no:9177"},
    )
    yield (
        34,
        "2月29日出生 / born on 29 February",
        {**ALIKE, "birth_date": date(1984, 2, 29)},
        {**ALIKE, "birth_date": date(1984, 3, 1)},
    )
    yield (
        35,
        "零点前后死亡 / died around midnight",
        {**same, "feed": "W01"},
        {**same, "feed": "W05", "phone": "17806450563"},
    )
    yield (
        36,
        "跨春节的期限 / a deadline across the holidays",
        {**same, "feed": "W28"},
        {**same, "feed": "W29"},
    )
    yield (
        37,
        "一人两种身份 / a person in two categories",
        {**same, "aid_household_no": "A1", "feed": "W08"},
        {**same, "aid_household_no": "A1", "feed": "W09"},
    )
    yield (
        38,
        "儿子用父亲的养老号 / a son under his father's pension number",
        {
            "name": "胡永忠",
            "sex": 1,
            "birth_date": OLD,
            "id_number": father,
            "source_key": "pension_no:77",
            **HOME,
        },
        {
            "name": "胡军",
            "sex": 1,
            "birth_date": BORN,
            "id_number": son,
            "source_key": "pension_no:77",
            **HOME,
        },
    )
    yield (
        39,
        "列错位，号码在姓名列 / columns shifted: the number as a name",
        same,
        {"name": own, "birth_date": BORN},
    )
    yield 40, "乱码姓名 / a garbled name", same, {**same, "name": "锟斤拷"}


@pytest.fixture(scope="module")
def frozen(records: Any, resident_number: Any) -> Model:
    """The classes of a city, and a crowd that makes one name, phone, firm and door common."""
    settings = person_settings()
    classes = json.loads(Path(__file__).with_name("classes_of_a_city.json").read_text("utf-8"))
    crowd = [
        {
            "name": f"{'王李张刘陈'[n % 5]}{chr(0x5000 + 37 * n)}",
            "phone": CROWD_PHONE,
            "employer": CROWD_FIRM,
            **CROWD_DOOR,
        }
        for n in range(120)
    ]
    crowd += [
        {"name": "王秀英", "id_number": resident_number("371002", date(1930 + n, 5, 5), 102)}
        for n in range(60)
    ]
    nothing = np.zeros(0, np.uint64)
    return Model(
        settings=settings,
        shares=np.array(classes["shares"]),
        levels=tuple(
            np.array([classes["levels"][c.key][level.key] for level in c.levels]).T
            for c in settings.comparisons
        ),
        calibration=Calibration.none(),
        rarity=count_rarity(encode(records(crowd)), settings.values),
        confusions=nothing,
        oversized=tuple(nothing for _ in settings.blocking.rules),
        trained_on={},
    )


@pytest.fixture(scope="module")
def explained(frozen: Model, records: Any, resident_number: Any) -> list[tuple[int, str, Explanation]]:
    return [
        (trap, title, explain_pair(frozen, records([left, right]), 1, 2))
        for trap, title, left, right in traps(resident_number)
    ]


def test_every_trap_is_here(explained: list[tuple[int, str, Explanation]]) -> None:
    assert sorted({trap for trap, _, _ in explained}) == list(range(1, 41))


def test_explanations_add_up(explained: list[tuple[int, str, Explanation]]) -> None:
    for _, title, found in explained:
        assert abs(found.prior + sum(s.match_weight for s in found.steps) - found.match_weight) <= 1e-9, title


def test_nothing_of_statistics_is_in_the_words(explained: list[tuple[int, str, Explanation]]) -> None:
    for _, title, found in explained:
        words = " ".join([found.summary.en, *(step.text.en for step in found.steps)]).lower()
        for term in ("probabilit", "weight", "odds", "bayes", "likelihood", "score", "confidence", "level"):
            assert term not in words, (title, term)


def test_texts_are_those_that_were_read_and_found_good(
    explained: list[tuple[int, str, Explanation]], tmp_path: Path
) -> None:
    parts = ["# Explanations of the forty traps\n"]
    for trap, title, found in explained:
        steps = [f"- {step.text.zh}\n  {step.text.en}" for step in found.strongest_first]
        parts.append(
            f"## {trap} {title}\n\n{found.summary.zh}\n\n{found.summary.en}\n\n" + "\n".join(steps) + "\n"
        )
    now = "\n".join(parts)
    (tmp_path / GOOD.name).write_text(now, "utf-8")
    assert now == GOOD.read_text("utf-8"), (
        f"read {tmp_path / GOOD.name} and, if it is good, put it in its place"
    )
