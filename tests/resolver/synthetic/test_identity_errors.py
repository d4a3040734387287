from collections import Counter
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lunar_python import Lunar

from resolver.synthetic.draws import mix, salt
from resolver.synthetic.identity_errors import (
    BIT,
    EPOCH,
    ERRORS,
    NumberSource,
    Rates,
    check_digit,
    lunar_as_solar,
    misdate,
    misspell,
    mistype,
    rates,
    write_birth_dates,
    write_names,
    write_numbers,
    write_phones,
)

N = 60_000
KEYS = mix(salt("test"), np.arange(N))
BODIES = st.integers(10**16, 10**17 - 1).map(str)
NAMES = ("王秀英", "李伟", "张建国", "丛云霞", "欧阳晓明", "于静")


def share(errors, prefix):
    mask = sum(int(BIT[name]) for name in ERRORS if name.startswith(prefix))
    return float(((errors & mask) != 0).mean())


def numbers(n):
    births = [EPOCH + timedelta(days=i % 20_000) for i in range(n)]
    bodies = [f"371002{birth:%Y%m%d}{i % 900 + 10:03d}" for i, birth in enumerate(births)]
    days = np.array([(birth - EPOCH).days for birth in births])
    return pa.array([body + check_digit(body) for body in bodies]), days


def test_check_digit_of_the_standards_own_example():
    assert check_digit("11010519491231002") == "X"  # GB 11643-1999, annex


def test_hard_makes_more_errors_and_lacks_a_quarter_of_the_numbers():
    typical, hard = rates("typical", 1.0), rates("hard", 1.0)
    assert typical == Rates()
    assert hard.name == pytest.approx(2.5 * typical.name)
    assert hard.number_missing == 0.25
    assert rates("typical", 0.2).number_mistyped == pytest.approx(0.006)
    assert rates("hard", 1.4).address_otherwise <= 0.8


def test_names_are_misspelt_at_their_rate_in_every_way():
    names = pa.array([NAMES[i % len(NAMES)] for i in range(N)])
    written, errors = write_names(names, KEYS, 0.03)
    assert share(errors, "name:") == pytest.approx(0.03, abs=0.003)
    differs = np.array([a != b for a, b in zip(names.to_pylist(), written.to_pylist(), strict=True)])
    assert np.array_equal(differs, errors != 0)
    kinds = Counter(ERRORS[int(bit).bit_length() - 1] for bit in errors[errors != 0])
    assert set(kinds) == {f"name:{kind}" for kind in ("homophone", "look_alike", "swapped", "added", "lost")}
    assert kinds["name:homophone"] > kinds["name:swapped"] > 0


@given(
    st.sampled_from([*NAMES, "阿卜杜拉·托合提", "MARIA GARCIA"]), st.integers(0, 4), st.integers(0, 1 << 30)
)
def test_a_misspelt_name_is_never_empty_and_says_what_happened(name, kind, spin):
    written, error = misspell(name, kind, spin)
    assert written
    assert (written != name) == bool(error)
    assert not error or error in BIT


def test_a_name_that_nothing_can_change_stays_right():
    assert misspell("Q", 0, 0) == ("Q", "")


def test_birth_dates_err_at_their_rates():
    days = np.arange(N) % 25_000 - 5_000
    written, there, errors = write_birth_dates(days, KEYS, Rates())
    assert share(errors, "birth_date:missing") == pytest.approx(0.01, abs=0.002)
    assert share(errors, "birth_date:lunar") == pytest.approx(0.01, abs=0.002)
    wrong = sum(share(errors, f"birth_date:{kind}") for kind in ("digit", "swapped", "year", "decade"))
    assert wrong == pytest.approx(0.02, abs=0.003)
    assert np.array_equal(written != days, (errors != 0) & there)
    assert np.array_equal(there, errors != BIT["birth_date:missing"])


@given(st.dates(date(1910, 1, 1), date(2026, 10, 31)), st.integers(0, 3), st.integers(0, 1 << 30))
def test_a_wrong_date_is_another_date_of_its_kind(day, kind, spin):
    days, error = misdate((day - EPOCH).days, kind, spin)
    written = EPOCH + timedelta(days=days)
    assert written != day
    if error == "birth_date:swapped":
        assert (written.year, written.day, written.month) == (day.year, day.month, day.day)
    elif error == "birth_date:digit":
        differing = [a != b for a, b in zip(f"{written:%Y%m%d}", f"{day:%Y%m%d}", strict=True)]
        assert sum(differing) == 1
    else:
        assert abs(written.year - day.year) == (1 if error == "birth_date:year" else 10)


@given(st.dates(date(1930, 1, 1), date(2020, 12, 31)))
def test_a_lunar_date_leads_back_to_the_true_one(day):
    written = EPOCH + timedelta(days=lunar_as_solar((day - EPOCH).days))
    if written == day:
        return  # 30 February
    months = (written.month, -written.month)  # a leap month has the number of the month before it
    found = set()
    for month in months:
        try:
            solar = Lunar.fromYmd(written.year, month, written.day).getSolar()
        except Exception:  # lunar_python raises the bare class where there is no such month
            continue
        found.add(date(solar.getYear(), solar.getMonth(), solar.getDay()))
    assert day in found


def test_numbers_err_at_their_rates():
    true, days = numbers(N)
    source = NumberSource(true, true.take(pa.array(np.arange(N)[::-1])), days, np.ones(N, np.bool_))
    written, errors = write_numbers(source, KEYS, Rates(number_family=0.01))
    for kind, rate in (("missing", 0.08), ("mistyped", 0.03), ("family", 0.01)):
        assert share(errors, f"id_number:{kind}") == pytest.approx(rate, rel=0.1)
    born_before_2000 = (days < (date(2000, 1, 1) - EPOCH).days).mean()
    assert share(errors, "id_number:legacy") == pytest.approx(0.02 * born_before_2000, rel=0.15)
    old = np.flatnonzero(errors == BIT["id_number:legacy"])
    for row in old[:50].tolist():
        number = true[row].as_py()
        assert written[row].as_py() == number[:6] + number[8:17]


@given(BODIES, st.integers(0, 4), st.integers(0, 1 << 30))
def test_every_slip_of_the_key_can_be_seen(body, kind, spin):
    number = body + check_digit(body)
    typed = mistype(number, kind, spin)
    valid = len(typed) == 18 and typed[:17].isdigit() and check_digit(typed[:17]) == typed[17]
    assert not valid
    assert len(typed) == {3: 17, 4: 19}.get(kind, 18)


def test_phones_are_missing_or_the_second_one():
    phones = pa.array([f"139{i:08d}" for i in range(N)])
    second = pa.array([f"131{i:08d}" if i % 4 == 0 else None for i in range(N)])
    written, errors = write_phones(phones, second, KEYS, Rates())
    assert share(errors, "phone:missing") == pytest.approx(0.20, abs=0.01)
    assert share(errors, "phone:second") == pytest.approx(0.15, abs=0.02)
    assert written.null_count == int((errors == BIT["phone:missing"]).sum())
    untouched = np.flatnonzero(errors == 0)[:500].tolist()
    assert all(written[i].as_py().endswith(phones[i].as_py()) for i in untouched)
