import csv
import hashlib
from collections import defaultdict
from dataclasses import replace
from datetime import date, datetime

import pyarrow.parquet as pq
import pytest
from python_calamine import CalamineWorkbook

from resolver.errors import WorkspaceError
from resolver.synthetic.build import build_world
from resolver.synthetic.city import synthesize, write_city
from resolver.synthetic.departments import departments
from resolver.synthetic.identity_errors import check_digit
from resolver.synthetic.world import Override

PERSONS, MONTHS = 1500, 3


def read_file(path):
    """Sheet -> rows of cells as text: a reader that knows nothing of the writer's layout."""
    if path.suffix == ".xlsx":
        book = CalamineWorkbook.from_path(path)
        return {
            name: [
                [text_of(cell) for cell in row]
                for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            ]
            for name in book.sheet_names
        }
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("gb18030")
    return {"": list(csv.reader(text.splitlines()))}


def text_of(cell):
    if isinstance(cell, float):
        return f"{cell:.14E}" if cell > 1e15 else f"{cell:g}"
    return cell.isoformat() if isinstance(cell, date | datetime) else str(cell)


class City:
    def __init__(self, directory, manifest):
        self.directory, self.manifest, self.columns = directory, manifest, {}
        self.files = {f["path"]: f for f in self.table("files")}
        self.cells = {path: read_file(directory / "feeds" / path) for path in self.files}

    def table(self, name):
        return pq.read_table(self.directory / "truth" / f"{name}.parquet").to_pylist()

    def row(self, truth):
        """Column -> text of the row that a truth row names."""
        at = (truth["path"], truth["sheet"])
        if at not in self.columns:
            period = self.manifest["periods"].index(self.files[truth["path"]]["period"])
            headers = {h: column for column, h in departments()[truth["feed"]].headers(period).items()}
            top = next(row for row in self.cells[at[0]][at[1]] if sum(cell in headers for cell in row) >= 3)
            self.columns[at] = {k: headers[h] for k, h in enumerate(top) if h in headers}
        cells = self.cells[at[0]][at[1]][truth["row_no"] - 1]
        return {column: cells[k] for k, column in self.columns[at].items() if k < len(cells)}


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    directory = tmp_path_factory.mktemp("city")
    return City(directory, synthesize(directory, PERSONS, 5, MONTHS, "typical"))


@pytest.fixture(scope="module")
def truth(city):
    return city.table("rows")


def name_column(feed, role):
    """The column with the name of a role; None where the feed gives only a code (fee lines)."""
    cells = next(r.cells for r in departments()[feed].roles if r.role == role)
    return next((column for column, attribute in cells.items() if attribute == "name"), None)


def check_names(city, truth):
    """Every row in the truth holds, in the file, the name of its subject, unless an error says otherwise."""
    persons, organisations = city.table("persons"), city.table("organisations")
    checked = set()
    for row in truth:
        if row["quarantine"] or row["subject"] < 0 or name_column(row["feed"], row["role"]) is None:
            continue
        prefix = "name:" if row["kind"] == "person" else ("name:", "employer:")
        errors = [e for e in row["errors"] if e.startswith(prefix) and e != "name:space"]
        written = city.row(row)[name_column(row["feed"], row["role"])].replace("\u3000", "").strip()
        true = (persons if row["kind"] == "person" else organisations)[row["subject"]]["name"]
        if not errors:
            assert written == true, row
        elif "name:planted" not in errors:
            assert written != true, (row, written)
        checked.add((row["feed"], row["role"]))
    assert len(checked) > 45


def test_every_truth_row_stands_where_it_is_said_to_stand(city, truth):
    check_names(city, truth)


def test_large_feeds_come_as_text_in_several_parts(tmp_path, monkeypatch):
    monkeypatch.setattr("resolver.synthetic.city.PART_ROWS", 400)
    monkeypatch.setattr("resolver.synthetic.city.SPREADSHEET_ROWS", 20)
    city = City(tmp_path, synthesize(tmp_path, 800, 2, 1, "typical"))
    parts = sorted(path for path in city.files if "W29" in path)
    assert len(parts) >= 2
    assert all(f"第{i + 1}部分.csv" in path for i, path in enumerate(parts))
    assert any(path.endswith(".csv") and "婚姻登记" in path for path in city.files)
    check_names(city, city.table("rows"))


def test_numbers_are_right_where_no_error_is_named(city, truth):
    persons = city.table("persons")
    for row in truth:
        cells = next(r.cells for r in departments()[row["feed"]].roles if r.role == row["role"])
        column = next((c for c, attribute in cells.items() if attribute == "id_number"), "")
        wrong = any(e.startswith("id_number:") and not e.endswith(("space", "case")) for e in row["errors"])
        if column and row["kind"] == "person" and not wrong and not row["quarantine"] and row["subject"] >= 0:
            assert city.row(row)[column].strip().upper() == persons[row["subject"]]["id_number"], row


def test_all_rows_of_the_files_are_in_the_truth(city, truth):
    known = {(row["path"], row["sheet"], row["row_no"]) for row in truth}
    again = {f["path"] for f in city.files.values() if "重报" in f["path"]}
    # The truth has rows of those whom a row is about; a year's income is about nobody.
    again |= {f["path"] for f in city.files.values() if not departments()[f["feed"]].roles}
    first, total = city.manifest["periods"][0], 0
    for path, sheets in city.cells.items():
        for sheet, rows in sheets.items():
            headers = set(departments()[city.files[path]["feed"]].headers(path[:7] != first).values())
            start = max(i for i, row in enumerate(rows[:4]) if len(headers & set(row)) >= 3)
            data = {i + 1 for i, row in enumerate(rows) if i > start and any(row) and row[0] != "合计"}
            if path not in again:
                assert data == {row_no for p, s, row_no in known if (p, s) == (path, sheet)}, path
                total += len(data)
    about_nobody = sum(
        n for feed, n in city.manifest["rows_written"].items() if not departments()[feed].roles
    )
    assert total == sum(city.manifest["rows_written"].values()) - about_nobody


def test_files_have_the_hash_and_extent_that_the_truth_says(city):
    for path, file in city.files.items():
        assert hashlib.sha256((city.directory / "feeds" / path).read_bytes()).hexdigest() == file["sha256"]
        assert path.startswith(file["period"] + "/")
        if "全量" in path or "增量" in path:
            assert file["extent"] == ("full" if "全量" in path else "delta")
    extents = {file["feed"]: set() for file in city.files.values()}
    for file in city.files.values():
        extents[file["feed"]].add(file["extent"])
    assert extents["W07"] == {"full", "delta"}
    assert extents["W29"] == {"full"}
    assert extents["W01"] == {"delta"}


def test_few_rows_are_unlinkable(city, truth):
    for kind in ("person", "organisation"):
        rows = [row["unlinkable"] for row in truth if row["kind"] == kind]
        assert sum(rows) <= 0.02 * len(rows), kind
    assert not any(row["unlinkable"] and row["quarantine"] for row in truth)
    assert city.manifest["counts"]["rows"] == len(truth)
    assert [row["truth_row"] for row in truth] == list(range(len(truth)))


def test_conflicts_name_rows_and_persons_that_there_are(city, truth):
    conflicts = city.table("conflicts")
    assert [conflict["conflict"] for conflict in conflicts] == list(range(len(conflicts)))
    for conflict in conflicts:
        assert all(0 <= row < len(truth) for row in conflict["truth_rows"])
        assert all(0 <= person < PERSONS for person in conflict["persons"])
        assert conflict["period"] in city.manifest["periods"]
        assert not any(
            truth[row]["quarantine"] for row in conflict["truth_rows"] if conflict["rule"] == "Q01"
        )


def test_every_malformed_number_is_in_a_conflict_and_no_other(city, truth):
    listed = {
        row: c["planted"] for c in city.table("conflicts") if c["rule"] == "Q01" for row in c["truth_rows"]
    }
    wrong = set()
    for row in truth:
        cells = next(r.cells for r in departments()[row["feed"]].roles if r.role == row["role"])
        column = next((c for c, attribute in cells.items() if attribute == "id_number"), "")
        if not column or row["kind"] != "person" or row["quarantine"] or row["subject"] < 0:
            continue
        number = city.row(row)[column].strip().upper().replace("×", "X")
        number = number.translate(str.maketrans("０１２３４５６７８９Ｘ", "0123456789X"))
        whole = len(number) == 18 and number[:17].isdigit() and check_digit(number[:17]) == number[17]
        # Fewer digits than any number has are what a spreadsheet left of something else: no number, not a wrong one.
        old = len(number) <= 15 and number.isdigit()
        if number and number not in ("无", "不详") and not whole and not old and not number[0].isalpha():
            wrong.add(row["truth_row"])
    assert wrong
    assert wrong == {row for row, planted in listed.items() if planted}
    assert any(not planted for planted in listed.values())


def test_one_register_writes_a_person_in_one_way(city, truth):
    seen = {}
    for row in truth:
        if row["feed"] not in ("W29", "J05", "J06") or row["kind"] != "person" or row["quarantine"]:
            continue
        if any(error.endswith("planted") for error in row["errors"]):
            continue
        cells = city.row(row)
        key = (row["subject"], cells["psn_no"])
        identity = (cells["name"], cells["id_number"], cells["birth_date"])
        assert seen.setdefault(key, identity) == identity
    assert len(seen) > 1000


def test_a_family_members_number_makes_a_conflict_of_both_persons(city, truth):
    persons = city.table("persons")
    borrowed = [r for r in truth if "id_number:family" in r["errors"] and not r["quarantine"]]
    conflicts = [c for c in city.table("conflicts") if c["rule"] == "E06" and not c["trap"]]
    assert borrowed
    owners = {c["persons"][0] for c in conflicts if not c["truth_rows"]}
    by_number = {person["id_number"]: person["person"] for person in persons}
    for row in borrowed:
        cells = next(r.cells for r in departments()[row["feed"]].roles if r.role == row["role"])
        column = next(c for c, attribute in cells.items() if attribute == "id_number")
        owner = by_number[city.row(row)[column].strip().upper()]
        mine, theirs = persons[row["subject"]], persons[owner]
        if mine["birth_date"] != theirs["birth_date"] and mine["name"] != theirs["name"]:
            assert owner in owners


def test_the_register_names_kin_with_whom_a_conflict_is_planted(city, truth):
    persons = city.table("persons")
    entries = defaultdict(list)
    for row in truth:
        if row["feed"] == "W07" and row["subject"] >= 0 and not row["quarantine"]:
            entries[row["subject"]].append(city.row(row))
    named, lacking = 0, 0
    written = ("a family member's number", "a newborn under a parent's number")  # slips, made after the facts
    for conflict in city.table("conflicts"):
        planted = conflict["planted"] and conflict["why"] not in written
        for person in conflict["persons"] if planted and len(conflict["persons"]) > 1 else []:
            for kin in ("mother", "father", "spouse"):
                if persons[person][kin] in conflict["persons"]:
                    assert all(entry[f"{kin}_name"] for entry in entries[person])
                    named += len(entries[person])
    for person, rows in entries.items():
        lacking += sum(persons[person]["mother"] >= 0 and not row["mother_name"] for row in rows)
    assert named > 20
    assert lacking > 5  # of all others some lack them, as registers do


def test_spoilt_rows_are_there_and_have_neither_name_nor_number_or_no_date(city, truth):
    spoilt = [row for row in truth if row["quarantine"] and row["feed"] == "J05" and row["role"] == "patient"]
    assert len(spoilt) >= 3 * MONTHS
    nobody = [row for row in spoilt if row["subject"] == -1]
    assert nobody
    for row in nobody:
        cells = city.row(row)
        assert cells["name"] == cells["id_number"] == ""


def test_there_are_files_of_every_awkward_kind(city):
    paths = [city.directory / "feeds" / path for path in city.files]
    texts = [path.read_bytes() for path in paths if path.suffix == ".csv"]
    assert any(text.startswith(b"\xef\xbb\xbf") for text in texts)
    assert any(not text.startswith(b"\xef\xbb\xbf") and text.isascii() is False for text in texts)
    encodings = set()
    for text in texts:
        try:
            text.decode("utf-8")
            encodings.add("utf-8")
        except UnicodeDecodeError:
            encodings.add("gb18030")
    assert encodings == {"utf-8", "gb18030"}
    written = {(file["feed"], file["period"]) for file in city.files.values()}
    rows = {(row["feed"], row["path"][:7]) for row in city.table("rows")}
    assert written - rows, "no zero receipt"
    assert any(len(sheets) == 2 for sheets in city.cells.values())


def test_half_a_snapshot_and_the_same_batch_twice(city, truth):
    count = {
        p: sum(r["feed"] == "W21" and r["path"][:7] == p for r in truth) for p in city.manifest["periods"]
    }
    first, second, third = count.values()
    assert second < 0.7 * first
    assert third >= first
    # A list in which nothing changed comes with the same bytes in another month; in one month only the trap does.
    sent = [(file["feed"], file["period"], file["sha256"]) for file in city.files.values()]
    assert len(sent) == len(set(sent)) + 1
    traps = {trap["trap"] for trap in city.table("traps")}
    assert {29, 30, 39} <= traps


def test_all_traps_of_the_writing_are_set_and_stand_in_the_files(city, truth):
    traps = city.table("traps")
    assert {3, 6, 7, 8, 16, 17, 20, 21, 40} <= {trap["trap"] for trap in traps}  # 18 needs a dot in a name
    for trap in traps:
        if trap["trap"] in (3, 6, 7, 8, 16, 17, 18, 20, 21, 40):
            rows = [truth[row] for row in trap["truth_rows"]]
            assert len({row["subject"] for row in rows}) == 1
            assert {row["feed"] for row in rows} > {"W07"}
            value = trap["note"].split(" written ")[1]
            assert any(value in city.row(row).values() for row in rows), trap


def test_the_same_seed_makes_the_same_bytes_and_another_does_not(tmp_path):
    made = []
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        synthesize(tmp_path / name, 600, seed, 1, "hard")
        files = sorted(path for path in (tmp_path / name).rglob("*") if path.is_file())
        made.append({str(path.relative_to(tmp_path / name)): path.read_bytes() for path in files})
    assert made[0] == made[1]
    assert made[0] != made[2]


def test_overrides_win(tmp_path):
    world = build_world(600, 8, 1, "typical")
    feed, fact = "J05", 17
    overrides = [
        Override(feed, fact, "name", "无名氏"),
        Override(feed, fact, "id_number", None),
        Override("W01", 0, "birth_date", "1900-01-01"),
        Override("W12", 0, "name", None),
        Override("W12", 0, "id_number", None),
    ]
    world = replace(world, overrides=overrides, traps=[])
    patient = world.facts[feed]["patient"][fact].as_py()
    setl_id = world.facts[feed]["setl_id"][fact].as_py()
    city = City(tmp_path, write_city(tmp_path, world, "typical", lambda *_: None))
    rows = [
        r
        for r in city.table("rows")
        if r["feed"] == feed and r["subject"] == patient and r["role"] == "patient"
    ]
    mine = [r for r in rows if city.row(r)["setl_id"] == setl_id and not r["quarantine"]]
    assert [city.row(r)["name"] for r in mine] == ["无名氏"]
    assert [city.row(r)["id_number"] for r in mine] == [""]
    assert {"name:planted", "id_number:planted"} <= set(mine[0]["errors"])
    assert any(
        city.row(r).get("birth_date") == "1900-01-01" for r in city.table("rows") if r["feed"] == "W01"
    )
    empty = [
        r for r in city.table("rows") if r["feed"] == "W12" and r["subject"] >= 0 and not city.row(r)["name"]
    ]
    assert [r["quarantine"] for r in empty] == [True]


def test_a_directory_with_a_city_is_left_alone(tmp_path):
    (tmp_path / "truth").mkdir()
    with pytest.raises(WorkspaceError, match="already holds"):
        synthesize(tmp_path, 600, 1, 1, "typical")


def test_progress_tells_every_feed(tmp_path):
    told = []
    synthesize(tmp_path, 600, 1, 1, "typical", lambda stage, done, total: told.append((stage, done, total)))
    assert [stage for stage, _, _ in told] == ["city", *departments(), "truth"]
    assert told[-1][1] == told[-1][2]
