"""Faults of the written files that quality rules name: Q02, Q03, Q04 and Q10 of identities, Q08 of keys, Q11 of rows.

Most of them are made by the error model and not planted one by one, so what is to be found is read off the cells as
they were written: the number beside the birth date, the name beside the number, the keys of a file side by side.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from resolver.synthetic.batches import CUT, NO_BIRTH, Batch, Page, Said, clean_number
from resolver.synthetic.departments import Department
from resolver.synthetic.draws import Bools, Ints, Keys, mix, salt, text_keys
from resolver.synthetic.identity_errors import EPOCH
from resolver.synthetic.inhabitants import Inhabitants
from resolver.synthetic.world import Conflict
from resolver.synthetic.written_cells import LOST, Look, matches, nameless, written_births, written_day
from resolver.synthetic.written_names import SpeltNames
from resolver.synthetic.written_numbers import NO_NUMBER, is_malformed

_LOOK_ALIKES = 100  # of each kind, that are listed
_HOLDS_NUMBER = ("W20", "W21")  # a disability certificate's number begins with its holder's
_SEX_OF_ROLE = {"husband": 1, "father": 1, "wife": 2, "mother": 2}  # said by the column that a name stands in


@dataclass(frozen=True)
class _Fault:
    """A way of being at fault, or of only looking it (`planted` false)."""

    rule: str
    planted: bool
    why: str


_NO_NUMBER = _Fault("Q04", True, "no number")
_NO_NAME = _Fault("Q04", True, "no name")
_CERTIFIED = _Fault("Q04", False, "the certificate holds the number")
_LOST_CHARACTER = _Fault("Q10", True, "a character that could not be written")
_CONTRADICTED = _Fault("Q02", True, "the number holds another birth date or sex")
_AGREES = _Fault("Q02", False, "an old number that agrees")
_REPEATED = _Fault("Q08", True, "one key in two rows")
_LACKING = _Fault("Q11", True, "an element missing")


@dataclass(frozen=True)
class _Rows:
    """Some rows at fault in one way, with whom they are about and by what they belong together."""

    keys: Keys
    subject: Ints
    period: Ints
    truth_rows: Ints


class WrittenFaults:
    """Gathers, file by file, what quality rules must find; `conflicts` tells it at the end."""

    def __init__(self, inhabitants: Inhabitants, reference_date: date) -> None:
        self._people = inhabitants
        self._today = (reference_date - EPOCH).days
        self._found: dict[_Fault, list[_Rows]] = defaultdict(list)
        self._listed: dict[_Fault, int] = defaultdict(int)
        self._names = SpeltNames(inhabitants)
        self._deliveries: dict[tuple[str, str, int], str] = {}
        self._number_birth, self._number_sex = _in_numbers(inhabitants)

    def add(self, batch: Batch, page: Page, one: Said, truth_rows: Ints) -> None:
        """Look at one role of one written file."""
        if one.role.kind != "person":
            return
        sound = (one.subject >= 0) & ~page.refused & (truth_rows >= 0)
        look = Look(batch, page, one, truth_rows, sound)
        names, numbers = look.texts("name"), look.texts("id_number")
        if names is not None:
            self._lost_characters(look, names)
        if numbers is None:
            return
        given = _given(numbers)
        if batch.department.feed in _HOLDS_NUMBER:
            certified = _certified(look, ~given)
            self._take(_CERTIFIED, look, certified)
            given |= certified
        if one.role is batch.department.roles[0]:
            self._take(_NO_NUMBER, look, ~given)
            if names is not None:
                self._take(_NO_NAME, look, nameless(names))
        self._contradictions(look, numbers, given)
        if names is not None:
            self._names.add(look, names, numbers)

    def add_rows(self, batch: Batch, page: Page, truth_rows: Ints, spreadsheet: bool) -> None:
        """Look at the keys of one written file, and at what it lacks; `truth_rows` are the main role's."""
        feed = batch.department.feed
        if spreadsheet and (batch.spoilt == CUT).any():
            self._deliveries["Q11", feed, batch.period] = "rows cut off before what they must say"
        sound = ~page.refused & (truth_rows >= 0)
        keys = _keys(batch, page)
        rows = np.flatnonzero(sound & keys.is_valid().to_numpy(zero_copy_only=False))
        codes = keys.take(pa.array(rows)).dictionary_encode().indices.to_numpy()
        self._take_rows(_REPEATED, batch, keys, truth_rows, rows[np.bincount(codes, minlength=1)[codes] > 1])
        lacking = np.zeros(len(sound), np.bool_)
        for column in batch.department.elements:
            missing = sound & _empty(page, column, len(sound))
            if missing.sum() > 1 and missing.sum() == sound.sum():
                self._deliveries["Q11", feed, batch.period] = "an element in no row"
            else:
                lacking |= missing
        self._take_rows(_LACKING, batch, keys, truth_rows, np.flatnonzero(lacking))

    def conflicts(self) -> Iterator[tuple[Conflict, list[int]]]:
        """All of them, each with the truth rows that carry it (none for Q03: any rows of the person will do)."""
        for fault, parts in self._found.items():
            yield from _grouped(fault, parts)
        for conflict in self._names.conflicts():
            yield conflict, []
        for (rule, feed, period), why in self._deliveries.items():
            yield Conflict(rule, True, (), period=period, why=why, feed=feed), []

    def _from_certificates(self, look: Look, numbers: pa.Array, birth: Ints, sex: Ints) -> None:
        """Where no number is written, the certificate's counts."""
        rows = np.flatnonzero(look.sound & ~_given(numbers))
        for row, text in zip(
            rows.tolist(), look.page.texts["certificate_no"].take(pa.array(rows)).to_pylist(), strict=True
        ):
            birth[row], sex[row] = _held((text or "")[:18])

    def _take(self, fault: _Fault, look: Look, where: Bools) -> None:
        rows = np.flatnonzero(look.sound & where)
        if not fault.planted:
            rows = rows[: max(_LOOK_ALIKES - self._listed[fault], 0)]
            self._listed[fault] += len(rows)
        if len(rows):
            keys = mix(salt(look.batch.department.feed, look.one.role.role), look.one.keys[rows])
            period = np.full(len(rows), look.batch.period, np.int64)
            self._found[fault].append(_Rows(keys, look.one.subject[rows], period, look.truth_rows[rows]))

    def _take_rows(self, fault: _Fault, batch: Batch, keys: pa.Array, truth_rows: Ints, rows: Ints) -> None:
        """Rows at fault whoever they are about: those with one key of one feed belong together."""
        if not len(rows):
            return
        own = keys.take(pa.array(rows))
        groups = mix(salt("key", batch.department.feed), text_keys(own))
        alone = own.is_null().to_numpy(zero_copy_only=False)
        groups = np.where(alone, mix(salt("row", batch.department.feed), truth_rows[rows]), groups)
        nobody, period = np.full(len(rows), -1, np.int64), np.full(len(rows), batch.period, np.int64)
        self._found[fault].append(_Rows(groups, nobody, period, truth_rows[rows]))

    def _lost_characters(self, look: Look, names: pa.Array) -> None:
        """Q10: only cells with a wording of their own hold such characters."""
        rows = np.flatnonzero(look.sound & look.has("name:planted"))
        lost = np.zeros(len(look.sound), np.bool_)
        lost[rows] = matches(names.take(pa.array(rows)), LOST)
        self._take(_LOST_CHARACTER, look, lost)

    def _contradictions(self, look: Look, numbers: pa.Array, given: Bools) -> None:
        """Q02: a number that is right in itself beside another birth date or sex than it holds."""
        one = look.one
        owner = np.where(look.has("id_number:family"), self._people.family[one.subject], one.subject)
        birth, sex = self._number_birth[owner], self._number_sex[owner]
        birth[look.has("id_number:mistyped")] = NO_BIRTH
        if look.batch.department.feed in _HOLDS_NUMBER:
            self._from_certificates(look, numbers, birth, sex)
        planted = np.flatnonzero(given & look.sound & look.has("id_number:planted"))
        for row, text in zip(planted.tolist(), numbers.take(pa.array(planted)).to_pylist(), strict=True):
            birth[row], sex[row] = _held(text or "")
        written = written_births(look)
        written = np.where(written > self._today, NO_BIRTH, written)  # nobody is born in the future
        differs = (written != NO_BIRTH) & (written != birth)
        if one.column("sex"):
            differs |= self._people.numbers("sex")[one.subject] != sex
        elif one.role.role in _SEX_OF_ROLE:
            differs |= sex != _SEX_OF_ROLE[one.role.role]
        wrong = given & (birth != NO_BIRTH) & differs
        self._take(_CONTRADICTED, look, wrong)
        self._take(_AGREES, look, given & ~wrong & (written != NO_BIRTH) & look.has("id_number:legacy"))


def _grouped(fault: _Fault, parts: list[_Rows]) -> Iterator[tuple[Conflict, list[int]]]:
    keys = np.concatenate([part.keys for part in parts])
    subject = np.concatenate([part.subject for part in parts])
    period = np.concatenate([part.period for part in parts])
    truth_rows = np.concatenate([part.truth_rows for part in parts])
    order = np.lexsort((truth_rows, keys))
    starts = np.flatnonzero(np.diff(keys[order], prepend=~keys[order][:1]) != 0)
    first_month = np.minimum.reduceat(period[order], starts)
    groups = np.split(truth_rows[order], starts[1:])
    for rows, person, month in zip(
        groups, subject[order][starts].tolist(), first_month.tolist(), strict=True
    ):
        who = (person,) if person >= 0 else ()
        yield Conflict(fault.rule, fault.planted, who, period=month, why=fault.why), rows.tolist()


def _certified(look: Look, without: Bools) -> Bools:
    """Of rows without a number those whose certificate holds one."""
    found = np.zeros(len(without), np.bool_)
    rows = np.flatnonzero(look.sound & without)
    texts = look.page.texts["certificate_no"].take(pa.array(rows)).to_pylist()
    found[rows] = [_held((text or "")[:18])[0] != NO_BIRTH for text in texts]
    return found


def _given(numbers: pa.Array) -> Bools:
    """Whether a number is written, be it a wrong one."""
    texts = pc.utf8_trim_whitespace(numbers)
    nothing = pc.or_(texts.is_null(), pc.fill_null(pc.is_in(texts, pa.array(sorted(NO_NUMBER))), True))
    found: Bools = ~np.asarray(nothing.to_numpy(zero_copy_only=False), np.bool_)
    return found


def _empty(page: Page, column: str, count: int) -> Bools:
    """Which rows do not fill in a column; all where the file lacks it."""
    if column not in page.texts:
        return np.ones(count, np.bool_)
    found: Bools = np.asarray(page.texts[column].is_null().to_numpy(zero_copy_only=False), np.bool_)
    header = next((h for h in page.rows.patches if page.rows.columns.get(h) is page.texts[column]), None)
    for row, text in page.rows.patches.get(header or "", {}).items():
        found[row] = not text
    return found


def _keys(batch: Batch, page: Page) -> pa.Array:
    """The key of each row that adds something, as written; null where both of the department's keys have a gap."""
    department: Department = batch.department
    nothing = pa.nulls(len(batch.spoilt), pa.string())
    first, second = (
        _joined(page, columns, department.unique_blanks)
        for columns in (department.unique, department.unique_else)
    )
    keys = nothing if first is None else first
    keys = keys if second is None else pc.coalesce(keys, second)
    if "op" not in batch.facts.column_names:
        return keys
    op = batch.facts["op"].combine_chunks().cast(pa.string())
    return pc.if_else(pc.fill_null(pc.equal(op, "add"), True), keys, nothing)


def _joined(page: Page, columns: tuple[str, ...], blanks: tuple[str, ...]) -> pa.Array | None:
    """The columns as one text, null where one is empty that may not be; None if the file lacks one."""
    if not columns or any(name not in page.texts for name in columns):
        return None
    texts = [pc.utf8_upper(pc.utf8_trim_whitespace(page.texts[name].cast(pa.string()))) for name in columns]
    for at, name in enumerate(columns):
        if name.endswith("id_number"):
            fillers = pc.is_in(texts[at], pa.array(sorted(NO_NUMBER)))
            texts[at] = pc.if_else(fillers, pa.scalar(None, pa.string()), texts[at])
        elif name in blanks:
            texts[at] = pc.fill_null(texts[at], "")
    return pc.binary_join_element_wise(*texts, "|") if len(texts) > 1 else texts[0]


def _in_numbers(people: Inhabitants) -> tuple[Ints, Ints]:
    """Birth date (days since 1970-01-01) and sex that each person's own number holds; `NO_BIRTH` where it is none."""
    numbers = people.column("id_number")
    resident = people.resident & ~matches(numbers, "^[89]")
    births = np.full(len(people) + 1, NO_BIRTH, np.int64)
    sexes = np.zeros(len(people) + 1, np.int64)
    rows = np.flatnonzero(resident)
    known = numbers.take(pa.array(rows))
    days = (
        pc.strptime(pc.utf8_slice_codeunits(known, 6, 14), "%Y%m%d", "s").cast(pa.date32()).cast(pa.int32())
    )
    births[rows] = days.to_numpy(zero_copy_only=False)
    sexes[rows] = 2 - pc.utf8_slice_codeunits(known, 16, 17).cast(pa.int64()).to_numpy() % 2
    return births, sexes


def _held(text: str) -> tuple[int, int]:
    """Birth date and sex that a written number holds; `NO_BIRTH` where it is none or wrong."""
    number = clean_number(text)
    if is_malformed(number) or number in NO_NUMBER or len(number) not in (15, 18) or number[0] in "89":
        return NO_BIRTH, 0
    whole = number if len(number) == 18 else f"{number[:6]}19{number[6:]}0"
    return written_day(whole[6:14]), 2 - int(whole[16]) % 2
