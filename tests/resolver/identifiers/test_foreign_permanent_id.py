from datetime import date

import pytest

from resolver.identifiers import foreign_permanent_id, person_number

NEW = "93784019800229001" + person_number.check_character("93784019800229001")


def test_new_number() -> None:
    parsed = foreign_permanent_id.parse(NEW.lower())
    assert parsed == foreign_permanent_id.ForeignPermanentId(NEW, date(1980, 2, 29))
    assert not foreign_permanent_id.is_valid(NEW, on=date(1980, 2, 28))


def test_old_number_has_no_birth_date() -> None:
    assert foreign_permanent_id.parse("usa 3710 1234 5678") == foreign_permanent_id.ForeignPermanentId(
        "USA371012345678", None
    )


@pytest.mark.parametrize(
    "text", ["", "US1371012345678", NEW[:-1], "999840198002290016", "11010519491231002X"]
)
def test_others(text: str) -> None:
    assert not foreign_permanent_id.is_valid(text)
