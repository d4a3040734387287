"""The made-up city's files: what `guiyi synthesize` writes."""

import hashlib
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from resolver.errors import WorkspaceError
from resolver.synthetic.batches import (
    CUT,
    NO_DATE,
    NOBODY,
    SHIFTED,
    SOUND,
    Batch,
    Office,
    make_page,
    whole_numbers,
)
from resolver.synthetic.build import build_world
from resolver.synthetic.delivery_conflicts import HALF, delivery_conflicts, plan_deliveries
from resolver.synthetic.departments import Department, departments
from resolver.synthetic.draws import Bools, Ints, mix, pick, salt
from resolver.synthetic.identities import KIN
from resolver.synthetic.identity_errors import Profile
from resolver.synthetic.inhabitants import Inhabitants
from resolver.synthetic.rendering_traps import add_rendering_traps
from resolver.synthetic.truth import Place, TruthBook, save_manifest
from resolver.synthetic.world import Trap, World
from resolver.synthetic.writers import Layout, write_spreadsheet, write_text

Progress = Callable[[str, int, int], None]

SPREADSHEET_ROWS = 50_000  # a department with more exports text
PART_ROWS = 500_000  # and one with more than this, in several files
_TWICE = "W04"  # the feed whose first file comes a second time (trap 30)
_SHIFTED = ("W01", "W22")  # feeds in which columns are shifted (trap 39)


def synthesize(
    directory: Path, persons: int, seed: int, months: int, profile: Profile, progress: Progress | None = None
) -> dict[str, Any]:
    """Invent a city and write its departments' files with the truth about them.

    Args:
        directory: Gets `feeds/<period>/…` and `truth/`; must not hold a city already.
        persons: How many persons; 200 or more.
        seed: The same seed makes the same bytes.
        months: Monthly deliveries; the first one carries the history.
        profile: `typical`, or `hard` with two and a half times the errors.
        progress: Called with what is being done, how many of how many steps are behind.

    Returns:
        The manifest, as written to `truth/manifest.json`.

    Raises:
        WorkspaceError: The directory holds feeds already or cannot be written.
    """
    if (directory / "feeds").exists() or (directory / "truth").exists():
        raise WorkspaceError(
            f"{directory} already holds a city's files", remedy="Name an empty or new directory."
        )
    report = progress or (lambda _stage, _done, _total: None)
    report("city", 0, len(departments()) + 1)
    world = build_world(persons, seed, months, profile)
    try:
        return write_city(directory, world, profile, report)
    except OSError as error:
        raise WorkspaceError(
            f"cannot write to {directory}: {error.strerror}",
            remedy="Check the path, its rights and the free space.",
        ) from error


def write_city(directory: Path, world: World, profile: Profile, progress: Progress) -> dict[str, Any]:
    """Write a world's files and truth; the world gets the traps that lie in the writing."""
    inhabitants = Inhabitants(world)
    add_rendering_traps(world, inhabitants)
    writing = _Writing(directory, world, profile, inhabitants)
    for done, feed in enumerate(departments()):
        progress(feed, done + 1, len(departments()) + 1)
        if feed in world.facts:
            writing.write_feed(departments()[feed])
    counts = writing.finish()
    manifest: dict[str, Any] = {
        "persons": len(inhabitants),
        "seed": world.seed,
        "months": len(world.periods),
        "profile": profile,
        "periods": [f"{period:%Y-%m}" for period in world.periods],
        "reference_date": world.reference_date.isoformat(),
        "counts": counts,
        "rows_written": dict(writing.rows_written),
    }
    save_manifest(directory / "truth", manifest)
    progress("truth", len(departments()) + 1, len(departments()) + 1)
    return manifest


@dataclass(frozen=True)
class _Choice:
    """The facts of one feed and month in the order of the file, and which of them are spoilt copies."""

    rows: Ints
    spoilt: npt.NDArray[np.int8]


class _Writing:
    """One writing of a city."""

    def __init__(self, directory: Path, world: World, profile: Profile, inhabitants: Inhabitants) -> None:
        self._feeds = directory / "feeds"
        self._world = world
        self._truth = TruthBook(directory / "truth", world, inhabitants)
        self._traps: list[tuple[Trap, list[int]]] = []
        self._planted = _planted_facts(world)
        self.rows_written: dict[str, int] = defaultdict(int)
        guarded = np.zeros(len(inhabitants), dtype=np.bool_)
        for conflict in world.conflicts:
            guarded[[person for person in conflict.persons if person >= 0]] |= conflict.planted
        kin = _guarded_kin(world, inhabitants)
        self._deliveries = plan_deliveries(world, self._planted)
        self._sent: dict[tuple[str, int], int] = {}
        overrides = defaultdict(list)
        for override in world.overrides:
            overrides[override.feed].append(override)
        self._office = Office(world.seed, profile, inhabitants, guarded, kin, dict(overrides))

    def write_feed(self, department: Department) -> None:
        """Write all months of one feed, an empty file where nothing happened."""
        for period in range(len(self._world.periods)):
            if (department.feed, period) in self._deliveries.silent:
                continue
            choice = self._choose(department, period)
            self._sent[department.feed, period] = len(choice.rows)
            parts = max(1, -(-len(choice.rows) // PART_ROWS))
            for part in range(parts):
                some = slice(part * PART_ROWS, (part + 1) * PART_ROWS)
                facts = self._world.facts[department.feed].take(pa.array(choice.rows[some]))
                batch = Batch(department, period, facts, choice.spoilt[some])
                self._write_file(batch, f"_第{part + 1}部分" if parts > 1 else "")

    def finish(self) -> dict[str, int]:
        """Write the truth."""
        self._world.conflicts += delivery_conflicts(self._deliveries, self._sent)
        return self._truth.finish(self._traps)

    def _choose(self, department: Department, period: int) -> _Choice:
        facts = self._world.facts[department.feed]
        first = whole_numbers(facts, "period")
        if department.extent == "full":
            last = whole_numbers(facts, "last_period")
            there = (first <= period) & ((last < 0) | (last >= period))
        else:
            there = first == period
            if (department.feed, period) in self._deliveries.zero:
                there[:] = False
            elif (department.feed, period - 1) in self._deliveries.zero:
                there |= first == period - 1
        rows = np.flatnonzero(there)
        if (department.feed, period) in self._deliveries.halved:
            rows = rows[(first[rows] == period) | (np.arange(len(rows)) % 2 == 0)]
        return self._spoil(department, period, rows)

    def _spoil(self, department: Department, period: int, rows: Ints) -> _Choice:
        """Add copies that no office should accept: of nobody, without a date, cut off, shifted by a column."""
        kinds = [kind for kind in (NOBODY, NO_DATE, CUT, SHIFTED) if _can_be(department, kind)]
        sound = _Choice(rows, np.full(len(rows), SOUND, dtype=np.int8))
        if not department.roles:
            return sound
        main = whole_numbers(self._world.facts[department.feed], department.roles[0].role)
        free = rows[~self._planted[department.feed][rows] & (main[rows] >= 0)]
        if department.roles[0].kind == "person":
            free = free[~self._office.guarded[main[free]]]
        each = min(12, 1 + len(rows) // 3000)
        if len(free) < 30 or not kinds:
            return sound
        label = salt(self._world.seed, "spoilt", department.feed, period)
        chosen = free[np.argsort(mix(label, free), kind="stable")[: each * len(kinds)]]
        where = pick(mix(label, chosen), "where", len(rows))
        spoilt = np.resize(np.array(kinds, dtype=np.int8), len(chosen))
        return _Choice(np.insert(rows, where, chosen), np.insert(sound.spoilt, where, spoilt))

    def _write_file(self, batch: Batch, suffix: str) -> None:
        department, period = batch.department, self._world.periods[batch.period]
        sheet = department.format == "xlsx" and len(batch.spoilt) <= SPREADSHEET_ROWS
        page = make_page(batch, self._office, "xlsx" if sheet else "csv")
        words = self._words(batch)
        layout = Layout(
            heading=tuple(line.format(**words) for line in department.heading),
            sheets=department.sheets,
            sequence=department.sequence,
            remark=department.remark,
            total=department.total,
        )
        stem = department.file.format(**words) + suffix
        path = self._feeds / f"{period:%Y-%m}" / f"{stem}.{'xlsx' if sheet else 'csv'}"
        path.parent.mkdir(parents=True, exist_ok=True)
        if sheet:
            sheets, row_nos = write_spreadsheet(path, page.rows, layout)
        else:
            sheets, row_nos = write_text(path, page.rows, layout, department.encoding)
        name = f"{path.parent.name}/{path.name}"
        self._truth.add_file(name, _sha256(path), batch)
        truth_rows = self._truth.add_rows(batch, page, Place(name, sheets, row_nos))
        self.rows_written[department.feed] += len(batch.spoilt)
        if department.roles:
            self._note_traps(batch, truth_rows[department.roles[0].role], path)

    def _words(self, batch: Batch) -> dict[str, str]:
        period = self._world.periods[batch.period]
        return {
            "title": batch.department.title,
            "year": f"{period:%Y}",
            "month": str(period.month),
            "mm": f"{period:%m}",
            "day": "28",
            "extent": "全量" if batch.department.extent_of(batch.period) == "full" else "增量",
        }

    def _note_traps(self, batch: Batch, truth_rows: Ints, path: Path) -> None:
        """The traps that are about files, and those about columns shifted by one."""
        feed = batch.department.feed
        name = f"{path.parent.name}/{path.name}"
        if (feed, batch.period) == HALF:
            self._traps.append((Trap(29, "half a snapshot", "file", (), name), []))
        if feed == _TWICE and batch.period == 0:
            again = path.with_stem(f"{path.stem}_重报")
            shutil.copyfile(path, again)
            self._truth.add_file(f"{again.parent.name}/{again.name}", _sha256(again), batch)
            self._traps.append(
                (Trap(30, "same batch twice", "file", (), f"{name} again as {again.name}"), [])
            )
        for row in np.flatnonzero(batch.spoilt == SHIFTED).tolist():
            note = "the ID number in the name column, all columns from there shifted by one"
            trap = Trap(39, "shifted columns", "quarantine", (), note)
            self._traps.append((trap, [int(truth_rows[row])]))


def _can_be(department: Department, kind: int) -> bool:
    columns = [column for column, _ in department.columns]
    if not department.roles:
        return False
    if kind == NOBODY:
        return "name" in department.roles[0].cells and "id_number" in department.roles[0].cells
    if kind == NO_DATE:
        return bool(department.required)
    if kind == CUT:
        return bool(department.required) and columns.index(department.required) >= 3
    return department.feed in _SHIFTED


def _guarded_kin(world: World, inhabitants: Inhabitants) -> dict[str, Bools]:
    """For each kind of kin the persons who carry a planted conflict together with theirs."""
    related = {kin: inhabitants.numbers(kin) for kin in KIN}
    guarded = {kin: np.zeros(len(inhabitants), dtype=np.bool_) for kin in KIN}
    for conflict in world.conflicts:
        persons = [person for person in conflict.persons if person >= 0] if conflict.planted else []
        if len(persons) > 1:
            for kin, of in related.items():
                guarded[kin][persons] |= np.isin(of[persons], persons)
    return guarded


def _planted_facts(world: World) -> dict[str, Bools]:
    """Feed -> which of its facts carry a conflict, a trap or a cell of their own."""
    planted = {feed: np.zeros(facts.num_rows, dtype=np.bool_) for feed, facts in world.facts.items()}
    marked: Iterator[tuple[str, int]] = (
        (feed, fact) for conflict in world.conflicts for feed, fact in conflict.facts
    )
    for feed, fact in marked:
        planted[feed][fact] = True
    for trap in world.traps:
        for feed, fact, _ in trap.facts:
            planted[feed][fact] = True
    for override in world.overrides:
        planted[override.feed][override.fact] = True
    return planted


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
