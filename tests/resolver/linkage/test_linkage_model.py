import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from resolver.errors import LinkageError
from resolver.linkage.calibration import Calibration
from resolver.linkage.levels import Comparison
from resolver.linkage.model import Model
from resolver.linkage.patterns import chain, log_odds_of_all, mixture_of, new_memory, unpack, weigh


@pytest.fixture
def two_maps(model: Model) -> Model:
    """A model version with another calibration for pairs without numbers."""
    lower = Calibration(model.calibration.raw, model.calibration.corrected * 0.75)
    return replace(model, calibration_unnumbered=lower)


def test_a_model_reads_back_to_the_last_bit(two_maps: Model, tmp_path: Path) -> None:
    model = two_maps
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
    assert model.calibration_unnumbered is not None
    assert again.mixture.apart == model.mixture.apart == Comparison.ID_NUMBER
    assert (again.mixture.raw_apart == model.calibration_unnumbered.raw).all()
    assert (again.mixture.corrected_apart == model.calibration_unnumbered.corrected).all()
    for name, table in vars(model.rarity).items():
        assert (getattr(again.rarity, name).hashes == table.hashes).all()
        assert (getattr(again.rarity, name).bands == table.bands).all()
    assert all((a == b).all() for a, b in zip(again.oversized, model.oversized, strict=True))


def test_the_version_is_that_of_the_content(model: Model, tmp_path: Path) -> None:
    assert replace(model).version == model.version
    assert replace(model, shares=np.roll(model.shares, 1)).version != model.version
    assert replace(model, calibration=Calibration.none()).version != model.version
    apart = replace(model, calibration_unnumbered=Calibration.none())
    assert apart.version != model.version
    assert Model.read(apart.write(tmp_path)).mixture.apart == Comparison.ID_NUMBER


def test_a_file_that_says_nothing_of_a_calibration_has_none(model: Model, tmp_path: Path) -> None:
    older = replace(model, calibration=Calibration.none(), calibration_unnumbered=None)
    path = older.write(tmp_path)
    assert not {"calibration", "calibration_unnumbered"} & set(json.loads(path.read_text("utf-8")))
    again = Model.read(path)
    assert (len(again.mixture.raw), again.mixture.apart) == (0, -1)


def test_a_file_with_one_calibration_has_it_for_all_pairs(model: Model, tmp_path: Path) -> None:
    older = replace(model, calibration_unnumbered=None)
    again = Model.read(older.write(tmp_path))
    patterns = np.array([0x0F, 0xF0, 0xFF, 0x00], np.uint64) | np.uint64(0xFFFFFFFFFFFFFF00)
    raw = log_odds_of_all(patterns, mixture_of(model.shares, model.levels))
    assert (log_odds_of_all(patterns, again.mixture) == model.calibration(raw)).all()


def test_pairs_without_numbers_are_corrected_by_a_map_of_their_own(model: Model) -> None:
    found = replace(
        model,
        calibration=Calibration(np.array([-9.0, 9.0]), np.array([-8.0, 8.0])),
        calibration_unnumbered=Calibration.none(),
    )
    numbered, unnumbered = (
        np.array([0x0B], np.uint64),
        np.array([0xF0], np.uint64),
    )  # nothing else is the same
    for pattern, apart in ((numbered << np.uint64(4), False), (unnumbered, True)):
        raw = log_odds_of_all(pattern, mixture_of(model.shares, model.levels))
        expected = raw if apart else found.calibration(raw)
        assert (log_odds_of_all(pattern, found.mixture) == expected).all()
        assert chain(unpack(pattern, len(Comparison))[0], found.mixture)[-1] == expected[0]
        assert weigh(unpack(pattern, len(Comparison)), found.mixture, new_memory())[0] == expected[0]


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
