import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.standardize import variants


def test_trap_16_variants_share_a_key() -> None:
    for one, other in (
        ("鍾", "钟"),
        ("锺", "钟"),
        ("於", "于"),
        ("昇", "升"),
        ("囯", "国"),
        ("濬", "浚"),
        ("喆", "哲"),
        ("堃", "坤"),
    ):
        assert variants.fold(one) == variants.fold(other)


def test_other_characters_do_not() -> None:
    for one, other in (("艳", "燕"), ("日", "曰"), ("未", "末"), ("淼", "渺")):
        assert variants.fold(one) != variants.fold(other)


@settings(deadline=None)
@given(st.text("王鍾锺於喆龢榮貴a?·", max_size=8) | st.text(max_size=8))
def test_folding_twice_changes_nothing_and_keeps_the_length(text: str) -> None:
    once = variants.fold(text)
    assert variants.fold(once) == once
    assert len(once) == len(text)


def test_column() -> None:
    assert variants.fold_column(pa.array(["鍾", None, "A"])).to_pylist() == ["钟", None, "A"]
