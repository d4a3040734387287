import csv
import io
from typing import Literal

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.feeds import csv_scanner
from resolver.feeds.csv_scanner import scan_block

CELL = st.text(alphabet='ab,"\n\t 王', max_size=6)
TABLE = st.integers(2, 4).flatmap(
    lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), max_size=12)
)


def scan_all(
    data: bytes, fields: int, skip: int = 0, size: int = 1 << 20
) -> tuple[dict[int, list[str]], list[list[int]]]:
    """Scan in blocks; returns whole records by number, and broken ones as (number, fields)."""
    whole: dict[int, list[str]] = {}
    broken: list[list[int]] = []
    carry, no = b"", 1
    blocks = [data[i : i + size] for i in range(0, len(data), size)] or [b""]
    for number, block in enumerate(blocks):
        text = carry + block
        scan = scan_block(text, ",", fields, skip, no, last=number == len(blocks) - 1)
        carry, no = text[scan.consumed :], scan.next_no
        rows = list(csv.reader(io.StringIO(scan.text.tobytes().decode(), newline="")))
        whole |= dict(zip(scan.row_no.tolist(), rows, strict=True))
        broken += [[int(b[0]), int(b[3])] for b in scan.broken]
    assert carry == b""
    return whole, broken


def blank(row: list[str]) -> bool:
    return not "".join(row).strip(" \t\r\n")


@given(
    TABLE,
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.sampled_from(["\n", "\r\n"]),
    st.integers(1, 40),
)
@settings(max_examples=150, deadline=None)
def test_what_a_csv_writer_writes_is_found_again_in_blocks_of_any_size(
    table: list[list[str]], quoting: Literal[0, 1], line_end: str, size: int
) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, quoting=quoting, lineterminator=line_end).writerows(table)
    # A row whose only cells are blank is no row.
    expected = {number: row for number, row in enumerate(table, 1) if not blank(row)}
    whole, broken = scan_all(out.getvalue().encode(), len(table[0]) if table else 2, size=size)
    assert broken == []
    assert whole == expected


def test_blank_lines_and_title_rows_are_counted() -> None:
    data = "标题\n\n姓名,性别\n\n  ,\n王伟,男\n\n李芳,女".encode()
    whole, broken = scan_all(data, 2, skip=3)
    assert whole == {6: ["王伟", "男"], 8: ["李芳", "女"]}
    assert broken == []


def test_a_row_with_other_than_the_headers_number_of_cells_is_broken() -> None:
    whole, broken = scan_all(b"a,b\n1\n1,2,3\n1,2,,\n1,2\n", 2, skip=1)
    assert broken == [[2, 1], [3, 3]]
    assert whole == {4: ["1", "2"], 5: ["1", "2"]}  # empty surplus cells are cut off


def test_a_stray_quote_costs_its_own_line_only() -> None:
    whole, broken = scan_all(b'a,b\n"1,2\n3,4\n5,"6\n7,8\n', 2, skip=1)
    assert [number for number, _ in broken] == [2, 4]
    assert whole == {3: ["3", "4"], 5: ["7", "8"]}


def test_a_quote_left_open_at_the_end_costs_its_own_line_only() -> None:
    whole, broken = scan_all(b'1,2\n3,"4\n5,6\n7,8', 2)
    assert broken == [[2, 0]]
    assert whole == {1: ["1", "2"], 3: ["5", "6"], 4: ["7", "8"]}


def test_a_quote_left_open_does_not_hold_more_than_a_record_in_memory() -> None:
    lines = b"3,4\n" * (csv_scanner.MAX_RECORD // 2)
    whole, broken = scan_all(b'1,"2\n' + lines, 2, size=csv_scanner.MAX_RECORD + 10)
    assert broken == [[1, 0]]
    assert len(whole) == csv_scanner.MAX_RECORD // 2


def test_quotes_inside_a_field_are_text() -> None:
    whole, broken = scan_all(b'5" pipe,x\n"a"b,"c""d"\n', 2)
    assert whole == {1: ['5" pipe', "x"], 2: ["ab", 'c"d']}
    assert broken == []


def test_lone_carriage_returns_end_lines() -> None:
    whole, _ = scan_all(b"1,2\r3,4\r\r5,6", 2, size=3)
    assert whole == {1: ["1", "2"], 2: ["3", "4"], 4: ["5", "6"]}


def test_numbers_go_on_from_block_to_block() -> None:
    scan = scan_block(b"1,2\n3,", ",", 2, 0, 7, last=False)
    assert scan.row_no.tolist() == [7]
    assert (scan.consumed, scan.next_no) == (4, 8)
    assert np.array_equal(scan.text, np.frombuffer(b"1,2\n", np.uint8))
