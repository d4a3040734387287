"""The cells of one role of a feed, as they came: which column of the rows an identity attribute is in."""

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from resolver.errors import SettingsError
from resolver.feeds.contract import Contract, EntityRole
from resolver.identifiers import (
    birth_certificate,
    disability_certificate,
    facility_code,
    number_text,
)
from resolver.identifiers.columns import Column, as_text, map_text
from resolver.standardize.coded import Coded

_KEY_FORMS = {
    "disability_certificate": disability_certificate.normalize,
    "birth_certificate": birth_certificate.normalize,
    "facility_code": facility_code.normalize,
}


@dataclass(frozen=True)
class Source:
    """The rows of a feed seen through one of its roles.

    Attributes:
        rows: `row_id` and the contract's columns as archived.
        contract: The feed's contract.
        role: The role.
    """

    rows: pa.Table
    contract: Contract
    role: EntityRole

    def column(self, attribute: str) -> Column | None:
        """The cells that hold an attribute, empty in rows where it does not count.

        None if the role has none, or no file ever brought the column or the one that says whether it counts.
        """
        name = self.role.values.get(attribute)
        said_by, code = self.role.only.get(attribute, ("", ""))
        if not name or not {name, said_by or name} <= set(self.rows.column_names):
            return None
        if not said_by:
            return self.rows.column(name)
        told, cells = (self.rows.column(column).cast(pa.string()) for column in (said_by, name))
        return pc.if_else(pc.equal(told, code), cells, pa.scalar(None, pa.string()))

    def text(self, attribute: str) -> Coded:
        """The cells that hold an attribute, as text; all null if there are none."""
        column = self.column(attribute)
        if column is None:
            return Coded.constant(self.role.fixed.get(attribute), pa.string(), len(self.rows))
        return Coded.of(as_text(column))

    def key_column(self) -> Column | None:
        """The cells that hold the source's own key; None if it has none or no file ever brought the column."""
        name = self.role.source_key
        return self.rows.column(name) if name and name in self.rows.column_names else None

    def source_key(self) -> Coded:
        """The source's own key as `<scheme>:<key>`; null where missing."""
        column = self.key_column()
        if column is None:
            return Coded.constant(None, pa.string(), len(self.rows))
        scheme = self.role.source_key_scheme
        form = _KEY_FORMS.get(scheme)

        def key(text: str) -> str | None:
            cleaned = number_text.clean(text)
            if number_text.is_missing(cleaned):
                return None
            return f"{scheme}:{(form(cleaned) if form else None) or cleaned}"

        return Coded.of(as_text(column)).map(lambda values: map_text(values, key, pa.string()))

    def check(self, known: frozenset[str]) -> None:
        """Refuse attributes that a record does not have.

        Raises:
            SettingsError: The contract names one.
        """
        wrong = sorted({*self.role.values, *self.role.fixed} - known)
        if wrong:
            raise SettingsError(
                f"feed contract {self.contract.feed}, role {self.role.role}: no such identity attribute: "
                + ", ".join(wrong),
                remedy="Known are: " + ", ".join(sorted(known)),
            )
