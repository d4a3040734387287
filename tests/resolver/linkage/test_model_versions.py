import os
from pathlib import Path

import pytest

from resolver.errors import LinkageError
from resolver.linkage.model import Model
from resolver.linkage.model_versions import read_version, versions


def test_a_version_is_found_by_its_beginning(model: Model, tmp_path: Path) -> None:
    model.write(tmp_path)
    assert versions(tmp_path) == [model.version]
    assert read_version(tmp_path, model.version).version == model.version
    assert read_version(tmp_path, model.version[:3]).version == model.version


@pytest.mark.parametrize("asked", ["", "zz", "ab"])
def test_what_is_not_one_version_is_refused_and_the_known_ones_are_named(asked: str, tmp_path: Path) -> None:
    for age, name in enumerate(("abcd", "abef", "0123")):
        (tmp_path / f"{name}.json").write_text("{}")
        os.utime(tmp_path / f"{name}.json", (age, age))
    assert versions(tmp_path) == ["abcd", "abef", "0123"]
    with pytest.raises(LinkageError, match=r"there: abcd, abef") as refused:
        read_version(tmp_path, asked)
    assert ("several" in refused.value.message) == (asked == "ab")
    with pytest.raises(LinkageError, match="there: none"):
        read_version(tmp_path / "nowhere", asked)
