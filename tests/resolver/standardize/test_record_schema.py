import re
from pathlib import Path

from resolver.standardize.schema import ORGANISATION_RECORD_SCHEMA, PERSON_RECORD_SCHEMA, ROW_RECORD_SCHEMA

DATA = (Path(__file__).parents[3] / "docs" / "data.md").read_text("utf-8")


def test_the_person_record_is_as_documented() -> None:
    section = DATA.split("## Person record")[1].split("## ")[0]
    cells = [row.split("|")[1] for row in section.splitlines() if row.startswith("| `")]
    assert [name for cell in cells for name in re.findall(r"`(\w+)`", cell)] == PERSON_RECORD_SCHEMA.names


def test_the_organisation_record_is_as_documented() -> None:
    section = DATA.split("## Organisation record")[1].split("## ")[0]
    known = [name for name in re.findall(r"`(\w+)`", section) if name in ORGANISATION_RECORD_SCHEMA.names]
    assert known == ORGANISATION_RECORD_SCHEMA.names


def test_row_records() -> None:
    assert ROW_RECORD_SCHEMA.names == ["row_id", "role", "record_key"]
