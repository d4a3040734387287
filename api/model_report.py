"""What `guiyi train` and `guiyi model …` print for people."""

from collections.abc import Mapping, Sequence
from typing import Any

from api.console import print_facts, print_json, print_table, say
from resolver.linkage.model_diff import Change, ModelDiff
from resolver.linkage.model_effect import Effect
from resolver.linkage.model_report import CorrectionReport, ModelReport
from resolver.linkage.organisation.model import OrganisationModel

_LEVELS_SHOWN = 25


def trained(
    found: ModelReport,
    organisations: OrganisationModel,
    seconds: float,
    changes: ModelDiff | None,
    *,
    as_json: bool,
) -> None:
    """New versions: what they cost, what the one for persons holds in short and changes, how to use them."""
    if as_json:
        told = changes.to_json() if changes else None
        facts = {"model_version": found.version, "seconds": seconds, "trained_on": found.trained_on}
        of_organisations = {"model_version": organisations.version, "trained_on": organisations.trained_on}
        print_json({**facts, "changes": told, "organisations": of_organisations})
        return
    say(f"model version {found.version}: {found.trained_on['records']:,} records, {seconds:.1f} s")
    weights(found)
    calibrated(found)
    if changes is not None:
        changed(changes)
    n = organisations.trained_on["records"]
    say(f"model version {organisations.version} for organisations: {n:,} records")
    say(
        f"To use them: guiyi resolve --model {found.version} --model {organisations.version}. "
        "The first run with a new model links everything anew."
    )


def weights(found: ModelReport) -> None:
    """m, u and match weight of every level."""
    rows = [
        [comparison.key if not place else "", f"{level.label_zh} {level.label_en}", f"{level.m:.3g}",
         f"{level.u:.3g}", level.match_weight]
        for comparison in found.comparisons
        for place, level in enumerate(comparison.levels)
    ]  # fmt: skip
    print_table("Levels 各级权重", ["comparison", "level", "m", "u", "bits"], rows, decimals=2)
    say(
        "bits: log2 of m over u, u among all non-matching candidate pairs; what a level weighs, all else average"
    )


def calibrated(found: ModelReport) -> None:
    """What the model version corrects match probabilities to."""
    if not found.calibration and not found.calibration_unnumbered:
        why = "" if found.kind == "organisation" else ": too few third records to learn one from"
        say(f"no calibration{why}; weights are as the classes give them")
    _corrections("Calibration 校准", found.calibration)
    _corrections(
        "Calibration where ID numbers cannot be compared 无法比较证件号码", found.calibration_unnumbered
    )


def _corrections(title: str, found: tuple[CorrectionReport, ...]) -> None:
    if not found:
        return
    rows = [
        [
            f"{row.match_probability:g}",
            f"{row.corrected_probability:.3f}",
            row.match_weight,
            row.corrected_weight,
        ]
        for row in found
    ]
    headers = ["match probability", "corrected", "bits", "corrected bits"]
    print_table(title, headers, rows, decimals=2)


def shown(found: ModelReport) -> None:
    """All that a model version holds."""
    facts = dict(found.trained_on)
    if found.kind == "person":
        facts["characters mistaken for one another"] = found.confusions
    print_facts(f"Model version {found.version}, for {found.kind}s", facts)
    names = [f"one {found.kind}", *(f"two {found.kind}s, {n}" for n in range(1, len(found.shares)))]
    print_table(
        "Classes of candidate pairs",
        ["class", "share"],
        [list(r) for r in zip(names, found.shares, strict=True)],
    )
    weights(found)
    calibrated(found)
    if found.rules:
        rows = [[rule.name, " + ".join(rule.atoms), rule.oversized] for rule in found.rules]
        print_table("Blocking rules 分组规则", ["rule", "what agrees", "keys left out"], rows)
    if found.bands:
        bands = [[band.values, band.band, band.count] for band in found.bands]
        print_table("Values that are not ordinary", ["values", "band", "how many"], bands)
    if found.thresholds:
        print_facts("Thresholds (natural log-odds)", found.thresholds)


def changed(changes: ModelDiff) -> None:
    """What one version changes against another."""
    say(f"{changes.before} → {changes.after}")
    if changes.before == changes.after:
        say("the same model version: nothing changes")
        return
    _table("Settings that change", changes.settings)
    if changes.levels:
        rows = [
            [f"{level.label_zh} {level.label_en}", level.before, level.after,
             None if level.before is None or level.after is None else level.after - level.before]
            for level in changes.levels[:_LEVELS_SHOWN]
        ]  # fmt: skip
        headers = ["level", "bits before", "after", "change"]
        print_table(f"Weights that change most (of {len(changes.levels)})", headers, rows, decimals=2)
    _table("Classes of candidate pairs", changes.shares)
    _table("Calibration 校准", changes.calibration)
    if changes.values:
        sets = [[c.what, c.before, c.after, c.new, c.gone] for c in changes.values]
        print_table("Values and blocks", ["which", "before", "after", "new", "gone"], sets)
    _table("Trained on", changes.trained_on)


def moved(found: Effect) -> None:
    """What another version would do to persons."""
    print_facts("The published records, linked with both", found.to_json())


def listed(facts: Sequence[Mapping[str, Any]]) -> None:
    """The model versions of a workspace."""
    if not facts:
        say("no model versions yet: run `guiyi month PATH` or `guiyi train`")
        return
    print_table(
        "Model versions", ["version", "made", "in use", "for"], [list(fact.values()) for fact in facts]
    )


def _table(title: str, changes: Sequence[Change]) -> None:
    if changes:
        rows = [[change.what.replace("_", " "), change.before, change.after] for change in changes]
        print_table(title, ["which", "before", "after"], rows, decimals=4)
