"""Names of persons 姓名: the comparison form, surname and given name, and how it sounds.

The comparison form keeps what tells people apart (昇 and 升 stay different) and drops what departments add: spaces,
width, one of seven dots, "(大)" and "2" behind namesakes. A character that could not be written (□, *, its pinyin,
"(莹加王旁)") becomes `?`.
"""

import re
import unicodedata
from dataclasses import dataclass

import pyarrow as pa

from resolver.identifiers.columns import Column, as_text, distinct
from resolver.standardize import pinyin
from resolver.standardize.characters import HAN, UNREADABLE, clean, mark_unreadable, repair

DOT = "·"

COMPOUND_SURNAMES = frozenset(
    {
        "欧阳", "歐陽", "太史", "端木", "上官", "司马", "司馬", "东方", "東方", "独孤", "南宫", "南宮", "万俟",
        "闻人", "夏侯", "诸葛", "諸葛", "尉迟", "尉遲", "公羊", "赫连", "澹台", "皇甫", "宗政", "濮阳", "公冶",
        "太叔", "申屠", "公孙", "公孫", "慕容", "仲孙", "钟离", "长孙", "宇文", "司徒", "鲜于", "司空", "闾丘",
        "子车", "亓官", "司寇", "巫马", "公西", "颛孙", "壤驷", "公良", "漆雕", "乐正", "宰父", "谷梁", "拓跋",
        "夹谷", "轩辕", "令狐", "段干", "百里", "呼延", "东郭", "南门", "羊舌", "微生", "梁丘", "左丘", "东门",
        "西门", "南荣", "第五", "单于", "耶律", "完颜", "叶赫", "纳兰", "西陵", "贺兰",
    }
)  # fmt: skip
NOBODY = frozenset(
    {
        "无名氏", "无名", "无", "不详", "不明", "未知", "佚名", "某某", "某", "姓名", "测试", "测试人员",
        "暂无", "空", "未填", "本人", "同上", "NULL", "NONE", "NA", "NAN", "TEST", "UNKNOWN",
    }
)  # fmt: skip
"""Entries that name nobody, in comparison form."""

COLUMN_TYPE = pa.struct(
    [("name", pa.string()), ("surname", pa.string()), ("given", pa.string()), ("pinyin", pa.string())]
)
"""What `parse_column` gives per row."""

_USUAL = re.compile(r"(?!.*斤拷|.*锟斤)[\u4e00-\u9fff]{2,4}")
_WILD = re.compile(r"[□▢■◻☐▯〓○◯*]")
_DESCRIPTION = re.compile(rf"\((?=[^()]*[加旁头底])[{HAN}+]{{2,8}}\)")
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|\{[^{}]*\}|〔[^〔〕]*〕|<[^<>]*>")
_DOTS = re.compile(r"\s*[·•・‧∙⋅●.﹒᛫ꞏ˙][\s·•・‧∙⋅●.﹒᛫ꞏ˙]*")
_NOT_LETTERS = re.compile(rf"[^{HAN}A-Z?·\s]+")
_HAS_HAN = re.compile(rf"[{HAN}]")
_HAN_NAME = re.compile(rf"[{HAN}][{HAN}?]{{1,3}}")
_LATIN_RUN = re.compile(r"[A-Z]{2,}")
_NAMESAKE_LETTER = re.compile(rf"(?<=[{HAN}?])[A-Z]$")
_ID_LIKE = re.compile(r"[0-9]{6}")
_NEWBORN = re.compile(r"之[子女婴](?:[一二双大小长次甲乙丙丁])?$")


@dataclass(frozen=True)
class PersonName:
    """A name as understood.

    Attributes:
        name: Comparison form.
        surname: Of Han names without a dot, of two to four characters; else None.
        given: The rest of such a name.
        pinyin: Toneless syllables by spaces; of Latin names the words in lower case.
    """

    name: str
    surname: str | None
    given: str | None
    pinyin: str


def parse(text: str) -> PersonName | None:
    """Understand a name; None when it names nobody (empty, 无名氏, a number, only unreadable characters)."""
    spelled: dict[int, str] = {}
    name = repair(text)
    while not _USUAL.fullmatch(name) and (form := _comparison_form(name, spelled)) != name:
        name = form  # what one step takes away may bring together what another one joins
    if name in NOBODY or not any(character.isalpha() for character in name):
        return None
    if not _HAS_HAN.search(name):
        return PersonName(name, None, None, name.lower())
    surname, given = _split(name)
    sound = pinyin.to_pinyin(surname or "", name[len(surname or "") :].replace(DOT, ""))
    if spelled:
        parts = sound.split(" ")
        sound = " ".join(spelled.get(place, part) for place, part in enumerate(parts))
    return PersonName(name, surname, given, sound)


def normalize(text: str) -> str | None:
    """The comparison form of a name; None when it names nobody."""
    found = parse(text)
    return found.name if found else None


def readings(text: str) -> tuple[str, ...]:
    """All ways a name may be read, the usual one first: candidate keys for heteronym surnames."""
    found = parse(text)
    if found is None:
        return ()
    if found.surname is None or found.given is None or found.surname not in pinyin.SURNAMES:
        return (found.pinyin,)
    return pinyin.readings(found.surname, found.given)


def is_newborn_placeholder(name: str) -> bool:
    """Whether a comparison form is a newborn's stand-in, such as 王芳之子 or 王芳之女双."""
    return _NEWBORN.search(name) is not None


def parse_column(column: Column) -> pa.StructArray:
    """`parse` over a column of text.

    Returns:
        `COLUMN_TYPE` per row; null, with null children, where there is no name.
    """
    found = distinct(as_text(column))
    parsed = [parse(text) for text in found.values.to_pylist()]
    rows = [(one.name, one.surname, one.given, one.pinyin) if one else (None,) * 4 for one in parsed]
    children = [pa.array([row[i] for row in rows], pa.string()) for i in range(4)]
    return found.spread(pa.StructArray.from_arrays(children, fields=list(COLUMN_TYPE)))


def normalize_column(column: Column) -> pa.Array:
    """`normalize` over a column of text."""
    found = distinct(as_text(column))
    return found.spread(pa.array([normalize(text) for text in found.values.to_pylist()], pa.string()))


def _comparison_form(text: str, spelled: dict[int, str]) -> str:
    """The comparison form, or something without letters; `spelled` gets place -> syllable typed for a character."""
    name = mark_unreadable(clean(text)).upper()
    if _ID_LIKE.search(name):
        return ""
    name = _WILD.sub(UNREADABLE, _DESCRIPTION.sub(UNREADABLE, name))
    while (shorter := _BRACKETS.sub("", name)) != name:
        name = shorter
    name = _DOTS.sub(DOT, _without_marks(name))
    if not _HAS_HAN.search(name):
        return " ".join(_NOT_LETTERS.sub(" ", name).replace(DOT, " ").split())
    name = _close_gaps(_NOT_LETTERS.sub("", name).strip().strip(DOT))
    name = mark_unreadable(_NAMESAKE_LETTER.sub("", name)).strip(DOT)
    return _replace_spelled(name, spelled)


def _without_marks(name: str) -> str:
    """Latin letters without their accents; Han stays as it is."""
    if name.isascii():
        return name
    return "".join(c for c in unicodedata.normalize("NFD", name) if not unicodedata.combining(c))


def _close_gaps(name: str) -> str:
    """Spaces out of a name with Han: padding goes, a space between two long parts was a dot."""
    parts = name.split()
    if len(parts) < 2 or DOT in name:
        return "".join(parts)
    long = all(len(part) >= 2 for part in parts) and len(name) - len(parts) + 1 >= 5
    return (DOT if long and parts[0] not in COMPOUND_SURNAMES else "").join(parts)


def _replace_spelled(name: str, spelled: dict[int, str]) -> str:
    """A syllable among Han characters stands for a character that could not be typed: 张YING -> 张?."""
    pieces: list[str] = []
    start = 0
    for run in _LATIN_RUN.finditer(name):
        if run[0].lower() not in pinyin.syllables():
            continue
        pieces += [name[start : run.start()], UNREADABLE]
        spelled[sum(len(piece.replace(DOT, "")) for piece in pieces) - 1] = run[0].lower()
        start = run.end()
    return "".join([*pieces, name[start:]])


def _split(name: str) -> tuple[str | None, str | None]:
    if not _HAN_NAME.fullmatch(name) or is_newborn_placeholder(name):
        return None, None
    length = 2 if len(name) > 2 and name[:2] in COMPOUND_SURNAMES else 1
    return name[:length], name[length:]
