from typing import Any

import pytest

from resolver.errors import SettingsError
from resolver.feeds.output import outputs, parse_output

MINIMAL: dict[str, Any] = {
    "feed": "Z01", "title": "测试", "title_en": "Test", "to": ["CIVIL"], "basis": "", "one_row_per": "test",
    "columns": {"name": {}, "no": {"header": "编号", "type": "code"}},
}  # fmt: skip
SHARED = {"name": {"header": "姓名", "type": "name", "platform": ["psn_name"]}}


def test_every_output_is_declared() -> None:
    assert list(outputs()) == ["J08", "J09", "J11", "W30", "W31", "W32"]
    for file, output in outputs().items():
        assert file == output.feed
        assert output.to
        headers = [column.header for column in output.columns.values()]
        assert len(set(headers)) == len(headers), file
        # What is for the answer stands last, so that it can be filled in.
        assert list(output.columns)[len(output.columns) - len(output.answer) :] == list(output.answer)


def test_shared_columns_are_taken_over() -> None:
    output = parse_output(MINIMAL, SHARED, "z.toml")
    assert output.columns["name"].header == "姓名"
    assert output.columns["name"].aliases == ("psn_name",)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"answer": ["reply"]}, "'reply' is not one of its columns"),
        ({"columns": {"no": {"header": "编号", "type": "number"}}}, "unknown type 'number'"),
        ({"columns": {"no": {"header": "编号"}}}, "'type' is missing"),
    ],
)
def test_a_wrong_output_is_named(change: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError, match=words) as error:
        parse_output({**MINIMAL, **change}, SHARED, "z.toml")
    assert "z.toml" in str(error.value)
