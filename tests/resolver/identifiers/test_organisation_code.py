import pytest

from resolver.identifiers import organisation_code


@pytest.mark.parametrize("text", ["D2143569X", "D2143569-X", "d2143569x", "600037341"])
def test_good_codes(text: str) -> None:
    assert organisation_code.is_valid(text)
    assert len(organisation_code.normalize(text) or "") == 9


@pytest.mark.parametrize("text", ["", "D21435690", "600037342", "60003734", "000000000", "威海"])
def test_others(text: str) -> None:
    assert not organisation_code.is_valid(text)
