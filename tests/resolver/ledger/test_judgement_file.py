from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resolver.errors import LinkageError
from resolver.ledger.judgement import Judgement, Witness
from resolver.ledger.judgement_file import (
    import_judgements,
    read_judgements,
    record_from_text,
    write_judgements,
)
from resolver.ledger.ledger import Ledger

AT = datetime(2026, 11, 3, 13, 5, 7, 89, tzinfo=UTC)
KEY = 2**62 + 12345
HEADINGS = "判断,record_l,记录乙 record_r,操作人 actor,理由 reason,时间 at\n"


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}") as opened:
        yield opened


def typed(tmp_path: Path, *lines: str, headings: str = HEADINGS) -> Path:
    path = tmp_path / "typed.csv"
    path.write_text(headings + "\n".join(lines), "utf-8")
    return path


def test_the_file_is_readable(ledger: Ledger, tmp_path: Path) -> None:
    row = Witness("W07", "person", 2**60 + 7)
    ledger.add_judgement(Judgement("different", KEY, 5, "李四", "双胞胎, 见照片", AT, witness_l=row))
    ledger.undo_judgement(1, "王五", "=1+1", AT + timedelta(days=1))
    assert write_judgements(tmp_path / "judgements.csv", ledger.all_judgements()) == 2
    assert (tmp_path / "judgements.csv").read_text("utf-8-sig").splitlines()[1:] == [
        f'1,different,R{KEY},R5,,1,李四,"双胞胎, 见照片",2026-11-03T13:05:07.000089+00:00,W07/person/R{row.row_id},',
        f"2,undo,R{KEY},R5,1,2,王五,'=1+1,2026-11-04T13:05:07.000089+00:00,,",
    ]


def test_a_rebuilt_ledger_says_the_same_to_the_byte(ledger: Ledger, tmp_path: Path) -> None:
    ledger.add_judgement(Judgement("same", KEY, 5, "李四", "seen", AT, witness_r=Witness("W01", "person", 9)))
    ledger.state_judgements([Judgement("different", 7, other, "li", "twins", AT) for other in (8, 9)])
    ledger.undo_judgement(2, "wang", "mistaken", AT)
    first, again, twice = tmp_path / "a.csv", tmp_path / "b.csv", tmp_path / "c.csv"
    write_judgements(first, ledger.all_judgements())
    with Ledger.open(f"sqlite:///{tmp_path / 'new.db'}") as new:
        listed, added = import_judgements(new, first, AT)
        assert (listed, len(added)) == (5, 5)
        assert new.all_judgements() == ledger.all_judgements()
        write_judgements(again, new.all_judgements())
        assert import_judgements(new, again, AT) == (5, [])
        write_judgements(twice, new.all_judgements())
    assert first.read_bytes() == again.read_bytes() == twice.read_bytes()


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1).filter(
    lambda text: bool(text.strip())
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=st.lists(st.tuples(TEXT, TEXT, st.integers(0, 2**63 - 1), st.datetimes()), max_size=5))
def test_whatever_is_said_comes_back(drawn: list[tuple[str, str, int, datetime]], tmp_path: Path) -> None:
    judgements = [
        Judgement("same", key, key ^ 1, actor, reason, at.replace(tzinfo=UTC), judgement_id=n, statement_id=n)
        for n, (actor, reason, key, at) in enumerate(drawn, 1)
    ]
    write_judgements(tmp_path / "drawn.csv", judgements)
    assert [judgement for _, judgement in read_judgements(tmp_path / "drawn.csv")] == judgements


def test_lines_that_a_person_typed(ledger: Ledger, tmp_path: Path) -> None:
    path = typed(
        tmp_path,
        f"同一人,{KEY},R5,li,seen,2026-11-03T13:05:07+08:00",
        "",
        "different,7,8,li,x,2026-11-03T13:05:07Z",
    )
    _, added = import_judgements(ledger, path, AT)
    assert [(j.decision, j.statement_id) for j in added] == [("same", 1), ("different", 2)]
    assert added[0].at == datetime(2026, 11, 3, 13, 5, 7, tzinfo=timezone(timedelta(hours=8)))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("maybe,1,2,li,x,2026-11-03T13:05:07Z", "line 2, column 判断 decision: 'maybe' is none of"),
        ("same,1,4.61E+18,li,x,2026-11-03T13:05:07Z", "line 2, column 记录乙 record_r: '4.61E\\+18' is not"),
        ("same,4611686018427380000,2,li,x,2026-11-03T13:05:07Z", "rounded by a spreadsheet"),
        ("same,1,9223372036854775808,li,x,2026-11-03T13:05:07Z", "is not a record key"),
        ("same,1,1,li,x,2026-11-03T13:05:07Z", "line 2: a judgement needs two records"),
        ("same,1,2,li,,2026-11-03T13:05:07Z", "column 理由 reason: is empty"),
        ("same,1,2,li,x,2026/11/3 13:05", "column 时间 at: .* is not a time with its offset"),
        ("undo,1,2,li,x,2026-11-03T13:05:07Z", "line 2: an undo"),
        ("same,1,2", "line 2, column 操作人 actor: is empty"),
    ],
)
def test_a_wrong_cell_is_named(tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(LinkageError, match=said):
        read_judgements(typed(tmp_path, line))


def test_a_file_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(LinkageError, match="lacks the columns 时间 at"):
        read_judgements(typed(tmp_path, headings=HEADINGS.replace(",时间 at", "")))
    (tmp_path / "gbk.csv").write_bytes("判断,甲\n".encode("gbk"))
    with pytest.raises(LinkageError, match="not UTF-8"):
        read_judgements(tmp_path / "gbk.csv")
    with pytest.raises(LinkageError, match="cannot be read"):
        read_judgements(tmp_path / "absent.csv")
    with pytest.raises(LinkageError, match="cannot be written"):
        write_judgements(tmp_path / "no folder" / "x.csv", [])


def test_a_contradiction_names_file_and_lines(ledger: Ledger, tmp_path: Path) -> None:
    ledger.add_judgement(Judgement("same", 1, 2, "zhao", "photo", AT))
    path = typed(
        tmp_path,
        'same,2,3,li,"in two\nlines",2026-11-03T13:05:07Z',
        "different,1,3,li,x,2026-11-03T13:05:07Z",
    )
    with pytest.raises(LinkageError) as refused:
        import_judgements(ledger, path, AT)
    assert refused.value.message.startswith(f"{path} line 4: records 1 and 3 cannot be judged different")
    assert "judgement 1: 1 and 2 same (by zhao" in refused.value.message
    assert "in this file: line 2" in refused.value.message
    assert len(ledger.all_judgements()) == 1


def test_a_key_that_chance_gave_zeros_is_no_rounded_one() -> None:
    assert record_from_text("R4611686018427380000") == 4611686018427380000
    assert record_from_text("100000000000000") == 10**14
