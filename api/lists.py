"""Findings, liability leads and possible duplicates of a snapshot as lists, whole or as a scope sees them.

A thing is on a scope's list only when every person it names is visible in that scope, and a finding only when its
own node is visible too: its facts may tell of both sides.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from graph.store import EVERYTHING, GraphView

_NOBODY = -1
_BATCH = 10_000

Positions = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Wanted:
    """Which findings; None = any.

    Attributes:
        persons: Entity ids, on either side.
        rule: Rule id.
        department: Whom it goes to.
        region: County of the person it is about.
        suppressed: Whether those suppressed by another finding are wanted too.
    """

    persons: frozenset[int] | None = None
    rule: str | None = None
    department: str | None = None
    region: str | None = None
    suppressed: bool = False


class Lists:
    """The three lists, in the order in which they are shown."""

    def __init__(
        self, findings: pa.Table, leads: pa.Table, duplicates: pa.Table, regions: tuple[pa.Table, pa.Table]
    ) -> None:
        """Put the lists in order; `regions` are id and region of persons and of organisations."""
        order = [("severity", "ascending"), ("rule", "ascending"), ("finding_key", "ascending")]
        self.findings = findings.sort_by(order).combine_chunks()
        self.leads = leads.combine_chunks()
        self.duplicates = duplicates.combine_chunks()
        self.persons = _numbers(self.findings, "person_id")
        self.others = _numbers(self.findings, "other_person_id")
        self._rules = self.findings["rule"].to_numpy()
        self._active = np.asarray(pc.is_null(self.findings["suppressed_by"]), np.bool_)
        self._departments = _holders(self.findings["return_to"])
        places = [
            table["region"].take(pc.index_in(self.findings[name], table[name]))
            for name, table in zip(("person_id", "organisation_id"), regions, strict=True)
        ]
        self._regions = pc.coalesce(*places).to_numpy()

    def matching(self, wanted: Wanted) -> Mask:
        """Which findings are wanted, by position."""
        mask = np.ones(self.findings.num_rows, np.bool_) if wanted.suppressed else self._active.copy()
        if wanted.persons is not None:
            persons = sorted(wanted.persons)
            mask &= np.isin(self.persons, persons) | np.isin(self.others, persons)
        if wanted.rule is not None:
            mask &= self._rules == wanted.rule
        if wanted.region is not None:
            mask &= self._regions == wanted.region
        if wanted.department is not None:
            mask &= self._departments.get(wanted.department, np.zeros(len(mask), np.bool_))
        return mask

    def findings_of(self, person_id: int) -> list[dict[str, Any]]:
        """Findings about a person, suppressed ones too."""
        wanted = Wanted(frozenset({person_id}), suppressed=True)
        found: list[dict[str, Any]] = self.findings.take(np.flatnonzero(self.matching(wanted))).to_pylist()
        return found


class VisibleLists:
    """The lists as one scope sees them. Never changes."""

    def __init__(self, lists: Lists, view: GraphView) -> None:
        self._lists = lists
        if view.scope == EVERYTHING:
            self._seen = np.ones(lists.findings.num_rows, np.bool_)
            self._leads, self._duplicates = lists.leads, lists.duplicates
            return
        self._seen = _named_are_visible([lists.persons, lists.others], view)
        keys = lists.findings["finding_key"].to_numpy()
        self._seen &= np.isin(keys, _visible("Finding", keys[self._seen], view))
        self._leads = lists.leads.filter(pa.array(_visible_leads(lists.leads, keys[self._seen], view)))
        pairs = [_numbers(lists.duplicates, name) for name in ("person_id_l", "person_id_r")]
        self._duplicates = lists.duplicates.filter(pa.array(_named_are_visible(pairs, view)))

    def findings(self, wanted: Wanted) -> Positions:
        """Positions of the findings that are wanted and visible, in order; for `finding_rows`."""
        return np.flatnonzero(self._lists.matching(wanted) & self._seen)

    def finding_rows(self, positions: Positions) -> list[dict[str, Any]]:
        """The findings at these positions."""
        rows: list[dict[str, Any]] = self._lists.findings.take(positions).to_pylist()
        return rows

    @property
    def leads(self) -> pa.Table:
        """Third-party-liability leads, strongest evidence first."""
        return self._leads

    @property
    def duplicates(self) -> pa.Table:
        """Pairs of persons kept apart although a link between them is doubtful; the most probable first."""
        return self._duplicates


def _named_are_visible(persons: list[Positions], view: GraphView) -> Mask:
    """Which rows name visible persons only."""
    named = np.unique(np.concatenate(persons))
    seen = _visible("Person", named[named != _NOBODY], view)
    visible = np.ones(len(persons[0]), np.bool_)
    for column in persons:
        visible &= np.isin(column, seen) | (column == _NOBODY)
    return visible


def _visible_leads(leads: pa.Table, findings: npt.NDArray[np.int64], view: GraphView) -> Mask:
    """Leads about visible persons: those whose finding is visible, and what a facility declares itself."""
    found = np.isin(_numbers(leads, "finding_key"), findings)
    declared = np.asarray(pc.equal(leads["kind"], "declared"), np.bool_) & np.asarray(
        leads["finding_key"].is_null()
    )
    visible: Mask = (found | declared) & _named_are_visible([_numbers(leads, "person_id")], view)
    return visible


def _visible(label: str, keys: npt.NDArray[np.int64], view: GraphView) -> npt.NDArray[np.int64]:
    """Those of the nodes that are visible."""
    found = []
    for start in range(0, len(keys), _BATCH):
        nodes = view.get_many([f"{label}:{key}" for key in keys[start : start + _BATCH]])
        found += [int(node.id.partition(":")[2]) for node in nodes]
    return np.array(found, np.int64)


def _numbers(table: pa.Table, name: str) -> npt.NDArray[np.int64]:
    return np.asarray(pc.fill_null(table[name], _NOBODY), np.int64)


def _holders(lists: pa.ChunkedArray) -> dict[str, Mask]:
    """Value -> which rows of a column of lists hold it."""
    rows = np.asarray(pc.list_parent_indices(lists), np.int64)
    values = pc.list_flatten(lists).to_numpy()
    masks: dict[str, Mask] = {}
    for value in set(values):
        masks[value] = np.zeros(len(lists), np.bool_)
        masks[value][rows[values == value]] = True
    return masks
