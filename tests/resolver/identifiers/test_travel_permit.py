import pytest

from resolver.identifiers import travel_permit


@pytest.mark.parametrize(
    ("text", "number", "origin"),
    [
        ("h12345670", "H12345670", "hong_kong"),
        ("H1234567002", "H12345670", "hong_kong"),
        ("M 9876 5431", "M98765431", "macao"),
        ("01234569", "01234569", "taiwan"),
        ("0123456901(B)", "01234569", "taiwan"),
    ],
)
def test_permits(text: str, number: str, origin: str) -> None:
    permit = travel_permit.parse(text)
    assert permit is not None
    assert (permit.number, permit.origin) == (number, origin)
    assert travel_permit.normalize(number) == number


@pytest.mark.parametrize("text", ["", "H1234567", "A12345678", "1234567", "H00000000", "12345678"])
def test_others(text: str) -> None:
    assert not travel_permit.is_valid(text)
