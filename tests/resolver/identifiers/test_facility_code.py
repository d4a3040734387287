import pytest

from resolver.identifiers import facility_code


def test_parse() -> None:
    assert facility_code.parse("h37100200012") == facility_code.FacilityCode(
        "H37100200012", "hospital", "371002"
    )
    assert facility_code.parse("P99999900012") == facility_code.FacilityCode("P99999900012", "pharmacy", None)


@pytest.mark.parametrize("text", ["", "H3710020001", "X37100200012", "威海市立医院"])
def test_others(text: str) -> None:
    assert not facility_code.is_valid(text)
