from pathlib import Path

import pytest
import xlsxwriter

from resolver.errors import DeliveryError
from resolver.standardize.example_file import read_examples

_ROWS = [["张三", "371002198001010017", ""], ["李四", "", "1980年1月1日"]]
_EXPECTED = [
    (2, {"name": "张三", "id_number": "371002198001010017"}),
    (3, {"name": "李四", "birth_date": "1980年1月1日"}),
]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("headers", [["姓名", "身份证号", "生日"], ["name", "id_number", "birth_date"]])
def test_a_text_file_in_any_encoding(tmp_path: Path, encoding: str, headers: list[str]) -> None:
    path = tmp_path / "asked.csv"
    path.write_text("\n".join(",".join(row) for row in [headers, *_ROWS]), encoding)
    assert list(read_examples(path)) == _EXPECTED


def test_a_spreadsheet_with_columns_of_no_use(tmp_path: Path) -> None:
    path = tmp_path / "asked.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["姓名", "备注", "联系电话"])
        sheet.write_row(1, 0, ["张三", "急", "13912345678"])
    assert list(read_examples(path)) == [(2, {"name": "张三", "phone": "13912345678"})]


def test_a_file_that_describes_nobody_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("a,b\n1,2\n", "utf-8")
    with pytest.raises(DeliveryError, match=r"other\.csv"):
        list(read_examples(path))
