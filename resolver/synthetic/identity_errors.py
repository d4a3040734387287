"""The error model: how often and in what way a department writes an identity wrongly.

Rates are those of one stored identity (a person as a register knows them), not of a row: a register repeats its error
on every row. Each function takes true values and the keys of the stored identities and returns what is written with
a bit mask of the errors put in (`ERRORS`).
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date, timedelta
from functools import cache
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from lunar_python import Solar

from resolver.synthetic import confusions
from resolver.synthetic.draws import Bools, Ints, Keys, pick, uniform

Profile = Literal["typical", "hard"]

ERRORS = (
    "name:homophone", "name:look_alike", "name:swapped", "name:added", "name:lost", "name:former", "name:space",
    "birth_date:digit", "birth_date:swapped", "birth_date:year", "birth_date:decade", "birth_date:missing",
    "birth_date:lunar", "id_number:missing", "id_number:mistyped", "id_number:legacy", "id_number:family",
    "id_number:full_width", "id_number:lower_case", "id_number:space", "phone:missing", "phone:second",
    "address:otherwise", "address:moved", "employer:otherwise", "credit_code:missing", "credit_code:mistyped",
    "name:planted", "id_number:planted", "birth_date:planted", "other:planted",
)  # fmt: skip
BIT = {name: np.int64(1) << np.int64(i) for i, name in enumerate(ERRORS)}

EPOCH = date(1970, 1, 1)
_CHECK = "10X98765432"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True)
class Rates:
    """Shares of stored identities with an error, 0 … 1. The defaults are those of a typical department."""

    name: float = 0.03
    birth_wrong: float = 0.02
    birth_missing: float = 0.01
    birth_lunar: float = 0.01
    number_missing: float = 0.08
    number_mistyped: float = 0.03
    number_legacy: float = 0.02
    number_family: float = 0.002
    phone_missing: float = 0.20
    phone_second: float = 0.15
    address_otherwise: float = 0.30
    address_moved: float = 0.04
    employer_otherwise: float = 0.20
    code_missing: float = 0.05
    code_mistyped: float = 0.01


HARD = 2.5  # the hard profile makes this many times the errors …
HARD_NUMBER_MISSING = 0.25  # … and lacks this share of the numbers
_CEILING = 0.8  # no share of errors is raised above it


def rates(profile: Profile, factor: float) -> Rates:
    """Rates of one department.

    Args:
        profile: `typical`, or `hard` with about two and a half times the errors.
        factor: How careless the department is; the factors of all but the household register have mean 1.
    """
    base = Rates()
    found = {f.name: getattr(base, f.name) for f in fields(base)}
    if profile == "hard":
        found = {name: rate * HARD for name, rate in found.items()} | {"number_missing": HARD_NUMBER_MISSING}
    return Rates(**{name: min(rate * factor, _CEILING) for name, rate in found.items()})


def replace(values: pa.Array, where: npt.NDArray[np.intp], new: pa.Array | list[str | None]) -> pa.Array:
    """`values` with those at the ascending positions `where` exchanged for `new`."""
    if len(where) == 0:
        return values
    mask = np.zeros(len(values), dtype=np.bool_)
    mask[where] = True
    texts = new if isinstance(new, pa.Array) else pa.array(new, values.type)
    return pc.replace_with_mask(values, pa.array(mask), texts)


def write_names(names: pa.Array, keys: Keys, rate: float) -> tuple[pa.Array, Ints]:
    """Names with homophones, look-alikes, swapped, added and lost characters.

    A name that its kind of error cannot change (no homophone known) gets the next kind; one that none can change
    (a single Latin word) stays right.
    """
    errors = np.zeros(len(names), dtype=np.int64)
    where = np.flatnonzero((uniform(keys, "name") < rate) & _present(names))
    kind = np.searchsorted([0.40, 0.65, 0.75, 0.85], uniform(keys[where], "name kind"), side="right")
    spin = pick(keys[where], "name spin", 1 << 30)
    written: list[str | None] = []
    for i, name, k, r in zip(
        where, names.take(pa.array(where)).to_pylist(), kind.tolist(), spin.tolist(), strict=True
    ):
        text, error = misspell(name, k, r)
        written.append(text)
        if error:
            errors[i] = BIT[error]
    return replace(names, where, written), errors


def misspell(name: str, kind: int, spin: int) -> tuple[str, str]:
    """One misspelling of a name and what it is called; the name itself and an empty text if none is possible.

    Args:
        name: The true name.
        kind: 0 homophone, 1 look-alike, 2 swapped, 3 added, 4 lost: the first to be tried.
        spin: Chooses among several possibilities.
    """
    for step in range(len(_MISSPELLINGS)):
        label, change = _MISSPELLINGS[(kind + step) % len(_MISSPELLINGS)]
        text = change(name, spin)
        if text != name:
            return text, label
    return name, ""


def _confuse(name: str, spin: int, table: dict[str, str]) -> str:
    able = [i for i, char in enumerate(name) if table.get(char)]
    given = [i for i in able if i > 0] or able  # a clerk knows the surnames
    if not given:
        return name
    i = given[spin % len(given)]
    others = table[name[i]]
    return name[:i] + others[(spin // 7) % len(others)] + name[i + 1 :]


def _swap(name: str, _spin: int) -> str:
    if "·" in name or " " in name:
        mark = "·" if "·" in name else " "
        return mark.join(reversed(name.split(mark)))
    return name[:-2] + name[-1] + name[-2] if len(name) in (3, 4) else name


def _add(name: str, spin: int) -> str:
    if not _is_han(name) or len(name) > 3:
        return name
    extra = "小大玉文国秀春明建志"[spin % 10]
    return name[0] + extra + name[1:] if len(name) == 2 else name + name[-1]


def _lose(name: str, spin: int) -> str:
    return name[:1] + name[2:] if len(name) == 3 and spin % 2 else name[:-1] if len(name) >= 3 else name


_MISSPELLINGS: tuple[tuple[str, Callable[[str, int], str]], ...] = (
    ("name:homophone", lambda name, spin: _confuse(name, spin, confusions.homophones())),
    ("name:look_alike", lambda name, spin: _confuse(name, spin, confusions.look_alikes())),
    ("name:swapped", _swap),
    ("name:added", _add),
    ("name:lost", _lose),
)


def write_birth_dates(days: Ints, keys: Keys, rate: Rates) -> tuple[Ints, Bools, Ints]:
    """Birth dates with wrong digits, day and month swapped, year or decade off, lunar for solar, or none.

    Args:
        days: True dates as days since 1970-01-01.
        keys: Keys of the stored identities.
        rate: The department's rates.

    Returns:
        Days as written, whether one is written at all, and the errors.
    """
    errors = np.zeros(len(days), dtype=np.int64)
    written = days.copy()
    draw = uniform(keys, "birth date")
    missing = draw < rate.birth_missing
    errors[missing] = BIT["birth_date:missing"]
    lunar = ~missing & (draw < rate.birth_missing + rate.birth_lunar)
    wrong = ~missing & ~lunar & (draw < rate.birth_missing + rate.birth_lunar + rate.birth_wrong)
    for i in np.flatnonzero(lunar).tolist():
        written[i] = lunar_as_solar(int(days[i]))
        errors[i] = BIT["birth_date:lunar"] if written[i] != days[i] else 0
    where = np.flatnonzero(wrong)
    kind = np.searchsorted([0.45, 0.65, 0.90], uniform(keys[where], "birth date kind"), side="right")
    spin = pick(keys[where], "birth date spin", 1 << 30)
    for i, k, r in zip(where.tolist(), kind.tolist(), spin.tolist(), strict=True):
        written[i], error = misdate(int(days[i]), k, r)
        errors[i] = BIT[error]
    return written, ~missing, errors


def misdate(days: int, kind: int, spin: int) -> tuple[int, str]:
    """A wrong date for a true one: 0 one digit, 1 day and month swapped, 2 a year off, 3 ten years off."""
    true = EPOCH + timedelta(days=days)
    sign = 1 if spin % 2 else -1
    if kind == 1 and true.day <= 12 and true.day != true.month:
        return _days(true.replace(month=true.day, day=true.month)), "birth_date:swapped"
    if kind == 2:
        return _days(_shift_years(true, sign)), "birth_date:year"
    if kind == 3:
        return _days(_shift_years(true, -10 if true.year >= 2010 else 10 * sign)), "birth_date:decade"
    for step in range(10):  # one digit of the day of the month
        tens, ones = divmod(true.day, 10)
        day = tens * 10 + (ones + 1 + spin + step) % 10
        if day not in (0, true.day) and day <= 28:
            return _days(true.replace(day=day)), "birth_date:digit"
    return _days(true.replace(day=true.day - 10)), "birth_date:digit"


@cache
def lunar_as_solar(days: int) -> int:
    """The date that stands in the lunar calendar, read as if it were solar; unchanged where there is none such."""
    true = EPOCH + timedelta(days=days)
    lunar = Solar.fromYmd(true.year, true.month, true.day).getLunar()
    try:
        return _days(date(lunar.getYear(), abs(lunar.getMonth()), lunar.getDay()))
    except ValueError:  # 30 February
        return days


def _days(value: date) -> int:
    return (value - EPOCH).days


def _shift_years(value: date, years: int) -> date:
    day = 28 if (value.month, value.day) == (2, 29) else value.day
    return value.replace(year=value.year + years, day=day)


@dataclass(frozen=True)
class NumberSource:
    """What the numbers of some stored identities may be drawn from, parallel to their keys."""

    true: pa.Array
    family: pa.Array  # number of a spouse or parent, or null
    birth_days: Ints
    resident: Bools  # 18 characters with a check digit


def write_numbers(source: NumberSource, keys: Keys, rate: Rates) -> tuple[pa.Array, Ints]:
    """ID numbers that are missing, mistyped, in their old form of 15 digits, or another family member's."""
    n = len(keys)
    errors = np.zeros(n, dtype=np.int64)
    draw = uniform(keys, "number")
    known = _present(source.true)
    edges = np.cumsum([rate.number_missing, rate.number_mistyped, rate.number_legacy, rate.number_family])
    band = np.searchsorted(edges, draw, side="right")
    century = (source.birth_days >= _days(date(1900, 1, 1))) & (source.birth_days < _days(date(2000, 1, 1)))
    missing = np.flatnonzero((band == 0) & known)
    errors[missing] = BIT["id_number:missing"]
    written = replace(source.true, missing, _no_number(keys[missing]))
    typed = np.flatnonzero((band == 1) & known & source.resident)
    errors[typed] = BIT["id_number:mistyped"]
    written = replace(written, typed, _mistyped(source.true.take(pa.array(typed)), keys[typed]))
    old = np.flatnonzero((band == 2) & known & source.resident & century)
    errors[old] = BIT["id_number:legacy"]
    written = replace(written, old, legacy_numbers(source.true.take(pa.array(old))))
    other = np.flatnonzero((band == 3) & known & _present(source.family))
    errors[other] = BIT["id_number:family"]
    return replace(written, other, source.family.take(pa.array(other))), errors


def legacy_numbers(numbers: pa.Array) -> pa.Array:
    """Resident numbers as they were before 1999: 15 digits, year of two, no check digit."""
    return pc.binary_join_element_wise(
        pc.utf8_slice_codeunits(numbers, 0, 6), pc.utf8_slice_codeunits(numbers, 8, 17), ""
    )


def mistype(number: str, kind: int, spin: int) -> str:
    """One slip of the key: 0 a digit, 1 neighbours swapped, 2 the check digit, 3 a digit lost, 4 a digit doubled.

    Every one of them is found by the check digit or the length (ISO 7064 MOD 11-2).
    """
    where = spin % 17
    if kind == 1:
        for step in range(16):
            i = (where + step) % 16
            if number[i] != number[i + 1]:
                return number[:i] + number[i + 1] + number[i] + number[i + 2 :]
    if kind == 2:
        wrong = [c for c in "0123456789X" if c != number[17]]
        return number[:17] + wrong[(spin // 17) % 10]
    if kind == 3:
        return number[:where] + number[where + 1 :]
    if kind == 4:
        return number[: where + 1] + number[where:]
    digit = (int(number[where]) + 1 + (spin // 17) % 9) % 10
    return f"{number[:where]}{digit}{number[where + 1 :]}"


def check_digit(body: str) -> str:
    """Check character of a number's first 17 digits (GB 11643, ISO 7064 MOD 11-2)."""
    return _CHECK[sum(w * int(d) for w, d in zip(_WEIGHTS, body, strict=True)) % 11]


def write_phones(phones: pa.Array, second: pa.Array, keys: Keys, rate: Rates) -> tuple[pa.Array, Ints]:
    """Phone numbers that are missing or the person's second one, some with +86, hyphens or spaces."""
    errors = np.zeros(len(phones), dtype=np.int64)
    draw = uniform(keys, "phone")
    known = _present(phones)
    missing = np.flatnonzero((draw < rate.phone_missing) & known)
    errors[missing] = BIT["phone:missing"]
    low, high = rate.phone_missing, rate.phone_missing + rate.phone_second / max(_share(second), 0.01)
    other = np.flatnonzero((draw >= low) & (draw < high) & known & _present(second))
    errors[other] = BIT["phone:second"]
    written = replace(phones, other, second.take(pa.array(other)))
    noise = uniform(keys, "phone noise")
    mobile = pc.fill_null(pc.utf8_length(written), 0).to_numpy() == 11
    for low, before in ((0.0, "+86"), (0.01, "0086-"), (0.02, " ")):
        where = np.flatnonzero((noise >= low) & (noise < low + 0.01) & mobile)
        prefixed = pc.binary_join_element_wise(before, written.take(pa.array(where)), "")
        written = replace(written, where, prefixed)
    return replace(written, missing, [None] * len(missing)), errors


def disguise_names(names: pa.Array, keys: Keys) -> tuple[pa.Array, Ints]:
    """Names with spaces that change nothing: behind the name, or between two characters."""
    draw = uniform(keys, "name noise")
    errors = np.zeros(len(names), dtype=np.int64)
    behind = np.flatnonzero((draw < 0.006) & _present(names))
    names = replace(names, behind, pc.binary_join_element_wise(names.take(pa.array(behind)), "", " "))
    short = (draw >= 0.006) & (draw < 0.016) & (pc.fill_null(pc.utf8_length(names), 0).to_numpy() == 2)
    within = np.flatnonzero(short & _present(names))
    chosen = names.take(pa.array(within))
    spaced = pc.binary_join_element_wise(
        pc.utf8_slice_codeunits(chosen, 0, 1), pc.utf8_slice_codeunits(chosen, 1, 2), "\u3000"
    )
    errors[behind] = errors[within] = BIT["name:space"]
    return replace(names, within, spaced), errors


def disguise_numbers(numbers: pa.Array, keys: Keys) -> tuple[pa.Array, Ints]:
    """Numbers in full-width digits, with a small x, or with a space behind: the same numbers."""
    draw = uniform(keys, "number noise")
    errors = np.zeros(len(numbers), dtype=np.int64)
    small = pc.ends_with(numbers, "X").fill_null(False).to_numpy(zero_copy_only=False)
    lower = np.flatnonzero(small & (draw < 0.25))
    numbers = replace(numbers, lower, pc.utf8_lower(numbers.take(pa.array(lower))))
    wide = np.flatnonzero((draw >= 0.25) & (draw < 0.253) & _present(numbers))
    table = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")
    numbers = replace(
        numbers, wide, [text.translate(table) for text in numbers.take(pa.array(wide)).to_pylist()]
    )
    behind = np.flatnonzero((draw >= 0.253) & (draw < 0.26) & _present(numbers))
    numbers = replace(numbers, behind, pc.binary_join_element_wise(numbers.take(pa.array(behind)), "", " "))
    for name, where in (("lower_case", lower), ("full_width", wide), ("space", behind)):
        errors[where] = BIT[f"id_number:{name}"]
    return numbers, errors


def _mistyped(numbers: pa.Array, keys: Keys) -> list[str | None]:
    kind = np.searchsorted([0.40, 0.65, 0.80, 0.90], uniform(keys, "number kind"), side="right").tolist()
    spin = pick(keys, "number spin", 1 << 30).tolist()
    return [mistype(text, k, r) for text, k, r in zip(numbers.to_pylist(), kind, spin, strict=True)]


def _no_number(keys: Keys) -> list[str | None]:
    word = pick(keys, "no number", 25).tolist()  # most leave it empty; some must type something
    return ["无" if w == 0 else "不详" if w == 1 else None for w in word]


def _present(values: pa.Array) -> Bools:
    return np.asarray(values.is_valid().to_numpy(zero_copy_only=False), dtype=np.bool_)


def _share(values: pa.Array) -> float:
    return 1.0 - int(values.null_count) / max(len(values), 1)


def _is_han(name: str) -> bool:
    return all("\u4e00" <= char <= "\u9fff" for char in name)
