import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from resolver.errors import LinkageError
from resolver.linkage.calibration import Calibration
from resolver.linkage.model import Model


def test_a_model_reads_back_to_the_last_bit(model: Model, tmp_path: Path) -> None:
    path = model.write(tmp_path / "models")
    assert path.name == f"{model.version}.json"
    again = Model.read(path)
    assert again.version == model.version
    assert again.settings == model.settings
    assert (again.mixture.log_level == model.mixture.log_level).all()
    assert (again.mixture.log_share == model.mixture.log_share).all()
    assert len(model.calibration.raw) > 10
    assert (again.mixture.raw == model.calibration.raw).all()
    assert (again.mixture.corrected == model.calibration.corrected).all()
    for name, table in vars(model.rarity).items():
        assert (getattr(again.rarity, name).hashes == table.hashes).all()
        assert (getattr(again.rarity, name).bands == table.bands).all()
    assert all((a == b).all() for a, b in zip(again.oversized, model.oversized, strict=True))


def test_the_version_is_that_of_the_content(model: Model) -> None:
    assert replace(model).version == model.version
    assert replace(model, shares=np.roll(model.shares, 1)).version != model.version
    assert replace(model, calibration=Calibration.none()).version != model.version


def test_a_file_that_says_nothing_of_a_calibration_has_none(model: Model, tmp_path: Path) -> None:
    older = replace(model, calibration=Calibration.none())
    path = older.write(tmp_path)
    assert "calibration" not in json.loads(path.read_text("utf-8"))
    assert len(Model.read(path).mixture.raw) == 0


def test_a_damaged_missing_or_changed_model_is_refused(model: Model, tmp_path: Path) -> None:
    path = model.write(tmp_path)
    with pytest.raises(LinkageError, match="cannot be read"):
        Model.read(tmp_path / "none.json")
    raw = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**raw, "shares": [0.5] * len(raw["shares"])}), "utf-8")
    with pytest.raises(LinkageError, match="was changed"):
        Model.read(path)
    path.write_text(json.dumps({**raw, "format": 99}), "utf-8")
    with pytest.raises(LinkageError, match="format 99"):
        Model.read(path)
    path.write_text("{", "utf-8")
    with pytest.raises(LinkageError, match="cannot be read"):
        Model.read(path)
