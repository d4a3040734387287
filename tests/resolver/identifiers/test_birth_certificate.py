import pytest

from resolver.identifiers import birth_certificate


def test_form() -> None:
    assert birth_certificate.normalize("t 371 000 123") == "T371000123"


@pytest.mark.parametrize("text", ["", "T37100012", "3710001234", "T000000000"])
def test_others(text: str) -> None:
    assert not birth_certificate.is_valid(text)
