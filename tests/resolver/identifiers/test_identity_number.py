from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.identifiers import identity_number, person_number
from resolver.identifiers.identity_number import IdType, classify, classify_column

GOOD = "11010519491231002X"
FOREIGN = "91184019800101001" + person_number.check_character("91184019800101001")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (GOOD, (GOOD, "resident", "valid")),
        ("110105491231002", (GOOD, "resident", "legacy")),
        ("110105194912310021", ("110105194912310021", "resident", "checksum")),
        ("110105194902300020", ("110105194902300020", "resident", "format")),
        ("11010519491231002", ("11010519491231002", "resident", "format")),  # a digit lost
        ("110105194912311000", ("110105194912311000", "resident", "rounded")),
        ("1.10105E+17", (None, "resident", "rounded")),
        ("1.10105194912311E+17", ("110105194912311000", "resident", "rounded")),
        ("11010519491231002X44", (GOOD, "resident", "valid")),  # a disability certificate
        ("810000199001010016", ("810000199001010016", "residence_permit", "checksum")),
        ("971003202106280717", ("971003202106280717", "resident", "format")),
        (FOREIGN, (FOREIGN, "foreign_permanent", "valid")),
        ("USA110123456789", ("USA110123456789", "foreign_permanent", "valid")),
        ("H1234567801", ("H12345678", "travel_permit", "valid")),
        ("M98765432", ("M98765432", "travel_permit", "valid")),
        ("01234501", ("01234501", "travel_permit", "valid")),
        ("E12345679", ("E12345679", "passport", "valid")),
        ("EA1234569", ("EA1234569", "passport", "valid")),
        ("110105********002X", ("110105********002X", "unknown", "format")),
        ("111111111111111111", (None, None, "placeholder")),
        ("123456789012345678", (None, None, "placeholder")),
        ("000000", (None, None, "placeholder")),
        ("", (None, None, "missing")),
        ("无", (None, None, "missing")),
        (" / ", (None, None, "missing")),
        (None, (None, None, "missing")),
        ("李四", (None, None, "format")),
    ],
)
def test_classify(text: str | None, expected: tuple[str | None, str | None, str]) -> None:
    found = classify(text)
    assert (found.number, found.id_type, found.status) == expected


def test_a_stated_kind_decides_between_numbers_without_a_check() -> None:
    assert classify("H12345678", stated="passport").id_type == "passport"
    assert classify("H12345678", stated="travel_permit").number == "H12345678"
    assert classify("A1", stated="passport") == identity_number.IdentityNumber("A1", "passport", "format")
    assert classify(GOOD, stated="passport").id_type == "resident"


@pytest.mark.parametrize(
    ("word", "kind"),
    [("居民身份证", "resident"), ("护照", "passport"), ("外国人永久居留身份证", "foreign_permanent"),
     ("港澳居民来往内地通行证", "travel_permit"), ("港澳台居民居住证", "residence_permit"), ("其他", None)],
)  # fmt: skip
def test_stated_type(word: str, kind: str | None) -> None:
    assert identity_number.stated_type(word) == kind


texts = st.one_of(
    st.none(),
    st.text("0123456789X xE+.HM无", max_size=20),
    st.sampled_from(
        [
            GOOD,
            GOOD.lower(),
            FOREIGN,
            "1" * 18,
            "123456789012345678",
            "110105194912311000",
            "李四",
            "H12345678",
        ]
    ),
    st.text("0123456789", min_size=18, max_size=18),
    st.builds(lambda tail: "3710021980010" + tail, st.text("0123X", min_size=5, max_size=5)),
)
kinds = st.none() | st.sampled_from(["护照", "居民身份证", "港澳居民来往内地通行证", "什么"])


@settings(deadline=None)
@given(st.lists(st.tuples(texts, kinds), max_size=12), st.booleans(), st.booleans())
def test_a_column_as_one_by_one(
    cells: list[tuple[str | None, str | None]], encoded: bool, stated: bool
) -> None:
    as_of = date(2024, 1, 1)
    numbers = pa.array([number for number, _ in cells], pa.string())
    column = pa.chunked_array([numbers[:3], numbers[3:]], pa.string())
    words = pa.array([kind for _, kind in cells], pa.string()) if stated else None
    found = classify_column(column.dictionary_encode() if encoded else column, words, as_of=as_of)
    expected = []
    for number, word in cells:
        kind: IdType | None = identity_number.stated_type(word) if stated and word else None
        one = classify(number, stated=kind, as_of=as_of)
        expected.append({"number": one.number, "id_type": one.id_type, "status": one.status})
    assert found.to_pylist() == expected


@settings(deadline=None)
@given(texts)
def test_a_canonical_number_stays(text: str | None) -> None:
    once = classify(text)
    if once.number is not None:
        assert classify(once.number).number == once.number
