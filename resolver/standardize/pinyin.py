"""How a Chinese name sounds: toneless syllables, the surname by its own reading.

A general dictionary reads surnames wrongly (单 dan, 曾 ceng, 查 cha); the table below has the surname's reading
first and the others behind it, for those who typed what they heard or what the dictionary gave them.
"""

from functools import cache
from itertools import product

import pypinyin
from pypinyin.contrib.tone_convert import to_normal

from resolver.standardize.characters import UNREADABLE

SURNAMES: dict[str, tuple[str, ...]] = {
    "单": ("shan", "dan"), "單": ("shan", "dan"), "仇": ("qiu", "chou"), "解": ("xie", "jie"),
    "曾": ("zeng", "ceng"), "查": ("zha", "cha"), "区": ("ou", "qu"), "區": ("ou", "qu"), "盖": ("ge", "gai"),
    "蓋": ("ge", "gai"), "翟": ("zhai", "di"), "缪": ("miao", "mou", "miu"), "繆": ("miao", "mou", "miu"),
    "朴": ("piao", "pu"), "员": ("yun", "yuan"), "員": ("yun", "yuan"), "乐": ("yue", "le"),
    "樂": ("yue", "le"), "覃": ("qin", "tan"), "尉": ("wei", "yu"), "黑": ("he", "hei"), "折": ("she", "zhe"),
    "秘": ("bi", "mi"), "繁": ("po", "fan"), "召": ("shao", "zhao"), "柏": ("bai", "bo"), "薄": ("bo", "bao"),
    "卜": ("bu", "bo"), "种": ("chong", "zhong"), "重": ("chong", "zhong"), "褚": ("chu", "zhu"),
    "宓": ("mi", "fu"), "郇": ("xun", "huan"), "郗": ("xi", "chi"), "隗": ("wei", "kui"),
    "谌": ("chen", "shen"), "諶": ("chen", "shen"), "牟": ("mu", "mou"), "乜": ("nie", "mie"),
    "佴": ("nai", "er"), "祭": ("zhai", "ji"), "贾": ("jia", "gu"), "賈": ("jia", "gu"),
    "沈": ("shen", "chen"), "宿": ("su", "xiu"), "眭": ("sui", "gui"), "洗": ("xian", "xi"),
    "冼": ("xian", "xi"), "阚": ("kan", "han"), "闞": ("kan", "han"), "那": ("na", "nuo"),
    "能": ("nai", "neng"), "句": ("gou", "ju"), "角": ("jue", "jiao"), "降": ("jiang", "xiang"),
    "车": ("che", "ju"), "車": ("che", "ju"), "长": ("chang", "zhang"), "朝": ("chao", "zhao"),
    "盛": ("sheng", "cheng"), "殷": ("yin", "yan"), "藏": ("zang", "cang"), "撒": ("sa", "sai"),
    "适": ("kuo", "shi"), "行": ("xing", "hang"), "冯": ("feng", "ping"), "馮": ("feng", "ping"),
    "阿": ("a", "e"), "俞": ("yu", "shu"), "陆": ("lu", "liu"), "陸": ("lu", "liu"), "六": ("lu", "liu"),
    "颉": ("xie", "jie"), "炅": ("gui", "jiong"), "瞿": ("qu", "ju"), "莘": ("shen", "xin"),
    "隽": ("juan", "jun"), "谷": ("gu", "yu"), "都": ("du", "dou"), "粘": ("nian", "zhan"),
    "强": ("qiang", "jiang"), "汤": ("tang", "shang"), "湯": ("tang", "shang"), "万": ("wan", "mo"),
    "相": ("xiang",), "会": ("gui", "hui"), "省": ("xing", "sheng"), "调": ("diao", "tiao"),
    "祢": ("mi", "ni"), "术": ("zhu", "shu"), "奇": ("qi", "ji"), "吕": ("lv", "lu"), "呂": ("lv", "lu"),
    "於": ("yu", "wu"), "厘": ("li", "xi"), "石": ("shi", "dan"), "任": ("ren",), "华": ("hua",),
    "宁": ("ning",), "应": ("ying",), "燕": ("yan",), "纪": ("ji",), "葛": ("ge",), "哈": ("ha",),
    "干": ("gan",), "曲": ("qu",), "尉迟": ("yu chi", "wei chi"), "万俟": ("mo qi", "wan si"),
    "单于": ("chan yu", "shan yu", "dan yu"), "长孙": ("zhang sun", "chang sun"),
    "澹台": ("tan tai", "dan tai"), "令狐": ("ling hu",), "宰父": ("zai fu",),
    "乐正": ("yue zheng", "le zheng"), "谷梁": ("gu liang",), "夏侯": ("xia hou",), "鲜于": ("xian yu",),
    "尉遲": ("yu chi", "wei chi"), "呼延": ("hu yan",), "钟离": ("zhong li",),
}  # fmt: skip
"""Surname -> its readings, the surname's own first."""

_IN_GIVEN_NAMES = {
    "晟": "sheng",
    "朴": "pu",
    "柏": "bai",
    "盛": "sheng",
    "翟": "di",
    "薄": "bo",
    "曾": "zeng",
}


@cache
def _syllable(character: str) -> str:
    if character in _IN_GIVEN_NAMES:
        return _IN_GIVEN_NAMES[character]
    return str(pypinyin.lazy_pinyin(character, errors="ignore")[0]) if _is_known(character) else UNREADABLE


def _is_known(character: str) -> bool:
    return ord(character) in pypinyin.constants.PINYIN_DICT


@cache
def syllables() -> frozenset[str]:
    """All toneless syllables, ü as v; single letters left out."""
    entries = pypinyin.constants.PINYIN_DICT.values()
    marked = {reading for entry in entries for reading in entry.split(",")}
    return frozenset(s for s in (str(to_normal(reading)) for reading in marked) if len(s) > 1)


def surname_readings(surname: str) -> tuple[str, ...]:
    """The readings of a surname, its own first, then what a dictionary would give."""
    return SURNAMES.get(surname) or (" ".join(map(_syllable, surname)),)


def to_pinyin(surname: str, given: str) -> str:
    """Syllables by spaces; an unreadable or unknown character is `?`.

    Args:
        surname: Read by the surname's own reading; may be empty.
        given: Read by the dictionary.
    """
    head = surname_readings(surname)[:1] if surname else ()
    return " ".join([*head, *map(_syllable, given)])


def readings(surname: str, given: str) -> tuple[str, ...]:
    """All readings of a name, the usual one first: one per reading of the surname."""
    tail = " ".join(map(_syllable, given))
    heads = surname_readings(surname) if surname else ("",)
    return tuple(" ".join(filter(None, pair)) for pair in product(heads, (tail,)))
