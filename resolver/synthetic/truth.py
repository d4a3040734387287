"""The truth beside the files: which row is about whom, and which conflicts are to be found (`docs/data.md`)."""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from resolver.synthetic.batches import Batch, Page, Said
from resolver.synthetic.draws import Bools, Ints, text_keys
from resolver.synthetic.identities import FIT
from resolver.synthetic.identity_errors import ERRORS
from resolver.synthetic.inhabitants import Inhabitants
from resolver.synthetic.namesakes import Namesakes
from resolver.synthetic.shared_names import SharedNames
from resolver.synthetic.world import Conflict, Trap, World
from resolver.synthetic.written_births import BirthConflicts
from resolver.synthetic.written_faults import WrittenFaults
from resolver.synthetic.written_numbers import NumberConflicts

_WORD = pa.dictionary(pa.int32(), pa.string())
_NUMBERS = pa.list_(pa.int64())
ROWS = pa.schema(
    [
        ("truth_row", pa.int64()),
        ("path", _WORD),
        ("sheet", _WORD),
        ("row_no", pa.int32()),
        ("feed", _WORD),
        ("role", _WORD),
        ("kind", _WORD),
        ("subject", pa.int64()),
        ("unlinkable", pa.bool_()),
        ("quarantine", pa.bool_()),
        ("errors", pa.list_(pa.string())),
    ]
)
FILES = pa.schema([(name, pa.string()) for name in ("path", "sha256", "feed", "period", "extent")])
CONFLICTS = pa.schema(
    [
        ("conflict", pa.int64()),
        ("rule", pa.string()),
        ("planted", pa.bool_()),
        ("persons", _NUMBERS),
        ("organisation", pa.int64()),
        ("truth_rows", _NUMBERS),
        ("period", pa.string()),
        ("why", pa.string()),
        ("trap", pa.int16()),
        ("feed", pa.string()),
        ("last_period", pa.string()),
    ]
)
CASEWORK = pa.schema(
    [
        ("case", pa.int64()),
        ("rule", pa.string()),
        ("persons", _NUMBERS),
        ("event", pa.string()),
        ("day", pa.date32()),
        ("department", pa.string()),
        ("due", pa.date32()),
    ]
)
TRAPS = pa.schema(
    [
        ("trap", pa.int16()),
        ("name", pa.string()),
        ("expect", pa.string()),
        ("truth_rows", _NUMBERS),
        ("note", pa.string()),
    ]
)
_PERSON = (
    "person", "name", "sex", "birth_date", "id_number", "death_date", "household", "spouse", "mother", "father",
)  # fmt: skip
_ORGANISATION = ("organisation", "name", "credit_code", "kind", "facility_code")


@dataclass(frozen=True)
class Place:
    """Where the rows of a batch stand: the file (relative to `feeds`), and for every row its sheet and row."""

    path: str
    sheets: list[str]
    row_nos: Ints


class TruthBook:
    """Takes down the truth while the files are written; `finish` writes what can only be known at the end."""

    def __init__(self, folder: Path, world: World, inhabitants: Inhabitants) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._world = world
        self._inhabitants = inhabitants
        self._namesakes = Namesakes(inhabitants)
        self._shared_names = SharedNames(inhabitants)
        self._numbers = NumberConflicts(inhabitants, world.reference_date)
        self._births = BirthConflicts()
        self._faults = WrittenFaults(inhabitants, world.reference_date)
        self._writer = pq.ParquetWriter(folder / "rows.parquet", ROWS, compression="zstd")
        self._watched = _watched_facts(world)
        self._rows_of: dict[tuple[str, int], list[tuple[str, int]]] = defaultdict(list)
        self._next = 0
        self._files: list[dict[str, str]] = []
        self.unlinkable = 0

    @property
    def rows(self) -> int:
        """Rows × roles taken down so far."""
        return self._next

    def add_file(self, path: str, sha256: str, batch: Batch) -> None:
        """Take down that a file was written."""
        department = batch.department
        self._files.append(
            {
                "path": path,
                "sha256": sha256,
                "feed": department.feed,
                "period": self._periods[batch.period],
                "extent": department.extent_of(batch.period),
            }
        )

    def add_rows(self, batch: Batch, page: Page, place: Place) -> dict[str, Ints]:
        """Take down the rows of a written file.

        Returns:
            For every role the truth row of each row of the batch; -1 where the row does not speak of the role.
        """
        truth_rows: dict[str, Ints] = {}
        for one in page.said:
            main = one.role is batch.department.roles[0]
            kept = np.flatnonzero((one.subject >= 0) | main)
            numbers = np.full(len(one.subject), -1, dtype=np.int64)
            numbers[kept] = self._next + np.arange(len(kept))
            self._next += len(kept)
            truth_rows[one.role.role] = numbers
            unlinkable = self._find_unlinkable(one, page)
            self.unlinkable += int(unlinkable.sum())
            columns = {
                "truth_row": pa.array(numbers[kept]),
                "path": _word(place.path, len(kept)),
                "sheet": pa.array(place.sheets, pa.string()).dictionary_encode().take(pa.array(kept)),
                "row_no": pa.array(place.row_nos[kept].astype(np.int32)),
                "feed": _word(batch.department.feed, len(kept)),
                "role": _word(one.role.role, len(kept)),
                "kind": _word(one.role.kind, len(kept)),
                "subject": pa.array(one.subject[kept]),
                "unlinkable": pa.array(unlinkable[kept]),
                "quarantine": pa.array(page.refused[kept]),
                "errors": _error_names(one.errors[kept]),
            }
            self._writer.write_table(pa.table(columns, schema=ROWS))
            self._numbers.add(batch, page, one, numbers)
            self._births.add(batch, page, one, numbers)
            self._faults.add(batch, page, one, numbers)
            self._watch(batch, one.role.role, numbers)
        if batch.department.roles:
            first = batch.department.roles[0].role
            self._faults.add_rows(batch, page, truth_rows[first], spreadsheet=place.path.endswith(".xlsx"))
        return truth_rows

    def finish(self, traps: list[tuple[Trap, list[int]]]) -> dict[str, int]:
        """Write everything but the rows.

        Args:
            traps: Traps that are about rows of files rather than facts, with their truth rows.

        Returns:
            How much of everything there is.
        """
        self._writer.close()
        world = self._world
        conflicts = [(c, self._rows_of_facts(c.facts)) for c in world.conflicts]
        conflicts += self._numbers.conflicts()
        conflicts += self._births.conflicts()
        conflicts += self._faults.conflicts()
        known = [(trap, self._rows_of_roles(trap)) for trap in world.traps]
        self._save("files", pa.Table.from_pylist(sorted(self._files, key=lambda f: f["path"]), FILES))
        self._save("conflicts", self._conflict_table(conflicts))
        self._save("casework", pa.Table.from_pylist([asdict(step) for step in world.casework], CASEWORK))
        self._save("traps", _trap_table([*known, *traps]))
        self._save("persons", world.persons.select(_PERSON))
        self._save("organisations", world.organisations.select(_ORGANISATION))
        households = world.persons.select(["household", "person", "relation"])
        self._save("households", households.sort_by([("household", "ascending"), ("person", "ascending")]))
        return {
            "persons": world.persons.num_rows,
            "organisations": world.organisations.num_rows,
            "files": len(self._files),
            "rows": self._next,
            "unlinkable": self.unlinkable,
            "conflicts": sum(conflict.planted for conflict, _ in conflicts),
            "look_alikes": sum(not conflict.planted for conflict, _ in conflicts),
            "traps": len(known) + len(traps),
        }

    @property
    def _periods(self) -> list[str]:
        return [f"{period:%Y-%m}" for period in self._world.periods]

    def _find_unlinkable(self, one: Said, page: Page) -> Bools:
        found = np.zeros(len(one.subject), dtype=np.bool_)
        if one.role.kind != "person":
            return self._unlinkable_organisations(one, page)
        rows = np.flatnonzero((one.subject >= 0) & ~page.refused & ((one.right & FIT["number"]) == 0))
        column = one.column("name")
        names = None
        if column in page.texts:
            written = pc.fill_null(page.texts[column].take(pa.array(rows)), "")
            names = text_keys(pc.replace_substring_regex(written, "[ \u3000]+", ""))
        found[rows] = self._namesakes.unlinkable(
            one.subject[rows], one.right[rows], names, one.birth_days[rows]
        )
        return found

    def _unlinkable_organisations(self, one: Said, page: Page) -> Bools:
        column = one.column("name")
        open_rows: Bools = (one.subject >= 0) & ~page.refused & ((one.right & FIT["number"]) == 0)
        found = np.ones(len(open_rows), np.bool_)
        if column in page.texts:
            found = self._shared_names.unlinkable(page.texts[column])
        if "facility_code" in page.texts:
            true = self._inhabitants.of_organisation("facility_code", one.subject)
            coded = pc.fill_null(pc.equal(page.texts["facility_code"], true), False)
            facilities = self._shared_names.unlinkable_facilities(one.subject)
            found = np.where(coded.to_numpy(zero_copy_only=False), facilities, found)
        return np.asarray(open_rows & found, np.bool_)

    def _watch(self, batch: Batch, role: str, truth_rows: Ints) -> None:
        feed = batch.department.feed
        if feed not in self._watched:
            return
        fact = batch.fact
        seen = np.isin(fact, self._watched[feed]) & (truth_rows >= 0) & (batch.spoilt == 0)
        for row in np.flatnonzero(seen).tolist():
            self._rows_of[feed, int(fact[row])].append((role, int(truth_rows[row])))

    def _rows_of_facts(self, facts: Iterable[tuple[str, int]]) -> list[int]:
        return [row for fact in facts for _, row in self._rows_of.get(fact, ())]

    def _rows_of_roles(self, trap: Trap) -> list[int]:
        return [
            row
            for feed, fact, wanted in trap.facts
            for role, row in self._rows_of.get((feed, fact), ())
            if role == wanted
        ]

    def _conflict_table(self, conflicts: list[tuple[Conflict, list[int]]]) -> pa.Table:
        rows = [
            {
                "conflict": i,
                "rule": conflict.rule,
                "planted": conflict.planted,
                "persons": list(conflict.persons),
                "organisation": conflict.organisation,
                "truth_rows": truth_rows,
                "period": self._periods[conflict.period],
                "why": conflict.why,
                "trap": conflict.trap,
                "feed": conflict.feed,
                "last_period": None if conflict.last_period < 0 else self._periods[conflict.last_period],
            }
            for i, (conflict, truth_rows) in enumerate(conflicts)
        ]
        return pa.Table.from_pylist(rows, CONFLICTS)

    def _save(self, name: str, table: pa.Table) -> None:
        pq.write_table(table, self._folder / f"{name}.parquet", compression="zstd")


def save_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    """Write `manifest.json`."""
    (folder / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _trap_table(traps: list[tuple[Trap, list[int]]]) -> pa.Table:
    rows = [
        {
            "trap": trap.trap,
            "name": trap.name,
            "expect": trap.expect,
            "truth_rows": truth_rows,
            "note": trap.note,
        }
        for trap, truth_rows in traps
    ]
    return pa.Table.from_pylist(rows, TRAPS)


def _watched_facts(world: World) -> dict[str, npt.NDArray[np.int64]]:
    wanted: dict[str, set[int]] = defaultdict(set)
    for conflict in world.conflicts:
        for feed, fact in conflict.facts:
            wanted[feed].add(fact)
    for trap in world.traps:
        for feed, fact, _ in trap.facts:
            wanted[feed].add(fact)
    return {feed: np.array(sorted(facts), dtype=np.int64) for feed, facts in wanted.items()}


def _word(text: str, n: int) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(n, np.int32)), pa.array([text]))


def _error_names(errors: Ints) -> pa.Array:
    masks, codes = np.unique(errors, return_inverse=True)
    names = [[name for i, name in enumerate(ERRORS) if int(mask) >> i & 1] for mask in masks]
    return pa.array(names, pa.list_(pa.string())).take(pa.array(codes))
