"""Current rows with the persons and organisations they speak of: the `rows/<feed>` files of a snapshot."""

from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from resolver.feeds.contract import Contract

_Int64s = npt.NDArray[np.int64]
_T = TypeVar("_T", bound=np.generic)


def resolved_rows(
    rows: pa.Table, row_records: pa.Table, contract: Contract, members: dict[str, pa.Table]
) -> pa.Table:
    """Add to each row, for each role of its feed, the record, the entity and how firmly the two are linked.

    Args:
        rows: Current rows of the feed with `row_id`.
        row_records: `row_id`, `role`, `record_key` of this feed's rows.
        contract: The feed's contract; its first role's columns come a second time without the role's name.
        members: Kind (`person`, `organisation`) -> `record_key`, `entity_id`, `path_probability`, by record key.

    Returns:
        The rows by `row_id`, with `<role>_record_key`, `<role>_person_id` (or `_organisation_id`) int64 and
        `<role>_link_probability` float64; null where the row gives the role no values.
    """
    rows = rows.sort_by("row_id")
    row_ids = rows["row_id"].to_numpy()
    roles = row_records["role"].cast(pa.string())
    for entity in contract.entities:
        of_role = row_records.filter(pc.equal(roles, entity.role)).sort_by("row_id")
        keys, known = _look_up(of_role["row_id"].to_numpy(), of_role["record_key"].to_numpy(), row_ids)
        table = members[entity.kind]
        member_keys = table["record_key"].to_numpy()
        ids, linked = _look_up(member_keys, table["entity_id"].to_numpy(), keys)
        probabilities, _ = _look_up(member_keys, table["path_probability"].to_numpy(), keys)
        added = {
            "record_key": pa.array(keys, pa.int64(), mask=~known),
            f"{entity.kind}_id": pa.array(ids, pa.int64(), mask=~(known & linked)),
            "link_probability": pa.array(probabilities, pa.float64(), mask=~(known & linked)),
        }
        prefixes = [f"{entity.role}_"] + ([""] if entity is contract.main else [])
        for prefix in prefixes:
            for name, values in added.items():
                rows = rows.append_column(f"{prefix}{name}", values)
    return rows


def _look_up(
    keys: _Int64s, values: npt.NDArray[_T], wanted: _Int64s
) -> tuple[npt.NDArray[_T], npt.NDArray[np.bool_]]:
    """The value of each wanted key, and whether there is one; `keys` ascend and are unique."""
    if len(keys) == 0:
        return np.zeros(len(wanted), values.dtype), np.zeros(len(wanted), np.bool_)
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return values[at], keys[at] == wanted
