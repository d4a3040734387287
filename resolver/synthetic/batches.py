"""Some facts of one feed and month, made ready to be written: every cell, and what is true about every identity."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from resolver.synthetic.cells import render
from resolver.synthetic.departments import FACT_COLUMNS, Department, Role
from resolver.synthetic.draws import Bools, Ints, Keys, mix, salt, text_keys
from resolver.synthetic.identities import FIT, Register, Written, write_organisations, write_persons
from resolver.synthetic.identity_errors import BIT, ERRORS, Profile, rates, replace
from resolver.synthetic.inhabitants import Inhabitants, in_one_piece
from resolver.synthetic.world import Override
from resolver.synthetic.writers import Rows

# Rows that no office should accept: extra copies of facts, spoilt on purpose.
SOUND, NOBODY, NO_DATE, CUT, SHIFTED = range(5)
NO_BIRTH = -(10**6)
_UNREADABLE = ("不详", "####", "2023-13-45", "待核实")
_HALF_WIDTH = str.maketrans("０１２３４５６７８９Ｘｘx×", "0123456789XXXX")


@dataclass(frozen=True)
class Office:
    """What all batches of one writing of the city share.

    Attributes:
        seed: Seed of the world.
        guarded: Person numbers that carry a planted conflict.
        guarded_kin: For each of `KIN` the person numbers that carry one together with their spouse, mother or father.
        overrides: Feed -> its cells that are written in a way of their own.
    """

    seed: int
    profile: Profile
    inhabitants: Inhabitants
    guarded: Bools
    guarded_kin: dict[str, Bools]
    overrides: dict[str, list[Override]]


@dataclass(frozen=True)
class Batch:
    """Facts to be written into one file.

    Attributes:
        facts: Rows of the feed's fact table, spoilt copies included.
        spoilt: For each: `SOUND` or how it is spoilt.
        period: Index of the month.
    """

    department: Department
    period: int
    facts: pa.Table
    spoilt: npt.NDArray[np.int8]

    @property
    def fact(self) -> Ints:
        """Fact numbers."""
        return whole_numbers(self.facts, "fact")


@dataclass
class Said:
    """One role of the rows of a batch.

    Attributes:
        subject: About whom each row is; -1 = nobody.
        keys: The stored identity of each row.
        errors: Bit mask of `identity_errors.ERRORS`.
        right: Bit mask of `identities.FITS`: what the row says rightly.
        birth_days: Birth date as written, in days since 1970-01-01, `NO_BIRTH` where there is none.
    """

    role: Role
    subject: Ints
    keys: Keys
    errors: Ints
    right: Ints
    birth_days: Ints

    def column(self, attribute: str) -> str:
        """Column of the file with an attribute of this role; empty if it has none."""
        return next((column for column, name in self.role.cells.items() if name == attribute), "")


@dataclass
class Page:
    """A batch, ready: the rows to write, what is true about them, and which must be refused."""

    rows: Rows
    said: list[Said]
    refused: Bools
    texts: dict[str, pa.Array] = field(default_factory=dict)


def whole_numbers(table: pa.Table, column: str) -> Ints:
    """A column of whole numbers; null as -1."""
    return np.asarray(pc.fill_null(table[column].cast(pa.int64()), -1).to_numpy(), dtype=np.int64)


def make_page(batch: Batch, office: Office, kind: Literal["csv", "xlsx"]) -> Page:
    """Fill in every cell of a batch.

    Args:
        batch: The facts.
        office: The city and its seed.
        kind: In an `xlsx` dates and amounts may stay such; else all is text.
    """
    department = batch.department
    values: dict[str, pa.Array] = {}
    said: list[Said] = []
    for role in department.roles:
        one, cells = _say(batch, office, role)
        said.append(one)
        values |= cells
    for column, _ in department.columns:
        name = FACT_COLUMNS.get(column, column)
        if name in batch.facts.column_names and name not in {role.role for role in department.roles}:
            values[column] = in_one_piece(batch.facts[name])
    shown = [
        column
        for column, _ in department.columns
        if column in values and (values[column].null_count < len(values[column]) or column != "op")
    ]
    texts = {column: render(column, values[column], department, kind == "xlsx") for column in shown}
    patches: dict[str, dict[int, str | None]] = {}
    refused = _override(batch, office, texts, patches, said)
    cut = _spoil(batch, texts, patches)
    for one in said:
        one.subject = np.where(batch.spoilt == NOBODY, -1, one.subject)
    headers = department.headers(batch.period)
    rows = Rows(
        {headers[column]: texts[column] for column in shown},
        cut,
        {headers[column]: patch for column, patch in patches.items()},
    )
    return Page(rows, said, refused | (batch.spoilt != SOUND), texts)


def _say(batch: Batch, office: Office, role: Role) -> tuple[Said, dict[str, pa.Array]]:
    """One role's stored identities, repeated on the rows."""
    department = batch.department
    subject = whole_numbers(batch.facts, role.role)
    parts = [
        text_keys(c) if _is_text(c) else whole_numbers(batch.facts, n) for n, c in _columns(batch, role.key)
    ]
    if role.key:
        keys = mix(salt(office.seed, department.register, role.kind), subject, *parts)
    else:
        keys = mix(salt(office.seed, department.feed, role.role), batch.fact)
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    whole = len(first) == len(keys)
    chosen = np.arange(len(keys)) if whole else first
    persons = np.where(role.kind == "person", subject[chosen], -1)
    register = Register(
        inhabitants=office.inhabitants,
        department=department,
        rates=rates(office.profile, department.factor),
        subject=subject[chosen],
        keys=keys[chosen],
        guarded=_of_known(office.guarded, persons),
        guarded_kin={kin: _of_known(guarded, persons) for kin, guarded in office.guarded_kin.items()},
    )
    written = write_persons(register, role) if role.kind == "person" else write_organisations(register, role)
    _add_fits(batch, office, role, written.right, subject[chosen], chosen)
    spread = np.arange(len(keys)) if whole else inverse
    rows = pa.array(spread)
    cells = {
        column: written.values[attribute] if whole else written.values[attribute].take(rows)
        for column, attribute in role.cells.items()
        if attribute in written.values
    }
    birth_days = _birth_days(written)[spread]
    return Said(role, subject, keys, written.errors[spread], written.right[spread], birth_days), cells


def _of_known(marks: Bools, person: Ints) -> Bools:
    """The marks of some persons; false for nobody."""
    found: Bools = marks[person] & (person >= 0)
    return found


def _birth_days(written: Written) -> Ints:
    if "birth_date" not in written.values:
        return np.full(len(written.errors), NO_BIRTH, dtype=np.int64)
    days = written.values["birth_date"].cast(pa.int32()).cast(pa.int64())
    return np.asarray(pc.fill_null(days, NO_BIRTH).to_numpy(zero_copy_only=False), dtype=np.int64)


def _columns(batch: Batch, names: tuple[str, ...]) -> list[tuple[str, pa.ChunkedArray]]:
    return [(name, batch.facts[name]) for name in names]


def _is_text(column: pa.ChunkedArray) -> bool:
    return not pa.types.is_integer(column.type)


def _add_fits(
    batch: Batch, office: Office, role: Role, right: Ints, subject: Ints, chosen: npt.NDArray[np.intp]
) -> None:
    """Mark what the row says rightly of the person outside the role's own cells."""
    people = office.inhabitants
    for fit in role.fits:
        if fit == "employer":
            given = whole_numbers(batch.facts, "employer")[chosen]
            true = (people.related("employer", subject) == given) & (given >= 0)
        elif fit in ("mother", "spouse"):
            true = people.related(fit, subject) >= 0
        else:
            true = subject >= 0
        right |= np.where(true, FIT[fit], np.int64(0))


def _override(
    batch: Batch,
    office: Office,
    texts: dict[str, pa.Array],
    patches: dict[str, dict[int, str | None]],
    said: list[Said],
) -> Bools:
    """Write the cells that have a wording of their own; return which rows lack what no row may lack."""
    refused = np.zeros(len(batch.spoilt), dtype=np.bool_)
    by_column: dict[str, dict[int, str | None]] = {}
    for override in office.overrides.get(batch.department.feed, ()):
        by_column.setdefault(override.column, {})[override.fact] = override.value
    fact = batch.fact
    touched: set[int] = set()
    for column, wanted in by_column.items():
        where = np.flatnonzero(np.isin(fact, np.fromiter(wanted, np.int64, len(wanted))))
        if len(where) == 0 or column not in texts:
            continue
        new = [wanted[int(f)] for f in fact[where]]
        _set(texts, patches, column, where, new)
        for one in said:
            if column in one.role.cells:
                _judge(office.inhabitants, one, one.role.cells[column], where, new)
        touched.update(where.tolist())
        if column == batch.department.required:
            refused[where] |= np.array([value is None for value in new])
    for row in touched:
        refused[row] |= _is_nobody(batch.department, texts, row)
    return refused


def _set(
    texts: dict[str, pa.Array],
    patches: dict[str, dict[int, str | None]],
    column: str,
    where: npt.NDArray[np.intp],
    new: list[str | None],
) -> None:
    if pa.types.is_string(texts[column].type):
        texts[column] = replace(texts[column], where, new)
    else:
        patches.setdefault(column, {}).update(zip(where.tolist(), new, strict=True))


def _is_nobody(department: Department, texts: dict[str, pa.Array], row: int) -> bool:
    main = department.roles[0].cells if department.roles else {}
    return bool(main) and all(
        not texts[column][row].as_py()
        for column, attribute in main.items()
        if attribute in ("name", "id_number", "credit_code") and column in texts
    )


def _judge(
    people: Inhabitants, one: Said, attribute: str, where: npt.NDArray[np.intp], new: list[str | None]
) -> None:
    """Say of overridden cells whether they are true, and that they were planted."""
    label = f"{attribute}:planted" if f"{attribute}:planted" in BIT else "other:planted"
    stale = sum(int(BIT[error]) for error in ERRORS if error.startswith(f"{attribute}:"))
    fit = {"id_number": "number", "birth_date": "birth", "address": "village", "credit_code": "number"}.get(
        attribute, attribute
    )
    if attribute == "birth_date":
        one.birth_days[where] = NO_BIRTH
    for row, value in zip(where.tolist(), new, strict=True):
        one.errors[row] = (int(one.errors[row]) & ~stale) | int(BIT[label])
        if fit in FIT:
            bit = int(FIT[fit])
            true = one.role.kind == "person" and _is_true(people, attribute, int(one.subject[row]), value)
            one.right[row] = (int(one.right[row]) & ~bit) | (bit if true else 0)


def _is_true(people: Inhabitants, attribute: str, person: int, value: str | None) -> bool:
    if value is None or person < 0 or attribute not in ("name", "id_number", "phone", "address"):
        return False
    if attribute == "address":
        return str(people.column("village")[person].as_py()) in value
    true = people.column(attribute)[person].as_py()
    if attribute == "id_number" and true is not None:
        clean = clean_number(value)
        return clean in (true, true[:6] + true[8:17])
    return bool(value.strip() == true)


def clean_number(text: str) -> str:
    """A number without what changes nothing: full width, small x, the sign ×, outer spaces."""
    return text.strip().translate(_HALF_WIDTH).replace("Х", "X")


def _spoil(
    batch: Batch, texts: dict[str, pa.Array], patches: dict[str, dict[int, str | None]]
) -> dict[int, int]:
    """Spoil the rows that are to be refused; return where rows break off."""
    department = batch.department
    ahead = 1 if department.sequence else 0
    columns = list(texts)
    nobody = np.flatnonzero(batch.spoilt == NOBODY)
    main = department.roles[0].cells if department.roles else {}
    for column, attribute in main.items():
        if attribute in ("name", "id_number") and column in texts:
            _set(texts, patches, column, nobody, [None] * len(nobody))
    undated = np.flatnonzero(batch.spoilt == NO_DATE)
    if len(undated):
        words = [_UNREADABLE[i % len(_UNREADABLE)] for i in range(len(undated))]
        _set(texts, patches, department.required, undated, [*words])
    for row in np.flatnonzero(batch.spoilt == SHIFTED).tolist():
        start = columns.index("name")
        for column, following in zip(columns[start:], [*columns[start + 1 :], None], strict=True):
            cell = texts[following][row].as_py() if following else None
            _set(texts, patches, column, np.array([row]), [None if cell is None else str(cell)])
    cuts = np.flatnonzero(batch.spoilt == CUT).tolist()
    return {row: columns.index(department.required) + ahead for row in cuts}
