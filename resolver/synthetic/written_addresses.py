"""Addresses and organisation names as departments write them: the same place or firm in many wordings."""

import re
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from resolver.synthetic.draws import Bools, Ints, Keys, pick, uniform
from resolver.synthetic.identity_errors import BIT, replace

PROVINCE = "山东省"
# What people still call the counties of today.
OLD_COUNTIES = {
    "文登区": "文登市", "荣成市": "荣成县", "乳山市": "乳山县", "环翠区": "环翠", "任城区": "市中区",
    "兖州区": "兖州市", "曲阜市": "曲阜县", "邹城市": "邹县",
}  # fmt: skip
_NUMERALS = "〇一二三四五六七八九"


@dataclass(frozen=True)
class AddressParts:
    """The parts of some addresses, parallel arrays of text; `door` may be empty, `former` (the last address) null."""

    city: pa.Array
    county: pa.Array
    town: pa.Array
    village: pa.Array
    door: pa.Array
    former: pa.Array


def write_addresses(
    places: AddressParts, keys: Keys, moved: Bools, otherwise: float, style: str
) -> tuple[pa.Array, Ints]:
    """Addresses in a department's own style, a share of them in other words.

    Args:
        places: Parts of the true addresses.
        keys: Keys of the stored identities.
        moved: Where the department still has the address before the last move.
        otherwise: Share written otherwise: parts left out, 村委会, Chinese numerals, #, spaces, old county names.
        style: `province` writes from the province down, `city` from the city, `county` from the county.
    """
    errors = np.zeros(len(keys), dtype=np.int64)
    errors[moved] = BIT["address:moved"]
    gone = pa.array(moved)
    empty = pa.scalar("", pa.string())
    town = pc.if_else(gone, empty, places.town)
    village = pc.if_else(gone, empty, places.village)
    door = pc.if_else(gone, places.former, places.door)
    head = {"province": [PROVINCE, places.city], "city": [places.city], "county": []}[style]
    plain = _join(*head, places.county, town, village, door)
    where = np.flatnonzero(
        (uniform(keys, "address") < otherwise) & plain.is_valid().to_numpy(zero_copy_only=False)
    )
    kind = pick(keys[where], "address kind", 7)
    for k in range(7):
        chosen = where[kind == k]
        rows = pa.array(chosen)
        parts = AddressParts(
            *(part.take(rows) for part in (places.city, places.county, town, village, door, places.former))
        )
        texts = _reworded(parts, k, style)
        changed = pc.not_equal(texts, plain.take(rows)).to_numpy(zero_copy_only=False)
        errors[chosen[changed]] |= BIT["address:otherwise"]
        plain = replace(plain, chosen, texts)
    return plain, errors


def _reworded(p: AddressParts, kind: int, style: str) -> pa.Array:
    """The addresses in one of seven other wordings; where that changes nothing, from the town down."""
    short = _join(p.county, p.town, p.village, p.door)
    if kind == 0:
        return _join(PROVINCE, p.city, p.county, p.town, p.village, p.door) if style != "province" else short
    if kind == 1:
        return _join(p.town, p.village, p.door)
    if kind == 2:
        return _join(p.city, p.county, p.town, pc.replace_substring_regex(p.village, "村$", "村委会"), p.door)
    if kind == 3:
        doors = [None if text is None else chinese_numerals(text) for text in p.door.to_pylist()]
        return _join(p.city, p.county, p.town, p.village, pa.array(doors, pa.string()))
    if kind == 4:
        return _join(p.city, p.county, p.town, p.village, pc.replace_substring(p.door, "号", "#"))
    if kind == 5:
        return pc.binary_join_element_wise(p.city, p.county, p.town, p.village, p.door, " ")
    return _join(p.city, _old_counties(p.county), p.town, p.village, p.door)


def chinese_numerals(text: str) -> str:
    """Numbers below a hundred in Chinese (12号 is 十二号), longer ones digit by digit."""
    return re.sub(r"\d+", lambda found: _numeral(found.group()), text)


def _numeral(digits: str) -> str:
    value = int(digits)
    if value >= 100 or value == 0:
        return "".join(_NUMERALS[int(d)] for d in digits)
    tens, ones = divmod(value, 10)
    head = "" if tens == 0 else "十" if tens == 1 else _NUMERALS[tens] + "十"
    return head + (_NUMERALS[ones] if ones else "")


def _old_counties(counties: pa.Array) -> pa.Array:
    names = counties.dictionary_encode()
    old = pa.array([OLD_COUNTIES.get(name, name) for name in names.dictionary.to_pylist()], pa.string())
    return old.take(names.indices)


def _join(*parts: pa.Array | str) -> pa.Array:
    return pc.binary_join_element_wise(*parts, "")


N_WORDINGS = 5


def wordings(name: str) -> list[str]:
    """Five wordings of an organisation's name, the first its own; those that do not apply repeat it."""
    legal = (
        name.replace("有限责任公司", "有限公司")
        if "有限责任公司" in name
        else name.replace("有限公司", "有限责任公司")
    )
    brackets = (
        name.translate(str.maketrans("（）", "()"))
        if "（" in name
        else name.translate(str.maketrans("()", "（）"))
    )
    local = re.sub(r"^(山东省?|威海市?|济宁市?|[\u4e00-\u9fff]{2}[市县区])+", "", name)
    core = re.sub(r"(有限责任公司|股份有限公司|有限公司|专业合作社)$", "", name)
    return [name, legal, brackets, local if len(local) >= 4 else name, core if len(core) >= 4 else name]


def write_organisation_names(
    table: list[pa.Array], organisation: Ints, keys: Keys, otherwise: float
) -> tuple[pa.Array, Ints]:
    """Names of organisations, a share of them in another wording.

    Args:
        table: The wordings of all organisations: `N_WORDINGS` arrays by organisation number.
        organisation: Organisation numbers; -1 is written as nothing.
        keys: Keys of the stored identities.
        otherwise: Share written otherwise.
    """
    n = len(table[0])
    changed = (uniform(keys, "organisation name") < otherwise) & (organisation >= 0)
    kind = np.where(changed, 1 + pick(keys, "organisation wording", N_WORDINGS - 1), 0)
    rows = pa.array(kind * n + organisation, mask=organisation < 0)
    written = pa.concat_arrays(table).take(rows)
    plain = table[0].take(pa.array(organisation, mask=organisation < 0))
    differs = pc.fill_null(pc.not_equal(written, plain), False).to_numpy(zero_copy_only=False)
    return written, np.where(differs, BIT["employer:otherwise"], np.int64(0))
