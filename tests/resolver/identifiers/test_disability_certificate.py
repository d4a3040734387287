import pytest

from resolver.identifiers import disability_certificate

HOLDER = "11010519491231002X"


@pytest.mark.parametrize(
    ("text", "number", "kind", "grade", "reissue"),
    [
        (HOLDER + "44", HOLDER + "44", 4, 4, 0),
        (HOLDER.lower() + "11b1", HOLDER + "11B1", 1, 1, 1),
        (HOLDER + "722", HOLDER + "72B2", 7, 2, 2),
    ],
)
def test_parse(text: str, number: str, kind: int, grade: int, reissue: int) -> None:
    assert disability_certificate.parse(text) == disability_certificate.DisabilityCertificate(
        number, HOLDER, kind, grade, reissue
    )
    assert disability_certificate.normalize(number) == number


@pytest.mark.parametrize("text", ["", HOLDER, HOLDER + "84", HOLDER + "45", "11010519491231002144"])
def test_others(text: str) -> None:
    assert not disability_certificate.is_valid(text)
