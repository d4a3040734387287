"""Organisation records for the tests: codes with right check characters, rows written out in short."""

from collections.abc import Iterable
from typing import Any

import pyarrow as pa
import pytest

from resolver.linkage.organisation.engine import link_organisations
from resolver.linkage.organisation.model import OrganisationModel
from resolver.linkage.organisation.trainer import train_organisations
from resolver.standardize import organisations
from resolver.standardize.schema import ORGANISATION_RECORD_SCHEMA

Row = dict[str, Any]
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CODE_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def credit_code(serial: int, region: str = "371002") -> str:
    """A valid credit code (GB 32100): market regulation, company, a county, an organisation code of digits."""
    digits = f"{serial:08d}"
    total = sum(int(d) * w for d, w in zip(digits, _ORGANISATION_WEIGHTS, strict=True))
    head = f"91{region}{digits}" + "0X987654321"[total % 11]
    total = sum(_ALPHABET.index(c) * w for c, w in zip(head, _CODE_WEIGHTS, strict=True))
    return head + _ALPHABET[-total % 31]


A, B, C = (credit_code(serial) for serial in (12345678, 87654321, 55500055))
REGISTER: Row = {"feed": "W08", "role": "enterprise"}


def table(rows: Iterable[Row]) -> pa.Table:
    """Records: what follows from name and code is filled in unless given; keys count from 1, the feed is W29."""
    listed = []
    for place, row in enumerate(rows):
        name = organisations.parse(row["name"]) if row.get("name") else None
        code = row.get("credit_code")
        derived = {
            "record_key": place + 1,
            "feed": "W29",
            "role": "employer",
            "core": name.core if name else None,
            "region": name.region if name else None,
            "organisation_code": code[8:17] if code else None,
        }
        listed.append({**derived, **row, "name": name.name if name else None})
    return pa.Table.from_pylist(listed, schema=ORGANISATION_RECORD_SCHEMA)


def clusters(model: OrganisationModel, *rows: Row) -> list[int]:
    """Smallest record key of each row's cluster, in the order of the rows."""
    records = table(rows)
    members = link_organisations(records, model).members
    found = dict(zip(members["record_key"].to_pylist(), members["cluster"].to_pylist(), strict=True))
    return [found[key] for key in records["record_key"].to_pylist()]


@pytest.fixture(scope="session")
def untrained() -> OrganisationModel:
    """A model that has seen nothing: what the settings believe."""
    return train_organisations(ORGANISATION_RECORD_SCHEMA.empty_table())
