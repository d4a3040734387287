"""What quality rules must find in a city's files, against a slow reading of the files themselves."""

import re
import unicodedata
from collections import Counter, defaultdict

import pytest

from resolver.synthetic.city import synthesize
from resolver.synthetic.departments import departments
from resolver.synthetic.identity_errors import check_digit
from tests.resolver.synthetic.test_city import City

NOTHING = {"", "无", "不详"}


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    directory = tmp_path_factory.mktemp("faults")
    return City(directory, synthesize(directory, 1200, 9, 3, "typical"))


@pytest.fixture(scope="module")
def rows(city):
    """Sound rows about persons: (truth row, what is written of the role)."""
    found = []
    for row in city.table("rows"):
        if row["quarantine"] or row["subject"] < 0 or row["kind"] != "person":
            continue
        role = next(r for r in departments()[row["feed"]].roles if r.role == row["role"])
        cells = city.row(row)
        found.append((row, {a: cells.get(column, "") for column, a in role.cells.items()}))
    return found


def blamed(city, rule, planted=True):
    return [c for c in city.table("conflicts") if c["rule"] == rule and c["planted"] == planted]


def rows_blamed(city, rule):
    return {row for conflict in blamed(city, rule) for row in conflict["truth_rows"]}


def number_of(text):
    """A sound resident number of 18 characters, or None."""
    number = unicodedata.normalize("NFKC", text).strip().upper().replace("×", "X")
    if re.fullmatch(r"\d{15}", number):
        number = number[:6] + "19" + number[6:]
        number += check_digit(number)
    sound = re.fullmatch(r"[1-6]\d{16}[\dX]", number) and check_digit(number[:17]) == number[17]
    return number if sound else None


def test_numbers_beside_another_birth_date_or_sex(city, rows):
    today = city.manifest["reference_date"].replace("-", "")
    wrong = set()
    for row, said in rows:
        text = said.get("id_number", "")
        if row["feed"] in ("W20", "W21") and text in NOTHING:
            text = city.row(row)["certificate_no"][:18]
        number = number_of(text)
        if not number:
            continue
        day = [part.zfill(2) for part in re.findall(r"\d+", said.get("birth_date", ""))][:3]
        birth = "".join(day)[:8]
        sex = {"男": 1, "女": 2, "1": 1, "2": 2}.get(said.get("sex", "").removesuffix("性"))
        sex = sex or {"husband": 1, "father": 1, "wife": 2, "mother": 2}.get(row["role"])
        if (
            len(birth) == 8
            and birth not in ("19000101", "19700101")
            and birth <= today
            and birth != number[6:14]
        ):
            wrong.add(row["truth_row"])
        if sex and sex != 2 - int(number[16]) % 2:
            wrong.add(row["truth_row"])
    assert len(wrong) > 100
    assert rows_blamed(city, "Q02") == wrong


def test_rows_without_number(city, rows):
    main = {feed: department.roles[0].role for feed, department in departments().items() if department.roles}
    lacking = {
        row["truth_row"]
        for row, said in rows
        if row["role"] == main[row["feed"]]
        and said.get("id_number", "x") in NOTHING
        # A certificate's number begins with the holder's.
        and not (row["feed"] in ("W20", "W21") and number_of(city.row(row)["certificate_no"][:18]))
    }
    nameless = {
        row["truth_row"]
        for row, said in rows
        if row["role"] == main[row["feed"]] and "斤拷" in said.get("name", "")
    }
    assert len(lacking) > 300
    assert rows_blamed(city, "Q04") == lacking | nameless
    assert {conflict["why"] for conflict in blamed(city, "Q04", planted=False)} == {
        "the certificate holds the number"
    }


def test_names_with_characters_that_were_not_written(city, rows):
    lost = {row["truth_row"] for row, said in rows if re.search(r"[?□▢*\ue5e5\uf8d0]", said.get("name", ""))}
    assert lost
    assert rows_blamed(city, "Q10") == lost


@pytest.fixture(scope="module")
def main_rows(city):
    """Sound rows of main roles: (truth row, cells)."""
    roles = {feed: department.roles[0].role for feed, department in departments().items() if department.roles}
    return [
        (row, city.row(row))
        for row in city.table("rows")
        if not row["quarantine"] and row["role"] == roles[row["feed"]]
    ]


def test_keys_that_stand_twice_in_a_file(city, main_rows):
    seen = defaultdict(list)
    for row, cells in main_rows:
        department = departments()[row["feed"]]
        for columns in (department.unique, department.unique_else):
            key = tuple(cells.get(name, "").strip().upper() for name in columns)
            asked = [
                text for name, text in zip(columns, key, strict=True) if name not in department.unique_blanks
            ]
            if asked and not set(asked) & NOTHING:
                break
        else:
            continue
        add = department.words.get("op", {}).get("add", "add")
        if cells.get("op", "") in ("", add):
            seen[row["path"], key].append(row["truth_row"])
    twice = {row for found in seen.values() if len(found) > 1 for row in found}
    assert twice
    assert rows_blamed(city, "Q08") == twice


def test_elements_that_are_missing(city, main_rows):
    lacking, rows_of = defaultdict(set), Counter()
    for row, cells in main_rows:
        rows_of[row["path"]] += 1
        for element in departments()[row["feed"]].elements:
            if not cells.get(element, ""):
                lacking[row["path"], element].add(row["truth_row"])
    whole = {key for key, found in lacking.items() if len(found) == rows_of[key[0]] > 1}
    single = {row for key, found in lacking.items() if key not in whole for row in found}
    assert single
    assert {city.files[path]["feed"] for path, _ in whole} == {"W32"}
    assert rows_blamed(city, "Q11") == single
    told = {(c["feed"], c["period"]) for c in blamed(city, "Q11") if c["feed"]}
    assert told >= {(city.files[path]["feed"], city.files[path]["period"]) for path, _ in whole}


def test_persons_with_one_number_and_two_names(city, rows):
    persons = {person["person"]: person for person in city.table("persons")}
    names = defaultdict(Counter)
    for row, said in rows:
        number, own = number_of(said.get("id_number", "")), persons[row["subject"]]["id_number"]
        # A number of old is one's own as well (trap 5): it is written again and again, not by a slip.
        former = "id_number:planted" in row["errors"]
        if number and (number == own or former) and said.get("name"):
            name = re.sub(r"\s+", "", unicodedata.normalize("NFKC", said["name"]))
            names[row["subject"], number][re.sub("[•・.‧]", "·", name).upper()] += 1
    several = {person for (person, _), spelt in names.items() if len(spelt) > 1}
    found = {conflict["persons"][0] for conflict in blamed(city, "Q03")}
    # Former names, children named by their mother, and names that cannot be read are no other spelling.
    assert found <= several
    assert len(several - found) < 0.1 * len(several)
    assert len(found) > 50


def test_births_that_the_register_was_told_otherwise(city, rows):
    """L15 by the files: planted cases aside, every slip in the register's birth date against a certificate."""
    certified, registered, closed = {}, {}, set()
    for row, said in rows:
        cells = city.row(row)
        if (row["feed"], row["role"]) == ("W02", "child"):
            certified[row["subject"]] = cells["birth_time"][:10].replace("-", "")
        elif (row["feed"], row["role"]) == ("W07", "person"):
            registered[row["subject"]] = said["birth_date"]
            if cells.get("cancel_date"):
                closed.add(row["subject"])
    differ = {
        person
        for person, day in certified.items()
        if registered.get(person, "") not in ("", day) and person not in closed
    }
    told = {p for c in blamed(city, "L15") if c["last_period"] is None for p in c["persons"]}
    by_day = {p for c in blamed(city, "L15") if "day" in c["why"] for p in c["persons"]}
    assert by_day
    assert differ <= told
    assert by_day - closed <= differ
