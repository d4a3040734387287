"""The made-up city as it truly is: where those who invent lives meet those who write them down.

`population.py` and its neighbours fill a `World`; `departments.py` and its neighbours write it as files. A
*fact* is one row that a department will write, with true values: who it is about is a number, not a name.
Names, numbers, birth dates, phones and addresses are filled in, with the department's errors, when it is written.
"""

from dataclasses import dataclass, field
from datetime import date

import pyarrow as pa

LIABILITY = "liability"
"""Stands in place of a rule in a `Conflict` that is about a lead for third-party liability, not about a finding."""

PERSON_SCHEMA = pa.schema(
    [
        ("person", pa.int64()),  # 0 … N-1, equal to the row's position
        ("name", pa.string()),  # as in the household register today
        ("former_name", pa.string()),  # 曾用名, or null
        ("sex", pa.int8()),  # 1 male, 2 female
        ("birth_date", pa.date32()),
        ("death_date", pa.date32()),  # null while alive
        ("ethnicity", pa.string()),
        ("id_type", pa.string()),  # 居民身份证, 港澳台居民居住证, 外国人永久居留身份证, 护照 …
        ("id_number", pa.string()),  # the true number of today
        ("former_id_number", pa.string()),  # an earlier number of the same person, or null
        ("household", pa.int64()),  # true household (who live together), for truth/households
        ("household_no", pa.string()),  # 户号
        ("relation", pa.string()),  # 与户主关系
        ("spouse", pa.int64()),  # -1 = none; also mother, father
        ("mother", pa.int64()),
        ("father", pa.int64()),
        ("region", pa.string()),  # 6-digit county code of today
        ("county", pa.string()),  # its name, e.g. 环翠区
        ("city", pa.string()),  # 威海市
        ("town", pa.string()),  # 乡镇、街道
        ("village", pa.string()),  # 村、社区
        ("door", pa.string()),  # building, room or house number; may be empty
        ("former_village", pa.string()),  # before the last move: "<town><village><door>", or null
        ("phone", pa.string()),
        ("second_phone", pa.string()),
        ("employer", pa.int64()),  # organisation, -1 = none
    ]
)

ORGANISATION_SCHEMA = pa.schema(
    [
        ("organisation", pa.int64()),  # 0 … M-1, equal to the row's position
        ("name", pa.string()),
        ("former_name", pa.string()),
        ("kind", pa.string()),  # company, sole_trader, cooperative, institution, hospital, clinic, pharmacy
        ("credit_code", pa.string()),
        ("registration_no", pa.string()),  # old 15-digit number
        ("facility_code", pa.string()),  # hospitals, clinics, pharmacies
        ("region", pa.string()),
        ("address", pa.string()),
        ("phone", pa.string()),
        ("representative", pa.int64()),  # person, -1 = none
    ]
)


@dataclass(frozen=True)
class Conflict:
    """A conflict planted for a rule, or an innocent look-alike of one (`planted` false).

    Attributes:
        facts: Facts (feed, fact number) that carry it, when it is about rows rather than persons; else empty.
        period: The month in which it first shows; of one about a delivery, the delivery's month.
        trap: Number of the trap it belongs to; 0 = none.
        feed: Feed whose delivery it is about, when it is about no row, person or organisation; else empty.
        last_period: The last month in which it shows; -1 = it stays.
    """

    rule: str
    planted: bool
    persons: tuple[int, ...]
    organisation: int = -1
    facts: tuple[tuple[str, int], ...] = ()
    period: int = 0
    why: str = ""
    trap: int = 0
    feed: str = ""
    last_period: int = -1


@dataclass(frozen=True)
class Trap:
    """One instance of one of the forty traps, and what linkage should make of the facts it names.

    Attributes:
        expect: same | different | ambiguous | innocent | quarantine | file.
        facts: (feed, fact number, role) of the rows it is about.
    """

    trap: int
    name: str
    expect: str
    facts: tuple[tuple[str, int, str], ...]
    note: str = ""


@dataclass(frozen=True)
class Override:
    """A cell that one department writes in a way of its own, whatever the error model would do.

    Attributes:
        column: Canonical column of the feed (`name`, `id_number`, `birth_date`, …).
        value: The text as written; None = left empty.
    """

    feed: str
    fact: int
    column: str
    value: str | None


@dataclass(frozen=True)
class CaseStep:
    """What a department did about a finding, or was asked.

    Attributes:
        case: Number of the case.
        rule: Rule of the finding, and `persons` whom it is about.
        event: As in `graph.casework`: issued, replied, …
        due: The day by which a reply is owed, if the case names one.
    """

    case: int
    rule: str
    persons: tuple[int, ...]
    event: str
    day: date
    department: str
    due: date | None = None


@dataclass
class World:
    """Everything true about the city, and what each department knows of it.

    Attributes:
        persons: `PERSON_SCHEMA`.
        organisations: `ORGANISATION_SCHEMA`.
        facts: Feed -> table. Columns: `fact` int64 (0 … n-1, equal to the position), `period` int16 (index
            into `periods`: the month's delivery in which the department first sends it), one int64 column
            per role of the feed (`deceased`, `husband`, `wife`, `patient`, `facility`, …: person or
            organisation number, -1 = nobody), and every column of the feed that is not an identity
            attribute of a role, by canonical name, with its true value (date32, timestamp[s], int64,
            float64 yuan, bool, string; `choice` columns by canonical code). A role's identity columns
            (name, id_number, …) are absent: they are written from the persons table. Snapshot and full
            feeds: `period` is the first month in which the row appears, and `last_period` int16 the last
            one (-1 = still there). W11 and W12 have a column `period` of their own, the month owed: it is
            called `owed_period` here. Identity columns that no person carries are facts too:
            `birth_time` (W02), `certificate_no` and `head_name` (W16), `guardian_name` (W21),
            `insuplc_admdvs` (W29, J05), `facility_code` (W28, J05) and the sources' own keys.
        periods: First day of each month, oldest first; the first one carries the history.
        reference_date: End of the newest period.
    """

    seed: int
    profile: str
    periods: list[date]
    reference_date: date
    persons: pa.Table
    organisations: pa.Table
    facts: dict[str, pa.Table]
    conflicts: list[Conflict] = field(default_factory=list)
    traps: list[Trap] = field(default_factory=list)
    overrides: list[Override] = field(default_factory=list)
    casework: list[CaseStep] = field(default_factory=list)
