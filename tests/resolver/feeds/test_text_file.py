import codecs
from pathlib import Path

import pytest

from resolver.errors import DeliveryError
from resolver.feeds import text_file
from resolver.feeds.text_file import TextFile

ROWS = "姓名,地址\n王㼆,威海·环翠\n䶮,x\n"


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (ROWS.encode(), "utf-8"),
        (codecs.BOM_UTF8 + ROWS.encode(), "utf-8"),
        (ROWS.encode("gb18030"), "gb18030"),
        ("姓名,地址\n王伟,威海".encode("gbk"), "gb18030"),
        (ROWS.encode("utf-16"), "utf-16-le"),
        (b"name,address\nA,B\n", "utf-8"),
    ],
)
def test_encodings(tmp_path: Path, data: bytes, encoding: str) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(data)
    text = TextFile.open(path)
    assert text.encoding == encoding
    first = text.first_rows(",")
    assert first[0][0] in ("姓名", "name")
    (batch,) = text.batches(",", first[0], 0)
    assert batch.columns[0].to_pylist() == [row[0] for row in first[1:]]


def test_private_use_characters_are_kept_as_they_came(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes("姓名,b\n".encode("gb18030") + b"\xfe\x59,1\n")
    (batch,) = TextFile.open(path).batches(",", ["姓名", "b"], 0)
    assert batch.columns[0].to_pylist() == [b"\xfe\x59".decode("gb18030")]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (codecs.BOM_UTF8 + b" \r\n", "is empty"),
        (b"%PDF-1.7 \xff\xff\xff\xff", "neither UTF-8 nor GB18030"),
        (b"a\x00b,c\n", "binary"),
        ("姓名,地址".encode("gb18030")[:-1], "neither UTF-8 nor GB18030"),
        ("姓名,地址".encode()[:-1], "neither UTF-8 nor GB18030"),
    ],
)
def test_what_is_no_text_is_refused(tmp_path: Path, data: bytes, words: str) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(data)
    with pytest.raises(DeliveryError, match=words) as error:
        list(TextFile.open(path).batches(",", ["a", "b"], 0))
    assert "x.csv" in str(error.value)
    assert error.value.remedy


def test_the_first_byte_that_is_no_text_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_file, "_HEAD", 4)
    monkeypatch.setattr(text_file, "_BLOCK", 4)
    path = tmp_path / "x.csv"
    path.write_bytes("王伟,李芳\n".encode("gb18030") + b"ab\xff\xff")
    with pytest.raises(DeliveryError, match="byte 12 "):
        list(TextFile.open(path).batches(",", ["a", "b"], 0))


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
@pytest.mark.parametrize("block", [7, 64, 1000])
def test_rows_and_their_numbers_do_not_depend_on_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str, block: int
) -> None:
    monkeypatch.setattr(text_file, "_BLOCK", block)
    lines = ["标题", "", "姓名,地址"]
    wanted = {}
    for number in range(4, 60):
        if number % 7 == 0:
            lines.append("")
        else:
            wanted[number] = (f"王{number}", f"村\n{number}号")
            lines.append(f'王{number},"村\n{number}号"')
    path = tmp_path / "x.csv"
    path.write_bytes("\r\n".join(lines).encode(encoding))
    found: dict[int, tuple[str, str]] = {}
    for batch in TextFile.open(path).batches(",", ["姓名", "地址"], 2):
        names, places = (column.to_pylist() for column in batch.columns)
        found |= dict(zip(batch.row_no.tolist(), zip(names, places, strict=True), strict=True))
        assert batch.broken == ()
    assert found == wanted


def test_broken_rows_say_why_and_keep_their_cells(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text('a,b\n1\n1,"x,y",3\n4,"5\n', "utf-8")
    (batch,) = TextFile.open(path).batches(",", ["a", "b"], 0)
    assert [(row.row_no, row.cells) for row in batch.broken] == [
        (2, ("1",)), (3, ("1", "x,y", "3")), (4, ("4", '"5')),
    ]  # fmt: skip
    assert "3个单元格，表头有2个" in batch.broken[1].reason
    assert "3 cells, the header 2" in batch.broken[1].reason
    assert "引号没有成对" in batch.broken[2].reason
    assert len(batch.row_no) == 0


def test_an_overlong_cell_ends_the_search_for_a_header(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a,b\n" + "x" * 200_000 + ",1\n", "utf-8")
    assert TextFile.open(path).first_rows(",") == [["a", "b"]]
