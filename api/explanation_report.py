"""`guiyi explain` on the terminal, as JSON and as a picture. Each look is audited."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from api.console import out, print_json, print_table, say
from api.explaining import side_of
from api.looking import published, recorded
from api.presenting import entity_text, person_from_text
from resolver.errors import SettingsError, SnapshotError
from resolver.ledger.judgement import Judgement
from resolver.ledger.ledger import Ledger
from resolver.linkage.entity_explanation import EntityExplanation, explain_entity
from resolver.linkage.entity_picture import entity_page
from resolver.linkage.explanation import Explanation, explain_pair
from resolver.linkage.explanation_picture import pair_page
from resolver.linkage.model import Model
from resolver.linkage.model_versions import read_organisation_version, read_version
from resolver.linkage.organisation.explanation import explain_organisations
from resolver.linkage.why_not import WhyNot, why_not
from resolver.linkage.wording import Text, percent
from resolver.lookup import Lookup
from resolver.snapshot import Snapshot
from resolver.workspace import Workspace

_LINKS_SHOWN = 10


@dataclass(frozen=True)
class _Seen:
    """What is published, with what an explanation needs of it."""

    snapshot: Snapshot
    lookup: Lookup
    model: Model
    judgements: Sequence[Judgement]


def show_pair(
    workspace: Workspace, ledger: Ledger, keys: tuple[int, int], html: Path | None, *, as_json: bool
) -> None:
    """Explain two records of the published snapshot.

    Raises:
        SnapshotError: Nothing is published, or they are no two records of it.
        SettingsError: A picture of two organisations is asked for.
    """
    with _seen(workspace, ledger) as seen:
        if (pair := _organisations(seen.snapshot, keys)) is not None:
            if html is not None:
                raise SettingsError("there is no picture of two organisations", remedy="Leave out --html.")
            _note(ledger, [], seen.snapshot)
            _show_organisations(workspace, seen.snapshot, pair, keys, as_json=as_json)
            return
        records = seen.lookup.records(keys)
        if records.num_rows != 2 or keys[0] == keys[1]:
            raise SnapshotError(
                "that is not a pair of records of the published snapshot",
                remedy="`guiyi person` shows a person's record keys.",
            )
        persons = [seen.lookup.entity_of(key) for key in keys]
        found = explain_pair(seen.model, records, *keys)
        sides = [side_of(key, seen.lookup) for key in keys]
        apart = persons[0] != persons[1]
        because = why_not(seen.model, sides[0], sides[1], seen.judgements) if apart else None
        _note(ledger, sorted({p for p in persons if p is not None}), seen.snapshot)
        if html is not None:
            named = pa.concat_tables([sides[0].limited(), sides[1].limited()])
            names = {key: " ".join(lines) for key, lines in box_lines(named).items()}
            html.write_text(pair_page(found, keys, names, seen.model.version, because), "utf-8")
    if as_json:
        ends = {f"record_key_{side}": str(key) for side, key in zip("lr", keys, strict=True)}
        why = because.to_json() if because else None
        print_json({**ends, "same_person": not apart, **found.to_json(), "why_not": why})
        return
    _print_waterfall(found, keys)
    if because is not None:
        _print_reasons(because)


def _organisations(snapshot: Snapshot, keys: tuple[int, int]) -> pa.Table | None:
    """The two records, if they are of organisations; else None."""
    records = snapshot.read("organisation_records")
    found = records.filter(pc.is_in(records["record_key"], value_set=pa.array(keys, pa.int64())))
    return found if found.num_rows == 2 else None


def _show_organisations(
    workspace: Workspace, snapshot: Snapshot, pair: pa.Table, keys: tuple[int, int], *, as_json: bool
) -> None:
    """Explain two organisation records by the chain of weights alone: the texts in sentences speak of persons."""
    model = read_organisation_version(workspace.models, snapshot.manifest["organisation_model_version"])
    found = explain_organisations(model, pair, *keys)
    members = snapshot.read("organisation_members", ["record_key", "entity_id"])
    chosen = members.filter(pc.is_in(members["record_key"], value_set=pa.array(keys, pa.int64())))
    same = pc.count_distinct(chosen["entity_id"]).as_py() == 1
    golden = snapshot.read("golden_organisations", ["organisation_id", "ambiguous"])
    of_both = pc.is_in(golden["organisation_id"], value_set=chosen["entity_id"])
    ambiguous = bool(pc.any(golden.filter(of_both)["ambiguous"]).as_py())
    if as_json:
        ends = {f"record_key_{side}": str(key) for side, key in zip("lr", keys, strict=True)}
        steps = [{k: v for k, v in s.items() if not k.startswith("text_")} for s in found.to_json()["steps"]]
        weights = {
            "prior": found.prior,
            "match_weight": found.match_weight,
            "match_probability": found.match_probability,
        }
        print_json({**ends, "same_organisation": same, "ambiguous": ambiguous, "steps": steps, **weights})
        return
    _print_chain(found, keys, "organisation")
    say("one organisation 同一单位" if same else "two organisations 两家单位")
    if ambiguous:
        say("doubtful 存疑: records here fit two organisations almost equally, or came close to another one")


def show_entity(workspace: Workspace, ledger: Ledger, text: str, html: Path | None, *, as_json: bool) -> None:
    """Explain what holds a person of the published snapshot together.

    Raises:
        SnapshotError: Nothing is published, or there is no such person in it.
        EntityIdError: The text is no person id.
    """
    with _seen(workspace, ledger) as seen:
        entity = person_from_text(text)
        members = seen.lookup.members(entity)
        if not members:
            raise SnapshotError(
                f"there is no person {text} in the published snapshot", remedy="`guiyi person` finds persons."
            )
        records = seen.lookup.records([int(member["record_key"]) for member in members])
        found = explain_entity(seen.model, records, members, seen.judgements)
        _note(ledger, [entity], seen.snapshot)
        lines = box_lines(records)
        if html is not None:
            html.write_text(entity_page(found, entity_text(entity), lines, seen.model.version), "utf-8")
    if as_json:
        print_json({"person_id": entity_text(entity), **found.to_json()})
    else:
        _print_links(found, {key: " ".join(text) for key, text in lines.items()})


def box_lines(records: pa.Table) -> dict[int, tuple[str, ...]]:
    """Record key -> two lines that name the record for people: feed and name, birth date and end of the key."""
    columns = (records[name].to_pylist() for name in ("record_key", "feed", "name", "birth_date"))
    return {
        key: (f"{feed} {name or '–'}", f"{born or '–'} …{str(key)[-4:]}")
        for key, feed, name, born in zip(*columns, strict=True)
    }


@contextmanager
def _seen(workspace: Workspace, ledger: Ledger) -> Iterator[_Seen]:
    with published(workspace, ledger).hold() as snapshot:
        model = read_version(workspace.models, snapshot.manifest["model_version"])
        yield _Seen(snapshot, Lookup(snapshot), model, ledger.judgements())


def _note(ledger: Ledger, persons: list[int], snapshot: Snapshot) -> None:
    recorded(
        ledger,
        "cli.explain",
        persons=[entity_text(person) for person in persons],
        results=len(persons),
        numbers_shown=True,
        snapshot=snapshot.number,
    )


def _tell(text: Text) -> None:
    """Both languages, wrapped to the width of the terminal."""
    for words in text:
        out.print(words, markup=False)


def _print_waterfall(found: Explanation, keys: tuple[int, int]) -> None:
    _print_chain(found, keys, "person")
    _tell(found.summary)


def _print_chain(found: Explanation, keys: tuple[int, int], kind: str) -> None:
    rows: list[list[Any]] = [["prior", "", "", "", found.prior]]
    for step in found.steps:
        rows.append([step.comparison, step.label, step.value_l, step.value_r, step.match_weight])
    rows.append(["sum", f"match probability {percent(found.match_probability)}", "", "", found.match_weight])
    headers = ["comparison", "level", *map(str, keys), "bits"]
    print_table(f"Match weight: each bit doubles the odds of one {kind}", headers, rows, decimals=2)


def _print_reasons(because: WhyNot) -> None:
    say("")
    say("Why they are two persons 为什么没有合为一人")
    for reason in because.reasons:
        _tell(reason.text)
        for pair in reason.speaking:
            say(f"    {pair.record_key_l} {pair.record_key_r}: {pair.match_weight:+.1f} bits")


def _print_links(found: EntityExplanation, names: dict[int, str]) -> None:
    _tell(found.summary)
    rows = [
        [
            f"{link.parent_record_key} {names[link.parent_record_key]}",
            f"{link.record_key} {names[link.record_key]}",
            percent(link.link_probability),
            link.explanation.match_weight,
            link.next_best,
            len(link.beyond),
        ]
        for link in found.links[:_LINKS_SHOWN]
    ]
    if rows:
        headers = ["record", "record", "probability", "bits", "next best", "beyond"]
        print_table("Links, the weakest first", headers, rows, decimals=1)
        say("next best: strongest other pair across this link, in bits; beyond: records that hang on it")
