"""From received rows to a snapshot of entities.

    deliveries ─► rows ─► records ─► candidate pairs ─► clusters ─► entities ─► golden records ─► snapshot

`resolve` below is that line, top to bottom; each step is a function of the module named in its import.
"""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from resolver.engines import ENGINES, engine
from resolver.entities.crosswalk import assign
from resolver.entities.employers import with_latest_employer
from resolver.entities.golden_record import golden_organisations, golden_records
from resolver.entities.outdated import lacking
from resolver.errors import SnapshotError
from resolver.feeds.archive import archived_files
from resolver.feeds.contract import contracts
from resolver.feeds.current import current_rows
from resolver.ledger.delivery import Delivery
from resolver.ledger.judgement import Judgement
from resolver.ledger.ledger import Ledger
from resolver.ledger.witness import renewed
from resolver.linkage.incremental import link_from
from resolver.linkage.model import Model
from resolver.linkage.model_versions import by_kind, read_organisation_version, read_version
from resolver.linkage.organisation.engine import link_organisations
from resolver.linkage.organisation.model import OrganisationModel
from resolver.linkage.organisation.trainer import train_organisations
from resolver.linkage.state import State
from resolver.linkage.state_files import open_state, write_state
from resolver.linkage.trainer import train
from resolver.memory import give_back
from resolver.progress import Progress, silent
from resolver.publication import next_number, published_snapshot
from resolver.recency import recency
from resolver.resolved_rows import resolved_rows
from resolver.sliced_table import SlicedTable
from resolver.snapshot import Snapshot, SnapshotBuilder, find_sealed, fingerprint
from resolver.standardize.records import Extracted, extract_records, merge_records
from resolver.standardize.schema import ROW_RECORD_SCHEMA
from resolver.version import VERSION
from resolver.workspace import Workspace

CROSSWALK = {"person": "crosswalk", "organisation": "organisation_crosswalk"}
"""Files of a snapshot with the crosswalk's events, for the ledger when it is published."""

LINKAGE_STATE = "linkage"
"""Folder of a snapshot with what the next linkage goes on from; derived, see `resolver.linkage.state`."""


@dataclass(frozen=True)
class ResolveOptions:
    """How to resolve.

    Attributes:
        as_of: Reference date; None = the end of the newest period received. Later deliveries are left out.
        new_model: Train a new model version although there is one.
        models: Use these model versions (see `linkage.model_versions`), one for persons, one for organisations; of a
            kind that is not named, the one in use.
        engine: One of `engines.ENGINES`; another than the default is for small data and comparison.
    """

    as_of: date | None = None
    new_model: bool = False
    models: tuple[str, ...] = ()
    engine: str = "guiyi"


@dataclass(frozen=True)
class Models:
    """The model versions of a run; None where one is to be trained first."""

    person: Model | None
    organisation: OrganisationModel | None

    @property
    def versions(self) -> dict[str, str | None]:
        """As the manifest names them."""
        return {
            "model_version": self.person.version if self.person else None,
            "organisation_model_version": self.organisation.version if self.organisation else None,
        }


def resolve(
    workspace: Workspace, ledger: Ledger, options: ResolveOptions | None = None, progress: Progress = silent
) -> Snapshot:
    """Make a snapshot of everything received up to the reference date, or give the one already made of it.

    The same deliveries, model version, judgements, software and reference date give the same snapshot, so a run
    that was killed is simply started again. The caller holds `Workspace.writer()`.

    Raises:
        SnapshotError: Nothing was received up to the reference date, or the disk is full.
        LinkageError: There is no model version as the options name it, or it cannot be read.
    """
    options = options or ResolveOptions()
    deliveries, as_of = _received(ledger, options.as_of)
    judgements = ledger.judgements()
    previous = published_snapshot(workspace, ledger)
    models = _models_to_use(workspace, previous, options)
    if all(models.versions.values()):
        made = _already_made(
            workspace, previous, _inputs(deliveries, judgements, models, as_of, options.engine)
        )
        if made is not None:
            return made

    extracted, row_records = _extract(workspace, deliveries, as_of, progress)
    model, organisation_model = _trained(workspace, models, extracted, progress)
    models = Models(model, organisation_model)
    inputs = _inputs(deliveries, judgements, models, as_of, options.engine)
    made = _already_made(workspace, previous, inputs)
    if made is not None:
        return made

    keys = [part["record_key"].to_numpy() for part in (extracted.persons, extracted.organisations)]
    judgements = renewed(judgements, np.concatenate(keys), extracted.row_records)
    run = None
    if options.engine == ENGINES[0]:
        run = link_from(_left_by(previous), extracted.persons, model, judgements, progress)
        linkage = run.linkage
    else:
        linkage = engine(options.engine)(extracted.persons, model, judgements, progress)
    give_back()
    progress("joining organisations", 0, 0)
    organisations = link_organisations(extracted.organisations, organisation_model, judgements)
    members = {"person": linkage.members, "organisation": organisations.members}
    progress("naming entities", 0, 0)
    tables: dict[str, pa.Table | SlicedTable] = {}
    for kind, events in CROSSWALK.items():
        members[kind], tables[events] = _name_entities(members[kind], kind, previous, ledger)

    manifest = {
        **inputs,
        "fingerprint": _fingerprint(inputs, previous),
        "based_on": previous.number if previous else None,
        "linkage": {**linkage.report, **(run.facts if run else {})},
        "organisation_linkage": organisations.report,
    }
    with SnapshotBuilder(workspace, next_number(workspace, ledger)) as builder:
        if run is not None:
            with builder.derived(LINKAGE_STATE) as folder:
                write_state(run.state, folder)
        del run
        resolved = _Rows(workspace, deliveries, row_records, members)
        resolved.write(builder, as_of, progress)
        progress("choosing golden records", 0, 0)
        newest = recency(extracted.row_records, deliveries)
        golden = golden_records(extracted.persons, members["person"], newest, linkage.ambiguous)
        tables |= {
            "records": extracted.persons,
            "organisation_records": extracted.organisations,
            "row_records": extracted.row_records,
            "pairs": linkage.kept,
            "members": members["person"],
            "organisation_members": members["organisation"],
            "golden": with_latest_employer(golden, resolved.employments),
            "golden_organisations": golden_organisations(
                extracted.organisations, members["organisation"], newest, organisations.ambiguous
            ),
        }
        for done, (name, table) in enumerate(sorted(tables.items())):
            progress("writing the snapshot", done, len(tables))
            builder.write(name, table)
        counts = {
            "rows": resolved.n_rows,
            "records": extracted.persons.num_rows,
            "persons": golden.num_rows,
            "pairs": linkage.kept.num_rows,
            "organisations": tables["golden_organisations"].num_rows,
        }
        return builder.seal({**manifest, "counts": counts})


def _received(ledger: Ledger, as_of: date | None) -> tuple[list[Delivery], date]:
    """The deliveries to resolve, and the reference date."""
    deliveries = [d for d in ledger.deliveries() if as_of is None or d.period <= as_of]
    if not deliveries:
        raise SnapshotError(
            "nothing was received" + (f" up to {as_of}" if as_of else ""),
            remedy="Run `guiyi receive PATH` first.",
        )
    return deliveries, as_of or end_of_month(max(d.period for d in deliveries))


def end_of_month(day: date) -> date:
    """Last day of the month."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def received_records(
    workspace: Workspace, ledger: Ledger, as_of: date | None = None, progress: Progress = silent
) -> Extracted:
    """Records of everything received up to the reference date, as `resolve` would link them.

    Raises:
        SnapshotError: Nothing was received up to the reference date.
    """
    deliveries, as_of = _received(ledger, as_of)
    return _extract(workspace, deliveries, as_of, progress)[0]


def _models_to_use(workspace: Workspace, previous: Snapshot | None, options: ResolveOptions) -> Models:
    """The versions asked for, else those of the published snapshot; none where a new one is to be trained first."""
    if options.new_model:
        return Models(None, None)
    used, folder = previous.manifest if previous else {}, workspace.models
    asked = by_kind(folder, options.models)
    person = asked.get("person") or used.get("model_version")
    organisation = asked.get("organisation") or used.get("organisation_model_version")
    return Models(
        read_version(folder, person) if person else None,
        read_organisation_version(folder, organisation) if organisation else None,
    )


def _trained(
    workspace: Workspace, models: Models, extracted: Extracted, progress: Progress
) -> tuple[Model, OrganisationModel]:
    """The models, those that are missing trained on the records first."""
    person, organisation = models.person, models.organisation
    if person is None:
        progress("training the model", 0, 0)
        person = train(extracted.persons)
        give_back()
        person.write(workspace.models)
    if organisation is None:
        progress("training the model of organisations", 0, 0)
        organisation = train_organisations(extracted.organisations)
        organisation.write(workspace.models)
    return person, organisation


def _left_by(previous: Snapshot | None) -> State | None:
    """What the linkage of the published snapshot left to go on from."""
    return open_state(previous.folder / LINKAGE_STATE) if previous else None


def _inputs(
    deliveries: Sequence[Delivery], judgements: Sequence[Judgement], models: Models, as_of: date, engine: str
) -> dict[str, Any]:
    """Everything that decides what a run makes, but for the snapshot it goes on from."""
    return {
        "reference_date": as_of.isoformat(),
        "period": max(d.period for d in deliveries).isoformat(),
        "deliveries": sorted(d.delivery_id for d in deliveries),
        "judgements": sorted(j.judgement_id for j in judgements),
        **models.versions,
        "engine": engine,
        "software_version": VERSION,
    }


def _fingerprint(inputs: dict[str, Any], previous: Snapshot | None) -> str:
    return fingerprint({**inputs, "based_on": previous.number if previous else None})


def _already_made(workspace: Workspace, previous: Snapshot | None, inputs: dict[str, Any]) -> Snapshot | None:
    """The published snapshot if it has these inputs, else one that an interrupted run sealed; none that is outdated."""
    same = previous is not None and all(previous.manifest.get(k) == value for k, value in inputs.items())
    if previous is not None and same and not lacking(previous):
        return previous
    made = find_sealed(workspace, _fingerprint(inputs, previous))
    return None if made is None or lacking(made) else made


def _extract(
    workspace: Workspace, deliveries: Sequence[Delivery], as_of: date, progress: Progress
) -> tuple[Extracted, dict[str, pa.Table]]:
    """Records of all rows ever accepted, superseded ones too: a corrected spelling is still evidence.

    Returns:
        The records of all feeds, and feed -> which of its rows gave which.
    """
    feeds = sorted({d.feed for d in deliveries})
    extracted = {}
    for done, feed in enumerate(feeds):
        progress("standardising", done, len(feeds))
        files = [archived_files(workspace, d).rows for d in deliveries if d.feed == feed]
        rows = pa.concat_tables([pq.read_table(file) for file in files])
        extracted[feed] = extract_records(rows, contracts()[feed], as_of=as_of)
    merged = merge_records(extracted.values())
    row_records = {feed: part.row_records for feed, part in extracted.items()}
    extracted.clear()
    give_back()
    return merged, row_records


def _name_entities(
    members: pa.Table, kind: str, previous: Snapshot | None, ledger: Ledger
) -> tuple[pa.Table, pa.Table]:
    """Members with `entity_id` in the place of `cluster`, and the crosswalk's events."""
    file = "members" if kind == "person" else "organisation_members"
    before = previous.read(file, ["record_key", "entity_id"]) if previous else None
    ids, events = assign(
        members.select(["record_key", "cluster"]),
        before,
        ledger.created_entities(kind),
        ledger.left_entities(kind),
    )
    members = members.sort_by("record_key")
    at = members.schema.get_field_index("cluster")
    return members.set_column(at, "entity_id", ids["entity_id"]), events


class _Rows:
    """Writes the snapshot's rows, and keeps what of them the golden records need."""

    def __init__(
        self,
        workspace: Workspace,
        deliveries: list[Delivery],
        row_records: dict[str, pa.Table],
        members: dict[str, pa.Table],
    ) -> None:
        self._workspace = workspace
        self._deliveries = deliveries
        self._row_records = row_records
        self._members = members
        self.employments: list[pa.Table] = []
        self.n_rows = 0

    def write(self, builder: SnapshotBuilder, as_of: date, progress: Progress) -> None:
        """Write `rows/<feed>` for every feed (without rows where nothing was received) and `superseded`."""
        superseded = []
        nothing = ROW_RECORD_SCHEMA.empty_table()
        for done, (feed, contract) in enumerate(contracts().items()):
            progress("bringing rows to their persons", done, len(contracts()))
            rows, gone = current_rows(self._workspace, self._deliveries, feed, as_of)
            rows = resolved_rows(rows, self._row_records.get(feed, nothing), contract, self._members)
            builder.write(f"rows/{feed}", rows)
            superseded.append(gone)
            self.n_rows += rows.num_rows
            if {"person_id", "employer_organisation_id"} <= set(rows.column_names):
                self.employments.append(rows.select(["person_id", "employer_organisation_id", "valid_from"]))
        builder.write("superseded", pa.concat_tables(superseded))
