"""Dates, months and times as departments write them, read column by column.

Every form is a regular expression with named parts; the parts become integers and the calendar is checked in
numpy, so a million distinct times cost no Python call each. Accepted, after NFKC:

    2023-01-02  2023/1/2  2023.1.2  2023年1月2日  20230102   and the same with 03:04, 03:04:05, 3时4分5秒, a zone
    20230102030405  202301020304
    2023-01  2023/1  2023年1月  202301                       as the month's first day
    44928  44928.127                                         Excel serial days (1900 system)

Years have four digits: 23/1/2 is not guessed at.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

_Ints = npt.NDArray[np.int64]
_Bools = npt.NDArray[np.bool_]

_DAY_SECONDS = 86_400
_SHANGHAI = 8 * 3600  # UTC+8, no summer time since 1991
_FIRST_YEAR, _LAST_YEAR = 1800, 9999
_EXCEL_EPOCH = int(np.datetime64("1899-12-30", "D").astype(np.int64))  # serial 61 = 1900-03-01 and later

_TIME = (
    r"(?:[T ]? *(?P<h>\d{1,2})[:时点](?P<mi>\d{1,2})(?:[:分](?P<s>\d{1,2})?(?:\.\d+)?秒?|分)?"
    r" *(?P<zone>Z|[+-]\d{2}:?\d{2})?)?"
)
_FORMS = (
    r"^(?P<y>\d{4})(?:-|/|\.|年) *(?P<m>\d{1,2})(?:-|/|\.|月) *(?P<d>\d{1,2})(?:日|[T ]|$)" + _TIME + "$",
    r"^(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})" + _TIME + "$",
    r"^(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2}) ?(?P<h>\d{2})(?P<mi>\d{2})(?P<s>\d{2})?$",
    r"^(?P<y>\d{4})(?:-|/|\.|年) *(?P<m>\d{1,2})月?份?$",
    r"^(?P<y>\d{4})(?P<m>\d{2})$",
)
# Four digits up to 2100 are a year, not a day of 1905; six digits are a month.
_SERIAL = r"^(?P<serial>2[1-9]\d\d|[3-9]\d{3}|\d{5})(?P<part>\.\d+)?$"
_LAST_SERIAL = 73_050  # 2099-12-31


@dataclass(frozen=True)
class Moments:
    """Seconds since 1970-01-01 of the wall clock in Shanghai, and which of them could be read."""

    seconds: _Ints
    read: _Bools


def read_moments(texts: pa.Array) -> Moments:
    """Read texts as moments.

    Args:
        texts: string array without nulls, NFKC, trimmed.

    Returns:
        Moments of the same length; a date is its midnight, a month its first day.
    """
    seconds = np.zeros(len(texts), dtype=np.int64)
    read = np.zeros(len(texts), dtype=bool)
    for form in _FORMS:
        rest = np.flatnonzero(~read)
        if not len(rest):
            break
        parts = pc.extract_regex(texts.take(pa.array(rest)), form)
        hits = np.flatnonzero(parts.is_valid().to_numpy(zero_copy_only=False))
        if len(hits):
            moments, good = _calendar(parts.take(pa.array(hits)))
            seconds[rest[hits]], read[rest[hits]] = moments, good
    rest = np.flatnonzero(~read)
    if len(rest):
        moments, good = _serials(texts.take(pa.array(rest)))
        seconds[rest], read[rest] = moments, good
    return Moments(np.where(read, seconds, 0), read)


def _calendar(parts: pa.StructArray) -> tuple[_Ints, _Bools]:
    """Seconds from the named parts, and whether the calendar and the clock have such a moment."""
    names = {field.name for field in parts.type}
    year, month = _number(parts, names, "y", 1), _number(parts, names, "m", 1)
    day = _number(parts, names, "d", 1)
    hour, minute, second = (_number(parts, names, name, 0) for name in ("h", "mi", "s"))
    months = (year - 1970) * 12 + month - 1
    first = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    next_first = (months + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    good = (year >= _FIRST_YEAR) & (year <= _LAST_YEAR) & (month >= 1) & (month <= 12)
    good &= (day >= 1) & (day <= next_first - first) & (minute < 60) & (second < 60)
    good &= (hour < 24) | ((hour == 24) & (minute == 0) & (second == 0))
    clock = hour * 3600 + minute * 60 + second
    return (first + day - 1) * _DAY_SECONDS + clock + _zone_shift(parts, names), good


def _number(parts: pa.StructArray, names: set[str], name: str, default: int) -> _Ints:
    if name not in names:
        return np.full(len(parts), default, dtype=np.int64)
    texts = pc.struct_field(parts, name)
    texts = pc.if_else(pc.equal(pc.binary_length(texts), 0), str(default), texts)
    return np.asarray(pc.cast(texts, pa.int64()).to_numpy(zero_copy_only=False), dtype=np.int64)


def _zone_shift(parts: pa.StructArray, names: set[str]) -> _Ints:
    shift = np.zeros(len(parts), dtype=np.int64)
    if "zone" not in names:
        return shift
    coded = pc.struct_field(parts, "zone").dictionary_encode()
    shifts = np.array([_shift_of(zone) for zone in coded.dictionary.to_pylist()], dtype=np.int64)
    return np.asarray(shift + shifts[coded.indices.to_numpy()], dtype=np.int64)


def _shift_of(zone: str) -> int:
    """Seconds to add to the clock of a zone (empty = Shanghai) to have Shanghai's."""
    if not zone:
        return 0
    if zone == "Z":
        return _SHANGHAI
    digits = zone[1:].replace(":", "")
    offset = int(digits[:2]) * 3600 + int(digits[2:]) * 60
    return _SHANGHAI - (offset if zone[0] == "+" else -offset)


def _serials(texts: pa.Array) -> tuple[_Ints, _Bools]:
    parts = pc.extract_regex(texts, _SERIAL)
    good = parts.is_valid().to_numpy(zero_copy_only=False)
    serial = pc.fill_null(pc.cast(pc.struct_field(parts, "serial"), pa.int64()), 0).to_numpy()
    part = pc.struct_field(parts, "part")
    part = pc.if_else(pc.equal(pc.binary_length(part), 0), "0", part)
    fraction = pc.fill_null(pc.cast(part, pa.float64()), 0.0).to_numpy()
    clock = np.rint(fraction * _DAY_SECONDS).astype(np.int64)
    return (serial + _EXCEL_EPOCH) * _DAY_SECONDS + clock, good & (serial <= _LAST_SERIAL)
