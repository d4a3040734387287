"""Names of employers and facilities 单位名称: comparison form, and the core that survives rewording.

山东省威海市环翠区海润渔具有限公司, 威海海润渔具有限责任公司 and 海润渔具 have the core 海润渔具.
"""

import re
from dataclasses import dataclass

import pyarrow as pa

from resolver.identifiers.columns import Column, as_text, distinct
from resolver.standardize import regions
from resolver.standardize.characters import HAN, clean, mark_unreadable

NO_EMPLOYER = frozenset(
    {
        "无", "无业", "无单位", "没有", "不详", "未知", "暂无", "空", "个体", "自由职业", "自由职业者",
        "灵活就业", "灵活就业人员", "退休", "退休人员", "离休", "农民", "务农", "居民", "城乡居民", "学生",
        "在校学生", "儿童", "学龄前儿童", "待业", "失业", "下岗", "家务", "个人", "本人", "其他", "其它",
        "NULL", "NONE", "NA", "N/A", "/", "-", "--", "—", "0", "?",
    }
)  # fmt: skip
"""Entries that name no organisation, in comparison form."""

COLUMN_TYPE = pa.struct([("name", pa.string()), ("core", pa.string()), ("region", pa.string())])
"""What `parse_column` gives per row."""

COMPANY_FORMS = (
    "股份合作公司", "有限责任公司", "股份有限公司", "集团有限公司", "有限公司", "股份公司",
    "农民专业合作社联合社", "农民专业合作社", "专业合作社", "合作社", "集团公司", "总公司", "公司",
    "普通合伙", "有限合伙", "合伙企业", "个人独资企业", "个体工商户",
)  # fmt: skip
"""Legal forms, which stand at the end of a name or in brackets."""

# A branch (分公司) is not its company, so that word stays.
_FORM = re.compile("(?<!分)(?:" + "|".join(sorted(COMPANY_FORMS, key=len, reverse=True)) + ")$")
_KEEP = re.compile(rf"[^{HAN}A-Z0-9?()&]+")
_BRACKETS = re.compile(r"\([^()]*\)")
_BRACKET_FORMS = str.maketrans("〔【[{〕】]}", "(((())))")
_LEAST = 2  # characters that a core must have


@dataclass(frozen=True)
class OrganisationName:
    """A name as understood.

    Attributes:
        name: Comparison form: half width, no spaces or punctuation but round brackets, Latin upper case.
        core: The name without region, legal form and brackets; the name itself if nothing would be left.
        region: Six-digit code of today's county in the name, or None.
    """

    name: str
    core: str
    region: str | None


def parse(text: str) -> OrganisationName | None:
    """Understand a name; None when it names no organisation."""
    name = normalize(text)
    if name is None:
        return None
    bare = _BRACKETS.sub("", name)
    core, region = _without_region(bare)
    while len(shorter := _FORM.sub("", core)) >= _LEAST and shorter != core:
        core = shorter
    return OrganisationName(name, core if len(core) >= _LEAST else name, region)


def normalize(text: str) -> str | None:
    """The comparison form of a name; None when it names no organisation."""
    name = mark_unreadable(clean(text)).upper().translate(_BRACKET_FORMS)
    name = _KEEP.sub("", name)
    if name in NO_EMPLOYER or not any(character.isalpha() for character in name):
        return None
    return name


def parse_column(column: Column) -> pa.StructArray:
    """`parse` over a column of text.

    Returns:
        `COLUMN_TYPE` per row; null, with null children, where there is no organisation.
    """
    found = distinct(as_text(column))
    parsed = [parse(text) for text in found.values.to_pylist()]
    rows = [(one.name, one.core, one.region) if one else (None, None, None) for one in parsed]
    children = [pa.array([row[i] for row in rows], pa.string()) for i in range(3)]
    return found.spread(pa.StructArray.from_arrays(children, fields=list(COLUMN_TYPE)))


def normalize_column(column: Column) -> pa.Array:
    """`normalize` over a column of text."""
    found = distinct(as_text(column))
    return found.spread(pa.array([normalize(text) for text in found.values.to_pylist()], pa.string()))


def _without_region(name: str) -> tuple[str, str | None]:
    """The name without province, city and county at its head, and today's county if it is named."""
    found = regions.find(name, short=True)
    rest = name[found.end :]
    own = len(rest) < _LEAST or rest.startswith("立")  # 威海市立医院 is not 立医院 in 威海市
    return (name if own else rest, found.county)
