import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from resolver.errors import LinkageError, SettingsError
from resolver.linkage.model_diff import diff
from resolver.linkage.model_report import report
from resolver.linkage.model_versions import by_kind, read_organisation_version, versions
from resolver.linkage.organisation.engine import link_organisations
from resolver.linkage.organisation.explanation import explain_organisations
from resolver.linkage.organisation.model import FOLDER, OrganisationModel
from resolver.linkage.organisation.settings import CLASSES, organisation_settings, parse_settings
from resolver.linkage.organisation.trainer import train_organisations

from .conftest import credit_code, table

ROWS = [
    {"feed": "W08", "name": "威海海润渔具有限公司", "credit_code": credit_code(12345678), "region": "371002"},
    {"name": "海润渔具", "damaged_code": credit_code(12345678)[:-1] + "0"},
    {"name": "威海海润渔具有限公司", "credit_code": credit_code(87654321)},
]


def test_a_version_is_written_once_and_read_again(tmp_path: Path) -> None:
    model = train_organisations(table(ROWS))
    path = model.write(tmp_path)
    assert path == tmp_path / FOLDER / f"{model.version}.json"
    assert model.write(tmp_path) == path
    again = read_organisation_version(tmp_path, model.version[:6])
    assert again.version == model.version
    assert link_organisations(table(ROWS), again).members == link_organisations(table(ROWS), model).members
    assert versions(tmp_path) == []  # persons' versions lie one folder up
    assert by_kind(tmp_path, [model.version[:6]]) == {"organisation": model.version}


def test_what_another_version_changes(untrained: OrganisationModel) -> None:
    other = replace(
        untrained,
        settings=replace(untrained.settings, clustering=replace(untrained.settings.clustering, stop=2.0)),
        sharing=replace(untrained.sharing, names=np.array([5, 7], np.uint64)),
    )
    found = diff(untrained, other)
    assert [(c.what, c.after) for c in found.settings] == [("clustering.stop", 2.0)]
    assert [(c.what, c.after, c.new) for c in found.values] == [("shared names", 2, 2)]
    assert (found.levels, found.shares, found.calibration) == ((), (), ())
    told = report(other)
    assert (told.kind, told.calibration) == ("organisation", ())
    assert {band.values: band.count for band in told.bands}["姓名、名称 names"] == 2


def test_a_changed_file_is_refused(tmp_path: Path, untrained: OrganisationModel) -> None:
    path = untrained.write(tmp_path)
    raw = json.loads(path.read_text("utf-8"))
    raw["shares"][0] += 0.1
    path.write_text(json.dumps(raw), "utf-8")
    with pytest.raises(LinkageError, match="changed after it was made"):
        OrganisationModel.read(tmp_path, untrained.version)
    with pytest.raises(LinkageError, match="no model version 'zzz'"):
        read_organisation_version(tmp_path, "zzz")


def test_two_versions_of_one_kind_are_refused(tmp_path: Path, untrained: OrganisationModel) -> None:
    untrained.write(tmp_path)
    other = train_organisations(table(ROWS))
    other.write(tmp_path)
    with pytest.raises(LinkageError, match="two model versions for organisations"):
        by_kind(tmp_path, [untrained.version, other.version])


def test_the_settings_are_what_is_believed_of_four_classes() -> None:
    settings = organisation_settings()
    for comparison, believed in zip(settings.comparisons, settings.believed, strict=True):
        assert believed.shape == (len(CLASSES), len(comparison.levels))
        assert believed.sum(axis=1) == pytest.approx(1.0)
        assert (believed > 0).all()
    again = parse_settings(json.loads(json.dumps(settings.to_json())), "again")
    assert (again.comparisons, again.blocking) == (settings.comparisons, settings.blocking)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "person"}, "not 'organisation'"),
        ({"comparisons": []}, "comparisons must be, in this order"),
        ({"values": {}}, "name_shared"),
        ({"blocking": {"cap": 1, "hard_cap": 1, "rules": []}}, "cap must be at least 2"),
        (
            {"blocking": {"cap": 9, "hard_cap": 9, "rules": [{"name": "x", "atoms": ["colour"]}]}},
            "name colour",
        ),
    ],
)
def test_wrong_settings_are_refused(change: dict[str, object], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        parse_settings({**organisation_settings().to_json(), **change}, "test.toml")


def test_an_explanation_adds_up_to_what_linkage_used(untrained: OrganisationModel) -> None:
    records = table(ROWS[:2])
    found = explain_organisations(untrained, records, 2, 1)
    assert found.prior + sum(step.match_weight for step in found.steps) == pytest.approx(found.match_weight)
    assert {step.comparison: step.level for step in found.steps} == {
        "name": "place",
        "credit_code": "one_character",
        "register": "compatible",
    }
    assert (found.steps[0].value_l, found.steps[0].value_r) == ("海润渔具", "威海海润渔具有限公司")
    member = link_organisations(records, untrained).members.to_pylist()[1]
    assert member["link_probability"] == pytest.approx(found.match_probability)
    with pytest.raises(LinkageError, match="no record 9"):
        explain_organisations(untrained, records, 1, 9)
