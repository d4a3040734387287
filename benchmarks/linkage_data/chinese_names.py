"""Chinese names as people bear them, and as clerks get them wrong.

A name is a row of four code points (surname 1–2, given name 1–2; 0 for none), so that a million of them are one matrix.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray
from pypinyin import lazy_pinyin

Points = NDArray[np.uint32]

# Surnames with their shares in per mille of the population (as published for the largest; the tail falls as 1/rank).
_SURNAMES = (
    "王72 李70 张67 刘54 陈45 杨31 黄22 赵22 吴20 周20 徐17 孙15 马13 朱12 胡12 郭11 何11 林11 高10 罗10 "
    "郑9 梁8 谢7 宋7 唐7 "
    "许6 韩6 邓6 冯6 曹5 彭5 曾5 肖5 田4 董4 潘4 袁4 蔡4 蒋4 余4 于4 杜4 叶4 程4 魏4 苏4 吕4 丁4 任4 卢4 "
    "姚4 沈3 钟3 姜3 崔3 谭3 "
    "陆3 范3 汪3 廖3 石3 金3 韦3 贾3 夏3 付3 方3 邹3 熊3 白3 孟3 秦3 邱2 侯2 江2 尹2 薛2 闫2 段2 雷2 龙2 "
    "黎2 史2 陶2 贺2 毛2 郝2 "
    "顾2 龚2 邵2 万2 覃2 武2 钱2 戴2 严2 莫2 孔2 向2 常2"
)
_RARE_SURNAMES = (
    ""
    "汤康易乔赖文殷施洪季庄章鲁葛柴耿关焦左柳甘祝包宁尚符舒阮纪梅童凌毕单裴霍涂成苗曲盛冉翁蓝路游辛管柯房欧丘古邢齐骆"
    "卜全冀景温申牟项解岳商边卓车褚连宫安翟滕明米代瞿喻艾鲍卞苑隋党慕衡寇芦楚丛麻揭仇鞠初栾迟宿邴蔺亓逄"
)
_COMPOUND_SURNAMES = ("欧阳", "上官", "司马", "诸葛", "司徒", "令狐", "皇甫", "尉迟", "公孙", "夏侯")

# Characters of given names by the time and sex they were given to, the frequent ones first.
_GIVEN = {
    (
        "old",
        1,
    ): "国建文德明志永福玉春生金贵成海新林学荣树洪庆忠义广长富祥兴宝清云山龙平军民东胜全俊正喜万光来振立",
    ("old", 2): "秀桂玉兰英芳凤珍花梅淑莲香春霞琴云红素爱翠月美荣华金清彩巧连菊敏喜仙竹娥青",
    (
        "mid",
        1,
    ): "伟勇军强磊涛超明刚平辉鹏杰斌波海洋峰浩亮飞健俊志建国文华东林龙宁晓永春卫新宏中立庆利鑫毅振凯",
    ("mid", 2): "丽娟艳敏静芳霞燕红玲娜萍英梅华秀慧颖琳晓洁莉婷雪海春晶丹青欣蕾倩云凤桂",
    ("new", 1): "子宇浩轩梓博文俊泽睿嘉皓辰铭煜晨佳昊宸天一家志明鑫鹏杰凯瑞翔奕航逸哲林伟思",
    ("new", 2): "梓涵欣怡雨子萱诗佳雅思嘉语妍可悦琪彤馨若梦瑶静婷雪晨琳依婉紫心妙甜",
}
_OTHER_GIVEN = (
    ""
    "安邦宾炳昌朝崇传聪达丹道恩发方丰芬福赋岗根恒厚焕惠吉纪继佳坚江娇锦京景君钧康可坤兰乐黎礼良琼灵柳鲁茂勉妮年培琦启千乾"
    ""
    "巧勤群仁如瑞森尚韶升诗石士世守舒水顺松泰堂腾田廷同维伍希熙贤显祥向心星修旭轩雅延彦阳尧烨业依益逸银印应影映瑜宇雨"
    "毓元园苑媛远悦韵泽展章哲贞真铮知芝智仲竹卓宗祖"
)
_SINGLE_SHARE = {"old": 0.08, "mid": 0.24, "new": 0.10}

# Characters that look alike, as hand-written forms are misread.
_ALIKE = (
    "未末朱 己已巳 日曰白 土士 王玉主 天夫无 大太犬 干千于 人入八 刀力刁 午牛 田由甲申 冉再 治冶 清请情晴 "
    "洋样 辉晖挥 俊峻骏浚 "
    "浩皓洁 涛焘 伟纬玮苇 静净 亮高 明朋 宏弘 建健 萍苹 兰蓝 凤风 梅海悔 杨扬 怡恰 博搏傅 泽译择 睿容 "
    "宇字守 轩斩 涵函 梓锌 "
    "欣欧 雪雷 妍研 瑶谣 佳住桂 住往 思恩 志忘 国园固 德得 永水泳 福富幅 春舂 金全 贵责 林材村 荣荧 树村 "
    "洪供 庆床 忠患 义仪 广厂 "
    "长张 祥详 兴光 宝玉 云去 山出 龙尤 平半 军车 民氏 东车乐 胜腾 正止 喜嘉 万方 来米 振震 立位 秀季 "
    "英央 芳劳 珍诊 花化 淑椒 莲连 "
    "香查 霞露 琴琵 红江 素索 爱受 翠粹 月目 美姜 彩采 巧功 菊匊 敏繁 仙他 竹什 娥俄 青责 勇男 强弦 磊蕊 "
    "超赵 刚钢 鹏朋 杰木 斌武 波坡 "
    "峰锋蜂 飞气 晓晚 宁宇 卫已 新亲 中申 利刊 毅殿 凯剀 丽俪 娟捐 艳绝 燕蒸 玲铃 娜那 慧惠 颖颍 琳淋 "
    "莉利 婷停 晶品 丹舟 倩情 "
    "煜熠 晨辰 昊吴 铭铬 嘉喜 奕弈 航杭 哲晢 雨两 萱宣 诗待 雅稚 语悟 悦说 琪棋 彤丹 若苦 梦楚 李季 刘刈 "
    "陈阵 黄寅 周同 徐除 孙逊 马与 "
    "胡湖 郭敦 何问 罗萝 郑邓 宋末 许汗 冯马 曹曾 彭膨 肖尚 田由 董重 潘播 蔡察 余佘 叶汁 程呈 魏巍 吕侣 "
    "任仕 卢庐"
)


class Groups:
    """Characters that stand for each other: homophones, or shapes alike."""

    def __init__(self, groups: list[str]) -> None:
        members = np.array([ord(c) for group in groups for c in group], np.uint32)
        sizes = np.array([len(g) for g in groups])
        begins = np.repeat(np.cumsum(sizes) - sizes, sizes)
        self._members = members
        self._begin, self._rank, self._size = (np.zeros(0x10000, np.int64) for _ in range(3))
        self._begin[members], self._size[members] = begins, np.repeat(sizes, sizes)
        self._rank[members] = np.arange(len(members)) - begins

    def other(self, chars: Points, rng: np.random.Generator) -> Points:
        """Another member of each character's (last) group; the character itself where it has none."""
        size = self._size[chars]
        step = 1 + (rng.random(len(chars)) * np.maximum(size - 1, 0)).astype(np.int64)
        place = self._begin[chars] + (self._rank[chars] + step) % np.maximum(size, 1)
        return np.where(size > 1, self._members[np.minimum(place, len(self._members) - 1)], chars)


@cache
def common_characters() -> str:
    """The 3,755 characters of GB 2312's first level."""
    codes = (bytes([row, cell]) for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF))
    return "".join(c for code in codes if (c := code.decode("gb2312", "ignore")))


@cache
def syllables() -> tuple[list[str], NDArray[np.int32]]:
    """The syllables without tone, and of each code point below 65,536 the place of its syllable (-1: not "
    "known)."""
    known = sorted(set(common_characters() + name_characters() + _ALIKE.replace(" ", "")))
    found = [lazy_pinyin(c)[0] for c in known]
    names = sorted(set(found))
    place = {name: number for number, name in enumerate(names)}
    table = np.full(0x10000, -1, np.int32)
    table[[ord(c) for c in known]] = [place[s] for s in found]
    return names, table


@cache
def homophones() -> Groups:
    """Characters of one syllable; where several of them are used in names, only those."""
    names, table = syllables()
    groups: list[list[str]] = [[] for _ in names]
    for char in sorted(set(common_characters() + name_characters())):
        groups[table[ord(char)]].append(char)
    used = set(name_characters())
    return Groups(["".join(known if len(known := [c for c in g if c in used]) > 1 else g) for g in groups])


@cache
def alike() -> Groups:
    """Characters of like shape."""
    return Groups(_ALIKE.split())


@cache
def name_characters() -> str:
    """Every character our names are made of."""
    return "".join(sorted({c for text in (*_GIVEN.values(), _OTHER_GIVEN, *_surnames()[0]) for c in text}))


@cache
def _surnames() -> tuple[list[str], NDArray[np.float64]]:
    common = [(entry[0], float(entry[1:])) for entry in _SURNAMES.split()]
    rare = [(name, 60.0 / (60 + rank)) for rank, name in enumerate([*_RARE_SURNAMES, *_COMPOUND_SURNAMES])]
    names, weights = zip(*(common + rare), strict=True)
    return list(names), np.array(weights) / sum(weights)


def draw_surnames(count: int, rng: np.random.Generator) -> Points:
    """Surnames by their real shares: uint32 (count, 2)."""
    names, shares = _surnames()
    table = np.array([[ord(n[0]), ord(n[1]) if len(n) > 1 else 0] for n in names], np.uint32)
    return table[rng.choice(len(names), count, p=shares)]


def draw_given(birth_year: NDArray[np.int64], sex: NDArray[np.int8], rng: np.random.Generator) -> Points:
    """Given names of persons born so, one or two characters by the fashion of the time: uint32 (n, 2)."""
    out = np.zeros((len(sex), 2), np.uint32)
    era = np.digitize(birth_year, (1966, 1990))
    for number, when in enumerate(("old", "mid", "new")):
        for kind in (1, 2):
            rows = np.flatnonzero((era == number) & (sex == kind))
            out[rows] = _fashion(when, kind, len(rows), rng)
    return out


def _fashion(when: str, sex: int, count: int, rng: np.random.Generator) -> Points:
    favourites = _GIVEN[when, sex]
    chars = favourites + "".join(c for c in _OTHER_GIVEN if c not in favourites)
    table = np.array([ord(c) for c in chars], np.uint32)
    falling = 1.0 / (np.arange(len(chars)) + 6.0) ** 0.9
    order = np.arange(len(chars))
    order[: len(favourites)] = np.random.default_rng(sex).permutation(
        len(favourites)
    )  # second characters have their own
    given = np.column_stack(
        [table[rng.choice(len(chars), count, p=w / w.sum())] for w in (falling, falling[order])]
    )
    given[rng.random(count) < _SINGLE_SHARE[when], 1] = 0
    return given


def misspell(names: Points, rng: np.random.Generator) -> Points:
    """Every name with one error: a homophone, a look-alike, a character lost, gained or wrong, or the order turned.

    Args:
        names: uint32 (n, 4): surname, given name.
        rng: Source of randomness.

    Returns:
        Names of the same shape.
    """
    out = names.copy()
    kind = rng.choice(6, len(out), p=(0.36, 0.26, 0.10, 0.05, 0.13, 0.10))
    place = rng.choice((0, 2, 3), len(out), p=(0.18, 0.41, 0.41))
    place = np.where((place == 3) & (out[:, 3] == 0), 2, place)
    rows = np.arange(len(out))
    hit = out[rows, place]
    others = np.array([ord(c) for c in name_characters()], np.uint32)
    anyone = others[rng.integers(0, len(others), len(out))]
    written = np.select(
        (kind == 0, kind == 1, kind == 4),
        (homophones().other(hit, rng), alike().other(hit, rng), anyone),
        hit,
    )
    out[rows, place] = written
    lost = (kind == 2) & (out[:, 3] > 0)
    out[lost, 2] = np.where(rng.random(lost.sum()) < 0.5, out[lost, 3], out[lost, 2])
    out[lost, 3] = 0
    gained = (kind == 3) & (out[:, 3] == 0)
    out[gained, 3] = anyone[gained]
    turned = kind == 5
    out[turned] = _turned(out[turned])
    same = (out == names).all(axis=1)
    out[same, 2] = anyone[same]
    return out


def _turned(names: Points) -> Points:
    """Given characters in the wrong order, or given name before surname where there is one character only."""
    two = (names[:, 3] > 0)[:, None]
    return np.where(two, names[:, [0, 1, 3, 2]], names[:, [2, 1, 0, 3]])
