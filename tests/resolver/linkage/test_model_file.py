import json
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.linkage.model_file import content_version, write_model

plain = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
documents = st.dictionaries(
    st.text(), st.recursive(plain, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))
)


@settings(max_examples=30)  # each goes to the disk
@given(documents)
def test_the_file_says_what_it_was_given_whatever_that_is(document: dict[str, object]) -> None:
    with TemporaryDirectory() as folder:
        path = write_model(Path(folder), document, content_version(document))
        read = json.loads(path.read_text("utf-8"))
        assert path.stem == content_version(document)
        assert read == {"format": read["format"], "version": path.stem, **document}


def test_a_row_of_numbers_stands_on_one_line(tmp_path: Path) -> None:
    content = {"levels": {"name": [[0.5, 1e-09, 3], [0.25, 0.75, 1]]}}
    text = write_model(tmp_path, content, content_version(content)).read_text("utf-8")
    assert [line.strip() for line in text.splitlines() if "0.5" in line] == ["[ 0.5, 1e-09, 3 ],"]
