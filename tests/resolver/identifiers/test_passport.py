import pytest

from resolver.identifiers import passport


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("e12345678", "E12345678"),
        ("EA 123 4567", "EA1234567"),
        ("Ｇ12345678", "G12345678"),
        ("C01X00T47", "C01X00T47"),
    ],
)
def test_passports(text: str, number: str) -> None:
    assert passport.normalize(text) == number


@pytest.mark.parametrize("text", ["", "12345678", "ABCDEFGH", "E1234", "11010519491231002X", "张三12345678"])
def test_others(text: str) -> None:
    assert not passport.is_valid(text)
